"""A flight from Abu Dhabi to London on a winter Tuesday, row by row, for tests to bend.

EY283 leaves AUH at 08:00 local (04:00Z) on 2026-03-10 and lands at LHR at 11:00Z after 7 h of block. The
crew of four reports at 02:45Z, is acclimatised to Abu Dhabi, flies one sector and rests in London.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType, RepairEstimate
from skymarshal.operations import InMemoryTables
from skymarshal.operations.past_duties import ListedDuty, past_duty_text
from skymarshal.operations.records import (
    Aircraft,
    Airport,
    AirportCurfew,
    AirportSlot,
    CrewAssignment,
    CrewMember,
    CrewRole,
    Flight,
    GroundEquipment,
    MaintenanceStaffMember,
    MelItem,
    Notam,
    Rating,
    Record,
    ReserveCrewMember,
    WeatherForecast,
    WorkOrder,
)
from skymarshal.operations.statements import (
    NoAirportCurfews,
    NoAirportSlots,
    NoMelItems,
    NoNotams,
    NoWorkOrders,
)

DAY = date(2026, 3, 10)
STD = datetime(2026, 3, 10, 4, tzinfo=UTC)
STA = datetime(2026, 3, 10, 11, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
FLIGHT_ID = "EY283-2026-03-10"
TAIL = "A6-BLA"


def z(hour: int, minute: int = 0, *, day: int = 10) -> datetime:
    """A UTC instant on a day of March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def hours(value: float) -> timedelta:
    return timedelta(hours=value)


def disruption(type_: DisruptionType = DisruptionType.TECHNICAL, **changes: Any) -> Disruption:
    values: dict[str, Any] = {
        "disruption_id": "d-1",
        "type": type_,
        "flight_id": FLIGHT_ID,
        "reported_at": NOW,
        "airport": None,
        "description": "",
        "details": DisruptionDetails(),
    }
    return Disruption(**(values | changes))


def repair(least: float, likely: float, most: float) -> RepairEstimate:
    return RepairEstimate(least=hours(least), likely=hours(likely), most=hours(most))


def flight(**changes: Any) -> Flight:
    values: dict[str, Any] = {
        "flight_id": FLIGHT_ID,
        "flight_number": "EY283",
        "flight_date": DAY,
        "carrier": "EY",
        "origin": "AUH",
        "destination": "LHR",
        "std": STD,
        "sta": STA,
        "etd": None,
        "eta": None,
        "block": hours(7),
        "flight_time": hours(6.5),
        "status": "scheduled",
        "registration": TAIL,
        "aircraft_type": "B789",
        "service": "passenger",
        "terminal": "A",
        "gate": None,
        "stand": None,
        "distance_km": 5500,
    }
    return Flight(**(values | changes))


def leg(number: str, origin: str, destination: str, std: datetime, block: float, **changes: Any) -> Flight:
    values: dict[str, Any] = {
        "flight_id": f"{number}-{std.date().isoformat()}",
        "flight_number": number,
        "flight_date": std.date(),
        "origin": origin,
        "destination": destination,
        "std": std,
        "sta": std + hours(block),
        "block": hours(block),
        "flight_time": hours(block - 0.5),
    }
    return flight(**(values | changes))


def inbound(**changes: Any) -> Flight:
    return leg("EY284", "LHR", "AUH", z(18, day=9), 7, **changes)


def outbound_return() -> Flight:
    return leg("EY286", "LHR", "AUH", z(14), 7)


def aircraft(registration: str = TAIL, **changes: Any) -> Aircraft:
    values: dict[str, Any] = {
        "registration": registration,
        "aircraft_type": "B789",
        "seats": {"business": 28, "economy": 262},
        "hold_kg": 42_000,
        "range_km": 14_000,
        "etops_minutes": 180,
        "status": "in_service",
        "location": "AUH",
        "available_from": z(1),
        "minimum_turnaround": timedelta(minutes=75),
    }
    return Aircraft(**(values | changes))


def mel(**changes: Any) -> MelItem:
    values: dict[str, Any] = {
        "registration": TAIL,
        "item_id": "MEL-33-41-01",
        "ata": "33",
        "title": "Wing illumination light inoperative",
        "category": "C",
        "discovered_at": z(9, day=5),
        "interval_days": None,
        "expires_at": z(0, day=16),
        "extended": False,
        "rectified_at": None,
        "removes_etops": False,
        "operational_limits": (),
    }
    return MelItem(**(values | changes))


def work_order(**changes: Any) -> WorkOrder:
    values: dict[str, Any] = {
        "workorder_id": "WO1",
        "registration": TAIL,
        "airport": "AUH",
        "scheduled_start": z(2),
        "task": "Replace hydraulic pump",
        "ata": "29",
        "hours_min": 2.0,
        "hours_likely": 3.0,
        "hours_max": 5.0,
        "licence_required": "B1",
        "parts_eta": None,
        "parts_required": False,
        "released_at": None,
    }
    return WorkOrder(**(values | changes))


def engineer(staff_id: str, licence: str, start: datetime, end: datetime, **changes: Any) -> Record:
    values: dict[str, Any] = {
        "staff_id": staff_id,
        "base": "AUH",
        "licence": licence,
        "type_ratings": ("B789",),
        "shift_start": start,
        "shift_end": end,
    }
    return MaintenanceStaffMember(**(values | changes))


def shifts() -> list[Record]:
    """Round-the-clock B1 and B2 cover."""
    return [
        engineer(f"{licence}-{start.isoformat()}", licence, start, start + hours(12))
        for licence in ("B1", "B2")
        for start in (z(18, day=9), z(6), z(18), z(6, day=11), z(18, day=11))
    ]


def equipment(airport: str, kind: str, *, serviceable: bool = True) -> GroundEquipment:
    return GroundEquipment(
        airport=airport, equipment_id=f"{airport}-{kind}", equipment_type=kind, serviceable=serviceable
    )


def airport(code: str, **changes: Any) -> Airport:
    known: dict[str, dict[str, Any]] = {
        "AUH": {
            "icao": "OMAA",
            "zone": "Asia/Dubai",
            "lat": 24.433,
            "lon": 54.651,
            "country": "AE",
            "hub": True,
        },
        "LHR": {
            "icao": "EGLL",
            "zone": "Europe/London",
            "lat": 51.471,
            "lon": -0.460,
            "country": "GB",
            "uk": True,
        },
        "FRA": {
            "icao": "EDDF",
            "zone": "Europe/Berlin",
            "lat": 50.033,
            "lon": 8.570,
            "country": "DE",
            "eu": True,
        },
        "JFK": {"icao": "KJFK", "zone": "America/New_York", "lat": 40.640, "lon": -73.779, "country": "US"},
        "SYD": {"icao": "YSSY", "zone": "Australia/Sydney", "lat": -33.946, "lon": 151.177, "country": "AU"},
        "LHE": {"icao": "OPLA", "zone": "Asia/Karachi", "lat": 31.522, "lon": 74.404, "country": "PK"},
    }
    values: dict[str, Any] = {
        "airport": code,
        "name": code,
        "hub": False,
        "eu": False,
        "uk": False,
        "runway_m": 4000,
        "precision_approach": "CAT III",
    }
    return Airport(**(values | known[code] | changes))


def curfew(
    code: str, rule_id: str, window: str, movement: str, kind: str, grace: int | None = None
) -> Record:
    start, end = map(time.fromisoformat, window.split("-"))
    values: dict[str, Any] = {"movement": movement, "kind": kind}
    return AirportCurfew(
        airport=code,
        rule_id=rule_id,
        local_start=start,
        local_end=end,
        grace=None if grace is None else timedelta(minutes=grace),
        valid_from=date(2011, 1, 1),
        valid_to=None,
        source=f"{code} night rules",
        **values,
    )


def forecast(code: str, start: datetime, end: datetime, **changes: Any) -> WeatherForecast:
    values: dict[str, Any] = {
        "airport": code,
        "valid_from": start,
        "valid_to": end,
        "issued_at": z(23, day=9),
        "visibility_m": 9999,
        "rvr_m": None,
        "ceiling_ft": None,
        "wind_kt": 8,
        "gust_kt": None,
        "thunderstorm": False,
        "ground_stop": False,
        "delay_program_minutes": None,
    }
    return WeatherForecast(**(values | changes))


def fair(code: str) -> list[Record]:
    """Good weather from the evening before for two days and a half, six hours at a time."""
    start = z(18, day=9)
    return [forecast(code, start + hours(6 * n), start + hours(6 * n + 6)) for n in range(11)]


def notam(code: str, effect: str, start: datetime, end: datetime, text: str = "") -> Notam:
    values: dict[str, Any] = {"effect": effect}
    return Notam(airport=code, notam_id="A0001/26", valid_from=start, valid_to=end, text=text, **values)


def slot(**changes: Any) -> AirportSlot:
    values: dict[str, Any] = {
        "flight_id": FLIGHT_ID,
        "airport": "AUH",
        "slot_time": STD,
        "ctot": None,
        "tolerance_before": timedelta(minutes=15),
        "tolerance_after": timedelta(minutes=120),
        "coordinated_level": 2,
    }
    return AirportSlot(**(values | changes))


CREW: tuple[tuple[str, CrewRole], ...] = (
    ("CPT1", "captain"),
    ("FO1", "first_officer"),
    ("PU1", "purser"),
    *((f"CC{number}", "cabin") for number in range(1, 6)),
)


def member(crew_id: str, role: CrewRole, **changes: Any) -> CrewMember:
    values: dict[str, Any] = {
        "crew_id": crew_id,
        "name": crew_id,
        "role": role,
        "base": "AUH",
        "ratings": (Rating(aircraft_type="B789", valid_until=z(0, day=30)),),
        "medical_valid_until": z(0, day=30),
        "recency_until": z(0, day=30) if role in ("captain", "first_officer") else None,
        "home_zone": "Asia/Dubai",
    }
    return CrewMember(**(values | changes))


def past(report: datetime, rest: timedelta, place: str = "AUH") -> dict[str, Any]:
    """Duties before a report: four days by day at the hub and three off, then one that ends `rest` before."""
    ended = report - rest
    days = [
        (ended - timedelta(days=back)).replace(hour=6, minute=0) for back in range(34, 4, -1) if back % 7 > 2
    ]
    duties = [
        ListedDuty(
            report=day, debrief=day + hours(6), start="AUH", end="AUH", kind="flight", flight_time=hours(3)
        )
        for day in days
    ]
    duties.append(
        ListedDuty(
            report=ended - hours(8),
            debrief=ended,
            start="AUH",
            end=place,
            kind="flight",
            flight_time=hours(6),
        )
    )
    return {
        "past_duties": tuple(past_duty_text(duty) for duty in duties),
        "past_duties_from": report - timedelta(days=40),
    }


def assignment(crew_id: str, role: CrewRole, **changes: Any) -> CrewAssignment:
    report: datetime = changes.get("report", z(2, 45))
    sector: int = changes.get("sector", 1)
    values: dict[str, Any] = {
        "crew_id": crew_id,
        "duty_start": f"{report:%Y-%m-%dT%H:%M:%SZ}#{sector}",
        "flight_id": FLIGHT_ID,
        "role": role,
        "sector": sector,
        "duty_flights": (FLIGHT_ID,),
        "report": report,
        "report_airport": "AUH",
        "debrief": STA + timedelta(minutes=30),
        "rest_before": hours(40),
        "next_report": None,
        "duty_hours_7d": 20.0,
        "duty_hours_14d": 45.0,
        "duty_hours_28d": 90.0,
        "flight_hours_28d": 50.0,
        "flight_hours_year": 150.0,
        "flight_hours_12_months": 600.0,
        "acclimatised_zone": "Asia/Dubai",
        "hours_since_zone_report": 0.0,
        "augmented_pilots": 0,
        "rest_facility": None,
        "extensions_last_7_days": 0,
        "disruptive_duties": 0,
        "night_duties_managed": True,
        **past(report, changes.get("rest_before", hours(40)), changes.get("report_airport", "AUH")),
    }
    return CrewAssignment(**(values | changes))


def roster(**changes: Any) -> list[Record]:
    return [assignment(crew_id, role, **changes) for crew_id, role in CREW]


def members(**changes: Any) -> list[Record]:
    return [member(crew_id, role, **changes) for crew_id, role in CREW]


def reserve(crew_id: str, role: CrewRole, **changes: Any) -> ReserveCrewMember:
    values: dict[str, Any] = {
        "base": "AUH",
        "crew_id": crew_id,
        "standby_type": "airport",
        "start": z(2),
        "end": z(10),
        "role": role,
        "aircraft_types": ("B789",),
        "call_out": timedelta(0),
        "duty_hours_7d": 10.0,
        "duty_hours_14d": 25.0,
        "duty_hours_28d": 60.0,
        "flight_hours_28d": 30.0,
        "flight_hours_year": 100.0,
        "flight_hours_12_months": 500.0,
        "night_duties_managed": True,
        **past(changes.get("start", z(2)), hours(48)),
    }
    return ReserveCrewMember(**(values | changes))


AS_OF = z(0)
"""When the tables of a quiet day say that there is none."""


def no_defects(registration: str = TAIL, as_of: datetime = AS_OF) -> NoMelItems:
    return NoMelItems(registration=registration, as_of=as_of)


def no_orders(registration: str = TAIL, as_of: datetime = AS_OF) -> NoWorkOrders:
    return NoWorkOrders(
        workorder_id=f"NIL#{registration}", registration=registration, scheduled_start=as_of, as_of=as_of
    )


def no_curfews(code: str, as_of: datetime = NOW) -> NoAirportCurfews:
    return NoAirportCurfews(airport=code, as_of=as_of)


def no_notams(code: str, as_of: datetime = NOW) -> NoNotams:
    return NoNotams(airport=code, as_of=as_of)


def no_slots(code: str, as_of: datetime = NOW) -> NoAirportSlots:
    return NoAirportSlots(flight_id=f"NIL#{code}", airport=code, slot_time=as_of, as_of=as_of)


STATED = {
    "MelItems": ("Aircraft", "registration", no_defects),
    "MaintenanceWorkOrders": ("Aircraft", "registration", no_orders),
    "AirportCurfews": ("Airports", "airport", no_curfews),
    "Notams": ("Airports", "airport", no_notams),
}


def _said(tables: dict[str, list[Record]], silent: Collection[str]) -> None:
    """Let the tables of tails and airports say that there is none where they have no row."""
    for name, (owners, key, none) in STATED.items():
        if name in silent:
            continue
        kept = {getattr(row, key) for row in tables[name]}
        owning = [getattr(one, key) for one in tables[owners]]
        tables[name] += [none(one) for one in owning if one not in kept]


def dataset(*, silent: Collection[str] = (), **changes: Iterable[Record]) -> dict[str, Sequence[Record]]:
    """Every table that the safety agents read, in order; `changes` replace whole tables.

    A tail or an airport without a row is said to have none, save in the tables that are to be `silent`.
    """
    tables: dict[str, Iterable[Record]] = {
        "Flights": [inbound(), flight(), outbound_return()],
        "Aircraft": [aircraft()],
        "MelItems": [],
        "MaintenanceWorkOrders": [],
        "MaintenanceStaff": shifts(),
        "GroundEquipment": [
            equipment(code, kind) for code in ("AUH", "LHR") for kind in ("ground power unit", "air starter")
        ],
        "Airports": [airport("AUH"), airport("LHR")],
        "AirportCurfews": [],
        "AirportSlots": [slot(), no_slots("LHR")],
        "Weather": [*fair("AUH"), *fair("LHR")],
        "Notams": [],
        "CrewMembers": members(),
        "CrewRoster": roster(),
        "ReserveCrew": [],
    }
    found = {name: list(rows) for name, rows in (tables | changes).items()}
    _said(found, silent)
    return dict(found)


class Tables(InMemoryTables):
    """Tables that give out all their rows, for who works from those alone."""

    def __init__(self, dataset: dict[str, Sequence[Record]]) -> None:
        super().__init__(dataset)
        self.dataset = dataset


def tables(*, silent: Collection[str] = (), **changes: Iterable[Record]) -> Tables:
    return Tables(dataset(silent=silent, **changes))


def changed(rows: Iterable[Record], key: str, value: str, **changes: Any) -> list[Record]:
    """The rows with `changes` made to the one whose `key` is `value`."""
    return [replace(row, **changes) if getattr(row, key) == value else row for row in rows]
