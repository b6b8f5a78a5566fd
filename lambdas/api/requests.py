"""What a request says, and who makes it: the caller from the verified token, never from the body."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from lambdas.api.problems import BadRequest, BodyTooLarge, Forbidden
from skymarshal.contracts import MAX_EVENT_BYTES
from skymarshal.json_input import UnreadableJson, read_json

__all__ = ["Caller", "body_of", "caller_of", "groups_in"]

_DECIDING_ROLES: Final = ("duty-manager", "admin")
_READING_ROLES: Final = (*_DECIDING_ROLES, "observer")
_LIST_CLAIM: Final = re.compile(r"\[(.*)\]", re.DOTALL)
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
        return self._role("decide", _DECIDING_ROLES)

    def reading_role(self) -> str:
        """Return the role in which the caller reads.

        Raises:
            Forbidden: the caller has none.
        """
        return self._role("read", _READING_ROLES)

    def _role(self, what: str, roles: Sequence[str]) -> str:
        role = next((role for role in roles if role in self.groups), None)
        if role is None:
            raise Forbidden(f"{self.name} may not {what}: that takes a {' or '.join(roles)}")
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
    return Caller(name=str(name), groups=groups_in(claims))


def groups_in(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups of the user pool that a token names.

    API Gateway hands a list over as the text `[one two]`. A group's name holds no white space, but any other
    sign (brackets, commas), so that exactly one pair of brackets goes and nothing but the space divides.
    """
    written = _LIST_CLAIM.fullmatch(str(claims.get("cognito:groups", "")))
    return tuple(filter(None, written[1].split(" "))) if written else ()


def body_of(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the JSON object of the request's body; an empty body is an empty object.

    Raises:
        BodyTooLarge: it exceeds the limit.
        BadRequest: it is not a JSON object, or exceeds the bounds of JSON from outside.
    """
    event = app.current_event.raw_event
    sent = (event.get("body") or "").encode("utf-8", "surrogatepass")
    try:
        content = base64.b64decode(sent) if event.get("isBase64Encoded") else sent
        if len(content) > MAX_EVENT_BYTES:
            raise BodyTooLarge(f"the body has {len(content)} bytes; the most is {MAX_EVENT_BYTES}")
        body = read_json(content) if content.strip() else {}
    except binascii.Error:
        raise BadRequest("the body is not in base64") from None
    except UnreadableJson as error:
        raise BadRequest(f"the body: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest(f"the body is a {type(body).__name__}: expected a JSON object")
    return body
