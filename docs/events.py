"""Writes docs/events.md from the events that the package tells: `python -m docs.events`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from skymarshal.contracts import OUTGOING_SOURCE
from skymarshal.orchestration.events import EVENTS, SCHEMA_VERSION, OutgoingEvent

__all__ = ["DOCUMENT", "render", "schema_of"]

DOCUMENT = Path(__file__).resolve().parent / "events.md"

_HEAD = f"""\
# Events on the bus

What SkyMarshal tells, with source `{OUTGOING_SOURCE}` and the detail-types below. Made from the package by
`make docs`; a test fails when it is out of date, and another when what is told does not fit.

Events are told at least once and in no certain order. `event_id` is the same whenever the same thing is told
again. `schema_version` is {SCHEMA_VERSION}: a field may be added under it, so read only what you know; any
other change is a new version.
"""


def schema_of(event: type[OutgoingEvent]) -> dict[str, Any]:
    """Return the JSON Schema of an event's detail on the bus."""
    (_,), components = msgspec.json.schema_components([event], ref_template="#/$defs/{name}")
    own = components.pop(event.__name__)
    own["properties"] = {
        "schema_version": {"const": SCHEMA_VERSION},
        "event_id": {"type": "string", "format": "uuid"},
        **own["properties"],
    }
    own["required"] = ["schema_version", "event_id", *own["required"]]
    own.pop("description", None)
    # How far a docstring is indented hangs on the interpreter.
    for each in components.values():
        if "description" in each:
            each["description"] = inspect.cleandoc(each["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **own,
        **({"$defs": components} if components else {}),
    }


def render() -> str:
    """Return the document."""
    parts = [_HEAD]
    for event in EVENTS:
        schema = json.dumps(schema_of(event), indent=2)
        parts.append(f"\n## {event.__name__}\n\n{inspect.getdoc(event)}\n\n```json\n{schema}\n```\n")
    return "".join(parts)


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(render())


if __name__ == "__main__":
    main()
