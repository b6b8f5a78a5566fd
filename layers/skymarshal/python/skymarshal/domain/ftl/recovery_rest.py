"""Recurrent extended recovery rest and the duties that disturb sleep: ORO.FTL.235(d), ORO.FTL.105(8), (9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import (
    ZERO,
    clock_overlap,
    days_around,
    format_duration,
    in_clock_window,
    local_time,
    require_aware,
    require_non_negative,
)

__all__ = [
    "MANY_DISRUPTIVE_DUTIES",
    "RECOVERY_GAP",
    "RECOVERY_REST",
    "DisruptiveDuty",
    "DisruptiveType",
    "RecoveryRest",
    "RecoveryRestLength",
    "classify_duty",
    "disturbances",
    "is_recovery_rest",
    "local_nights",
    "recovery_rest",
    "recovery_rest_length",
    "wocl_encroachment",
]

DisruptiveType = Literal["early", "late"]

MANY_DISRUPTIVE_DUTIES: Final = 4
"""From how many since the last recovery rest the next one has to be 60 h."""
RECOVERY_GAP: Final = timedelta(hours=168)
RECOVERY_REST: Final = timedelta(hours=36)

_AFTER_DISRUPTIVE: Final = timedelta(hours=60)
_LOCAL_NIGHTS: Final = 2
_LOCAL_NIGHT: Final = timedelta(hours=8)
_NIGHT_OPENS: Final = time(22)
_NIGHT_CLOSES: Final = time(8)
_WOCL: Final = (time(2), time(6))
_NIGHT_DUTY: Final = (time(2), time(5))
_EARLY_START: Final = {"early": (time(5), time(6)), "late": (time(5), time(7))}
_LATE_FINISH: Final = {"early": (time(23), time(2)), "late": (time(0), time(2))}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRestLength(RuleResult):
    """Minimum length of the next recovery rest."""

    minimum: timedelta
    local_nights: int = _LOCAL_NIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRest(RuleResult):
    """Whether a rest is a recovery rest and came in time."""

    legal: bool
    length: timedelta
    minimum: timedelta
    local_nights: int
    gap: timedelta | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptiveDuty(RuleResult):
    """How a duty disturbs sleep on the acclimatised clock."""

    early_start: bool
    late_finish: bool
    night_duty: bool
    wocl_encroachment: timedelta

    @property
    def disruptive(self) -> bool:
        """Return whether the duty counts as disruptive."""
        return self.early_start or self.late_finish or self.night_duty


@lru_cache(maxsize=8192)
def local_nights(start: datetime, end: datetime, zone: str) -> int:
    """Return how many local nights a rest holds: 8 h between 22:00 and 08:00 on the clock of `zone`.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    first = local_time("start", start, zone)
    last = local_time("end", end, zone)
    nights = 0
    for day in days_around("start to end", first.date(), last.date()):
        opens = datetime.combine(day, _NIGHT_OPENS, first.tzinfo)
        closes = datetime.combine(day + timedelta(days=1), _NIGHT_CLOSES, first.tzinfo)
        overlap = min(closes.astimezone(UTC), require_aware("end", end)) - max(
            opens.astimezone(UTC), require_aware("start", start)
        )
        nights += overlap >= _LOCAL_NIGHT
    return nights


def recovery_rest_length(*, disruptive_duties: int, profile: FtlProfile = EASA) -> RecoveryRestLength:
    """Return the minimum length of the next recovery rest: 36 h, 60 h after four disruptive duties or more.

    Args:
        disruptive_duties: Night duties, early starts and late finishes since the last recovery rest.
        profile: Authority whose figures apply.

    Raises:
        OutOfRangeError: If the count is negative.
    """
    if disruptive_duties < 0:
        raise OutOfRangeError("disruptive_duties_since_last", disruptive_duties, "zero or more")
    many = disruptive_duties >= MANY_DISRUPTIVE_DUTIES
    minimum = _AFTER_DISRUPTIVE if many else RECOVERY_REST
    articles = [profile.article("recovery_rest")]
    if many:
        articles.append(profile.article("recovery_rest_disruptive"))
    return RecoveryRestLength(
        minimum=minimum,
        articles=tuple(articles),
        inputs={"disruptive_duties": disruptive_duties, "profile": profile.name},
        working=(
            f"{disruptive_duties} disruptive duties since the last recovery rest: {format_duration(minimum)} "
            f"with {_LOCAL_NIGHTS} local nights",
        ),
    )


def is_recovery_rest(start: datetime, end: datetime, zone: str, disruptive_duties: int) -> bool:
    """Return whether [start, end) is a recovery rest after so many disruptive duties; see `recovery_rest`."""
    many = disruptive_duties >= MANY_DISRUPTIVE_DUTIES
    minimum = _AFTER_DISRUPTIVE if many else RECOVERY_REST
    return end - start >= minimum and local_nights(start, end, zone) >= _LOCAL_NIGHTS


def recovery_rest(
    *,
    start: datetime,
    end: datetime,
    zone: str,
    previous_end: datetime | None,
    disruptive_duties: int,
    profile: FtlProfile = EASA,
) -> RecoveryRest:
    """Return whether [start, end) is a recovery rest and starts at most 168 h after the last one ended.

    Args:
        start: Start of the rest.
        end: End of the rest.
        zone: IANA zone whose nights count.
        previous_end: End of the last recovery rest; None if it need not be checked.
        disruptive_duties: Since the last recovery rest.
        profile: Authority whose figures apply.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If the rest ends before it starts, or starts before the last one ended.
        OutOfRangeError: If the count is negative.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    needed = recovery_rest_length(disruptive_duties=disruptive_duties, profile=profile)
    length = require_non_negative("rest", require_aware("end", end) - require_aware("start", start))
    nights = local_nights(start, end, zone)
    gap: timedelta | None = None
    if previous_end is not None:
        gap = require_non_negative(
            "gap", require_aware("start", start) - require_aware("previous_end", previous_end)
        )
    reasons = []
    if length < needed.minimum:
        reasons.append(f"{format_duration(length)} is below {format_duration(needed.minimum)}")
    if nights < _LOCAL_NIGHTS:
        reasons.append(f"{nights} local night(s), needs {_LOCAL_NIGHTS}")
    if gap is not None and gap > RECOVERY_GAP:
        reasons.append(f"{format_duration(gap)} after the last, at most {format_duration(RECOVERY_GAP)}")
    return RecoveryRest(
        legal=not reasons,
        length=length,
        minimum=needed.minimum,
        local_nights=nights,
        gap=gap,
        reasons=tuple(reasons),
        articles=needed.articles,
        inputs={
            "start": start,
            "end": end,
            "zone": zone,
            "previous_end": previous_end,
            "disruptive_duties": disruptive_duties,
            "profile": profile.name,
        },
        working=(*needed.working, "; ".join(reasons) or "kept"),
    )


def wocl_encroachment(start: datetime, end: datetime, zone: str) -> timedelta:
    """Return how much of [start, end) lies between 02:00 and 05:59 on the clock of `zone`.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    return clock_overlap(local_time("start", start, zone), local_time("end", end, zone), *_WOCL)


@lru_cache(maxsize=8192)
def disturbances(
    start: datetime, end: datetime, zone: str, disruptive_type: DisruptiveType
) -> tuple[bool, bool, bool]:
    """Return whether a duty starts early, finishes late and is a night duty; see `classify_duty`."""
    first = local_time("start", start, zone)
    last = local_time("end", end, zone)
    return (
        in_clock_window(first.time(), *_EARLY_START[disruptive_type]),
        in_clock_window(last.time(), *_LATE_FINISH[disruptive_type]),
        clock_overlap(first, last, *_NIGHT_DUTY) > ZERO,
    )


def classify_duty(
    start: datetime,
    end: datetime,
    *,
    zone: str,
    disruptive_type: DisruptiveType = "early",
    profile: FtlProfile = EASA,
) -> DisruptiveDuty:
    """Return whether a duty is an early start, a late finish or a night duty.

    Args:
        start: Start of the duty.
        end: End of the duty.
        zone: IANA zone the crew member is acclimatised to.
        disruptive_type: `early` or `late`, as the competent authority assigned to the operator.
        profile: Authority whose figures apply.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If the duty ends before it starts.
        UnknownCodeError: If the type is not in its list.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    if disruptive_type not in _EARLY_START:
        raise UnknownCodeError("disruptive_type", disruptive_type, _EARLY_START)
    require_non_negative("end - start", require_aware("end", end) - require_aware("start", start))
    first = local_time("start", start, zone)
    last = local_time("end", end, zone)
    early, late, night = disturbances(start, end, zone, disruptive_type)
    low = clock_overlap(first, last, *_WOCL)
    names = [
        name
        for name, holds in (("early start", early), ("late finish", late), ("night duty", night))
        if holds
    ]
    return DisruptiveDuty(
        early_start=early,
        late_finish=late,
        night_duty=night,
        wocl_encroachment=low,
        articles=(
            profile.article("disruptive_schedule"),
            profile.article("night_duty"),
            profile.article("wocl"),
        ),
        inputs={"start": start, "end": end, "zone": zone, "type": disruptive_type, "profile": profile.name},
        working=(
            f"{first:%H:%M} to {last:%H:%M} in {zone}: {', '.join(names) or 'not disruptive'}; "
            f"{format_duration(low)} in the window of circadian low",
        ),
    )
