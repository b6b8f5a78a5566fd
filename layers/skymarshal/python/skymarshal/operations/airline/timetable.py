"""The daily timetable: round trips from the hub, each with its two flight numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from typing import Final
from zoneinfo import ZoneInfo

from skymarshal.operations.airline.curfews import open_with_margin
from skymarshal.operations.airline.world import (
    AIRCRAFT_TYPES,
    AIRPORTS,
    HUB,
    AircraftType,
    block_time,
)

__all__ = ["LARGE_ROUND_TRIPS", "SMALL_TIMETABLE", "RoundTrip", "large_timetable"]

LARGE_ROUND_TRIPS: Final = 125


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """An outbound and a return flight by one tail, every day at the same local time.

    `departs` is the local time at the hub. Where `return_departs` is given instead, a local time at the
    destination, the outbound leaves so early that the return keeps it. `ground` is the time between the
    two flights.
    """

    out_number: str
    return_number: str
    destination: str
    aircraft_type: str
    departs: time | None
    ground: timedelta
    return_departs: time | None = None

    @property
    def type_(self) -> AircraftType:
        """The aircraft type that flies it."""
        return AIRCRAFT_TYPES[self.aircraft_type]

    @property
    def out_block(self) -> timedelta:
        """The block time to the destination."""
        return block_time(HUB, self.destination, self.type_.cruise_kmh)

    @property
    def return_block(self) -> timedelta:
        """The block time back to the hub."""
        return block_time(self.destination, HUB, self.type_.cruise_kmh)

    @property
    def layover(self) -> bool:
        """Whether the return is flown by the crew that came the day before."""
        return self.type_.long_haul

    def departure(self, day: date) -> datetime:
        """Return the scheduled off-block of the outbound flight, in UTC, on a local calendar day."""
        if self.departs is not None:
            return datetime.combine(day, self.departs, ZoneInfo(AIRPORTS[HUB].zone)).astimezone(UTC)
        if self.return_departs is None:
            raise ValueError(f"{self.out_number} has no departure time")
        zone = ZoneInfo(AIRPORTS[self.destination].zone)
        back = datetime.combine(day, self.return_departs, zone).astimezone(UTC)
        return back - self.ground - self.out_block


def _trip(
    out_number: int,
    return_number: int,
    destination: str,
    aircraft_type: str,
    departs: str,
    ground_minutes: int,
    *,
    from_destination: bool = False,
) -> RoundTrip:
    clock = time.fromisoformat(departs)
    return RoundTrip(
        out_number=f"EY{out_number}",
        return_number=f"EY{return_number}",
        destination=destination,
        aircraft_type=aircraft_type,
        departs=None if from_destination else clock,
        return_departs=clock if from_destination else None,
        ground=timedelta(minutes=ground_minutes),
    )


SMALL_TIMETABLE: Final = (
    _trip(333, 334, "JED", "A321", "08:40", 65),
    _trip(283, 284, "LHR", "B789", "08:50", 120),
    _trip(31, 32, "CDG", "B77W", "09:05", 110),
    _trip(73, 74, "ZRH", "B789", "09:20", 90),
    _trip(513, 514, "AMM", "A320", "09:30", 60),
    _trip(101, 102, "JFK", "A35K", "10:05", 150),
    _trip(653, 654, "CAI", "A320", "13:05", 60),
    _trip(85, 86, "FCO", "B789", "14:30", 90),
    _trip(317, 318, "RUH", "A320", "15:00", 60),
    _trip(301, 302, "KWI", "A320", "16:00", 60),
    _trip(121, 122, "FRA", "B789", "21:45", 120, from_destination=True),
    _trip(264, 263, "CMB", "A321", "11:30", 65),
    _trip(280, 281, "COK", "A321", "21:30", 65),
    _trip(241, 242, "LHE", "A320", "21:45", 60),
    _trip(454, 455, "SYD", "B77W", "22:00", 120),
    _trip(402, 403, "BKK", "B789", "22:20", 90),
    _trip(216, 217, "DEL", "A321", "22:30", 65),
    _trip(470, 471, "SIN", "B789", "22:40", 105),
    _trip(204, 205, "BOM", "A321", "00:20", 65),
    _trip(9903, 9904, "AMS", "B77F", "03:30", 150),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SHORT: Final = _words(
    """
    RUH JED DMM KWI BAH DOH MCT AMM BEY CAI BOM DEL MAA BLR HYD COK AMD LHE ISB KHI KTM MLE
    """
)
_LONG: Final = _words(
    """
    LHR CDG FRA MUC AMS MAD BCN GVA VIE BRU DUB MAN CPH LIS ATH IST FCO MXP BER ZRH BKK HKT SIN KUL CGK
    MNL HKG NRT ICN PEK PVG MEL SYD NBO JNB CMB DAC JFK ORD IAD YYZ BOS
    """
)
_BANKS: Final = ("01:45", "08:15", "13:45", "20:45")


def large_timetable(day: date) -> tuple[RoundTrip, ...]:
    """Return the large airline's timetable: the small one and more, clear of every curfew around `day`."""
    trips = list(SMALL_TIMETABLE)
    short, long_ = cycle(_SHORT), cycle(_LONG)
    wide = cycle(("B789", "B789", "B77W", "A35K"))
    number = 500
    while len(trips) < LARGE_ROUND_TRIPS:
        extra = len(trips) - len(SMALL_TIMETABLE)
        narrow = extra % 5 < 2
        freighter = extra % 26 == 25
        destination = "HKG" if freighter else next(short) if narrow else next(long_)
        aircraft_type = "B77F" if freighter else ("A320", "A321")[extra % 2] if narrow else next(wide)
        type_ = AIRCRAFT_TYPES[aircraft_type]
        while number in _TAKEN or number + 1 in _TAKEN:
            number += 2
        base = datetime.combine(day, time.fromisoformat(_BANKS[extra % len(_BANKS)]))
        for shift in range(0, 24 * 60, 15):
            departs = base + timedelta(minutes=5 * (extra // len(_BANKS)) + shift)
            trip = _trip(
                number,
                number + 1,
                destination,
                aircraft_type,
                departs.strftime("%H:%M"),
                int(type_.turnaround.total_seconds() // 60) + 15,
            )
            if _clear_of_curfews(trip, day):
                break
        trips.append(trip)
        number += 2
    return tuple(trips)


_TAKEN: Final = {int(trip.out_number[2:]) for trip in SMALL_TIMETABLE} | {
    int(trip.return_number[2:]) for trip in SMALL_TIMETABLE
}


def _clear_of_curfews(trip: RoundTrip, day: date) -> bool:
    arrives = trip.departure(day) + trip.out_block
    margin = timedelta(minutes=90)
    return open_with_margin(trip.destination, arrives, margin) and open_with_margin(
        trip.destination, arrives + trip.ground, margin
    )
