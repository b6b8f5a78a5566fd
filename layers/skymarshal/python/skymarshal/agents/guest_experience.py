"""Guest experience: who is hit, who misses a connection, who travels how, and what they are owed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_over, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.guest_figures import (
    SPECIAL_NEEDS,
    Case,
    bags_to_reroute,
    delay_curves,
    if_cancelled,
    people,
    situation,
    totals,
)
from skymarshal.agents.guest_rights import payer_notes, tarmac_notes
from skymarshal.agents.impacts import (
    DELAY_STEPS,
    LONGEST_DELAY,
    as_delayed,
    cancelled,
    still_open,
)
from skymarshal.agents.wording import duration_text, instant_text, listed, minutes
from skymarshal.calculators.closures import reported_closures
from skymarshal.calculators.connections import missed_by_delay
from skymarshal.calculators.impact import REBOOKING_LEAD
from skymarshal.calculators.owed import UNHELD, owed
from skymarshal.calculators.passengers import Alternative, PassengerFacts, load_passenger_facts
from skymarshal.calculators.reprotection import reprotect
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Evidence,
    Option,
    OptionKind,
    Subject,
    SubjectKind,
    Verdict,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.wording import agreeing, counted
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Flight

__all__ = ["guest_experience"]

_ZERO: Final = timedelta(0)


def guest_experience(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return who is hit at the expected delay, how they travel on and what they are owed."""
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.GUEST_EXPERIENCE, request)
    over = flight_over(AgentName.GUEST_EXPERIENCE, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)
    facts, bags, tail = operations.gather(
        lambda: load_passenger_facts(operations, flight),
        lambda: operations.bags_of_flight(flight.flight_id),
        lambda: operations.aircraft(expected.registration),
    )
    facts = reported_closures(request.disruption, flight).for_passengers(facts)
    seats = None if tail is None or tail.registration == flight.registration else tail.seats
    planned = _case(
        facts, as_delayed(flight, expected.delay, expected.registration), request.disruption, seats
    )
    worst = _case(
        facts, as_delayed(flight, expected.delay_at_worst, expected.registration), request.disruption, seats
    )
    without = _case(facts, cancelled(flight), request.disruption)
    steps = [
        (minute, _case(facts, as_delayed(flight, timedelta(minutes=minute)), request.disruption))
        for minute in _steps(facts, expected)
    ]
    needing = planned.reprotection.needing
    return Findings(
        verdict=_verdict(expected, planned),
        recommendation=_recommendation(flight, expected, facts, planned),
        facts_known=_known(facts, tail),
        constraints=_advice(facts),
        figures=(
            *people(facts),
            *situation(facts, planned, worst),
            *if_cancelled(totals(facts, (without,))),
            bags_to_reroute(bags, planned),
        ),
        curves=(missed_by_delay(facts.connections), *delay_curves(facts, steps)),
        options=_options(flight, planned if needing else without, needed=bool(needing)),
        unknowns=tuple(dict.fromkeys((*facts.unknowns, *planned.owed.unknowns))),
        notes=(
            *_notes(facts, planned, without),
            *payer_notes(facts),
            *tarmac_notes(facts, expected.delay),
            *still_open(expected),
        ),
        margin=_margin(facts, expected),
        taken_over=expected.taken_over,
    )


def _steps(facts: PassengerFacts, expected: ExpectedDeparture) -> list[int]:
    """Return the delays that the curves are computed at."""
    breaks = {minute for minute, _ in missed_by_delay(facts.connections).points if minute <= LONGEST_DELAY}
    return sorted({*DELAY_STEPS, *breaks, minutes(expected.delay), minutes(expected.delay_at_worst)})


def _case(
    facts: PassengerFacts, candidate: Candidate, disruption: Disruption, seats: dict[str, int] | None = None
) -> Case:
    reprotection = reprotect(
        facts, candidate, not_before=disruption.reported_at + REBOOKING_LEAD, seats=seats
    )
    return Case(
        candidate=candidate,
        reprotection=reprotection,
        owed=owed(facts, candidate, reprotection, disruption),
    )


def _known(facts: PassengerFacts, tail: Aircraft | None) -> int:
    return 1 + bool(facts.bookings) + bool(facts.passengers) + bool(facts.airports) + (tail is not None)


def _verdict(expected: ExpectedDeparture, planned: Case) -> Verdict:
    hit = expected.delay > _ZERO or expected.open or planned.reprotection.needing
    return Verdict.CONSTRAINED if hit else Verdict.CLEAR


def _advice(facts: PassengerFacts) -> tuple[Constraint, ...]:
    """Return until when nobody with special needs misses a connection."""
    limits = [
        (latest, connection)
        for connection in facts.connections.connections
        if (latest := connection.latest_on_block) is not None
        and latest >= facts.flight.sta
        and set(facts.ssrs(connection.booking)) & set(SPECIAL_NEEDS)
    ]
    if not limits:
        return ()
    first, tightest = min(limits, key=lambda one: (one[0], one[1].booking.segment_passenger))
    passenger = tightest.booking.passenger_id
    at = first - facts.flight.block
    return (
        Constraint(
            kind=ConstraintKind.LATEST_OFF_BLOCK,
            subject=Subject(kind=SubjectKind.FLIGHT, key=facts.flight.flight_id),
            text=f"Leaving by {instant_text(at)} lets every passenger with special needs connect.",
            binding=False,
            at=at,
            evidence=(
                Evidence(
                    table="Passengers",
                    key=passenger,
                    field="ssrs",
                    value=", ".join(facts.ssrs(tightest.booking)),
                ),
                *tightest.evidence,
            ),
        ),
    )


def _options(flight: Flight, case: Case, *, needed: bool) -> tuple[Option, ...]:
    """Return the flights that carry those who need one, or would carry them if it were cancelled."""
    taken: dict[str, list[Alternative]] = {}
    for outcome in case.reprotection.outcomes:
        for alternative in outcome.on:
            taken.setdefault(alternative.flight_id, []).append(alternative)
    why = "at the expected delay" if needed else "if the flight is cancelled"
    options = [_option(flight, seats[0], len(seats), why) for seats in taken.values()]
    return tuple(sorted(options, key=lambda one: (one.available_from or flight.std, one.key)))


def _option(flight: Flight, on: Alternative, seats: int, why: str) -> Option:
    return Option(
        kind=OptionKind.REPROTECTION,
        key=on.flight_id,
        replaces=flight.flight_id,
        usable=True,
        available_from=on.departs,
        quantity=seats,
        reasons=(f"{on.origin}-{on.destination} by {on.carrier}, arrives {instant_text(on.arrives)}; {why}",),
        evidence=(
            Evidence(
                table="Flights" if on.own else "PartnerFlights",
                key=on.flight_id,
                field="seats_sold" if on.own else "seats_available",
                value=", ".join(f"{free} free in {cabin}" for cabin, free in on.seats.items()),
            ),
        ),
    )


def _notes(facts: PassengerFacts, planned: Case, without: Case) -> tuple[str, ...]:
    notes = [] if planned.owed.cause is None else [planned.owed.cause.text]
    notes += [
        f"{due.regime}: {counted(due.passengers, 'passenger')}, {due.likely:,.0f} {due.currency} "
        f"({due.low:,.0f} to {due.high:,.0f}); {due.basis}."
        for due in planned.owed.compensation
    ]
    for due in planned.owed.compensation or without.owed.compensation:
        if due.regime == UNHELD:
            continue
        caveat = "" if due.verified else "; not all of it was read at its source"
        notes.append(f"{due.regime} rests on {', '.join(due.articles)}{caveat}.")
    lost = [
        outcome for outcome in planned.reprotection.outcomes if outcome.needs_reprotection and not outcome.on
    ]
    if lost:
        notes.append(f"No seat on any flight within two days for {counted(len(lost), 'passenger')}.")
    for outcome in planned.reprotection.outcomes:
        needs = sorted(set(facts.ssrs(outcome.booking)) & set(SPECIAL_NEEDS))
        if outcome.needs_reprotection and needs:
            way = (
                f"on {', '.join(alternative.flight_id for alternative in outcome.on)}"
                if outcome.on
                else "with no other flight found"
            )
            notes.append(f"{outcome.booking.passenger_id} ({', '.join(needs)}) needs another journey: {way}.")
    moved = without.reprotection
    notes.append(
        f"If cancelled: {moved.reprotected} of {moved.needing} have a seat elsewhere, "
        f"{moved.needing - moved.reprotected} have none; {counted(without.owed.hotel_nights, 'hotel night')}."
    )
    return tuple(notes)


def _margin(facts: PassengerFacts, expected: ExpectedDeparture) -> float | None:
    on_block = expected.off_block + facts.flight.block
    slacks = [
        clock_share(latest - on_block)
        for connection in facts.connections.connections
        if (latest := connection.latest_on_block) is not None
    ]
    return min(slacks, key=abs, default=None)


def _recommendation(flight: Flight, expected: ExpectedDeparture, facts: PassengerFacts, planned: Case) -> str:
    if not facts.bookings:
        return f"No passengers are booked on {flight.flight_id}."
    needing = planned.reprotection.needing
    if expected.delay == _ZERO and not needing:
        if len(facts.bookings) == 1:
            return f"The one passenger of {flight.flight_id} travels as booked."
        return f"All {len(facts.bookings)} passengers of {flight.flight_id} travel as booked."
    parts = [f"{counted(len(facts.bookings), 'passenger')} {agreeing(len(facts.bookings), 'is', 'are')} hit"]
    if needing:
        found = planned.reprotection.reprotected
        parts.append(f"{needing} {agreeing(needing, 'needs', 'need')} another journey (found for {found})")
    parts += [
        f"{due.likely:,.0f} {due.currency} fall due under {due.regime}"
        for due in planned.owed.compensation
        if due.likely
    ]
    care = []
    if planned.owed.meals:
        care.append(counted(planned.owed.meals, "meal"))
    if planned.owed.hotel_nights:
        care.append(counted(planned.owed.hotel_nights, "hotel night"))
    tail = f" Provide {listed(care)}." if care else ""
    return f"At {duration_text(expected.delay)} delay {listed(parts)}.{tail}"
