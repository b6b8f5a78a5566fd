"""A decision is asked for, taken once by whoever is first, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.checkpoints import DecisionTaken, IllegalTransition, ThreadStatus
from skymarshal.domain.decision import DecisionOutcome
from skymarshal.orchestration.errors import InvalidDecision, NothingPending
from tests.unit.orchestration.flow import PATIENCE, decision

OVERRIDDEN = {"outcome": DecisionOutcome.OVERRIDDEN, "solution_id": None}
REJECTED = {"outcome": DecisionOutcome.REJECTED, "solution_id": None}


def test_asking_names_the_deadline_and_tells_who_decides(world) -> None:
    approval = world.asked()
    assert approval.status is ThreadStatus.AWAITING_APPROVAL
    assert approval.deadline.startswith("2026-11-23T12:00")
    assert approval.decision is None
    ((kind, detail),) = world.announcer.told
    assert kind == "ApprovalRequested"
    assert detail["recommended"] == "S1"
    assert detail["thread_id"] == world.thread_id


def test_nothing_can_be_asked_before_there_is_an_arbitration(world) -> None:
    world.begun()
    with pytest.raises(NothingPending, match="has not come to its approval"):
        world.approvals.ask(world.thread_id, "token", PATIENCE)
    with pytest.raises(NothingPending):
        world.approvals.view(world.thread_id)
    with pytest.raises(NothingPending):
        world.approvals.decide(world.thread_id, decision())


def test_nothing_can_be_decided_before_it_is_asked(world) -> None:
    world.arbitrated()
    with pytest.raises(IllegalTransition, match="awaits no approval"):
        world.approvals.decide(world.thread_id, decision())


def test_asking_again_replaces_the_token_and_the_deadline(world) -> None:
    """Step Functions asks again with a new token when the first asking died on its way."""
    world.asked("token-1")
    world.restart()
    world.clock.advance(timedelta(minutes=1))
    world.flow.waits_on = {"token-2"}
    approval = world.approvals.ask(world.thread_id, "token-2", PATIENCE)
    assert approval.status is ThreadStatus.AWAITING_APPROVAL
    assert approval.deadline.startswith("2026-11-23T12:01")
    assert world.approvals.decide(world.thread_id, decision()) is True
    assert world.flow.woken == ["token-2"]


def test_asking_again_after_the_decision_keeps_it_and_wakes_the_flow(world) -> None:
    """Somebody decided between an asking that died and its repetition; or the flow began again later."""
    taken = world.decided()
    world.restart()
    world.flow.waits_on = {"token-2"}
    approval = world.approvals.ask(world.thread_id, "token-2", PATIENCE)
    assert approval.decision == taken
    assert world.flow.woken[-1] == "token-2"
    assert world.announcer.kinds == ["ApprovalRequested"]


def test_a_decision_taken_while_the_flow_asks_again_stands_and_wakes_it(world) -> None:
    taken = decision()
    world.asked("token-1")
    world.flow.waits_on = {"token-2"}
    world.store.before_next_write = lambda: world.approvals.decide(world.thread_id, taken)
    assert world.approvals.ask(world.thread_id, "token-2", PATIENCE).decision == taken
    assert world.flow.woken == ["token-1", "token-2"]


def test_a_decision_wakes_the_flow_that_asked_last(world) -> None:
    """It asks again between the approver's request being read and being recorded."""
    world.asked("token-1")
    world.flow.waits_on = {"token-2"}
    world.store.before_next_write = lambda: world.approvals.ask(world.thread_id, "token-2", PATIENCE)
    assert world.approvals.decide(world.thread_id, decision()) is True
    assert world.flow.woken == ["token-2"]


def test_a_thread_that_failed_after_its_decision_and_is_resumed_keeps_the_decision(world) -> None:
    taken = world.decided()
    world.threads.mark_failed(world.thread_id, error="the bucket refused the record")
    world.threads.resume(world.thread_id)
    world.flow.waits_on = {"token-2"}
    assert world.approvals.ask(world.thread_id, "token-2", PATIENCE).decision == taken
    assert world.flow.woken[-1] == "token-2"
    assert world.finaliser.conclude(world.thread_id).decision == taken


def test_the_first_decision_wakes_the_flow_and_stands(world) -> None:
    taken = world.decided()
    assert world.flow.woken == ["token-1"]
    assert world.approvals.view(world.thread_id).decision == taken
    assert world.thread.details["approver"] == taken.approver


def test_the_second_is_told_who_decided_and_changes_nothing(world) -> None:
    taken = world.decided()
    with pytest.raises(DecisionTaken, match="dana@airline"):
        world.approvals.decide(world.thread_id, decision(approver="sam@airline.example"))
    with pytest.raises(DecisionTaken, match="dana@airline"):
        world.approvals.decide(world.thread_id, decision(**REJECTED, reason="no"))
    assert world.approvals.view(world.thread_id).decision == taken


def test_the_same_decision_sent_again_is_no_conflict_and_wakes_the_flow_again(world) -> None:
    """The answer to the first may have been lost after it was recorded and before the flow was woken."""
    taken = world.decided()
    later = replace(taken, decided_at=taken.decided_at + timedelta(seconds=3))
    assert world.approvals.decide(world.thread_id, later) is True
    assert world.flow.woken == ["token-1", "token-1"]
    assert world.approvals.view(world.thread_id).decision == taken


def test_another_solution_by_the_same_approver_is_a_second_decision(world) -> None:
    world.decided(decision(outcome=DecisionOutcome.SELECTED, solution_id="S2"))
    with pytest.raises(DecisionTaken, match="dana@airline"):
        world.approvals.decide(world.thread_id, decision(outcome=DecisionOutcome.SELECTED, solution_id="S1"))


def test_another_solution_by_the_same_approver_at_the_same_time_is_a_second_decision(world) -> None:
    world.asked()
    first = decision(outcome=DecisionOutcome.SELECTED, solution_id="S2")
    world.store.before_next_write = lambda: world.approvals.decide(world.thread_id, first)
    with pytest.raises(DecisionTaken):
        world.approvals.decide(world.thread_id, replace(first, solution_id="S1"))
    assert world.approvals.view(world.thread_id).decision == first


def test_another_instruction_by_the_same_approver_is_a_second_decision(world) -> None:
    world.decided(decision(**OVERRIDDEN, instruction="wet lease", reason="spare at LHR"))
    with pytest.raises(DecisionTaken):
        world.approvals.decide(
            world.thread_id, decision(**OVERRIDDEN, instruction="cancel", reason="spare at LHR")
        )


def test_whoever_comes_second_still_wakes_a_flow_that_was_not_woken(world) -> None:
    """The first approver's request died between the record and the flow; nobody else will wake it."""
    world.decided()
    world.flow.woken.clear()
    with pytest.raises(DecisionTaken):
        world.approvals.decide(world.thread_id, decision(approver="sam@airline.example"))
    assert world.flow.woken == ["token-1"]


def test_a_decision_counts_although_no_flow_waits_any_more(world) -> None:
    world.asked()
    world.flow.waits_on.clear()
    assert world.approvals.decide(world.thread_id, decision()) is False
    assert world.approvals.view(world.thread_id).decision == decision()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"solution_id": "S9"}, "solution_id"),
        ({"outcome": DecisionOutcome.SELECTED, "solution_id": None}, "solution_id"),
        ({"solution_id": "S2"}, "solution_id"),
        (OVERRIDDEN | {"reason": "why not"}, "instruction"),
        (OVERRIDDEN | {"instruction": "  ", "reason": "why not"}, "instruction"),
        (OVERRIDDEN | {"instruction": "wet lease"}, "reason"),
        (REJECTED, "reason"),
        (REJECTED | {"reason": "\n"}, "reason"),
        (REJECTED | {"reason": "x" * 2_001}, "reason"),
        (OVERRIDDEN | {"instruction": "x" * 2_001, "reason": "long"}, "instruction"),
    ],
)
def test_a_decision_that_may_not_be_taken_is_refused_with_its_field(world, changes, field) -> None:
    world.asked()
    with pytest.raises(InvalidDecision) as refused:
        world.approvals.decide(world.thread_id, decision(**changes))
    assert refused.value.field == field
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL
    assert world.flow.woken == []


def test_a_solution_that_is_not_offered_is_refused_with_those_that_are(world) -> None:
    world.asked()
    with pytest.raises(InvalidDecision, match="S1, S2"):
        world.approvals.decide(world.thread_id, decision(solution_id="S9"))


def test_an_unverified_rule_profile_must_be_acknowledged_to_take_a_solution(world) -> None:
    world.work.profile_verified = False
    world.asked()
    with pytest.raises(InvalidDecision, match="unverified") as refused:
        world.approvals.decide(world.thread_id, decision())
    assert refused.value.field == "acknowledged_unverified"
    world.approvals.decide(world.thread_id, decision(acknowledged_unverified=True))


def test_an_unverified_rule_profile_need_not_be_acknowledged_to_reject(world) -> None:
    world.work.profile_verified = False
    world.asked()
    world.approvals.decide(world.thread_id, decision(**REJECTED, reason="unverified rules"))


def test_nobody_deciding_is_a_decision_to_do_nothing(world) -> None:
    world.asked()
    expired = world.approvals.expire(world.thread_id)
    assert expired.outcome is DecisionOutcome.EXPIRED
    assert expired.solution_id is None
    assert expired.approver == "nobody"
    assert world.flow.woken == []


def test_expiring_twice_keeps_the_first_expiry(world) -> None:
    world.asked()
    first = world.approvals.expire(world.thread_id)
    world.clock.advance(timedelta(minutes=1))
    assert world.approvals.expire(world.thread_id) == first


def test_a_decision_taken_before_the_expiry_stands(world) -> None:
    taken = world.decided()
    assert world.approvals.expire(world.thread_id) == taken


def test_a_decision_taken_while_the_thread_expires_stands(world) -> None:
    """The flow has read that nobody decided; somebody does before it records the expiry."""
    world.asked()
    world.store.before_next_write = lambda: world.approvals.decide(world.thread_id, decision())
    assert world.approvals.expire(world.thread_id) == decision()


def test_a_decision_after_the_expiry_is_told_that_it_came_too_late(world) -> None:
    world.asked()
    world.approvals.expire(world.thread_id)
    with pytest.raises(DecisionTaken, match="nobody"):
        world.approvals.decide(world.thread_id, decision())
