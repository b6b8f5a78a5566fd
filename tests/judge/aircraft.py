"""Which tail may fly: defects, rotation, reach, hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import airportsdata

from skymarshal.operations.statements import NoneAsOf

HOUR = timedelta(hours=1)
_SILENT_FOR = timedelta(days=8)
_FOUR_ENGINES = ("A388", "A380", "B744", "B748", "A343", "A346")
# An hour on one engine is some 750 km. Every field with an IATA code counts, however small, so that what lies
# farther than that from any of them needs the approval beyond doubt.
_AN_HOUR_KM = 760.0

FAMILY = {
    "A319": "A320",
    "A320": "A320",
    "A321": "A320",
    "A20N": "A320",
    "A21N": "A320",
    "B77W": "B777",
    "B77L": "B777",
    "B77F": "B777",
    "B788": "B787",
    "B789": "B787",
    "B78X": "B787",
    "A359": "A350",
    "A35K": "A350",
}


def silent(rows: Sequence[Any], field: str, key: str, at: datetime) -> bool:
    """Whether a table says nothing of a tail or airport: no row, and no statement young enough."""
    mine = [row for row in rows if getattr(row, field) == key]
    if any(not isinstance(row, NoneAsOf) for row in mine):
        return False
    return not any(abs(at - row.as_of) <= _SILENT_FOR for row in mine)


def defect_faults(tail: str, data: Mapping[str, Sequence[Any]], at: datetime, now: datetime) -> list[str]:
    """An item that has run out with nothing that clears it, or a tail of which no defect list is kept."""
    found = []
    if silent(data["MelItems"], "registration", tail, now):
        found.append(f"{tail}: nothing says what defects it has")
    if silent(data["MaintenanceWorkOrders"], "registration", tail, now):
        found.append(f"{tail}: nothing says what work is open on it")
    orders = [
        o for o in data["MaintenanceWorkOrders"] if not isinstance(o, NoneAsOf) and o.registration == tail
    ]
    cleared = {name for order in orders for name in (order.clears or ())}
    for item in data["MelItems"]:
        if isinstance(item, NoneAsOf) or item.registration != tail or item.rectified_at is not None:
            continue
        if item.expires_at <= at and item.item_id not in cleared:
            found.append(f"{tail}: {item.item_id} ran out at {item.expires_at}")
    return found


def rotation_faults(
    tail: Any, flight: Any, data: Mapping[str, Sequence[Any]], off: datetime, on: datetime, now: datetime
) -> list[str]:
    """Not there, not free, or flying something else."""
    found = []
    line = sorted(
        (
            one
            for one in data["Flights"]
            if one.registration == tail.registration and one.status != "cancelled"
        ),
        key=lambda one: one.std,
    )
    own = tail.registration == flight.registration
    if off < tail.available_from:
        found.append(f"{tail.registration}: free from {tail.available_from} only")
    if own:
        return found
    if tail.status not in ("spare", "in_service"):
        found.append(f"{tail.registration}: its status is {tail.status}")
    earlier = [one for one in line if one.std < flight.std]
    place = earlier[-1].destination if earlier else tail.location
    if place != flight.origin:
        found.append(f"{tail.registration}: stands at {place}")
    for other in line:
        there = other.eta or other.sta
        if other.std < flight.std and there > off - timedelta(minutes=1):
            found.append(f"{tail.registration}: still on {other.flight_id}")
        if flight.std <= other.std < on and other.flight_id != flight.flight_id:
            found.append(f"{tail.registration}: flies {other.flight_id} meanwhile")
    if FAMILY.get(tail.aircraft_type, tail.aircraft_type) != FAMILY.get(
        flight.aircraft_type, flight.aircraft_type
    ):
        found.append(f"{tail.registration}: the crew does not fly {tail.aircraft_type}")
    return found


def reach_faults(tail: Any, flight: Any, data: Mapping[str, Sequence[Any]]) -> list[str]:
    """Too far, or too far from any aerodrome for what is approved."""
    found = []
    if tail.range_km < flight.distance_km:
        found.append(f"{tail.registration}: does not reach {flight.destination}")
    without = tail.etops_minutes is None and tail.aircraft_type not in _FOUR_ENGINES
    removed = any(
        not isinstance(item, NoneAsOf)
        and item.registration == tail.registration
        and item.rectified_at is None
        and item.removes_etops
        for item in data["MelItems"]
    )
    if (without or removed) and (gap := _widest_gap(flight, data)) > _AN_HOUR_KM:
        found.append(f"{tail.registration}: {gap:.0f} km from an aerodrome with no approval for it")
    return found


def hold_faults(
    tail: Any, flight: Any, left_behind: Sequence[str], data: Mapping[str, Sequence[Any]]
) -> list[str]:
    """More cargo than the hold takes."""
    weights = {one.awb: one.weight_kg for one in data["CargoShipments"]}
    aboard = [one.awb for one in data["CargoFlightAssignments"] if one.flight_id == flight.flight_id]
    kept = sum(weights.get(awb, 0.0) for awb in aboard if awb not in left_behind)
    return [f"{tail.registration}: {kept:.0f} kg in a hold for {tail.hold_kg}"] if kept > tail.hold_kg else []


def _widest_gap(flight: Any, data: Mapping[str, Sequence[Any]]) -> float:
    places = {one.airport: (one.lat, one.lon) for one in data["Airports"]}
    if flight.origin not in places or flight.destination not in places:
        return 0.0
    return _gap(places[flight.origin], places[flight.destination])


@cache
def _gap(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    start, end = _vector(*origin), _vector(*destination)
    widest = 0.0
    for step in range(41):
        share = step / 40
        mixed = [a * (1 - share) + b * share for a, b in zip(start, end, strict=True)]
        length = math.hypot(*mixed)
        here = [part / length for part in mixed]
        widest = max(widest, min(_arc_km(here, field) for field in _fields()))
    return widest


@cache
def _fields() -> tuple[list[float], ...]:
    return tuple(_vector(one["lat"], one["lon"]) for one in airportsdata.load("IATA").values())


def _vector(lat: float, lon: float) -> list[float]:
    phi, lam = math.radians(lat), math.radians(lon)
    return [math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)]


def _arc_km(one: Sequence[float], other: Sequence[float]) -> float:
    return 6_371.0 * math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True)))))
