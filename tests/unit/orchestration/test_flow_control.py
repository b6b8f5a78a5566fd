"""Step Functions as the flow needs it: started once by name, woken if it still waits."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from skymarshal.orchestration.flow_control import StepFunctionsFlow

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:disruptions"


class Client:
    """Answers every call, or refuses it with a code."""

    def __init__(self, refuses: str | None = None) -> None:
        self.refuses = refuses
        self.asked: list[dict] = []

    def _answer(self, **asked):
        self.asked.append(asked)
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "no"}}, "Any")
        return {}

    start_execution = send_task_success = _answer


def test_an_execution_is_started_by_name_with_the_thread_and_the_disruption() -> None:
    client = Client()
    assert StepFunctionsFlow(client, MACHINE).start("D-1", "thread", {"flight_id": "EY1"}) is True
    (asked,) = client.asked
    assert (asked["stateMachineArn"], asked["name"]) == (MACHINE, "D-1")
    assert json.loads(asked["input"]) == {"thread_id": "thread", "disruption": {"flight_id": "EY1"}}


def test_an_execution_that_was_started_before_is_as_good() -> None:
    assert StepFunctionsFlow(Client("ExecutionAlreadyExists"), MACHINE).start("D-1", "t", {}) is False


@pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
def test_a_token_that_nobody_waits_on_is_told_apart(code) -> None:
    assert StepFunctionsFlow(Client(code)).decided("token", "thread") is False
    assert StepFunctionsFlow(Client()).decided("token", "thread") is True


def test_any_other_refusal_reaches_the_caller() -> None:
    flow = StepFunctionsFlow(Client("AccessDeniedException"), MACHINE)
    with pytest.raises(ClientError, match="AccessDenied"):
        flow.start("D-1", "thread", {})
    with pytest.raises(ClientError, match="AccessDenied"):
        flow.decided("token", "thread")
