"""The shipped scenarios as event details."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources
from typing import Final

import msgspec

from skymarshal.operations.errors import UnknownScenarioError

__all__ = ["SCENARIOS", "scenario_event"]

SCENARIOS: Final = (
    "hydraulic-fault",
    "crew-duty-time",
    "fog-at-destination",
    "curfew-closing",
    "tight-connections",
)
"""What is shipped; `skymarshal.operations.airline.situations` says what each rests on."""


def scenario_event(name: str, today: date) -> dict[str, object]:
    """Return the detail of a `FlightDisruption` event for the sample airline generated around `today`.

    Raises:
        UnknownScenarioError: No shipped scenario has this name.
    """
    if name not in SCENARIOS:
        raise UnknownScenarioError(name, SCENARIOS)
    template = resources.files(__package__).joinpath("scenarios", f"{name}.json").read_text("utf-8")
    for placeholder, day in (
        ("{yesterday}", today - timedelta(days=1)),
        ("{today}", today),
        ("{tomorrow}", today + timedelta(days=1)),
    ):
        template = template.replace(placeholder, day.isoformat())
    return msgspec.json.decode(template, type=dict[str, object])
