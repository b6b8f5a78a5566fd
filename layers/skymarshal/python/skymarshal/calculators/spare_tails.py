"""Which other tails could operate a flight, from when and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.airworthiness import MelState, mel_state
from skymarshal.domain.aircraft_types import type_data
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.etops import NON_ETOPS_LIMIT
from skymarshal.operations.records import Aircraft, Flight, MelItem, WorkOrder

__all__ = [
    "RATING_FAMILIES",
    "SpareTail",
    "TailRows",
    "rating_family",
    "runs_out_before_return",
    "spare_tail",
]

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
    """A tail with its open deferred defects, its flights in the days around and its work orders.

    `unsaid` is what its tables do not say.
    """

    aircraft: Aircraft
    mel_items: tuple[MelItem, ...]
    rotation: tuple[Flight, ...]
    work_orders: tuple[WorkOrder, ...] = ()
    unsaid: tuple[Unknown, ...] = ()


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
        reasons: why not, or what a usable one costs (seats short by cabin, a defect that runs out before
            the way back).
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
    planned: Aircraft | None,
    planned_rotation: Sequence[Flight],
    candidate: TailRows,
    *,
    now: datetime,
    diversion: timedelta | None,
) -> SpareTail:
    """Return whether a tail could operate `flight` in place of the planned one.

    It must stand at the origin after its flight before, be in service or spare, have no work order open,
    reach the destination, be dispatchable under its own deferred defects, hold the ETOPS approval that the
    route needs, and take the planned tail's flying until that is back at the origin before its own next
    departure. From when it is free, by its rotation or by its own row if that says later, it needs its
    minimum turnaround to be made ready. What its tables do not say rules it out, and no other. Fewer seats
    do not; they are named.

    Args:
        flight: the flight.
        planned: the tail planned for it; None where it has no row, so that its seats compare with nothing and
            its approval stands in for no figure of the route.
        planned_rotation: the planned tail's flights in the days around.
        candidate: the tail looked at.
        now: the instant of the report.
        diversion: how far the route lies from an adequate aerodrome at most; None while that is unknown.
    """
    tail = candidate.aircraft
    state = mel_state(candidate.mel_items, candidate.work_orders)
    before = _last_before(candidate.rotation, flight)
    place = tail.location if before is None else before.destination
    landed = None if before is None else before.eta or before.sta
    free = tail.available_from if landed is None else max(landed, tail.available_from)
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
    elif before is not None and before.status == "arrived" and tail.location != place:
        reasons.append(f"is said to stand at {tail.location} after {before.flight_id} to {place}")
    reasons += [one.why for one in (*candidate.unsaid, *state.unknowns)]
    if before is not None and landed is not None:
        field = "sta" if before.eta is None else "eta"
        evidence.append(
            Evidence(table="Flights", key=before.flight_id, field=field, value=f"{landed:%Y-%m-%dT%H:%MZ}")
        )
    if tail.range_km < flight.distance_km:
        reasons.append(f"reaches {tail.range_km} km of {flight.distance_km} km")
        evidence.append(_seen(tail, "range_km", str(tail.range_km)))
    reasons += _etops_reasons(tail, planned, state, diversion)
    reasons += [
        f"MEL item {one.item.item_id} runs out at {one.expires_at:%Y-%m-%d %H:%MZ}"
        for one in state.expired(earliest, flight.block)
    ]
    reasons += [
        f"has work order {one.workorder_id} open ({one.task})"
        for one in candidate.work_orders
        if one.released_at is None and one.scheduled_start < flight.sta
    ]
    latest = min((one.last_dispatch(flight.block) for one in state.defects), default=None)
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
        for cabin, count in ({} if planned is None else planned.seats).items()
        if tail.seats.get(cabin, 0) < count
    ]
    short += runs_out_before_return(
        flight, planned_rotation, state, earliest + flight.block + tail.minimum_turnaround
    )
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


def runs_out_before_return(
    flight: Flight, rotation: Sequence[Flight], state: MelState, ready: datetime
) -> list[str]:
    """Return the defects that run out before the tail can leave the destination again, in words.

    Args:
        flight: the flight out.
        rotation: the flying that the tail takes over, with the way back if it is known.
        state: the tail's deferred defects.
        ready: when it stands turned round at the destination.
    """
    ahead = [one for one in rotation if one.std > flight.std and one.origin == flight.destination]
    back = min((one for one in ahead if one.status != "cancelled"), key=lambda one: one.std, default=None)
    leaves, block = (ready, flight.block) if back is None else (max(ready, back.std), back.block)
    name = f"the way back from {flight.destination}" if back is None else back.flight_id
    return [
        f"MEL item {one.item.item_id} runs out at {one.expires_at:%Y-%m-%d %H:%MZ}, before {name}"
        for one in state.expired(leaves, block)
    ]


def _etops_reasons(
    tail: Aircraft, planned: Aircraft | None, state: MelState, diversion: timedelta | None
) -> Iterable[str]:
    data = type_data(tail.aircraft_type)
    if (data is not None and data.engines > 2) or (diversion is not None and diversion <= NON_ETOPS_LIMIT):
        return []
    reasons = [f"MEL item {item.item_id} removes its ETOPS approval" for item in state.etops_removed_by]
    if tail.etops_minutes is None:
        return [*reasons, "has no ETOPS approval on record, which the route needs"]
    approved = timedelta(minutes=tail.etops_minutes)
    if diversion is not None:
        if approved < diversion:
            reasons.append(
                f"holds ETOPS {tail.etops_minutes} min of {diversion // timedelta(minutes=1)} min that the "
                "route needs"
            )
    elif planned is None or planned.etops_minutes is None or tail.etops_minutes < planned.etops_minutes:
        known = None if planned is None else planned.etops_minutes
        held = "none on record" if known is None else f"{known} min"
        reasons.append(f"holds ETOPS {tail.etops_minutes} min, the planned tail {held}")
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
