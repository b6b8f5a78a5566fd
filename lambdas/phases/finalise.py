"""Ends the thread: decided, expired, or failed and marked so."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import logger, metered, metrics

finaliser = wiring.finaliser()


@logger.inject_lambda_context(correlation_id_path="thread_id", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    thread_id, expired, error = event["thread_id"], event.get("expired", False), event.get("error")
    if (expired or error) and finaliser.superseded(thread_id, event["execution"]):
        return {"thread_id": thread_id, "outcome": "superseded"}
    if error:
        finaliser.fail(thread_id, f"{error.get('Error', 'unknown')}: {error.get('Cause', '')}")
        return {"thread_id": thread_id, "outcome": "failed"}
    record = finaliser.conclude(thread_id, expired=expired)
    return {"thread_id": thread_id, "outcome": str(record.decision.outcome)}
