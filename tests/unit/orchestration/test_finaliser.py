"""A thread ends once: record first, then the thread, then the news of it."""

from __future__ import annotations

import msgspec
import pytest

from skymarshal.checkpoints import ThreadNotFound, ThreadStatus
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, AssessmentStatus, Phase
from skymarshal.domain.decision import DecisionOutcome, DecisionRecord
from skymarshal.orchestration.coordinator import MOST_ATTEMPTS
from skymarshal.orchestration.errors import NothingPending
from skymarshal.orchestration.records import MemoryDecisionRecords
from tests.unit.orchestration.flow import DISRUPTION, PATIENCE, decision


def test_an_approved_thread_is_complete_and_its_record_holds_all_it_rests_on(world) -> None:
    taken = world.decided()
    record = world.finaliser.conclude(world.thread_id)
    assert record.decision == taken
    assert record.disruption == DISRUPTION
    assert [each.agent for each in record.assessments] == [AgentName(name) for name in AGENT_NAMES] * 2
    assert {each.phase for each in record.assessments[:7]} == {Phase.INITIAL}
    assert not record.human_override
    assert (world.thread.status, world.thread.details["outcome"]) == (ThreadStatus.COMPLETED, "approved")
    assert world.records.by_name == {world.thread.details["record"]: record}
    assert world.stages()[-1] == "decided"
    assert world.announcer.kinds == ["ApprovalRequested", "DecisionReached"]


def test_concluding_twice_writes_the_same_record_and_no_second_checkpoint(world) -> None:
    world.decided()
    first = world.finaliser.conclude(world.thread_id)
    version, stages = world.thread.version, world.stages()
    world.restart()
    assert world.finaliser.conclude(world.thread_id) == first
    assert list(world.records.by_name.values()) == [first]
    assert msgspec.json.encode(first) == msgspec.json.encode(world.records.by_name.popitem()[1])
    assert (world.thread.version, world.stages()) == (version, stages)


def test_a_thread_whose_record_cannot_be_kept_does_not_count_as_decided(world) -> None:
    class Unreachable(MemoryDecisionRecords):
        def save(self, record: DecisionRecord) -> str:
            raise ConnectionError("the bucket does not answer")

    taken = world.decided()
    world.records, kept = Unreachable(), world.records
    world.restart()
    with pytest.raises(ConnectionError):
        world.finaliser.conclude(world.thread_id)
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL
    assert world.stages()[-1] != "decided"
    assert world.announcer.kinds == ["ApprovalRequested"]
    world.records = kept
    world.restart()
    assert world.finaliser.conclude(world.thread_id).decision == taken
    assert world.thread.status is ThreadStatus.COMPLETED


def test_news_that_were_not_told_are_told_when_the_conclusion_is_repeated(world) -> None:
    world.decided()
    world.announcer.fails = 1
    with pytest.raises(ConnectionError):
        world.finaliser.conclude(world.thread_id)
    assert world.thread.status is ThreadStatus.COMPLETED
    world.finaliser.conclude(world.thread_id)
    assert world.announcer.kinds == ["ApprovalRequested", "DecisionReached"]


def test_a_thread_that_nobody_decided_on_cannot_be_concluded(world) -> None:
    world.asked()
    with pytest.raises(NothingPending, match="is not decided"):
        world.finaliser.conclude(world.thread_id)
    assert world.records.by_name == {}
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"outcome": DecisionOutcome.SELECTED, "solution_id": "S2"}, ThreadStatus.COMPLETED),
        (
            {
                "outcome": DecisionOutcome.OVERRIDDEN,
                "solution_id": None,
                "instruction": "wet lease",
                "reason": "a spare stands at LHR",
            },
            ThreadStatus.COMPLETED,
        ),
        (
            {"outcome": DecisionOutcome.REJECTED, "solution_id": None, "reason": "none will do"},
            ThreadStatus.REJECTED,
        ),
    ],
)
def test_every_other_decision_is_an_override_by_a_person(world, changes, status) -> None:
    taken = world.decided(decision(**changes))
    record = world.finaliser.conclude(world.thread_id)
    assert record.decision == taken
    assert record.human_override
    assert (world.thread.status, world.thread.details["outcome"]) == (status, str(taken.outcome))


def test_a_thread_whose_time_has_run_out_expires_with_nothing_done(world) -> None:
    world.asked()
    world.clock.advance(PATIENCE)
    record = world.finaliser.conclude(world.thread_id, expired=True)
    assert record.decision.outcome is DecisionOutcome.EXPIRED
    assert record.decision.solution_id is None
    assert world.thread.status is ThreadStatus.EXPIRED
    assert world.finaliser.conclude(world.thread_id, expired=True) == record


def test_time_running_out_does_not_undo_a_decision(world) -> None:
    taken = world.decided()
    assert world.finaliser.conclude(world.thread_id, expired=True).decision == taken
    assert world.thread.status is ThreadStatus.COMPLETED


def test_an_approved_manual_review_is_told_apart(world) -> None:
    world.work.manual_review = True
    world.decided()
    record = world.finaliser.conclude(world.thread_id)
    assert record.decision.outcome is DecisionOutcome.APPROVED
    assert world.thread.details["outcome"] == "manual_review"


def test_an_agent_that_failed_stands_in_the_record_as_failed(world) -> None:
    advance = world.begun()
    for item in advance.items[1:]:
        world.worker.run(item, "w")
    world.worked(world.coordinator.join(world.thread_id, Phase.INITIAL, MOST_ATTEMPTS))
    world.worked(world.coordinator.join(world.thread_id, Phase.REVISION, 1))
    world.coordinator.join(world.thread_id, Phase.ARBITRATION, 1)
    world.approvals.ask(world.thread_id, "token", PATIENCE)
    world.approvals.decide(world.thread_id, decision())
    first, *others = world.finaliser.conclude(world.thread_id).assessments
    assert first.agent is advance.items[0].agent
    assert first.status is AssessmentStatus.FAILED
    assert len(others) == 13


def test_a_thread_that_cannot_go_on_says_so(world) -> None:
    world.begun()
    world.failures.fail(world.thread_id, "Lambda.Unknown: out of memory")
    assert world.thread.status is ThreadStatus.FAILED
    assert world.thread.details["error"] == "Lambda.Unknown: out of memory"
    assert world.announcer.told == [
        ("ThreadFailed", {"thread_id": world.thread_id, "error": "Lambda.Unknown: out of memory"})
    ]


def test_a_failure_is_told_although_the_thread_was_marked_before(world) -> None:
    """The first marking died between the mark and the news."""
    world.begun()
    world.announcer.fails = 1
    with pytest.raises(ConnectionError):
        world.failures.fail(world.thread_id, "broken")
    world.failures.fail(world.thread_id, "broken")
    assert world.thread.status is ThreadStatus.FAILED
    assert world.announcer.kinds == ["ThreadFailed"]


def test_a_thread_that_has_ended_stays_as_it_ended_whatever_fails_afterwards(world) -> None:
    world.decided()
    world.finaliser.conclude(world.thread_id)
    world.failures.fail(world.thread_id, "the bus does not answer")
    assert world.thread.status is ThreadStatus.COMPLETED
    assert "error" not in world.thread.details
    assert "ThreadFailed" not in world.announcer.kinds


def test_a_thread_that_never_was_cannot_fail(world) -> None:
    with pytest.raises(ThreadNotFound):
        world.failures.fail("no-such-thread", "broken")


def test_coordination_takes_fewer_than_25_store_calls_a_thread(world) -> None:
    """Beside the workers' own, claim, read, decide and complete, and beside the duty manager's request."""
    others = 0

    def not_counted(call, *given):
        nonlocal others
        before = len(world.store.calls)
        call(*given)
        others += len(world.store.calls) - before

    not_counted(world.worked, world.begun())
    not_counted(world.worked, world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    not_counted(world.worked, world.coordinator.join(world.thread_id, Phase.REVISION, 1))
    world.coordinator.join(world.thread_id, Phase.ARBITRATION, 1)
    world.approvals.ask(world.thread_id, "token", PATIENCE)
    not_counted(world.approvals.decide, world.thread_id, decision())
    world.finaliser.conclude(world.thread_id)
    coordination = len(world.store.calls) - others
    assert coordination < 25, world.store.calls
