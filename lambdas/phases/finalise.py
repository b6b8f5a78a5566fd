"""Ends the thread: decided, expired, or failed and marked so."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import measures, wiring
from lambdas.observability import audit, observed
from lambdas.phases.events import FinaliseEvent, parsed
from skymarshal.orchestration.errors import NothingPending

failures = wiring.failures()
finaliser = wiring.finaliser()
threads = wiring.threads()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    given = parsed(event, FinaliseEvent)
    thread_id, error = given.thread_id, given.error
    if (given.expired or error) and failures.superseded(thread_id, given.execution):
        return {"thread_id": thread_id, "outcome": "superseded"}
    if error:
        failures.fail(thread_id, f"{error.get('Error', 'unknown')}: {error.get('Cause', '')}")
        return {"thread_id": thread_id, "outcome": "failed"}
    try:
        record = finaliser.conclude(thread_id, expired=given.expired)
    except NothingPending:
        if failures.superseded(thread_id, given.execution):
            return {"thread_id": thread_id, "outcome": "superseded"}
        raise
    measures.thread_decided(record, threads.get_thread(thread_id))
    decision = record.decision
    audit(
        "conclude",
        actor=decision.approver,
        role=decision.role,
        decision=decision.outcome.value,
        choice=decision.solution_id,
    )
    return {"thread_id": thread_id, "outcome": str(record.decision.outcome)}
