"""Reprotection at the least cost: who gets which of the seats that several passengers could use."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from skymarshal.calculators.passengers import CABINS, PassengerFacts
from skymarshal.calculators.reprotection import (
    PassengerOutcome,
    Reprotection,
    ready_at_origin,
    reprotect,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.times import hours
from skymarshal.operations.records import Booking, Segment
from skymarshal.recovery.assignment import Choice, Group, assign
from skymarshal.recovery.journey_prices import JourneyPrices
from skymarshal.recovery.journeys import Journey, journeys

__all__ = ["least_cost_reprotection"]

_NEEDS: Final = frozenset({"MEDA", "UMNR", "WCHR", "WCHS", "WCHC"})


def least_cost_reprotection(prices: JourneyPrices) -> Callable[..., Reprotection]:
    """Return a reprotection that takes what `skymarshal.calculators.reprotection.reprotect` takes.

    It differs in one thing: the seats do not go one by one in order of priority, but so that the sum over
    all passengers is the least; a higher tier and a special need weigh more.
    """

    def at_least_cost(
        facts: PassengerFacts,
        candidate: Candidate,
        *,
        not_before: datetime,
        departures: Mapping[str, datetime] | None = None,
        seats: Mapping[str, int] | None = None,
    ) -> Reprotection:
        in_order = reprotect(facts, candidate, not_before=not_before, departures=departures, seats=seats)
        waiting = _waiting(facts, candidate, in_order, not_before)
        if not waiting:
            return in_order
        return _assigned(facts, candidate, in_order, waiting, prices)

    return at_least_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A passenger without a journey: what remains of it and from when."""

    place: int
    outcome: PassengerOutcome
    segments: tuple[Segment, ...]
    ready: datetime
    ready_at_origin: datetime | None = None


_Key = tuple[tuple[str, ...], datetime, datetime | None, str, str, bool, datetime, str, Decimal | None]
"""What the costs of all journeys depend on: the fare only where a cabin lower than was sold is possible."""


def _waiting(
    facts: PassengerFacts, candidate: Candidate, found: Reprotection, not_before: datetime
) -> list[_Waiting]:
    minimums = {one.booking.segment_passenger: one.minimum for one in facts.connections.connections}
    waiting: list[_Waiting] = []
    for place, outcome in enumerate(found.outcomes):
        booking = outcome.booking
        at_origin = ready_at_origin(facts, booking, not_before)
        reroutes = candidate.kind is CandidateKind.REROUTE and not outcome.cancelled
        if outcome.cancelled:
            ready = at_origin
            segments = booking.segments[booking.segment - 1 :]
        elif outcome.misconnected is not None and candidate.on_block is not None:
            ready = candidate.on_block + (minimums.get(booking.segment_passenger) or timedelta(0))
            segments = booking.segments[booking.segment :]
        else:
            continue
        waiting.append(
            _Waiting(
                place=place,
                outcome=outcome,
                segments=segments,
                ready=ready,
                ready_at_origin=at_origin if reroutes else None,
            )
        )
    return waiting


def _assigned(
    facts: PassengerFacts,
    candidate: Candidate,
    in_order: Reprotection,
    waiting: list[_Waiting],
    prices: JourneyPrices,
) -> Reprotection:
    groups: dict[_Key, list[_Waiting]] = {}
    for one in waiting:
        groups.setdefault(_key(facts, one), []).append(one)
    partners = candidate.kind is not CandidateKind.CANCEL
    known: dict[tuple[object, ...], list[Journey]] = {}
    ways: list[list[Journey]] = []
    for some in groups.values():
        alike = _alike(some[0])
        if alike not in known:
            known[alike] = _ways(facts, some[0], partners=partners)
        ways.append(known[alike])
    problem = [
        Group(
            size=len(some),
            without=prices.stranded * _weight(facts, some[0].outcome.booking, prices),
            choices=tuple(
                Choice(
                    uses=tuple((leg.flight_id, cabin) for leg, cabin in zip(way.on, way.cabins, strict=True)),
                    cost=_cost(facts, some[0].outcome.booking, way, prices),
                )
                for way in found
            ),
        )
        for some, found in zip(groups.values(), ways, strict=True)
    ]
    room: dict[Hashable, int] = {
        (one.flight_id, cabin): free
        for found in facts.alternatives.values()
        for one in found
        for cabin, free in one.seats.items()
    }
    outcomes = list(in_order.outcomes)
    for some, found, counts in zip(groups.values(), ways, assign(problem, room), strict=True):
        given = [way for way, count in zip(found, counts, strict=True) for _ in range(count)]
        for number, one in enumerate(some):
            way = given[number] if number < len(given) else None
            outcomes[one.place] = _travelling(facts, candidate, one.outcome, way)
    return Reprotection(outcomes=tuple(outcomes))


def _alike(one: _Waiting) -> tuple[object, ...]:
    """Return what the journeys of a passenger depend on."""
    booking = one.outcome.booking
    return (
        tuple((segment.flight_id, segment.destination) for segment in one.segments),
        one.ready,
        one.ready_at_origin,
        booking.final_destination,
        booking.cabin,
    )


def _ways(facts: PassengerFacts, one: _Waiting, *, partners: bool) -> list[Journey]:
    """Return the journeys onward and, where the passenger may be rerouted, the own ones from the origin."""
    booking = one.outcome.booking
    found = journeys(facts, booking, one.segments, one.ready, partners=partners)
    if one.ready_at_origin is not None:
        whole = booking.segments[booking.segment - 1 :]
        found += journeys(facts, booking, whole, one.ready_at_origin, partners=False)
    return found


def _travelling(
    facts: PassengerFacts, candidate: Candidate, outcome: PassengerOutcome, way: Journey | None
) -> PassengerOutcome:
    flight = facts.flight
    at_origin = outcome.cancelled or (way is not None and way.on[0].origin == flight.origin)
    waits_from = flight.std if at_origin or candidate.on_block is None else candidate.on_block
    lower = outcome.seated_lower and not at_origin
    outcome = replace(
        outcome, waits_at=flight.origin if at_origin else flight.destination, waits_from=waits_from
    )
    if way is None:
        return replace(outcome, on=(), arrival=None, departs=None, downgraded=lower)
    return replace(
        outcome,
        on=way.on,
        arrival=way.arrival,
        departs=way.departs,
        downgraded=lower or way.lower_than(outcome.booking.cabin),
    )


def _key(facts: PassengerFacts, one: _Waiting) -> _Key:
    booking = one.outcome.booking
    return (
        tuple(segment.flight_id for segment in one.segments),
        one.ready,
        one.ready_at_origin,
        booking.cabin,
        facts.tier(booking),
        bool(_NEEDS.intersection(facts.ssrs(booking))),
        booking.final_sta,
        booking.final_destination,
        booking.fare if booking.cabin != CABINS[-1] else None,
    )


def _weight(facts: PassengerFacts, booking: Booking, prices: JourneyPrices) -> float:
    tier = prices.late_hour[facts.tier(booking)] / prices.late_hour["none"]
    return tier * (prices.special_needs if _NEEDS.intersection(facts.ssrs(booking)) else 1.0)


def _cost(facts: PassengerFacts, booking: Booking, way: Journey, prices: JourneyPrices) -> float:
    late = max(hours(way.arrival - booking.final_sta), 0.0)
    cost = late * prices.late_hour["none"] * _weight(facts, booking, prices) + prices.rebooking
    for leg in way.on:
        if not leg.own:
            distance = facts.distances_km.get((leg.origin, leg.destination), 0.0)
            cost += distance * prices.seat_km.get(booking.cabin, 0.0)
    if way.lower_than(booking.cabin):
        cost += prices.lower_cabin * float(booking.fare)
    return cost
