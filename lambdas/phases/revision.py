"""Phase 2: joins phase 1 and dispatches the seven agents again with what they found."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import measures, wiring
from lambdas.observability import observed
from lambdas.phases.events import JoinEvent, parsed
from skymarshal.domain.assessment import Phase

coordinator = wiring.coordinator()
progress = wiring.progress()


@observed("thread_id")
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    given = parsed(event, JoinEvent)
    advance = coordinator.join(given.thread_id, Phase.INITIAL, given.attempt)
    measures.phase_joined(Phase.INITIAL, advance)
    progress.joined(advance)
    return advance.as_json()
