"""Evaluating candidates with the calculators over the operational tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.impact import (
    BusinessImpact,
    business_impact,
    load_business_facts,
)
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.arbitration import ConstraintCheck
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Figure,
    OptionKind,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.operations import Operations
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.feasibility import check_constraint
from skymarshal.recovery.impact import CostRange, Impact
from skymarshal.recovery.loading import forbidden_shipments
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.reprotection import least_cost_reprotection
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
        self._tails, self._crew, self._movements, self._facts = operations.gather(
            lambda: TailEvaluation(situation, operations, latest),
            lambda: CrewEvaluation(situation, operations),
            lambda: MovementEvaluation(situation, operations, latest),
            lambda: load_business_facts(operations, situation.flight, spares),
        )
        self._released = _released(situation)

    @property
    def law(self) -> tuple[Constraint, ...]:
        """What may not be loaded on the flight on any account."""
        return forbidden_shipments(self._facts.cargo)

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
        return self._impact(candidate, reprotect)

    def refined(self, candidate: Candidate) -> Impact | None:
        """Return the impact with the seats given out at the least cost, or None where nobody needs one."""
        if not self._situation.answered(AgentName.GUEST_EXPERIENCE):
            return None
        prices = self._policy.journeys.at_rates(self._facts.rates)
        return self._impact(candidate, least_cost_reprotection(prices))

    def _impact(self, candidate: Candidate, reprotected_by: Callable[..., Reprotection]) -> Impact:
        situation = self._situation
        found = business_impact(
            self._facts,
            candidate,
            situation.disruption,
            released=self._released or None,
            reprotected_by=reprotected_by,
        )
        reprotection = found.reprotection
        network = situation.answered(AgentName.NETWORK)
        guests = situation.answered(AgentName.GUEST_EXPERIENCE)
        cost = None
        if situation.answered(AgentName.FINANCE):
            cost = CostRange(low=found.cost.low, likely=found.cost.likely, high=found.cost.high)
        return Impact(
            cancelled=not candidate.operates,
            passenger_delay=_passenger_delay(situation, candidate, reprotection if guests else None),
            cost=cost,
            affected_passengers=_affected(reprotection) if guests else None,
            needing_reprotection=reprotection.needing if guests else None,
            reprotected=reprotection.reprotected if guests else None,
            downstream_flights=found.knock_on.flights_hit if network else None,
            connections=found.connections.total if network else None,
            missed_connections=len(found.connections.missed) if network else None,
            figures=_figures(situation, candidate, found, cost),
            unknowns=found.unknowns,
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


def _figures(
    situation: Situation, candidate: Candidate, found: BusinessImpact, cost: CostRange | None
) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    if cost is None:
        figures.append(Figure(name="cost", unit="USD", likely=None, basis="finance did not answer"))
    else:
        lines = [f"{line.name} {line.usd[1]:,.2f}" for line in found.cost.lines if line.usd[1] is not None]
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
    reprotection = found.reprotection
    if situation.answered(AgentName.GUEST_EXPERIENCE):
        figures += [
            _count("passengers_affected", _affected(reprotection), "passengers"),
            _count("passengers_needing_reprotection", reprotection.needing, "passengers"),
            _count("passengers_reprotected", reprotection.reprotected, "passengers"),
        ]
        left_behind = sum(outcome.cancelled for outcome in reprotection.outcomes)
        downgraded = sum(outcome.downgraded for outcome in reprotection.outcomes)
        if candidate.operates and left_behind:
            figures.append(_count("passengers_left_behind", left_behind, "passengers"))
        if downgraded:
            figures.append(_count("passengers_downgraded", downgraded, "passengers"))
    if situation.answered(AgentName.NETWORK):
        figures += [
            _count("connections_missed", len(found.connections.missed), "passengers"),
            _count("later_flights_hit", found.knock_on.flights_hit, "flights"),
            _count("later_delay", round(found.knock_on.total_delay / timedelta(minutes=1)), "min"),
        ]
    return tuple(figures)


def _count(name: str, value: int, unit: str) -> Figure:
    return Figure(name=name, unit=unit, likely=Decimal(value), low=Decimal(value), high=Decimal(value))
