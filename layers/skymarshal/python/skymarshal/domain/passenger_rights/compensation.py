"""Compensation under EU261 and UK261: Art 4, 5, 7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights.regimes import (
    DistanceBand,
    Regime,
    RegimeTerms,
    distance_band,
    regime_terms,
)
from skymarshal.domain.times import HOUR, ZERO, format_duration, require_non_negative

__all__ = ["Compensation", "Reroute", "RightsEvent", "compensation"]

RightsEvent = Literal["delay", "cancellation", "denied_boarding", "brought_forward"]

_TWO_WEEKS: Final = 14
_ONE_WEEK: Final = 7
_HALF: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute:
    """The rerouting offered, against the schedule: negative departs or arrives earlier."""

    departure_offset: timedelta
    arrival_offset: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation(RuleResult):
    """Compensation of one passenger.

    Attributes:
        due: None if it cannot be told.
        amount: What is owed once the carrier makes the reduction it may make; zero if none is due.
        full: Without the reduction.
        reduced: With it.
        amount_eur: `amount` in the euro of the EU regulation.
        reduction_applies: Whether the reduction may be made.
        band: Distance band.
        reason: Why nothing is due.
        payer: Who owes it.
    """

    due: bool | None
    amount: Money | None
    full: Money
    reduced: Money
    amount_eur: Money | None
    reduction_applies: bool
    band: DistanceBand
    reason: str | None
    payer: str = "operating carrier"


def compensation(
    regime: Regime,
    *,
    event: RightsEvent,
    distance_km: float,
    intra: bool,
    on: date,
    in_scope: bool | None = True,
    extraordinary: bool | None = None,
    arrival_delay: timedelta | None = None,
    notice_days: int | None = None,
    reroute: Reroute | None = None,
    brought_forward: timedelta | None = None,
    reasonable_measures: bool | None = None,
    extraordinary_part: timedelta | None = None,
) -> Compensation:
    """Return the compensation a passenger is owed.

    Args:
        regime: EU261 or UK261.
        event: What happened; a flight brought forward by more than an hour counts as cancelled.
        distance_km: Great circle from first departure to final destination.
        intra: Whether both lie inside the regime's territory.
        on: Day of the flight.
        in_scope: From `check_scope`.
        extraordinary: Whether the cause is extraordinary; unless the carrier proves it, it is not.
        arrival_delay: At the final destination, when a door opens; for a delay.
        notice_days: Days before departure on which the passenger was told of the cancellation; None if the
            carrier cannot prove that, which counts as none.
        reroute: The rerouting offered; None if there was none.
        brought_forward: By how much the flight was brought forward; for that event. Without another
            rerouting the flight brought forward is the one offered.
        reasonable_measures: Whether all reasonable measures were taken; if not, extraordinary circumstances
            excuse nothing. None takes them as taken and says that they are unknown.
        extraordinary_part: How much of the arrival delay is due to extraordinary circumstances, where the
            rest is not; for a delay. It then decides instead of `extraordinary`.

    Raises:
        UnknownCodeError: If the regime or the event is not in its list.
        OutOfRangeError: If a number is negative or the regime was not in force.
        NegativeDurationError: If `brought_forward` or `extraordinary_part` is negative.
    """
    if event not in get_args(RightsEvent):
        raise UnknownCodeError("event", event, (*get_args(RightsEvent), "downgrade"))
    if notice_days is not None and notice_days < 0:
        raise OutOfRangeError("notice_days", notice_days, "zero or more")
    if brought_forward is not None:
        require_non_negative("brought_forward", brought_forward)
        if event == "brought_forward" and reroute is None:
            reroute = Reroute(departure_offset=-brought_forward, arrival_offset=-brought_forward)
    if extraordinary_part is not None:
        require_non_negative("extraordinary_part", extraordinary_part)
        if event != "delay":
            raise OutOfRangeError(
                "extraordinary_part", extraordinary_part, "left out unless the event is a delay"
            )
        if arrival_delay is not None and extraordinary_part > max(arrival_delay, ZERO):
            raise OutOfRangeError("extraordinary_part", extraordinary_part, "at most the delay on arrival")
    terms = regime_terms(regime, on=on)
    band = distance_band(distance_km, intra=intra)
    facts = _Facts(
        event=event,
        in_scope=in_scope,
        extraordinary=extraordinary,
        reasonable_measures=reasonable_measures,
        arrival_delay=arrival_delay,
        extraordinary_part=extraordinary_part,
        notice_days=notice_days,
        reroute=reroute,
        brought_forward=brought_forward,
    )
    due, reason, articles, missing = _entitlement(terms, facts)
    reduces, reduction_article = _reduction(terms, event, band, arrival_delay, reroute)
    full = terms.amounts[band]
    factor = _HALF if reduces else Decimal(1)
    amount = None if due is None else full * (factor if due else Decimal(0))
    if due and reduces:
        articles = (*articles, reduction_article)
    return Compensation(
        due=due,
        amount=amount,
        full=full,
        reduced=full * _HALF,
        amount_eur=None if due is None else terms.amounts_eur[band] * (factor if due else Decimal(0)),
        reduction_applies=bool(due) and reduces,
        band=band,
        reason=reason,
        articles=(*articles, terms.articles["amounts"], terms.articles["distance"], terms.articles["payer"]),
        inputs={
            "regime": regime,
            "event": event,
            "distance_km": distance_km,
            "intra": intra,
            "on": on,
            "in_scope": in_scope,
            "extraordinary": extraordinary,
            "arrival_delay": arrival_delay,
            "notice_days": notice_days,
            "reroute": reroute,
            "brought_forward": brought_forward,
            "reasonable_measures": reasonable_measures,
            "extraordinary_part": extraordinary_part,
        },
        working=(
            f"{distance_km:.0f} km{' inside the territory' if intra else ''}: {band} band, {full}",
            f"{event.replace('_', ' ')}: " + _outcome(due, reduces, reason),
        ),
        unknowns=missing,
    )


def _outcome(due: bool | None, reduces: bool, reason: str | None) -> str:
    if due is None:
        return "unknown"
    if not due:
        return f"none, {reason}"
    return "due, halved" if reduces else "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What `compensation` was told."""

    event: RightsEvent
    in_scope: bool | None
    extraordinary: bool | None
    reasonable_measures: bool | None
    arrival_delay: timedelta | None
    extraordinary_part: timedelta | None
    notice_days: int | None
    reroute: Reroute | None
    brought_forward: timedelta | None


def _entitlement(
    terms: RegimeTerms, facts: _Facts
) -> tuple[bool | None, str | None, tuple[Article, ...], tuple[str, ...]]:
    """Return whether compensation is due, why not, the articles and what is missing."""
    articles = terms.articles
    if facts.in_scope is False:
        return False, "not in scope", (articles["scope"], articles["scope_return"]), ()
    missing = ["in_scope"] if facts.in_scope is None else []
    if facts.event == "denied_boarding":
        return (None if missing else True), None, (articles["denied_boarding"],), tuple(missing)
    used: tuple[Article, ...] = ()
    if facts.event == "brought_forward":
        used = (articles["brought_forward"],)
        if facts.brought_forward is None:
            return None, None, used, (*missing, "brought_forward")
        if facts.brought_forward <= HOUR:
            return False, "brought forward by 1 h or less", used, ()
    if facts.extraordinary and facts.extraordinary_part is None:
        used = (*used, articles["extraordinary"], articles["reasonable_measures"])
        if facts.reasonable_measures is not False:
            unproven = () if facts.reasonable_measures else ("reasonable_measures",)
            return False, "extraordinary circumstances", used, unproven
    if facts.event == "delay":
        used = (*used, articles["delay"], articles["arrival"])
        if facts.arrival_delay is None:
            return None, None, used, (*missing, "arrival_delay")
        counted = facts.arrival_delay
        if facts.extraordinary_part is not None and facts.reasonable_measures is not False:
            counted -= facts.extraordinary_part
            used = (*used, articles["partly_extraordinary"])
        if counted < terms.delay_threshold:
            short = f"{format_duration(counted)} is below {format_duration(terms.delay_threshold)}"
            return False, short, used, ()
    else:
        used = (*used, articles["cancellation"])
        reason = _notice_exempts(facts.notice_days, facts.reroute)
        if reason is not None:
            return False, reason, used, ()
        if facts.notice_days is None:
            used = (*used, articles["notice_proof"])
    return (None if missing else True), None, used, tuple(missing)


def _notice_exempts(notice_days: int | None, reroute: Reroute | None) -> str | None:
    """Return why notice of a cancellation rules compensation out, or None if it does not: Art 5(1)(c)."""
    notice = 0 if notice_days is None else notice_days
    if notice >= _TWO_WEEKS:
        return "told at least two weeks before"
    if reroute is None:
        return None
    before, after = (HOUR * 2, HOUR * 4) if notice >= _ONE_WEEK else (HOUR, HOUR * 2)
    if -reroute.departure_offset <= before and reroute.arrival_offset < after:
        return (
            f"told {notice} days before, rerouted at most {format_duration(before)} earlier and under "
            f"{format_duration(after)} later"
        )
    return None


def _reduction(
    terms: RegimeTerms,
    event: RightsEvent,
    band: DistanceBand,
    arrival_delay: timedelta | None,
    reroute: Reroute | None,
) -> tuple[bool, Article]:
    """Return whether the carrier may halve the amount, and by which provision."""
    if event == "delay":
        halves = band == "long" and arrival_delay is not None and arrival_delay < terms.long_delay
        return halves, terms.articles["delay_reduction"]
    if event == "brought_forward":
        return False, terms.articles["brought_forward"]
    halves = reroute is not None and max(reroute.arrival_offset, ZERO) <= terms.reroute_reduction[band]
    return halves, terms.articles["reduction"]
