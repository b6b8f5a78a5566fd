"""What the roster says of the duties before a duty, as the rules take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from skymarshal.domain.assessment import Unknown
from skymarshal.domain.errors import DomainError
from skymarshal.domain.ftl import (
    RECOVERY_GAP,
    DutyHistory,
    FtlProfile,
    HistoryLimits,
    history_limits,
)
from skymarshal.operations.past_duties import ListedDuty, located, parse_past_duty, places_of
from skymarshal.operations.records import Airport, CrewAssignment, CrewMember, ReserveCrewMember

__all__ = ["Before", "before_duty", "before_standby", "places_before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known before a duty; `history` and `limits` are None if no duty before it is."""

    history: DutyHistory | None
    limits: HistoryLimits | None
    unknowns: tuple[Unknown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the duties before are listed: the row, and what to call it."""

    table: str
    key: str
    row: CrewAssignment | ReserveCrewMember

    def unknown(self, field: str, why: str) -> Unknown:
        return Unknown(table=self.table, key=self.key, field=field, why=why)


def places_before(
    rows: Iterable[CrewAssignment | ReserveCrewMember], earlier: Iterable[Sequence[CrewAssignment]] = ()
) -> set[str]:
    """Return the airports where duties before those of `rows` began or ended."""
    found = {row.report_airport for some in earlier for row in some}
    for row in rows:
        for text in row.past_duties or ():
            found.update(places_of(text))
    return found


def before_duty(
    assignment: CrewAssignment,
    member: CrewMember,
    earlier: Sequence[CrewAssignment],
    *,
    airports: Mapping[str, Airport],
    rest_places: Sequence[tuple[str, datetime]],
    profile: FtlProfile,
) -> Before:
    """Return what the duties before a rostered one ask of it.

    A duty that stands on the roster itself and is not among the row's past duties counts as well.

    Args:
        assignment: the row of the duty.
        member: the crew member.
        earlier: the crew member's rows of the days before.
        airports: the airports of `places_before`, of home base and of the report.
        rest_places: the zone and instant of each place away from home base where the duty ends.
        profile: the authority whose rules apply.
    """
    source = _Source(table="CrewRoster", key=f"{assignment.crew_id} {assignment.duty_start}", row=assignment)
    listed, unknowns = _listed(source)
    seen = {duty.report for duty in listed}
    listed += [duty for duty in _rostered(earlier, assignment) if duty.report not in seen]
    listed.sort(key=lambda duty: duty.report)
    ended = max((duty.debrief for duty in listed), default=assignment.report)
    return _limits(
        source,
        listed,
        unknowns,
        member,
        airports,
        acclimatised_zone=assignment.acclimatised_zone,
        report=assignment.report,
        place=assignment.report_airport,
        # The row may say less rest than the duties before show: the shorter one counts.
        rest_start=max(ended, assignment.report - assignment.rest_before),
        disruptive=assignment.disruptive_duties,
        rest_places=rest_places,
        profile=profile,
    )


def before_standby(
    reserve: ReserveCrewMember,
    member: CrewMember,
    *,
    airports: Mapping[str, Airport],
    rest_places: Sequence[tuple[str, datetime]],
    profile: FtlProfile,
) -> Before:
    """Return what the duties before a standby ask of it; its start ends the rest. See `before_duty`."""
    source = _Source(table="ReserveCrew", key=f"{reserve.base} {reserve.crew_id}", row=reserve)
    listed, unknowns = _listed(source)
    return _limits(
        source,
        listed,
        unknowns,
        member,
        airports,
        acclimatised_zone=airports[reserve.base].zone,
        report=reserve.start,
        place=reserve.base,
        rest_start=max((duty.debrief for duty in listed), default=reserve.start),
        disruptive=0,
        rest_places=rest_places,
        profile=profile,
    )


def _listed(source: _Source) -> tuple[list[ListedDuty], list[Unknown]]:
    row = source.row
    if row.past_duties is None or row.past_duties_from is None:
        field = "past_duties" if row.past_duties is None else "past_duties_from"
        why = (
            f"The duties of {row.crew_id} before this one are not on record, so what rest is due is unknown."
        )
        return [], [source.unknown(field, why)]
    try:
        return [parse_past_duty(text) for text in row.past_duties], []
    except DomainError as error:
        return [], [source.unknown("past_duties", f"A past duty of {row.crew_id} cannot be read: {error}.")]


def _rostered(earlier: Sequence[CrewAssignment], assignment: CrewAssignment) -> list[ListedDuty]:
    """Return the duties of earlier rows; each ends where the next one reports."""
    duties = {row.report: row for row in sorted(earlier, key=lambda row: row.report)}
    rows = [row for row in duties.values() if row.report < assignment.report]
    following = [row.report_airport for row in rows[1:]]
    return [
        ListedDuty(
            report=row.report,
            debrief=row.debrief,
            start=row.report_airport,
            end=end,
            kind="flight",
            in_flight_rest=row.augmented_pilots > 0 and row.rest_facility is not None,
        )
        for row, end in zip_longest(rows, following, fillvalue=assignment.report_airport)
        if isinstance(row, CrewAssignment)
    ]


def _limits(
    source: _Source,
    listed: Sequence[ListedDuty],
    unknowns: list[Unknown],
    member: CrewMember,
    airports: Mapping[str, Airport],
    *,
    acclimatised_zone: str,
    report: datetime,
    place: str,
    rest_start: datetime,
    disruptive: int,
    rest_places: Sequence[tuple[str, datetime]],
    profile: FtlProfile,
) -> Before:
    codes = dict.fromkeys(code for duty in listed for code in (duty.start, duty.end))
    unknowns += [
        Unknown(
            table="Airports",
            key=code,
            field="zone",
            why=f"The time zone of {code} is not known, so the rest of {member.crew_id} has no local time.",
        )
        for code in codes
        if code not in airports
    ]
    known_from = source.row.past_duties_from
    if not listed and known_from is not None and report - known_from < RECOVERY_GAP and not unknowns:
        why = f"The past duties of {member.crew_id} do not say when the last recovery rest ended."
        unknowns.append(source.unknown("past_duties_from", why))
    if not listed or any(code not in airports for code in codes):
        return Before(history=None, limits=None, unknowns=tuple(unknowns))
    try:
        history = DutyHistory(
            home=member.base,
            home_zone=member.home_zone,
            acclimatised_zone=acclimatised_zone,
            known_from=known_from or listed[0].report,
            duties=tuple(
                located(duty, airports[duty.start].zone, airports[duty.end].zone) for duty in listed
            ),
            rest_start=rest_start,
            disruptive_duties=disruptive,
        )
        limits = history_limits(
            history, report=report, report_place=place, rest_places=rest_places, profile=profile
        )
    except DomainError as error:
        why = f"The past duties of {member.crew_id} do not make a roster: {error}."
        return Before(history=None, limits=None, unknowns=(*unknowns, source.unknown("past_duties", why)))
    unknowns += [
        source.unknown("past_duties", f"The past duties of {member.crew_id} do not say {missing}.")
        for missing in limits.unknowns
    ]
    return Before(history=history, limits=limits, unknowns=tuple(unknowns))
