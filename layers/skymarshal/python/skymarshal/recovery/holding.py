"""Holding connecting flights: whether the airline's own onward flights may wait, and what that costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from skymarshal.calculators.connections import Connection
from skymarshal.calculators.impact import (
    BusinessFacts,
    BusinessImpact,
    business_impact,
    load_business_facts,
)
from skymarshal.domain.arbitration import ConstraintCheck
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight
from skymarshal.recovery.candidates import next_minute
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.feasibility import check_constraint
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.tail_evaluation import TailEvaluation

__all__ = ["HeldFlights"]


class HeldFlights:
    """The onward flights that could wait for a late one; each one's rows are read when it is first tried.

    A flight is held within the limits of its own crew, tail and both its airports, and only if nobody on it
    misses a connection by that.
    """

    def __init__(self, situation: Situation, operations: Operations, policy: ArbitrationPolicy) -> None:
        self._situation = situation
        self._operations = operations
        self._policy = policy
        self._known: dict[str, _Onward | None] = {}

    def worth_trying(
        self, candidate: Candidate, missed: Iterable[Connection], moved: Mapping[str, datetime]
    ) -> dict[str, datetime]:
        """Return until when flights would wait for those who miss them, the most passengers first.

        Args:
            candidate: the flight as it would operate.
            missed: the connections that it misses.
            moved: the flights that leave late anyway.
        """
        if candidate.on_block is None:
            return {}
        search, own = self._policy.search, self._situation.flight.carrier
        waiting = Counter[str]()
        until: dict[str, datetime] = {}
        for one in missed:
            flight_id = one.onward.flight_id
            if one.minimum is None or one.stopped or one.onward.carrier != own or flight_id in moved:
                continue
            at = next_minute(candidate.on_block + one.minimum)
            if at - one.departs <= search.longest_hold and one.departs > self._situation.now:
                waiting[flight_id] += 1
                until[flight_id] = at
        most = sorted(waiting, key=lambda flight_id: (-waiting[flight_id], flight_id))[: search.most_held]
        return {
            flight_id: until[flight_id]
            for flight_id in most
            if (onward := self._onward(flight_id)) is not None
            and onward.flight.registration != candidate.registration
        }

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        """Return the safety rules computed for every flight that `candidate` holds."""
        found: list[ConstraintCheck] = []
        for flight_id, at in sorted(candidate.held_flights.items()):
            onward = self._onward(flight_id)
            if onward is None:
                continue
            held = onward.leaving(at)
            limits = [
                *onward.crew.limits(held, onward.flight.aircraft_type, onward.tail.planned),
                *onward.tail.limits(held),
                *onward.movements.limits(),
                *onward.movements.runways(onward.tail.planned),
            ]
            for agent, constraint in limits:
                check = check_constraint(agent, constraint, held, self._policy)
                found.append(replace(check, text=f"{onward.flight.flight_number} held: {check.text}"))
        return tuple(found)

    def impacts(self, candidate: Candidate) -> dict[str, BusinessImpact]:
        """Return what holding does to each held flight itself, by flight number."""
        found = {}
        for flight_id, at in sorted(candidate.held_flights.items()):
            onward = self._onward(flight_id)
            if onward is not None:
                found[onward.flight.flight_number] = onward.impact(at)
        return found

    def _onward(self, flight_id: str) -> _Onward | None:
        if flight_id not in self._known:
            self._known[flight_id] = self._read(flight_id)
        return self._known[flight_id]

    def _read(self, flight_id: str) -> _Onward | None:
        flight = self._operations.flight(flight_id)
        if flight is None or flight.status != "scheduled" or (flight.etd or flight.std) != flight.std:
            return None
        operations, policy = self._operations, self._policy
        disruption = Disruption(
            disruption_id=self._situation.disruption.disruption_id,
            type=DisruptionType.LATE_INBOUND,
            flight_id=flight_id,
            reported_at=self._situation.now,
            details=DisruptionDetails(inbound_flight_id=self._situation.flight.flight_id),
        )
        profile = self._situation.profile
        situation = Situation(disruption=disruption, flight=flight, crew={}, assessments={}, profile=profile)
        latest = flight.std + policy.search.longest_hold
        crew, tail, movements, facts = operations.gather(
            lambda: CrewEvaluation(situation, operations),
            lambda: TailEvaluation(situation, operations, latest),
            lambda: MovementEvaluation(situation, operations, latest),
            lambda: load_business_facts(
                operations, flight, disruption=self._situation.disruption, profile=profile
            ),
        )
        return _Onward(
            flight=flight,
            disruption=disruption,
            situation=situation,
            crew=crew,
            tail=tail,
            movements=movements,
            facts=facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Onward:
    flight: Flight
    disruption: Disruption
    situation: Situation
    crew: CrewEvaluation
    tail: TailEvaluation
    movements: MovementEvaluation
    facts: BusinessFacts

    def leaving(self, off_block: datetime) -> Candidate:
        return self.situation.operating(off_block)

    def impact(self, off_block: datetime) -> BusinessImpact:
        return business_impact(self.facts, self.leaving(off_block), self.disruption)
