"""Asks the duty manager: keeps the task token on the thread and tells who decides."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import observed
from lambdas.phases.events import ApprovalEvent, parsed

approvals = wiring.approvals()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    given = parsed(event, ApprovalEvent)
    approval = approvals.ask(given.thread_id, given.task_token, wiring.approval_patience(), given.notice)
    return {"thread_id": approval.thread_id, "deadline": approval.deadline}
