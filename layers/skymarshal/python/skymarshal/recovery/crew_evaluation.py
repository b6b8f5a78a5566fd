"""Whether the crew of a candidate may legally fly it, computed for its own tail and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from skymarshal.calculators.crew_duties import PREVIOUS_DUTY_SPAN, flight_crew_reports
from skymarshal.calculators.crew_history import places_before
from skymarshal.calculators.crew_legality import CrewLegality, crew_legality
from skymarshal.calculators.crew_limits import crew_limits
from skymarshal.calculators.crew_validity import FLIGHT_DECK
from skymarshal.calculators.minimum_crew import minimum_crew, unable_away_from_base, with_fewer_pilots
from skymarshal.calculators.reserve_cover import ReserveCover, on_call, reserve_cover
from skymarshal.calculators.reserve_duties import read_duties
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    OptionKind,
    Subject,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Airport, CrewAssignment, Flight
from skymarshal.recovery.situation import Situation

__all__ = ["CrewEvaluation"]

_STANDBY_ARTICLE: Final = "CS FTL.1.225"


class CrewEvaluation:
    """The crew rules applied to who would really fly a candidate; rows are read once."""

    def __init__(self, situation: Situation, operations: Operations) -> None:
        self._situation = situation
        flight = situation.flight
        offered = {option.key for option in situation.options(OptionKind.RESERVE_CREW)}
        rows, reserves = operations.gather(
            lambda: operations.crew_of_flight(flight.flight_id),
            lambda: operations.reserves(flight.origin) if offered else [],
        )
        self._roster = {row.crew_id: row for row in rows}
        self._reserves = {row.crew_id: row for row in reserves if row.crew_id in offered}
        before = operations.gather(*(partial(_earlier, operations, row) for row in rows))
        self._before = {row.crew_id: earlier for row, earlier in zip(rows, before, strict=True)}
        self._reports = flight_crew_reports(rows)
        places = places_before((*rows, *self._reserves.values()), before)
        members, (self._sectors, self._airports), self._reserve_duties = operations.gather(
            lambda: operations.crew_members((*self._roster, *self._reserves)),
            lambda: _duties(operations, rows, places),
            lambda: read_duties(operations, tuple(self._reserves), situation.now),
        )
        self._members = {member.crew_id: member for member in members}
        self._legal: dict[tuple[str, str, int], CrewLegality] = {}
        self._covers: dict[tuple[str, str, str, int], ReserveCover | None] = {}
        self._minimum: dict[str, tuple[Constraint, ...]] = {}

    def limits(
        self, candidate: Candidate, aircraft_type: str, aircraft: Aircraft | None
    ) -> list[tuple[AgentName, Constraint]]:
        """Return what binds the crew of `candidate` on a tail of `aircraft_type`, whose row is `aircraft`."""
        fewer = sum(1 for one in candidate.flies_without if self._is_pilot(one))
        found: list[Constraint] = []
        for crew_id, row in sorted(self._roster.items()):
            if crew_id not in candidate.taken_off:
                found += crew_limits(self._legality(row, aircraft_type, fewer))
        for taken_off, reserve in sorted(candidate.replaced_crew.items()):
            found += self._reserve(candidate, taken_off, reserve, aircraft_type, fewer)
        found += self._nobody()
        found += self._at_least(candidate.registration or self._situation.flight.registration, aircraft)
        return [(AgentName.CREW_COMPLIANCE, constraint) for constraint in found]

    def limits_by_way_of(
        self, legs: tuple[Flight, Flight], longer: timedelta, aircraft: Aircraft | None
    ) -> list[tuple[AgentName, Constraint]]:
        """Return what binds the planned crew if it flies two legs in place of the flight, `longer` later."""
        first, second = legs
        sectors = {
            flight_id: replace(one, std=one.std + longer, sta=one.sta + longer)
            if one.std > first.std
            else one
            for flight_id, one in self._sectors.items()
        } | {one.flight_id: one for one in legs}
        found = [*self._nobody(), *self._at_least(first.registration, aircraft)]
        for _, row in sorted(self._roster.items()):
            at = row.duty_flights.index(first.flight_id)
            duty = (*row.duty_flights[:at], first.flight_id, second.flight_id, *row.duty_flights[at + 1 :])
            later = replace(row, duty_flights=duty, debrief=row.debrief + longer)
            found += crew_limits(self._computed(first, later, sectors))
        return [(AgentName.CREW_COMPLIANCE, constraint) for constraint in found]

    def _at_least(self, registration: str, aircraft: Aircraft | None) -> tuple[Constraint, ...]:
        if registration not in self._minimum:
            rows = list(self._roster.values())
            flight = self._situation.flight
            unavailable = self._situation.disruption.details.unavailable_crew
            excused = unable_away_from_base(unavailable, self._members, flight.origin)
            self._minimum[registration] = minimum_crew(flight, rows, registration, aircraft, excused).limits
        return self._minimum[registration]

    def _is_pilot(self, crew_id: str) -> bool:
        row = self._roster.get(crew_id)
        return row is not None and row.role in FLIGHT_DECK

    def _nobody(self) -> list[Constraint]:
        if self._roster:
            return []
        flight_id = self._situation.flight.flight_id
        return [
            Constraint(
                kind=ConstraintKind.UNKNOWN_FACT,
                subject=Subject(kind=SubjectKind.FLIGHT, key=flight_id),
                text=f"No crew is rostered on {flight_id}, so nobody is known to be legal.",
                binding=True,
            )
        ]

    def _reserve(
        self, candidate: Candidate, taken_off: str, reserve: str, aircraft_type: str, fewer: int
    ) -> list[Constraint]:
        cover = self._cover(taken_off, reserve, aircraft_type, fewer)
        subject = Subject(kind=SubjectKind.FLIGHT, key=candidate.flight_id)
        shared = list(candidate.replaced_crew.values()).count(reserve) > 1 or reserve in self._roster
        if cover is None or not cover.usable or shared:
            why = "is already on the flight" if shared else "is not on call for it"
            if cover is not None and cover.reasons:
                why = "; ".join(cover.reasons)
            return [
                Constraint(
                    kind=ConstraintKind.UNKNOWN_FACT
                    if cover is None
                    else ConstraintKind.CREW_CHANGE_REQUIRED,
                    subject=subject,
                    text=f"Reserve {reserve} cannot take over from {taken_off}: {why}.",
                    binding=True,
                )
            ]
        name = f"Reserve {reserve} for {taken_off}"
        limits = [(ConstraintKind.LATEST_OFF_BLOCK, cover.latest_off_block, "can leave until")]
        limits.append((ConstraintKind.EARLIEST_DEPARTURE, cover.available_from, "can leave from"))
        return [
            Constraint(
                kind=kind,
                subject=subject,
                text=f"{name} {words} {'an unknown time' if at is None else f'{at:%Y-%m-%d %H:%MZ}'}.",
                binding=True,
                article=_STANDBY_ARTICLE,
                at=at,
                evidence=cover.evidence,
            )
            for kind, at, words in limits
        ]

    def _legality(self, row: CrewAssignment, aircraft_type: str, fewer: int) -> CrewLegality:
        key = (row.crew_id, aircraft_type, fewer)
        if key not in self._legal:
            with_fewer = with_fewer_pilots(row, fewer)
            self._legal[key] = self._computed(self._flight(aircraft_type), with_fewer, self._sectors)
        return self._legal[key]

    def _computed(self, flight: Flight, row: CrewAssignment, sectors: Mapping[str, Flight]) -> CrewLegality:
        disruption = self._situation.disruption
        return crew_legality(
            flight,
            row,
            self._members.get(row.crew_id),
            duty_flights=sectors,
            airports=self._airports,
            earlier=self._before[row.crew_id],
            now=disruption.reported_at,
            flight_crew_report=self._reports.get(self._roster[row.crew_id].duty_flights),
            unavailable=row.crew_id in disruption.details.unavailable_crew,
            profile=self._situation.profile,
        )

    def _cover(self, taken_off: str, reserve: str, aircraft_type: str, fewer: int) -> ReserveCover | None:
        key = (taken_off, reserve, aircraft_type, fewer)
        if key not in self._covers:
            self._covers[key] = self._compute_cover(taken_off, reserve, aircraft_type, fewer)
        return self._covers[key]

    def _compute_cover(
        self, taken_off: str, reserve: str, aircraft_type: str, fewer: int
    ) -> ReserveCover | None:
        row, on_standby = self._roster.get(taken_off), self._reserves.get(reserve)
        now = self._situation.now
        if row is None or on_standby is None or not on_call(on_standby, row.role, aircraft_type, now):
            return None
        return reserve_cover(
            self._flight(aircraft_type),
            with_fewer_pilots(row, fewer),
            on_standby,
            self._members.get(reserve),
            duties=self._reserve_duties[reserve],
            duty_flights=self._sectors,
            airports=self._airports,
            now=now,
            profile=self._situation.profile,
        )

    def _flight(self, aircraft_type: str) -> Flight:
        return replace(self._situation.flight, aircraft_type=aircraft_type)


def _duties(
    operations: Operations, roster: list[CrewAssignment], places: set[str]
) -> tuple[dict[str, Flight], dict[str, Airport]]:
    ids = dict.fromkeys(flight_id for row in roster for flight_id in row.duty_flights)
    sectors = {one.flight_id: one for one in operations.flights(ids)}
    codes = places | {row.report_airport for row in roster}
    codes |= {code for one in sectors.values() for code in (one.origin, one.destination)}
    return sectors, {one.airport: one for one in operations.airports(sorted(codes))}


def _earlier(operations: Operations, row: CrewAssignment) -> list[CrewAssignment]:
    return operations.duties(row.crew_id, row.report - PREVIOUS_DUTY_SPAN, row.report)
