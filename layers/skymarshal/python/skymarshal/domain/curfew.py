"""Night restrictions at airports as windows of local time.

A restriction is never a plain yes or no: each window says which movements it covers and what may open it.
An airport whose restrictions are not known is not open: between `NIGHT_BEGINS` and `NIGHT_ENDS` nothing can
be said of a movement there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Final, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.curfew_windows import (
    NIGHT_BEGINS,
    NIGHT_ENDS,
    NIGHT_HOURS_ARTICLE,
    AskedMovement,
    CurfewKind,
    CurfewWindow,
    HeldAt,
    MovementKind,
    MovementStatus,
    verdict_of,
    verdict_without_rules,
)
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.times import (
    ZERO,
    days_around,
    in_clock_window,
    local_time,
    require_aware,
    time_zone,
)

__all__ = [
    "NIGHT_BEGINS",
    "NIGHT_ENDS",
    "CurfewCheck",
    "CurfewInterval",
    "CurfewKind",
    "CurfewWindow",
    "HeldAt",
    "MovementKind",
    "MovementStatus",
    "check_movement",
    "movement_intervals",
]

# From the least to the most restrictive: overlapping windows add up to the last one.
_SEVERITY: Final = get_args(MovementStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurfewCheck(RuleResult):
    """What the airport's night restrictions say to a movement.

    Attributes:
        status: Verdict of the most restrictive window.
        local: Time of the movement on the airport's clock.
        justification_required: Whether the delay has to be justified afterwards.
        windows: Names of the windows the movement falls in.
    """

    status: MovementStatus
    local: datetime
    justification_required: bool
    windows: tuple[str, ...]

    @property
    def permitted(self) -> bool | None:
        """Return whether the movement may take place as things stand; None if that is not known."""
        return None if self.status == "unknown" else self.status.startswith("permitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurfewInterval:
    """A stretch of time [start, end) with one verdict for a movement in it."""

    start: datetime
    end: datetime
    status: MovementStatus


def check_movement(
    windows: Sequence[CurfewWindow],
    *,
    at: datetime,
    zone: str,
    movement: MovementKind,
    scheduled_at: datetime | None = None,
    delay_inherent_in_schedule: bool | None = None,
    quota_held: bool | None = None,
    dispensation: bool = False,
    emergency: bool = False,
    international_passenger: bool | None = None,
    quota_count: str | None = None,
    taxi: timedelta = ZERO,
    stated: bool = True,
) -> CurfewCheck:
    """Return whether a movement may take place at an airport.

    Args:
        windows: The airport's restrictions.
        at: Take-off or landing time.
        zone: The airport's IANA zone.
        movement: `departure` or `arrival`.
        scheduled_at: When it is to take off or land by its schedule; None means at `at`.
        delay_inherent_in_schedule: Whether the delay was built into the schedule; None if not stated.
        quota_held: Whether the movement holds a quota or night slot; None if unknown, which opens nothing.
        dispensation: Whether an exemption was granted for this movement.
        emergency: Whether safety, weather or a medical or relief mission forces it.
        international_passenger: Whether it is an international passenger flight; None if unknown.
        quota_count: Noise class, such as `QC/2`; None if unknown.
        taxi: Taxi time between stand and runway, for windows that are held at the stand.
        stated: Whether the airport's restrictions are known, be it that it has none. With False and no
            windows nothing can be said of the hours from `NIGHT_BEGINS` to `NIGHT_ENDS`.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
        UnknownCodeError: If `movement` is not in its list.
        OutOfRangeError: If a `delay_grace` window has no grace.
    """
    if movement not in get_args(MovementKind):
        raise UnknownCodeError("movement", movement, get_args(MovementKind))
    local = local_time("at", at, zone)
    scheduled = local if scheduled_at is None else local_time("scheduled_at", scheduled_at, zone)
    to_stand = -taxi if movement == "departure" else taxi
    asked = AskedMovement(
        local=local,
        scheduled=scheduled,
        inherent=delay_inherent_in_schedule,
        quota_held=quota_held,
        dispensation=dispensation,
        emergency=emergency,
        international_passenger=international_passenger,
        quota_count=quota_count,
    )
    status: MovementStatus = "permitted"
    names: list[str] = []
    articles: dict[str, Article] = {}
    working: list[str] = []
    unknowns: list[str] = []
    at_stand = replace(
        asked,
        local=local_time("at", at + to_stand, zone),
        scheduled=local_time("scheduled_at", scheduled + to_stand, zone),
    )
    for window in windows:
        held = at_stand if window.held_at == "stand" else asked
        if not window.covers(movement) or not window.contains(
            held.scheduled if window.scheduled_only else held.local
        ):
            continue
        if window.spares_late and held.scheduled < window.opening(held.local):
            continue
        verdict, reason, missing = verdict_of(window, held)
        names.append(window.rule_id)
        articles[window.article.citation] = window.article
        working.append(
            f"{window.airport} {window.local_start:%H:%M}-{window.local_end:%H:%M} {window.rule_id}: "
            f"{verdict.replace('_', ' ')}{f', {reason}' if reason else ''}"
        )
        unknowns.extend(missing)
        status = max(status, verdict, key=_SEVERITY.index)
    if not stated and not windows and in_clock_window(local.time(), NIGHT_BEGINS, NIGHT_ENDS):
        status, reason, unknowns = verdict_without_rules(asked)
        articles = {NIGHT_HOURS_ARTICLE.citation: NIGHT_HOURS_ARTICLE}
        working.append(reason)
    elif not names:
        articles = {window.article.citation: window.article for window in windows}
        working.append(f"{local:%H:%M} local lies in no restricted window")
    return CurfewCheck(
        status=status,
        local=local,
        justification_required=status == "permitted_delayed",
        windows=tuple(names),
        articles=tuple(articles.values()),
        inputs={
            "at": at,
            "zone": zone,
            "movement": movement,
            "scheduled_at": scheduled_at,
            "delay_inherent_in_schedule": delay_inherent_in_schedule,
            "quota_held": quota_held,
            "dispensation": dispensation,
            "emergency": emergency,
            "international_passenger": international_passenger,
            "quota_count": quota_count,
            "taxi": taxi,
        },
        working=(f"{local:%Y-%m-%d %H:%M} local in {zone}, {movement}", *working),
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def movement_intervals(
    windows: Sequence[CurfewWindow],
    *,
    start: datetime,
    end: datetime,
    zone: str,
    movement: MovementKind,
    scheduled_at: datetime | None = None,
    quota_held: bool | None = None,
    dispensation: bool = False,
    delay_inherent_in_schedule: bool | None = None,
    international_passenger: bool | None = None,
    taxi: timedelta = ZERO,
) -> tuple[CurfewInterval, ...]:
    """Return [start, end) cut into stretches with one verdict each, for a movement at any time in it.

    Without `scheduled_at` the movement counts as scheduled at the time it takes place.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        OutOfRangeError: If `end` is not after `start`.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    first, last = require_aware("start", start), require_aware("end", end)
    if last <= first:
        raise OutOfRangeError("end", end.isoformat(), f"a time after {start.isoformat()}")
    to_stand = -taxi if movement == "departure" else taxi
    edges = {edge for edge in _edges(windows, first, last, zone) if first < edge < last}
    if any(window.held_at == "stand" for window in windows):
        found = _edges(windows, first + to_stand, last + to_stand, zone)
        edges |= {edge - to_stand for edge in found if first < edge - to_stand < last}

    intervals: list[CurfewInterval] = []
    for opens, closes in pairwise(sorted({first, *edges, last})):
        status = check_movement(
            windows,
            at=opens,
            zone=zone,
            movement=movement,
            scheduled_at=scheduled_at,
            quota_held=quota_held,
            dispensation=dispensation,
            delay_inherent_in_schedule=delay_inherent_in_schedule,
            international_passenger=international_passenger,
            taxi=taxi,
        ).status
        if intervals and intervals[-1].status == status:
            intervals[-1] = CurfewInterval(start=intervals[-1].start, end=closes, status=status)
        else:
            intervals.append(CurfewInterval(start=opens, end=closes, status=status))
    return tuple(intervals)


def _edges(windows: Sequence[CurfewWindow], first: datetime, last: datetime, zone: str) -> set[datetime]:
    """Return the instants around [first, last] at which a verdict may change."""
    clock = time_zone("zone", zone)
    found: set[datetime] = set()
    opens_on, closes_on = local_time("start", first, zone).date(), local_time("end", last, zone).date()
    for day in days_around("start to end", opens_on, closes_on):
        midnight = datetime.combine(day, time(0), clock)
        found.add(midnight.astimezone(UTC))
        found |= _clock_change(midnight)
        for window in windows:
            opens = datetime.combine(day, window.local_start, clock)
            edges = [opens, datetime.combine(day, window.local_end, clock)]
            if window.grace is not None:
                edges.append(opens + window.grace)
            # Where the clocks go back an hour comes twice, and a window may begin or end in either.
            found |= {edge.replace(fold=fold).astimezone(UTC) for edge in edges for fold in (0, 1)}
    return found


def _clock_change(midnight: datetime) -> set[datetime]:
    """Return the instant of a local day at which the clocks change; a window may begin or end by it."""
    begins = midnight.astimezone(UTC)
    ends = begins + timedelta(days=1)
    zone = midnight.tzinfo
    offset = begins.astimezone(zone).utcoffset()
    if ends.astimezone(zone).utcoffset() == offset:
        return set()
    while ends - begins > timedelta(minutes=1):
        middle = begins + (ends - begins) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            begins = middle
        else:
            ends = middle
    return {ends.replace(second=0, microsecond=0)}
