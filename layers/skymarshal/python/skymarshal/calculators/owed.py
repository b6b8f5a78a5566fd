"""What the airline owes the passengers of a disrupted flight: care, compensation, refunds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from skymarshal.calculators.passengers import PassengerFacts, Route
from skymarshal.calculators.reprotection import PassengerOutcome, Reprotection
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights import (
    Compensation,
    Regime,
    Reroute,
    RightsEvent,
    assess_cause,
    compensation,
    distance_band,
    downgrade_refund,
    hotel_nights,
    regime_terms,
    us_fare_refund,
)
from skymarshal.operations.records import Airport

__all__ = ["CAUSE_OF", "Due", "Owed", "owed"]

CAUSE_OF: Final = {
    DisruptionType.TECHNICAL: "technical",
    DisruptionType.CREW: "crew_illness",
    DisruptionType.WEATHER: "weather",
    DisruptionType.AIRPORT_CLOSURE: "airport_closure",
    DisruptionType.ATC: "atc_restriction",
    DisruptionType.SECURITY: "security",
    DisruptionType.BIRD_STRIKE: "bird_strike",
}
"""The cause that a type of disruption is by itself. For the others (a late inbound, a lost slot, a strike,
damage on the ground) it depends on what lies behind, and until the carrier proves otherwise it pays."""

MEAL_AFTER: Final = timedelta(hours=2)
"""From this wait on a passenger whose flight is cancelled or missed is fed."""

MEAL_EVERY: Final = timedelta(hours=5)
MEALS_WITHOUT_WAY: Final = 2
"""Meals of a passenger for whom no other flight was found, until the refund or the next plan."""

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An amount in the currency of its regime, summed over `passengers`.

    `low` and `high` differ where it is open whether it is due: whether the circumstances were
    extraordinary, whether the carrier makes the reduction it may make, or when a passenger arrives.
    """

    regime: str
    currency: str
    low: Decimal
    likely: Decimal
    high: Decimal
    passengers: int
    basis: str
    articles: tuple[str, ...] = ()
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Care, compensation and refunds under one candidate.

    Attributes:
        meals: meals and refreshments, one for each passenger and period of waiting.
        hotel_nights: nights in a hotel.
        compensation: fixed compensation by regime and currency.
        refunds: fares to be paid back by currency.
        refund_offers: how many may choose their money back instead of travelling.
        unknowns: what was missing.
    """

    meals: int = 0
    hotel_nights: int = 0
    compensation: tuple[Due, ...] = ()
    refunds: tuple[Due, ...] = ()
    refund_offers: int = 0
    unknowns: tuple[Unknown, ...] = ()


class _Claim(NamedTuple):
    """What passengers who are owed the same have in common."""

    route: Route
    event: RightsEvent
    arrival_delay: timedelta | None
    reroute: Reroute | None
    arrival_open: bool


@dataclass(slots=True)
class _Sum:
    """Amounts of one regime or currency as they are added up."""

    low: Decimal = _NOTHING
    likely: Decimal = _NOTHING
    high: Decimal = _NOTHING
    passengers: int = 0
    articles: dict[str, bool] = field(default_factory=dict)


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
    claims = Counter(_claim(facts, candidate, outcome) for outcome in reprotection.outcomes)
    meals, nights = _care(facts, reprotection.outcomes, unknowns)
    if candidate.diversion is not None:
        aboard = sum(not outcome.cancelled for outcome in reprotection.outcomes)
        meals += aboard * _meals(candidate.diversion.stop)
    offers, refunds = _refunds(facts, candidate, reprotection.outcomes)
    return Owed(
        meals=meals,
        hotel_nights=nights,
        compensation=_compensation(facts, claims, disruption, unknowns),
        refunds=refunds,
        refund_offers=offers,
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def _claim(facts: PassengerFacts, candidate: Candidate, outcome: PassengerOutcome) -> _Claim:
    booking = outcome.booking
    route = (booking.journey_origin, booking.final_destination)
    if not outcome.cancelled:
        return _Claim(route, "delay", outcome.delay, None, outcome.connection_unknown)
    event: RightsEvent = "denied_boarding" if candidate.operates else "cancellation"
    if outcome.arrival is None or outcome.departs is None:
        return _Claim(route, event, None, None, False)
    reroute = Reroute(
        departure_offset=outcome.departs - facts.flight.std,
        arrival_offset=outcome.arrival - booking.final_sta,
    )
    return _Claim(route, event, outcome.delay, reroute, False)


def _compensation(
    facts: PassengerFacts, claims: Counter[_Claim], disruption: Disruption, unknowns: list[Unknown]
) -> tuple[Due, ...]:
    day = facts.flight.std.date()
    notice = max(0, (facts.flight.std - disruption.reported_at).days)
    cause = CAUSE_OF.get(disruption.type)
    finding = None if cause is None else assess_cause(cause)
    sums: dict[Regime, _Sum] = {}
    for claim, passengers in claims.items():
        if claim.event == "delay" and claim.arrival_delay == timedelta(0):
            continue
        origin, destination = (facts.airports.get(code) for code in claim.route)
        distance = facts.distances_km.get(claim.route)
        if origin is None or destination is None or distance is None:
            unknowns += [
                Unknown(
                    table="Airports",
                    key=code,
                    field="eu",
                    why="whether and how much compensation is due on journeys there is unknown",
                )
                for code in claim.route
                if code not in facts.airports
            ]
            continue
        for regime in facts.regimes.get(claim.route, ()):
            result = compensation(
                regime,
                event=claim.event,
                distance_km=distance,
                intra=_inside(regime, origin) and _inside(regime, destination),
                on=day,
                extraordinary=False,
                arrival_delay=_latest(claim),
                notice_days=notice if claim.event == "cancellation" else None,
                reroute=claim.reroute,
            )
            excused = finding is not None and bool(finding.extraordinary) and claim.event != "denied_boarding"
            open_ = finding is None and claim.event != "denied_boarding"
            _add(sums.setdefault(regime, _Sum()), result, passengers, claim, excused=excused, open_=open_)
    cause_articles = () if finding is None else finding.articles
    basis = _basis(disruption, None if finding is None else finding.extraordinary)
    return tuple(
        Due(
            regime=regime,
            currency=regime_terms(regime, on=day).amounts["short"].currency,
            low=one.low,
            likely=one.likely,
            high=one.high,
            passengers=one.passengers,
            basis=basis,
            articles=(*one.articles, *(article.citation for article in cause_articles)),
            verified=all(one.articles.values())
            and all(article.status == "verified" for article in cause_articles),
        )
        for regime, one in sums.items()
        if one.passengers
    )


def _latest(claim: _Claim) -> timedelta | None:
    """Return the delay on arrival; who finds no way to travel arrives later than any threshold."""
    if claim.arrival_delay is None and claim.event == "delay":
        return timedelta.max
    return claim.arrival_delay


def _add(
    sum_: _Sum, result: Compensation, passengers: int, claim: _Claim, *, excused: bool, open_: bool
) -> None:
    if not result.due or result.amount is None:
        return
    amount, full = result.amount.amount * passengers, result.full.amount * passengers
    certain = not (excused or open_ or claim.arrival_open)
    sum_.low += amount if certain else _NOTHING
    sum_.likely += _NOTHING if excused or claim.arrival_open else amount
    sum_.high += full
    sum_.passengers += passengers
    for article in result.articles:
        sum_.articles[article.citation] = article.status == "verified"


def _basis(disruption: Disruption, extraordinary: bool | None) -> str:
    cause = disruption.type.replace("_", " ")
    if extraordinary is None:
        return f"{cause}: due unless the carrier proves extraordinary circumstances"
    if extraordinary:
        return f"{cause}: extraordinary, none due where all reasonable measures were taken"
    return f"{cause}: not extraordinary"


def _inside(regime: Regime, airport: Airport) -> bool:
    return airport.eu if regime == "EU261" else airport.uk


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
            nights += passengers * hotel_nights(since, departs, airport.zone).nights
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
    sums: dict[str, _Sum] = {}
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
            one = sums.setdefault(booking.currency, _Sum())
            one.low, one.likely, one.high = one.low + amount, one.likely + amount, one.high + amount
            one.passengers += 1
        if not (outcome.cancelled or (long_wait and regimes) or _american_refund(countries[route], outcome)):
            continue
        one = sums.setdefault(booking.currency, _Sum())
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
