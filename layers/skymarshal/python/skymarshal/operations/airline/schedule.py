"""Flights and tails: the timetable flown over some days by as many tails as it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, Literal

from skymarshal.operations.airline.connections import PRECLEARANCE_TERMINAL
from skymarshal.operations.airline.timetable import RoundTrip
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, AIRPORTS, CARRIER, HUB, TAXI, distance_km
from skymarshal.operations.records import Aircraft, Flight

__all__ = ["Calendar", "Rotation", "Schedule", "plan_schedule"]

_SPARES: Final = {"A320": 1, "A321": 1, "B789": 2, "B77W": 1, "A35K": 1, "B77F": 0}
_STANDS: Final = 60
_OVERNIGHT: Final = timedelta(hours=8)
"""How long before today began a tail at the hub has been ready."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that the data set covers, `today` to `last`."""

    today: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day in order."""
        return tuple(self.today + timedelta(days=n) for n in range((self.last - self.today).days + 1))

    @property
    def start(self) -> datetime:
        """The beginning of today in UTC; what is before it has happened."""
        return datetime.combine(self.today, time(), UTC)

    @property
    def end(self) -> datetime:
        """An instant by which everything that began on the last day is long over."""
        return datetime.combine(self.last + timedelta(days=3), time(), UTC)


@dataclass(frozen=True, slots=True)
class Rotation:
    """One day of a round trip: the flight out and the flight back on one tail."""

    trip: RoundTrip
    out: Flight
    back: Flight


@dataclass(frozen=True, slots=True)
class Schedule:
    """All rotations in the order of their departure, and the fleet."""

    calendar: Calendar
    rotations: Sequence[Rotation]
    aircraft: Sequence[Aircraft]

    @property
    def flights(self) -> list[Flight]:
        """Every flight, out before back."""
        return [flight for rotation in self.rotations for flight in (rotation.out, rotation.back)]


def plan_schedule(trips: Sequence[RoundTrip], calendar: Calendar, random: Random) -> Schedule:
    """Return the flights of `trips` on every day of the calendar and the tails that fly them."""
    departures = sorted(
        ((trip.departure(day), trip) for day in calendar.days for trip in trips),
        key=lambda planned: (planned[0], planned[1].out_number),
    )
    free: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    rotations = []
    for departs, trip in departures:
        tails = free[trip.aircraft_type]
        tails.sort()
        if tails and tails[0][0] <= departs:
            registration = tails.pop(0)[1]
        else:
            registration = _registration(trip.aircraft_type, counts)
        rotation = _rotation(trip, departs, registration, calendar, random)
        rotations.append(rotation)
        tails.append((rotation.back.sta + trip.type_.turnaround + timedelta(minutes=10), registration))
    fleet = _fleet(rotations, calendar, counts)
    return Schedule(calendar, rotations, fleet)


def _registration(aircraft_type: str, counts: defaultdict[str, int]) -> str:
    prefix = AIRCRAFT_TYPES[aircraft_type].registration_prefix
    number = counts[aircraft_type]
    counts[aircraft_type] += 1
    return f"{prefix[:-1]}{chr(ord(prefix[-1]) + number // 26)}{chr(ord('A') + number % 26)}"


def _rotation(
    trip: RoundTrip, departs: datetime, registration: str, calendar: Calendar, random: Random
) -> Rotation:
    arrives = departs + trip.out_block
    back = arrives + trip.ground
    return Rotation(
        trip,
        _flight(
            trip, trip.out_number, HUB, trip.destination, departs, arrives, registration, calendar, random
        ),
        _flight(
            trip,
            trip.return_number,
            trip.destination,
            HUB,
            back,
            back + trip.return_block,
            registration,
            calendar,
            random,
        ),
    )


def _flight(
    trip: RoundTrip,
    number: str,
    origin: str,
    destination: str,
    std: datetime,
    sta: datetime,
    registration: str,
    calendar: Calendar,
    random: Random,
) -> Flight:
    late = timedelta(minutes=random.randrange(9))
    early = timedelta(minutes=random.randrange(6))
    stand = random.randrange(1, _STANDS)
    status: Literal["scheduled", "departed", "arrived"] = "scheduled"
    if std + late < calendar.start:
        status = "arrived" if sta + late - early < calendar.start else "departed"
    happened = status != "scheduled"
    return Flight(
        flight_id=f"{number}-{std.date().isoformat()}",
        flight_number=number,
        flight_date=std.date(),
        carrier=CARRIER,
        origin=origin,
        destination=destination,
        std=std,
        sta=sta,
        etd=std + late if happened else None,
        eta=sta + late - early if happened else None,
        block=sta - std,
        flight_time=sta - std - TAXI,
        status=status,
        registration=registration,
        aircraft_type=trip.aircraft_type,
        service="passenger" if trip.type_.seats else "freighter",
        terminal=_terminal(trip, origin),
        gate=f"{'ABCD'[stand % 4]}{stand}" if trip.type_.seats else None,
        stand=str(400 + stand),
        distance_km=distance_km(origin, destination),
    )


def _terminal(trip: RoundTrip, origin: str) -> str | None:
    if origin != HUB or not trip.type_.seats:
        return None
    return PRECLEARANCE_TERMINAL if AIRPORTS[trip.destination].country == "US" else "A"


def _fleet(
    rotations: Sequence[Rotation], calendar: Calendar, counts: defaultdict[str, int]
) -> list[Aircraft]:
    last: dict[str, Flight] = {}
    types: dict[str, str] = {}
    for rotation in rotations:
        types[rotation.out.registration] = rotation.out.aircraft_type
        for flight in (rotation.out, rotation.back):
            if flight.status != "scheduled":
                last[flight.registration] = flight
    fleet = []
    for registration, aircraft_type in types.items():
        flown = last.get(registration)
        fleet.append(
            _aircraft(
                registration,
                aircraft_type,
                "in_service",
                location=HUB if flown is None else flown.destination,
                available_from=calendar.start - _OVERNIGHT
                if flown is None or flown.eta is None
                else flown.eta,
            )
        )
    for aircraft_type, spares in _SPARES.items():
        tails = sum(1 for type_ in types.values() if type_ == aircraft_type)
        for _ in range(max(spares, tails // 12) if tails else 0):
            registration = _registration(aircraft_type, counts)
            fleet.append(
                _aircraft(
                    registration,
                    aircraft_type,
                    "spare",
                    location=HUB,
                    available_from=calendar.start - _OVERNIGHT,
                )
            )
    in_work = _registration("B789", counts)
    released = calendar.start + timedelta(days=3, hours=9)
    fleet.append(_aircraft(in_work, "B789", "maintenance", location=HUB, available_from=released))
    return sorted(fleet, key=lambda aircraft: aircraft.registration)


def _aircraft(
    registration: str,
    aircraft_type: str,
    status: Literal["in_service", "spare", "maintenance"],
    *,
    location: str,
    available_from: datetime,
) -> Aircraft:
    type_ = AIRCRAFT_TYPES[aircraft_type]
    return Aircraft(
        registration=registration,
        aircraft_type=aircraft_type,
        seats=dict(type_.seats),
        hold_kg=type_.hold_kg,
        range_km=type_.range_km,
        etops_minutes=type_.etops_minutes,
        status=status,
        location=location,
        available_from=available_from,
        minimum_turnaround=type_.turnaround,
    )
