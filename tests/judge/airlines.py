"""Airlines in which something is missing, broken, small or far away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from skymarshal.operations.airline import generate
from skymarshal.operations.records import MelItem, Notam, Record, WorkOrder

Airline = dict[str, list[Record]]
Change = Callable[[Airline, Random, datetime], None]

DAYS = (
    date(2026, 11, 23),
    # Nights on which clocks change: in Europe in March and October, in North America in between.
    date(2026, 3, 7),
    date(2026, 3, 28),
    date(2026, 10, 24),
    date(2026, 10, 31),
)
SILENT_TABLES = (
    "MelItems",
    "MaintenanceWorkOrders",
    "AirportCurfews",
    "Notams",
    "Weather",
    "CrewMembers",
    "CrewRoster",
    "Aircraft",
    "ReserveCrew",
)

HOUR = timedelta(hours=1)


@cache
def sample(day: date) -> dict[str, tuple[Record, ...]]:
    """The sample airline around a day, made once for each process."""
    return {name: tuple(rows) for name, rows in generate("small", day, Random(7)).items()}


def perturbed(random: Random, chosen: Sequence[str] = ()) -> tuple[Airline, Airline, tuple[str, ...]]:
    """An airline of a random day as it was and with one to four things the matter, and what they are."""
    day = random.choice(DAYS)
    before = {name: list(rows) for name, rows in sample(day).items()}
    airline = {name: list(rows) for name, rows in before.items()}
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    names = tuple(chosen) or tuple(random.sample(sorted(CHANGES), random.randint(1, 4)))
    for name in names:
        CHANGES[name](airline, random, noon)
    return before, airline, names


def _some(rows: Sequence[Any], random: Random, share: float) -> set[int]:
    return {at for at in range(len(rows)) if random.random() < share}


def _mel_takes_etops(airline: Airline, random: Random, noon: datetime) -> None:
    _open_items(airline, random, noon, expires=timedelta(days=5), removes_etops=True)


def _mel_has_run_out(airline: Airline, random: Random, noon: datetime) -> None:
    """Expired items, each beside a task of the same chapter that does not clear it."""
    _open_items(airline, random, noon, expires=-3 * HOUR, removes_etops=False)
    for item in [one for one in airline["MelItems"] if isinstance(one, MelItem)]:
        if not item.item_id.startswith("J-"):
            continue
        airline["MaintenanceWorkOrders"].append(
            WorkOrder(
                workorder_id=f"WO-{item.item_id}-{item.registration}",
                registration=item.registration,
                airport="AUH",
                scheduled_start=noon - HOUR,
                task="main wheel tyre change",
                ata=item.ata,
                hours_min=0.5,
                hours_likely=1.0,
                hours_max=2.0,
                licence_required="B1",
                parts_eta=None,
                parts_required=False,
                released_at=None,
            )
        )


def _open_items(
    airline: Airline, random: Random, noon: datetime, *, expires: timedelta, removes_etops: bool
) -> None:
    tails = [one.registration for one in airline["Aircraft"]]  # type: ignore[attr-defined]
    for tail in random.sample(tails, len(tails) // 2):
        airline["MelItems"].append(
            MelItem(
                registration=tail,
                item_id=f"J-{'E' if removes_etops else 'X'}",
                ata="32",
                title="landing gear door",
                category="C",
                discovered_at=noon - timedelta(days=5),
                interval_days=None,
                expires_at=noon + expires,
                extended=False,
                rectified_at=None,
                removes_etops=removes_etops,
                operational_limits=(),
            )
        )


def _tails_not_there_yet(airline: Airline, random: Random, noon: datetime) -> None:
    rows: list[Any] = airline["Aircraft"]
    for at in _some(rows, random, 0.4):
        free = noon + random.uniform(2, 30) * HOUR
        status = random.choice([rows[at].status, "maintenance", "aog"])
        rows[at] = replace(rows[at], available_from=free, status=status)


def _no_etops_on_record(airline: Airline, random: Random, _: datetime) -> None:
    rows: list[Any] = airline["Aircraft"]
    for at in _some(rows, random, 0.4):
        rows[at] = replace(rows[at], etops_minutes=None)


def _small_holds(airline: Airline, random: Random, _: datetime) -> None:
    rows: list[Any] = airline["Aircraft"]
    for at in _some(rows, random, 0.6):
        rows[at] = replace(rows[at], hold_kg=random.choice([500, 2_000, 4_000]))


def _few_cabin_crew(airline: Airline, random: Random, _: datetime) -> None:
    """Flights with one to four cabin crew members, or without a purser."""
    rows: list[Any] = airline["CrewRoster"]
    flights = sorted({row.flight_id for row in rows})
    short = {flight: random.randint(1, 4) for flight in random.sample(flights, len(flights) // 3)}
    left: list[Record] = []
    for row in rows:
        if row.role == "cabin" and row.flight_id in short:
            if not short[row.flight_id]:
                continue
            short[row.flight_id] -= 1
        left.append(row)
    airline["CrewRoster"] = left


def _layovers(airline: Airline, random: Random, _: datetime) -> None:
    """The duty before ended hours ago in a place of another time, at any difference."""
    rows: list[Any] = airline["CrewRoster"]
    places = ("AUH", "LHR", "JFK", "SYD", "BKK", "BOM", "CDG", "NRT")
    for at in _some(rows, random, 0.5):
        row = rows[at]
        if row.past_duties is None:
            continue
        rest, duty = random.uniform(8, 30) * HOUR, random.uniform(4, 15) * HOUR
        debrief = _whole(row.report - rest)
        line = _line(debrief - _whole_span(duty), debrief, random.choice(places), row.report_airport)
        kept = [one for one in row.past_duties if one[:17] <= f"{debrief - duty - 8 * HOUR:%Y-%m-%dT%H:%MZ}"]
        rows[at] = replace(row, past_duties=(*kept, line), rest_before=row.report - debrief)


def _no_days_off(airline: Airline, random: Random, _: datetime) -> None:
    """A duty on each of the last nine days, so that the last recovery rest is long gone."""
    rows: list[Any] = airline["CrewRoster"]
    for at in _some(rows, random, 0.3):
        row = rows[at]
        if row.past_duties is None:
            continue
        lines = []
        for days in range(9, 0, -1):
            report = _whole(row.report - timedelta(days=days))
            lines.append(_line(report, report + 8 * HOUR, row.report_airport, row.report_airport))
        earlier = [
            one for one in row.past_duties if one[:17] < f"{row.report - timedelta(days=10):%Y-%m-%dT%H:%MZ}"
        ]
        rows[at] = replace(row, past_duties=(*earlier, *lines), rest_before=16 * HOUR)


def _past_not_told(airline: Airline, random: Random, _: datetime) -> None:
    rows: list[Any] = airline["CrewRoster"]
    for at in _some(rows, random, 0.3):
        rows[at] = replace(rows[at], past_duties=None, past_duties_from=None)


def _near_the_limits(airline: Airline, random: Random, _: datetime) -> None:
    rows: list[Any] = airline["CrewRoster"]
    for at in _some(rows, random, 0.4):
        rows[at] = replace(
            rows[at],
            duty_hours_28d=random.uniform(170, 195),
            flight_hours_28d=random.uniform(85, 102),
            flight_hours_year=random.uniform(870, 905),
        )


def _reserves_also_rostered(airline: Airline, random: Random, _: datetime) -> None:
    """Reserves who stand on the roster for a flight in the hours of their standby."""
    reserves: list[Any] = airline["ReserveCrew"]
    rows: list[Any] = airline["CrewRoster"]
    for at in _some(reserves, random, 0.5):
        one = reserves[at]
        same = [row for row in rows if row.role == one.role and one.start <= row.report <= one.end + 6 * HOUR]
        if same:
            rows.append(replace(random.choice(same), crew_id=one.crew_id))


def _closed(airline: Airline, random: Random, noon: datetime) -> None:
    """Airports and runways that notices close for hours, the hub among them."""
    airports: list[Any] = airline["Airports"]
    for airport in ["AUH", *random.sample([one.airport for one in airports], 8)]:
        start = noon + random.uniform(-6, 30) * HOUR
        airline["Notams"].append(
            Notam(
                airport=airport,
                notam_id="J0001/26",
                effect=random.choice(["airport_closed", "runway_closed"]),
                valid_from=_whole(start),
                valid_to=_whole(start + random.uniform(2, 15) * HOUR),
                text="closed",
            )
        )


def _one_runway(airline: Airline, random: Random, noon: datetime) -> None:
    rows: list[Any] = airline["Airports"]
    for at in _some(rows, random, 0.5):
        rows[at] = replace(rows[at], runways=1)
    _closed(airline, random, noon)


def _tables_silent(airline: Airline, random: Random, _: datetime) -> None:
    for name in random.sample(SILENT_TABLES, random.randint(1, 2)):
        airline[name] = []


def _rows_missing(airline: Airline, random: Random, _: datetime) -> None:
    for name in random.sample(SILENT_TABLES, 3):
        gone = _some(airline[name], random, 0.25)
        airline[name] = [row for at, row in enumerate(airline[name]) if at not in gone]


def _separate_tickets(airline: Airline, random: Random, _: datetime) -> None:
    rows: list[Any] = airline["Bookings"]
    for at in _some(rows, random, 0.3):
        rows[at] = replace(rows[at], single_ticket=False)


def _wet_leased(airline: Airline, random: Random, _: datetime) -> None:
    """Tails of a lessor: they fly our flights, and our tables hold no row of theirs."""
    flights: list[Any] = airline["Flights"]
    tails = sorted({one.registration for one in flights})
    leased = {tail: f"LZ-{tail[-3:]}" for tail in random.sample(tails, len(tails) // 3)}
    airline["Flights"] = [
        replace(f, registration=leased.get(f.registration, f.registration)) for f in flights
    ]


def _whole(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _whole_span(span: timedelta) -> timedelta:
    return timedelta(minutes=int(span / timedelta(minutes=1)))


def _line(report: datetime, debrief: datetime, start: str, end: str) -> str:
    """A past duty as the roster writes it."""
    return f"{report:%Y-%m-%dT%H:%MZ}/{debrief:%Y-%m-%dT%H:%MZ} {start}-{end} flight 5:00"


CHANGES: dict[str, Change] = {
    change.__name__.lstrip("_").replace("_", " "): change
    for change in (
        _closed,
        _few_cabin_crew,
        _layovers,
        _mel_has_run_out,
        _mel_takes_etops,
        _near_the_limits,
        _no_days_off,
        _no_etops_on_record,
        _one_runway,
        _past_not_told,
        _reserves_also_rostered,
        _rows_missing,
        _separate_tickets,
        _small_holds,
        _tables_silent,
        _tails_not_there_yet,
        _wet_leased,
    )
}
