"""The rule profile of a thread: fixed when it begins, taken by every agent, acknowledged where unverified."""

from __future__ import annotations

from random import Random

import pytest

from skymarshal.checkpoints import CheckpointSaver, MemoryStore
from skymarshal.contracts import DEFAULT_RULE_PROFILE, RULE_PROFILES
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.ftl import EASA, PROFILES
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import generate
from skymarshal.orchestration.approvals import InvalidDecision
from skymarshal.orchestration.coordinator import Coordinator
from skymarshal.orchestration.records import MemoryDecisionRecords
from skymarshal.orchestration.runner import InProcessRunner
from skymarshal.ports import system_clock
from skymarshal.recovery import arbitrate
from tests.unit.recovery.sample import TODAY, assessed, scenario


@pytest.fixture(scope="module")
def tables() -> InMemoryTables:
    return InMemoryTables(generate("small", TODAY, Random(7)))


def event(tables: InMemoryTables) -> Disruption:
    return scenario("hydraulic", tables)


def runner(tables: InMemoryTables, profile: str) -> InProcessRunner:
    return InProcessRunner(
        saver=CheckpointSaver(MemoryStore(), clock=system_clock),
        tables=tables,
        clock=system_clock,
        records=MemoryDecisionRecords(),
        rule_profile=profile,
    )


def approve(*, acknowledged: bool):
    def decide(offered) -> Decision:
        return Decision(
            outcome=DecisionOutcome.APPROVED,
            approver="dm",
            role="duty-manager",
            decided_at=system_clock(),
            solution_id=offered.recommended,
            acknowledged_unverified=acknowledged,
        )

    return decide


def test_the_profiles_that_may_be_set_are_those_there_are() -> None:
    assert tuple(PROFILES) == RULE_PROFILES
    assert PROFILES[DEFAULT_RULE_PROFILE] is EASA


@pytest.mark.parametrize("profile", RULE_PROFILES)
def test_every_agent_and_the_arbitrator_take_the_profile_that_is_set(tables, profile) -> None:
    record = runner(tables, profile).run(event(tables), approve(acknowledged=True))

    assert {one.rule_profile for one in record.assessments} == {profile}
    assert record.arbitration.rule_profile == profile
    assert record.arbitration.rule_profile_verified is PROFILES[profile].verified
    assert record.decision.acknowledged_unverified


def test_an_unverified_profile_is_not_decided_by_without_acknowledging_it(tables) -> None:
    refused = r"acknowledged_unverified is False: .*rule profile GCAA is unverified"
    with pytest.raises(InvalidDecision, match=refused):
        runner(tables, "GCAA").run(event(tables), approve(acknowledged=False))
    assert runner(tables, "EASA").run(event(tables), approve(acknowledged=False))


def test_a_change_of_the_setting_leaves_a_thread_with_the_profile_it_began_under(tables) -> None:
    saver = CheckpointSaver(MemoryStore(), clock=system_clock)
    begun = Coordinator(saver, rule_profile="GCAA").begin("thread-1", event(tables))
    again = Coordinator(saver, rule_profile="EASA").begin("thread-1", event(tables))

    assert begun.items == again.items
    state = saver.read_state("thread-1", begun.items[0].checkpoint_id)
    assert state.values["rule_profile"] == "GCAA"


def test_agents_that_judged_by_other_rules_are_not_mixed_with_those_in_force(tables) -> None:
    found = assessed(event(tables), tables)

    mixed = arbitrate(event(tables), found, Operations(tables), rule_profile="GCAA")

    assert (mixed.manual_review, mixed.rule_profile, mixed.rule_profile_verified) == (True, "GCAA", False)
    with pytest.raises(UnknownCodeError, match="expected one of EASA, UK, GCAA, FAR117"):
        arbitrate(event(tables), (), Operations(tables), rule_profile="JAA")
