"""Rides along in the functions' processes: numbers their calls of AWS, and ends a process at one of them.

It is run by its file's name in processes that know nothing of this package, and hears of the calls from
botocore. In the folder that it is given, each thread that is watched has a folder, by the thread's id and
by the disruption's:

    calls     a line for each call, and for each beginning and end of an invocation
    strike    where a process ends; absent in an undisturbed run
    struck    made by the process that ends, so that none does a second time
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

__all__ = ["BEGUN", "CALLS", "ENDED", "STRIKE", "STRUCK", "accompany"]

CALLS: Final = "calls"
STRIKE: Final = "strike"
STRUCK: Final = "struck"
BEGUN: Final = "begun"
ENDED: Final = "ended"

_CALL: Final = "rider_call"

Handler: TypeAlias = Callable[[Any, Any], Any]


def accompany(function: str, notes: str) -> Callable[[Handler], Handler]:
    """Hear of every call of AWS that this process makes from now on; return what wraps its handler."""
    from botocore import handlers

    rider = _Rider(function, Path(notes))
    handlers.BUILTIN_HANDLERS.extend([("before-call", rider.before), ("after-call", rider.after)])
    return rider.wrap


class _Rider:
    def __init__(self, function: str, notes: Path) -> None:
        self._function = function
        self._notes = notes
        self._watched: _Invocation | None = None

    def wrap(self, handler: Handler) -> Handler:
        def accompanied(event: object, context: object) -> object:
            thread = _thread_of(event)
            folder = None if thread is None else self._notes / thread
            if folder is None or not folder.is_dir():
                return handler(event, context)
            self._watched = watched = _Invocation(self._function, folder)
            try:
                return handler(event, context)
            finally:
                self._watched = None
                watched.end()

        return accompanied

    def before(self, model: Any, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:  # noqa: ANN401 botocore's
        if self._watched is not None:
            context[_CALL] = call = self._watched.note(_name_of(model, params))
            self._watched.strike(call, "before")

    def after(self, context: Mapping[str, Any], **_: object) -> None:
        if self._watched is not None and _CALL in context:
            self._watched.strike(context[_CALL], "after")


class _Invocation:
    """One invocation for a thread that is watched."""

    def __init__(self, function: str, folder: Path) -> None:
        self._folder = folder
        self._made: Counter[str] = Counter()
        self._lock = threading.Lock()
        begun = f"{function} {BEGUN}\n"
        earlier = (folder / CALLS).read_text().count(begun) if (folder / CALLS).exists() else 0
        self._name = f"{function}:{earlier + 1}"
        self._write(begun)
        self._strike = (folder / STRIKE).read_text() if (folder / STRIKE).exists() else None

    def note(self, name: str) -> str:
        # Like calls are counted apart from others: those that are made at once come in any order.
        with self._lock:
            self._made[name] += 1
            call = f"{self._name}:{self._made[name]} {name}"
            self._write(f"{call}\n")
        return call

    def strike(self, call: str, when: str) -> None:
        if self._strike != f"{call} {when}":
            return
        try:
            (self._folder / STRUCK).touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def end(self) -> None:
        self._write(f"{self._name} {ENDED}\n")

    def _write(self, line: str) -> None:
        # One write to the end of a file is whole, whoever else writes to it.
        with (self._folder / CALLS).open("a") as calls:
            calls.write(line)


def _thread_of(event: object) -> str | None:
    """Return the thread or the disruption that an invocation is for; None where it is for several or none."""
    match event:
        case {"thread_id": str(thread)}:
            return thread
        case {"Records": [{"body": body}]}:
            return str(json.loads(body).get("detail", {}).get("disruption_id"))
        case {"rawPath": str(path), "requestContext": {"http": {"method": "POST"}}} if "/threads/" in path:
            return path.partition("/threads/")[2].partition("/")[0]
    return None


def _name_of(model: Any, params: Mapping[str, Any]) -> str:  # noqa: ANN401 botocore's
    """Return the operation and, where it has one, the table."""
    name = f"{model.service_model.service_name}.{model.name}"
    if model.service_model.service_name != "dynamodb":
        return name
    asked = json.loads(params["body"])
    tables = [asked["TableName"]] if "TableName" in asked else sorted(asked.get("RequestItems", ()))
    return " ".join([name, *tables])
