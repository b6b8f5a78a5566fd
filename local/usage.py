"""What one thread cost: calls and units from the logs, transitions from the execution's history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["ThreadUsage", "transitions", "usage_of"]

_STATES_OF_AN_AGENT: Final = 2
"""The choice of the agent and its task: what runs inside a map is not in the emulator's history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadUsage:
    """What the functions of one thread asked of AWS. Units are as the embedded AWS reports them."""

    invocations: int
    calls: Mapping[str, int]
    read_units: float
    write_units: float


def usage_of(function_logs: Path, thread_id: str) -> ThreadUsage:
    """Return the usage of `thread_id`, added up over all functions' logs."""
    invocations = 0
    calls: dict[str, int] = {}
    read_units = write_units = 0.0
    for entry in _entries(function_logs):
        if entry.get("message") != "used" or entry.get("correlation_id") != thread_id:
            continue
        invocations += 1
        read_units += entry["read_units"]
        write_units += entry["write_units"]
        for service, count in entry["by_service"].items():
            calls[service] = calls.get(service, 0) + count
    return ThreadUsage(invocations=invocations, calls=calls, read_units=read_units, write_units=write_units)


def transitions(history: list[Mapping[str, Any]], agent_runs: int) -> tuple[int, int]:
    """Return the state transitions outside the maps and inside them."""
    entered = sum(1 for event in history if event["type"].endswith("StateEntered"))
    return entered, agent_runs * _STATES_OF_AN_AGENT


def _entries(function_logs: Path) -> Iterator[dict[str, Any]]:
    for log in sorted(function_logs.glob("*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    # The last line of a function that is just writing it.
                    continue
                yield entry
