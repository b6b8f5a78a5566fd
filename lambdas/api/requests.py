"""What a request says, and who makes it: the caller from the verified token, never from the body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from lambdas.api.problems import BadRequest, BodyTooLarge, Forbidden
from skymarshal.contracts import MAX_EVENT_BYTES

__all__ = ["Caller", "body_of", "caller_of", "text_in"]

_DECIDING_ROLES: Final = ("duty-manager", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The signed-in user and the groups that the token names."""

    name: str
    groups: tuple[str, ...]

    def deciding_role(self) -> str:
        """Return the role in which the caller decides.

        Raises:
            Forbidden: the caller has none.
        """
        role = next((role for role in _DECIDING_ROLES if role in self.groups), None)
        if role is None:
            raise Forbidden(f"{self.name} may not decide: that takes a {' or '.join(_DECIDING_ROLES)}")
        return role


def caller_of(app: APIGatewayHttpResolver) -> Caller:
    """Return who makes the request.

    Raises:
        Forbidden: the request carries no verified token.
    """
    authorizer = (app.current_event.raw_event.get("requestContext") or {}).get("authorizer") or {}
    claims: Mapping[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
    name = claims.get("email") or claims.get("cognito:username") or claims.get("username")
    if not name:
        raise Forbidden("the request carries no verified token")
    # API Gateway hands a list claim over as the text "[one two]".
    groups = str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split()
    return Caller(name=str(name), groups=tuple(groups))


def body_of(app: APIGatewayHttpResolver, *known: str) -> dict[str, Any]:
    """Return the JSON object of the request's body; an empty body is an empty object.

    Raises:
        BodyTooLarge: it exceeds the limit.
        BadRequest: it is not a JSON object, or has a field beside the `known` ones.
    """
    text = app.current_event.decoded_body or ""
    size = len(text.encode())
    if size > MAX_EVENT_BYTES:
        raise BodyTooLarge(f"the body has {size} bytes; the most is {MAX_EVENT_BYTES}")
    try:
        body = json.loads(text) if text.strip() else {}
    except (json.JSONDecodeError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest(f"the body is a {type(body).__name__}: expected a JSON object")
    for name in body:
        if known and name not in known:
            raise BadRequest(f"{name} is not known here: expected one of {', '.join(known)}")
    return body


def text_in(body: Mapping[str, Any], name: str, default: str | None = None) -> str | None:
    """Return a text field of the body.

    Raises:
        BadRequest: it is not text.
    """
    value = body.get(name, default)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} is {value!r}: expected text")
    return value
