"""GET routes: threads, one thread, its history, a checkpoint, its approval."""

from __future__ import annotations

from typing import Any

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.problems import BadRequest, answer_problems
from lambdas.observability import logger, metered, metrics
from skymarshal.checkpoints import ThreadStatus
from skymarshal.orchestration.search import ThreadFilter, find_threads
from skymarshal.orchestration.views import checkpoint_view, history_view, thread_detail

app = APIGatewayHttpResolver()
answer_problems(app)
threads = wiring.threads()
approvals = wiring.approvals()


@app.get("/v1/health")
def health() -> dict[str, Any]:
    return {"status": "ok"}


@app.get("/v1/threads")
def list_threads() -> Any:  # noqa: ANN401
    asked = app.current_event.query_string_parameters or {}
    try:
        status = ThreadStatus(asked["status"]) if "status" in asked else None
        wanted = ThreadFilter(status=status, flight=asked.get("flight"), airport=asked.get("airport"))
        limit = int(asked.get("limit", "25"))
        return msgspec.to_builtins(find_threads(threads, wanted, cursor=asked.get("cursor"), limit=limit))
    except ValueError as error:
        raise BadRequest(str(error)) from None


@app.get("/v1/threads/<thread_id>")
def show_thread(thread_id: str) -> Any:  # noqa: ANN401
    return msgspec.to_builtins(thread_detail(threads.get_thread(thread_id), wiring.runs()))


@app.get("/v1/threads/<thread_id>/history")
def show_history(thread_id: str) -> Any:  # noqa: ANN401
    return msgspec.to_builtins(history_view(threads, thread_id))


@app.get("/v1/threads/<thread_id>/checkpoints/<checkpoint_id>")
def show_checkpoint(thread_id: str, checkpoint_id: str) -> Any:  # noqa: ANN401
    return msgspec.to_builtins(checkpoint_view(wiring.saver(), wiring.runs(), thread_id, checkpoint_id))


@app.get("/v1/threads/<thread_id>/approval")
def show_approval(thread_id: str) -> Any:  # noqa: ANN401
    return msgspec.to_builtins(approvals.view(thread_id))


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
