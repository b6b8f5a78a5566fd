"""Evaluating candidates with the calculators over the operational tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.cost_drivers import rebooking_of
from skymarshal.calculators.costs import CostEstimate, cost_of
from skymarshal.calculators.impact import (
    REBOOKING_LEAD,
    BusinessFacts,
    BusinessImpact,
    business_impact,
    load_business_facts,
)
from skymarshal.calculators.owed import owed
from skymarshal.calculators.passengers import PassengerFacts
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.arbitration import ConstraintCheck
from skymarshal.domain.assessment import (
    AgentName,
    ConstraintKind,
    Figure,
    OptionKind,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations import Operations
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.feasibility import check_constraint
from skymarshal.recovery.impact import CostRange, Impact
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.seating import Seating, only, seat
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.tail_evaluation import TailEvaluation

__all__ = ["TableEvaluator"]

_NOTICED: Final = timedelta(minutes=15)
"""Arriving less late than this counts as arriving as booked."""


class TableEvaluator:
    """Computes candidates with the agents' own calculators on rows that are read once."""

    def __init__(self, situation: Situation, operations: Operations, policy: ArbitrationPolicy) -> None:
        self._situation = situation
        self._policy = policy
        latest = max(situation.flight.std, situation.now) + policy.search.longest_delay
        spares = [option.key for option in situation.options(OptionKind.SPARE_TAIL)]
        self._tails = TailEvaluation(situation, operations, latest)
        self._crew = CrewEvaluation(situation, operations)
        self._movements = MovementEvaluation(situation, operations, latest)
        self._facts = load_business_facts(operations, situation.flight, spares)
        self._released = _released(situation)

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        """Return the safety rules computed for the candidate's own tail, crew and times."""
        if candidate.off_block is None:
            return ()
        tail = candidate.registration or self._situation.flight.registration
        limits = [
            *self._crew.limits(candidate, self._tails.aircraft_type(tail)),
            *self._tails.limits(candidate),
            *self._movements.limits(candidate),
        ]
        return tuple(
            check_constraint(agent, constraint, candidate, self._policy) for agent, constraint in limits
        )

    def impact(self, candidate: Candidate) -> Impact:
        """Return what the candidate does; what a business agent that failed would have said is unknown."""
        situation = self._situation
        facts = self._facts
        if candidate.kind is CandidateKind.CANCEL:
            facts = _without_partners(facts)
        seating = self._seating(candidate)
        if seating.left_behind:
            facts = replace(facts, passengers=only(facts.passengers, seating.seated))
        found = business_impact(facts, candidate, situation.disruption, released=self._released)
        left = self._left_behind(seating, found.reprotection)
        parts = [found.reprotection, *([] if left is None else [left.reprotection])]
        network = situation.answered(AgentName.NETWORK)
        guests = situation.answered(AgentName.GUEST_EXPERIENCE)
        money = situation.answered(AgentName.FINANCE)
        cost = _cost_range(found.cost, None if left is None else left.cost) if money else None
        return Impact(
            cancelled=not candidate.operates,
            passenger_delay=_passenger_delay(situation, candidate, found.reprotection if guests else None),
            cost=cost,
            affected_passengers=sum(map(_affected, parts)) if guests else None,
            needing_reprotection=sum(part.needing for part in parts) if guests else None,
            reprotected=sum(part.reprotected for part in parts) if guests else None,
            downstream_flights=found.knock_on.flights_hit if network else None,
            connections=found.connections.total if network else None,
            missed_connections=len(found.connections.missed) if network else None,
            figures=_figures(situation, found, parts, cost, seating),
            unknowns=tuple(dict.fromkeys((*found.unknowns, *(() if left is None else left.cost.unknowns)))),
        )

    def _seating(self, candidate: Candidate) -> Seating:
        bookings = self._facts.passengers.by_priority
        tail = candidate.registration
        if not candidate.operates or tail in (None, self._situation.flight.registration):
            return Seating(seated=bookings)
        aircraft = self._facts.rotation.aircraft.get(tail)
        return Seating(seated=bookings) if aircraft is None else seat(bookings, aircraft.seats)

    def _left_behind(self, seating: Seating, others: Reprotection) -> _LeftBehind | None:
        """Return what becomes of those without a seat: for them the flight is cancelled."""
        if not seating.left_behind:
            return None
        situation, facts = self._situation, self._facts
        stranded = only(_less_seats(facts.passengers, others), seating.left_behind)
        cancelled = Candidate(
            kind=CandidateKind.CANCEL,
            flight_id=situation.flight.flight_id,
            off_block=None,
            on_block=None,
            registration=None,
        )
        reprotection = reprotect(stranded, cancelled, not_before=situation.now + REBOOKING_LEAD)
        cost = cost_of(
            facts.rates,
            situation.flight,
            situation.as_planned,
            rebooking=rebooking_of(reprotection, stranded.distances_km),
            owed=owed(stranded, cancelled, reprotection, situation.disruption),
        )
        return _LeftBehind(reprotection=reprotection, cost=cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeftBehind:
    reprotection: Reprotection
    cost: CostEstimate


def _less_seats(facts: PassengerFacts, taken_by: Reprotection) -> PassengerFacts:
    """Return the facts without the seats that others were given."""
    taken: Counter[tuple[str, str]] = Counter(
        (alternative.flight_id, outcome.booking.cabin)
        for outcome in taken_by.outcomes
        for alternative in outcome.on
    )
    return replace(
        facts,
        alternatives={
            route: tuple(
                replace(
                    one,
                    seats={
                        cabin: max(0, free - taken[one.flight_id, cabin]) for cabin, free in one.seats.items()
                    },
                )
                for one in found
            )
            for route, found in facts.alternatives.items()
        },
    )


def _released(situation: Situation) -> Mapping[str, datetime]:
    """Return from when the flight's own tail can fly again, where maintenance says so."""
    own = situation.flight.registration
    at = [
        constraint.at
        for _, constraint in situation.binding
        if constraint.kind is ConstraintKind.EARLIEST_DEPARTURE
        and constraint.subject.kind is SubjectKind.TAIL
        and constraint.subject.key == own
        and constraint.at is not None
    ]
    grounded = any(
        constraint.kind is ConstraintKind.AIRCRAFT_CHANGE_REQUIRED and constraint.subject.key == own
        for _, constraint in situation.binding
    )
    return {own: max(at)} if at and not grounded else {}


def _without_partners(facts: BusinessFacts) -> BusinessFacts:
    own = {
        route: tuple(alternative for alternative in found if alternative.own)
        for route, found in facts.passengers.alternatives.items()
    }
    return replace(facts, passengers=replace(facts.passengers, alternatives=own))


def _passenger_delay(
    situation: Situation, candidate: Candidate, reprotection: Reprotection | None
) -> timedelta | None:
    if candidate.off_block is not None:
        return max(candidate.off_block - situation.flight.std, timedelta(0))
    return None if reprotection is None else reprotection.mean_delay


def _affected(reprotection: Reprotection) -> int:
    return sum(
        outcome.needs_reprotection or outcome.delay is None or outcome.delay >= _NOTICED
        for outcome in reprotection.outcomes
    )


def _cost_range(cost: CostEstimate, more: CostEstimate | None) -> CostRange:
    if more is None:
        return CostRange(low=cost.low, likely=cost.likely, high=cost.high)
    return CostRange(
        low=cost.low + more.low,
        likely=None if cost.likely is None or more.likely is None else cost.likely + more.likely,
        high=None if cost.high is None or more.high is None else cost.high + more.high,
    )


def _figures(
    situation: Situation,
    found: BusinessImpact,
    parts: Sequence[Reprotection],
    cost: CostRange | None,
    seating: Seating,
) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    if cost is None:
        figures.append(Figure(name="cost", unit="USD", likely=None, basis="finance did not answer"))
    else:
        lines = [f"{line.name} {line.usd[1]:,.0f}" for line in found.cost.lines if line.usd[1] is not None]
        if seating.left_behind:
            lines.append(f"{len(seating.left_behind)} passengers without a seat, the rest")
        figures.append(
            Figure(
                name="cost",
                unit="USD",
                likely=cost.likely,
                low=cost.low,
                high=cost.high,
                basis="; ".join(lines),
            )
        )
    if situation.answered(AgentName.GUEST_EXPERIENCE):
        figures += [
            _count("passengers_affected", sum(map(_affected, parts)), "passengers"),
            _count("passengers_needing_reprotection", sum(part.needing for part in parts), "passengers"),
            _count("passengers_reprotected", sum(part.reprotected for part in parts), "passengers"),
        ]
        if seating.left_behind or seating.moved_down:
            figures += [
                _count("passengers_left_behind", len(seating.left_behind), "passengers"),
                _count("passengers_downgraded", len(seating.moved_down), "passengers"),
            ]
    if situation.answered(AgentName.NETWORK):
        figures += [
            _count("connections_missed", len(found.connections.missed), "passengers"),
            _count("later_flights_hit", found.knock_on.flights_hit, "flights"),
            _count("later_delay", round(found.knock_on.total_delay / timedelta(minutes=1)), "min"),
        ]
    return tuple(figures)


def _count(name: str, value: int, unit: str) -> Figure:
    return Figure(name=name, unit=unit, likely=Decimal(value), low=Decimal(value), high=Decimal(value))
