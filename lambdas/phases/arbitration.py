"""Phase 3: joins phase 2, arbitrates, and joins the arbitration."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import measures, wiring
from lambdas.observability import observed
from lambdas.phases.events import JoinEvent, parsed
from skymarshal.domain.assessment import Phase

coordinator = wiring.coordinator()
arbitrator = wiring.arbitrator()
progress = wiring.progress()


@observed("thread_id")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    given = parsed(event, JoinEvent)
    advance = coordinator.join(given.thread_id, Phase.REVISION, given.attempt)
    measures.phase_joined(Phase.REVISION, advance)
    if not advance.complete:
        return advance.as_json()
    progress.joined(advance)
    for item in advance.items:
        arbitrator.run(item, worker=context.aws_request_id)
    arbitrated = coordinator.join(given.thread_id, Phase.ARBITRATION, attempt=1)
    measures.phase_joined(Phase.ARBITRATION, arbitrated)
    progress.joined(arbitrated)
    return arbitrated.as_json()
