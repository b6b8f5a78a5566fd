"""What a request says, and who makes it: the caller from the verified token, never from the body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from lambdas.api.problems import BadRequest, BodyTooLarge, Forbidden
from skymarshal.contracts import MAX_EVENT_BYTES

__all__ = ["Caller", "body_of", "caller_of"]

_DECIDING_ROLES: Final = ("duty-manager", "admin")
_TOKEN_USE: Final = "id"  # noqa: S105 what a token is for


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
        Forbidden: the request carries no verified token, or one that does not say who its bearer is.
    """
    authorizer = (app.current_event.raw_event.get("requestContext") or {}).get("authorizer") or {}
    claims: Mapping[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
    name = claims.get("email") or claims.get("cognito:username") or claims.get("username")
    if not name:
        raise Forbidden("the request carries no verified token")
    # An access token of the same client passes the authorizer too.
    if claims.get("token_use") != _TOKEN_USE:
        raise Forbidden(f"the token is for {claims.get('token_use')!r}: expected one for {_TOKEN_USE!r}")
    # Whoever changes the address of the own account, to a colleague's perhaps, is not the colleague.
    if "email" in claims and str(claims.get("email_verified")).lower() != "true":
        raise Forbidden(f"the address {claims['email']} is not verified")
    # API Gateway hands a list claim over as the text "[one two]".
    groups = str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split()
    return Caller(name=str(name), groups=tuple(groups))


def body_of(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the JSON object of the request's body; an empty body is an empty object.

    Raises:
        BodyTooLarge: it exceeds the limit.
        BadRequest: it is not a JSON object.
    """
    event = app.current_event.raw_event
    sent = (event.get("body") or "").encode("utf-8", "surrogatepass")
    try:
        content = base64.b64decode(sent) if event.get("isBase64Encoded") else sent
        if len(content) > MAX_EVENT_BYTES:
            raise BodyTooLarge(f"the body has {len(content)} bytes; the most is {MAX_EVENT_BYTES}")
        body = msgspec.json.decode(content) if content.strip() else {}
    except (binascii.Error, msgspec.DecodeError, RecursionError):
        raise BadRequest("the body is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise BadRequest(f"the body is a {type(body).__name__}: expected a JSON object")
    return body
