"""Delayed reporting: CS FTL.1.205(d)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.fdp import CrewState, max_fdp_duration
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import HOUR, ZERO, format_duration

__all__ = [
    "LONG_DELAY",
    "REST_DELAY",
    "DelayedReport",
    "counts_from_after_second",
    "delayed_max_fdp_duration",
    "delayed_reporting",
    "fdp_starts_after",
]

LONG_DELAY: Final = timedelta(hours=4)
REST_DELAY: Final = timedelta(hours=10)
_HALF_DAY: Final = timedelta(hours=12)

_SOME_DAY: Final = date(2000, 1, 1)

Basis = Literal["original", "delayed", "rest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedReport(RuleResult):
    """Maximum FDP after a delayed report.

    Attributes:
        max_fdp: Maximum basic FDP.
        fdp_starts: Clock time from which the FDP counts.
        basis: Which report time the maximum comes from; `rest` if the delay itself counts as rest.
        counts_as_rest: Whether the delay counts as a rest period.
        delay: From the original to the delayed report that was told last.
    """

    max_fdp: timedelta
    fdp_starts: time
    basis: Basis
    counts_as_rest: bool
    delay: timedelta


def delayed_max_fdp_duration(
    delay: timedelta, undisturbed: bool, limit_at: Callable[[bool], timedelta]
) -> tuple[timedelta, Basis]:
    """Return the maximum FDP after `delay` and which report it comes from.

    `limit_at(False)` is the maximum at the original report, `limit_at(True)` at the delayed one.
    """
    if delay >= REST_DELAY and undisturbed:
        return limit_at(True), "rest"
    original = limit_at(False)
    if delay < LONG_DELAY:
        return original, "original"
    delayed = limit_at(True)
    return (delayed, "delayed") if delayed < original else (original, "original")


def fdp_starts_after(delay: timedelta, *, rest: bool, profile: FtlProfile) -> timedelta:
    """Return from when the FDP counts after a delay of the report, from the original report on."""
    if rest or profile.delayed_fdp_within is None or delay < LONG_DELAY:
        return delay
    return min(delay, profile.delayed_fdp_within)


def counts_from_after_second(first_delay: timedelta, last_delay: timedelta, told: timedelta) -> timedelta:
    """Return from when the FDP counts once the report was moved again, CS FTL.1.205(d)(1)(ii).

    All of them are counted from the original report: the report first and last told, and the second
    notification.
    """
    return min(told + HOUR, first_delay, last_delay)


def delayed_reporting(
    *,
    original_report: time,
    delayed_report: time,
    sectors: int,
    notifications: int | None = None,
    second_notification: time | None = None,
    last_report: time | None = None,
    undisturbed: bool | None = None,
    state: CrewState = "acclimatised",
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> DelayedReport:
    """Return the maximum FDP and when it starts to count after a delayed report.

    Below 4 h of delay the original report time decides, from 4 h on the more limiting of the two. The FDP
    counts from the delayed report; after a second notification from an hour after that notification or
    from the delayed report first given, whichever is earlier, while the maximum follows the report that was
    told last. A delay of 10 h or more without further disturbance counts as rest.

    Args:
        original_report: On the reference clock.
        delayed_report: As first notified, on the reference clock; earlier on the dial means the next day.
        sectors: Sectors flown.
        notifications: How often the crew member was told of a delay; by default as often as the times say.
        second_notification: When the second was given, within 12 h of the original report; needed with two.
        last_report: As last notified; by default the report did not move again.
        undisturbed: Whether the crew member was left alone; by default so with one notification.
        state: State of acclimatisation.
        frm: Whether the operator has fatigue risk management.
        profile: Authority whose figures apply.

    Raises:
        OutOfRangeError: If `notifications` does not agree with the times given.
    """
    article = profile.article("delayed_reporting")
    told_twice = second_notification is not None or last_report is not None
    notifications = (2 if told_twice else 1) if notifications is None else notifications
    if notifications < 1:
        raise OutOfRangeError("notifications", notifications, "1 or more")
    if notifications == 1 and told_twice:
        raise OutOfRangeError("notifications", notifications, "2 or more with a second notification")
    if notifications > 1 and second_notification is None:
        raise OutOfRangeError("second_notification", None, "the time of day at which it was given")
    last = delayed_report if last_report is None else last_report
    first_delay = _later(original_report, delayed_report)
    delay = _later(original_report, last)
    alone = notifications == 1 if undisturbed is None else undisturbed
    limit, basis = delayed_max_fdp_duration(
        delay,
        alone,
        lambda delayed: max_fdp_duration(state, last if delayed else original_report, sectors, frm, profile),
    )
    starts = _add(original_report, fdp_starts_after(delay, rest=basis == "rest", profile=profile))
    working = [f"delay {format_duration(delay)}: maximum FDP by the {basis} report: {format_duration(limit)}"]
    if second_notification is not None and basis != "rest":
        told = _later(original_report, second_notification)
        if told > _HALF_DAY:
            told -= timedelta(days=1)
        starts = _add(
            original_report,
            min(
                counts_from_after_second(first_delay, delay, told),
                fdp_starts_after(delay, rest=False, profile=profile),
            ),
        )
        working.append(f"second notification at {second_notification:%H:%M}: FDP counts from {starts:%H:%M}")
    else:
        working.append(f"FDP counts from {starts:%H:%M}")
    return DelayedReport(
        max_fdp=limit,
        fdp_starts=starts,
        basis=basis,
        counts_as_rest=basis == "rest",
        delay=delay,
        articles=(article, profile.article("max_fdp")),
        inputs={
            "original_report": original_report,
            "delayed_report": delayed_report,
            "sectors": sectors,
            "notifications": notifications,
            "second_notification": second_notification,
            "last_report": last_report,
            "undisturbed": alone,
            "state": state,
            "profile": profile.name,
        },
        working=tuple(working),
    )


def _later(first: time, second: time) -> timedelta:
    """Return the time from `first` to the next `second` on the dial, below 24 h."""
    gap = datetime.combine(_SOME_DAY, second) - datetime.combine(_SOME_DAY, first)
    return gap if gap >= ZERO else gap + timedelta(days=1)


def _add(clock: time, gap: timedelta) -> time:
    return (datetime.combine(_SOME_DAY, clock) + gap).time()
