"""What the duties before a duty ask of it: rest, local nights, recovery rest, local days.

ORO.FTL.235, CS FTL.1.235 and the definitions of ORO.FTL.105 that they rest on. Every rule is worked out once
for a crew member; a candidate report or release is then compared with the instants found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal

from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.articles import FtlTopic
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.ftl.recovery_rest import (
    RECOVERY_GAP,
    DisruptiveType,
    disturbances,
    is_recovery_rest,
    local_nights,
    recovery_rest_length,
)
from skymarshal.domain.ftl.rest import (
    RestPlace,
    TimeZoneNights,
    minimum_rest,
    minimum_rest_duration,
    time_zone_nights,
    transition_nights,
)
from skymarshal.domain.times import HOUR, ZERO, format_duration, local_time, time_difference

__all__ = [
    "DutyHistory",
    "DutyKind",
    "EarliestReport",
    "HistoryLimits",
    "PastDuty",
    "after_local_nights",
    "crossed",
    "history_limits",
    "latest_release",
    "nights_after",
]

DutyKind = Literal["flight", "positioning", "training", "airport_standby", "home_standby"]
"""What a duty was; standby at home interrupts a rest, and its length asks for none."""

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_MONTHLY: Final = 2
"""Recovery rests of two local days in every month."""
_LOCAL_DAYS: Final = 2
_BOTH_TO_COME: Final = 5
"""Two rests of two local days each, and a day of duty that parts them."""
_ROTATION: Final = timedelta(hours=4)
_WIDE_ROTATION: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDuty:
    """A duty that has been, or that is planned before the one in question.

    Attributes:
        report: When it started.
        debrief: When it ended, post-flight duty included.
        start: Place where it started.
        end: Place where it ended, and where the rest after it is taken.
        start_zone: IANA zone of `start`.
        end_zone: IANA zone of `end`.
        kind: What it was.
        flight_time: Block time as operating crew member.
        in_flight_rest: Whether in-flight rest extended it.
        rest_added: What a planned extension or a reduced rest before it adds to the rest after it.
    """

    report: datetime
    debrief: datetime
    start: str
    end: str
    start_zone: str
    end_zone: str
    kind: DutyKind = "flight"
    flight_time: timedelta = ZERO
    in_flight_rest: bool = False
    rest_added: timedelta = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyHistory:
    """The duties before the one in question, in order.

    Attributes:
        home: Home base.
        home_zone: Its IANA zone.
        acclimatised_zone: IANA zone on whose clock a duty is early, late or at night.
        known_from: Since when every duty is listed; a rest before it may have been none.
        duties: Those duties.
        rest_start: When the rest before the duty in question began; by default the end of the last duty.
        disruptive_duties: Night duties, early starts and late finishes since the last recovery rest as the
            roster counts them; the greater of this and of what `duties` show counts.
    """

    home: str
    home_zone: str
    acclimatised_zone: str
    known_from: datetime
    duties: tuple[PastDuty, ...]
    rest_start: datetime
    disruptive_duties: int = 0

    def __post_init__(self) -> None:
        for before, after in pairwise(self.duties):
            if after.report < before.debrief:
                raise OutOfRangeError(
                    "past_duties",
                    f"report {after.report:%Y-%m-%dT%H:%MZ}",
                    "duties in order, none overlapping",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class EarliestReport:
    """An instant before which nobody may report, the rule behind it and its words."""

    at: datetime
    topic: FtlTopic
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLimits:
    """What the duties before ask of the next one.

    Attributes:
        rest: What the report has to wait for, the latest instant last.
        rest_length: The minimum rest itself.
        early_start_from: Report from which an early start is open; None unless a late finish or a night
            duty came before at home base.
        recovered_from: Report from which the rest before is a recovery rest; None if the profile has none.
        release_by: Latest release without one; None if the last recovery rest cannot be told.
        local_days_by: Latest release that leaves the month its recovery rests of two local days.
        local_days_known: Whether `duties` reach back to the beginning of the month.
        disruptive_duties: Since the last recovery rest.
        next_recovery: Length of the next recovery rest; None if the profile has none.
        after_night_duty: Whether a night duty is followed by this duty without a local night between.
        unknowns: What the duties listed do not tell.
    """

    rest: tuple[EarliestReport, ...]
    rest_length: timedelta
    early_start_from: datetime | None
    recovered_from: datetime | None
    release_by: datetime | None
    local_days_by: datetime | None
    local_days_known: bool
    disruptive_duties: int
    next_recovery: timedelta | None
    after_night_duty: bool
    unknowns: tuple[str, ...]

    @property
    def free_from(self) -> datetime:
        """Return the earliest report."""
        return self.rest[-1].at


def crossed(start: datetime, end: datetime, start_zone: str, end_zone: str) -> timedelta:
    """Return the time difference of an FDP: the greater one where a clock changes on the way."""
    return max(time_difference(at, start_zone, end_zone) for at in (start, end))


def after_local_nights(start: datetime, zone: str, nights: int) -> datetime:
    """Return the first instant by which a rest that began at `start` holds so many local nights.

    A local night is 8 h between 22:00 and 08:00 (ORO.FTL.105(16)), so that it ends at 06:00 at the earliest.
    """
    if nights == 0:
        return start
    first = local_time("start", start, zone)
    day = first.date() - _DAY
    while True:
        opens = datetime.combine(day, time(22), first.tzinfo).astimezone(UTC)
        closes = datetime.combine(day + _DAY, time(8), first.tzinfo).astimezone(UTC)
        slept = max(opens, start) + timedelta(hours=8)
        nights -= slept <= closes
        if nights == 0:
            return slept
        day += _DAY


def history_limits(
    history: DutyHistory,
    *,
    report: datetime,
    report_place: str,
    rest_places: Sequence[tuple[str, datetime]] = (),
    disruptive_type: DisruptiveType = "early",
    profile: FtlProfile = EASA,
) -> HistoryLimits:
    """Return what the duties before ask of a duty that reports at `report`.

    A provision that the profile does not hold is not asked.

    Args:
        history: The duties before; at least one.
        report: Planned report.
        report_place: Where it is.
        rest_places: IANA zone and instant of each place where the duty in question ends away from home base.
        disruptive_type: `early` or `late`, as the competent authority assigned to the operator.
        profile: Authority whose rules apply.

    Raises:
        OutOfRangeError: If no duty is listed.
    """
    if not history.duties:
        raise OutOfRangeError("past_duties", 0, "at least one duty")
    last, start = history.duties[-1], history.rest_start
    unknowns: list[str] = []
    rest = [_minimum(last, start, report_place, history.home, profile)]
    length = rest[0].at - start
    early_from: datetime | None = None
    if report_place == history.home:
        nights, unknown = _time_zone_nights(history, profile)
        unknowns += unknown
        rest += nights
        rest += _alternation(history, rest_places, profile)
        early_from = _before_early_start(history, disruptive_type, profile)
    recovered_from = release_by = local_days_by = minimum = None
    days_known = True
    disruptive = history.disruptive_duties
    if "recovery_rest" in profile.articles:
        recovery_end, counted = _last_recovery(history, disruptive_type)
        disruptive = max(counted, disruptive)
        minimum = recovery_rest_length(disruptive_duties=disruptive, profile=profile).minimum
        recovered_from = max(start + minimum, after_local_nights(start, last.end_zone, 2))
        # Before `known_from` there may be one that is not listed, unless even that would be too long ago.
        release_by = (recovery_end or history.known_from) + RECOVERY_GAP
        if recovery_end is None and release_by > start:
            release_by = None
            unknowns.append("when the last recovery rest ended")
        local_days_by, days_known = _local_days(history, report)
    _, _, night = disturbances(last.report, last.debrief, history.acclimatised_zone, disruptive_type)
    return HistoryLimits(
        rest=tuple(sorted(rest, key=lambda one: one.at)),
        rest_length=length,
        early_start_from=early_from,
        recovered_from=recovered_from,
        release_by=release_by,
        local_days_by=local_days_by,
        local_days_known=days_known,
        disruptive_duties=disruptive,
        next_recovery=minimum,
        after_night_duty=night and local_nights(start, report, last.end_zone) == 0,
        unknowns=tuple(unknowns),
    )


def _minimum(last: PastDuty, start: datetime, place: str, home: str, profile: FtlProfile) -> EarliestReport:
    where: RestPlace = "home" if place == home else "away"
    worked = ZERO if last.kind == "home_standby" else last.debrief - last.report
    across = "rest_time_zones" in profile.articles
    difference = crossed(last.report, last.debrief, last.start_zone, last.end_zone) if across else ZERO
    rested_aboard = last.in_flight_rest and "in_flight_rest_pilots" in profile.articles
    least = minimum_rest(
        place=where,
        preceding_duty=worked,
        time_difference=difference,
        in_flight_rest=rested_aboard,
        extension_rest=last.rest_added,
        profile=profile,
    )
    rest = least.minimum_rest
    topic: FtlTopic = "rest_home" if where == "home" else "rest_away"
    if rest > minimum_rest_duration(where, worked, extension_rest=last.rest_added, profile=profile):
        topic = "in_flight_rest_pilots" if rested_aboard else "rest_time_zones"
    return EarliestReport(
        at=start + rest,
        topic=topic,
        why=f"{format_duration(rest)} of rest {'at home base' if where == 'home' else 'away from home base'}",
    )


def _rotations(history: DutyHistory) -> Iterator[tuple[PastDuty, ...]]:
    """Yield the rotations that have ended at home base, each with a rest away from it, in order."""
    duties: list[PastDuty] = []
    for duty in history.duties:
        duties.append(duty)
        if duty.end == history.home:
            if len(duties) > 1:
                yield tuple(duties)
            duties = []


def nights_after(history: DutyHistory, duty: PastDuty, *, profile: FtlProfile = EASA) -> int:
    """Return the local nights that are due at home base once `duty` follows those of `history`.

    None are where the duty does not end a rotation, and none are told where its beginning is not listed.
    """
    due = _nights_due(replace(history, duties=(*history.duties, duty), rest_start=duty.debrief), profile)
    return due.local_nights if isinstance(due, TimeZoneNights) else 0


def latest_release(next_report: datetime, zone: str, nights: int) -> datetime:
    """Return the latest release, to the minute, that leaves so many local nights before a report."""
    early, late = 0, (nights + 2) * _DAY // _MINUTE
    while early < late:
        before = (early + late) // 2
        if after_local_nights(next_report - before * _MINUTE, zone, nights) <= next_report:
            late = before
        else:
            early = before + 1
    return next_report - late * _MINUTE


def _time_zone_nights(history: DutyHistory, profile: FtlProfile) -> tuple[list[EarliestReport], list[str]]:
    """Return the local nights due after a rotation that the last duty ended: CS FTL.1.235(b)(3)(i)."""
    due = _nights_due(history, profile)
    if isinstance(due, str):
        return [], [due]
    if due is None or not due.applicable:
        return [], []
    at = after_local_nights(history.rest_start, history.home_zone, due.local_nights)
    why = f"{due.local_nights} local nights at home base after a rotation ({due.working[0]})"
    return [EarliestReport(at=at, topic="time_zone_nights", why=why)], []


def _nights_due(history: DutyHistory, profile: FtlProfile) -> TimeZoneNights | str | None:
    """Return the local nights due after the last duty, what is not listed, or None if it ends no rotation."""
    last = history.duties[-1]
    if "time_zone_nights" not in profile.articles or last.start == history.home or last.end != history.home:
        return None
    rotation = next((one for one in _rotations(history) if one[-1] is last), None)
    if rotation is None or rotation[0].start != history.home:
        return "where and when the rotation before began"
    difference = max(
        abs(_east(history.home_zone, before.end_zone, at))
        for before, after in pairwise(rotation)
        for at in (before.debrief, after.report)
    )
    elapsed = rotation[-1].debrief - rotation[0].report
    return time_zone_nights(time_difference=difference, elapsed=elapsed, profile=profile)


def _alternation(
    history: DutyHistory, rest_places: Sequence[tuple[str, datetime]], profile: FtlProfile
) -> list[EarliestReport]:
    """Return the local nights between rotations in opposite directions: CS FTL.1.235(b)(3)(iii)."""
    ended = list(_rotations(history))
    if "time_zone_transition" not in profile.articles or not ended or not rest_places:
        return []
    before = _farthest([(one.end_zone, one.debrief) for one in ended[-1][:-1]], history.home_zone)
    after = _farthest(rest_places, history.home_zone)
    wide = max(abs(before), abs(after)) >= _WIDE_ROTATION
    opposite = (before > ZERO) is not (after > ZERO) or abs(before) == timedelta(hours=12)
    if not wide or min(abs(before), abs(after)) < _ROTATION or not opposite:
        return []
    due = transition_nights(opposite_directions=True, late_or_night_to_early=False, profile=profile)
    since = [one for one in history.duties if one.report >= ended[-1][-1].report]
    rested = sum(
        local_nights(one.debrief, following.report, history.home_zone) for one, following in pairwise(since)
    )
    left = max(due.local_nights - rested, 0)
    at = after_local_nights(history.rest_start, history.home_zone, left)
    return [
        EarliestReport(
            at=at,
            topic="time_zone_transition",
            why=f"{due.local_nights} local nights at home base between rotations in opposite directions",
        )
    ]


def _before_early_start(
    history: DutyHistory, disruptive_type: DisruptiveType, profile: FtlProfile
) -> datetime | None:
    """Return from when an early start is open after a late finish or night duty: CS FTL.1.235(a)(1)."""
    if "disruptive_transition" not in profile.articles:
        return None
    last = history.duties[-1]
    _, late, night = disturbances(last.report, last.debrief, history.acclimatised_zone, disruptive_type)
    if not (late or night):
        return None
    due = transition_nights(opposite_directions=False, late_or_night_to_early=True, profile=profile)
    return after_local_nights(history.rest_start, history.home_zone, due.local_nights)


def _last_recovery(history: DutyHistory, disruptive_type: DisruptiveType) -> tuple[datetime | None, int]:
    """Return when the last recovery rest before the current rest ended, and the disruptive duties since."""
    ended: datetime | None = None
    disruptive = 0
    began, zone = history.known_from, history.duties[0].start_zone
    for duty in history.duties:
        if is_recovery_rest(began, duty.report, zone, disruptive):
            ended, disruptive = duty.report, 0
        began, zone = max(duty.debrief, history.known_from), duty.end_zone
        disruptive += duty.kind != "home_standby" and any(
            disturbances(duty.report, duty.debrief, history.acclimatised_zone, disruptive_type)
        )
    return ended, disruptive


def _local_days(history: DutyHistory, report: datetime) -> tuple[datetime | None, bool]:
    """Return by when a duty has to end so that the month keeps two recovery rests of two local days.

    A rest counts for the month of its second local day. None if the month already has both.
    """
    at = local_time("report", report, history.home_zone)
    first = at.date().replace(day=1)
    following = (first + 32 * _DAY).replace(day=1)
    ends = [(history.known_from, history.duties[0].report)]
    ends += [
        (max(before.debrief, history.known_from), after.report) for before, after in pairwise(history.duties)
    ]
    ends.append((history.rest_start, report))
    had = 0
    for start, end in ends:
        if end - start < _LOCAL_DAYS * _DAY - HOUR:
            # Not even a night in which the clock goes forward makes two days of it.
            continue
        from_day = local_time("rest", start - timedelta(microseconds=1), history.home_zone).date() + _DAY
        until = local_time("rest", end, history.home_zone).date()
        had += (
            (until - from_day).days >= _LOCAL_DAYS and first <= until - _DAY and from_day + _DAY < following
        )
    left = max(_MONTHLY - had, 0)
    known = history.known_from <= datetime.combine(first, time(), at.tzinfo)
    if left == 0:
        return None, known
    needed = _LOCAL_DAYS if left == 1 else _BOTH_TO_COME
    return datetime.combine(following - needed * _DAY, time(), at.tzinfo).astimezone(UTC), known


def _farthest(places: Sequence[tuple[str, datetime]], home_zone: str) -> timedelta:
    return max((_east(home_zone, zone, at) for zone, at in places), key=abs)


def _east(home_zone: str, zone: str, at: datetime) -> timedelta:
    """Return how far east of home base a zone is on the clock, negative if west, the shorter way round."""
    there = local_time("place", at, zone).utcoffset() or ZERO
    here = local_time("home", at, home_zone).utcoffset() or ZERO
    return (there - here + _DAY / 2) % _DAY - _DAY / 2
