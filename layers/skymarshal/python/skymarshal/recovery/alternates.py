"""The airports at which a flight could land instead of its destination, and what the event says of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import AgentName, Evidence
from skymarshal.domain.disruption import Disruption, ReportedAlternate
from skymarshal.domain.geo import great_circle_km
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, Flight
from skymarshal.recovery.policy import SearchLimits

__all__ = ["Alternates", "alternates_of", "leg", "minutes_at_cruise", "reported", "reported_checks"]

_NETWORK_SPAN: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternates:
    """Both ends of a flight and the alternates looked at, the nearest to the destination first."""

    origin: Airport
    destination: Airport
    airports: tuple[Airport, ...]


def alternates_of(
    operations: Operations, flight: Flight, disruption: Disruption, search: SearchLimits
) -> Alternates | None:
    """Return the airports at which the flight could land; None where the row of one end is missing.

    They are those that the event names and, of the airports that the airline serves from either end within
    twelve hours of the departure, some nearest to the destination. Two accesses in sequence.
    """
    start, end = flight.std - _NETWORK_SPAN, flight.std + _NETWORK_SPAN
    departures = operations.gather(
        lambda: operations.departures(flight.origin, start, end),
        lambda: operations.departures(flight.destination, start, end),
    )
    ends = {flight.origin, flight.destination}
    named = {one.airport for one in disruption.details.alternates} - ends
    served = {one.destination for found in departures for one in found} - ends
    rows = {one.airport: one for one in operations.airports(sorted(ends | named | served))}
    origin, destination = rows.pop(flight.origin, None), rows.pop(flight.destination, None)
    if origin is None or destination is None:
        return None
    nearest = sorted(rows.values(), key=lambda one: (_kilometres(one, destination), one.airport))
    near = [
        one.airport
        for one in nearest
        if one.airport not in named and _kilometres(one, destination) <= search.farthest_alternate_km
    ]
    chosen = named.union(near[: search.most_alternates])
    return Alternates(
        origin=origin,
        destination=destination,
        airports=tuple(one for one in nearest if one.airport in chosen),
    )


def leg(flight: Flight, origin: Airport, destination: Airport, std: datetime, suffix: str = "") -> Flight:
    """Return a sector that no schedule holds, at the speed and with the taxi time that `flight` has."""
    distance = _kilometres(origin, destination)
    flying = minutes_at_cruise(flight, distance)
    block = flying + flight.block - flight.flight_time
    return replace(
        flight,
        flight_id=f"{flight.flight_id}{suffix}",
        origin=origin.airport,
        destination=destination.airport,
        std=std,
        sta=std + block,
        etd=None,
        eta=None,
        block=block,
        flight_time=flying,
        distance_km=round(distance),
    )


def minutes_at_cruise(flight: Flight, distance_km: float) -> timedelta:
    """Return the flight time over a distance at the speed that `flight` is scheduled with, to the minute."""
    scheduled = flight.flight_time / timedelta(minutes=1)
    return timedelta(minutes=math.ceil(distance_km / flight.distance_km * scheduled))


def reported(disruption: Disruption, airport: str) -> ReportedAlternate:
    """Return what the event says of an alternate: nothing, if it does not name it."""
    named = (one for one in disruption.details.alternates if one.airport == airport)
    return next(named, ReportedAlternate(airport=airport))


def reported_checks(
    disruption: Disruption, flight: Flight, airport: str, stay: tuple[datetime, datetime] | None
) -> list[ConstraintCheck]:
    """Return what only the event can say of an alternate: unknown where it does not.

    Args:
        disruption: the event.
        flight: the flight that would land there.
        airport: the alternate.
        stay: when it would be there; None if not known.
    """
    one = reported(disruption, airport)
    between = one.handling_start, one.handling_end
    handled = None
    if stay is not None and between[0] is not None and between[1] is not None:
        handled = between[0] <= stay[0] and stay[1] <= between[1]
    facts = (
        ("runway_suits", f"the runway of {airport} takes a {flight.aircraft_type}", one.runway_suits),
        ("traffic_rights", f"the flight has the rights to land at {airport} and go on", one.traffic_rights),
        (
            "handling_start, handling_end",
            f"{airport} handles the flight and clears it while it stands there",
            handled,
        ),
        ("charges_usd", f"{airport} has named its charges", None if one.charges_usd is None else True),
    )
    return [_check(disruption, airport, name, words, holds) for name, words, holds in facts]


def _check(
    disruption: Disruption, airport: str, name: str, words: str, holds: bool | None
) -> ConstraintCheck:
    key = f"{disruption.disruption_id} alternates {airport}"
    if holds is None:
        text = f"No table says whether {words}, nor does the event (details.alternates: {name})."
        return ConstraintCheck(agent=AgentName.REGULATORY, text=text, outcome=CheckOutcome.UNKNOWN)
    return ConstraintCheck(
        agent=AgentName.REGULATORY,
        text=f"The event says that {words}." if holds else f"The event does not say that {words}.",
        outcome=CheckOutcome.KEPT if holds else CheckOutcome.BROKEN,
        evidence=(Evidence(table=DISRUPTION_DETAIL_TYPE, key=key, field=name, value=str(holds).lower()),),
    )


def _kilometres(one: Airport, other: Airport) -> float:
    return great_circle_km(one.lat, one.lon, other.lat, other.lon)
