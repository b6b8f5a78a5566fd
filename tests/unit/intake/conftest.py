from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from skymarshal.operations.records import Airport, Flight


def flight(number: str, std: datetime, status: str = "scheduled") -> Flight:
    return Flight(
        flight_id=f"{number}-{std.date().isoformat()}",
        flight_number=number,
        flight_date=std.date(),
        carrier=number[:2],
        origin="AUH",
        destination="LHR",
        std=std,
        sta=std + timedelta(hours=7),
        etd=None,
        eta=None,
        block=timedelta(hours=7),
        flight_time=timedelta(hours=6, minutes=30),
        status=status,
        registration="A6-BLA",
        aircraft_type="B789",
        service="passenger",
        terminal="A",
        gate=None,
        stand=None,
        distance_km=5500,
    )


AUH = Airport(
    airport="AUH",
    icao="OMAA",
    name="Zayed International",
    zone="Asia/Dubai",
    lat=24.43,
    lon=54.65,
    country="AE",
    hub=True,
    eu=False,
    uk=False,
    runway_m=4100,
    precision_approach="CAT III",
)

MUSCAT = replace(AUH, airport="MCT", icao="OOMS", name="Muscat International", country="OM", hub=False)


@dataclass
class Schedule:
    rows: list[Flight] = field(default_factory=list)

    def flight(self, flight_id: str) -> Flight | None:
        return next((row for row in self.rows if row.flight_id == flight_id), None)

    def flights_by_number(self, flight_number: str, flight_date: date) -> list[Flight]:
        return [
            row for row in self.rows if (row.flight_number, row.flight_date) == (flight_number, flight_date)
        ]

    def airport(self, airport: str) -> Airport | None:
        return {"AUH": AUH, "MCT": MUSCAT}.get(airport)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 2, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def schedule() -> Schedule:
    """EY283 leaves at 22:30Z, which is half past two the next morning in Abu Dhabi; EY11 at noon."""
    days = [datetime(2026, 2, day, tzinfo=UTC) for day in (3, 4, 5)]
    late = [flight("EY283", day + timedelta(hours=22, minutes=30)) for day in days]
    noon = [flight("EY11", day + timedelta(hours=12)) for day in days]
    return Schedule([*late, *noon, flight("EY99", days[0], status="arrived")])
