"""Asks the duty manager: keeps the task token on the thread and tells who decides."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import logger, observed
from lambdas.phases.events import ApprovalEvent, parsed
from skymarshal.orchestration.errors import Superseded

approvals = wiring.approvals()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    given = parsed(event, ApprovalEvent)
    try:
        approval = approvals.ask(
            given.thread_id,
            given.task_token,
            wiring.approval_patience(),
            given.notice,
            execution=given.execution,
        )
    except Superseded as superseded:
        logger.info("nobody is asked", reason=str(superseded))
        return {"thread_id": given.thread_id, "deadline": None}
    return {"thread_id": approval.thread_id, "deadline": approval.deadline}
