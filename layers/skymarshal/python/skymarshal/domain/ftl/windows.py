"""Cumulative windows day by day: what leaves them at the midnights of a duty (ORO.FTL.210).

"Consecutive days" are taken as local days at home base, 00:00 to 24:00, and a duty that runs over midnight
counts on each day with its part. The regulation does not say whose days they are; this is a convention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from skymarshal.domain.ftl.history import PastDuty
from skymarshal.domain.ftl.profiles import CumulativeWindow
from skymarshal.domain.ftl.standby import STANDBY_DUTY_SHARE
from skymarshal.domain.times import ZERO, local_time

__all__ = ["parts_by_day", "totals_over_midnight"]

_DAYS: Final[Mapping[CumulativeWindow, int]] = {
    "duty_7d": 7,
    "duty_14d": 14,
    "duty_28d": 28,
    "flight_28d": 28,
}
_DAY: Final = timedelta(days=1)


def parts_by_day(periods: Iterable[tuple[datetime, datetime]], zone: str) -> dict[date, timedelta]:
    """Return how much of the periods lies on each local day of `zone`.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    found: dict[date, timedelta] = {}
    for start, end in periods:
        at = start
        while at < end:
            local = local_time("start", at, zone)
            midnight = datetime.combine(local.date() + _DAY, time(), local.tzinfo)
            until = min(end, midnight.astimezone(end.tzinfo))
            found[local.date()] = found.get(local.date(), ZERO) + (until - at)
            at = until
    return found


def totals_over_midnight(
    totals: Mapping[CumulativeWindow, timedelta | None],
    *,
    duty: Mapping[date, timedelta],
    flight: Mapping[date, timedelta],
    past: Iterable[PastDuty],
    zone: str,
) -> dict[CumulativeWindow, timedelta | None]:
    """Return the totals at report as they count for a duty that runs over midnight.

    On each day of the duty its window has lost the days that fell out, and holds the duty's parts so far; the
    day with most counts. What is not listed as past stays in the window.

    Args:
        totals: Hours at report, without the duty.
        duty: The duty's parts by local day.
        flight: Its block time by local day.
        past: The duties before.
        zone: IANA zone of home base.
    """
    if len(duty) <= 1:
        return dict(totals)
    past = tuple(past)
    worked = parts_by_day(((one.report, one.debrief) for one in past if one.kind != "home_standby"), zone)
    for one in past:
        if one.kind == "home_standby":
            for day, length in parts_by_day([(one.report, one.debrief)], zone).items():
                worked[day] = worked.get(day, ZERO) + length * STANDBY_DUTY_SHARE
    flown: dict[date, timedelta] = {}
    for one in past:
        # Its block time is not dated: all of it leaves the window with its last day.
        ended = local_time("debrief", one.debrief, zone).date()
        flown[ended] = flown.get(ended, ZERO) + one.flight_time
    first = min(duty)
    found = dict(totals)
    for window, total in totals.items():
        if total is None:
            continue
        parts, before = (duty, worked) if window.startswith("duty") else (flight, flown)
        if window in _DAYS:
            reach = _DAYS[window] * _DAY
            left = {
                day: sum((length for on, length in before.items() if first - reach < on <= day - reach), ZERO)
                for day in parts
            }
            most = max((total - left[day] + _until(parts, day) for day in parts), default=total)
        elif window == "flight_calendar_year" and parts:
            old = sum((length for day, length in parts.items() if day.year == first.year), ZERO)
            most = max(total + old, sum(parts.values(), ZERO) - old)
        else:
            continue
        found[window] = max(most - sum(parts.values(), ZERO), ZERO)
    return found


def _until(parts: Mapping[date, timedelta], day: date) -> timedelta:
    return sum((length for on, length in parts.items() if on <= day), ZERO)
