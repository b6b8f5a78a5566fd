"""What agents, intake and the watch over executions take, and what they answer."""

from __future__ import annotations

import importlib
from dataclasses import asdict

import pytest

from skymarshal.checkpoints import ThreadStatus
from skymarshal.contracts import AGENT_NAMES
from skymarshal.orchestration.errors import MalformedEvent, MalformedItem
from tests.unit.orchestration.flow import DISRUPTION
from tests.unit.orchestration.test_failing import event as ended


@pytest.mark.parametrize("agent", AGENT_NAMES)
def test_an_agent_answers_in_a_few_words_and_keeps_what_it_found_on_the_thread(call, world, agent) -> None:
    (item,) = [asdict(each) for each in world.begun().items if each.agent == agent]
    answer = call(f"agents.{agent}", {**item, "execution": "D-1"})
    assert answer == {"agent": agent, "status": "completed", "verdict": "feasible"}
    (run,) = world.runs.read(world.thread_id, item["checkpoint_id"])
    assert (run.agent, run.worker, run.state) == (agent, "request-1", "completed")


def test_an_agent_refuses_an_item_that_is_not_its_own(call, world) -> None:
    (item,) = [asdict(each) for each in world.begun().items if each.agent == "cargo"]
    with pytest.raises(MalformedItem, match="agent is cargo: this function is finance"):
        call("agents.finance", item)


@pytest.mark.parametrize("field", ["thread_id", "agent", "phase", "interrupt_id", "checkpoint_id"])
def test_an_item_without_a_field_is_refused_by_its_name(call, world, field) -> None:
    (item,) = [asdict(each) for each in world.begun().items if each.agent == "cargo"]
    del item[field]
    with pytest.raises(MalformedItem, match=f"missing required field `{field}`"):
        call("agents.cargo", item)


class Intake:
    """Takes in every message but those it is told to trip over."""

    def __init__(self, trips_over: str) -> None:
        self._trips_over = trips_over
        self.received: list[tuple[str, int]] = []

    def receive(self, body: str, deliveries: int) -> None:
        self.received.append((body, deliveries))
        if body == self._trips_over:
            raise ConnectionError("no table answers")


def test_of_a_batch_only_the_message_that_failed_comes_again(call) -> None:
    taken = Intake(trips_over="second")
    importlib.import_module("lambdas.wiring").intake = lambda: taken
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "handle",
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(number + 1)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        for number, body in enumerate(("first", "second", "third"))
    ]
    assert call("intake", {"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert taken.received == [("first", 1), ("second", 2), ("third", 3)]


def test_the_thread_of_a_stopped_execution_is_marked(call, world) -> None:
    world.begun()
    assert call("execution_ended", ended()) == {"thread_id": world.thread_id, "left_open": True}
    assert world.thread.status is ThreadStatus.FAILED
    assert world.thread.details["error"] == "execution ABORTED"


def test_what_is_no_end_of_an_execution_is_refused(call) -> None:
    with pytest.raises(MalformedEvent, match=r"end of an execution: .*missing required field `status`"):
        call("execution_ended", {"detail": {"name": DISRUPTION.disruption_id}})
