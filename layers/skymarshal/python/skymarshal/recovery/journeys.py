"""The ways in which a passenger could still reach the final destination, whoever else wants the seats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.passengers import CABINS, Alternative, PassengerFacts, Route
from skymarshal.operations.records import Booking, Segment

__all__ = ["MOST_JOURNEYS", "Journey", "journeys"]

MOST_JOURNEYS: Final = 1_000
"""Journeys looked at for one passenger, the earliest arrivals first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Seats on one flight or several that bring a passenger to the final destination."""

    on: tuple[Alternative, ...]
    cabins: tuple[str, ...]
    arrival: datetime

    @property
    def departs(self) -> datetime:
        """When the first of the flights leaves."""
        return self.on[0].departs

    def lower_than(self, sold: str) -> bool:
        """Return whether any of the seats is in a lower cabin than was sold."""
        return any(CABINS.index(cabin) > CABINS.index(sold) for cabin in self.cabins)


def journeys(
    facts: PassengerFacts,
    booking: Booking,
    segments: tuple[Segment, ...],
    ready: datetime,
    *,
    partners: bool,
) -> list[Journey]:
    """Return the journeys from `ready` on, the earliest arrivals first.

    The remaining segments are flown one by one, keeping each one as sold that can still be made, or one
    flight goes to the final destination. A cabin is offered where it has a seat at all.

    Args:
        facts: the passengers and the other flights.
        booking: whose journey it is.
        segments: what remains of it.
        ready: from when the passenger can depart.
        partners: whether seats on partners may be used.
    """
    if not segments:
        return []
    found = list(_stepwise(facts, segments, ready, partners=partners))
    if len(segments) > 1:
        route = (segments[0].origin, booking.final_destination)
        found += [
            Journey(on=(one,), cabins=(cabin,), arrival=one.arrives)
            for one, cabin in _seats(facts, route, ready, partners=partners)
        ]
    return sorted(found, key=lambda one: _order(one, booking.cabin))[:MOST_JOURNEYS]


def _stepwise(
    facts: PassengerFacts, segments: tuple[Segment, ...], ready: datetime, *, partners: bool
) -> Iterator[Journey]:
    first, rest = segments[0], segments[1:]
    for one, cabin in _seats(facts, (first.origin, first.destination), ready, partners=partners):
        for onward in _onward(facts, rest, one.arrives, partners=partners):
            yield Journey(
                on=(one, *(leg for leg, _ in onward.taken)),
                cabins=(cabin, *(cabin_ for _, cabin_ in onward.taken)),
                arrival=onward.arrival,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Onward:
    taken: tuple[tuple[Alternative, str], ...]
    arrival: datetime


def _onward(
    facts: PassengerFacts, segments: tuple[Segment, ...], arrived: datetime, *, partners: bool
) -> Iterator[_Onward]:
    if not segments:
        yield _Onward(taken=(), arrival=arrived)
        return
    segment, rest = segments[0], segments[1:]
    connection = facts.connections.onward.get(segment.flight_id)
    if connection is None or connection.minimum is None:
        return
    ready = arrived + connection.minimum
    if ready <= connection.departs and connection.stopped is False:
        yield from _onward(facts, rest, segment.sta, partners=partners)
        return
    for one, cabin in _seats(facts, (segment.origin, segment.destination), ready, partners=partners):
        for onward in _onward(facts, rest, one.arrives, partners=partners):
            yield _Onward(taken=((one, cabin), *onward.taken), arrival=onward.arrival)


def _seats(
    facts: PassengerFacts, route: Route, ready: datetime, *, partners: bool
) -> Iterator[tuple[Alternative, str]]:
    for one in facts.alternatives.get(route, ()):
        if one.departs < ready or not (one.own or partners):
            continue
        for cabin in CABINS:
            if one.seats.get(cabin, 0) > 0:
                yield one, cabin


def _order(journey: Journey, sold: str) -> tuple[timedelta, int, int, tuple[str, ...]]:
    epoch = datetime.min.replace(tzinfo=journey.arrival.tzinfo)
    moved = sum(abs(CABINS.index(cabin) - CABINS.index(sold)) for cabin in journey.cabins)
    return journey.arrival - epoch, moved, len(journey.on), tuple(one.flight_id for one in journey.on)
