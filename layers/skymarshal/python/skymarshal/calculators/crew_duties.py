"""A crew member's duty on the roster as the flight time rules take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.assessment import Unknown
from skymarshal.domain.ftl import (
    CrewDuty,
    CumulativeWindow,
)
from skymarshal.domain.ftl.rest import RestPlace, minimum_rest_duration
from skymarshal.domain.times import time_difference
from skymarshal.operations.records import Airport, CrewAssignment, CrewMember, Flight

__all__ = ["NOTICE_BEFORE_REPORT", "crew_duty", "cumulative_totals"]


NOTICE_BEFORE_REPORT: Final = timedelta(minutes=60)
"""Who is told of a delay later than this before the report is taken to have left for it: the FDP runs."""


def crew_duty(
    flight: Flight,
    assignment: CrewAssignment,
    member: CrewMember,
    *,
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    previous_duty: timedelta | None,
    now: datetime,
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
    for code in codes:
        if code not in airports:
            why = f"The time zone of {code} is not known, so the duty has no local time."
            unknowns.append(Unknown(table="Airports", key=code, field="zone", why=why))
    if unknowns or not flown:
        return None, tuple(unknowns)
    last = flown[-1]
    report_zone = airports[assignment.report_airport].zone
    end_zone = airports[last.destination].zone
    at_home = assignment.report_airport == member.base
    rest_needed = minimum_rest_duration(
        "home" if at_home else "away",
        previous_duty or timedelta(0),
    )
    rest_place: RestPlace = "home" if last.destination == member.base else "away"
    first_sector = assignment.duty_flights[0] == flight.flight_id
    running = now > assignment.report - NOTICE_BEFORE_REPORT or not first_sector
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
        free_from=assignment.report - assignment.rest_before + rest_needed,
        next_report=assignment.next_report,
        rest_place=rest_place,
        time_difference=time_difference(assignment.report, report_zone, end_zone),
    )
    return duty, ()


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
