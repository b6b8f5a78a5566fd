"""Puts the sample airline together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, Literal, TypeAlias

from skymarshal.operations import tables as t
from skymarshal.operations.airline import ground
from skymarshal.operations.airline.checker import require_possible
from skymarshal.operations.airline.connections import minimum_connection_times
from skymarshal.operations.airline.costs import cost_parameters
from skymarshal.operations.airline.crewing import crew_flights
from skymarshal.operations.airline.curfews import curfew_rows
from skymarshal.operations.airline.freight import cold_stores, load_holds
from skymarshal.operations.airline.partners import partner_flights
from skymarshal.operations.airline.passengers import book, with_seats_sold
from skymarshal.operations.airline.schedule import Calendar, plan_schedule
from skymarshal.operations.airline.situations import deferred_defects
from skymarshal.operations.airline.timetable import SMALL_TIMETABLE, large_timetable
from skymarshal.operations.airline.world import AIRPORTS
from skymarshal.operations.records import Record

__all__ = ["SIZES", "Size", "generate"]

Size: TypeAlias = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class _Extent:
    days: int
    passengers: int


SIZES: Final[Mapping[Size, _Extent]] = {
    "small": _Extent(days=3, passengers=9_000),
    "large": _Extent(days=7, passengers=300_000),
}
"""How many days, of which today is the first, and how many passengers."""


def generate(size: Size, today: date, random: Random) -> dict[str, Sequence[Record]]:
    """Return the rows of all 23 tables.

    The small airline flies about 40 flights a day today, tomorrow and the day after, so that whoever
    misses one of tomorrow's flights can go a day later; the large one about 250 a day for seven days.
    Days are calendar days at the hub; a flight id carries the UTC date. What left before today began in
    UTC has happened, everything else is to come. The same seed and day give the same rows.

    Raises:
        ImpossibleAirlineError: The checker found something wrong with them.
    """
    extent = SIZES[size]
    calendar = Calendar(today=today, last=today + timedelta(days=extent.days - 1))
    trips = SMALL_TIMETABLE if size == "small" else large_timetable(today)
    schedule = plan_schedule(trips, calendar, random)
    crewing = crew_flights(schedule, random)
    partners = list(partner_flights(trips, calendar, random))
    travel = book(schedule, partners, extent.passengers, random)
    freight = load_holds(schedule, Counter(bag.flight_id for bag in travel.bags), random)
    beyond = {code for partner in partners for code in partner.route.split("-")}
    airports = ground.airports_served(schedule, sorted(beyond))
    defects = list(deferred_defects(schedule))
    defects += ground.mel_items(schedule, frozenset(item.registration for item in defects), random)
    orders = list(ground.work_orders(schedule, random))
    dataset: dict[str, Sequence[Record]] = {
        t.FLIGHTS.name: [*with_seats_sold(schedule.flights, travel.bookings)],
        t.AIRCRAFT.name: schedule.aircraft,
        t.MEL_ITEMS.name: [*defects, *ground.no_mel_items(schedule, defects)],
        t.MAINTENANCE_WORK_ORDERS.name: [*orders, *ground.no_work_orders(schedule, orders)],
        t.MAINTENANCE_STAFF.name: list(ground.engineers(schedule, random)),
        t.GROUND_EQUIPMENT.name: list(ground.equipment(airports, random)),
        t.AIRPORTS.name: [AIRPORTS[code] for code in airports],
        t.AIRPORT_CURFEWS.name: list(curfew_rows(airports, calendar.start - ground.READ_BEFORE)),
        t.AIRPORT_SLOTS.name: list(ground.slots(schedule, random)),
        t.WEATHER.name: list(ground.forecasts(airports, calendar, random)),
        t.NOTAMS.name: list(ground.notams(airports, calendar, random)),
        t.CREW_MEMBERS.name: crewing.members,
        t.CREW_ROSTER.name: crewing.roster,
        t.RESERVE_CREW.name: crewing.reserves,
        t.PASSENGERS.name: travel.passengers,
        t.BOOKINGS.name: travel.bookings,
        t.BAGGAGE.name: travel.bags,
        t.CARGO_SHIPMENTS.name: freight.shipments,
        t.CARGO_FLIGHT_ASSIGNMENTS.name: freight.assignments,
        t.COLD_CHAIN_FACILITIES.name: list(cold_stores(airports, random)),
        t.MINIMUM_CONNECTION_TIMES.name: list(minimum_connection_times()),
        t.PARTNER_FLIGHTS.name: partners,
        t.COST_PARAMETERS.name: list(cost_parameters(today)),
    }
    require_possible(dataset)
    return dataset
