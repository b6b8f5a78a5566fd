"""`skymarshal scenarios`: the shipped disruptions of the sample airline."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_scenarios_command"]


def add_scenarios_command(subparsers: _Subparsers) -> None:
    """Add `scenarios` to the command line."""
    scenarios = subparsers.add_parser("scenarios", help="list the shipped disruptions, or print one")
    scenarios.add_argument("name", nargs="?", help="print this one as the JSON of an event's detail")
    scenarios.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from skymarshal.operations.airline import SCENARIOS, scenario_event

    today: date = datetime.now(UTC).date()
    if chosen.name:
        sys.stdout.write(json.dumps(scenario_event(chosen.name, today), indent=2) + "\n")
        return 0
    for name, title in SCENARIOS.items():
        sys.stdout.write(f"{name:<12} {title}\n")
    return 0
