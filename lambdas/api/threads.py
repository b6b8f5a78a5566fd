"""GET routes: threads, one thread, its history, its approval."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.problems import BadRequest, answer_problems
from lambdas.observability import logger, metered, metrics
from skymarshal.checkpoints import ThreadStatus
from skymarshal.orchestration.views import approval_view, history_view, page_view, thread_view

app = APIGatewayHttpResolver()
answer_problems(app)
threads = wiring.threads()
approvals = wiring.approvals()


@app.get("/v1/health")
def health() -> dict[str, Any]:
    return {"status": "ok"}


@app.get("/v1/threads")
def list_threads() -> dict[str, Any]:
    asked = app.current_event.query_string_parameters or {}
    try:
        status = ThreadStatus(asked.get("status", ThreadStatus.AWAITING_APPROVAL))
        page = threads.query_threads(
            status, cursor=asked.get("cursor"), limit=_limit(asked.get("limit", "25"))
        )
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return page_view(page)


@app.get("/v1/threads/<thread_id>")
def show_thread(thread_id: str) -> dict[str, Any]:
    return thread_view(threads.get_thread(thread_id))


@app.get("/v1/threads/<thread_id>/history")
def show_history(thread_id: str) -> dict[str, Any]:
    return history_view(threads, thread_id)


@app.get("/v1/threads/<thread_id>/approval")
def show_approval(thread_id: str) -> dict[str, Any]:
    return approval_view(approvals.view(thread_id))


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise ValueError(f"limit is {text!r}: expected a whole number from 1 to 100")
    return int(text)
