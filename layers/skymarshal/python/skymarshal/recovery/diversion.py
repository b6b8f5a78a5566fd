"""Landing at an alternate while the destination does not take the flight, and going on when it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from skymarshal.calculators.etops_route import check_tail_on_route, diversion_minutes
from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import AgentName, Constraint, ConstraintKind, Window
from skymarshal.domain.candidate import Candidate, CandidateKind, Diversion
from skymarshal.domain.etops import ETOPS_ARTICLE
from skymarshal.domain.times import format_duration
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, Flight
from skymarshal.recovery.alternates import Alternates, alternates_of, leg, reported, reported_checks
from skymarshal.recovery.candidates import next_minute
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.feasibility import check_constraint
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.preparation import lead_time
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.tail_evaluation import TailEvaluation

__all__ = ["Diversions"]

_ONWARD: Final = "+"
"""Ends the id of the sector that goes on from an alternate: no table holds it."""


class Diversions:
    """The diversions of a flight whose destination does not take it; rows are read when that is so.

    The planned tail and crew fly both sectors. A stop longer than the policy's is not planned.
    """

    def __init__(
        self,
        situation: Situation,
        operations: Operations,
        policy: ArbitrationPolicy,
        crew: CrewEvaluation,
        tails: TailEvaluation,
    ) -> None:
        self._situation = situation
        self._operations = operations
        self._policy = policy
        self._crew = crew
        self._tails = tails
        self._ways: dict[str, _Way] = {}

    def candidates(self) -> tuple[Candidate, ...]:
        """Return a diversion to each alternate, if the destination forbids the first departure there is."""
        situation = self._situation
        off_block = self._first_departure()
        direct = situation.operating(off_block)
        if all(one.admits(direct) for one in self._windows_of_destination()):
            return ()
        found = alternates_of(self._operations, situation.flight, situation.disruption, self._policy.search)
        if found is None:
            return ()
        return self._operations.gather(
            *(partial(self._by_way_of, airport, found, off_block) for airport in found.airports)
        )

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        """Return the limits of both sectors computed, and what only the event can say of the alternate."""
        diversion = candidate.diversion
        if diversion is None:
            return ()
        way, situation = self._ways[diversion.airport], self._situation
        there = replace(candidate, on_block=diversion.on_block, diversion=None)
        onward = replace(candidate, off_block=diversion.off_block, diversion=None)
        tail = self._tails.planned
        crew = self._crew.limits_by_way_of((way.first, way.second), diversion.longer, tail)
        first = [
            *crew,
            *self._tails.limits(there),
            *way.movements.limits(),
            *way.movements.runways(tail),
        ]
        second = [
            *self._tails.limits(onward),
            *way.onward_movements.limits(),
            *way.onward_movements.runways(tail),
        ]
        sector = f"{diversion.airport} to {situation.flight.destination}: "
        found = [check_constraint(agent, one, there, self._policy) for agent, one in first]
        found += [
            replace(check, text=f"{sector}{check.text}")
            for check in (check_constraint(agent, one, onward, self._policy) for agent, one in second)
        ]
        found += [check for ends in way.routes for check in self._route_checks(*ends)]
        found.append(self._stop_check(diversion))
        stay = (diversion.on_block, diversion.off_block)
        found += reported_checks(situation.disruption, situation.flight, diversion.airport, stay)
        return tuple(found)

    def _first_departure(self) -> datetime:
        """Return the first departure of planned tail and crew that nothing but the destination forbids."""
        situation, policy = self._situation, self._policy
        flight = situation.flight
        start = max(flight.std, flight.etd or flight.std)
        as_is = replace(situation.operating(start), offloaded_awbs=self._offloaded())
        start = max(start, situation.now + lead_time(as_is, flight, situation.durations(None, policy)))
        limits = [
            one
            for _, one in situation.binding
            if not one.at_destination
            and one.kind is not ConstraintKind.UNKNOWN_FACT
            and one.applies_to(as_is)
        ]
        instants = {start, *(one.at for one in limits if one.at is not None)}
        instants |= {window.end for one in limits for window in one.windows}
        for off_block in sorted(next_minute(one) for one in instants if one >= start):
            leaving = replace(as_is, off_block=off_block)
            if all(one.admits(leaving) for one in limits):
                return off_block
        return next_minute(start)

    def _by_way_of(self, airport: Airport, known: Alternates, off_block: datetime) -> Candidate:
        situation, flight = self._situation, self._situation.flight
        aircraft = self._tails.planned
        first = leg(flight, known.origin, airport, flight.std)
        on_block = off_block + first.block
        ready = on_block + (timedelta(0) if aircraft is None else aircraft.minimum_turnaround)
        second = leg(flight, airport, known.destination, ready, _ONWARD)
        latest = max(flight.std + self._policy.search.longest_delay, ready)
        movements, onward_movements = self._operations.gather(
            lambda: MovementEvaluation(replace(situation, flight=first), self._operations, latest),
            # Whoever confirms the handling at an alternate confirms the slot with it.
            lambda: MovementEvaluation(
                replace(situation, flight=second), self._operations, latest, slot_confirmed=True
            ),
        )
        leaves = self._goes_on(second, onward_movements, ready)
        arrives = leaves + second.block
        after = leaves - off_block
        self._ways[airport.airport] = _Way(
            first=first,
            second=replace(second, std=flight.std + after, sta=flight.std + after + second.block),
            movements=movements,
            onward_movements=onward_movements,
            routes=((known.origin, airport, first), (airport, known.destination, second)),
        )
        return replace(
            situation.operating(off_block),
            kind=CandidateKind.DIVERT,
            on_block=arrives,
            offloaded_awbs=self._offloaded(),
            diversion=Diversion(
                airport=airport.airport,
                on_block=on_block,
                off_block=leaves,
                block=first.block + second.block,
                longer=arrives - off_block - flight.block,
                charges_usd=reported(situation.disruption, airport.airport).charges_usd,
            ),
        )

    def _goes_on(self, second: Flight, movements: MovementEvaluation, ready: datetime) -> datetime:
        """Return the first off-block from the alternate, once ready, that both its ends allow."""
        shift = second.block - self._situation.flight.block
        windows = [window for _, one in movements.limits() for window in one.windows]
        windows += [
            Window(start=window.start - shift, end=window.end - shift)
            for one in self._windows_of_destination()
            for window in one.windows
        ]
        at = next_minute(ready)
        while hit := next((window for window in windows if window.holds(at)), None):
            at = next_minute(hit.end)
        return at

    def _windows_of_destination(self) -> list[Constraint]:
        return [one for _, one in self._situation.binding if one.at_destination]

    def _offloaded(self) -> tuple[str, ...]:
        off = ConstraintKind.OFFLOAD_REQUIRED
        tails = (None, self._situation.flight.registration)
        binding = (one for _, one in self._situation.binding if one.kind is off and one.only_with in tails)
        return tuple(sorted({one.subject.key for one in binding}))

    def _route_checks(self, origin: Airport, destination: Airport, sector: Flight) -> list[ConstraintCheck]:
        aircraft = self._tails.planned
        if aircraft is None:
            return []
        tail, route = aircraft.registration, f"{sector.origin}-{sector.destination}"
        reaches = aircraft.range_km >= sector.distance_km
        needed = diversion_minutes((origin.lat, origin.lon), (destination.lat, destination.lon))
        etops = check_tail_on_route(
            aircraft, timedelta(minutes=needed), removed_by_mel=self._tails.without_etops
        )
        return [
            _check(
                AgentName.MAINTENANCE,
                f"{tail} reaches {aircraft.range_km} km and {route} is {sector.distance_km} km.",
                kept=reaches,
            ),
            _check(
                AgentName.REGULATORY,
                f"{route} lies up to {needed} min from an aerodrome: {'; '.join(etops.working)}.",
                kept=bool(etops.allowed),
                article=ETOPS_ARTICLE.article,
            ),
        ]

    def _stop_check(self, diversion: Diversion) -> ConstraintCheck:
        most = self._policy.search.longest_stop
        text = (
            f"The flight would stand at {diversion.airport} for {format_duration(diversion.stop)}; a stop is "
            f"planned up to {format_duration(most)}."
        )
        return _check(AgentName.ARBITRATOR, text, kept=diversion.stop <= most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Both sectors by way of one alternate, as long after each other as at the departure looked at."""

    first: Flight
    second: Flight
    movements: MovementEvaluation
    onward_movements: MovementEvaluation
    routes: tuple[tuple[Airport, Airport, Flight], ...]


def _check(agent: AgentName, text: str, *, kept: bool, article: str | None = None) -> ConstraintCheck:
    outcome = CheckOutcome.KEPT if kept else CheckOutcome.BROKEN
    return ConstraintCheck(agent=agent, text=text, outcome=outcome, article=article, verified=article is None)
