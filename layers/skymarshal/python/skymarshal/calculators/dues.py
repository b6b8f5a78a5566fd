"""Fixed compensation of everyone on a flight, by the regimes and national laws that cover their journeys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from skymarshal.calculators.passengers import REGIME_NAMES, PassengerFacts, Route
from skymarshal.calculators.reprotection import PassengerOutcome
from skymarshal.domain.articles import Article
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.cause import CauseOfDisruption
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights import (
    MOST_WHERE_UNHELD,
    NATIONAL_LAWS,
    NationalLaw,
    Regime,
    Reroute,
    RightsEvent,
    compensation,
    laws_of,
    national_compensation,
    state_without_law,
)
from skymarshal.operations.records import Airport

__all__ = ["UNHELD", "Claim", "Due", "claim_of", "compensation_dues", "due_names"]

UNHELD: Final = "law not held"
"""The name under which what a law may grant is priced where that law is not held."""

_UNHELD_AFTER: Final = timedelta(hours=2)
"""From this delay on a law that is not held may grant something; those that are held begin at 3 h."""

_SHARE_OF_FARE: Final = "GACA"
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An amount in the currency of its regime, summed over `passengers`.

    `low` and `high` differ where it is open whether it is due: whether the circumstances were
    extraordinary, whether the carrier makes the reduction it may make, or when a passenger arrives.
    Where the law is not held, `likely` is the middle of the range.
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


class Claim(NamedTuple):
    """What passengers who are owed the same have in common.

    `fare` is set only where a law grants a share of it.
    """

    route: Route
    event: RightsEvent
    arrival_delay: timedelta | None
    reroute: Reroute | None
    arrival_open: bool
    fare: Money | None = None


@dataclass(slots=True)
class _Sum:
    """Amounts of one regime and currency as they are added up."""

    currency: str
    low: Decimal = _NOTHING
    likely: Decimal = _NOTHING
    high: Decimal = _NOTHING
    passengers: int = 0
    articles: dict[str, bool] = field(default_factory=dict)
    basis: str | None = None

    def add(
        self, amounts: tuple[Decimal, Decimal, Decimal], passengers: int, articles: Iterable[Article]
    ) -> None:
        self.low += amounts[0] * passengers
        self.likely += amounts[1] * passengers
        self.high += amounts[2] * passengers
        self.passengers += passengers
        for article in articles:
            self.articles[article.citation] = article.status == "verified"


def due_names(currencies: Iterable[str]) -> tuple[str, ...]:
    """Return every name that compensation may fall due under, for tickets paid in `currencies`."""
    shares = (f"{_SHARE_OF_FARE} {currency}" for currency in currencies)
    return (*REGIME_NAMES, *dict.fromkeys(law.code for law in NATIONAL_LAWS), *shares, UNHELD)


def claim_of(facts: PassengerFacts, candidate: Candidate, outcome: PassengerOutcome) -> Claim:
    """Return what a passenger may claim; who is left behind by a flight that operates is denied boarding."""
    booking = outcome.booking
    route = (booking.journey_origin, booking.final_destination)
    if not outcome.cancelled:
        return Claim(route, "delay", outcome.delay, None, outcome.connection_unknown)
    event: RightsEvent = "denied_boarding" if candidate.operates else "cancellation"
    origin = facts.airports.get(booking.journey_origin)
    fare = None
    if origin is not None and origin.country == "SA":
        fare = Money(booking.fare, booking.currency)
    if outcome.arrival is None or outcome.departs is None:
        return Claim(route, event, None, None, False, fare)
    reroute = Reroute(
        departure_offset=outcome.departs - facts.flight.std,
        arrival_offset=outcome.arrival - booking.final_sta,
    )
    return Claim(route, event, outcome.delay, reroute, False, fare)


def compensation_dues(
    facts: PassengerFacts,
    claims: Counter[Claim],
    disruption: Disruption,
    cause: CauseOfDisruption,
    unknowns: list[Unknown],
) -> tuple[Due, ...]:
    """Return what falls due under each regime, and note what is missing among `unknowns`."""
    day = facts.flight.std.date()
    notice = max(0, (facts.flight.std - disruption.reported_at).days)
    sums: dict[str, _Sum] = {}
    unheld: dict[str, None] = {}
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
            _add(sums, regime, claim, passengers, (origin, destination), distance, day, notice, cause)
        for law in laws_of(origin.country, destination.country, on=day):
            _add_national(sums, law, claim, passengers, distance, facts, notice, cause)
        if state_without_law(origin.country, on=day, eu_or_uk=origin.eu or origin.uk) and _may_grant(claim):
            unheld[origin.country] = None
            sum_ = sums.setdefault(UNHELD, _Sum(MOST_WHERE_UNHELD.currency))
            most = MOST_WHERE_UNHELD.amount
            sum_.add((_NOTHING, most / 2, most), passengers, ())
    unknowns += [
        Unknown(
            table="passenger rights",
            key=country,
            field="law",
            why="the law of the place of departure is not held, so what it grants is priced as a range",
        )
        for country in sorted(unheld)
    ]
    if not (cause.excuses or cause.due) and any(one.high > one.low for one in sums.values()):
        unknowns.append(
            Unknown(
                table="event",
                key=disruption.disruption_id,
                field="details.cause",
                why="whether the cause is extraordinary is open, so compensation is a range",
            )
        )
    return tuple(_due(name, one, cause, unheld) for name, one in sums.items() if one.passengers)


def _due(name: str, sum_: _Sum, cause: CauseOfDisruption, unheld: Iterable[str]) -> Due:
    if name == UNHELD:
        return Due(
            regime=name,
            currency=sum_.currency,
            low=sum_.low,
            likely=sum_.likely,
            high=sum_.high,
            passengers=sum_.passengers,
            basis=f"no law held for departures from {', '.join(sorted(unheld))}: "
            f"nothing to {MOST_WHERE_UNHELD} each, counted at half",
            verified=False,
        )
    national = name not in REGIME_NAMES
    cited = () if national else cause.articles
    return Due(
        regime=name,
        currency=sum_.currency,
        low=sum_.low,
        likely=sum_.likely,
        high=sum_.high,
        passengers=sum_.passengers,
        basis=_basis(cause) if sum_.basis is None else f"{_named(cause)}: {sum_.basis}",
        articles=(*sum_.articles, *(article.citation for article in cited)),
        verified=all(sum_.articles.values()) and all(article.status == "verified" for article in cited),
    )


def _add(
    sums: dict[str, _Sum],
    regime: Regime,
    claim: Claim,
    passengers: int,
    ends: tuple[Airport, Airport],
    distance_km: float,
    day: date,
    notice: int,
    cause: CauseOfDisruption,
) -> None:
    result = compensation(
        regime,
        event=claim.event,
        distance_km=distance_km,
        intra=all(end.eu if regime == "EU261" else end.uk for end in ends),
        on=day,
        extraordinary=False,
        arrival_delay=_latest(claim),
        notice_days=notice if claim.event == "cancellation" else None,
        reroute=claim.reroute,
    )
    if not result.due or result.amount is None:
        return
    denied = claim.event == "denied_boarding"
    excused = cause.excuses and not denied
    certain = (cause.due or denied) and not claim.arrival_open
    amount = result.amount.amount
    low = amount if certain else _NOTHING
    likely = _NOTHING if excused or claim.arrival_open else amount
    sum_ = sums.setdefault(regime, _Sum(result.full.currency))
    sum_.add((low, likely, result.full.amount), passengers, result.articles)


def _add_national(
    sums: dict[str, _Sum],
    law: NationalLaw,
    claim: Claim,
    passengers: int,
    distance_km: float,
    facts: PassengerFacts,
    notice: int,
    cause: CauseOfDisruption,
) -> None:
    result = national_compensation(
        law.code,
        event=claim.event,
        distance_km=distance_km,
        on=facts.flight.std.date(),
        arrival_delay=timedelta.max if claim.arrival_delay is None else claim.arrival_delay,
        cause=cause.code,
        extraordinary=True if cause.excuses else False if cause.due else None,
        notice_days=notice,
        reroute=claim.reroute,
        smaller_aircraft=True,
        fare=claim.fare,
        block=facts.flight.block,
    )
    if not result.high.amount:
        return
    low, likely, high = result.low.amount, result.likely.amount, result.high.amount
    if claim.arrival_open:
        low = likely = _NOTHING
    name = law.code if result.high.currency == law.currency else f"{law.code} {result.high.currency}"
    sum_ = sums.setdefault(name, _Sum(result.high.currency))
    sum_.basis = result.reason
    sum_.add((low, likely, high), passengers, result.articles)


def _may_grant(claim: Claim) -> bool:
    """Return whether a law that is not held may grant something."""
    late = claim.arrival_delay
    return claim.event != "delay" or late is None or late >= _UNHELD_AFTER


def _latest(claim: Claim) -> timedelta | None:
    """Return the delay on arrival; who finds no way to travel arrives later than any threshold."""
    if claim.arrival_delay is None and claim.event == "delay":
        return timedelta.max
    return claim.arrival_delay


def _named(cause: CauseOfDisruption) -> str:
    return "cause unknown" if cause.code is None else cause.code.replace("_", " ")


def _basis(cause: CauseOfDisruption) -> str:
    if cause.excuses:
        return f"{_named(cause)}: extraordinary, none due where all reasonable measures were taken"
    if cause.due:
        return f"{_named(cause)}: not extraordinary"
    return f"{_named(cause)}: due unless the carrier proves extraordinary circumstances"
