"""What the airline owes the passengers of a disrupted flight: care, compensation, refunds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.dues import UNHELD, Due, claim_of, compensation_dues, due_names
from skymarshal.calculators.passengers import PassengerFacts, Route
from skymarshal.calculators.reprotection import PassengerOutcome, Reprotection
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.cause import CauseOfDisruption, find_cause
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights import (
    distance_band,
    downgrade_refund,
    nights_within,
    regime_terms,
    us_fare_refund,
)

__all__ = ["UNHELD", "Due", "Owed", "due_names", "owed"]

MEAL_AFTER: Final = timedelta(hours=2)
"""From this wait on a passenger whose flight is cancelled or missed is fed."""

MEAL_EVERY: Final = timedelta(hours=5)
MEALS_WITHOUT_WAY: Final = 2
"""Meals of a passenger for whom no other flight was found, until the refund or the next plan."""

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Care, compensation and refunds under one candidate.

    Attributes:
        meals: meals and refreshments, one for each passenger and period of waiting.
        hotel_nights: nights in a hotel.
        compensation: fixed compensation by regime and currency.
        refunds: fares to be paid back by currency.
        refund_offers: how many may choose their money back instead of travelling.
        cause: what caused it, and whether that is extraordinary; None where others' figures were taken over.
        unknowns: what was missing.
    """

    meals: int = 0
    hotel_nights: int = 0
    compensation: tuple[Due, ...] = ()
    refunds: tuple[Due, ...] = ()
    refund_offers: int = 0
    cause: CauseOfDisruption | None = None
    unknowns: tuple[Unknown, ...] = ()


@dataclass(slots=True)
class _Refunds:
    """Fares of one currency as they are added up."""

    low: Decimal = _NOTHING
    likely: Decimal = _NOTHING
    high: Decimal = _NOTHING
    passengers: int = 0


def owed(
    facts: PassengerFacts, candidate: Candidate, reprotection: Reprotection, disruption: Disruption
) -> Owed:
    """Return what falls due under `candidate` when passengers fare as in `reprotection`.

    Compensation is due on the journey as booked: scope and distance from the first departure to the
    final destination, the delay on arrival there. Care is given to everyone who waits, covered by a
    regime or not, from the waiting times of Regulation (EC) 261/2004 Article 6. Who finds no other
    flight is fed, and sleeps a night in a hotel unless the journey begins here.
    """
    unknowns: list[Unknown] = []
    cause = find_cause(disruption)
    claims = Counter(claim_of(facts, candidate, outcome) for outcome in reprotection.outcomes)
    meals, nights = _care(facts, reprotection.outcomes, unknowns)
    if candidate.diversion is not None:
        aboard = sum(not outcome.cancelled for outcome in reprotection.outcomes)
        meals += aboard * _meals(candidate.diversion.stop)
    offers, refunds = _refunds(facts, candidate, reprotection.outcomes)
    return Owed(
        meals=meals,
        hotel_nights=nights,
        compensation=compensation_dues(facts, claims, disruption, cause, unknowns),
        refunds=refunds,
        refund_offers=offers,
        cause=cause,
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def _care(
    facts: PassengerFacts, outcomes: Iterable[PassengerOutcome], unknowns: list[Unknown]
) -> tuple[int, int]:
    terms = regime_terms("EU261", on=facts.flight.std.date())
    band = distance_band(facts.flight.distance_km, intra=False)
    alike: Counter[tuple[str, datetime, datetime | None, bool]] = Counter()
    without_way, away = 0, 0
    for outcome in outcomes:
        if outcome.needs_reprotection and not outcome.on:
            without_way += 1
            away += outcome.waits_at != outcome.booking.journey_origin
            continue
        alike[outcome.waits_at, outcome.waits_from, outcome.departs, outcome.needs_reprotection] += 1
    meals, nights = without_way * MEALS_WITHOUT_WAY, away
    for (place, since, departs, moved), passengers in alike.items():
        threshold = MEAL_AFTER if moved else terms.care_threshold[band]
        if departs is None or departs - since < threshold:
            continue
        wait = departs - since
        meals += passengers * max(1, _meals(wait))
        airport = facts.airports.get(place)
        if airport is None:
            unknowns.append(
                Unknown(
                    table="Airports",
                    key=place,
                    field="zone",
                    why="without the local time it is unknown who needs a hotel",
                )
            )
        else:
            nights += passengers * nights_within(since, departs, airport.zone)
    return meals, nights


def _meals(wait: timedelta) -> int:
    """Return how often who waits so long on the way is fed."""
    return 0 if wait < MEAL_AFTER else 1 + (wait - MEAL_AFTER) // MEAL_EVERY


def _refunds(
    facts: PassengerFacts, candidate: Candidate, outcomes: Iterable[PassengerOutcome]
) -> tuple[int, tuple[Due, ...]]:
    """Return who may have the fare back, and what is paid back.

    Who has no other way to travel is likely to take it; whoever else may is counted at most.
    """
    day = facts.flight.std.date()
    late = timedelta(0) if candidate.off_block is None else candidate.off_block - facts.flight.std
    long_wait = late >= regime_terms("EU261", on=day).refund_threshold
    offers = 0
    countries: dict[Route, frozenset[str]] = {}
    sums: dict[str, _Refunds] = {}
    for outcome in outcomes:
        booking = outcome.booking
        route = (booking.journey_origin, booking.final_destination)
        regimes = facts.regimes.get(route, ())
        if route not in countries:
            countries[route] = _countries(facts, route)
        if outcome.downgraded and regimes:
            refund = downgrade_refund(
                regimes[0],
                distance_km=facts.flight.distance_km,
                intra=False,
                on=day,
                price=Money(booking.fare, booking.currency),
            ).refund
            amount = _NOTHING if refund is None else refund.amount
            one = sums.setdefault(booking.currency, _Refunds())
            one.low, one.likely, one.high = one.low + amount, one.likely + amount, one.high + amount
            one.passengers += 1
        if not (outcome.cancelled or (long_wait and regimes) or _american_refund(countries[route], outcome)):
            continue
        one = sums.setdefault(booking.currency, _Refunds())
        offers += 1
        one.high += booking.fare
        one.passengers += 1
        if outcome.cancelled and not outcome.on:
            one.low += booking.fare
            one.likely += booking.fare
    return offers, tuple(
        Due(
            regime="refund",
            currency=currency,
            low=one.low,
            likely=one.likely,
            high=one.high,
            passengers=one.passengers,
            basis="fares of those without another flight; at most of all who may choose a refund",
        )
        for currency, one in sorted(sums.items())
        if one.high
    )


def _american_refund(countries: frozenset[str], outcome: PassengerOutcome) -> bool:
    """Return whether 14 CFR Part 260 lets the passenger choose a refund."""
    return (
        "US" in countries
        and us_fare_refund(
            domestic=countries == {"US"}, arrival_later=outcome.delay or timedelta(0)
        ).refund_due
    )


def _countries(facts: PassengerFacts, route: Route) -> frozenset[str]:
    return frozenset(airport.country for code in route if (airport := facts.airports.get(code)) is not None)
