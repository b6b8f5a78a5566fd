"""Asks the duty manager: keeps the task token on the thread and tells who decides."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import observed
from skymarshal.orchestration.approvals import Notice

approvals = wiring.approvals()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    approval = approvals.ask(
        event["thread_id"], event["task_token"], wiring.approval_patience(), Notice(event["notice"])
    )
    return {"thread_id": approval.thread_id, "deadline": approval.deadline}
