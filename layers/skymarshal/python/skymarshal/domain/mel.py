"""Minimum equipment list: rectification intervals, their extension and dispatch (ORO.MLR.105)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.times import (
    ZERO,
    format_duration,
    local_time,
    require_aware,
    time_zone,
)

__all__ = [
    "DAYS_MAY_RUN_OUT_IN_FLIGHT",
    "MEL_ARTICLES",
    "MelCategory",
    "MelDispatch",
    "MelExtension",
    "MelInterval",
    "MelUsage",
    "mel_dispatch",
    "mel_extension",
    "mel_interval",
    "mel_usage",
]

MelCategory = Literal["A", "B", "C", "D"]

DAYS_MAY_RUN_OUT_IN_FLIGHT: Final = True
"""The airline's policy for intervals in calendar days, as one carrier's published preamble has it."""

_LONGEST_DAYS: Final = 3650
_INTERVAL_DAYS: Final[Mapping[str, int]] = {"B": 3, "C": 10, "D": 120}
_REGULATION: Final = "Regulation (EU) 965/2012 Annex III"

MEL_ARTICLES: Final[Mapping[str, Article]] = {
    "interval": Article(
        regulation="MMEL definitions (CS-MMEL)",
        article="Rectification interval categories A to D",
        subject="Intervals, counted from the day after discovery",
        status="verified",
        source="operators' published MEL preambles and definitions",
    ),
    "expiry": Article(
        regulation=_REGULATION,
        article="ORO.MLR.105(e)(3)",
        subject="No dispatch after the interval unless rectified or extended",
        status="verified",
        source="public copy of the text",
    ),
    "extension": Article(
        regulation=_REGULATION,
        article="ORO.MLR.105(f)",
        subject="One extension of categories B, C and D",
        status="verified",
        source="public copy of the text",
    ),
    "not_less_restrictive": Article(
        regulation=_REGULATION,
        article="ORO.MLR.105(e)(1)",
        subject="A MEL is not less restrictive than its MMEL",
        status="verified",
        source="public copy of the text",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MelInterval(RuleResult):
    """When a deferred defect has to be rectified.

    All but `category` and `counting_from` are None where the interval is not known in days.

    Attributes:
        category: A to D.
        interval_days: Length in consecutive calendar days.
        counting_from: First day that counts, the one after discovery on the operator's clock.
        last_day: Last day of the interval, of its extension if extended.
        expires_at: Instant at which that day ends, in UTC.
    """

    category: MelCategory
    interval_days: int | None
    counting_from: date
    last_day: date | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MelDispatch(RuleResult):
    """Whether the tail may be dispatched with the item open; None if the interval is unknown."""

    allowed: bool | None
    expires_at: datetime | None
    margin: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MelExtension(RuleResult):
    """Whether the interval may be extended, and to when; `conditions` are still to be met."""

    allowed: bool
    extended_last_day: date | None
    reason: str | None
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MelUsage(RuleResult):
    """Whether a flight fits an interval in flights or flight hours."""

    allowed: bool
    remaining: float


def mel_interval(
    *,
    category: MelCategory,
    discovered: datetime,
    interval_days: int | None = None,
    extended: bool = False,
    clock_zone: str = "UTC",
) -> MelInterval:
    """Return the rectification interval of a deferred defect.

    Args:
        category: A takes its interval from the remarks column; B is 3 days, C 10, D 120.
        discovered: When the defect was entered; that day does not count.
        interval_days: Calendar days from the remarks column for A, or a stricter MEL for B, C, D.
        extended: Whether the one extension was granted, of the same length.
        clock_zone: IANA zone whose calendar the operator counts by; UTC or local, but always the same.

    Raises:
        NaiveDatetimeError: If `discovered` has no offset.
        UnknownCodeError: If the category is not in its list.
        OutOfRangeError: If the interval is below one day, or longer than the category allows, or an A is
            said to be extended.
        UnknownTimeZoneError: If `clock_zone` is not an IANA zone.
    """
    if category not in get_args(MelCategory):
        raise UnknownCodeError("category", category, get_args(MelCategory))
    found = local_time("discovered", discovered, clock_zone).date()
    standard = _INTERVAL_DAYS.get(category)
    if interval_days is not None and not 1 <= interval_days <= _LONGEST_DAYS:
        raise OutOfRangeError(
            "interval_calendar_days", interval_days, f"a whole number from 1 to {_LONGEST_DAYS}"
        )
    if standard is not None and interval_days is not None and interval_days > standard:
        raise OutOfRangeError(
            "interval_calendar_days", interval_days, f"at most {standard} in category {category}"
        )
    if extended and category == "A":
        raise OutOfRangeError("extended", extended, "false: category A is never extended")
    days = interval_days if interval_days is not None else standard
    start = found + timedelta(days=1)
    last = None if days is None else start + timedelta(days=days * (2 if extended else 1) - 1)
    expires = None if last is None else _end_of(last, clock_zone)
    return MelInterval(
        category=category,
        interval_days=days,
        counting_from=start,
        last_day=last,
        expires_at=expires,
        articles=(MEL_ARTICLES["interval"],),
        inputs={
            "category": category,
            "discovered": discovered,
            "interval_calendar_days": interval_days,
            "extended": extended,
            "clock_zone": clock_zone,
        },
        working=(
            f"found on {found.isoformat()} ({clock_zone}), counting from {start.isoformat()}",
            "the interval in the remarks column is not given in calendar days"
            if last is None
            else f"{days} day(s){', extended once' if extended else ''}: last day {last.isoformat()}",
        ),
        unknowns=("interval_calendar_days",) if last is None else (),
    )


def mel_dispatch(
    interval: MelInterval,
    *,
    departure: datetime,
    arrival: datetime | None = None,
    days_may_run_out_in_flight: bool = True,
) -> MelDispatch:
    """Return whether the tail may be dispatched with the item open.

    Args:
        interval: From `mel_interval`.
        departure: Off-block.
        arrival: On-block; needed where days may not run out in flight.
        days_may_run_out_in_flight: The operator's policy. Flights and hours never may: see `mel_usage`.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        OutOfRangeError: If the departure is before the discovery or the arrival before the departure, or
            the policy needs the arrival and it is not given.
    """
    leaves = require_aware("departure", departure)
    found = interval.inputs["discovered"]
    if isinstance(found, datetime) and leaves < found:
        raise OutOfRangeError("departure", leaves.isoformat(), "a time after the defect was discovered")
    if arrival is not None and require_aware("arrival", arrival) < leaves:
        raise OutOfRangeError("arrival", arrival.isoformat(), "a time after the departure")
    decisive = leaves
    if not days_may_run_out_in_flight:
        if arrival is None:
            raise OutOfRangeError("arrival", None, "the arrival time, since days may not run out in flight")
        decisive = require_aware("arrival", arrival)
    margin = None if interval.expires_at is None else interval.expires_at - decisive
    allowed = None if margin is None else margin > ZERO
    return MelDispatch(
        allowed=allowed,
        expires_at=interval.expires_at,
        margin=margin,
        articles=(*interval.articles, MEL_ARTICLES["expiry"]),
        inputs={
            **interval.inputs,
            "departure": departure,
            "arrival": arrival,
            "days_may_run_out_in_flight": days_may_run_out_in_flight,
        },
        working=(
            *interval.working,
            "the end of the interval is unknown"
            if margin is None or interval.expires_at is None
            else f"expires {interval.expires_at:%Y-%m-%dT%H:%MZ}, margin {format_duration(margin)}",
        ),
        unknowns=interval.unknowns,
    )


def mel_extension(
    interval: MelInterval,
    *,
    procedure_approved: bool,
    already_extended: bool = False,
    beyond_control: bool | None = None,
    authority_notified: bool | None = None,
) -> MelExtension:
    """Return whether the interval may be extended once by its own length.

    Args:
        interval: From `mel_interval`, not extended yet.
        procedure_approved: Whether the authority approved the operator's extension procedure.
        already_extended: Whether the item was extended before.
        beyond_control: Whether events beyond the operator's control stand in the way; None if not stated.
        authority_notified: Whether the authority is told; None if not stated.
    """
    reason: str | None = None
    if interval.category == "A":
        reason = "category A is never extended"
    elif not procedure_approved:
        reason = "the operator has no approved extension procedure"
    elif already_extended:
        reason = "extended once already"
    elif beyond_control is False:
        reason = "no event beyond the operator's control"
    elif authority_notified is False:
        reason = "the authority is not notified"
    conditions = tuple(
        text
        for value, text in (
            (beyond_control, "an event beyond the operator's control"),
            (authority_notified, "notification of the authority"),
        )
        if reason is None and value is None
    )
    last: date | None = None
    if reason is None and interval.last_day is not None and interval.interval_days is not None:
        last = interval.last_day + timedelta(days=interval.interval_days)
    return MelExtension(
        allowed=reason is None,
        extended_last_day=last,
        reason=reason,
        conditions=conditions,
        articles=(MEL_ARTICLES["extension"],),
        inputs={
            "category": interval.category,
            "procedure_approved": procedure_approved,
            "already_extended": already_extended,
            "beyond_control": beyond_control,
            "authority_notified": authority_notified,
        },
        working=(
            f"no extension: {reason}"
            if reason is not None
            else f"one extension of at most {interval.interval_days} day(s)"
            + (f", to {last.isoformat()}" if last is not None else "")
            + (f"; on condition of {' and '.join(conditions)}" if conditions else ""),
        ),
    )


def mel_usage(*, limit: float, used: float, planned: float, unit: str) -> MelUsage:
    """Return whether a planned flight fits an interval in flights, cycles or flight hours.

    These may not run out in flight, so the whole planned flight has to fit.

    Args:
        limit: Interval of the remarks column.
        used: What has been used since.
        planned: What the flight takes.
        unit: What is counted, for the working.

    Raises:
        OutOfRangeError: If one of the numbers is negative.
    """
    for name, value in (("limit", limit), ("used", used), ("planned", planned)):
        if value < 0:
            raise OutOfRangeError(name, value, "zero or more")
    remaining = limit - used - planned
    return MelUsage(
        allowed=remaining >= 0,
        remaining=remaining,
        articles=(MEL_ARTICLES["interval"], MEL_ARTICLES["expiry"]),
        inputs={"limit": limit, "used": used, "planned": planned, "unit": unit},
        working=(f"{limit:g} - {used:g} - {planned:g} {unit}: {remaining:g} left",),
    )


def _end_of(day: date, zone: str) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time(0), time_zone("clock_zone", zone))
    return midnight.astimezone(UTC)
