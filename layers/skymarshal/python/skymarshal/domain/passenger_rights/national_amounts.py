"""What one passenger is owed under a national law: a range where it turns on what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import MissingInputError, OutOfRangeError
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights.compensation import Reroute, RightsEvent, compensation
from skymarshal.domain.passenger_rights.national import NationalLaw, NationalRegime, national_law
from skymarshal.domain.times import HOUR, ZERO, format_duration

__all__ = ["NationalCompensation", "national_compensation"]

_NOTHING: Final = Decimal(0)
_TWO_WEEKS: Final = 14

# APPR s 10(1): outside the carrier's control, its own strikes and manufacturing defects among them.
_OUTSIDE_CONTROL: Final = frozenset(
    {
        "airport_closure",
        "airport_refuelling_failure",
        "airport_staff_shortage",
        "airport_system_failure",
        "atc_restriction",
        "atc_strike",
        "bird_strike",
        "fuel_on_runway",
        "hidden_design_defect",
        "lightning_strike",
        "medical_emergency",
        "political_instability",
        "runway_debris",
        "security",
        "strike",
        "strike_own_staff",
        "strike_third_party",
        "unruly_passenger",
        "volcanic_ash",
        "weather",
        "wildcat_strike_own_staff",
    }
)
# Within control and required for safety, unless scheduled maintenance brought it to light: s 11, 12.
_FOR_SAFETY: Final = frozenset({"ground_damage", "mobile_stairs_collision", "on_condition_part", "technical"})
_WITHIN_CONTROL: Final = frozenset(
    {
        "crew_hours",
        "crew_illness",
        "crew_shortage",
        "ground_handling",
        "overbooking",
        "own_system_failure",
        "scheduling",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalCompensation(RuleResult):
    """Compensation of one passenger as a range in the law's currency.

    Attributes:
        regime: the law.
        due: None where it turns on what is not known.
        low: the least.
        likely: the likely sum.
        high: the most.
        reason: why nothing is due, or what it turns on.
    """

    regime: NationalRegime
    due: bool | None
    low: Money
    likely: Money
    high: Money
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    event: RightsEvent
    arrival_delay: timedelta | None
    distance_km: float
    cause: str | None
    extraordinary: bool | None
    within_control: bool | None
    required_for_safety: bool | None
    notice_days: int | None
    reroute: Reroute | None
    smaller_aircraft: bool
    fare: Money | None
    block: timedelta | None


@dataclass(frozen=True, slots=True)
class _Sum:
    low: Decimal
    likely: Decimal
    high: Decimal
    topics: tuple[str, ...]
    reason: str | None = None
    unknowns: tuple[str, ...] = ()


def national_compensation(
    regime: NationalRegime,
    *,
    event: RightsEvent,
    distance_km: float,
    on: date,
    arrival_delay: timedelta | None = None,
    cause: str | None = None,
    extraordinary: bool | None = None,
    within_control: bool | None = None,
    required_for_safety: bool | None = None,
    notice_days: int | None = None,
    reroute: Reroute | None = None,
    smaller_aircraft: bool = False,
    fare: Money | None = None,
    block: timedelta | None = None,
) -> NationalCompensation:
    """Return what a passenger is owed under a national law.

    Args:
        regime: the law.
        event: what happened.
        distance_km: great circle of the journey.
        on: day of the flight.
        arrival_delay: at the final destination; timedelta.max where no other way to travel was found.
        cause: code of the cause, as in `CAUSES`.
        extraordinary: whether it is extraordinary.
        within_control: for Canada, whether it is within the carrier's control; by the cause if left out.
        required_for_safety: for Canada, whether it was required for safety; by the cause if left out.
        notice_days: days of notice of a cancellation.
        reroute: the rerouting offered.
        smaller_aircraft: whether boarding was denied because a smaller aircraft flies.
        fare: price of the ticket, for laws that grant a share of it.
        block: block time of the flight, for India.

    Raises:
        UnknownCodeError: If the law is not in the list.
        OutOfRangeError: If it was not in force.
        MissingInputError: If the law grants a share of the fare and there is none.
    """
    law = national_law(regime, on=on)
    if law is None:
        raise OutOfRangeError("on", on.isoformat(), f"a day on which {regime} is in force")
    facts = _Facts(
        event=event,
        arrival_delay=arrival_delay,
        distance_km=distance_km,
        cause=cause,
        extraordinary=extraordinary,
        within_control=within_control,
        required_for_safety=required_for_safety,
        notice_days=notice_days,
        reroute=reroute,
        smaller_aircraft=smaller_aircraft,
        fare=fare,
        block=block,
    )
    if law.code == "APPR":
        found = _canada(law, facts)
    elif law.code == "GACA":
        found = _saudi(law, facts)
    elif law.code == "DGCA":
        found = _india(facts)
    elif law.code == "SHY":
        found = _turkey(facts, on)
    elif law.code == "ASL":
        found = _israel(law, facts)
    else:
        found = _united_states(facts)
    currency = law.currency
    if law.code == "GACA" and event in ("cancellation", "denied_boarding") and fare is not None:
        currency = fare.currency
    return NationalCompensation(
        regime=law.code,
        due=True if found.low else False if not found.high else None,
        low=Money(found.low, currency),
        likely=Money(found.likely, currency),
        high=Money(found.high, currency),
        reason=found.reason,
        articles=_cited(law, found.topics),
        inputs={
            "regime": regime,
            "event": event,
            "arrival_delay": arrival_delay,
            "distance_km": distance_km,
            "cause": cause,
            "extraordinary": extraordinary,
            "within_control": within_control,
            "required_for_safety": required_for_safety,
            "on": on,
        },
        working=(
            f"{law.name}, {event.replace('_', ' ')}: {found.low:,} to {found.high:,} {currency}"
            + (f"; {found.reason}" if found.reason else ""),
        ),
        unknowns=found.unknowns,
    )


def _cited(law: NationalLaw, topics: tuple[str, ...]) -> tuple[Article, ...]:
    return tuple(law.articles[topic] for topic in (*topics, "scope"))


def _step(steps: tuple[tuple[timedelta, int], ...], delay: timedelta) -> Decimal:
    reached = [amount for after, amount in steps if delay >= after]
    return Decimal(reached[-1]) if reached else _NOTHING


def _range(amount: Decimal, topics: tuple[str, ...], excused: bool | None, reason: str | None = None) -> _Sum:
    """Return an amount that is due, that is not, or that is open until the carrier proves its case."""
    if excused:
        return _Sum(_NOTHING, _NOTHING, amount, topics, reason)
    if excused is None:
        return _Sum(_NOTHING, amount, amount, topics, reason, ("cause",))
    return _Sum(amount, amount, amount, topics, reason)


def _none(topics: tuple[str, ...], reason: str) -> _Sum:
    return _Sum(_NOTHING, _NOTHING, _NOTHING, topics, reason)


def _canada(law: NationalLaw, facts: _Facts) -> _Sum:
    if facts.event == "cancellation" and (facts.notice_days or 0) > _TWO_WEEKS:
        return _none(("control",), "told more than 14 days before")
    topic = "denied_boarding" if facts.event == "denied_boarding" else "delay"
    topics = (topic, "control", "arrival")
    steps = law.denied_boarding if facts.event == "denied_boarding" else law.delays
    if facts.arrival_delay is None:
        most = Decimal(steps[-1][1])
        return _Sum(_NOTHING, most, most, topics, "the delay on arrival is unknown", ("arrival_delay",))
    amount = _step(steps, facts.arrival_delay)
    if not amount:
        return _none(
            topics, f"{format_duration(facts.arrival_delay)} is below {format_duration(steps[0][0])}"
        )
    excused, reason = _outside_canada(facts)
    if excused and facts.within_control is not None:
        return _none(topics, reason)
    return _range(amount, topics, excused, reason)


def _outside_canada(facts: _Facts) -> tuple[bool | None, str]:
    """Return whether the cause rules compensation out in Canada, None if that is open, and why."""
    if facts.within_control is False:
        return True, "outside the carrier's control"
    if facts.within_control:
        if facts.required_for_safety:
            return True, "within control and required for safety"
        if facts.required_for_safety is None:
            return None, "whether it was required for safety is unknown"
        return False, "within the carrier's control"
    if facts.cause in _OUTSIDE_CONTROL:
        return True, "outside the carrier's control by its cause"
    if facts.cause in _FOR_SAFETY:
        return True, "required for safety by its cause, unless scheduled maintenance found it"
    if facts.cause in _WITHIN_CONTROL:
        return False, "within the carrier's control by its cause"
    return None, "whether it is within the carrier's control is unknown"


def _saudi(law: NationalLaw, facts: _Facts) -> _Sum:
    if facts.event in ("delay", "brought_forward"):
        if facts.arrival_delay is None:
            most = Decimal(law.delays[-1][1])
            return _Sum(_NOTHING, most, most, ("delay",), "the delay is unknown", ("arrival_delay",))
        amount = _step(law.delays, facts.arrival_delay)
        if not amount:
            return _none(("delay",), f"{format_duration(facts.arrival_delay)} is below 3:00")
        return _range(amount, ("delay",), facts.extraordinary)
    denied = facts.event == "denied_boarding"
    topic = "denied_boarding" if denied else "cancellation"
    if facts.fare is None:
        raise MissingInputError("fare", "the price of the ticket, of which the law grants a share")
    amount = (facts.fare * (Decimal(2) if denied else Decimal("1.5"))).rounded().amount
    if denied:
        return _range(amount, (topic,), False)
    excused = facts.extraordinary
    return _Sum(
        _NOTHING,
        _NOTHING if excused else amount,
        amount,
        (topic,),
        "by the notice given, at most 150 % of the fare",
        ("notice",),
    )


def _india(facts: _Facts) -> _Sum:
    if facts.event in ("delay", "brought_forward"):
        return _none(("delay",), "no fixed sum for a delay")
    if facts.event == "denied_boarding":
        offset = None if facts.reroute is None else facts.reroute.departure_offset
        if offset is not None and offset <= HOUR:
            return _none(("denied_boarding",), "another flight within the hour")
        cap = Decimal(10_000 if offset is not None and offset <= 24 * HOUR else 20_000)
        return _Sum(_NOTHING, cap, cap, ("denied_boarding",), "a share of the fare, at most this", ("fare",))
    if (facts.notice_days or 0) >= _TWO_WEEKS:
        return _none(("cancellation",), "told at least two weeks before")
    hours = None if facts.block is None else facts.block / HOUR
    cap = Decimal(10_000 if hours is None or hours > 2 else 7_500 if hours > 1 else 5_000)
    if facts.reroute is not None:
        return _Sum(_NOTHING, _NOTHING, cap, ("cancellation",), "only if the other flight is turned down")
    return _range(cap, ("cancellation",), facts.extraordinary, "the fare if that is less")


def _turkey(facts: _Facts, on: date) -> _Sum:
    if facts.event in ("delay", "brought_forward"):
        return _none(("delay",), "no fixed sum for a delay")
    like = compensation(
        "EU261",
        event=facts.event,
        distance_km=facts.distance_km,
        intra=False,
        on=on,
        extraordinary=False,
        notice_days=facts.notice_days,
        reroute=facts.reroute,
    )
    if not like.due or like.amount is None:
        return _none(("cancellation",), like.reason or "not due")
    excused = False if facts.event == "denied_boarding" else facts.extraordinary
    found = _range(like.amount.amount, ("cancellation",), excused)
    return _Sum(found.low, found.likely, like.full.amount, found.topics, found.reason, found.unknowns)


def _israel(law: NationalLaw, facts: _Facts) -> _Sum:
    topics: tuple[str, ...] = ("cancellation",)
    if facts.event in ("delay", "brought_forward"):
        topics = ("delay", "cancellation")
        late = facts.arrival_delay
        if late is not None and late < 8 * HOUR:
            return _none(("delay",), f"{format_duration(max(late, ZERO))} is below 8:00")
    elif facts.event == "cancellation" and (facts.notice_days or 0) >= _TWO_WEEKS:
        return _none(topics, "told at least two weeks before")
    band = next(place for place, (limit, _) in enumerate(law.bands) if facts.distance_km <= limit)
    full = Decimal(law.bands[band][1])
    within = (4 + band) * HOUR
    halves = facts.reroute is not None and facts.reroute.arrival_offset <= within
    excused = False if facts.event == "denied_boarding" else facts.extraordinary
    if facts.cause in ("strike", "strike_own_staff", "wildcat_strike_own_staff"):
        excused = True
    found = _range(full / 2 if halves else full, topics, excused)
    return _Sum(found.low, found.likely, full, found.topics, found.reason, found.unknowns)


def _united_states(facts: _Facts) -> _Sum:
    if facts.event != "denied_boarding":
        return _none(("delay",), "no fixed sum; the fare may be due back")
    if facts.smaller_aircraft:
        return _none(("exceptions",), "a smaller aircraft for operational or safety reasons")
    topics = ("denied_boarding", "exceptions")
    if facts.reroute is not None and facts.reroute.arrival_offset <= HOUR:
        return _none(topics, "arrives within the hour")
    soon = facts.reroute is not None and facts.reroute.arrival_offset < 4 * HOUR
    cap = Decimal(1_075 if soon else 2_150)
    if facts.fare is None or facts.fare.currency != "USD":
        return _Sum(_NOTHING, cap, cap, topics, "a share of the fare, at most this", ("fare",))
    amount = min(cap, (facts.fare * (2 if soon else 4)).rounded().amount)
    return _range(amount, topics, False)
