"""Which reserves could take over from a crew member, from when and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypedDict

from skymarshal.calculators.crew_history import Before, before_standby
from skymarshal.calculators.crew_legality import HORIZON
from skymarshal.calculators.crew_validity import FLIGHT_DECK, rated_until, validity_limit
from skymarshal.calculators.evidence import instant_value
from skymarshal.calculators.reserve_duties import reserve_duties
from skymarshal.domain.assessment import Evidence
from skymarshal.domain.ftl import (
    EASA,
    CrewDuty,
    CumulativeWindow,
    FtlProfile,
    airport_standby,
    check_cumulative,
    crossed,
    duty_limits,
    night_standby_not_counted,
    other_standby,
)
from skymarshal.domain.ftl.articles import FtlTopic
from skymarshal.domain.ftl.duty import rest_after
from skymarshal.domain.ftl.roster_breaches import roster_breaches
from skymarshal.domain.ftl.standby import RESERVE_NOTICE
from skymarshal.domain.times import format_duration
from skymarshal.operations.records import (
    Airport,
    CrewAssignment,
    CrewMember,
    CrewRole,
    Flight,
    ReserveCrewMember,
)

__all__ = ["COVERING_ROLES", "ReserveCover", "earliest_report", "on_call", "reserve_cover", "stands_by"]

COVERING_ROLES: Final[Mapping[CrewRole, tuple[CrewRole, ...]]] = {
    "captain": ("captain",),
    "first_officer": ("first_officer",),
    "purser": ("purser",),
    "cabin": ("cabin", "purser"),
}
"""Who may stand in for a role; a captain is not planned into the right-hand seat."""

LATER_SECTOR_LEAD: Final = timedelta(minutes=60)
"""How long before off-block a reserve reports who joins a duty at a later sector."""

_REST_BEFORE_ACCLIMATISED: Final = timedelta(hours=120)
_STANDBY_TOPICS: Final[Mapping[str, FtlTopic]] = {"airport": "standby_airport", "home": "standby_other"}
_STEP: Final = timedelta(minutes=30)
_MINUTE: Final = timedelta(minutes=1)


class _Limits(TypedDict, total=False):
    night_duties_managed: bool | None
    after_night_duty: bool
    early_start_from: datetime | None
    release_by: datetime | None
    local_days_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveCover:
    """A reserve looked at in place of one crew member.

    Attributes:
        crew_id: the reserve.
        replaces: the crew member.
        usable: whether the reserve could legally fly the rest of the duty.
        report_from: the earliest report after the call-out.
        available_from: the earliest off-block.
        latest_off_block: the last legal off-block; None if there is none.
        reasons: why not.
        evidence: the rows that it rests on.
    """

    crew_id: str
    replaces: str
    usable: bool
    report_from: datetime | None
    available_from: datetime | None
    latest_off_block: datetime | None
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def on_call(reserve: ReserveCrewMember, role: CrewRole, aircraft_type: str, at: datetime) -> bool:
    """Return whether a reserve covers a role and a type and can still be called at `at` or soon after."""
    return (
        reserve.role in COVERING_ROLES[role]
        and aircraft_type in reserve.aircraft_types
        and stands_by(reserve, at)
    )


def stands_by(reserve: ReserveCrewMember, at: datetime) -> bool:
    """Return whether a reserve can be called at `at`, or within half of the period looked at after it."""
    return reserve.end > at and reserve.start < at + HORIZON / 2


def reserve_cover(
    flight: Flight,
    assignment: CrewAssignment,
    reserve: ReserveCrewMember,
    member: CrewMember | None,
    *,
    duties: Sequence[CrewAssignment],
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    now: datetime,
    profile: FtlProfile = EASA,
) -> ReserveCover:
    """Return whether a reserve could fly the rest of a crew member's duty from `flight` on.

    The reserve is called at once, or at the start of the standby if that is later, and reports after the
    call-out time or in time for a later departure. Standby counts until the report. Who stands on the
    roster at that hour or is not rested is not called, and the rest before the next duty is kept. The
    reserve is taken to be acclimatised at the base.

    Args:
        flight: the flight.
        assignment: the roster row of the crew member to be replaced.
        reserve: the reserve's row.
        member: the reserve's own row, or None if there is none.
        duties: the reserve's own rows on the roster, as `read_duties` reads them.
        duty_flights: the sectors of the duty by flight id.
        airports: the airports of the base and of the end of the duty.
        now: the instant of the report.
        profile: the authority whose rules apply.
    """
    reasons: list[str] = []
    evidence = [
        _seen(reserve, "standby_type", reserve.standby_type),
        _seen(reserve, "start", instant_value(reserve.start)),
        _seen(reserve, "end", instant_value(reserve.end)),
        _seen(reserve, "call_out", f"{reserve.call_out // _MINUTE} min"),
    ]
    index = (
        assignment.duty_flights.index(flight.flight_id) if flight.flight_id in assignment.duty_flights else 0
    )
    remaining = [duty_flights.get(one) for one in assignment.duty_flights[index:]]
    flown = [one for one in remaining if one is not None]
    if member is None:
        reasons.append("has no row in CrewMembers, so rating and medical are unknown")
    else:
        valid = validity_limit(member, flight, reserve.role)
        reasons += [*valid.out, *(one.why for one in valid.unknowns)]
        evidence += valid.evidence
        if rated_until(member, flight.aircraft_type) is not None and any(
            rated_until(member, one.aircraft_type) is None for one in flown
        ):
            reasons.append("is not rated on every sector of the duty")
    if not flown or len(flown) < len(remaining) or reserve.base not in airports:
        reasons.append("the duty to take over is not known whole")
    if reserve.base != flight.origin:
        reasons.append(f"is on call at {reserve.base}, not at {flight.origin}")
    call = max(now, reserve.start)
    if call >= reserve.end:
        reasons.append(f"standby ended at {instant_value(reserve.end)}")
    report_from = earliest_report(reserve, now)
    own = reserve_duties(reserve, duties, call=call, reports=report_from, profile=profile)
    reasons += own.conflicts
    evidence += own.evidence
    if reasons or member is None:
        return _not_usable(reserve, assignment, reasons, evidence)
    before = before_standby(
        reserve,
        member,
        airports=airports,
        rest_places=_away(flown[-1], member, airports),
        profile=profile,
    )
    short = [one.why for one in before.unknowns] + _not_rested(reserve, before)
    if short:
        return _not_usable(reserve, assignment, short, evidence)
    lead = flight.std - assignment.report if index == 0 else LATER_SECTOR_LEAD
    first = max(flight.std, report_from + lead)
    end = max(flight.std, now) + HORIZON

    def broken(off_block: datetime) -> str | None:
        return _breach(
            flight,
            assignment,
            reserve,
            flown=flown,
            airports=airports,
            call=call,
            report=max(report_from, off_block - lead),
            off_block=off_block,
            before=before,
            next_report=own.next_report,
            profile=profile,
        )

    why = broken(first) if first <= end else f"could not report before {instant_value(report_from)}"
    if why is not None:
        return _not_usable(reserve, assignment, [why], evidence)
    latest = _last_unbroken(first, end, broken)
    return ReserveCover(
        crew_id=reserve.crew_id,
        replaces=assignment.crew_id,
        usable=True,
        report_from=report_from,
        available_from=first,
        latest_off_block=latest if valid.at is None else min(latest, valid.at),
        reasons=(),
        evidence=tuple(evidence),
    )


def earliest_report(reserve: ReserveCrewMember, now: datetime) -> datetime:
    """Return when a reserve who is called at once, or when the standby starts, can report."""
    notice = RESERVE_NOTICE if reserve.standby_type == "reserve" else reserve.call_out
    return max(now, reserve.start) + notice


def _last_unbroken(first: datetime, end: datetime, broken: Callable[[datetime], str | None]) -> datetime:
    """Return the last minute of the unbroken run that begins at `first`."""
    latest = first
    while latest + _STEP <= end and broken(latest + _STEP) is None:
        latest += _STEP
    low, high = 0, min(_STEP, end - latest) // _MINUTE
    while low < high:
        middle = (low + high + 1) // 2
        if broken(latest + middle * _MINUTE) is None:
            low = middle
        else:
            high = middle - 1
    return latest + low * _MINUTE


def _breach(
    flight: Flight,
    assignment: CrewAssignment,
    reserve: ReserveCrewMember,
    *,
    flown: Sequence[Flight],
    airports: Mapping[str, Airport],
    call: datetime,
    report: datetime,
    off_block: datetime,
    before: Before,
    next_report: datetime | None,
    profile: FtlProfile,
) -> str | None:
    """Return what the reserve's duty would break with a departure at `off_block`, or None."""
    last = flown[-1]
    zone = airports[reserve.base].zone
    end_zone = airports[last.destination].zone if last.destination in airports else zone
    end_of_fdp = off_block + (last.sta - flight.std)
    post_flight = max(assignment.debrief - last.sta, timedelta(0))
    block = sum((one.block for one in flown), timedelta(0))
    duty = CrewDuty(
        crew_id=reserve.crew_id,
        report=report,
        report_zone=zone,
        acclimatised_zone=zone,
        elapsed=_REST_BEFORE_ACCLIMATISED,
        sectors=len(flown),
        off_block=off_block,
        end_of_fdp=end_of_fdp,
        post_flight=post_flight,
        planned_flight=block,
        totals=_totals(reserve),
        additional_pilots=assignment.augmented_pilots,
        rest_facility=assignment.rest_facility,
        longest_sector=max(one.flight_time for one in flown),
        reported=True,
        rest_place="home" if last.destination == reserve.base else "away",
        time_difference=crossed(report, end_of_fdp, zone, end_zone),
        cabin=assignment.role not in FLIGHT_DECK,
        **_after_standby(reserve, before, profile),
    )
    limits = duty_limits(duty, profile=profile)
    augmented = limits.kind == "in_flight_rest"
    beyond = roster_breaches(duty, report, end_of_fdp + post_flight, augmented=augmented)
    if beyond:
        return beyond[0][1]
    usable = limits.max_fdp
    fdp = end_of_fdp - report
    counted = timedelta(0)
    home = timedelta(0)
    on_standby = max(report - reserve.start, timedelta(0))
    if reserve.standby_type != "reserve" and _STANDBY_TOPICS[reserve.standby_type] not in profile.articles:
        return f"profile {profile.name} holds no provision on {reserve.standby_type} standby"
    if reserve.standby_type == "airport":
        standby = airport_standby(
            standby=on_standby,
            max_fdp=limits.max_fdp,
            extended_by_rest_or_split=limits.kind == "in_flight_rest",
            profile=profile,
        )
        usable, counted = standby.usable_fdp, standby.duty_counted
    elif reserve.standby_type == "home":
        asleep = night_standby_not_counted(
            reserve.start, max(report, reserve.start), contacted=call, zone=zone
        )
        standby = other_standby(
            standby=on_standby,
            max_fdp=limits.max_fdp,
            not_counted_at_night=min(asleep, on_standby),
            extended_by_rest_or_split=limits.kind == "in_flight_rest",
            profile=profile,
        )
        usable, home = standby.usable_fdp, on_standby
        if not standby.legal:
            return (
                f"standby of {format_duration(on_standby)} exceeds {format_duration(profile.standby_maximum)}"
            )
    if fdp > usable:
        return f"FDP {format_duration(fdp)} exceeds {format_duration(usable)} after standby"
    if next_report is not None:
        rest = rest_after(duty, fdp, profile)
        if end_of_fdp + post_flight + rest > next_report:
            return f"rest before the duty at {instant_value(next_report)} falls below {format_duration(rest)}"
    cumulative = check_cumulative(
        duty.totals,
        planned_duty=fdp + post_flight + counted,
        planned_flight=block,
        other_standby=home,
        profile=profile,
    )
    if cumulative.legal is not True:
        tightest = cumulative.tightest
        over = "" if tightest is None else f" ({tightest.window} {format_duration(tightest.total)})"
        return f"a cumulative limit would be exceeded{over}"
    return None


def _away(
    last: Flight, member: CrewMember, airports: Mapping[str, Airport]
) -> Sequence[tuple[str, datetime]]:
    if last.destination == member.base or last.destination not in airports:
        return ()
    return [(airports[last.destination].zone, last.sta)]


def _not_rested(reserve: ReserveCrewMember, before: Before) -> list[str]:
    """Return the rests that the standby began too early for; its start ends the rest before it."""
    if before.limits is None:
        return []
    return [
        f"stands by before {one.why} end at {instant_value(one.at)}"
        for one in before.limits.rest
        if one.at > reserve.start
    ]


def _after_standby(reserve: ReserveCrewMember, before: Before, profile: FtlProfile) -> _Limits:
    """Return what the duties before the standby ask of the duty after it."""
    nights = "night_duties" in profile.articles
    managed = reserve.night_duties_managed is True if nights else None
    limits = before.limits
    if limits is None:
        return _Limits(night_duties_managed=managed)
    recovered = limits.recovered_from is not None and reserve.start >= limits.recovered_from
    open_from = limits.early_start_from
    if open_from is not None:
        # The rest ended with the standby: after too short a one an early start is open at no report.
        open_from = None if reserve.start >= open_from else datetime.max.replace(tzinfo=UTC)
    return _Limits(
        night_duties_managed=managed,
        after_night_duty=nights and limits.after_night_duty,
        early_start_from=open_from,
        release_by=None if recovered else limits.release_by,
        local_days_by=limits.local_days_by,
    )


def _totals(row: ReserveCrewMember) -> dict[CumulativeWindow, timedelta | None]:
    return {
        "duty_7d": timedelta(hours=row.duty_hours_7d),
        "duty_14d": timedelta(hours=row.duty_hours_14d),
        "duty_28d": timedelta(hours=row.duty_hours_28d),
        "flight_28d": timedelta(hours=row.flight_hours_28d),
        "flight_calendar_year": timedelta(hours=row.flight_hours_year),
        "flight_12_months": timedelta(hours=row.flight_hours_12_months),
    }


def _not_usable(
    reserve: ReserveCrewMember,
    assignment: CrewAssignment,
    reasons: Sequence[str],
    evidence: Sequence[Evidence],
) -> ReserveCover:
    return ReserveCover(
        crew_id=reserve.crew_id,
        replaces=assignment.crew_id,
        usable=False,
        report_from=None,
        available_from=None,
        latest_off_block=None,
        reasons=tuple(reasons),
        evidence=tuple(evidence),
    )


def _seen(reserve: ReserveCrewMember, field: str, value: str) -> Evidence:
    key = f"{reserve.base} {reserve.crew_id}"
    return Evidence(table="ReserveCrew", key=key, field=field, value=value)
