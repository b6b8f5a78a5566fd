"""API Gateway in front of the real handlers, in this process, as a WSGI application."""

from __future__ import annotations

import base64
import importlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from docs.openapi import DOCUMENT
from tests.flow.deployed import CLAIMS
from tests.flow.functions import Context

USERS = {
    "duty-manager": CLAIMS,
    "observer": {**CLAIMS, "email": "observer@skymarshal.example", "cognito:groups": "[observer]"},
    "nobody": {"cognito:username": "nobody", "token_use": "id"},
    "no-group": {name: value for name, value in CLAIMS.items() if name != "cognito:groups"},
    "another-group": {**CLAIMS, "cognito:groups": "[payroll]"},
    "an-unverified-address": {**CLAIMS, "email_verified": "false"},
    "an-access-token": {"username": "c0ffee", "token_use": "access", "cognito:groups": "[duty-manager]"},
}
"""The claims in the verified token of each user; the user's name is the token."""

_FUNCTIONS = (
    (re.compile(r"GET /v1/health"), "threads"),
    (re.compile(r"POST /v1/disruptions"), "disruptions"),
    (re.compile(r"GET /v1/threads(/(?P<thread_id>[^/]+)(/history|/approval)?)?"), "threads"),
    (re.compile(r"GET /v1/threads/(?P<thread_id>[^/]+)/report"), "reports"),
    (re.compile(r"GET /v1/decisions/(?P<day>[^/]+)/(?P<disruption_id>[^/]+)/report"), "reports"),
    (re.compile(r"GET /v1/threads/(?P<thread_id>[^/]+)/checkpoints/(?P<checkpoint_id>[^/]+)"), "threads"),
    (
        re.compile(r"POST /v1/threads/(?P<thread_id>[^/]+)/(approve|reject|override|outcome|resume)"),
        "decisions",
    ),
)


class Gateway:
    """Lets in who has a token, and calls the function of the route."""

    def __init__(self) -> None:
        self._requests = itertools.count(1)
        self.answered: list[int] = []

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        answer = self.answer(
            environ["REQUEST_METHOD"],
            environ.get("RAW_URI") or environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            body,
            environ.get("HTTP_AUTHORIZATION"),
        )
        self.answered.append(answer["statusCode"])
        headers = [(name, str(value)) for name, value in answer["headers"].items()]
        start_response(f"{answer['statusCode']} ", headers)
        return [content_of(answer)]

    def answer(
        self, method: str, path: str, query: str, body: bytes, authorization: str | None
    ) -> dict[str, Any]:
        """Return what API Gateway answers."""
        path = path.partition("?")[0]
        if path == "/openapi.json":
            return {**_said(200, ""), "body": DOCUMENT.read_text()}
        route = f"{method} {path}"
        matching = ((pattern.fullmatch(route), function) for pattern, function in _FUNCTIONS)
        found, function = next(((match, name) for match, name in matching if match), (None, ""))
        if found is None:
            return _said(404, "Not Found")
        claims = USERS.get((authorization or "").removeprefix("Bearer "))
        if claims is None and path != "/v1/health":
            return _said(401, "Unauthorized")
        number = next(self._requests)
        parameters = {name: unquote(value) for name, value in found.groupdict().items() if value}
        event = gateway_event(method, path, claims, parameters, query, body, f"request-{number}")
        handler = importlib.import_module(f"lambdas.api.{function}").handler
        answer: dict[str, Any] = handler(json.loads(json.dumps(event)), Context(f"api-{function}", number))
        return answer


def content_of(answer: Mapping[str, Any]) -> bytes:
    """Return the body as API Gateway sends it on."""
    body: str = answer["body"]
    return base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()


def _said(status: int, message: str) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": message})}


def gateway_event(
    method: str,
    path: str,
    claims: Mapping[str, str] | None,
    parameters: Mapping[str, str],
    query: str = "",
    body: bytes = b"",
    request_id: str = "request-0",
) -> dict[str, Any]:
    """Return the event with which API Gateway calls a function."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        given[name] = f"{given[name]},{value}" if name in given else value
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": {"content-type": "application/json"},
        "queryStringParameters": given,
        "pathParameters": dict(parameters),
        "requestContext": {
            "requestId": request_id,
            "stage": "$default",
            "http": {"method": method, "path": unquote(path), "sourceIp": "127.0.0.1"},
            "authorizer": {"jwt": {"claims": dict(claims)}} if claims else None,
        },
        "body": text,
        "isBase64Encoded": encoded,
    }
