"""The shipped scenarios as event details."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Final

import msgspec

from skymarshal.operations.errors import UnknownScenarioError

__all__ = ["SCENARIOS", "scenario_event"]

SCENARIOS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hydraulic": "A hydraulic leak on EY283 to London, half an hour before departure",
        "crew": "EY264 waits four hours for fuel and its crew runs out of duty time",
        "fog": "Fog at Lahore when EY241 is to arrive",
        "curfew": "EY122 is late in Frankfurt and the night begins",
        "connections": "EY205 comes in late with forty tight connections",
    }
)
"""What is shipped, with a title; `skymarshal.operations.airline.situations` says what each rests on."""


def scenario_event(name: str, today: date) -> dict[str, object]:
    """Return the detail of a `FlightDisruption` event for the sample airline generated around `today`.

    Raises:
        UnknownScenarioError: No shipped scenario has this name.
    """
    if name not in SCENARIOS:
        raise UnknownScenarioError(name, tuple(SCENARIOS))
    template = resources.files(__package__).joinpath("scenarios", f"{name}.json").read_text("utf-8")
    for placeholder, day in (
        ("{yesterday}", today - timedelta(days=1)),
        ("{today}", today),
        ("{tomorrow}", today + timedelta(days=1)),
    ):
        template = template.replace(placeholder, day.isoformat())
    return msgspec.json.decode(template, type=dict[str, object])
