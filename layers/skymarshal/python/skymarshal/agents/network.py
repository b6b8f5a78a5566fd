"""Network: what a later departure does to the rotation, the crew's next duties and the connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_over, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.impacts import (
    CONNECTIONS,
    DOWNSTREAM_DELAY,
    DOWNSTREAM_FLIGHTS,
    FINE_STEPS,
    MISSED_CONNECTIONS,
    REST_SHORTFALLS,
    as_delayed,
    cancelled,
    count,
    crew_taken_over,
    crew_to_replace,
    step_curve,
)
from skymarshal.agents.network_notes import later_flights_text, network_notes, spare_tails
from skymarshal.agents.wording import duration_text, instant_text, listed, minutes
from skymarshal.calculators.closures import reported_closures
from skymarshal.calculators.connections import (
    ConnectionFacts,
    MissedConnections,
    load_connection_facts,
    missed_by_delay,
    missed_connections,
)
from skymarshal.calculators.impact import reported_release
from skymarshal.calculators.knock_on import KnockOn, RotationFacts, knock_on, load_rotation_facts
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Curve,
    Evidence,
    Figure,
    Subject,
    SubjectKind,
    Verdict,
)
from skymarshal.domain.wording import agreeing, counted
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight

__all__ = ["network"]

SWAP_WINDOW: Final = timedelta(hours=8)
"""A tail that leaves the origin within this time after the flight may be there to swap with."""

MAX_SWAPS: Final = 12
_ZERO: Final = timedelta(0)


def network(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return the knock-on along tail and crew, the connections missed and the swaps within the schedule."""
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.NETWORK, request)
    over = flight_over(AgentName.NETWORK, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)

    def read_rotations() -> RotationFacts:
        departures, spares = operations.gather(
            lambda: operations.departures(flight.origin, flight.std, flight.std + SWAP_WINDOW),
            lambda: operations.aircraft_of_type(flight.aircraft_type, "spare"),
        )
        near = [leg.registration for leg in departures if leg.aircraft_type == flight.aircraft_type]
        tails = dict.fromkeys((*(spare.registration for spare in spares), *near))
        offered = (option.key for option in spare_tails(request))
        wanted = (expected.registration, *offered, *list(tails)[:MAX_SWAPS])
        return load_rotation_facts(operations, flight, wanted, profile=request.profile)

    rotation, connections = operations.gather(
        read_rotations, lambda: load_connection_facts(operations, flight)
    )
    connections = reported_closures(request.disruption, flight).for_connections(connections)
    released = reported_release(request.disruption, flight)
    replaced = crew_to_replace(request, expected.off_block)
    likely, worst = (
        knock_on(rotation, as_delayed(flight, delay, expected.registration, replaced), released=released)
        for delay in (expected.delay, expected.delay_at_worst)
    )
    missed, missed_at_worst = (
        missed_connections(connections, at + flight.block, following.departures)
        for at, following in ((expected.off_block, likely), (expected.at_worst, worst))
    )
    constraints = _advice(flight, rotation, connections)
    return Findings(
        verdict=_verdict(likely, missed, expected),
        recommendation=_recommendation(flight, expected, likely, missed),
        facts_known=_known(flight, rotation, connections),
        constraints=constraints,
        figures=_figures(flight, rotation, (likely, worst), (missed, missed_at_worst)),
        curves=(missed_by_delay(connections), *_curves(flight, rotation)),
        unknowns=(*rotation.unknowns, *connections.unknowns),
        notes=network_notes(request, flight, rotation, likely, missed, expected, released),
        margin=_margin(constraints, expected.off_block),
        taken_over=tuple(dict.fromkeys((*expected.taken_over, *crew_taken_over(replaced)))),
    )


def _known(flight: Flight, rotation: RotationFacts, connections: ConnectionFacts) -> int:
    tails = sum(flight.registration == tail for tail in rotation.aircraft)
    return 1 + tails + bool(rotation.crew) + (len(connections.connections) > 0)


def _verdict(likely: KnockOn, missed: MissedConnections, expected: ExpectedDeparture) -> Verdict:
    if expected.open:
        return Verdict.CONSTRAINED
    hit = likely.flights_hit or missed.missed or missed.unknown or likely.rest_shortfalls
    return Verdict.CONSTRAINED if hit else Verdict.CLEAR


def _figures(
    flight: Flight,
    rotation: RotationFacts,
    following: tuple[KnockOn, KnockOn],
    missed: tuple[MissedConnections, MissedConnections],
) -> tuple[Figure, ...]:
    stranded = knock_on(rotation, cancelled(flight))
    unknown = [len(one.unknown) for one in missed]
    figures = [
        Figure(
            name=DOWNSTREAM_FLIGHTS,
            unit="flights",
            likely=Decimal(following[0].flights_hit),
            low=Decimal(min(one.flights_hit for one in following)),
            high=Decimal(max(one.flights_hit + one.flights_short_of_crew for one in following)),
            basis="late or without a tail; at most also those whose crew is still resting",
        ),
        count(
            DOWNSTREAM_DELAY,
            "min",
            [minutes(one.total_delay) for one in following],
            "sum over later flights, turnaround kept",
        ),
        count(CONNECTIONS, "passengers", [missed[0].total], "single tickets with an onward flight"),
        Figure(
            name=MISSED_CONNECTIONS,
            unit="passengers",
            likely=Decimal(len(missed[0].missed)) if not unknown[0] else None,
            low=Decimal(len(missed[0].missed)),
            high=Decimal(len(missed[1].missed) + unknown[1]),
            basis="arrival against the departure of the onward flight less the minimum connection time",
        ),
        count(REST_SHORTFALLS, "crew members", [len(one.rest_shortfalls) for one in following]),
        count(
            f"if_cancelled {DOWNSTREAM_FLIGHTS}",
            "flights",
            [stranded.flights_hit],
            f"flights that start where {flight.registration} then is not",
        ),
    ]
    return tuple(figures)


def _curves(flight: Flight, rotation: RotationFacts) -> tuple[Curve, Curve]:
    """Return what follows by minute of delay: minutes late in all, and crew members still resting."""
    following = [
        (minute, knock_on(rotation, as_delayed(flight, timedelta(minutes=minute)))) for minute in FINE_STEPS
    ]
    return (
        step_curve(
            DOWNSTREAM_DELAY,
            "min",
            ((minute, Decimal(minutes(one.total_delay))) for minute, one in following),
        ),
        step_curve(
            REST_SHORTFALLS,
            "crew members",
            ((minute, Decimal(len(one.rest_shortfalls))) for minute, one in following),
        ),
    )


def _advice(flight: Flight, rotation: RotationFacts, connections: ConnectionFacts) -> tuple[Constraint, ...]:
    """Return until when the rotation is kept and until when every connection is."""
    subject = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    advice: list[Constraint] = []
    following = rotation.following(flight.registration)
    aircraft = rotation.aircraft.get(flight.registration)
    if following and aircraft is not None:
        leg = following[0]
        latest = (leg.etd or leg.std) - aircraft.minimum_turnaround - flight.block
        advice.append(
            Constraint(
                kind=ConstraintKind.LATEST_OFF_BLOCK,
                subject=Subject(kind=SubjectKind.TAIL, key=flight.registration),
                text=f"Leaving by {instant_text(latest)} keeps {leg.flight_id} on the same tail on time.",
                binding=False,
                at=latest,
                evidence=(
                    Evidence(table="Flights", key=leg.flight_id, field="std", value=instant_text(leg.std)),
                    Evidence(
                        table="Aircraft",
                        key=flight.registration,
                        field="minimum_turnaround",
                        value=duration_text(aircraft.minimum_turnaround),
                    ),
                ),
            )
        )
    limits = [
        (on_block, connection)
        for connection in connections.connections
        if (on_block := connection.latest_on_block) is not None and on_block >= flight.sta
    ]
    if limits:
        first, tightest = min(limits, key=lambda one: (one[0], one[1].onward.flight_id))
        latest = first - flight.block
        onward = tightest.onward
        advice.append(
            Constraint(
                kind=ConstraintKind.LATEST_OFF_BLOCK,
                subject=subject,
                text=(
                    f"Leaving by {instant_text(latest)} keeps every connection; the tightest is "
                    f"{onward.flight_id} to {onward.destination}."
                ),
                binding=False,
                at=latest,
                evidence=(
                    Evidence(
                        table="Flights" if onward.carrier == flight.carrier else "Bookings",
                        key=onward.flight_id,
                        field="std",
                        value=instant_text(tightest.departs),
                    ),
                    *tightest.evidence,
                ),
            )
        )
    return tuple(advice)


def _margin(constraints: Sequence[Constraint], off_block: datetime) -> float | None:
    slacks = [clock_share(one.at - off_block) for one in constraints if one.at is not None]
    return min(slacks, key=abs, default=None)


def _recommendation(
    flight: Flight, expected: ExpectedDeparture, likely: KnockOn, missed: MissedConnections
) -> str:
    if expected.delay == _ZERO and not missed.missed:
        return f"{flight.flight_id} on time: rotation and connections hold."
    hit = [later_flights_text(likely), _missed_text(missed)]
    if not missed.total:
        hit.pop()
    if likely.rest_shortfalls:
        short = len(likely.rest_shortfalls)
        hit.append(f"{counted(short, 'crew member')} cannot rest enough before the next duty")
    when = f"At {instant_text(expected.off_block)}"
    if expected.delay > _ZERO:
        when += f" ({duration_text(expected.delay)} late)"
    return f"{when} {listed(hit)}."


def _missed_text(missed: MissedConnections) -> str:
    if not missed.missed:
        return "no connection is missed"
    are = agreeing(len(missed.missed), "is", "are")
    return f"{len(missed.missed)} of {counted(missed.total, 'connection')} {are} missed"
