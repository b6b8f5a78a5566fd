"""Who keeps a seat when a flight changes to a tail with fewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from skymarshal.calculators.passengers import CABINS, PassengerFacts
from skymarshal.operations.records import Booking

__all__ = ["Seating", "only", "seat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """The passengers of a flight on the seats of another tail."""

    seated: tuple[Booking, ...]
    moved_up: tuple[Booking, ...] = ()
    moved_down: tuple[Booking, ...] = ()
    left_behind: tuple[Booking, ...] = ()


def seat(by_priority: Sequence[Booking], seats: Mapping[str, int]) -> Seating:
    """Return who is seated where, in the order in which seats go.

    Everyone first gets a seat in the cabin that was booked. Who finds none takes the next better cabin
    with a free seat, else the next lower one, and is left behind only when every seat is taken.
    """
    free = {cabin: seats.get(cabin, 0) for cabin in CABINS}
    waiting: list[Booking] = []
    seated: list[Booking] = []
    for booking in by_priority:
        if free[booking.cabin] > 0:
            free[booking.cabin] -= 1
            seated.append(booking)
        else:
            waiting.append(booking)
    up: list[Booking] = []
    down: list[Booking] = []
    left: list[Booking] = []
    for booking in waiting:
        at = CABINS.index(booking.cabin)
        cabin = next((one for one in (*reversed(CABINS[:at]), *CABINS[at + 1 :]) if free[one] > 0), None)
        if cabin is None:
            left.append(booking)
            continue
        free[cabin] -= 1
        seated.append(booking)
        (up if CABINS.index(cabin) < at else down).append(booking)
    return Seating(seated=tuple(seated), moved_up=tuple(up), moved_down=tuple(down), left_behind=tuple(left))


def only(facts: PassengerFacts, bookings: Sequence[Booking]) -> PassengerFacts:
    """Return the facts of a flight for some of its passengers."""
    kept = {booking.segment_passenger + booking.pnr for booking in bookings}

    def among(booking: Booking) -> bool:
        return booking.segment_passenger + booking.pnr in kept

    connections = tuple(one for one in facts.connections.connections if among(one.booking))
    return replace(
        facts,
        bookings=tuple(booking for booking in facts.bookings if among(booking)),
        by_priority=tuple(booking for booking in facts.by_priority if among(booking)),
        connections=replace(facts.connections, connections=connections),
    )
