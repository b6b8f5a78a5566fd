"""Over the shipped scenarios and random disruptions nothing is offered that may not be flown.

`DISRUPTIONS` sets how many random ones are tried.
"""

from __future__ import annotations

import os
from random import Random

import msgspec
import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome
from skymarshal.domain.assessment import AssessmentStatus
from skymarshal.domain.candidate import CandidateKind
from skymarshal.operations.airline import SCENARIOS
from skymarshal.recovery.plans import critical_path
from skymarshal.recovery.situation import counted_assessments
from tests.unit.recovery.legality import faults
from tests.unit.recovery.sample import SAFETY, arbitrated, random_disruption, scenario

SEED = 20261123
PART = 50
PARTS = int(os.environ.get("DISRUPTIONS", "500")) // PART


def assert_sound(found: Arbitration) -> None:
    assert found.recommended == found.solutions[0].solution_id
    assert 1 <= len(found.solutions) <= 3
    if found.manual_review:
        (only,) = found.solutions
        assert only.candidate.kind is CandidateKind.MANUAL_REVIEW
        assert only.scores is None
        assert len(only.recommendations) > 1
        return
    for one in found.solutions:
        assert one.scores is not None
        assert all(c.outcome in (CheckOutcome.KEPT, CheckOutcome.NOT_APPLICABLE) for c in one.checks)
        assert 0 <= one.confidence <= 1


def assert_legal(dataset, disruption, assessments, found: Arbitration) -> None:
    for one in found.solutions:
        if one.candidate.kind is CandidateKind.MANUAL_REVIEW:
            continue
        for assessment in counted_assessments(assessments).values():
            assert assessment.status is AssessmentStatus.COMPLETED
            for constraint in assessment.constraints:
                assert not constraint.binding or constraint.admits(one.candidate), constraint.text
        assert faults(dataset, disruption, one.candidate) == [], one.title
        if one.candidate.off_block is not None:
            closing = next(step for step in one.plan.steps if step.action.startswith("Close the flight"))
            _, needed = critical_path(one.plan.steps[: closing.number])
            assert disruption.reported_at + needed <= one.candidate.off_block, one.title


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_shipped_scenario_ends_in_legal_solutions(name, dataset, tables) -> None:
    disruption = scenario(name, tables)
    assessments, found = arbitrated(disruption, tables)
    assert not found.manual_review
    assert_sound(found)
    assert_legal(dataset, disruption, assessments, found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_arbitrated_twice_gives_the_same_decision(name, tables) -> None:
    disruption = scenario(name, tables)
    assert arbitrated(disruption, tables)[1] == arbitrated(disruption, tables)[1]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_offered_solution_breaks_a_binding_constraint(part: int, dataset, tables) -> None:
    random = Random(f"{SEED}-{part}")
    for number in range(PART):
        disruption = random_disruption(dataset, random, number)
        assessments, found = arbitrated(disruption, tables, SAFETY)
        assert_sound(found)
        assert_legal(dataset, disruption, assessments, found)


def test_with_every_agent_at_work_it_holds_as_well(dataset, tables) -> None:
    random = Random(SEED)
    for number in range(15):
        disruption = random_disruption(dataset, random, number)
        assessments, found = arbitrated(disruption, tables)
        assert_sound(found)
        assert_legal(dataset, disruption, assessments, found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_arbitration_survives_being_written_and_read(name, tables) -> None:
    found = arbitrated(scenario(name, tables), tables)[1]
    assert msgspec.json.decode(msgspec.json.encode(found), type=Arbitration) == found
