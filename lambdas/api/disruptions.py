"""POST /v1/disruptions: puts a disruption event on the bus, as any other source would."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.problems import BadRequest, answer_problems
from lambdas.api.requests import body_of, caller_of, text_in
from lambdas.observability import logger, metered, metrics
from skymarshal.checkpoints import thread_id_for
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE

app = APIGatewayHttpResolver()
answer_problems(app)
bus = wiring.disruption_bus()


@app.post("/v1/disruptions")
def report() -> tuple[dict[str, Any], int]:
    caller_of(app).deciding_role()
    event = body_of(app)
    disruption_id = text_in(event, "disruption_id")
    if not disruption_id:
        raise BadRequest("disruption_id is missing: expected 1-64 letters, digits, '-' or '_'")
    bus.announce(DISRUPTION_DETAIL_TYPE, event)
    return {"disruption_id": disruption_id, "thread_id": thread_id_for(disruption_id)}, 202


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
