"""The alternates of a flight in the air, as far as they can be computed: its commander decides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck, RejectedCandidate
from skymarshal.domain.assessment import AgentName
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.times import format_duration
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport
from skymarshal.recovery.alternates import alternates_of, minutes_at_cruise, reported_checks
from skymarshal.recovery.feasibility import check_constraint, unmet
from skymarshal.recovery.movement_evaluation import MovementEvaluation
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.rejections import infeasible
from skymarshal.recovery.situation import Situation

__all__ = ["diversions_under_way"]

_COMMANDER: Final = (
    "Nothing that is known stands against it; with the flight in the air its commander decides."
)


def diversions_under_way(
    situation: Situation, operations: Operations, policy: ArbitrationPolicy
) -> tuple[RejectedCandidate, ...]:
    """Return the diversions of a flight that has departed, none of which is offered, with what is not known.

    Where the event gives position and endurance, the way there and the limits of the alternate on arrival are
    computed, at the speed that the flight is scheduled with.
    """
    if situation.flight.status != "departed":
        return ()
    known = alternates_of(operations, situation.flight, situation.disruption, policy.search)
    if known is None:
        return ()
    checks = operations.gather(
        *(partial(_checks, situation, operations, policy, airport) for airport in known.airports)
    )
    return tuple(
        _rejected(situation, airport, made) for airport, made in zip(known.airports, checks, strict=True)
    )


def _rejected(situation: Situation, airport: Airport, checks: list[ConstraintCheck]) -> RejectedCandidate:
    candidate = Candidate(
        kind=CandidateKind.DIVERT,
        flight_id=situation.flight.flight_id,
        off_block=None,
        on_block=None,
        registration=situation.flight.registration,
        destination=airport.airport,
    )
    found = infeasible(situation, candidate, unmet(checks))
    return found if found.broken else replace(found, reason=_COMMANDER)


def _checks(
    situation: Situation, operations: Operations, policy: ArbitrationPolicy, airport: Airport
) -> list[ConstraintCheck]:
    flight, now, details = situation.flight, situation.now, situation.disruption.details
    if details.position is None or details.endurance is None:
        text = (
            f"No table says where {flight.flight_number} is and how long its fuel lasts, nor does the event "
            "(details.position, details.endurance)."
        )
        unknown = ConstraintCheck(agent=AgentName.REGULATORY, text=text, outcome=CheckOutcome.UNKNOWN)
        return [unknown, *reported_checks(situation.disruption, flight, airport.airport, None)]
    away = great_circle_km(details.position.lat, details.position.lon, airport.lat, airport.lon)
    flying = minutes_at_cruise(flight, away)
    there = replace(
        flight, destination=airport.airport, std=now, sta=now + flying, block=flying, flight_time=flying
    )
    direct = replace(situation.operating(now), on_block=there.sta, destination=airport.airport)
    movements = MovementEvaluation(replace(situation, flight=there), operations, there.sta)
    text = (
        f"{airport.airport} is {away:.0f} km or {format_duration(flying)} away, and the fuel lasts "
        f"{format_duration(details.endurance)} before the final reserve."
    )
    enough = CheckOutcome.KEPT if flying <= details.endurance else CheckOutcome.BROKEN
    return [
        ConstraintCheck(
            agent=AgentName.REGULATORY, text=text, outcome=enough, margin=details.endurance - flying
        ),
        *(
            check_constraint(agent, one, direct, policy)
            for agent, one in movements.limits()
            if one.at_destination
        ),
        *reported_checks(situation.disruption, flight, airport.airport, (there.sta, there.sta)),
    ]
