"""Evaluating candidates with the calculators over the operational tables."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from skymarshal.calculators.impact import (
    BusinessFacts,
    BusinessImpact,
    business_impact,
    load_business_facts,
)
from skymarshal.calculators.malformed import kept_back
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.calculators.shipments import CargoFacts, load_cargo_facts
from skymarshal.domain.arbitration import ConstraintCheck, RejectedCandidate
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Figure,
    OptionKind,
    Subject,
    SubjectKind,
    Unknown,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations import Operations, OperationsError
from skymarshal.operations.records import Flight
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

logger = logging.getLogger(__name__)

T = TypeVar("T")


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
                lambda: _business_facts(operations, situation, spares),
            ),
            lambda: _bags(operations, situation.flight),
        )
        self._operations = operations
        self._held = HeldFlights(situation, operations, policy)
        cargo = _cargo(operations, situation.flight, self._facts)
        self._law = _law(situation.flight, cargo, self._tails, bags)
        self._steps = steps_by_tail(self._tails.aircraft, self._load(cargo, bags or 0), policy.steps)
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
            *self._crew.limits(candidate, self._tails.aircraft_type(tail), self._tails.tail(tail)),
            *self._tails.limits(candidate),
            *self._movements.limits(),
            *self._movements.runways(self._tails.tail(tail)),
        ]
        made = [check_constraint(agent, constraint, candidate, self._policy) for agent, constraint in limits]
        made += self._held.checks(candidate)
        return tuple(made) + tuple(
            check_constraint(AgentName.ARBITRATOR, constraint, candidate, self._policy)
            for constraint in kept_back(self._operations.malformed.values(), self._situation.flight)
        )

    def impact(self, candidate: Candidate) -> Impact:
        """Return what the candidate does.

        What a business agent that failed would have said is unknown, and so is what cannot be computed here.
        """
        found = self._computed(candidate, lambda: self._measured(candidate, reprotect))
        return _nothing_known(candidate) if found is None else found

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
        return self._computed(candidate, lambda: self._variants(candidate)) or ()

    def _variants(self, candidate: Candidate) -> tuple[Candidate, ...]:
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
        facts = self._facts
        if facts is None or not self._situation.answered(AgentName.GUEST_EXPERIENCE):
            return None
        prices = self._policy.journeys.at_rates(facts.rates)
        return self._computed(candidate, lambda: self._measured(candidate, least_cost_reprotection(prices)))

    def _load(self, cargo: CargoFacts | None, bags: int) -> Load:
        sold = self._situation.flight.seats_sold
        booked = 0 if self._facts is None else len(self._facts.passengers.bookings)
        return Load(
            passengers=(booked or None) if sold is None else sum(sold.values()),
            bags=bags,
            cargo_kg=0.0 if cargo is None else sum(shipment.weight_kg for shipment in cargo.shipments),
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

    def _computed(self, candidate: Candidate, compute: Callable[[], T]) -> T | None:
        """Return what is computed, None where it fails: a figure less, and no end of the arbitration."""
        if self._facts is None:
            return None
        try:
            return compute()
        except Exception:
            logger.exception("the impact of %s could not be computed", candidate.kind)
            return None

    def _measured(self, candidate: Candidate, reprotected_by: Callable[..., Reprotection]) -> Impact:
        found = self._found(candidate, reprotected_by)
        return measured(self._situation, found, self._held.impacts(candidate))

    def _found(self, candidate: Candidate, reprotected_by: Callable[..., Reprotection]) -> BusinessImpact:
        if self._facts is None:
            raise LookupError("the tables of passengers, cargo and rates could not be read")
        return business_impact(
            self._facts,
            candidate,
            self._situation.disruption,
            released=self._released or None,
            reprotected_by=reprotected_by,
        )


def _business_facts(
    operations: Operations, situation: Situation, spares: Sequence[str]
) -> BusinessFacts | None:
    """Return what the figures rest on, None where it cannot be had: then they are unknown."""
    flight = situation.flight
    try:
        return load_business_facts(
            operations, flight, spares, disruption=situation.disruption, profile=situation.profile
        )
    except Exception:
        logger.exception("what the figures of %s rest on could not be had", flight.flight_id)
        return None


def _bags(operations: Operations, flight: Flight) -> int | None:
    """Return how many bags are checked in, None where they cannot be read."""
    try:
        return len(operations.bags_of_flight(flight.flight_id))
    except OperationsError:
        logger.exception("the bags of %s could not be read", flight.flight_id)
        return None


def _cargo(operations: Operations, flight: Flight, facts: BusinessFacts | None) -> CargoFacts | None:
    """Return the load, None where it cannot be read."""
    if facts is not None:
        return facts.cargo
    try:
        return load_cargo_facts(operations, flight, with_alternatives=False)
    except OperationsError:
        logger.exception("the load of %s could not be read", flight.flight_id)
        return None


def _law(
    flight: Flight, cargo: CargoFacts | None, tails: TailEvaluation, bags: int | None
) -> tuple[Constraint, ...]:
    """Return what may not be loaded; where the load cannot be read, no departure is known to be lawful."""
    if cargo is not None and bags is not None:
        holds = (hold_limits(cargo, tail, tails.planned, bags) for tail in tails.aircraft)
        return (*forbidden_shipments(cargo), *(one for found in holds for one in found))
    unread = Constraint(
        kind=ConstraintKind.UNKNOWN_FACT,
        subject=Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id),
        text=f"The load of {flight.flight_id} cannot be read, so it is not known to be allowed on it.",
        binding=True,
    )
    return (unread,)


def _nothing_known(candidate: Candidate) -> Impact:
    why = "The passengers, connections and costs could not be computed from the rows that there are."
    missing = Unknown(table="Bookings", key=candidate.flight_id, field="pnr", why=why)
    figure = Figure(name="cost", unit="USD", likely=None, basis=why)
    return Impact(cancelled=not candidate.operates, figures=(figure,), unknowns=(missing,))


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
