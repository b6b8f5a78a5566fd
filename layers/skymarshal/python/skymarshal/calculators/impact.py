"""Everything that one candidate does to passengers, network, cargo and money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from skymarshal.calculators.closures import Closures, noticed_closures, reported_closures
from skymarshal.calculators.connections import MissedConnections, missed_connections
from skymarshal.calculators.cost_drivers import cargo_loss, later_flights, rebooking_of
from skymarshal.calculators.costs import CostEstimate, cost_of
from skymarshal.calculators.knock_on import KnockOn, RotationFacts, knock_on, load_rotation_facts
from skymarshal.calculators.owed import Owed, owed
from skymarshal.calculators.passengers import PassengerFacts, load_passenger_facts
from skymarshal.calculators.rates import RateTable, load_rates
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.calculators.shipments import CargoFacts, ShipmentRisk, load_cargo_facts, shipments_at_risk
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.ftl import EASA, FtlProfile
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight

__all__ = [
    "REBOOKING_LEAD",
    "BusinessFacts",
    "BusinessImpact",
    "business_impact",
    "load_business_facts",
    "reported_release",
]

REBOOKING_LEAD: Final = timedelta(hours=1)
"""From the decision until the earliest flight at the same airport that a passenger can be moved to."""

_BROKEN_TAIL: Final = (DisruptionType.TECHNICAL, DisruptionType.BIRD_STRIKE, DisruptionType.GROUND_DAMAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessFacts:
    """The rows that the business calculators need, read once for all candidates of a flight."""

    flight: Flight
    rotation: RotationFacts
    passengers: PassengerFacts
    cargo: CargoFacts
    rates: RateTable

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The rows that were missing."""
        return (*self.rotation.unknowns, *self.passengers.unknowns, *self.cargo.unknowns)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessImpact:
    """What one candidate does; `delay` is that of its departure, none where it does not operate."""

    candidate: Candidate
    delay: timedelta
    knock_on: KnockOn
    connections: MissedConnections
    reprotection: Reprotection
    owed: Owed
    shipments: tuple[ShipmentRisk, ...]
    cost: CostEstimate

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What could not be computed for this candidate."""
        return tuple(dict.fromkeys((*self.owed.unknowns, *self.cost.unknowns)))


def load_business_facts(
    operations: Operations,
    flight: Flight,
    registrations: Iterable[str] = (),
    *,
    disruption: Disruption,
    profile: FtlProfile = EASA,
) -> BusinessFacts:
    """Read what the candidates of a flight need; `registrations` are the tails that may replace its own.

    Nobody and nothing is moved to a flight that leaves or lands where `disruption` or a notice closes the
    airport. At most four accesses in sequence.
    """

    def read_passengers() -> tuple[PassengerFacts, Closures]:
        facts = load_passenger_facts(operations, flight)
        onward = (leg for one in facts.bookings for leg in one.segments[one.segment :])
        codes = {code for leg in onward for code in (leg.origin, leg.destination)}
        codes |= {code for route in facts.alternatives for code in route}
        ends = sorted({flight.origin, flight.destination} | codes)
        notices, airports = operations.gather(
            lambda: operations.gather(*(partial(operations.notams, code) for code in ends)),
            lambda: operations.airports(ends),
        )
        return facts, noticed_closures(
            dict(zip(ends, notices, strict=True)), {one.airport: one for one in airports}
        )

    rotation, (passengers, noticed), cargo, rates = operations.gather(
        lambda: load_rotation_facts(operations, flight, registrations, profile=profile),
        read_passengers,
        lambda: load_cargo_facts(operations, flight),
        lambda: load_rates(operations, flight.std.date()),
    )
    closures = reported_closures(disruption, flight) | noticed
    return BusinessFacts(
        flight=flight,
        rotation=rotation,
        passengers=closures.for_passengers(passengers),
        cargo=closures.for_shipments(cargo),
        rates=rates,
    )


def business_impact(
    facts: BusinessFacts,
    candidate: Candidate,
    disruption: Disruption,
    *,
    released: Mapping[str, datetime] | None = None,
    reprotected_by: Callable[..., Reprotection] = reprotect,
) -> BusinessImpact:
    """Return what `candidate` does: a pure function of its arguments.

    Its connecting flights leave as late as a later flight of its tail or crew makes them, or as they are
    held. What holding them does to their own passengers is an impact of its own.

    `released` says from when a tail that is taken off the flight can fly again (see `knock_on`); by
    default it is what the report says. `reprotected_by` gives the seats out in place of `reprotect`.
    """
    flight = facts.flight
    tail = facts.rotation.aircraft.get(candidate.registration or flight.registration)
    if released is None:
        released = reported_release(disruption, flight)
    following = knock_on(facts.rotation, candidate, released=released)
    departures = following.departures
    for flight_id, at in candidate.held_flights.items():
        departures[flight_id] = max(at, departures.get(flight_id, at))
    reprotection = reprotected_by(
        facts.passengers,
        candidate,
        not_before=disruption.reported_at + REBOOKING_LEAD,
        departures=departures,
        seats=None if tail is None or tail.registration == flight.registration else tail.seats,
    )
    if candidate.on_block is None:
        connections = MissedConnections(
            total=len(facts.passengers.connections.connections),
            missed=facts.passengers.connections.connections,
            unknown=(),
        )
    else:
        connections = missed_connections(facts.passengers.connections, candidate.on_block, departures)
    due = owed(facts.passengers, candidate, reprotection, disruption)
    risks = shipments_at_risk(
        facts.cargo, candidate.off_block, candidate.on_block, left_behind=candidate.offloaded_awbs
    )
    cost = cost_of(
        facts.rates,
        flight,
        candidate,
        later=later_flights(following),
        rebooking=rebooking_of(reprotection, facts.passengers.distances_km),
        owed=due,
        cargo=cargo_loss(risks, candidate, facts.rates),
        aircraft_type=None if tail is None else tail.aircraft_type,
        from_hub=facts.passengers.from_hub,
    )
    late = timedelta(0) if candidate.off_block is None else candidate.off_block - flight.std
    return BusinessImpact(
        candidate=candidate,
        delay=max(late, timedelta(0)),
        knock_on=following,
        connections=connections,
        reprotection=reprotection,
        owed=due,
        shipments=risks,
        cost=cost,
    )


def reported_release(disruption: Disruption, flight: Flight) -> dict[str, datetime]:
    """Return from when the report lets the planned tail fly: empty where it is broken for an unknown time."""
    details = disruption.details
    if details.repair is not None:
        return {flight.registration: disruption.reported_at + details.repair.likely}
    if details.delay is not None:
        return {flight.registration: flight.std + details.delay}
    if disruption.type in _BROKEN_TAIL:
        return {}
    return {flight.registration: flight.etd or flight.std}
