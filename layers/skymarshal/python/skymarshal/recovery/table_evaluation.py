"""Evaluating candidates with the calculators over the operational tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from skymarshal.calculators.impact import (
    BusinessImpact,
    business_impact,
    load_business_facts,
)
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.arbitration import ConstraintCheck, RejectedCandidate
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    OptionKind,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations import Operations
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.diversion import Diversions
from skymarshal.recovery.feasibility import check_constraint, is_feasible
from skymarshal.recovery.ground_steps import Load, steps_by_tail
from skymarshal.recovery.holding import HeldFlights
from skymarshal.recovery.impact import Impact
from skymarshal.recovery.loading import forbidden_shipments, hold_limits
from skymarshal.recovery.measuring import measured, rerouted_from_origin, total_cost
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy, StepDurations
from skymarshal.recovery.reprotection import least_cost_reprotection
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.tail_evaluation import TailEvaluation
from skymarshal.recovery.under_way import diversions_under_way

__all__ = ["TableEvaluator"]


class TableEvaluator:
    """Computes candidates with the agents' own calculators on rows that are read once."""

    def __init__(self, situation: Situation, operations: Operations, policy: ArbitrationPolicy) -> None:
        self._situation = situation
        self._policy = policy
        latest = max(situation.flight.std, situation.now) + policy.search.longest_delay
        spares = [option.key for option in situation.options(OptionKind.SPARE_TAIL)]
        (self._tails, self._crew, self._movements, self._facts), bags = operations.gather(
            lambda: operations.gather(
                lambda: TailEvaluation(situation, operations, latest),
                lambda: CrewEvaluation(situation, operations),
                lambda: MovementEvaluation(situation, operations, latest),
                lambda: load_business_facts(operations, situation.flight, spares),
            ),
            lambda: operations.bags_of_flight(situation.flight.flight_id),
        )
        self._operations = operations
        self._held = HeldFlights(situation, operations, policy)
        holds = (
            hold_limits(self._facts.cargo, tail, self._tails.planned, len(bags))
            for tail in self._tails.aircraft
        )
        self._law = (*forbidden_shipments(self._facts.cargo), *(one for found in holds for one in found))
        self._steps = steps_by_tail(self._tails.aircraft, self._load(len(bags)), policy.steps)
        lawful = replace(situation, law=self._law, steps=self._steps)
        self._diversions = Diversions(lawful, operations, policy, self._crew, self._tails)
        self._released = _released(situation)

    @property
    def steps(self) -> Mapping[str, StepDurations]:
        """How long the steps of a plan take with each tail."""
        return self._steps

    @property
    def law(self) -> tuple[Constraint, ...]:
        """What may not be loaded on the flight on any account, and what the hold of a tail does not take."""
        return self._law

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        """Return the safety rules computed for the candidate's own tail, crew and times."""
        if candidate.off_block is None:
            return ()
        if candidate.diversion is not None:
            return self._diversions.checks(candidate)
        tail = candidate.registration or self._situation.flight.registration
        limits = [
            *self._crew.limits(candidate, self._tails.aircraft_type(tail)),
            *self._tails.limits(candidate),
            *self._movements.limits(),
            *self._movements.runways(self._tails.tail(tail)),
        ]
        return tuple(
            check_constraint(agent, constraint, candidate, self._policy) for agent, constraint in limits
        ) + self._held.checks(candidate)

    def impact(self, candidate: Candidate) -> Impact:
        """Return what the candidate does; what a business agent that failed would have said is unknown."""
        return self._measured(candidate, reprotect)

    def diversions(self) -> tuple[Candidate, ...]:
        """Return the landings at an alternate to try, where the destination does not take the flight."""
        return self._diversions.candidates()

    def under_way(self) -> tuple[RejectedCandidate, ...]:
        """Return the alternates of a flight that has departed, with what speaks against each."""
        return diversions_under_way(self._situation, self._operations, self._policy)

    def variants(self, candidate: Candidate) -> tuple[Candidate, ...]:
        """Return what else could be done for those who miss a connection, with `candidate` as it flies.

        They can be rerouted from the origin, if that brings one of them sooner. Connecting flights can wait
        where that saves more than it costs; one that may not wait is returned too, for the record.
        """
        if candidate.off_block is None or candidate.diversion is not None:
            return ()
        if not self._situation.answered(AgentName.GUEST_EXPERIENCE):
            return ()
        base = self._found(candidate, reprotect)
        if not base.connections.missed:
            return ()
        rerouted = replace(candidate, kind=CandidateKind.REROUTE)
        found = [rerouted] if rerouted_from_origin(self._found(rerouted, reprotect)) else []
        if self._situation.answered(AgentName.FINANCE):
            found += self._holding(candidate, base)
        return tuple(found)

    def refined(self, candidate: Candidate) -> Impact | None:
        """Return the impact with the seats given out at the least cost, or None where nobody needs one."""
        if not self._situation.answered(AgentName.GUEST_EXPERIENCE):
            return None
        prices = self._policy.journeys.at_rates(self._facts.rates)
        return self._measured(candidate, least_cost_reprotection(prices))

    def _load(self, bags: int) -> Load:
        sold = self._situation.flight.seats_sold
        booked = len(self._facts.passengers.bookings)
        return Load(
            passengers=(booked or None) if sold is None else sum(sold.values()),
            bags=bags,
            cargo_kg=sum(shipment.weight_kg for shipment in self._facts.cargo.shipments),
        )

    def _holding(self, candidate: Candidate, base: BusinessImpact) -> list[Candidate]:
        until = self._held.worth_trying(candidate, base.connections.missed, base.knock_on.departures)
        kept: dict[str, datetime] = {}
        found: list[tuple[Decimal, Candidate]] = []
        forbidden: list[Candidate] = []
        for flight_id, at in until.items():
            one = replace(candidate, held_flights={flight_id: at})
            cost = self._cost_of_holding(one)
            if cost is None or base.cost.likely is None or cost >= base.cost.likely:
                continue
            if is_feasible(self._held.checks(one)):
                kept[flight_id] = at
                found.append((cost, one))
            else:
                forbidden.append(one)
        if len(kept) > 1:
            together = replace(candidate, held_flights=kept)
            cost = self._cost_of_holding(together)
            if cost is not None:
                found.append((cost, together))
        cheapest = min(found, key=lambda pair: pair[0], default=None)
        return [*forbidden, *([] if cheapest is None else [cheapest[1]])]

    def _cost_of_holding(self, candidate: Candidate) -> Decimal | None:
        """Return the likely cost with flights held; None where it is unknown, or where they strand others."""
        held = self._held.impacts(candidate)
        if any(one.reprotection.needing for one in held.values()):
            return None
        return total_cost(self._found(candidate, reprotect), held.values()).likely

    def _measured(self, candidate: Candidate, reprotected_by: Callable[..., Reprotection]) -> Impact:
        found = self._found(candidate, reprotected_by)
        return measured(self._situation, found, self._held.impacts(candidate))

    def _found(self, candidate: Candidate, reprotected_by: Callable[..., Reprotection]) -> BusinessImpact:
        return business_impact(
            self._facts,
            candidate,
            self._situation.disruption,
            released=self._released or None,
            reprotected_by=reprotected_by,
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
