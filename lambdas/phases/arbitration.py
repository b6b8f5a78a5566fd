"""Phase 3: joins phase 2, arbitrates, and joins the arbitration."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import logger, metered, metrics
from skymarshal.domain.assessment import Phase

coordinator = wiring.coordinator()
arbitrator = wiring.arbitrator()
progress = wiring.progress()


@logger.inject_lambda_context(correlation_id_path="thread_id", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    advance = coordinator.join(event["thread_id"], Phase.REVISION, event["attempt"])
    if not advance.complete:
        return advance.as_json()
    progress.joined(advance)
    for item in advance.items:
        arbitrator.run(item, worker=context.aws_request_id)
    arbitrated = coordinator.join(event["thread_id"], Phase.ARBITRATION, attempt=1)
    progress.joined(arbitrated)
    return arbitrated.as_json()
