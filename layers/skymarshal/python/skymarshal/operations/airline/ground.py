"""What stands around the flights: slots, weather, notices, engineers, equipment and work on the tails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Final, Literal

from skymarshal.operations.airline.schedule import Calendar, Schedule
from skymarshal.operations.airline.situations import FULL_FLIGHTS, forecast_of
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, AIRPORTS, HUB
from skymarshal.operations.records import (
    AirportSlot,
    GroundEquipment,
    MaintenanceStaffMember,
    MelItem,
    Notam,
    Record,
    WeatherForecast,
    WorkOrder,
)
from skymarshal.operations.statements import NIL, NoAirportSlots, NoMelItems, NoWorkOrders

__all__ = [
    "READ_BEFORE",
    "engineers",
    "equipment",
    "forecasts",
    "mel_items",
    "no_mel_items",
    "no_work_orders",
    "notams",
    "slots",
    "work_orders",
]

_LEVEL_3: Final = frozenset(
    {"LHR", "FRA", "CDG", "ZRH", "FCO", "MXP", "MUC", "AMS", "MAD", "BCN", "GVA", "VIE", "BRU", "DUB", "MAN"}
    | {"CPH", "LIS", "BER", "JFK", "SYD", "HKG", "NRT", "SIN", "BKK", "BOM", "DEL"}
)
_LEVEL_2: Final = frozenset(
    {"AUH", "JED", "RUH", "CAI", "AMM", "MNL", "KUL", "CGK", "YYZ", "ORD", "MEL", "ATH", "IST"}
)
READ_BEFORE: Final = timedelta(hours=1)
"""How long before the first day forecasts were issued and technical logs last compared."""

_FORECAST: Final = timedelta(hours=3)
_FORECAST_LEAD: Final = timedelta(hours=30)
"""No forecast is issued longer ahead, so that one read on any day of the airline is fresh."""

_DEFECTS: Final[tuple[tuple[str, str, Literal["B", "C", "D"], tuple[str, ...]], ...]] = (
    ("21-52-01", "Air conditioning pack 2 inoperative", "C", ("Flight level 310 or below",)),
    ("25-21-04", "Seat in-flight entertainment inoperative, row 34", "D", ()),
    ("30-41-02", "Window heat, first officer's side window, inoperative", "C", ("No flight in known icing",)),
    ("33-41-01", "Wing illumination light inoperative", "C", ()),
    ("34-43-02", "Weather radar 2 inoperative", "C", ()),
    ("35-21-01", "Passenger oxygen mask, seat 41K, inoperative", "D", ("Seat 41K stays empty",)),
    ("52-11-03", "Door 4 left slide pressure indication inoperative", "B", ()),
)
_EQUIPMENT: Final = ("tow tractor", "ground power unit", "air starter", "belt loader", "passenger stairs")
_HUB_EQUIPMENT: Final = (
    ("tow tractor",) * 6
    + ("ground power unit",) * 6
    + ("air starter",) * 4
    + ("belt loader",) * 8
    + ("passenger stairs",) * 4
    + ("high loader",) * 4
)


def slots(schedule: Schedule, random: Random) -> Iterator[Record]:
    """Yield the departure slot of every flight, and of each airport of level 1 that it gives out none."""
    as_of = schedule.calendar.start - READ_BEFORE
    unrestricted: set[str] = set()
    for flight in schedule.flights:
        level: Literal[1, 2, 3] = 3 if flight.origin in _LEVEL_3 else 2 if flight.origin in _LEVEL_2 else 1
        regulated = random.random() < 0.12 and level == 3 and flight.flight_number not in FULL_FLIGHTS
        if level == 1:
            unrestricted.add(flight.origin)
            continue
        yield AirportSlot(
            flight_id=flight.flight_id,
            airport=flight.origin,
            slot_time=flight.std,
            ctot=flight.std + timedelta(minutes=random.randrange(12, 22)) if regulated else None,
            tolerance_before=timedelta(minutes=5 if regulated else 15),
            tolerance_after=timedelta(minutes=10 if regulated else 30 if level == 3 else 120),
            coordinated_level=level,
        )
    for airport in sorted(unrestricted):
        yield NoAirportSlots(
            flight_id=f"{NIL}#{airport}",
            airport=airport,
            slot_time=as_of,
            as_of=as_of,
            source="list of coordinated airports",
        )


def forecasts(airports: Sequence[str], calendar: Calendar, random: Random) -> Iterator[WeatherForecast]:
    """Yield a forecast for every airport and every three hours until long after the last flight."""
    issued = calendar.start - READ_BEFORE
    for airport in airports:
        wind = random.randrange(4, 13)
        begins = calendar.start - timedelta(days=1)
        while begins < calendar.end + timedelta(days=1):
            gusting = random.random() < 0.06
            yield forecast_of(
                WeatherForecast(
                    airport=airport,
                    valid_from=begins,
                    valid_to=begins + _FORECAST,
                    issued_at=max(min(issued, begins - timedelta(hours=1)), begins - _FORECAST_LEAD),
                    visibility_m=9_999 if random.random() < 0.85 else random.randrange(4_000, 9_000, 500),
                    rvr_m=None,
                    ceiling_ft=None if random.random() < 0.6 else random.randrange(1_500, 6_000, 500),
                    wind_kt=max(2, wind + random.randrange(-3, 5)),
                    gust_kt=wind + random.randrange(10, 16) if gusting else None,
                    thunderstorm=False,
                    ground_stop=False,
                    delay_program_minutes=None,
                ),
                calendar,
            )
            begins += _FORECAST


def notams(airports: Sequence[str], calendar: Calendar, random: Random) -> Iterator[Notam]:
    """Yield notices that inform; none of them closes anything."""
    texts = (
        "TWY K CLSD BTN TWY K2 AND TWY K4 DUE WIP",
        "OBST CRANE ERECTED 1.2NM FM ARP, 310FT AMSL, LGTD",
        "BIRD ACTIVITY IN VICINITY OF AD, CTN ADVISED",
        "PAPI RWY 13R U/S",
        "STAND 214 TO 218 NOT AVBL",
    )
    for n, airport in enumerate(airports):
        for number in range(random.randrange(1, 3)):
            begins = calendar.start - timedelta(days=random.randrange(1, 20))
            yield Notam(
                airport=airport,
                notam_id=f"A{1000 + 7 * n + number:04d}/{begins:%y}",
                effect="information",
                valid_from=begins,
                valid_to=calendar.end + timedelta(days=random.randrange(1, 40)),
                text=random.choice(texts),
            )


def engineers(schedule: Schedule, random: Random) -> Iterator[MaintenanceStaffMember]:
    """Yield the licensed engineers: three shifts a day at the hub, one each by day at the outstations."""
    calendar = schedule.calendar
    types = tuple(AIRCRAFT_TYPES)
    number = 0
    days = (*calendar.days, calendar.last + timedelta(days=1))
    outstations = sorted({rotation.trip.destination for rotation in schedule.rotations})
    for day in days:
        midnight = datetime.combine(day, time(), calendar.start.tzinfo)
        for hour in (2, 10, 18):
            for licence, heads in _HUB_SHIFT:
                for head in range(heads):
                    number += 1
                    rated = types if head % 2 == 0 else ("A320", "A321", "B789")
                    start = midnight + timedelta(hours=hour)
                    yield _engineer(number, HUB, licence, rated, start, timedelta(hours=8))
        for airport in outstations:
            number += 1
            rated = tuple(
                dict.fromkeys(
                    rotation.trip.aircraft_type
                    for rotation in schedule.rotations
                    if rotation.trip.destination == airport
                )
            )
            licence = "B1" if random.random() < 0.8 else "B2"
            yield _engineer(number, airport, licence, rated, midnight, timedelta(hours=12))
            number += 1
            half = midnight + timedelta(hours=12)
            yield _engineer(number, airport, "B1", rated, half, timedelta(hours=12))


_HUB_SHIFT: Final[tuple[tuple[Literal["B1", "B2"], int], ...]] = (("B1", 4), ("B2", 2))


def _engineer(
    number: int,
    base: str,
    licence: Literal["B1", "B2"],
    types: tuple[str, ...],
    start: datetime,
    length: timedelta,
) -> MaintenanceStaffMember:
    return MaintenanceStaffMember(
        staff_id=f"ENG{number:04d}",
        base=base,
        licence=licence,
        type_ratings=types,
        shift_start=start,
        shift_end=start + length,
    )


def equipment(airports: Sequence[str], random: Random) -> Iterator[GroundEquipment]:
    """Yield the ground equipment of every airport; now and then a unit is out of service."""
    for airport in airports:
        for number, kind in enumerate(_HUB_EQUIPMENT if airport == HUB else _EQUIPMENT, start=1):
            yield GroundEquipment(
                airport=airport,
                equipment_id=f"{airport}-GSE-{number:02d}",
                equipment_type=kind,
                serviceable=random.random() > 0.04,
            )


def mel_items(schedule: Schedule, taken: frozenset[str], random: Random) -> Iterator[MelItem]:
    """Yield deferred defects, open past the last flight or rectified, on tails that are not in `taken`."""
    calendar = schedule.calendar
    for aircraft in schedule.aircraft:
        if aircraft.registration in taken or random.random() > 0.45:
            continue
        ata, title, category, limits = random.choice(_DEFECTS)
        days = {"B": 3, "C": 10, "D": 120}[category]
        covers = (calendar.end.date() - calendar.today).days
        rectified = random.random() < 0.3 or days <= covers + 1
        before = random.randrange(4, 9) if rectified else random.randrange(1, min(days - covers, 30))
        discovered = calendar.start - timedelta(days=before) + timedelta(minutes=random.randrange(1_440))
        expires = datetime.combine(
            discovered.date() + timedelta(days=days + 1), time(), calendar.start.tzinfo
        )
        yield MelItem(
            registration=aircraft.registration,
            item_id=f"MEL-{ata}",
            ata=ata[:2],
            title=title,
            category=category,
            discovered_at=discovered,
            interval_days=None,
            expires_at=expires,
            extended=False,
            rectified_at=discovered + timedelta(days=2, hours=5) if rectified else None,
            removes_etops=False,
            operational_limits=limits,
        )


def work_orders(schedule: Schedule, random: Random) -> Iterator[WorkOrder]:
    """Yield work done on some tails, planned on spares, and in hand on the tail in maintenance."""
    calendar = schedule.calendar
    number = 0
    for aircraft in schedule.aircraft:
        if aircraft.status == "in_service" and random.random() > 0.3:
            continue
        number += 1
        in_hand = aircraft.status == "maintenance"
        likely = 30.0 if in_hand else float(random.randrange(2, 7))
        start = calendar.start - timedelta(days=1, hours=10)
        if aircraft.status == "spare":
            start = calendar.end - timedelta(hours=20)
        released = start + timedelta(hours=likely) if aircraft.status == "in_service" else None
        yield WorkOrder(
            workorder_id=f"WO{24_000 + number}",
            registration=aircraft.registration,
            airport=HUB,
            scheduled_start=start,
            task="Heavy check, flap track replacement" if in_hand else "Weekly check",
            ata="57" if in_hand else "05",
            hours_min=likely * 0.8,
            hours_likely=likely,
            hours_max=likely * 1.5,
            licence_required="B1",
            parts_eta=calendar.start + timedelta(days=2, hours=6) if in_hand else None,
            parts_required=in_hand,
            released_at=released,
        )


def no_mel_items(schedule: Schedule, items: Iterable[MelItem]) -> Iterator[NoMelItems]:
    """Yield that there is no deferred defect, for each tail without a row."""
    kept = {item.registration for item in items}
    for aircraft in schedule.aircraft:
        if aircraft.registration not in kept:
            as_of = schedule.calendar.start - READ_BEFORE
            yield NoMelItems(registration=aircraft.registration, as_of=as_of, source="technical log")


def no_work_orders(schedule: Schedule, orders: Iterable[WorkOrder]) -> Iterator[NoWorkOrders]:
    """Yield that there is no work order, for each tail without a row."""
    kept = {order.registration for order in orders}
    for aircraft in schedule.aircraft:
        if aircraft.registration not in kept:
            as_of = schedule.calendar.start - READ_BEFORE
            yield NoWorkOrders(
                workorder_id=f"{NIL}#{aircraft.registration}",
                registration=aircraft.registration,
                scheduled_start=as_of,
                as_of=as_of,
                source="maintenance planning",
            )


def airports_served(schedule: Schedule, others: Sequence[str]) -> list[str]:
    """Return the airports that the data set knows, in the order of the world's list."""
    served = {rotation.trip.destination for rotation in schedule.rotations} | {HUB, *others}
    return [code for code in AIRPORTS if code in served]
