"""Can the flights be flown: tails, rotations, ranges, curfews and deferred defects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from skymarshal.domain.curfew import MovementKind
from skymarshal.domain.geo import great_circle_km
from skymarshal.operations import tables as t
from skymarshal.operations.airline.curfews import may_be_scheduled
from skymarshal.operations.airline.violations import Fault, Violation, flights_by_tail, rows
from skymarshal.operations.night_rules import curfew_window
from skymarshal.operations.records import Aircraft, Airport, Flight
from skymarshal.operations.tables import Dataset

__all__ = ["check_flights"]

_FASTEST_KMH: Final = 1_050
_DISTANCE_TOLERANCE: Final = 0.01


def check_flights(dataset: Dataset) -> Iterator[Violation]:
    """Yield what is impossible about flights and tails."""
    aircraft = {tail.registration: tail for tail in rows(dataset, t.AIRCRAFT)}
    airports = {airport.airport: airport for airport in rows(dataset, t.AIRPORTS)}
    for flight in rows(dataset, t.FLIGHTS):
        yield from _one_flight(flight, aircraft, airports)
    tails = flights_by_tail(dataset, t.FLIGHTS)
    for registration, flights in tails.items():
        tail = aircraft.get(registration)
        for before, after in pairwise(flights):
            yield from _in_sequence(before, after, tail)
    yield from _curfews(dataset, airports)
    for item in rows(dataset, t.MEL_ITEMS):
        if item.rectified_at is not None:
            continue
        for flight in tails.get(item.registration, ()):
            if flight.std > item.expires_at:
                yield Violation(
                    Fault.DEFERRED_DEFECT,
                    t.MEL_ITEMS.name,
                    f"{item.registration} {item.item_id}",
                    f"expired {item.expires_at:%Y-%m-%dT%H:%MZ} before {flight.flight_id}",
                )


def _one_flight(
    flight: Flight, aircraft: dict[str, Aircraft], airports: dict[str, Airport]
) -> Iterator[Violation]:
    def violation(fault: Fault, why: str) -> Violation:
        return Violation(fault, t.FLIGHTS.name, flight.flight_id, why)

    if flight.sta - flight.std != flight.block or not timedelta() < flight.flight_time < flight.block:
        yield violation(Fault.TIMES, "block and flight time do not fit departure and arrival")
    if flight.flight_date != flight.std.date() or not flight.flight_id.endswith(
        flight.std.date().isoformat()
    ):
        yield violation(Fault.TIMES, "the date is not the UTC date of the scheduled departure")
    tail = aircraft.get(flight.registration)
    if tail is None:
        yield violation(Fault.REFERENCE, f"no aircraft {flight.registration}")
    elif tail.aircraft_type != flight.aircraft_type:
        yield violation(Fault.AIRCRAFT_TYPE, f"{tail.registration} is a {tail.aircraft_type}")
    elif tail.range_km < flight.distance_km:
        yield violation(Fault.RANGE, f"{flight.distance_km} km with a range of {tail.range_km} km")
    origin, destination = airports.get(flight.origin), airports.get(flight.destination)
    if origin is None or destination is None:
        yield violation(
            Fault.REFERENCE, f"no airport {flight.origin if origin is None else flight.destination}"
        )
        return
    distance = great_circle_km(origin.lat, origin.lon, destination.lat, destination.lon)
    if abs(distance - flight.distance_km) > max(2.0, distance * _DISTANCE_TOLERANCE):
        yield violation(Fault.TIMES, f"{flight.distance_km} km is not the distance of {distance:.0f} km")
    elif distance > _FASTEST_KMH * (flight.flight_time / timedelta(hours=1)):
        yield violation(Fault.TIMES, f"{distance:.0f} km in {flight.flight_time} is too fast")


def _in_sequence(before: Flight, after: Flight, tail: Aircraft | None) -> Iterator[Violation]:
    key = after.flight_id
    if before.destination != after.origin:
        why = f"{after.registration} landed in {before.destination} and departs from {after.origin}"
        yield Violation(Fault.ROTATION, t.FLIGHTS.name, key, why)
    ground = after.std - before.sta
    if tail is not None and ground < tail.minimum_turnaround:
        why = f"{ground} after {before.flight_id}, the minimum is {tail.minimum_turnaround}"
        yield Violation(Fault.TURNAROUND, t.FLIGHTS.name, key, why)


def _curfews(dataset: Dataset, airports: dict[str, Airport]) -> Iterator[Violation]:
    for rule in rows(dataset, t.AIRPORT_CURFEWS):
        window = curfew_window(rule)
        airport = airports.get(rule.airport)
        if airport is None:
            yield Violation(
                Fault.REFERENCE, t.AIRPORT_CURFEWS.name, rule.rule_id, f"no airport {rule.airport}"
            )
            continue
        for flight in rows(dataset, t.FLIGHTS):
            movements: list[tuple[MovementKind, datetime]] = []
            if flight.origin == rule.airport:
                movements.append(("departure", flight.std + flight.taxi))
            if flight.destination == rule.airport:
                movements.append(("arrival", flight.sta - flight.taxi))
            for movement, instant in movements:
                if not may_be_scheduled(window, airport.zone, movement, instant, flight.taxi):
                    why = f"{movement} at {instant:%H:%MZ} falls in {rule.rule_id}"
                    yield Violation(Fault.CURFEW, t.FLIGHTS.name, flight.flight_id, why)
