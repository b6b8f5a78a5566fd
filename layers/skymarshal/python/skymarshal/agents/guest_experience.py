"""Guest experience: who is hit, who misses a connection, who travels how, and what they are owed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.impacts import (
    AT_LEAST,
    AT_MOST,
    COMPENSATION,
    CONNECTIONS,
    DELAY_STEPS,
    HOTEL_NIGHTS,
    IF_CANCELLED,
    LONGEST_DELAY,
    MEALS,
    MISSED_CONNECTIONS,
    PARTNER_SEAT_KM,
    REBOOKED,
    REFUNDS,
    as_delayed,
    cancelled,
    count,
    step_curve,
)
from skymarshal.agents.wording import duration_text, instant_text, listed, minutes
from skymarshal.calculators.connections import missed_by_delay
from skymarshal.calculators.cost_drivers import rebooking_of
from skymarshal.calculators.impact import REBOOKING_LEAD
from skymarshal.calculators.owed import Due, Owed, owed
from skymarshal.calculators.passengers import CABINS, Alternative, PassengerFacts, load_passenger_facts
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Curve,
    Evidence,
    Figure,
    Option,
    OptionKind,
    Subject,
    SubjectKind,
    Verdict,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Bag, Flight

__all__ = ["guest_experience"]

SPECIAL_NEEDS: Final = ("UMNR", "MEDA", "WCHR")
TIERS: Final = ("platinum", "gold", "silver", "none", "unknown")
_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What becomes of everyone, and what that makes due."""

    candidate: Candidate
    reprotection: Reprotection
    owed: Owed


def guest_experience(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return who is hit at the expected delay, how they travel on and what they are owed."""
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.GUEST_EXPERIENCE, request)
    expected = expected_departure(request, flight)
    facts, bags, tail = operations.gather(
        lambda: load_passenger_facts(operations, flight),
        lambda: operations.bags_of_flight(flight.flight_id),
        lambda: operations.aircraft(expected.registration),
    )
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
            *_people(facts),
            *_situation(facts, planned, worst),
            *_prefixed(_totals(facts, (without,))),
            _bags(bags, planned),
        ),
        curves=(missed_by_delay(facts.connections), *_curves(facts, steps)),
        options=_options(flight, planned if needing else without, needed=bool(needing)),
        unknowns=tuple(dict.fromkeys((*facts.unknowns, *planned.owed.unknowns))),
        notes=_notes(facts, planned, without),
        margin=_margin(facts, expected),
        taken_over=expected.taken_over,
    )


def _steps(facts: PassengerFacts, expected: ExpectedDeparture) -> list[int]:
    """Return the delays that the curves are computed at."""
    breaks = {minute for minute, _ in missed_by_delay(facts.connections).points if minute <= LONGEST_DELAY}
    return sorted({*DELAY_STEPS, *breaks, minutes(expected.delay), minutes(expected.delay_at_worst)})


def _case(
    facts: PassengerFacts, candidate: Candidate, disruption: Disruption, seats: dict[str, int] | None = None
) -> _Case:
    reprotection = reprotect(
        facts, candidate, not_before=disruption.reported_at + REBOOKING_LEAD, seats=seats
    )
    return _Case(
        candidate=candidate,
        reprotection=reprotection,
        owed=owed(facts, candidate, reprotection, disruption),
    )


def _known(facts: PassengerFacts, tail: Aircraft | None) -> int:
    return 1 + bool(facts.bookings) + bool(facts.passengers) + bool(facts.airports) + (tail is not None)


def _verdict(expected: ExpectedDeparture, planned: _Case) -> Verdict:
    hit = expected.delay > _ZERO or expected.open or planned.reprotection.needing
    return Verdict.CONSTRAINED if hit else Verdict.CLEAR


def _people(facts: PassengerFacts) -> list[Figure]:
    tiers = Counter(facts.tier(booking) for booking in facts.bookings)
    needs = Counter(ssr for booking in facts.bookings for ssr in facts.ssrs(booking))
    cabins = Counter(booking.cabin for booking in facts.bookings)
    return [
        count("passengers", "passengers", [len(facts.bookings)], "booked on the flight"),
        *(count(f"cabin {cabin}", "passengers", [cabins[cabin]]) for cabin in CABINS if cabins[cabin]),
        *(count(f"tier {tier}", "passengers", [tiers[tier]]) for tier in TIERS if tiers[tier]),
        *(count(f"SSR {ssr}", "passengers", [needs[ssr]]) for ssr in SPECIAL_NEEDS),
    ]


def _situation(facts: PassengerFacts, planned: _Case, worst: _Case) -> list[Figure]:
    unknown = sum(outcome.connection_unknown for outcome in planned.reprotection.outcomes)
    missed = [
        sum(outcome.misconnected is not None for outcome in case.reprotection.outcomes)
        for case in (planned, worst)
    ]
    return [
        count(CONNECTIONS, "passengers", [len(facts.connections.connections)]),
        Figure(
            name=MISSED_CONNECTIONS,
            unit="passengers",
            likely=None if unknown else Decimal(missed[0]),
            low=Decimal(missed[0]),
            high=Decimal(max(missed) + unknown),
            basis="minimum connection time at the expected arrival",
        ),
        *_totals(facts, (planned, worst)),
    ]


def _totals(facts: PassengerFacts, cases: tuple[_Case, ...]) -> list[Figure]:
    """Return the figures of (likely, at worst), or of one case alone."""
    mean = [case.reprotection.mean_delay for case in cases]
    figures = [
        count("needing_reprotection", "passengers", [case.reprotection.needing for case in cases]),
        count("reprotected", "passengers", [case.reprotection.reprotected for case in cases]),
        count(REBOOKED, "passengers", [case.reprotection.reprotected for case in cases]),
        count(
            "mean_delay_at_final_destination",
            "min",
            [None if delay is None else minutes(delay) for delay in mean],
            "of those whose arrival is known",
        ),
        count(MEALS, "meals", [case.owed.meals for case in cases]),
        count(HOTEL_NIGHTS, "nights", [case.owed.hotel_nights for case in cases]),
        count("refund_offers", "passengers", [case.owed.refund_offers for case in cases]),
    ]
    kilometres = [rebooking_of(case.reprotection, facts.distances_km).partner_seat_km for case in cases]
    figures += [
        count(f"{PARTNER_SEAT_KM} {cabin}", "km", [km.get(cabin, Decimal(0)) for km in kilometres])
        for cabin in CABINS
        if any(cabin in km for km in kilometres)
    ]
    dues = {(due.regime, due.currency): due for case in cases for due in case.owed.compensation}
    for (regime, currency), due in sorted(dues.items()):
        found = [
            next(
                (one for one in case.owed.compensation if (one.regime, one.currency) == (regime, currency)),
                None,
            )
            for case in cases
        ]
        figures.append(
            Figure(
                name=f"{COMPENSATION} {regime}",
                unit=currency,
                likely=Decimal(0) if found[0] is None else found[0].likely,
                low=min(Decimal(0) if one is None else one.low for one in found),
                high=max(Decimal(0) if one is None else one.high for one in found),
                basis=due.basis,
            )
        )
    for refund in cases[0].owed.refunds:
        figures.append(
            Figure(
                name=f"{REFUNDS} {refund.currency}",
                unit=refund.currency,
                likely=refund.likely,
                low=refund.low,
                high=refund.high,
                basis=refund.basis,
            )
        )
    return figures


def _prefixed(figures: Iterable[Figure]) -> list[Figure]:
    return [
        Figure(
            name=f"{IF_CANCELLED} {figure.name}",
            unit=figure.unit,
            likely=figure.likely,
            low=figure.low,
            high=figure.high,
            basis=figure.basis,
        )
        for figure in figures
    ]


def _bags(bags: list[Bag], planned: _Case) -> Figure:
    moved = {outcome.booking.pnr for outcome in planned.reprotection.outcomes if outcome.needs_reprotection}
    return count(
        "bags_to_reroute",
        "bags",
        [sum(bag.pnr in moved for bag in bags)],
        "of passengers who need another journey",
    )


def _curves(facts: PassengerFacts, steps: list[tuple[int, _Case]]) -> list[Curve]:
    curves = [
        step_curve(
            REBOOKED,
            "passengers",
            ((minute, Decimal(case.reprotection.reprotected)) for minute, case in steps),
        ),
        step_curve(MEALS, "meals", ((minute, Decimal(case.owed.meals)) for minute, case in steps)),
        step_curve(
            HOTEL_NIGHTS, "nights", ((minute, Decimal(case.owed.hotel_nights)) for minute, case in steps)
        ),
    ]
    curves += _due_curves(f"{COMPENSATION} ", [(minute, case.owed.compensation) for minute, case in steps])
    curves += _due_curves(f"{REFUNDS} ", [(minute, case.owed.refunds) for minute, case in steps])
    by_step = [
        (minute, rebooking_of(case.reprotection, facts.distances_km).partner_seat_km)
        for minute, case in steps
    ]
    for cabin in CABINS:
        if any(cabin in km for _, km in by_step):
            values = [(minute, km.get(cabin, Decimal(0))) for minute, km in by_step]
            curves.append(step_curve(f"{PARTNER_SEAT_KM} {cabin}", "km", values))
    return curves


def _due_curves(prefix: str, steps: list[tuple[int, tuple[Due, ...]]]) -> list[Curve]:
    """Return three curves for each regime or currency: the likely amount, the least and the most."""
    keys = sorted({(due.regime, due.currency) for _, dues in steps for due in dues})
    curves: list[Curve] = []
    for regime, currency in keys:
        name = f"{prefix}{regime if prefix.startswith(COMPENSATION) else currency}"
        bounds: list[tuple[Decimal, Decimal, Decimal]] = []
        for _, dues in steps:
            due = next((one for one in dues if (one.regime, one.currency) == (regime, currency)), None)
            nothing = Decimal(0)
            bounds.append((nothing,) * 3 if due is None else (due.likely, due.low, due.high))
        minutes_ = [minute for minute, _ in steps]
        curves += [
            step_curve(f"{name}{suffix}", currency, zip(minutes_, values, strict=True))
            for suffix, values in zip(("", AT_LEAST, AT_MOST), zip(*bounds, strict=True), strict=True)
        ]
    return curves


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


def _options(flight: Flight, case: _Case, *, needed: bool) -> tuple[Option, ...]:
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


def _notes(facts: PassengerFacts, planned: _Case, without: _Case) -> tuple[str, ...]:
    notes = [
        f"{due.regime}: {due.passengers} passengers, {due.likely:,.0f} {due.currency} "
        f"({due.low:,.0f} to {due.high:,.0f}); {due.basis}."
        for due in planned.owed.compensation
    ]
    lost = [
        outcome for outcome in planned.reprotection.outcomes if outcome.needs_reprotection and not outcome.on
    ]
    if lost:
        notes.append(f"{len(lost)} passengers have no seat on any flight within two days.")
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
        f"{moved.needing - moved.reprotected} have none; {without.owed.hotel_nights} hotel nights."
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


def _recommendation(
    flight: Flight, expected: ExpectedDeparture, facts: PassengerFacts, planned: _Case
) -> str:
    needing = planned.reprotection.needing
    if expected.delay == _ZERO and not needing:
        return f"All {len(facts.bookings)} passengers of {flight.flight_id} travel as booked."
    parts = [f"{len(facts.bookings)} passengers are hit"]
    if needing:
        parts.append(f"{needing} need another journey ({planned.reprotection.reprotected} have one)")
    parts += [
        f"{due.likely:,.0f} {due.currency} fall due under {due.regime}"
        for due in planned.owed.compensation
        if due.likely
    ]
    care = []
    if planned.owed.meals:
        care.append(f"{planned.owed.meals} meals")
    if planned.owed.hotel_nights:
        care.append(f"{planned.owed.hotel_nights} hotel nights")
    tail = f" Provide {listed(care)}." if care else ""
    return f"At {duration_text(expected.delay)} delay {listed(parts)}.{tail}"
