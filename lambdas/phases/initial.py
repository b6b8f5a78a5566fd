"""Phase 1: starts the thread and dispatches the seven agents."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import observed
from lambdas.phases.events import DispatchEvent, parsed
from skymarshal.orchestration.reopening import REOPENED

coordinator = wiring.coordinator()
progress = wiring.progress()
threads = wiring.threads()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    given = parsed(event, DispatchEvent)
    disruption = given.disruption
    thread = threads.create_thread(
        disruption.disruption_id,
        flight=disruption.flight_id,
        airport=disruption.airport,
        execution=given.execution,
    )
    if thread.head is not None and thread.details.get(REOPENED) == given.execution:
        coordinator.reopen(thread.thread_id, thread.head)
    advance = coordinator.begin(thread.thread_id, disruption)
    if advance.items:
        progress.accepted(disruption, thread.thread_id, given.execution)
    return advance.as_json()
