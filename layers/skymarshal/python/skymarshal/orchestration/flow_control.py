"""The flow as Step Functions runs it: starting an execution, and waking one that waits."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

__all__ = ["StepFunctionsFlow"]

logger = logging.getLogger(__name__)

_DEAD_TOKENS = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


class StepFunctionsFlow:
    """Drives threads by executions of one state machine."""

    def __init__(self, client: SFNClient, state_machine_arn: str = "") -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, thread_id: str, disruption: Mapping[str, Any]) -> bool:
        """Start the execution called `name`; False where it was started before, which is as good.

        Raises:
            ClientError: Step Functions refused for any other reason.
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=name,
                input=json.dumps({"thread_id": thread_id, "disruption": disruption}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return False
            raise
        return True

    def disruption_of(self, name: str) -> Mapping[str, Any] | None:
        """Return the disruption that the execution called `name` was started with; None once forgotten."""
        execution = self._described(name)
        if execution is None:
            return None
        disruption: Mapping[str, Any] = json.loads(execution["input"])["disruption"]
        return disruption

    def is_running(self, name: str) -> bool:
        """Return whether the execution called `name` is under way; one that is forgotten is not."""
        execution = self._described(name)
        return execution is not None and execution["status"] == "RUNNING"

    def decided(self, token: str, thread_id: str) -> bool:
        """Wake the execution that waits on `token`; False where it does not wait any more."""
        try:
            self._client.send_task_success(taskToken=token, output=json.dumps({"thread_id": thread_id}))
        except ClientError as error:
            if error.response["Error"]["Code"] in _DEAD_TOKENS:
                logger.warning("thread %s is decided, and no execution waits for it", thread_id)
                return False
            raise
        return True

    def _described(self, name: str) -> DescribeExecutionOutputTypeDef | None:
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            return self._client.describe_execution(executionArn=f"{arn}:{name}")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
