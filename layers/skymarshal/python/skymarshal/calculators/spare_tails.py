"""Which other tails could operate a flight, from when and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skymarshal.calculators.airworthiness import MelState, mel_state
from skymarshal.domain.assessment import Evidence
from skymarshal.operations.records import Aircraft, Flight, MelItem, WorkOrder

__all__ = ["RATING_FAMILIES", "SpareTail", "TailRows", "rating_family", "spare_tail"]

RATING_FAMILIES: Final = (
    frozenset({"A318", "A319", "A320", "A321", "A19N", "A20N", "A21N"}),
    frozenset({"A332", "A333", "A338", "A339"}),
    frozenset({"A359", "A35K"}),
    frozenset({"B77L", "B77W", "B772", "B773"}),
    frozenset({"B788", "B789", "B78X"}),
)
"""ICAO type designators whose pilots share one type rating."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailRows:
    """A tail with its open deferred defects, its flights in the days around and its work orders."""

    aircraft: Aircraft
    mel_items: tuple[MelItem, ...]
    rotation: tuple[Flight, ...]
    work_orders: tuple[WorkOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareTail:
    """A tail looked at in place of the planned one.

    Attributes:
        registration: the tail.
        aircraft_type: its type.
        usable: whether it could operate the flight.
        available_from: the earliest off-block with it.
        latest_off_block: until when it could leave and still be back for its own next departure and within
            its deferred defects; None where nothing limits it.
        seats: seats by cabin.
        reasons: why not, or what a usable one costs (seats short by cabin).
        evidence: the rows that it rests on.
    """

    registration: str
    aircraft_type: str
    usable: bool
    available_from: datetime
    latest_off_block: datetime | None
    seats: dict[str, int]
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def total_seats(self) -> int:
        """Seats in all cabins."""
        return sum(self.seats.values())


def rating_family(aircraft_type: str) -> tuple[str, ...]:
    """Return the types that the same pilots may fly, the given one first."""
    family = next((one for one in RATING_FAMILIES if aircraft_type in one), frozenset({aircraft_type}))
    return (aircraft_type, *sorted(family - {aircraft_type}))


def spare_tail(
    flight: Flight,
    planned: Aircraft,
    planned_rotation: Sequence[Flight],
    candidate: TailRows,
    *,
    now: datetime,
    needs_etops: bool,
) -> SpareTail:
    """Return whether a tail could operate `flight` in place of the planned one.

    It must stand at the origin after its flight before, be in service or spare, have no work order open,
    reach the destination, be dispatchable under its own deferred defects, hold the planned tail's ETOPS
    approval where the route needs one, and take the planned tail's flying until that is back at the origin
    before its own next departure. It needs its minimum turnaround to be made ready. Fewer seats do not rule
    it out; they are named.

    Args:
        flight: the flight.
        planned: the tail planned for it.
        planned_rotation: the planned tail's flights in the days around.
        candidate: the tail looked at.
        now: the instant of the report.
        needs_etops: whether the route may lie beyond 60 minutes from an adequate airport.
    """
    tail = candidate.aircraft
    state = mel_state(candidate.mel_items)
    before = _last_before(candidate.rotation, flight)
    place = tail.location if before is None else before.destination
    free = tail.available_from if before is None else before.eta or before.sta
    earliest = max(max(now, free) + tail.minimum_turnaround, flight.std)
    reasons: list[str] = []
    evidence = [
        _seen(tail, "status", tail.status),
        _seen(tail, "location", tail.location),
        _seen(tail, "available_from", f"{tail.available_from:%Y-%m-%dT%H:%MZ}"),
    ]
    if tail.status not in ("in_service", "spare"):
        reasons.append(f"is {tail.status}")
    if place != flight.origin:
        reasons.append(f"stands at {place}, not at {flight.origin}")
    if before is not None:
        field = "sta" if before.eta is None else "eta"
        evidence.append(
            Evidence(table="Flights", key=before.flight_id, field=field, value=f"{free:%Y-%m-%dT%H:%MZ}")
        )
    if tail.range_km < flight.distance_km:
        reasons.append(f"reaches {tail.range_km} km of {flight.distance_km} km")
        evidence.append(_seen(tail, "range_km", str(tail.range_km)))
    reasons += _etops_reasons(tail, planned, state, needs_etops=needs_etops)
    reasons += [
        f"MEL item {one.item.item_id} runs out at {one.expires_at:%Y-%m-%d %H:%MZ}"
        for one in state.expired(earliest)
    ]
    reasons += [
        f"has work order {one.workorder_id} open ({one.task})"
        for one in candidate.work_orders
        if one.released_at is None and one.scheduled_start < flight.sta
    ]
    latest = state.first.last_dispatch if state.first is not None else None
    own = _next_own_departure(candidate.rotation, flight)
    if own is not None:
        evidence.append(
            Evidence(table="Flights", key=own.flight_id, field="std", value=f"{own.std:%Y-%m-%dT%H:%MZ}")
        )
        back = _back_at_origin(flight, planned_rotation)
        if back is None:
            reasons.append(f"flies {own.flight_id} and would not be back before it")
        else:
            last = own.std - (back - flight.std) - tail.minimum_turnaround
            latest = last if latest is None else min(latest, last)
            if last < earliest:
                reasons.append(f"flies {own.flight_id} at {own.std:%Y-%m-%d %H:%MZ} and would not be back")
    short = [
        f"{count - tail.seats.get(cabin, 0)} fewer {cabin} seats"
        for cabin, count in planned.seats.items()
        if tail.seats.get(cabin, 0) < count
    ]
    return SpareTail(
        registration=tail.registration,
        aircraft_type=tail.aircraft_type,
        usable=not reasons,
        available_from=earliest,
        latest_off_block=None if reasons else latest,
        seats=tail.seats,
        reasons=tuple(reasons + short),
        evidence=tuple(evidence + [one.evidence for one in state.defects]),
    )


def _etops_reasons(tail: Aircraft, planned: Aircraft, state: MelState, *, needs_etops: bool) -> Iterable[str]:
    if not needs_etops or tail.etops_minutes is None:
        return []
    reasons = [f"MEL item {item.item_id} removes its ETOPS approval" for item in state.etops_removed_by]
    if planned.etops_minutes is not None and tail.etops_minutes < planned.etops_minutes:
        reasons.append(f"holds ETOPS {tail.etops_minutes} min, the planned tail {planned.etops_minutes} min")
    return reasons


def _last_before(rotation: Sequence[Flight], flight: Flight) -> Flight | None:
    earlier = [one for one in rotation if one.status != "cancelled" and one.std < flight.std]
    return max(earlier, key=lambda one: one.std, default=None)


def _next_own_departure(rotation: Sequence[Flight], flight: Flight) -> Flight | None:
    ahead = [one for one in rotation if one.status != "cancelled" and one.std >= flight.std]
    return min(ahead, key=lambda one: one.std, default=None)


def _back_at_origin(flight: Flight, rotation: Sequence[Flight]) -> datetime | None:
    """Return when the planned flying is back at the origin by schedule, or None if not in the period."""
    legs = sorted((one for one in rotation if one.std > flight.std), key=lambda one: one.std)
    back = next((one for one in legs if one.destination == flight.origin), None)
    return None if back is None else back.sta


def _seen(tail: Aircraft, field: str, value: str) -> Evidence:
    return Evidence(table="Aircraft", key=tail.registration, field=field, value=value)
