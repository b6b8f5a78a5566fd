"""Which tails could change lines with a flight's tail, by the schedule alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from skymarshal.calculators.knock_on import RotationFacts
from skymarshal.operations.records import Aircraft, Flight

__all__ = ["Swap", "swaps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two tails of one type change lines at the flight's origin.

    `ready` is when the other tail could depart as the flight. `line` is what it would have flown, and
    `needed_back` when the disrupted tail must be ready at the origin to fly that line on time; None
    where it has no line and is simply free.
    """

    registration: str
    ready: datetime
    line: tuple[Flight, ...]
    needed_back: datetime | None
    seats: Mapping[str, int]


def swaps(facts: RotationFacts, *, not_before: datetime) -> tuple[Swap, ...]:
    """Return the tails that could fly in place of the flight's, soonest ready first.

    A tail counts when it stands at the origin with its turnaround done before its own next flight,
    is of the same type and in service or spare. Whether it is airworthy and fits is for maintenance.
    """
    flight = facts.flight
    found: list[Swap] = []
    for registration, aircraft in facts.aircraft.items():
        if registration == flight.registration or aircraft.status not in ("in_service", "spare"):
            continue
        position = _position(aircraft, facts.rotations.get(registration, ()), flight.origin, not_before)
        if position is None:
            continue
        ready, line = position
        found.append(
            Swap(
                registration=registration,
                ready=ready,
                line=line,
                needed_back=line[0].std if line else None,
                seats=aircraft.seats,
            )
        )
    return tuple(sorted(found, key=lambda swap: (swap.ready, len(swap.line), swap.registration)))


def _position(
    aircraft: Aircraft, rotation: Sequence[Flight], origin: str, not_before: datetime
) -> tuple[datetime, tuple[Flight, ...]] | None:
    location, free = aircraft.location, aircraft.available_from
    remaining = [leg for leg in rotation if leg.status in ("departed", "scheduled")]
    while remaining and remaining[0].status == "departed":
        leg = remaining.pop(0)
        location, free = leg.destination, (leg.eta or leg.sta) + aircraft.minimum_turnaround
    while True:
        departs = (remaining[0].etd or remaining[0].std) if remaining else None
        ready = max(free, not_before)
        if location == origin and (departs is None or ready <= departs):
            return ready, tuple(remaining)
        if not remaining:
            return None
        leg = remaining.pop(0)
        location, free = leg.destination, (leg.eta or leg.sta) + aircraft.minimum_turnaround
