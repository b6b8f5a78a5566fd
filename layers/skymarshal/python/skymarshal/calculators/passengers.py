"""Who is on a disrupted flight and which other flights could carry them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from skymarshal.calculators.connections import ConnectionFacts, connection_facts
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.passenger_rights import Journey, Regime, check_scope
from skymarshal.operations import Operations
from skymarshal.operations.records import (
    Aircraft,
    Airport,
    Booking,
    Flight,
    MinimumConnectionTime,
    PartnerFlight,
    Passenger,
)

__all__ = [
    "CABINS",
    "REGIME_NAMES",
    "REPROTECTION_HORIZON",
    "Alternative",
    "PassengerFacts",
    "Route",
    "load_passenger_facts",
    "own_alternative",
    "partner_alternative",
    "passenger_facts",
    "priority",
]

CABINS: Final = ("first", "business", "economy")

REGIME_NAMES: Final[tuple[Regime, ...]] = ("EU261", "UK261")

REPROTECTION_HORIZON: Final = timedelta(hours=48)
"""How far ahead other flights are looked for."""

_FIRST_SSRS: Final = ("MEDA", "UMNR", "WCHR", "WCHS", "WCHC")
_TIERS: Final = ("platinum", "gold", "silver", "none")

Route: TypeAlias = tuple[str, str]
"""Origin and destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another flight with its expected times and its free seats by cabin.

    `taxi` is how long it rolls at either end, None where that is not known.
    """

    flight_id: str
    carrier: str
    own: bool
    origin: str
    destination: str
    departs: datetime
    arrives: datetime
    seats: Mapping[str, int]
    taxi: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassengerFacts:
    """Everyone on a flight, their onward journeys and what else flies.

    `passengers` is by id; a booking whose passenger is not there has no known tier or SSR.
    `alternatives` are by route, ascending by arrival; a flight whose free seats are unknown is not
    among them. `airports` are by code. `by_priority` are the bookings in the order that seats go by.
    `distances_km` are great-circle distances of the alternatives' and the journeys' routes, where both
    airports are known, and `regimes` the compensation regimes that cover a journey, by its first
    departure and final destination; a journey to or from an unknown airport is not among them.
    """

    flight: Flight
    bookings: tuple[Booking, ...]
    passengers: Mapping[str, Passenger]
    connections: ConnectionFacts
    alternatives: Mapping[Route, tuple[Alternative, ...]]
    airports: Mapping[str, Airport]
    by_priority: tuple[Booking, ...]
    distances_km: Mapping[Route, float]
    regimes: Mapping[Route, tuple[Regime, ...]]
    unknowns: tuple[Unknown, ...] = ()

    @property
    def from_hub(self) -> bool:
        """Whether the flight is known to start at the airline's hub."""
        origin = self.airports.get(self.flight.origin)
        return origin is not None and origin.hub

    def ssrs(self, booking: Booking) -> tuple[str, ...]:
        """The special service requests of a booking's passenger."""
        passenger = self.passengers.get(booking.passenger_id)
        return () if passenger is None else passenger.ssrs

    def tier(self, booking: Booking) -> str:
        """The tier of a booking's passenger, `unknown` where the passenger is."""
        passenger = self.passengers.get(booking.passenger_id)
        return "unknown" if passenger is None else passenger.tier


def priority(booking: Booking, passenger: Passenger | None) -> tuple[int, int, int, str]:
    """Return the order in which seats are given: special needs, then tier, then cabin.

    A child alone, a sick or a disabled passenger comes first whatever was paid (for disabled
    passengers: Regulation (EC) 261/2004 Article 11).
    """
    needs = passenger is not None and any(ssr in _FIRST_SSRS for ssr in passenger.ssrs)
    tier = len(_TIERS) if passenger is None else _TIERS.index(passenger.tier)
    return (0 if needs else 1, tier, CABINS.index(booking.cabin), booking.segment_passenger)


def load_passenger_facts(operations: Operations, flight: Flight) -> PassengerFacts:
    """Read everyone on a flight, their connections and the flights that could carry them.

    At most three accesses in sequence.
    """
    bookings = operations.bookings_of_flight(flight.flight_id)
    journeys = {segment for booking in bookings for segment in _remaining_routes(booking)}
    origins = sorted({route[0] for route in journeys} & {flight.origin, flight.destination})
    start = flight.std - timedelta(hours=1)
    end = flight.sta + REPROTECTION_HORIZON
    onward_ids = sorted({onward.flight_id for booking in bookings if (onward := booking.onward) is not None})
    codes = {flight.origin, flight.destination}
    codes |= {code for booking in bookings for code in (booking.journey_origin, booking.final_destination)}
    codes |= {route[0] for route in journeys}

    def read_own() -> tuple[list[Flight], list[Aircraft]]:
        departures = operations.gather(*(partial(operations.departures, o, start, end) for o in origins))
        legs = [
            leg
            for found in departures
            for leg in found
            if (leg.origin, leg.destination) in journeys
            and leg.flight_id != flight.flight_id
            and leg.status == "scheduled"
            and leg.service == "passenger"
        ]
        types = sorted({leg.aircraft_type for leg in legs})
        fleets = operations.gather(*(partial(operations.aircraft_of_type, type_) for type_ in types))
        return legs, [tail for fleet in fleets for tail in fleet]

    def read_partners() -> list[PartnerFlight]:
        found = operations.gather(
            *(partial(operations.partner_flights, *route, start, end) for route in sorted(journeys))
        )
        return [leg for legs in found for leg in legs]

    def read_people() -> tuple[list[Passenger], list[Airport]]:
        return operations.gather(
            lambda: operations.passengers(booking.passenger_id for booking in bookings),
            lambda: operations.airports(sorted(codes)),
        )

    def read_connections() -> tuple[list[Flight], list[MinimumConnectionTime]]:
        return operations.gather(
            lambda: operations.flights(onward_ids),
            lambda: operations.minimum_connections(flight.destination),
        )

    (legs, fleet), partners, (people, airports), (onward_flights, minimums) = operations.gather(
        read_own, read_partners, read_people, read_connections
    )
    return passenger_facts(
        flight,
        bookings,
        passengers=people,
        airports=airports,
        connections=connection_facts(flight, bookings, onward_flights, minimums),
        own_flights=legs,
        fleet=fleet,
        partner_flights=partners,
    )


def passenger_facts(
    flight: Flight,
    bookings: Sequence[Booking],
    *,
    passengers: Iterable[Passenger] | None,
    airports: Iterable[Airport],
    connections: ConnectionFacts,
    own_flights: Iterable[Flight] = (),
    fleet: Iterable[Aircraft] = (),
    partner_flights: Iterable[PartnerFlight] = (),
) -> PassengerFacts:
    """Put together the passengers of a flight from rows; `passengers` is None where nobody looked."""
    known = {passenger.passenger_id: passenger for passenger in passengers or ()}
    tails = {tail.registration: tail for tail in fleet}
    unknowns = list(connections.unknowns)
    alternatives: dict[Route, list[Alternative]] = {}
    for leg in own_flights:
        own = own_alternative(leg, tails.get(leg.registration))
        if own is None:
            unknowns.append(
                Unknown(
                    table="Flights",
                    key=leg.flight_id,
                    field="seats_sold",
                    why="its free seats are unknown, so nobody is reprotected on it",
                )
            )
        else:
            alternatives.setdefault((leg.origin, leg.destination), []).append(own)
    for partner_flight in partner_flights:
        if partner_flight.interline:
            found = partner_alternative(partner_flight)
            alternatives.setdefault((found.origin, found.destination), []).append(found)
    looked_for = () if passengers is None else bookings
    missing = [booking.passenger_id for booking in looked_for if booking.passenger_id not in known]
    unknowns.extend(
        Unknown(table="Passengers", key=id_, field="ssrs", why="the passenger's needs and tier are unknown")
        for id_ in missing
    )
    known_airports = {airport.airport: airport for airport in airports}
    routes = {(booking.journey_origin, booking.final_destination) for booking in bookings}
    return PassengerFacts(
        flight=flight,
        bookings=tuple(bookings),
        passengers=known,
        connections=connections,
        alternatives={
            route: tuple(sorted(found, key=lambda one: (one.arrives, not one.own, one.flight_id)))
            for route, found in alternatives.items()
        },
        airports=known_airports,
        distances_km=_distances(routes | alternatives.keys(), known_airports),
        regimes=_regimes(flight, routes, known_airports),
        unknowns=tuple(unknowns),
        by_priority=tuple(sorted(bookings, key=lambda b: priority(b, known.get(b.passenger_id)))),
    )


def own_alternative(leg: Flight, aircraft: Aircraft | None) -> Alternative | None:
    """Return one of the airline's own flights as an alternative; None where its free seats are unknown."""
    if aircraft is None or leg.seats_sold is None:
        return None
    return Alternative(
        flight_id=leg.flight_id,
        carrier=leg.carrier,
        own=True,
        origin=leg.origin,
        destination=leg.destination,
        departs=leg.etd or leg.std,
        arrives=leg.eta or leg.sta,
        taxi=leg.taxi,
        seats={
            cabin: max(0, seats - leg.seats_sold.get(cabin, 0)) for cabin, seats in aircraft.seats.items()
        },
    )


def partner_alternative(leg: PartnerFlight) -> Alternative:
    """Return a partner's flight as an alternative."""
    origin, _, destination = leg.route.partition("-")
    return Alternative(
        flight_id=f"{leg.flight_number}-{leg.std.date().isoformat()}",
        carrier=leg.carrier,
        own=False,
        origin=origin,
        destination=destination,
        departs=leg.std,
        arrives=leg.sta,
        seats=leg.seats_available,
    )


def _distances(routes: Iterable[Route], airports: Mapping[str, Airport]) -> dict[Route, float]:
    return {
        (origin, destination): great_circle_km(a.lat, a.lon, b.lat, b.lon)
        for origin, destination in routes
        if (a := airports.get(origin)) is not None and (b := airports.get(destination)) is not None
    }


def _regimes(
    flight: Flight, routes: Iterable[Route], airports: Mapping[str, Airport]
) -> dict[Route, tuple[Regime, ...]]:
    ends = (airports.get(flight.origin), airports.get(flight.destination))
    licensed = next((end for end in ends if end is not None and end.hub), None)
    found: dict[Route, tuple[Regime, ...]] = {}
    for route in routes:
        origin, destination = airports.get(route[0]), airports.get(route[1])
        if origin is None or destination is None:
            continue
        journey = Journey(
            origin_eu=origin.eu,
            destination_eu=destination.eu,
            origin_uk=origin.uk,
            destination_uk=destination.uk,
            carrier_eu=None if licensed is None else licensed.eu,
            carrier_uk=None if licensed is None else licensed.uk,
        )
        found[route] = tuple(
            regime
            for regime in REGIME_NAMES
            if check_scope(regime, journey, on=flight.std.date()).in_scope is True
        )
    return found


def _remaining_routes(booking: Booking) -> set[Route]:
    segments = booking.segments[booking.segment - 1 :]
    routes = {(segment.origin, segment.destination) for segment in segments}
    if segments:
        routes.add((segments[0].origin, booking.final_destination))
    onward = booking.onward
    if onward is not None:
        routes.add((onward.origin, booking.final_destination))
    return routes
