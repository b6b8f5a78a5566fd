"""Who sits where when a flight changes to a tail with other seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skymarshal.calculators.passengers import CABINS
from skymarshal.operations.records import Booking

__all__ = ["seat_passengers"]


def seat_passengers(by_priority: Sequence[Booking], seats: Mapping[str, int]) -> dict[str, str]:
    """Return the cabin that each passenger gets, by `segment_passenger`; who finds no seat is not in it.

    Everyone first gets a seat in the cabin that was sold. Who finds none there takes one in the next
    better cabin, else in the next lower one.
    """
    free = {cabin: seats.get(cabin, 0) for cabin in CABINS}
    given: dict[str, str] = {}
    waiting: list[Booking] = []
    for booking in by_priority:
        if free[booking.cabin] > 0:
            free[booking.cabin] -= 1
            given[booking.segment_passenger] = booking.cabin
        else:
            waiting.append(booking)
    for booking in waiting:
        at = CABINS.index(booking.cabin)
        for cabin in (*reversed(CABINS[:at]), *CABINS[at + 1 :]):
            if free[cabin] > 0:
                free[cabin] -= 1
                given[booking.segment_passenger] = cabin
                break
    return given
