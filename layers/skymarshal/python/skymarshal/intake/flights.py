"""Finding the flight that a report means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from skymarshal.intake.errors import AmbiguousDisruption, InvalidDisruption
from skymarshal.operations.records import Airport, Flight

__all__ = ["FlightLookup", "LocalDay", "find_flight", "flight_of_number"]

LocalDay = Callable[[tzinfo], date]
"""A day as somebody at a place means it: given the place's zone, its date."""

_UPCOMING: Final = timedelta(hours=24)
_NOT_LONG_GONE: Final = timedelta(hours=6)


class FlightLookup(Protocol):
    """The access to the operational tables that intake needs."""

    def flight(self, flight_id: str) -> Flight | None:
        """Return the flight with this id."""
        ...

    def flights_by_number(self, flight_number: str, flight_date: date) -> Sequence[Flight]:
        """Return the flights of this number whose scheduled departure has this UTC date."""
        ...

    def airport(self, airport: str) -> Airport | None:
        """Return the airport with this IATA code."""
        ...


def find_flight(flight_id: str, lookup: FlightLookup) -> Flight:
    """Return the flight with `flight_id`.

    Raises:
        InvalidDisruption: where the schedule has no such flight or it has already arrived or been cancelled.
    """
    flight = lookup.flight(flight_id)
    if flight is None:
        raise InvalidDisruption("flight_id", flight_id, "a flight of the schedule, such as EY283-2026-02-05")
    return _still_open(flight, "flight_id")


def flight_of_number(
    flight_number: str, local_day: LocalDay | None, now: datetime, lookup: FlightLookup
) -> Flight:
    """Return the flight of `flight_number` that leaves on `local_day`, read as local at its origin.

    Without a day, the one flight of that number that departs between six hours before `now` and a
    day after it.

    Raises:
        InvalidDisruption: where there is none.
        AmbiguousDisruption: where there is more than one.
    """
    around = now.date() if local_day is None else local_day(UTC)
    days = [around + timedelta(days=offset) for offset in (-1, 0, 1)]
    flights = [flight for day in days for flight in lookup.flights_by_number(flight_number, day)]
    if local_day is None:
        matching = [each for each in flights if now - _NOT_LONG_GONE <= each.std <= now + _UPCOMING]
        expected = "a flight of the schedule that departs within a day, or its date"
    else:
        matching = [each for each in flights if _leaves_on(local_day, each, lookup)]
        expected = f"a flight of the schedule that leaves on {around.isoformat()}, local at its origin"
    if not matching:
        raise InvalidDisruption("flight_number", flight_number, expected)
    if len(matching) > 1:
        candidates = tuple(sorted(flight.flight_id for flight in matching))
        raise AmbiguousDisruption("flight_number", flight_number, candidates)
    return _still_open(matching[0], "flight_number")


def _leaves_on(local_day: LocalDay, flight: Flight, lookup: FlightLookup) -> bool:
    origin = lookup.airport(flight.origin)
    if origin is None:
        raise InvalidDisruption(
            "flight_number", flight.flight_number, f"a row for {flight.origin} in Airports"
        )
    zone = ZoneInfo(origin.zone)
    return flight.std.astimezone(zone).date() == local_day(zone)


def _still_open(flight: Flight, field: str) -> Flight:
    if flight.status in ("arrived", "cancelled"):
        raise InvalidDisruption(
            field, flight.flight_id, f"a flight still to operate: this one has {flight.status}"
        )
    return flight
