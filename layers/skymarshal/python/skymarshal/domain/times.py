"""Clock times, durations and local time: checks and conversions that every rule shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skymarshal.domain.errors import (
    InvalidInputError,
    NaiveDatetimeError,
    NegativeDurationError,
    OutOfRangeError,
    UnknownTimeZoneError,
)

__all__ = [
    "HOUR",
    "ZERO",
    "clock_difference",
    "clock_overlap",
    "days_around",
    "format_duration",
    "hours",
    "in_clock_window",
    "local_time",
    "minute_of_day",
    "parse_clock_time",
    "parse_duration",
    "require_aware",
    "require_non_negative",
    "time_difference",
    "time_zone",
]

ZERO: Final = timedelta(0)
HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LONGEST_SPAN: Final = timedelta(days=3_653)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9000
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_DURATION = re.compile(r"(-?)(\d{1,4}):([0-5]\d)", re.ASCII)


def require_aware(field: str, instant: datetime) -> datetime:
    """Return `instant` in UTC.

    Raises:
        NaiveDatetimeError: If it has no offset.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise NaiveDatetimeError(field, instant)
    return instant.astimezone(UTC)


def require_non_negative(field: str, duration: timedelta) -> timedelta:
    """Return `duration`.

    Raises:
        NegativeDurationError: If it is below zero.
    """
    if duration < ZERO:
        raise NegativeDurationError(field, format_duration(duration))
    return duration


@lru_cache(maxsize=512)
def time_zone(field: str, name: str) -> ZoneInfo:
    """Return the IANA zone `name`.

    Raises:
        UnknownTimeZoneError: If there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZoneError(field, name) from error


def local_time(field: str, instant: datetime, zone: str) -> datetime:
    """Return `instant` on the clocks of `zone`.

    Raises:
        NaiveDatetimeError: If `instant` has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    return require_aware(field, instant).astimezone(time_zone(f"{field} zone", zone))


def clock_difference(local_a: datetime, local_b: datetime) -> timedelta:
    """Return by how much two clocks differ at one instant, between 0 and 12 hours.

    Both arguments are that instant, each in its own zone.
    """
    difference = abs((local_a.utcoffset() or ZERO) - (local_b.utcoffset() or ZERO))
    return min(difference, _DAY - difference)


def time_difference(instant: datetime, zone_a: str, zone_b: str) -> timedelta:
    """Return by how much the clocks of two zones differ at `instant`, between 0 and 12 hours.

    Raises:
        NaiveDatetimeError: If `instant` has no offset.
        UnknownTimeZoneError: If a zone is not an IANA zone.
    """
    return clock_difference(local_time("instant", instant, zone_a), local_time("instant", instant, zone_b))


def minute_of_day(clock: time) -> int:
    """Return whole minutes since midnight."""
    return clock.hour * 60 + clock.minute


def in_clock_window(clock: time, start: time, end: time) -> bool:
    """Return whether `clock` lies in [start, end); a window that ends at or before its start wraps."""
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end


def clock_overlap(start: datetime, end: datetime, window_start: time, window_end: time) -> timedelta:
    """Return how much of [start, end) falls in a daily clock window of the same local clock.

    Both instants carry the zone whose clock counts. A window whose end is not after its start wraps midnight.
    """
    total = ZERO
    for day in days_around("start to end", start.date(), end.date()):
        opens = datetime.combine(day, window_start, start.tzinfo)
        closes_on = day if window_start < window_end else day + _DAY
        closes = datetime.combine(closes_on, window_end, start.tzinfo)
        overlap = min(end.astimezone(UTC), closes.astimezone(UTC)) - max(
            start.astimezone(UTC), opens.astimezone(UTC)
        )
        if overlap > ZERO:
            total += overlap
    return total


def days_around(field: str, first: date, last: date) -> Iterator[date]:
    """Yield the day before `first` and every day from then on to `last`.

    Raises:
        OutOfRangeError: If that is more than ten years: no rule looks further, and nobody waits so long.
    """
    if not _FIRST_YEAR <= first.year <= last.year + 1 <= _LAST_YEAR or last - first > _LONGEST_SPAN:
        raise OutOfRangeError(field, f"{first} to {last}", f"at most {_LONGEST_SPAN.days} days")
    day = first - _DAY
    while day <= last:
        yield day
        day += _DAY


def hours(duration: timedelta) -> float:
    """Return a duration in hours."""
    return duration.total_seconds() / 3600


@lru_cache(maxsize=4096)
def format_duration(duration: timedelta) -> str:
    """Return a duration as `H:MM`, the way flight time tables print it."""
    minutes = round(duration.total_seconds() / 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def parse_duration(field: str, text: str) -> timedelta:
    """Return the duration written as `H:MM`.

    Raises:
        InvalidInputError: If it is not written so.
        NegativeDurationError: If it is below zero.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise InvalidInputError(field, text, "a duration H:MM such as 13:30")
    if match[1]:
        raise NegativeDurationError(field, text)
    return timedelta(hours=int(match[2]), minutes=int(match[3]))


def parse_clock_time(field: str, text: str) -> time:
    """Return the time of day written as `HH:MM`.

    Raises:
        InvalidInputError: If it is not a time of day.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise InvalidInputError(field, text, "a time of day HH:MM between 00:00 and 23:59")
    return time(int(match[1]), int(match[2]), int(match[3] or 0))
