"""Hears of executions that ended without success, and marks the threads that they left open."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import about, logger, observed
from skymarshal.orchestration.failing import ExecutionEnd

failures = wiring.failures()


@observed("detail.name")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    end = ExecutionEnd.parse(event)
    about(end.disruption.disruption_id, end.thread_id)
    logger.append_keys(execution=end.execution)
    return {"thread_id": end.thread_id, "left_open": failures.ended(end)}
