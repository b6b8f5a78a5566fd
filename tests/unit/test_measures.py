"""What the functions measure of a thread, as CloudWatch reads it from their logs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from lambdas import measures
from skymarshal.domain.assessment import Phase
from tests.unit.orchestration.flow import World


@pytest.fixture
def measured(capsys, monkeypatch):
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "skymarshal")

    def lines() -> dict[str, dict]:
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return {each["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]: each for each in told}

    return lines


def test_what_is_dispatched_again_and_how_long_a_phase_took_is_measured(measured) -> None:
    world = World()
    begun = world.begun()
    measures.phase_joined(Phase.INITIAL, world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    assert measured()["AgentRetries"]["AgentRetries"] == [7.0]
    world.worked(begun)
    measures.phase_joined(Phase.INITIAL, world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    told = measured()
    assert told["AgentsMissing"]["AgentsMissing"] == [0.0]
    (emf,) = told["AgentsMissing"]["_aws"]["CloudWatchMetrics"]
    assert (emf["Namespace"], set(emf["Dimensions"][0])) == ("SkyMarshal", {"service", "phase"})
    assert told["PhaseDuration"]["PhaseDuration"][0] > 0


def test_the_wait_for_a_decision_and_its_outcome_are_measured(measured) -> None:
    world = World()
    world.asked()
    world.clock.advance(timedelta(minutes=2))
    world.approvals.expire(world.thread_id)
    measures.thread_decided(world.finaliser.conclude(world.thread_id), world.thread)
    told = measured()
    assert told["ThreadsDecided"]["outcome"] == "expired"
    assert told["ApprovalWait"]["ApprovalWait"] == [120.0]
    assert "DecidedCostUsd" not in told


def test_the_likely_cost_of_what_was_decided_is_measured(measured) -> None:
    world = World()
    world.decided()
    record = world.finaliser.conclude(world.thread_id)
    costs = (Decimal(10), Decimal(20), Decimal(40))
    solutions = tuple(replace(each, cost_usd=costs) for each in record.arbitration.solutions)
    record = replace(record, arbitration=replace(record.arbitration, solutions=solutions))
    measures.thread_decided(record, world.thread)
    assert measured()["DecidedCostUsd"]["DecidedCostUsd"] == [20.0]
