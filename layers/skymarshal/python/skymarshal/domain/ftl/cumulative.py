"""Cumulative duty and flight time: ORO.FTL.210."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.ftl.profiles import EASA, CumulativeWindow, FtlProfile
from skymarshal.domain.ftl.standby import STANDBY_DUTY_SHARE
from skymarshal.domain.times import ZERO, format_duration, require_non_negative

__all__ = ["CumulativeCheck", "WindowTotal", "check_cumulative", "is_duty_window"]

_WORDS: Final[Mapping[CumulativeWindow, str]] = {
    "duty_7d": "duty in 7 consecutive days",
    "duty_14d": "duty in 14 consecutive days",
    "duty_28d": "duty in 28 consecutive days",
    "flight_28d": "flight time in 28 consecutive days",
    "flight_calendar_year": "flight time in the calendar year",
    "flight_12_months": "flight time in 12 consecutive calendar months",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTotal:
    """One window: what is flown or worked with the planned duty, against its limit."""

    window: CumulativeWindow
    total: timedelta
    limit: timedelta

    @property
    def margin(self) -> timedelta:
        """Return what is left; negative if exceeded."""
        return self.limit - self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeCheck(RuleResult):
    """Totals of every known window. `legal` is None if none is exceeded and one is unknown."""

    legal: bool | None
    windows: tuple[WindowTotal, ...]

    @property
    def tightest(self) -> WindowTotal | None:
        """Return the window with the least margin, None if no total is known."""
        return min(self.windows, key=lambda window: window.margin, default=None)


def is_duty_window(window: CumulativeWindow) -> bool:
    """Return whether the window counts duty rather than flight time."""
    return window.startswith("duty_")


def check_cumulative(
    totals: Mapping[CumulativeWindow, timedelta | None],
    *,
    planned_duty: timedelta = ZERO,
    planned_flight: timedelta = ZERO,
    other_standby: timedelta = ZERO,
    windows: Collection[CumulativeWindow] | None = None,
    profile: FtlProfile = EASA,
) -> CumulativeCheck:
    """Return whether a planned duty keeps within the cumulative limits. Reaching a limit is legal.

    Args:
        totals: Hours already worked or flown in each window, without the planned duty; None or absent
            if unknown. Positioning counts as duty.
        planned_duty: Duty of the planned FDP, post-flight duty included.
        planned_flight: Its block time.
        other_standby: Standby other than at the airport, of which a quarter counts as duty.
        windows: Windows to check; by default all that the profile limits.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
    """
    for name, duration in (
        ("planned_duty", planned_duty),
        ("planned_flight", planned_flight),
        ("other_standby", other_standby),
    ):
        require_non_negative(name, duration)
    added_duty = planned_duty + other_standby * STANDBY_DUTY_SHARE
    found: list[WindowTotal] = []
    unknowns: list[str] = []
    for window, limit in profile.cumulative_limits.items():
        if windows is not None and window not in windows:
            continue
        before = totals.get(window)
        if before is None:
            unknowns.append(window)
            continue
        require_non_negative(window, before)
        added = added_duty if is_duty_window(window) else planned_flight
        found.append(WindowTotal(window=window, total=before + added, limit=limit))
    exceeded = any(window.margin < ZERO for window in found)
    topics = []
    if any(is_duty_window(window.window) for window in found):
        topics.append(profile.article("cumulative_duty"))
    if any(not is_duty_window(window.window) for window in found):
        topics.append(profile.article("cumulative_flight"))
    return CumulativeCheck(
        legal=False if exceeded else None if unknowns or not found else True,
        windows=tuple(found),
        articles=tuple(topics),
        inputs={
            "totals": dict(totals),
            "planned_duty": planned_duty,
            "planned_flight": planned_flight,
            "other_standby": other_standby,
            "profile": profile.name,
        },
        working=tuple(
            f"{_WORDS[window.window]}: {format_duration(window.total)} of {format_duration(window.limit)}, "
            f"margin {format_duration(window.margin)}"
            for window in found
        ),
        unknowns=tuple(unknowns),
    )
