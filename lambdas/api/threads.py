"""What is asked about threads: all of them, one, its history, a checkpoint, its approval."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.problems import BadRequest
from lambdas.api.routing import Api, Asked
from lambdas.observability import observed
from skymarshal.http_api import Health, ThreadQuery
from skymarshal.orchestration.approvals import Approval
from skymarshal.orchestration.search import ThreadFilter, find_threads
from skymarshal.orchestration.views import (
    CheckpointView,
    HistoryView,
    ThreadDetail,
    ThreadList,
    checkpoint_view,
    history_view,
    thread_detail,
)

api = Api()
threads = wiring.threads()
approvals = wiring.approvals()


@api.serves("health")
def health(_: Asked[None]) -> Health:
    return Health()


@api.serves("listThreads")
def list_threads(asked: Asked[ThreadQuery]) -> ThreadList:
    query = asked.given
    wanted = ThreadFilter(status=query.status, flight=query.flight, airport=query.airport)
    try:
        return find_threads(threads, wanted, cursor=query.cursor, limit=query.limit)
    except ValueError as error:
        raise BadRequest(str(error)) from None


@api.serves("showThread")
def show_thread(_: Asked[None], thread_id: str) -> ThreadDetail:
    return thread_detail(threads.get_thread(thread_id), wiring.runs())


@api.serves("showHistory")
def show_history(_: Asked[None], thread_id: str) -> HistoryView:
    return history_view(threads, thread_id)


@api.serves("showCheckpoint")
def show_checkpoint(_: Asked[None], thread_id: str, checkpoint_id: str) -> CheckpointView:
    return checkpoint_view(wiring.saver(), wiring.runs(), thread_id, checkpoint_id)


@api.serves("showApproval")
def show_approval(_: Asked[None], thread_id: str) -> Approval:
    return approvals.view(thread_id)


@observed("requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
