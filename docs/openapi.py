"""Writes docs/openapi.json from the contract of the API: `python -m docs.openapi`.

A change that would break a client of the present document is refused: that takes a new version of the API.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec

from skymarshal.contracts import PACKAGE_VERSION
from skymarshal.http_api import OPERATIONS, Operation, Problem

__all__ = ["DOCUMENT", "breaking_changes", "document"]

DOCUMENT = Path(__file__).resolve().parent / "openapi.json"

Json = dict[str, Any]

_REFS: Final = "#/components/schemas/"
_DURATION: Final = r"^-?P(\d+D)?(T\d+(\.\d+)?S)?$"
_UNAUTHORISED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_PHRASES: Final = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content",
}
"""What RFC 9110 calls them, as Python does from 3.13 on."""
_ANY_TIME: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def document() -> Json:
    """Return the OpenAPI document of the API."""
    operations = list(OPERATIONS.values())
    kinds = {kind for one in operations for kind in (one.answer, one.body, one.query) if kind is not None}
    ordered = sorted({*kinds, Problem}, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=f"{_REFS}{{name}}")
    for operation in operations:
        if operation.body is not None:
            schemas[operation.body.__name__]["additionalProperties"] = False
    paths: Json = {}
    for operation_id, operation in OPERATIONS.items():
        methods = paths.setdefault(operation.path, {})
        methods[operation.method.value.lower()] = _described(operation_id, operation, schemas)
    for operation in operations:
        if operation.query is not None:
            schemas.pop(operation.query.__name__, None)
    schemas["GatewayMessage"] = {
        "type": "object",
        "description": "What API Gateway itself says of a request that it does not let through.",
        "properties": {"message": {"type": ["string", "null"]}},
    }
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "SkyMarshal",
            "version": PACKAGE_VERSION,
            "description": "Airline disruptions, the decisions on them, and how each came about.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The id token of a user of the user pool.",
                }
            },
        },
    }
    # As it reads from the file: without tuples.
    read: Json = json.loads(json.dumps(described), object_hook=_with_signed_durations)
    return read


def _with_signed_durations(schema: Json) -> Json:
    """Say how a duration is written: the format of that name knows none below zero."""
    if schema.get("type") == "string" and schema.get("format") == "duration":
        return {"type": "string", "pattern": _DURATION}
    return schema


def _described(operation_id: str, operation: Operation, schemas: Mapping[str, Json]) -> Json:
    described: Json = {"operationId": operation_id, "summary": operation.summary}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in operation.parameters
    ]
    if operation.query is not None:
        parameters += _query_parameters(operation.query, schemas)
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        required = bool(schemas[operation.body.__name__].get("required"))
        described["requestBody"] = {"required": required, "content": _json(operation.body)}
    described["responses"] = {
        str(operation.status.value): {
            "description": operation.status.phrase,
            "content": {**_json(operation.answer), **{media: _file(media) for media in operation.files}},
        },
        **{str(status.value): _refusal(status) for status in _refusals(operation)},
    }
    described["security"] = [] if operation.public else [{"token": []}]
    return described


def _file(media_type: str) -> Json:
    """Return how a file is described: text as text, and of anything else nothing but its media type."""
    return {"schema": {"type": "string"}} if media_type.startswith("text/") else {}


def _query_parameters(query: type, schemas: Mapping[str, Json]) -> Iterator[Json]:
    properties = schemas[query.__name__]["properties"]
    for field in fields(query):
        schema = dict(properties[field.name])
        # A parameter that is not given is null; none can be given as null.
        given = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
        if given:
            schema = given[0]
        elif isinstance(schema.get("type"), list):
            schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        schema.pop("default", None) if schema.get("default") is None else None
        yield {"name": field.name, "in": "query", "required": False, "schema": schema}


def _refusals(operation: Operation) -> list[HTTPStatus]:
    allowed = () if operation.public else _UNAUTHORISED
    return sorted({*operation.refuses, *allowed, *_ANY_TIME})


def _refusal(status: HTTPStatus) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": f"{_REFS}Problem"}}}
    if status in (*_UNAUTHORISED, *_ANY_TIME, HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
        content["application/json"] = {"schema": {"$ref": f"{_REFS}GatewayMessage"}}
    return {"description": _PHRASES.get(status, status.phrase), "content": content}


def _json(kind: type) -> Json:
    return {"application/json": {"schema": {"$ref": f"{_REFS}{kind.__name__}"}}}


def breaking_changes(old: Json, new: Json) -> list[str]:
    """Return what a client of `old` could not do or rely on with `new`, each as a line."""
    return list(_broken_operations(old, new))


def _broken_operations(old: Json, new: Json) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method, before in methods.items():
            where = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{where} is gone"
                continue
            yield from _broken_parameters(before, after, where)
            compare = _Comparison(old, new)
            yield from compare.body(before.get("requestBody"), after.get("requestBody"), where)
            for status, response in before["responses"].items():
                if not status.startswith("2"):
                    continue
                if status not in after["responses"]:
                    yield f"{where} no longer answers {status}"
                    continue
                yield from (
                    f"{where} no longer answers {media} with {status}"
                    for media in response["content"]
                    if media not in after["responses"][status]["content"]
                )
                answered = response["content"]["application/json"]["schema"]
                answers = after["responses"][status]["content"]["application/json"]["schema"]
                yield from compare.schemas(answered, answers, f"{where} {status}", request=False)


def _broken_parameters(before: Json, after: Json, where: str) -> Iterator[str]:
    known = {(each["in"], each["name"]): each for each in before.get("parameters", ())}
    now = {(each["in"], each["name"]): each for each in after.get("parameters", ())}
    for place, name in known.keys() - now.keys():
        yield f"{where}: {place} parameter {name} is gone"
    for key, parameter in now.items():
        if parameter["required"] and not known.get(key, {}).get("required"):
            yield f"{where}: {key[0]} parameter {key[1]} is required now"


class _Comparison:
    """Compares schemas of two documents, following their references."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old["components"]["schemas"]
        self._new = new["components"]["schemas"]
        self._seen: set[tuple[str, str, bool]] = set()

    def body(self, old: Json | None, new: Json | None, where: str) -> Iterator[str]:
        if old is None and new is not None and new.get("required"):
            yield f"{where} takes a body now"
        if old is not None and new is not None:
            before = old["content"]["application/json"]["schema"]
            after = new["content"]["application/json"]["schema"]
            yield from self.schemas(before, after, f"{where} body", request=True)

    def schemas(self, old: Json, new: Json, where: str, *, request: bool) -> Iterator[str]:
        key = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True), request)
        if key in self._seen:
            return
        self._seen.add(key)
        old, new = _followed(old, self._old), _followed(new, self._new)
        before, after = set(_types(old)), set(_types(new))
        if before - after if request else after - before:
            yield f"{where}: type {' or '.join(sorted(before))} became {' or '.join(sorted(after))}"
            return
        if request:
            yield from (
                f"{where}: {each!r} is gone"
                for each in old.get("enum", ())
                if each not in new.get("enum", (each,))
            )
        yield from self._properties(old, new, where, request=request)
        if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
            yield from self.schemas(old["items"], new["items"], f"{where}[]", request=request)
        for one, other in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=False):
            yield from self.schemas(one, other, where, request=request)

    def _properties(self, old: Json, new: Json, where: str, *, request: bool) -> Iterator[str]:
        known, now = old.get("properties", {}), new.get("properties", {})
        yield from (f"{where}: {name} is gone" for name in known if name not in now)
        required, requires = set(old.get("required", ())), set(new.get("required", ()))
        if request:
            yield from (f"{where}: {name} is required now" for name in sorted(requires - required))
        else:
            yield from (
                f"{where}: {name} may be missing now" for name in sorted(required & now.keys() - requires)
            )
        for name in known.keys() & now.keys():
            yield from self.schemas(known[name], now[name], f"{where}.{name}", request=request)


def _followed(schema: Json, schemas: Mapping[str, Json]) -> Json:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_REFS)]
    return schema


def _types(schema: Json) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def main() -> int:
    """Write the document, unless that would break the clients of the present one."""
    new = document()
    if DOCUMENT.exists():
        broken = breaking_changes(json.loads(DOCUMENT.read_text()), new)
        if broken:
            sys.stderr.write("these changes break clients and take a new version of the API:\n")
            sys.stderr.writelines(f"  {line}\n" for line in broken)
            return 1
    DOCUMENT.write_text(json.dumps(new, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
