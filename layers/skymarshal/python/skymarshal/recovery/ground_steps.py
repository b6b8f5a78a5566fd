"""How long the steps of a plan take with each tail: by its type and by what is on the flight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from skymarshal.domain.ground_times import ground_times
from skymarshal.operations.records import Aircraft
from skymarshal.recovery.policy import StepDurations

__all__ = ["Load", "steps_by_tail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is on a flight; `passengers` is None where it is not known."""

    passengers: int | None
    bags: int
    cargo_kg: float


def steps_by_tail(tails: Iterable[Aircraft], load: Load, steps: StepDurations) -> Mapping[str, StepDurations]:
    """Return the durations of the steps with each tail, by registration.

    Boarding, towing and the transfer of the load follow the airline's ground times; the rest is as in
    `steps`. Where the number of passengers is not known every seat of the tail is taken to be sold.
    """
    found = {}
    for tail in tails:
        times = ground_times(tail.aircraft_type)
        seats = sum(tail.seats.values())
        passengers = seats if load.passengers is None else min(load.passengers, seats)
        found[tail.registration] = replace(
            steps,
            boarding=times.boarding(passengers),
            tail_positioning=times.towing_time,
            transfer_load=times.transfer(load.bags, load.cargo_kg),
        )
    return found
