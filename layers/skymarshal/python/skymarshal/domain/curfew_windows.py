"""A night restriction as a window of local time, and what it says to one movement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from skymarshal.domain.articles import Article
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.times import in_clock_window, minute_of_day

__all__ = [
    "CHAPTER_4_AT_MOST",
    "NIGHT_BEGINS",
    "NIGHT_ENDS",
    "NIGHT_HOURS_ARTICLE",
    "AskedMovement",
    "CurfewKind",
    "CurfewWindow",
    "HeldAt",
    "MovementKind",
    "MovementStatus",
    "verdict_of",
    "verdict_without_rules",
]

CurfewKind = Literal["hard", "quota", "delay_grace", "dispensation"]
MovementKind = Literal["departure", "arrival"]
MovementStatus = Literal[
    "permitted",
    "permitted_emergency",
    "permitted_delayed",
    "permitted_with_quota",
    "permitted_with_dispensation",
    "unknown",
    "exemption_required",
    "prohibited",
]

HeldAt = Literal["runway", "stand"]
"""Where a restriction is held: at take-off and landing, or when the aircraft leaves or reaches its stand."""

_MINUTES_A_DAY: Final = 24 * 60

CHAPTER_4_AT_MOST: Final = "QC/4"
"""The noise class that no aircraft of ICAO Annex 16 Chapter 4 exceeds; what is built today is no louder."""

NIGHT_BEGINS: Final = time(22)
"""No night restriction of an airport binds earlier: German law begins the night then (FluLaermG s 2)."""

NIGHT_ENDS: Final = time(7)
"""None binds later: the night of Directive 2002/49/EC Annex I and of the British airports ends then."""


NIGHT_HOURS_ARTICLE: Final = Article(
    regulation="Directive 2002/49/EC; FluLaermG",
    article="Annex I; s 2",
    subject="The hours that count as night, 22:00-07:00 local together",
    status="unverified",
    source="from memory, text not read",
)


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
        spares_late: Whether movements are spared that were scheduled before the window opened.
        international_passenger_only: Whether only these may use the quota.
        barred_quota_counts: Noise classes that may not move at all; where they are named, a `hard` window
            forbids them alone.
        unschedulable_quota_counts: Noise classes that may not be scheduled inside the window.
        held_at: Where the movement is when the window is held against it.
        weekdays: Local weekdays of the movement on which it applies, Monday 0; empty for every day.
        exemption_from: Whom an exemption can be asked for; None if nobody is known to grant one.
        valid_from: First local day on which it applies.
        valid_to: Last local day on which it applies.
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
    spares_late: bool = False
    international_passenger_only: bool = False
    barred_quota_counts: tuple[str, ...] = ()
    unschedulable_quota_counts: tuple[str, ...] = ()
    held_at: HeldAt = "runway"
    weekdays: tuple[int, ...] = ()
    exemption_from: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def in_period(self, on: date) -> bool:
        """Return whether a local day lies in the time for which the window was laid down."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )

    def in_force(self, on: date) -> bool:
        """Return whether the window applies on a local day."""
        return self.in_period(on) and (not self.weekdays or on.weekday() in self.weekdays)

    def contains(self, local: datetime) -> bool:
        """Return whether a local time lies in the window on a day on which it applies."""
        return self.in_force(local.date()) and in_clock_window(local.time(), self.local_start, self.local_end)

    def opening(self, local: datetime) -> datetime:
        """Return when the window that a local time lies in opened, on the same clock."""
        into = (minute_of_day(local.time()) - minute_of_day(self.local_start)) % _MINUTES_A_DAY
        return local.replace(second=0, microsecond=0) - timedelta(minutes=into)

    def covers(self, movement: MovementKind) -> bool:
        """Return whether the window restricts this kind of movement."""
        return self.movement in ("both", movement)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMovement:
    """What a window asks about a movement; the times are on the airport's clock."""

    local: datetime
    scheduled: datetime
    inherent: bool | None
    quota_held: bool | None
    dispensation: bool
    emergency: bool
    international_passenger: bool | None
    quota_count: str | None


def verdict_of(window: CurfewWindow, asked: AskedMovement) -> tuple[MovementStatus, str, tuple[str, ...]]:
    """Return what one window says, why, and what it needed and did not know."""
    if asked.emergency:
        return "permitted_emergency", "safety, medical or relief", ()
    verdict, reason, missing = _verdict_as_ruled(window, asked)
    if asked.dispensation and not verdict.startswith("permitted"):
        return "permitted_with_dispensation", "exemption granted", ()
    return verdict, reason, missing


def _verdict_as_ruled(
    window: CurfewWindow, asked: AskedMovement
) -> tuple[MovementStatus, str, tuple[str, ...]]:
    if asked.quota_count in window.unschedulable_quota_counts and window.contains(asked.scheduled):
        return "prohibited", f"{asked.quota_count} may not be scheduled", ()
    if window.barred_quota_counts:
        if asked.quota_count in window.barred_quota_counts:
            return "prohibited", f"{asked.quota_count} may not move", ()
        if window.kind != "quota":
            if asked.quota_count is None:
                if CHAPTER_4_AT_MOST in window.barred_quota_counts:
                    return "unknown", "the noise class is not known", ("quota_count",)
                return "permitted", f"unless {' or '.join(window.barred_quota_counts)}", ("quota_count",)
            return "permitted", "", ()
    if window.kind == "delay_grace":
        return _verdict_on_delay(window, asked)
    if window.kind == "quota":
        return _verdict_on_quota(window, asked)
    if window.kind == "dispensation":
        return "exemption_required", "", ()
    return "prohibited", "", ()


def _verdict_on_quota(
    window: CurfewWindow, asked: AskedMovement
) -> tuple[MovementStatus, str, tuple[str, ...]]:
    """Return what a quota says: it opens the night to who holds one, and is not presumed."""
    if window.international_passenger_only and asked.international_passenger is False:
        return "prohibited", "only international passenger flights may use the quota", ()
    if asked.quota_held:
        if window.international_passenger_only and asked.international_passenger is None:
            return "unknown", "only for international passenger flights", ("international_passenger",)
        return "permitted_with_quota", "", ()
    if window.grace is not None and not window.contains(asked.scheduled):
        return _verdict_on_delay(window, asked)
    if asked.quota_held is None:
        return "unknown", "not known whether it holds a quota", ("quota_held",)
    return "prohibited", "no quota", ()


def _verdict_on_delay(
    window: CurfewWindow, asked: AskedMovement
) -> tuple[MovementStatus, str, tuple[str, ...]]:
    if window.grace is None:
        raise OutOfRangeError("grace", None, f"a duration for {window.rule_id} of kind delay_grace")
    local = asked.local
    opens = window.opening(local)
    if local <= asked.scheduled or window.contains(asked.scheduled):
        return "prohibited", "not behind a schedule outside the window", ()
    if asked.scheduled < _end_before(window, opens):
        return "prohibited", "scheduled before the night before: a new schedule, not a delay", ()
    if asked.inherent:
        return "prohibited", "the delay is built into the schedule", ()
    if local - opens >= window.grace:
        return "prohibited", "after the grace for delays", ()
    return "permitted_delayed", "", () if asked.inherent is not None else ("delay_inherent_in_schedule",)


def _end_before(window: CurfewWindow, opens: datetime) -> datetime:
    """Return when the window last ended before it opens at `opens`."""
    day = opens.date() if window.local_end <= window.local_start else opens.date() - timedelta(days=1)
    return datetime.combine(day, window.local_end, opens.tzinfo)


def verdict_without_rules(asked: AskedMovement) -> tuple[MovementStatus, str, list[str]]:
    """Return what can be said at night where nothing is known of the airport's restrictions."""
    if asked.emergency:
        return "permitted_emergency", "safety, medical or relief", []
    if asked.dispensation:
        return "permitted_with_dispensation", "exemption granted", []
    hours = f"{NIGHT_BEGINS:%H:%M} to {NIGHT_ENDS:%H:%M}"
    return (
        "unknown",
        f"the airport's night restrictions are not known: {hours} may be closed",
        ["night_rules"],
    )
