"""Crew compliance: who is legal until when, and who on reserve could take over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import (
    CLOCK_MARGIN,
    AssessmentRequest,
    Findings,
    clock_share,
    flight_over,
    flight_unknown,
)
from skymarshal.agents.crew_constraints import crew_constraints
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.fewer_crew import fewer_crew_options
from skymarshal.agents.reserve_options import distinct_reserves, reserve_options
from skymarshal.agents.wording import instant_text, listed, minutes
from skymarshal.calculators.crew_duties import PREVIOUS_DUTY_SPAN, flight_crew_reports
from skymarshal.calculators.crew_history import places_before
from skymarshal.calculators.crew_legality import CrewLegality, crew_legality
from skymarshal.calculators.crew_limits import role_name
from skymarshal.calculators.minimum_crew import MinimumCrew, minimum_crew, unable_away_from_base
from skymarshal.calculators.reserve_cover import stands_by
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Figure,
    Option,
    OptionKind,
    Subject,
    SubjectKind,
    Unknown,
    Verdict,
)
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.ftl import MANY_DISRUPTIVE_DUTIES
from skymarshal.domain.times import format_duration
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, CrewAssignment, Flight

__all__ = ["crew_compliance"]

NEAR: Final = timedelta(minutes=60)
"""Who is legal for less than this after the worst case gets a reserve looked for."""

_ROLE_ORDER: Final = ("captain", "first_officer", "purser", "cabin")
_DISCRETION_ARTICLE: Final = "ORO.FTL.205(f)"


def crew_compliance(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return until when each crew member is legal, and the reserves for those who are not.

    A crew member is bound by the limit that holds without extension and without discretion. A planned
    extension is advice, since it has to be planned with more rest around it; the commander's discretion is
    only noted and nothing is planned on it. Rest before the next duty does not bind this flight: that duty
    can be given to someone else, so it is advice as well.
    """
    disruption = request.disruption
    flight = operations.flight(disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.CREW_COMPLIANCE, request)
    over = flight_over(AgentName.CREW_COMPLIANCE, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)
    roster, reserves, aircraft = operations.gather(
        lambda: operations.crew_of_flight(flight.flight_id),
        lambda: operations.reserves(flight.origin),
        lambda: operations.aircraft(flight.registration),
    )
    if not roster:
        return _no_roster(flight, expected)
    roster.sort(key=lambda row: (_ROLE_ORDER.index(row.role), row.crew_id))
    now = disruption.reported_at
    sectors = dict.fromkeys(id_ for row in roster for id_ in row.duty_flights)
    before = operations.gather(
        *(
            lambda row=row: operations.duties(row.crew_id, row.report - PREVIOUS_DUTY_SPAN, row.report)
            for row in roster
        )
    )
    standing = [reserve for reserve in reserves if stands_by(reserve, now)]
    member_rows, (duty_flights, airports) = operations.gather(
        lambda: operations.crew_members(row.crew_id for row in roster),
        lambda: _sectors_and_airports(
            operations, roster, tuple(sectors), places_before((*roster, *standing), before)
        ),
    )
    members = {row.crew_id: row for row in member_rows}
    unavailable = set(disruption.details.unavailable_crew)
    reports = flight_crew_reports(roster)
    earlier = {row.crew_id: rows for row, rows in zip(roster, before, strict=True)}

    def legality(row: CrewAssignment) -> CrewLegality:
        return crew_legality(
            flight,
            row,
            members.get(row.crew_id),
            duty_flights=duty_flights,
            airports=airports,
            earlier=earlier[row.crew_id],
            now=now,
            flight_crew_report=reports.get(row.duty_flights),
            unavailable=row.crew_id in unavailable,
            profile=request.profile,
        )

    crew = [legality(row) for row in roster]
    excused = unable_away_from_base(unavailable, members, flight.origin)
    minimum = minimum_crew(flight, roster, flight.registration, aircraft, excused)
    unknowns = [unknown for one in crew if not one.out for unknown in one.unknowns]
    unknowns += _missing_roles(flight, roster)
    if disruption.type is DisruptionType.CREW and not unavailable and disruption.details.delay is None:
        unknowns.append(
            Unknown(
                table="CrewRoster",
                key=flight.flight_id,
                field="crew_id",
                why="A crew disruption is reported without who cannot operate or for how long.",
            )
        )
    to_cover = [one for one in crew if one.out or one.unknowns or _short(one, expected)]
    options = reserve_options(
        operations,
        flight,
        roster,
        to_cover,
        [one for one in reserves if one.crew_id not in unavailable],
        duty_flights=duty_flights,
        airports=airports,
        now=now,
        off_block=expected.off_block,
        profile=request.profile,
    )
    options += fewer_crew_options(minimum, roster, to_cover, legality, expected.off_block)
    constraints = (*crew_constraints(flight, crew, expected, unknowns), *minimum.limits)
    if minimum.unknown is not None:
        unknowns.append(minimum.unknown)
    verdict = _verdict(crew, minimum, expected, unknowns)
    bound = [one for one in crew if one.latest_off_block is not None]
    tightest = min(bound, key=lambda one: (one.latest_off_block, one.crew_id), default=None)
    return Findings(
        verdict=verdict,
        recommendation=_recommendation(verdict, crew, minimum, tightest, expected, options, unknowns),
        facts_known=len(roster) + sum(1 for one in crew if one.duty is not None or one.out),
        constraints=constraints,
        figures=_figures(crew, expected),
        options=options,
        unknowns=tuple(unknowns),
        notes=_notes(crew, unavailable - {row.crew_id for row in roster}, expected),
        margin=_margin(tightest, expected),
        taken_over=expected.taken_over,
    )


def _sectors_and_airports(
    operations: Operations, roster: Sequence[CrewAssignment], sectors: Sequence[str], places: set[str]
) -> tuple[dict[str, Flight], dict[str, Airport]]:
    flights = {one.flight_id: one for one in operations.flights(sectors)}
    codes = places | {row.report_airport for row in roster}
    codes |= {code for one in flights.values() for code in (one.origin, one.destination)}
    return flights, {one.airport: one for one in operations.airports(sorted(codes))}


def _missing_roles(flight: Flight, roster: Sequence[CrewAssignment]) -> list[Unknown]:
    present = {row.role for row in roster}
    needed = ["captain", "first_officer"]
    if flight.service == "passenger":
        needed.append("cabin")
    if "purser" in present:
        present.add("cabin")
    return [
        Unknown(
            table="CrewRoster",
            key=flight.flight_id,
            field="role",
            why=f"No {role.replace('_', ' ')} is rostered on {flight.flight_id}.",
        )
        for role in needed
        if role not in present
    ]


def _short(one: CrewLegality, expected: ExpectedDeparture) -> bool:
    """Return whether someone runs out of time so near the departure that a reserve is looked for."""
    return one.latest_off_block is not None and one.latest_off_block < expected.at_worst + NEAR


def _verdict(
    crew: Sequence[CrewLegality],
    minimum: MinimumCrew,
    expected: ExpectedDeparture,
    unknowns: Sequence[Unknown],
) -> Verdict:
    if unknowns:
        return Verdict.UNKNOWN
    if minimum.short:
        return Verdict.BLOCKED
    latest = [one.latest_off_block for one in crew if one.latest_off_block is not None]
    if any(one.out for one in crew) or any(at < expected.off_block for at in latest):
        return Verdict.BLOCKED
    if any(
        one.earliest_off_block is not None or one.disruptive_duties >= MANY_DISRUPTIVE_DUTIES for one in crew
    ):
        return Verdict.CONSTRAINED
    tight = any(at < expected.at_worst + CLOCK_MARGIN for at in latest)
    return Verdict.CONSTRAINED if tight else Verdict.CLEAR


def _margin(tightest: CrewLegality | None, expected: ExpectedDeparture) -> float | None:
    if tightest is None or tightest.latest_off_block is None or not tightest.bounded:
        return None
    slack = tightest.latest_off_block - expected.off_block
    return clock_share(slack) if tightest.limit is None else slack / tightest.limit


def _figures(crew: Sequence[CrewLegality], expected: ExpectedDeparture) -> tuple[Figure, ...]:
    out = sum(1 for one in crew if one.out or _over(one, expected))
    fdps = [one.duty.end_of_fdp - one.duty.report for one in crew if one.duty is not None]
    limits = [one.limits.max_fdp for one in crew if one.limits is not None]
    figures = [
        Figure(
            name="crew_to_replace",
            unit="crew members",
            likely=Decimal(out),
            basis=f"for a departure at {instant_text(expected.off_block)}",
        )
    ]
    if fdps and limits:
        figures += [
            Figure(name="planned_fdp", unit="min", likely=Decimal(minutes(max(fdps))), basis="the longest"),
            Figure(
                name="maximum_fdp", unit="min", likely=Decimal(minutes(min(limits))), basis="the shortest"
            ),
        ]
    at_risk = sum(
        1
        for one in crew
        if one.latest_before_next_duty is not None and one.latest_before_next_duty < expected.off_block
    )
    figures.append(
        Figure(
            name="next_duties_at_risk",
            unit="duties",
            likely=Decimal(at_risk),
            basis="rest before them falls short",
        )
    )
    return tuple(figures)


def _over(one: CrewLegality, expected: ExpectedDeparture) -> bool:
    return one.latest_off_block is not None and one.latest_off_block < expected.off_block


def _notes(
    crew: Sequence[CrewLegality], not_rostered: set[str], expected: ExpectedDeparture
) -> tuple[str, ...]:
    notes = [
        f"{id_} is reported unable to operate and is not on this flight." for id_ in sorted(not_rostered)
    ]
    discretion = [one.latest_with_discretion for one in crew if one.latest_with_discretion is not None]
    reported = [one for one in crew if one.duty is not None and one.duty.reported and not one.out]
    if discretion and len(discretion) == len(reported):
        notes.append(
            f"With the commander's discretion ({_DISCRETION_ARTICLE}) the crew could leave until "
            f"{instant_text(min(discretion))}. It is the commander's on the day; nothing is planned on it."
        )
    over = [one for one in crew if _over(one, expected)]
    worst = [
        one
        for one in crew
        if one.latest_off_block is not None and one.latest_off_block < expected.at_worst and one not in over
    ]
    if worst:
        notes.append(
            f"If the delay runs to {instant_text(expected.at_worst)}, "
            f"{listed([one.crew_id for one in worst])} would be out of time."
        )
    margins = [
        (window.margin / window.limit, one.crew_id, window)
        for one in crew
        if one.limits is not None and (window := one.limits.cumulative.tightest) is not None
    ]
    if margins:
        _, crew_id, window = min(margins, key=lambda item: item[:2])
        notes.append(
            f"Nearest cumulative limit: {crew_id} with {format_duration(window.total)} of "
            f"{format_duration(window.limit)} ({window.window}, ORO.FTL.210)."
        )
    due = [(one.recovery_due, one.crew_id) for one in crew if one.recovery_due is not None and not one.out]
    if due:
        by, crew_id = min(due)
        notes.append(f"Next recovery rest (ORO.FTL.235(d)): {crew_id}'s begins by {instant_text(by)}.")
    states = sorted({one.limits.state for one in crew if one.limits is not None})
    if states:
        notes.append(f"State of acclimatisation: {listed(states)} (ORO.FTL.105(1) Table 1).")
    notes += [f"Not known: {text}" for text in expected.open]
    return tuple(notes)


def _recommendation(
    verdict: Verdict,
    crew: Sequence[CrewLegality],
    minimum: MinimumCrew,
    tightest: CrewLegality | None,
    expected: ExpectedDeparture,
    options: Sequence[Option],
    unknowns: Sequence[Unknown],
) -> str:
    if verdict is Verdict.UNKNOWN:
        return f"Do not release the crew before this is known: {unknowns[0].why}"
    if minimum.short:
        return f"Do not leave with the crew that is rostered: {minimum.short[0]}"
    if verdict is Verdict.BLOCKED:
        needed = [one for one in crew if one.out or _over(one, expected)]
        calls = distinct_reserves(needed, options, expected.off_block)
        bare = [one for one in needed if one.crew_id not in calls]
        spared = {o.replaces for o in options if o.kind is OptionKind.FEWER_CREW and o.usable}
        if bare and all(one.crew_id in spared for one in bare):
            left = listed([f"{role_name(one).lower()} {one.crew_id}" for one in bare])
            called = "".join(
                f"call {calls[one.crew_id]} for {one.crew_id} and " for one in needed if one.crew_id in calls
            )
            return f"For a departure at {instant_text(expected.off_block)} {called}leave without {left}."
        names = listed([f"{role_name(one).lower()} {one.crew_id}" for one in needed])
        if len(needed) == len(crew):
            names = f"the whole crew of {len(crew)}"
        if bare:
            whom = "any of them" if len(bare) == len(needed) else listed([one.crew_id for one in bare])
            return (
                f"Replace {names} for a departure at {instant_text(expected.off_block)}; "
                f"no reserve covers {whom}."
            )
        called = listed([f"{calls[one.crew_id]} for {one.crew_id}" for one in needed])
        return f"Replace {names} for a departure at {instant_text(expected.off_block)}: call {called}."
    if tightest is None or tightest.latest_off_block is None:
        return "The crew is legal."
    return (
        f"The crew is legal until {instant_text(tightest.latest_off_block)} "
        f"({role_name(tightest).lower()} {tightest.crew_id}: {tightest.driver})."
    )


def _no_roster(flight: Flight, expected: ExpectedDeparture) -> Findings:
    why = f"No crew is rostered on {flight.flight_id}, so nobody is known to be legal."
    unknown = Unknown(table="CrewRoster", key=flight.flight_id, field="crew_id", why=why)
    subject = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    constraint = Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=subject, text=why, binding=True)
    return Findings(
        verdict=Verdict.UNKNOWN,
        recommendation=f"Do not release the flight before this is known: {why}",
        facts_known=0,
        constraints=(constraint,),
        unknowns=(unknown,),
        taken_over=expected.taken_over,
    )
