"""What each number and instant of a row can be; a row beyond it is malformed.

The bounds are wide: they keep out what cannot be, such as a shipment of less than nothing or a latitude of
999, and judge nothing that could.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, get_type_hints

from skymarshal.operations.records import Record

__all__ = ["Violation", "violation"]

Violation = tuple[str, object, str]
"""A field, its value and what would be right."""

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_MASS_KG: Final = (0, 1_000_000)
_HOURS: Final = (0, 10_000)
_MONEY: Final = (0, 10**12)
_SEATS: Final = (0, 1_000)

_NUMBERS: Final[Mapping[str, tuple[float, float]]] = {
    "augmented_pilots": (0, 4),
    "ceiling_ft": (0, 100_000),
    "delay_program_minutes": (0, 2_880),
    "disruptive_duties": (0, 100),
    "distance_km": (1, 21_000),
    "duty_hours_7d": (0, 168),
    "duty_hours_14d": (0, 336),
    "duty_hours_28d": (0, 672),
    "etops_minutes": (0, 600),
    "extensions_last_7_days": (0, 20),
    "fare": _MONEY,
    "flight_hours_12_months": (0, 8_784),
    "flight_hours_28d": (0, 672),
    "flight_hours_year": (0, 8_784),
    "free_capacity_kg": (0, 10**8),
    "gust_kt": (0, 300),
    "hold_free_kg": _MASS_KG,
    "hold_kg": _MASS_KG,
    "hours_left": _HOURS,
    "hours_likely": _HOURS,
    "hours_max": _HOURS,
    "hours_min": _HOURS,
    "hours_since_zone_report": (0, 100_000),
    "interval_days": (0, 3_660),
    "lat": (-90, 90),
    "lon": (-180, 180),
    "minutes": (0, 2_880),
    "pieces": (0, 100_000),
    "range_km": (1, 21_000),
    "runway_headings": (0, 360),
    "runway_m": (0, 10_000),
    "rvr_m": (0, 100_000),
    "seats": _SEATS,
    "seats_available": _SEATS,
    "seats_sold": _SEATS,
    "sector": (1, 20),
    "segment": (1, 20),
    "temperature_max_c": (-273, 200),
    "temperature_min_c": (-273, 200),
    "value": _MONEY,
    "visibility_m": (0, 100_000),
    "weight_kg": _MASS_KG,
    "wind_from_deg": (0, 360),
    "wind_kt": (0, 300),
}

_DURATIONS: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "block": (timedelta(minutes=1), timedelta(hours=24)),
    "flight_time": (timedelta(minutes=1), timedelta(hours=24)),
    "call_out": (timedelta(0), timedelta(days=2)),
    "grace": (timedelta(0), timedelta(days=1)),
    "minimum_turnaround": (timedelta(0), timedelta(days=1)),
    "rest_before": (timedelta(0), timedelta(days=3_660)),
    "tolerance_after": (timedelta(0), timedelta(days=1)),
    "tolerance_before": (timedelta(0), timedelta(days=1)),
}

_RISING: Final = (
    ("hours_min", "hours_likely", "hours_max"),
    ("temperature_min_c", "temperature_max_c"),
)
"""Fields of one row that do not fall in this order."""


_Check = tuple[str, Callable[[object], bool], str]

_KNOWN: Final[dict[str, tuple[_Check, ...]]] = {}


def violation(record: Record) -> Violation | None:
    """Return the first field of a row that cannot be, or None."""
    kind = type(record)
    checks = _KNOWN.get(kind.__qualname__)
    if checks is None:
        checks = _KNOWN[kind.__qualname__] = tuple(_made(kind))
    for name, within, expected in checks:
        value = getattr(record, name)
        if value is not None and not within(value):
            return name, value, expected
    for names in _RISING:
        values = [getattr(record, name, None) for name in names]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and known != sorted(known):
            return names[-1], values[-1], f"not below {names[0]}"
    return None


def _made(kind: type[Record]) -> Iterator[_Check]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        name = field.name
        if name in _NUMBERS:
            low, high = _NUMBERS[name]
            yield name, _number_within(low, high), f"{low:,} to {high:,}"
        elif name in _DURATIONS:
            least, most = _DURATIONS[name]
            yield name, _duration_within(least, most), f"{least} to {most}"
        elif datetime in (hints[name], *getattr(hints[name], "__args__", ())):
            yield name, _dated, f"{_FIRST:%Y} to {_LAST:%Y}"


def _number_within(low: float, high: float) -> Callable[[object], bool]:
    def within(value: object) -> bool:
        match value:
            case int() | float() | Decimal():
                # Neither comparison holds for what is no number.
                return bool(value == value and low <= value <= high)
            case dict():
                return all(within(one) for one in value.values())
            case tuple() | list():
                return all(within(one) for one in value)
        return True

    return within


def _duration_within(least: timedelta, most: timedelta) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, timedelta) or least <= value <= most


def _dated(value: object) -> bool:
    return not isinstance(value, datetime) or _FIRST <= value <= _LAST
