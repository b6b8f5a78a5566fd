"""A crew member's duty on the roster as the flight time rules take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.assessment import Unknown
from skymarshal.domain.ftl import (
    EASA,
    CrewDuty,
    CumulativeWindow,
    FtlProfile,
    RestPlace,
    minimum_rest,
)
from skymarshal.domain.times import time_difference
from skymarshal.operations.records import Airport, CrewAssignment, CrewMember, Flight

__all__ = [
    "NOTICE_BEFORE_REPORT",
    "PREVIOUS_DUTY_SPAN",
    "PrecedingDuty",
    "crew_duty",
    "crossed",
    "cumulative_totals",
    "preceding_duty",
]

PREVIOUS_DUTY_SPAN: Final = timedelta(days=5)
"""How far back the duty before is looked for; an older one leaves more rest than any rule asks."""

NOTICE_BEFORE_REPORT: Final = timedelta(minutes=60)
"""Who is told of a delay later than this before the report is taken to have left for it: the FDP runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedingDuty:
    """The duty before the rest: what the length of that rest depends on.

    Attributes:
        report: when it started.
        debrief: when it ended.
        report_airport: where it started; the next one starts where it ended.
        in_flight_rest: whether in-flight rest extended it.
    """

    report: datetime
    debrief: datetime
    report_airport: str
    in_flight_rest: bool


def preceding_duty(rows: Sequence[CrewAssignment]) -> PrecedingDuty | None:
    """Return the last duty of a crew member's earlier rows, or None if there are none."""
    last = max(rows, key=lambda row: row.report, default=None)
    if last is None:
        return None
    return PrecedingDuty(
        report=last.report,
        debrief=last.debrief,
        report_airport=last.report_airport,
        in_flight_rest=last.augmented_pilots > 0 and last.rest_facility is not None,
    )


def crew_duty(
    flight: Flight,
    assignment: CrewAssignment,
    member: CrewMember,
    *,
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    previous_duty: PrecedingDuty | None,
    now: datetime,
    profile: FtlProfile = EASA,
) -> tuple[CrewDuty | None, tuple[Unknown, ...]]:
    """Return the duty of a roster row as the rules take it, or None with what is missing."""
    unknowns: list[Unknown] = []
    sectors = [duty_flights.get(one) for one in assignment.duty_flights]
    for flight_id, sector in zip(assignment.duty_flights, sectors, strict=True):
        if sector is None:
            why = f"{flight_id} is on the duty of {assignment.crew_id} and not in the schedule."
            unknowns.append(Unknown(table="Flights", key=flight_id, field="sta", why=why))
    flown = [one for one in sectors if one is not None]
    codes = [assignment.report_airport, *(one.destination for one in flown[-1:])]
    if previous_duty is not None:
        codes.append(previous_duty.report_airport)
    for code in dict.fromkeys(codes):
        if code not in airports:
            why = f"The time zone of {code} is not known, so the duty has no local time."
            unknowns.append(Unknown(table="Airports", key=code, field="zone", why=why))
    if assignment.delayed_report is not None and assignment.delayed_report < assignment.report:
        why = f"The delayed report of {assignment.crew_id} lies before the report that it stands for."
        key = f"{assignment.crew_id} {assignment.duty_start}"
        unknowns.append(Unknown(table="CrewRoster", key=key, field="delayed_report", why=why))
    if unknowns or not flown:
        return None, tuple(unknowns)
    last = flown[-1]
    report_zone = airports[assignment.report_airport].zone
    end_zone = airports[last.destination].zone
    rest_needed = _rest_before(assignment, member, previous_duty, airports, profile)
    rest_place: RestPlace = "home" if last.destination == member.base else "away"
    first_sector = assignment.duty_flights[0] == flight.flight_id
    expected_at = assignment.delayed_report or assignment.report
    running = now > expected_at - NOTICE_BEFORE_REPORT or not first_sector
    duty = CrewDuty(
        crew_id=assignment.crew_id,
        report=assignment.report,
        report_zone=report_zone,
        acclimatised_zone=assignment.acclimatised_zone,
        elapsed=timedelta(hours=assignment.hours_since_zone_report),
        sectors=len(flown),
        off_block=flight.std,
        end_of_fdp=last.sta,
        post_flight=max(assignment.debrief - last.sta, timedelta(0)),
        planned_flight=sum((one.block for one in flown), timedelta(0)),
        totals=cumulative_totals(assignment),
        additional_pilots=assignment.augmented_pilots,
        rest_facility=assignment.rest_facility,
        longest_sector=max(one.flight_time for one in flown),
        extensions_in_last_7_days=assignment.extensions_last_7_days,
        reported=running,
        delayed_report=assignment.delayed_report,
        notified_at=now,
        free_from=assignment.report - assignment.rest_before + rest_needed,
        next_report=assignment.next_report,
        rest_place=rest_place,
        time_difference=crossed(assignment.report, last.sta, report_zone, end_zone),
    )
    return duty, ()


def _rest_before(
    assignment: CrewAssignment,
    member: CrewMember,
    previous: PrecedingDuty | None,
    airports: Mapping[str, Airport],
    profile: FtlProfile,
) -> timedelta:
    """Return the rest due before the duty; without a duty before it that is known, the floor alone."""
    place: RestPlace = "home" if assignment.report_airport == member.base else "away"
    difference = length = timedelta(0)
    if previous is not None:
        length = previous.debrief - previous.report
        started = airports[previous.report_airport].zone
        ended = airports[assignment.report_airport].zone
        difference = crossed(previous.report, previous.debrief, started, ended)
    return minimum_rest(
        place=place,
        preceding_duty=length,
        time_difference=difference,
        in_flight_rest=previous is not None and previous.in_flight_rest,
        profile=profile,
    ).minimum_rest


def crossed(start: datetime, end: datetime, start_zone: str, end_zone: str) -> timedelta:
    """Return the time difference of an FDP: the greater one where a clock changes on the way."""
    return max(time_difference(at, start_zone, end_zone) for at in (start, end))


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
