"""An execution that ends without success leaves no thread silently stuck."""

from __future__ import annotations

import json

import msgspec
import pytest

from skymarshal.checkpoints import ThreadStatus, thread_id_for
from skymarshal.domain.assessment import Phase
from skymarshal.orchestration.errors import MalformedEvent
from skymarshal.orchestration.failing import ExecutionEnd
from skymarshal.orchestration.resuming import Resumer
from tests.unit.orchestration.flow import DISRUPTION, PATIENCE, World, decision
from tests.unit.orchestration.test_resuming import Executions

THREAD = thread_id_for(DISRUPTION.disruption_id)


def event(status: str = "ABORTED", name: str = DISRUPTION.disruption_id, **detail: object) -> dict:
    """The event as the Step Functions developer guide shows it."""
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:skymarshal-disruption"
    execution = f"{machine.replace('stateMachine', 'execution')}:{name}"
    return {
        "version": "0",
        "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "123456789012",
        "time": "2026-11-23T09:05:00Z",
        "region": "eu-west-1",
        "resources": [execution],
        "detail": {
            "executionArn": execution,
            "stateMachineArn": machine,
            "name": name,
            "status": status,
            "startDate": 1795424400000,
            "stopDate": 1795424700000,
            "input": json.dumps({"thread_id": THREAD, "disruption": msgspec.to_builtins(DISRUPTION)}),
            "output": None,
            "inputDetails": {"included": True},
            "outputDetails": None,
            "error": None,
            "cause": None,
            **detail,
        },
    }


def ended(world: World, status: str = "ABORTED", name: str = DISRUPTION.disruption_id, **detail) -> bool:
    return world.failures.ended(ExecutionEnd.parse(event(status, name, **detail)))


@pytest.fixture
def resumer(world: World) -> Resumer:
    return Resumer(world.threads, world.saver, Executions(), world.clock)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_thread_that_was_worked_on_is_failed_and_told_once(world, status) -> None:
    world.begun()
    assert ended(world, status, error="Ops", cause="it hung")
    assert world.thread.status is ThreadStatus.FAILED
    assert world.thread.details["error"] == f"execution {status}: Ops: it hung"
    assert world.announcer.kinds == ["ThreadFailed"]


def test_a_thread_that_the_flow_itself_has_marked_stays_as_it_is(world) -> None:
    world.begun()
    world.failures.fail(world.thread_id, "ValueError: no rows")
    assert not ended(world, "FAILED", error="ValueError", cause="no rows")
    assert world.thread.details["error"] == "ValueError: no rows"
    assert world.announcer.kinds == ["ThreadFailed"]


def test_a_thread_that_awaits_its_decision_still_does_and_says_that_its_execution_is_gone(
    world, resumer
) -> None:
    """Nobody is reminded any more, so it is told; the decision counts all the same."""
    world.asked()
    assert ended(world, "TIMED_OUT")
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL
    assert world.thread.details["error"] == "execution TIMED_OUT"
    assert world.announcer.kinds == ["ApprovalRequested", "ThreadFailed"]
    world.flow.waits_on.clear()
    assert world.approvals.decide(world.thread_id, decision()) is False
    assert resumer.revive(world.thread_id, by="dana")
    world.approvals.ask(world.thread_id, "token-2", PATIENCE)
    world.finaliser.conclude(world.thread_id)
    assert world.thread.status is ThreadStatus.COMPLETED
    assert "error" not in world.thread.details


def test_a_decision_whose_execution_ended_before_the_record_is_resumed_and_concluded(world, resumer) -> None:
    taken = world.decided()
    assert ended(world)
    assert world.thread.status is ThreadStatus.FAILED
    resumer.resume(world.thread_id, by="olga")
    for phase in Phase:
        world.coordinator.join(world.thread_id, phase, 1)
    assert world.approvals.ask(world.thread_id, "token-2", PATIENCE).decision == taken
    assert world.flow.woken[-1] == "token-2"
    assert world.finaliser.conclude(world.thread_id).decision == taken


def test_an_execution_that_ended_before_it_made_its_thread_leaves_one_that_can_be_found(world) -> None:
    assert ended(world)
    (thread,) = world.threads.query_threads(ThreadStatus.FAILED).threads
    assert thread.thread_id == THREAD
    assert thread.details["flight"] == DISRUPTION.flight_id
    assert thread.details["execution"] == DISRUPTION.disruption_id
    assert world.announcer.kinds == ["ThreadFailed"]


def test_what_has_ended_well_stays_so(world) -> None:
    world.decided()
    world.finaliser.conclude(world.thread_id)
    assert not ended(world)
    assert world.thread.status is ThreadStatus.COMPLETED
    assert "ThreadFailed" not in world.announcer.kinds


def test_an_execution_that_has_a_successor_has_no_say(world, resumer) -> None:
    world.begun()
    successor = resumer.resume(world.thread_id, by="olga").execution
    assert not ended(world)
    assert world.thread.status is ThreadStatus.ACTIVE
    assert ended(world, name=successor)
    assert world.thread.status is ThreadStatus.FAILED


def test_a_successor_that_starts_in_the_same_moment_is_not_failed(world, resumer) -> None:
    world.begun()
    resumer.resume(world.thread_id, by="olga")
    resumer = Resumer(world.threads, world.saver, Executions(), world.clock)
    world.store.before_next_write = lambda: resumer.resume(world.thread_id, by="pjotr")
    assert not ended(world, name=str(world.thread.details["execution"]))
    assert world.thread.status is ThreadStatus.ACTIVE


def test_the_attempt_at_recovering_the_thread_counts_as_failed(world, resumer) -> None:
    world.begun()
    successor = resumer.resume(world.thread_id, by="olga").execution
    ended(world, "TIMED_OUT", name=successor)
    (attempt,) = world.threads.recoveries(world.thread_id)
    assert (attempt.outcome, attempt.error) == ("failed", "execution TIMED_OUT")


def test_news_that_were_not_told_are_told_when_the_event_comes_again(world) -> None:
    world.begun()
    world.announcer.fails = 1
    with pytest.raises(ConnectionError):
        ended(world)
    assert ended(world)
    assert world.announcer.kinds == ["ThreadFailed"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "Expected `object`"),
        ({}, "Expected `object`, got `null`"),
        ({"detail": {}}, "missing required field `name`"),
        (event(status="SUCCEEDED"), "Invalid enum value 'SUCCEEDED'"),
        (event(input=None), "Expected `str`, got `null`"),
        (event(input="{"), "Input data was truncated"),
        (event(input="{}"), "missing required field `thread_id`"),
    ],
)
def test_an_event_that_does_not_say_what_ended_is_refused_by_name(wrong, said) -> None:
    with pytest.raises(MalformedEvent, match=f"end of an execution: .*{said}"):
        ExecutionEnd.parse(wrong)
