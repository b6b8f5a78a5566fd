"""Errors as the API answers them: one table from error to status, problem+json for all."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from http import HTTPStatus
from typing import Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from lambdas.observability import logger
from skymarshal.checkpoints import (
    CheckpointNotFound,
    DamagedCheckpoint,
    DecisionTaken,
    IllegalTransition,
    InvalidIdentifier,
    StoreUnavailable,
    ThreadNotFound,
)
from skymarshal.http_api import Problem
from skymarshal.intake import InvalidDisruption
from skymarshal.orchestration.errors import (
    DamagedRecord,
    DecisionNotFound,
    FlowUnderWay,
    InvalidDecision,
    NothingPending,
    RecordGone,
)

__all__ = ["AnswerTooLarge", "BadRequest", "BodyTooLarge", "Forbidden", "answer_problems", "problem_type"]


class BadRequest(Exception):
    """The request is not what the route takes."""


class BodyTooLarge(Exception):
    """The body exceeds what the API takes."""


class AnswerTooLarge(Exception):
    """The answer exceeds what API Gateway lets a function answer."""


class Forbidden(Exception):
    """The caller's role may not do this."""


_STATUSES: Final[dict[type[Exception], HTTPStatus]] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    InvalidDisruption: HTTPStatus.BAD_REQUEST,
    InvalidDecision: HTTPStatus.BAD_REQUEST,
    InvalidIdentifier: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    CheckpointNotFound: HTTPStatus.NOT_FOUND,
    ThreadNotFound: HTTPStatus.NOT_FOUND,
    DecisionNotFound: HTTPStatus.NOT_FOUND,
    DamagedCheckpoint: HTTPStatus.CONFLICT,
    DamagedRecord: HTTPStatus.CONFLICT,
    DecisionTaken: HTTPStatus.CONFLICT,
    IllegalTransition: HTTPStatus.CONFLICT,
    NothingPending: HTTPStatus.CONFLICT,
    FlowUnderWay: HTTPStatus.CONFLICT,
    RecordGone: HTTPStatus.GONE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    AnswerTooLarge: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


_DAMAGE: Final = (DamagedCheckpoint, DamagedRecord, RecordGone)
"""What somebody has to look into, though the request was refused in good order."""


def problem_type(kind: type[Exception]) -> str:
    """Return the name of a kind of problem as RFC 9457 wants it: a URI, the same for all of the kind."""
    return "urn:skymarshal:problem:" + re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def answer_problems(app: APIGatewayHttpResolver) -> None:
    """Let `app` answer every error of the table as a problem, and any other as one without detail."""

    def answer(error: Exception) -> Response[str]:
        kind = next(kind for kind in type(error).__mro__ if kind in _STATUSES)
        status = _STATUSES[kind]
        tell = logger.error if kind in _DAMAGE else logger.info
        tell("refused", status=status.value, problem=kind.__name__, reason=str(error))
        return _problem(app, status, str(error), problem_type(kind))

    def answer_unexpected(error: Exception) -> Response[str]:
        logger.exception("failed", exc_info=error)
        return _problem(app, HTTPStatus.INTERNAL_SERVER_ERROR, "the request failed; its id is in the log")

    def answer_unknown(_: Exception) -> Response[str]:
        return _problem(app, HTTPStatus.NOT_FOUND, f"there is nothing at {app.current_event.path}")

    app.exception_handler(list(_STATUSES))(answer)
    app.not_found(answer_unknown)
    app.exception_handler(Exception)(answer_unexpected)


def _problem(
    app: APIGatewayHttpResolver, status: HTTPStatus, detail: str, kind: str = "about:blank"
) -> Response[str]:
    request_id = app.current_event.request_context.request_id
    problem = Problem(
        type=kind, title=status.phrase, status=status.value, detail=detail, request_id=request_id
    )
    return Response(
        status_code=status.value,
        content_type="application/problem+json",
        body=json.dumps(asdict(problem)),
        headers={"x-request-id": request_id},
    )
