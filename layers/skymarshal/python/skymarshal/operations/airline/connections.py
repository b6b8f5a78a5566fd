"""Minimum connection times at the airports of the sample airline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from skymarshal.operations.airline.world import AIRPORTS, CARRIER, HUB
from skymarshal.operations.records import MinimumConnectionTime

__all__ = ["PRECLEARANCE_TERMINAL", "minimum_connection", "minimum_connection_times"]

PRECLEARANCE_TERMINAL: Final = "A-USPC"
"""The gates behind US pre-clearance at the hub."""

_STANDARD: Final = {"AUH": 60, "FRA": 45, "VIE": 25, "AMS": 50, "CDG": 60, "ZRH": 40, "LHR": 75, "JFK": 120}
_OTHERWISE: Final = 75
_PRECLEARANCE: Final = 90
_HEATHROW_TERMINAL_CHANGE: Final = {"BA": 90, "EI": 90}


def minimum_connection_times() -> Iterator[MinimumConnectionTime]:
    """Yield a standard time for every airport, and what is stricter for a terminal or a carrier."""
    for airport in AIRPORTS:
        yield _row(airport, "INT-INT", _STANDARD.get(airport, _OTHERWISE))
    yield _row(HUB, "INT-INT#USPC", _PRECLEARANCE, terminal_to=PRECLEARANCE_TERMINAL)
    for carrier, minutes in _HEATHROW_TERMINAL_CHANGE.items():
        yield _row("LHR", f"INT-DOM#{CARRIER}-{carrier}", minutes, carrier_to=carrier)


def minimum_connection(airport: str, carrier_to: str, terminal_to: str | None) -> timedelta:
    """Return the time that a connection from one of the airline's own flights needs."""
    minutes = _STANDARD.get(airport, _OTHERWISE)
    if airport == HUB and terminal_to == PRECLEARANCE_TERMINAL:
        minutes = _PRECLEARANCE
    if airport == "LHR":
        minutes = _HEATHROW_TERMINAL_CHANGE.get(carrier_to, minutes)
    return timedelta(minutes=minutes)


def _row(
    airport: str,
    connection_type: str,
    minutes: int,
    *,
    terminal_to: str | None = None,
    carrier_to: str | None = None,
) -> MinimumConnectionTime:
    return MinimumConnectionTime(
        airport=airport,
        connection_type=connection_type,
        terminal_from=None,
        terminal_to=terminal_to,
        carrier_from=None if carrier_to is None else CARRIER,
        carrier_to=carrier_to,
        minutes=minutes,
        valid_from=date(2024, 1, 1),
        valid_to=None,
        source="sample",
    )
