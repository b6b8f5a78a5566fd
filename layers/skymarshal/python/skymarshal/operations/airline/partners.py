"""Flights of partner airlines: beside the airline's own from the hub, and onward from its destinations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from skymarshal.operations.airline.schedule import Calendar
from skymarshal.operations.airline.timetable import RoundTrip
from skymarshal.operations.airline.world import AIRPORTS, HUB, block_time
from skymarshal.operations.records import PartnerFlight

__all__ = ["partner_flights"]

# carrier, first flight number, origin, destination, local departures
_ROUTES: Final = (
    ("BA", 72, "AUH", "LHR", ("02:20", "13:40")),
    ("BA", 73, "LHR", "AUH", ("13:10", "21:20")),
    ("LH", 611, "AUH", "FRA", ("03:10", "12:25")),
    ("LH", 610, "FRA", "AUH", ("13:30", "20:40")),
    ("AF", 651, "AUH", "CDG", ("02:05", "12:50")),
    ("AF", 650, "CDG", "AUH", ("10:40", "19:50")),
    ("LX", 243, "AUH", "ZRH", ("01:50", "13:15")),
    ("AZ", 859, "AUH", "FCO", ("03:35", "18:20")),
    ("B6", 5102, "AUH", "JFK", ("02:40", "14:15")),
    ("SQ", 489, "AUH", "SIN", ("02:45", "11:50")),
    ("TG", 518, "AUH", "BKK", ("03:20", "12:05")),
    ("VA", 5454, "AUH", "SYD", ("10:20",)),
    ("6E", 1406, "AUH", "BOM", ("04:15", "14:50")),
    ("6E", 1405, "BOM", "AUH", ("02:40", "05:10", "16:05")),
    ("AI", 942, "AUH", "DEL", ("03:30", "13:10")),
    ("PK", 264, "AUH", "LHE", ("05:10", "12:45")),
    ("UL", 208, "AUH", "CMB", ("03:05", "20:10", "21:35")),
    ("UL", 207, "CMB", "AUH", ("02:15", "18:40")),
    ("6E", 1434, "AUH", "COK", ("05:20", "15:30")),
    ("MS", 915, "AUH", "CAI", ("10:15", "19:25")),
    ("RJ", 613, "AUH", "AMM", ("07:10", "16:40")),
    ("SV", 575, "AUH", "RUH", ("07:55", "18:35")),
    ("SV", 553, "AUH", "JED", ("06:45", "17:20")),
    ("BA", 1442, "LHR", "EDI", ("08:40", "14:50", "18:10")),
    ("BA", 1396, "LHR", "MAN", ("09:15", "15:30", "19:05")),
    ("EI", 159, "LHR", "DUB", ("10:05", "15:10", "19:40")),
    ("LH", 22, "FRA", "HAM", ("09:00", "14:00", "21:35")),
    ("LH", 186, "FRA", "BER", ("08:45", "15:45", "21:30")),
    ("AF", 6210, "CDG", "NCE", ("09:20", "15:40", "19:10")),
    ("AF", 1300, "CDG", "MAD", ("10:10", "16:20")),
    ("LX", 1584, "ZRH", "VIE", ("09:40", "15:10", "18:05")),
    ("LX", 2808, "ZRH", "GVA", ("10:30", "14:55", "18:45")),
    ("AZ", 1487, "FCO", "BCN", ("10:15", "21:20")),
    ("B6", 418, "JFK", "BOS", ("10:35", "18:10", "21:00")),
    ("QF", 520, "SYD", "BNE", ("09:05", "20:45")),
    ("TG", 201, "BKK", "HKT", ("08:30", "12:10", "17:40")),
    ("SQ", 114, "SIN", "KUL", ("08:20", "13:00", "18:15")),
)

_NARROW_KM: Final = 2_600


def partner_flights(
    trips: Sequence[RoundTrip], calendar: Calendar, random: Random
) -> Iterator[PartnerFlight]:
    """Yield the partners' flights of every day and the day after the last."""
    named = {(origin, destination) for _, _, origin, destination, _ in _ROUTES}
    routes = list(_ROUTES)
    for trip in trips:
        if (HUB, trip.destination) not in named and trip.type_.seats:
            named.add((HUB, trip.destination))
            routes.append(("QX", 2000 + len(routes), HUB, trip.destination, ("03:45", "15:10")))
    days = (*calendar.days, calendar.last + timedelta(days=1))
    for carrier, number, origin, destination, departures in routes:
        zone = ZoneInfo(AIRPORTS[origin].zone)
        block = block_time(origin, destination, 850)
        for day in days:
            for n, clock in enumerate(departures):
                std = datetime.combine(day, time.fromisoformat(clock), zone).astimezone(calendar.start.tzinfo)
                narrow = block < timedelta(hours=_NARROW_KM / 850)
                business = random.randrange(0, 3 if narrow else 7)
                yield PartnerFlight(
                    route=f"{origin}-{destination}",
                    std=std,
                    sta=std + block,
                    flight_number=f"{carrier}{number + 2 * n}",
                    carrier=carrier,
                    seats_available={
                        "business": business,
                        "economy": random.randrange(4, 22 if narrow else 40),
                    },
                    interline=carrier not in ("6E", "QX"),
                    hold_free_kg=float(random.randrange(2, 20 if narrow else 90) * 100),
                )
