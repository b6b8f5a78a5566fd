"""What the shipped scenarios need to be true, laid into the one sample airline.

Each scenario reports a disruption of one of tomorrow's flights. What makes it a problem stands in the
tables, here in one place:

- `hydraulic`: EY283 to London is nearly full, carries cold chain and live animals, its tail already
  has a deferred defect, and a spare of the type stands at the hub.
- `crew`: EY264 to Colombo and back is one duty of more than eleven hours, so a delay of four
  hours takes the crew beyond the maximum flight duty period, discretion included. Airport standby that
  began at noon can still fly it.
- `fog`: Lahore has CAT I only and lies in fog from before EY241's arrival until morning.
- `curfew`: EY122 leaves Frankfurt at 21:45 local time, 75 minutes before the night begins.
- `connections`: EY205 from Mumbai feeds the morning departures to London, Paris and Zurich with
  forty passengers and no more than 45 minutes above the minimum connection time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from skymarshal.operations.airline.schedule import Calendar, Schedule
from skymarshal.operations.records import MelItem, WeatherForecast

__all__ = ["FEEDS", "FULL_FLIGHTS", "deferred_defects", "forecast_of"]

FEEDS: Final[Mapping[str, Mapping[str, int]]] = {
    "EY205": {"EY283": 16, "EY31": 13, "EY73": 11, "EY513": 8, "EY101": 17},
}
"""Passengers who change from one flight to another, by flight number, every day, and no others do."""

FULL_FLIGHTS: Final[Mapping[str, float]] = {
    "EY283": 0.92,
    "EY264": 0.84,
    "EY241": 0.86,
    "EY122": 0.78,
    "EY205": 0.93,
}
"""Share of the seats that are sold today and tomorrow."""

_FOG_AT: Final = "LHE"
_FOG_FROM: Final = timedelta(hours=18)
_FOG_UNTIL: Final = timedelta(hours=27)


def forecast_of(forecast: WeatherForecast, calendar: Calendar) -> WeatherForecast:
    """Return the forecast with the fog of tomorrow night where it belongs."""
    tomorrow = calendar.start + timedelta(days=1)
    begins, ends = tomorrow + _FOG_FROM, tomorrow + _FOG_UNTIL
    if forecast.airport != _FOG_AT or forecast.valid_to <= begins or forecast.valid_from >= ends:
        return forecast
    return replace(
        forecast,
        visibility_m=150,
        rvr_m=200,
        ceiling_ft=100,
        wind_kt=2,
        gust_kt=None,
        thunderstorm=False,
    )


def deferred_defects(schedule: Schedule) -> Iterator[MelItem]:
    """Yield the deferred defect that the tail of tomorrow's EY283 already has."""
    tomorrow = schedule.calendar.today + timedelta(days=1)
    for rotation in schedule.rotations:
        if rotation.out.flight_id == f"EY283-{tomorrow.isoformat()}":
            discovered = schedule.calendar.start - timedelta(days=2)
            expires = datetime.combine(discovered.date() + timedelta(days=11), time(), UTC)
            yield MelItem(
                registration=rotation.out.registration,
                item_id="MEL-49-11-01",
                ata="49",
                title="Auxiliary power unit inoperative",
                category="C",
                discovered_at=discovered + timedelta(hours=7, minutes=40),
                interval_days=None,
                expires_at=expires,
                extended=False,
                rectified_at=None,
                removes_etops=False,
                operational_limits=("Ground power and an air starter are needed at every station",),
            )
