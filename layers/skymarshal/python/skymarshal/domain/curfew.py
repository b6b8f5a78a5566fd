"""Night restrictions at airports as windows of local time.

A restriction is never a plain yes or no: each window says which movements it covers and what may open it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.times import in_clock_window, local_time, minute_of_day, require_aware, time_zone

__all__ = [
    "CurfewCheck",
    "CurfewInterval",
    "CurfewKind",
    "CurfewWindow",
    "MovementKind",
    "MovementStatus",
    "check_movement",
    "movement_intervals",
]

CurfewKind = Literal["hard", "quota", "delay_grace", "dispensation"]
MovementKind = Literal["departure", "arrival"]
MovementStatus = Literal[
    "permitted",
    "permitted_emergency",
    "permitted_delayed",
    "permitted_with_quota",
    "permitted_with_dispensation",
    "exemption_required",
    "prohibited",
]

# From the least to the most restrictive: overlapping windows add up to the last one.
_SEVERITY: Final = get_args(MovementStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurfewWindow:
    """A night restriction in [local_start, local_end) on the airport's clock; it may wrap midnight.

    Attributes:
        airport: IATA code.
        rule_id: Name of the window at its airport.
        local_start: First minute restricted.
        local_end: First minute free again.
        movement: Which movements it covers.
        kind: `hard` forbids; `delay_grace` lets a delayed movement pass until `grace` after the start;
            `quota` lets a movement pass that holds one; `dispensation` asks for an exemption each time.
        article: Where the restriction is laid down.
        grace: For `delay_grace`.
        scheduled_only: Whether only movements scheduled inside the window are covered.
        international_passenger_only: Whether only these may use the quota.
        barred_quota_counts: Noise classes that may not move at all; where they are named, a `hard` window
            forbids them alone.
        valid_from: First day on which it applies.
        valid_to: Last day on which it applies.
    """

    airport: str
    rule_id: str
    local_start: time
    local_end: time
    movement: Literal["departure", "arrival", "both"]
    kind: CurfewKind
    article: Article
    grace: timedelta | None = None
    scheduled_only: bool = False
    international_passenger_only: bool = False
    barred_quota_counts: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def contains(self, local: datetime) -> bool:
        """Return whether a local time lies in the window on a day on which it applies."""
        return (
            (self.valid_from is None or self.valid_from <= local.date())
            and (self.valid_to is None or local.date() <= self.valid_to)
            and in_clock_window(local.time(), self.local_start, self.local_end)
        )

    def covers(self, movement: MovementKind) -> bool:
        """Return whether the window restricts this kind of movement."""
        return self.movement in ("both", movement)


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
    def permitted(self) -> bool:
        """Return whether the movement may take place as things stand."""
        return self.status.startswith("permitted")


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
) -> CurfewCheck:
    """Return whether a movement may take place at an airport.

    Args:
        windows: The airport's restrictions.
        at: Off-block or landing time.
        zone: The airport's IANA zone.
        movement: `departure` or `arrival`.
        scheduled_at: When it is scheduled; None means that it is scheduled at `at`.
        delay_inherent_in_schedule: Whether the delay was built into the schedule; None if not stated.
        quota_held: Whether the movement holds a quota or night slot; None if unknown.
        dispensation: Whether an exemption was granted.
        emergency: Whether safety, weather or a medical or relief mission forces it.
        international_passenger: Whether it is an international passenger flight; None if unknown.
        quota_count: Noise class, such as `QC/2`; None if unknown.

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
    status: MovementStatus = "permitted"
    names: list[str] = []
    articles: dict[str, Article] = {}
    working: list[str] = []
    unknowns: list[str] = []
    for window in windows:
        if not window.covers(movement) or not window.contains(scheduled if window.scheduled_only else local):
            continue
        verdict, reason, missing = _verdict(
            window,
            local,
            delayed=local > scheduled and not window.contains(scheduled),
            inherent=delay_inherent_in_schedule,
            quota_held=quota_held,
            dispensation=dispensation,
            emergency=emergency,
            international_passenger=international_passenger,
            quota_count=quota_count,
        )
        names.append(window.rule_id)
        articles[window.article.citation] = window.article
        working.append(
            f"{window.airport} {window.local_start:%H:%M}-{window.local_end:%H:%M} {window.rule_id}: "
            f"{verdict.replace('_', ' ')}{f', {reason}' if reason else ''}"
        )
        unknowns.extend(missing)
        status = max(status, verdict, key=_SEVERITY.index)
    if not names:
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
    edges = sorted({first, *_edges(windows, first, last, zone), last})
    intervals: list[CurfewInterval] = []
    for opens, closes in pairwise(edges):
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
        ).status
        if intervals and intervals[-1].status == status:
            intervals[-1] = CurfewInterval(start=intervals[-1].start, end=closes, status=status)
        else:
            intervals.append(CurfewInterval(start=opens, end=closes, status=status))
    return tuple(intervals)


def _verdict(
    window: CurfewWindow,
    local: datetime,
    *,
    delayed: bool,
    inherent: bool | None,
    quota_held: bool | None,
    dispensation: bool,
    emergency: bool,
    international_passenger: bool | None,
    quota_count: str | None,
) -> tuple[MovementStatus, str, tuple[str, ...]]:
    if emergency:
        return "permitted_emergency", "safety, medical or relief", ()
    if window.barred_quota_counts:
        if quota_count in window.barred_quota_counts:
            return "prohibited", f"{quota_count} may not move", ()
        if quota_count is None and window.kind != "quota":
            return "permitted", f"unless {' or '.join(window.barred_quota_counts)}", ("quota_count",)
        if window.kind != "quota":
            return "permitted", "", ()
    if window.kind == "delay_grace":
        return _verdict_on_delay(window, local, delayed=delayed, inherent=inherent)
    if window.kind == "quota":
        if window.international_passenger_only and international_passenger is False:
            return "prohibited", "only international passenger flights may use the quota", ()
        if quota_held is False:
            return "prohibited", "no quota", ()
        return "permitted_with_quota", "", () if quota_held else ("quota_held",)
    if dispensation:
        return "permitted_with_dispensation", "exemption granted", ()
    if window.kind == "dispensation":
        return "exemption_required", "", ()
    return "prohibited", "", ()


def _verdict_on_delay(
    window: CurfewWindow, local: datetime, *, delayed: bool, inherent: bool | None
) -> tuple[MovementStatus, str, tuple[str, ...]]:
    if window.grace is None:
        raise OutOfRangeError("grace", None, f"a duration for {window.rule_id} of kind delay_grace")
    into = timedelta(minutes=(minute_of_day(local.time()) - minute_of_day(window.local_start)) % 1440)
    if not delayed:
        return "prohibited", "scheduled in the window", ()
    if inherent:
        return "prohibited", "the delay is built into the schedule", ()
    if into >= window.grace:
        return "prohibited", "after the grace for delays", ()
    return "permitted_delayed", "", () if inherent is not None else ("delay_inherent_in_schedule",)


def _edges(windows: Sequence[CurfewWindow], first: datetime, last: datetime, zone: str) -> set[datetime]:
    """Return the instants strictly between `first` and `last` at which a verdict may change."""
    clock = time_zone("zone", zone)
    found: set[datetime] = set()
    day = local_time("start", first, zone).date() - timedelta(days=1)
    final = local_time("end", last, zone).date()
    while day <= final:
        found.add(datetime.combine(day, time(0), clock).astimezone(UTC))
        for window in windows:
            opens = datetime.combine(day, window.local_start, clock)
            found.add(opens.astimezone(UTC))
            found.add(datetime.combine(day, window.local_end, clock).astimezone(UTC))
            if window.grace is not None:
                found.add((opens + window.grace).astimezone(UTC))
        day += timedelta(days=1)
    return {edge for edge in found if first < edge < last}
