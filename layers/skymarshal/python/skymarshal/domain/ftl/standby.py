"""Standby and reserve: CS FTL.1.225, CS FTL.1.230."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import (
    ZERO,
    clock_overlap,
    format_duration,
    local_time,
    require_aware,
    require_non_negative,
)

__all__ = [
    "RESERVE_NOTICE",
    "STANDBY_DUTY_SHARE",
    "Reserve",
    "Standby",
    "airport_standby",
    "night_standby_not_counted",
    "other_standby",
    "reserve",
]

STANDBY_DUTY_SHARE: Final = 0.25
RESERVE_NOTICE: Final = timedelta(hours=10)

_AIRPORT_FREE: Final = timedelta(hours=4)
_AIRPORT_COMBINED: Final = timedelta(hours=16)
_OTHER_FREE: Final = timedelta(hours=6)
_OTHER_FREE_EXTENDED: Final = timedelta(hours=8)
_AWAKE_MAXIMUM: Final = timedelta(hours=18)
_NIGHT_FROM: Final = time(23)
_NIGHT_TO: Final = time(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby(RuleResult):
    """What a standby leaves of the FDP that follows it.

    Attributes:
        max_fdp: Maximum FDP after the standby.
        reduction: What the standby took off by its length.
        duty_counted: How much of the standby counts as duty towards ORO.FTL.210.
        combined_cap: Limit of standby and FDP together; for airport standby only, and not with an FDP that
            rests on in-flight rest or a split duty.
        awake_cap: Limit of time awake from standby and FDP; for other standby only.
        legal: Whether the standby itself keeps its maximum length.
        usable_fdp: FDP that keeps to `max_fdp` and to the cap on standby and FDP together.
    """

    max_fdp: timedelta
    reduction: timedelta
    duty_counted: timedelta
    combined_cap: timedelta | None
    awake_cap: timedelta | None
    legal: bool
    usable_fdp: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(RuleResult):
    """Whether a reserve was notified in time; reserve is neither duty nor followed by a minimum rest."""

    legal: bool
    margin: timedelta
    counts_as_duty: bool = False


def airport_standby(
    *,
    standby: timedelta,
    max_fdp: timedelta,
    extended_by_rest_or_split: bool = False,
    profile: FtlProfile = EASA,
) -> Standby:
    """Return what airport standby leaves of an FDP assigned during it.

    It counts in full as duty and takes off what exceeds 4 h. With an FDP by ORO.FTL.205(b) or (d) it stays
    within 16 h.

    Args:
        standby: Until the FDP starts.
        max_fdp: Maximum FDP at the report time.
        extended_by_rest_or_split: Whether the FDP rests on in-flight rest or a split duty, to which the cap
            on both together does not apply.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
    """
    article = profile.article("standby_airport")
    require_non_negative("standby", standby)
    require_non_negative("max_fdp", max_fdp)
    reduction = max(standby - _AIRPORT_FREE, ZERO)
    after = max(max_fdp - reduction, ZERO)
    cap = None if extended_by_rest_or_split else _AIRPORT_COMBINED
    usable = after if cap is None else max(min(after, cap - standby), ZERO)
    return Standby(
        max_fdp=after,
        reduction=reduction,
        duty_counted=standby,
        combined_cap=cap,
        awake_cap=None,
        legal=cap is None or standby <= cap,
        usable_fdp=usable,
        articles=(article,),
        inputs={
            "type": "airport",
            "standby": standby,
            "max_fdp": max_fdp,
            "extended_by_rest_or_split": extended_by_rest_or_split,
            "profile": profile.name,
        },
        working=(
            f"{format_duration(standby)} of standby, {format_duration(reduction)} beyond 4 h: "
            f"{format_duration(max_fdp)} - {format_duration(reduction)} = {format_duration(after)}",
            "in-flight rest or split duty: no cap on standby and FDP together"
            if cap is None
            else f"with standby within 16:00 leaves {format_duration(usable)}",
        ),
    )


def other_standby(
    *,
    standby: timedelta,
    max_fdp: timedelta,
    not_counted_at_night: timedelta = ZERO,
    extended_by_rest_or_split: bool = False,
    awake_before: timedelta = ZERO,
    profile: FtlProfile = EASA,
) -> Standby:
    """Return what standby at home or in suitable accommodation leaves of the FDP.

    Args:
        standby: From its start until the crew member reports, response time included.
        max_fdp: Maximum FDP at the report time.
        not_counted_at_night: Part between 23:00 and 07:00 before the call, for a standby that starts then;
            see `night_standby_not_counted`.
        extended_by_rest_or_split: Whether in-flight rest or split duty extends the FDP: 8 h are free, not 6.
        awake_before: Time awake before the standby started.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
        OutOfRangeError: If more is left uncounted than the standby lasts.
    """
    article = profile.article("standby_other")
    for name, duration in (
        ("standby", standby),
        ("max_fdp", max_fdp),
        ("not_counted_at_night", not_counted_at_night),
        ("awake_before", awake_before),
    ):
        require_non_negative(name, duration)
    if not_counted_at_night > standby:
        raise OutOfRangeError(
            "not_counted_at_night",
            format_duration(not_counted_at_night),
            f"at most {format_duration(standby)}",
        )
    free = _OTHER_FREE_EXTENDED if extended_by_rest_or_split else _OTHER_FREE
    counted = standby - not_counted_at_night
    reduction = max(counted - free, ZERO)
    after = max(max_fdp - reduction, ZERO)
    awake = awake_before + counted
    usable = max(min(after, _AWAKE_MAXIMUM - awake), ZERO)
    return Standby(
        max_fdp=after,
        reduction=reduction,
        duty_counted=standby * STANDBY_DUTY_SHARE,
        combined_cap=None,
        awake_cap=_AWAKE_MAXIMUM,
        legal=standby <= profile.standby_maximum,
        usable_fdp=usable,
        articles=(article,),
        inputs={
            "type": "other",
            "standby": standby,
            "max_fdp": max_fdp,
            "not_counted_at_night": not_counted_at_night,
            "extended_by_rest_or_split": extended_by_rest_or_split,
            "awake_before": awake_before,
            "profile": profile.name,
        },
        working=(
            f"{format_duration(counted)} of standby counts, {format_duration(reduction)} beyond "
            f"{format_duration(free)}: {format_duration(max_fdp)} - {format_duration(reduction)} = "
            f"{format_duration(after)}",
            f"awake {format_duration(awake)} before the FDP; within 18:00 leaves {format_duration(usable)}",
        ),
    )


def night_standby_not_counted(
    start: datetime, report: datetime, *, contacted: datetime | None, zone: str
) -> timedelta:
    """Return how much of a standby does not count because it lies between 23:00 and 07:00 before the call.

    Only a standby that starts in those hours has such a part.

    Args:
        start: Start of the standby.
        report: When the crew member reports.
        contacted: When the call came; None if only on reporting.
        zone: IANA zone whose clock counts.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        OutOfRangeError: If the report or the call is before the start.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    call = report if contacted is None else contacted
    for name, instant in (("report", report), ("contacted", call)):
        if require_aware(name, instant) < require_aware("start", start):
            raise OutOfRangeError(name, instant.isoformat(), "a time at or after the start of the standby")
    local_start = local_time("start", start, zone)
    if not (local_start.time() >= _NIGHT_FROM or local_start.time() < _NIGHT_TO):
        return ZERO
    return clock_overlap(
        local_start, local_time("contacted", min(call, report), zone), _NIGHT_FROM, _NIGHT_TO
    )


def reserve(*, notice: timedelta, profile: FtlProfile = EASA) -> Reserve:
    """Return whether a duty assigned on reserve was notified at least 10 h ahead.

    Raises:
        NegativeDurationError: If `notice` is negative.
    """
    article = profile.article("reserve")
    require_non_negative("notice", notice)
    margin = notice - RESERVE_NOTICE
    return Reserve(
        legal=margin >= ZERO,
        margin=margin,
        articles=(article,),
        inputs={"notice": notice, "profile": profile.name},
        working=(f"notice {format_duration(notice)} against 10:00: margin {format_duration(margin)}",),
    )
