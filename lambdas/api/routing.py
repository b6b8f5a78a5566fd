"""Serves the operations of the contract: who calls, what is asked, and how the answer is put."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.api.problems import AnswerTooLarge, BadRequest, answer_problems
from lambdas.api.requests import Caller, body_of, caller_of
from lambdas.observability import logger
from skymarshal.http_api import OPERATIONS, Operation

__all__ = ["Api", "Asked", "File"]

MOST_ANSWERED_BYTES: Final = 6_000_000
"""Of an encoded answer: Lambda's limit of 6 MB, less what is sent around it."""

B = TypeVar("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[B]):
    """A request that may be answered.

    Attributes:
        caller: who asks, from the verified token; nobody where the operation is public.
        given: the body or the query parameters, as the contract types them.
        raw: the same as they came.
    """

    caller: Caller
    given: B
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An answer that is a file: text where its media type says so, else bytes."""

    content: bytes
    media_type: str
    name: str


class Api:
    """The operations that one function serves."""

    def __init__(self) -> None:
        self._app = APIGatewayHttpResolver()
        answer_problems(self._app)

    def serves(self, operation_id: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """Serve an operation of the contract by a function of the request and the path's parameters."""
        operation = OPERATIONS[operation_id]
        rule = operation.path.replace("{", "<").replace("}", ">")

        def register(function: Callable[..., object]) -> Callable[..., object]:
            def serve(**parameters: str) -> Response[Any]:
                logger.append_keys(operation=operation_id, **parameters)
                return self._answer(operation, function(self._asked(operation), **parameters))

            self._app.route(rule, method=operation.method.value)(serve)
            return function

        return register

    def resolve(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer an event of API Gateway."""
        return self._app.resolve(event, context)

    def _asked(self, operation: Operation) -> Asked[Any]:
        caller = Caller(name="nobody", groups=()) if operation.public else caller_of(self._app)
        logger.append_keys(actor=caller.name)
        if operation.decides:
            caller.deciding_role()
        elif not operation.public:
            caller.reading_role()
        raw: dict[str, Any] = {}
        if operation.body is not None:
            raw = body_of(self._app)
        elif operation.query is not None:
            raw = dict(self._app.current_event.query_string_parameters or {})
        kind = operation.body or operation.query
        given = None if kind is None else _converted(raw, kind, from_text=operation.query is not None)
        return Asked(caller=caller, given=given, raw=raw)

    def _answer(self, operation: Operation, answer: object) -> Response[Any]:
        headers: dict[str, str | list[str]] = {
            "x-request-id": self._app.current_event.request_context.request_id
        }
        if isinstance(answer, File):
            media_type, body = answer.media_type, _sent(answer)
            headers["content-disposition"] = f'inline; filename="{answer.name}"'
        else:
            media_type, body = "application/json", msgspec.json.encode(answer).decode()
        return Response(
            status_code=operation.status.value, content_type=media_type, body=body, headers=headers
        )


def _sent(file: File) -> str | bytes:
    """Return a file as it is sent: text as text, anything else as bytes, which go in base64.

    Raises:
        AnswerTooLarge: it is larger than an answer may be.
    """
    text = file.media_type.startswith("text/") or file.media_type == "application/json"
    body = file.content.decode() if text else file.content
    size = len(msgspec.json.encode(body))
    if size > MOST_ANSWERED_BYTES:
        raise AnswerTooLarge(
            f"{file.name} takes {size} bytes, and an answer has room for {MOST_ANSWERED_BYTES}: "
            "ask for another format, or render the record with `skymarshal report`"
        )
    return body


def _converted(raw: dict[str, Any], kind: type[B], *, from_text: bool) -> B:
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for name in raw:
        if name not in known:
            raise BadRequest(f"{name} is not known here: expected {', '.join(known) or 'nothing'}")
        # Read as text, it would count as a parameter that is not given.
        if from_text and raw[name].lower() == "null":
            raise BadRequest(f"{name} is {raw[name]!r}: leave it out for any")
    try:
        return msgspec.convert(raw, kind, strict=not from_text)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{error}{_allowed(str(error), kind)}") from None


def _allowed(error: str, kind: type) -> str:
    """Return what a field that holds none of its values may hold, where the error names such a field."""
    name = error.partition("at `$.")[2].rstrip("`")
    hint = get_type_hints(kind).get(name)
    for choice in (hint, *get_args(hint)):
        if isinstance(choice, type) and issubclass(choice, Enum):
            return f": expected one of {', '.join(str(each.value) for each in choice)}"
    return ""
