"""A crew member's duty on the roster as the flight time rules take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.crew_history import before_duty
from skymarshal.calculators.crew_validity import FLIGHT_DECK
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.ftl import (
    EASA,
    CrewDuty,
    CumulativeWindow,
    DutyHistory,
    FtlProfile,
    HistoryLimits,
    PastDuty,
    RestPlace,
    SectorCrew,
    SplitBreak,
    crossed,
    in_flight_rest_feasible,
    latest_release,
    nights_after,
    parts_by_day,
    reduced_rest,
    totals_over_midnight,
)
from skymarshal.domain.ftl.rest import minimum_rest_duration
from skymarshal.domain.minimum_crew import MINIMUM_PILOTS
from skymarshal.domain.times import ZERO
from skymarshal.operations.records import Airport, CrewAssignment, CrewMember, Flight

__all__ = [
    "NOTICE_BEFORE_REPORT",
    "PREVIOUS_DUTY_SPAN",
    "RosteredDuty",
    "crew_duty",
    "cumulative_totals",
    "flight_crew_reports",
]

PREVIOUS_DUTY_SPAN: Final = timedelta(days=5)
"""How far back the roster itself is read; what is older stands among the past duties of its rows."""

LOCAL_DAYS_AHEAD: Final = timedelta(hours=24)
"""How much later than planned a duty may end and still be looked at."""

NO_FURTHER_REDUCTION: Final = 2
"""Reduced rests taken to have been used where the roster does not count them: none is left."""

_MINIMUM_REST: Final = ("rest_home", "rest_away", "rest_time_zones", "in_flight_rest_pilots")

NOTICE_BEFORE_REPORT: Final = timedelta(minutes=60)
"""Who is told of a delay later than this before the report is taken to have left for it: the FDP runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosteredDuty:
    """A roster row as the rules take it: the duty, and what the duties before ask of it.

    `duty` is None if a needed row is missing. `release_for_nights` is the latest release that leaves the
    local nights due at home base before the next report; None if none are due.
    """

    duty: CrewDuty | None
    before: HistoryLimits | None
    unknowns: tuple[Unknown, ...]
    release_for_nights: datetime | None = None


def crew_duty(
    flight: Flight,
    assignment: CrewAssignment,
    member: CrewMember,
    *,
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    earlier: Sequence[CrewAssignment],
    now: datetime,
    flight_crew_report: datetime | None = None,
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> RosteredDuty:
    """Return the duty of a roster row as the rules take it; arguments as for `crew_legality`."""
    unknowns: list[Unknown] = []
    sectors = [duty_flights.get(one) for one in assignment.duty_flights]
    for flight_id, sector in zip(assignment.duty_flights, sectors, strict=True):
        if sector is None:
            why = f"{flight_id} is on the duty of {assignment.crew_id} and not in the schedule."
            unknowns.append(Unknown(table="Flights", key=flight_id, field="sta", why=why))
    flown = [one for one in sectors if one is not None]
    codes = [assignment.report_airport, *(one.destination for one in flown[-1:])]
    for code in dict.fromkeys(codes):
        if code not in airports:
            why = f"The time zone of {code} is not known, so the duty has no local time."
            unknowns.append(Unknown(table="Airports", key=code, field="zone", why=why))
    if assignment.delayed_report is not None and assignment.delayed_report < assignment.report:
        why = f"The delayed report of {assignment.crew_id} lies before the report that it stands for."
        key = f"{assignment.crew_id} {assignment.duty_start}"
        unknowns.append(Unknown(table="CrewRoster", key=key, field="delayed_report", why=why))
    if unknowns or not flown:
        return RosteredDuty(duty=None, before=None, unknowns=tuple(unknowns))
    last = flown[-1]
    report_zone = airports[assignment.report_airport].zone
    end_zone = airports[last.destination].zone
    away = last.destination != member.base
    before = before_duty(
        assignment,
        member,
        earlier,
        airports=airports,
        rest_places=[(end_zone, last.sta)] if away else (),
        profile=profile,
    )
    unknowns += before.unknowns
    # A passenger operates nothing: positioning counts as duty, before operating as FDP, never as a sector.
    carried = assignment.positioning_flights or ()
    operated = [one for one in flown if one.flight_id not in carried]
    positions = not any(one.std >= flight.std for one in operated)
    ends = flight.std if positions else operated[-1].sta
    augmented = _augmented(assignment, operated, profile)
    rest, cut = _rest_before(assignment, member, before.limits, frm, profile)
    limits = before.limits
    split = assignment.split_break
    nights = "night_duties" in profile.articles
    first_sector = assignment.duty_flights[0] == flight.flight_id
    expected_at = assignment.delayed_report or assignment.report
    duty = CrewDuty(
        crew_id=assignment.crew_id,
        report=assignment.report,
        report_zone=report_zone,
        acclimatised_zone=assignment.acclimatised_zone,
        elapsed=timedelta(hours=assignment.hours_since_zone_report),
        sectors=max(len(operated), 1),
        off_block=flight.std,
        end_of_fdp=ends,
        post_flight=max(assignment.debrief - ends, ZERO),
        planned_flight=sum((one.block for one in operated), ZERO),
        totals=_totals_before(assignment, member, before.history, operated),
        additional_pilots=assignment.augmented_pilots if augmented else 0,
        rest_facility=assignment.rest_facility if augmented else None,
        longest_sector=max((one.flight_time for one in operated), default=ZERO),
        extensions_in_last_7_days=assignment.extensions_last_7_days,
        standby_reduction=cut,
        reported=now > expected_at - NOTICE_BEFORE_REPORT or not first_sector,
        delayed_report=assignment.delayed_report,
        notified_at=now,
        free_from=rest,
        next_report=assignment.next_report,
        rest_place="away" if away else "home",
        time_difference=crossed(assignment.report, last.sta, report_zone, end_zone),
        flight_crew_report=flight_crew_report,
        split_break=None
        if split is None
        else SplitBreak(
            start=split.start,
            end=split.end,
            duties_and_travel=split.duties_and_travel,
            facility=split.facility,
        ),
        positions=positions,
        early_start_from=None if limits is None else limits.early_start_from,
        recovered_from=None if limits is None else limits.recovered_from,
        release_by=None if limits is None else limits.release_by,
        local_days_by=None if limits is None or not limits.local_days_known else limits.local_days_by,
        after_night_duty=nights and limits is not None and limits.after_night_duty,
        night_duties_managed=assignment.night_duties_managed is True if nights else None,
        cabin=assignment.role not in FLIGHT_DECK,
    )
    unknowns += _local_days_unknown(assignment, limits)
    return RosteredDuty(
        duty=duty,
        before=limits,
        unknowns=tuple(unknowns),
        release_for_nights=_release_for_nights(assignment, last, before.history, airports, profile),
    )


def _release_for_nights(
    assignment: CrewAssignment,
    last: Flight,
    history: DutyHistory | None,
    airports: Mapping[str, Airport],
    profile: FtlProfile,
) -> datetime | None:
    """Return the latest release before the next report where the duty ends a rotation across time zones."""
    if history is None or assignment.next_report is None or last.destination != history.home:
        return None
    duty = PastDuty(
        report=assignment.report,
        debrief=assignment.debrief,
        start=assignment.report_airport,
        end=last.destination,
        start_zone=airports[assignment.report_airport].zone,
        end_zone=airports[last.destination].zone,
    )
    nights = nights_after(history, duty, profile=profile)
    return latest_release(assignment.next_report, history.home_zone, nights) if nights else None


def _augmented(assignment: CrewAssignment, operated: Sequence[Flight], profile: FtlProfile) -> bool:
    """Return whether in-flight rest may extend the FDP: for pilots only if each can take it in cruise."""
    if assignment.augmented_pilots == 0 or not operated:
        return False
    if assignment.role not in FLIGHT_DECK or "in_flight_rest_pilots" not in profile.articles:
        return True
    pilots = MINIMUM_PILOTS + assignment.augmented_pilots
    sectors = [SectorCrew(block=one.block, pilots=pilots) for one in operated]
    return in_flight_rest_feasible(sectors, profile=profile).extension_possible


def _local_days_unknown(assignment: CrewAssignment, limits: HistoryLimits | None) -> list[Unknown]:
    """Return that the month's recovery rests cannot be counted, where the duty may end too late for them."""
    if limits is None or limits.local_days_known or limits.local_days_by is None:
        return []
    if assignment.debrief + LOCAL_DAYS_AHEAD <= limits.local_days_by:
        return []
    why = (
        f"The past duties of {assignment.crew_id} do not reach back to the beginning of the month, and its "
        "recovery rests of two local days cannot be counted."
    )
    key = f"{assignment.crew_id} {assignment.duty_start}"
    return [Unknown(table="CrewRoster", key=key, field="past_duties_from", why=why)]


def flight_crew_reports(roster: Sequence[CrewAssignment]) -> dict[tuple[str, ...], datetime]:
    """Return when the flight crew of each duty reports: what the FDP of its cabin crew is read from."""
    found: dict[tuple[str, ...], datetime] = {}
    for row in roster:
        if row.role in FLIGHT_DECK:
            found[row.duty_flights] = min(row.report, found.get(row.duty_flights, row.report))
    return found


def _rest_before(
    assignment: CrewAssignment,
    member: CrewMember,
    limits: HistoryLimits | None,
    frm: bool,
    profile: FtlProfile,
) -> tuple[datetime, timedelta]:
    """Return the earliest report and what a reduced rest takes off the FDP.

    Without a duty before that is known, the floor alone counts.
    """
    place: RestPlace = "home" if assignment.report_airport == member.base else "away"
    if limits is None:
        floor = minimum_rest_duration(place, ZERO, profile=profile)
        return assignment.report - assignment.rest_before + floor, ZERO
    free_from = limits.free_from
    only_rest = all(one.at <= assignment.report for one in limits.rest if one.topic not in _MINIMUM_REST)
    if free_from <= assignment.report or not only_rest or "reduced_rest" not in profile.articles:
        return free_from, ZERO
    used = assignment.reduced_rests
    reduced = reduced_rest(
        place=place,
        planned_rest=limits.rest_length - (free_from - assignment.report),
        required_rest=limits.rest_length,
        used_since_recovery=NO_FURTHER_REDUCTION if used is None else used,
        frm=frm,
        profile=profile,
    )
    return (assignment.report, reduced.next_fdp_reduction) if reduced.allowed else (free_from, ZERO)


def cumulative_totals(row: CrewAssignment) -> dict[CumulativeWindow, timedelta | None]:
    """Return the hours before the duty in each window."""
    return {
        "duty_7d": timedelta(hours=row.duty_hours_7d),
        "duty_14d": timedelta(hours=row.duty_hours_14d),
        "duty_28d": timedelta(hours=row.duty_hours_28d),
        "flight_28d": timedelta(hours=row.flight_hours_28d),
        "flight_calendar_year": timedelta(hours=row.flight_hours_year),
        "flight_12_months": timedelta(hours=row.flight_hours_12_months),
    }


def _totals_before(
    row: CrewAssignment, member: CrewMember, history: DutyHistory | None, operated: Sequence[Flight]
) -> dict[CumulativeWindow, timedelta | None]:
    """Return the hours before the duty in each window, less what leaves it at a midnight on the way."""
    return totals_over_midnight(
        cumulative_totals(row),
        duty=parts_by_day([(row.report, row.debrief)], member.home_zone),
        flight=parts_by_day(((one.std, one.std + one.block) for one in operated), member.home_zone),
        past=() if history is None else history.duties,
        zone=member.home_zone,
    )
