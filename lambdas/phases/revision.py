"""Phase 2: joins phase 1 and dispatches the seven agents again with what they found."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import logger, metered, metrics
from skymarshal.domain.assessment import Phase

coordinator = wiring.coordinator()
progress = wiring.progress()


@logger.inject_lambda_context(correlation_id_path="thread_id", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    advance = coordinator.join(event["thread_id"], Phase.INITIAL, event["attempt"])
    progress.joined(advance)
    return advance.as_json()
