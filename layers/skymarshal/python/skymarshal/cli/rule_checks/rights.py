"""Checks of passenger rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from skymarshal.cli.rule_checks.airports import airport_code, airport_place, find_airport, same_city
from skymarshal.cli.rule_checks.answers import Answer, Json, clean_number, duration_text
from skymarshal.cli.rule_checks.carriers import carrier_licence
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import passenger_rights as rights
from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cause import named_cause
from skymarshal.domain.errors import InvalidInputError, MissingInputError
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.money import Money
from skymarshal.domain.times import ZERO

__all__ = ["montreal", "passenger_rights", "us_dot"]

_T = TypeVar("_T")

_REGIMES: Final[dict[str, rights.Regime]] = {
    "EU261": "EU261",
    "UK261": "UK261",
    "EC261": "EU261",
    "EU 261/2004": "EU261",
}
_EVENTS: Final[dict[str, rights.RightsEvent | None]] = {
    "delay": "delay",
    "cancellation": "cancellation",
    "denied_boarding": "denied_boarding",
    "brought_forward": "brought_forward",
    "diversion": "delay",
    "diverted": "delay",
    "downgrade": None,
    "delayed": "delay",
    "cancelled": "cancellation",
    "canceled": "cancellation",
    "downgrading": None,
    "downgraded": None,
}
_DIVERTED: Final = {name: name in ("diversion", "diverted") for name in _EVENTS}
_US_EVENTS: Final = {"delay": False, "cancellation": True, "delayed": False, "cancelled": True}
"""The events of the refund rule, and whether each is a cancellation."""
_KINDS: Final[dict[str, rights.LiabilityKind]] = {
    "death_injury": "death_injury",
    "passenger_delay": "passenger_delay",
    "baggage": "baggage",
    "death_or_injury": "death_injury",
    "delay": "passenger_delay",
    "cargo": "cargo",
}
# Rules in force are asked for on this day where no day of the flight is given.
_DEFAULT_DAY: Final = date(2026, 1, 1)


@dataclass
class _Case:
    """What is gathered on the way to an answer."""

    values: dict[str, Json] = field(default_factory=dict)
    results: list[RuleResult] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)

    def keep(self, result: _T) -> _T:
        if isinstance(result, RuleResult):
            self.results.append(result)
        return result


def passenger_rights(fields: Fields) -> Answer:
    """Return what a passenger is owed under EU261 or UK261; what is not asked for or not known is null."""
    names = fields.texts("regimes")
    if names is not None:
        return _scopes(fields, names)
    regime = fields.need_choice(_REGIMES, "regime")
    case = _Case()
    extraordinary = _extraordinary(fields, case)
    case.values["extraordinary"] = extraordinary
    on = fields.day("event_date", "date") or _DEFAULT_DAY
    journey = _journey(fields)
    scope = rights.check_scope(regime, journey, on=on)
    scope_asked = fields.has(
        "origin", "destination", "origin_eu", "origin_uk", "destination_eu", "carrier_eu"
    )
    if scope_asked:
        case.keep(scope)
    case.values["in_scope"] = scope.in_scope
    if fields.has("event"):
        event = fields.choice(_EVENTS, "event")
        if event is None:
            _downgrade(fields, regime, journey, on, scope, case)
        else:
            _event(fields, regime, event, journey, on, scope, extraordinary, case)
    if not case.results:
        raise MissingInputError("event", ", ".join(_EVENTS))
    return Answer(values=case.values, results=tuple(case.results), assumptions=tuple(case.assumptions))


def montreal(fields: Fields) -> Answer:
    """Return the limit of liability under the Montreal Convention."""
    kind = fields.need_choice(_KINDS, "kind")
    weight = fields.number("weight_kg") if kind == "cargo" else None
    declared = _declared(fields)
    days = fields.days("event_dates")
    asked = days if days is not None else [_need_day(fields)]
    results = [
        rights.montreal_limit(kind, on=day, weight_kg=weight, declared_value=declared) for day in asked
    ]
    limits: list[Json] = [clean_number(result.limit.amount) for result in results]
    units: list[Json] = [result.unit_limit for result in results]
    per = "limit_sdr_per_kg" if kind == "cargo" else "limit_sdr_per_passenger"
    return Answer(
        values={
            "limit_sdr": limits if days is not None else limits[0],
            per: units if days is not None else units[0],
        },
        results=tuple(results),
    )


def us_dot(fields: Fields) -> Answer:
    """Return refunds under 14 CFR Part 260."""
    domestic = fields.need(fields.flag("domestic"), "domestic", "true or false")
    if fields.has("bag_delay_hours"):
        bag = rights.us_bag_fee_refund(
            domestic=domestic,
            bag_delay=fields.need(fields.duration("bag_delay_hours"), "bag_delay_hours", "hours"),
            longest_flight=_longest_flight(fields, domestic),
        )
        return Answer(
            values={"refund_due": bag.refund_due, "threshold": duration_text(bag.threshold)}, results=(bag,)
        )
    stated, named = fields.flag("cancelled"), fields.choice(_US_EVENTS, "event")
    if None not in (stated, named) and stated is not named:
        raise InvalidInputError("cancelled", stated, "what event says, or left out")
    cancelled = bool(stated or named)
    earlier, later = fields.duration("departure_earlier_min"), fields.duration("arrival_delay_min")
    if not cancelled and earlier is None and later is None:
        raise MissingInputError("arrival_delay_min", "minutes, or departure_earlier_min, or cancelled")
    fare = rights.us_fare_refund(
        domestic=domestic,
        cancelled=cancelled,
        departure_earlier=earlier or ZERO,
        arrival_later=later or ZERO,
        accepts_alternative=fields.flag("accepts_alternative") or False,
    )
    return Answer(
        values={
            "refund_due": fare.refund_due,
            "significant_change": fare.significant_change,
            "threshold": duration_text(fare.threshold),
            "compensation": 0,
        },
        results=(fare,),
    )


def _arrival_delay(fields: Fields) -> timedelta | None:
    """Return the delay on arrival: as stated, or until a door opens (C-452/13)."""
    stated = fields.offset("arrival_delay_min")
    planned, opened = fields.instant("scheduled_arrival_utc"), fields.instant("door_open_utc")
    if opened is None:
        if planned is not None:
            raise MissingInputError("door_open_utc", "the instant at which a door was opened (C-452/13)")
        return stated
    if planned is None:
        raise MissingInputError("scheduled_arrival_utc", "the scheduled arrival in UTC")
    if stated is not None and stated != opened - planned:
        raise InvalidInputError(
            "arrival_delay_min", stated.total_seconds() / 60, "left out, as door_open_utc tells the delay"
        )
    return opened - planned


def _diverted(
    fields: Fields, landed: str, regime: rights.Regime, on: date, case: _Case
) -> rights.RightsEvent:
    """Return what landing elsewhere counts as: a delay in the same city or region, else a cancellation."""
    meant = fields.need(fields.code("destination"), "destination", "the IATA code of the airport booked")
    airport_place("diverted_to", landed), airport_place("destination", meant)
    stated = fields.flag("serves_same_city")
    near = same_city(landed, meant) if stated is None else stated
    case.keep(
        RuleResult(
            articles=(rights.regime_terms(regime, on=on).articles["diversion"],),
            inputs={"diverted_to": landed, "destination": meant, "serves_same_city": near},
            working=(
                f"{landed} for {meant}: "
                + ("a delay, and the way to where it was booked is paid" if near else "a cancellation"),
            ),
        )
    )
    case.values["counts_as"] = "delay" if near else "cancellation"
    case.values["transfer_due"] = near
    return "delay" if near else "cancellation"


def _scopes(fields: Fields, names: list[str]) -> Answer:
    """Return scope and compensation under several regimes; `compensation` is zero if none applies."""
    on = fields.day("event_date", "date") or _DEFAULT_DAY
    journey = _journey(fields)
    case = _Case()
    scopes = []
    for name in names:
        regime = Fields({"regimes": name}).need_choice(_REGIMES, "regimes")
        scope = case.keep(rights.check_scope(regime, journey, on=on))
        scopes.append(scope)
        case.values[f"{regime.lower()}_in_scope"] = scope.in_scope
    _other_laws(fields, on, case)
    event = fields.choice(_EVENTS, "event")
    covered = any(scope.in_scope is not False for scope in scopes)
    if not covered:
        case.values["compensation"] = 0
    for scope in scopes if fields.has("event") else ():
        sub = _Case()
        if event is None:
            _downgrade(fields, scope.regime, journey, on, scope, sub)
        else:
            _event(fields, scope.regime, event, journey, on, scope, _extraordinary(fields, sub), sub)
        if covered:
            case.results.extend(sub.results)
            case.assumptions.extend(sub.assumptions)
            case.values[scope.regime.lower()] = sub.values
    return Answer(values=case.values, results=tuple(case.results), assumptions=tuple(case.assumptions))


def _other_laws(fields: Fields, on: date, case: _Case) -> None:
    """Say which national laws cover the journey besides, or that none is held of where it begins."""
    origin, destination = fields.code("origin"), fields.code("destination")
    start = None if origin is None else find_airport(origin)
    end = None if destination is None else find_airport(destination)
    if start is None or end is None:
        return
    found = [law.code for law in rights.laws_of(start.country, end.country, on=on)]
    case.values["national_laws"] = [str(code) for code in found]
    if found:
        case.assumptions.append(
            f"only the regimes named are asked; rule national_rights asks {', '.join(found)}"
        )
    if rights.state_without_law(start.country, on=on, eu_or_uk=start.eu or start.uk):
        case.assumptions.append(
            f"only the regimes named are asked; no law of {start.country}, where it begins, is held"
        )


def _extraordinary(fields: Fields, case: _Case) -> bool | None:
    stated, cause = fields.flag("extraordinary"), fields.text("cause")
    if cause is None:
        return stated
    found = case.keep(rights.assess_cause(named_cause(cause)))
    if found.extraordinary is None:
        return stated
    if stated is not None and stated is not found.extraordinary:
        raise InvalidInputError(
            "extraordinary",
            stated,
            f"{str(found.extraordinary).lower()} for {found.cause} ({found.articles[0].article})",
        )
    return found.extraordinary


def _event(
    fields: Fields,
    regime: rights.Regime,
    event: rights.RightsEvent,
    journey: rights.Journey,
    on: date,
    scope: rights.Scope,
    extraordinary: bool | None,
    case: _Case,
) -> None:
    in_scope = scope.in_scope
    landed = fields.code("diverted_to")
    if landed is not None and event == "delay":
        event = _diverted(fields, landed, regime, on, case)
    elif fields.choice(_DIVERTED, "event"):
        raise MissingInputError("diverted_to", "the IATA code of the airport of arrival")
    distance = _distance(fields, case)
    # What says nothing of the event is not read, and so refused.
    delay = _arrival_delay(fields) if event == "delay" or landed is not None else None
    part = fields.duration("extraordinary_delay_min") if event == "delay" else None
    measures = fields.flag("reasonable_measures_taken")
    notice = fields.integer("notice_days") if event in ("cancellation", "brought_forward") else None
    departs = arrives = None
    if event != "delay":
        departs = fields.offset("reroute_departure_offset_min")
        arrives = fields.offset("reroute_arrival_offset_min")
    departure_delay = fields.duration("expected_departure_delay_min", "departure_delay_min")
    brought_forward = fields.duration("brought_forward_min") if event == "brought_forward" else None
    overnight = fields.flag("overnight")
    currency = "gbp" if regime == "UK261" else "eur"
    if in_scope is False:
        case.values |= {
            "compensation_due": False,
            f"compensation_{currency}": 0,
            "compensation_eur": 0,
            "care_due": False,
            "refund_option": False,
        }
        return
    if distance is None:
        case.values |= {"compensation_due": None, f"compensation_{currency}": None}
        case.assumptions.append("the distance is unknown: give distance_km, or origin and destination")
        return
    if in_scope is None and _departure_unknown(regime, journey):
        case.assumptions.append(
            f"the journey is in the scope of {regime}: it could not be told from the fields"
        )
        in_scope = True
    reroute = None
    if departs is not None and arrives is not None:
        reroute = rights.Reroute(departure_offset=departs, arrival_offset=arrives)
    elif arrives is not None or departs is not None:
        raise MissingInputError(
            "reroute_departure_offset_min" if departs is None else "reroute_arrival_offset_min",
            "minutes against the schedule, negative if earlier",
        )
    intra = _intra(regime, journey, case)
    answer = case.keep(
        rights.compensation(
            regime,
            event=event,
            distance_km=distance,
            intra=intra,
            on=on,
            in_scope=in_scope,
            extraordinary=extraordinary,
            arrival_delay=delay,
            notice_days=notice,
            reroute=reroute,
            brought_forward=brought_forward,
            reasonable_measures=measures,
            extraordinary_part=part,
        )
    )
    if answer.due and extraordinary is None and event != "denied_boarding":
        case.assumptions.append(
            "the circumstances are not extraordinary: the carrier has to prove them (Art 5(3))"
        )
    if extraordinary and measures is None and event != "denied_boarding":
        case.assumptions.append("all reasonable measures were taken: the carrier has to prove it (Art 5(3))")
    attention = case.keep(
        rights.care(
            regime,
            event=event,
            distance_km=distance,
            intra=intra,
            on=on,
            in_scope=in_scope,
            departure_delay=departure_delay,
            overnight=overnight,
        )
    )
    case.values |= {
        "compensation_due": answer.due,
        f"compensation_{currency}": _amount(answer.amount),
        "compensation_eur": _amount(answer.amount_eur),
        f"compensation_{currency}_full": _amount(answer.full),
        f"compensation_{currency}_if_reduced": _amount(answer.reduced),
        "reduction_applies": answer.reduction_applies,
        "reason": answer.reason,
        "payer": answer.payer,
        "care_due": attention.meals,
        "care_from": duration_text(attention.threshold),
        "hotel_due": attention.hotel,
        "refund_option": attention.refund_option,
        "rerouting_option": attention.rerouting_option,
    }


def _downgrade(
    fields: Fields,
    regime: rights.Regime,
    journey: rights.Journey,
    on: date,
    scope: rights.Scope,
    case: _Case,
) -> None:
    several = fields.numbers("distances_km")
    distances = several
    if distances is None:
        distance = _distance(fields, case)
        distances = [fields.need(distance, "distance_km", "the distance in km")]
    price = fields.number("ticket_price", "price")
    currency = fields.text("currency")
    paid = None
    if price is not None:
        paid = Money(Decimal(str(price)), fields.need(currency, "currency", "an ISO 4217 code such as EUR"))
    intra = _intra(regime, journey, case)
    refunds = [
        case.keep(rights.downgrade_refund(regime, distance_km=distance, intra=intra, on=on, price=paid))
        for distance in distances
    ]
    covered = scope.in_scope is not False
    percents: list[Json] = [refund.percent if covered else 0 for refund in refunds]
    amounts: list[Json] = [_amount(refund.refund) if covered else 0 for refund in refunds]
    case.values["refund_percent_of_ticket"] = percents if several is not None else percents[0]
    if paid is not None:
        case.values["refund"] = amounts if several is not None else amounts[0]


def _journey(fields: Fields) -> rights.Journey:
    origin, destination = fields.code("origin"), fields.code("destination")
    start = None if origin is None else find_airport(origin)
    end = None if destination is None else find_airport(destination)
    if fields.has("via") and fields.flag("single_booking") is False:
        raise InvalidInputError("single_booking", False, "true; flights booked apart are checked one by one")
    for stop in fields.texts("via") or ():
        airport_code("via", stop)
    # Stated or not, neither of these decides anything: the way out does not carry the way back.
    fields.flag("single_booking"), fields.flag("outbound_started_in_eu")
    carrier = fields.code("carrier")
    licence = None if carrier is None else carrier_licence("carrier", carrier)
    return rights.Journey(
        origin_eu=_told(fields, "origin_eu", None if start is None else start.eu, origin),
        destination_eu=_told(fields, "destination_eu", None if end is None else end.eu, destination),
        origin_uk=_told(fields, "origin_uk", None if start is None else start.uk, origin),
        destination_uk=_told(fields, "destination_uk", None if end is None else end.uk, destination),
        carrier_eu=_told(fields, "carrier_eu", None if licence is None else licence == "EU", carrier),
        carrier_uk=_told(fields, "carrier_uk", None if licence is None else licence == "UK", carrier),
    )


def _departure_unknown(regime: rights.Regime, journey: rights.Journey) -> bool:
    return (journey.origin_eu if regime == "EU261" else journey.origin_uk) is None


def _told(fields: Fields, name: str, looked_up: bool | None, of: str | None) -> bool | None:
    """Return what the field says, or what is held of the airport or carrier; both must agree."""
    stated = fields.flag(name)
    if None not in (stated, looked_up) and stated is not looked_up:
        raise InvalidInputError(name, stated, f"{str(looked_up).lower()} for {of}, or left out")
    return looked_up if stated is None else stated


def _distance(fields: Fields, case: _Case) -> float | None:
    stated = fields.number("distance_km")
    origin, destination = fields.code("origin"), fields.code("destination")
    if stated is not None or origin is None or destination is None:
        return stated
    start, end = airport_place("origin", origin), airport_place("destination", destination)
    distance = great_circle_km(start.latitude, start.longitude, end.latitude, end.longitude)
    case.values["distance_km"] = round(distance)
    return distance


def _intra(regime: rights.Regime, journey: rights.Journey, case: _Case) -> bool:
    ends = (
        (journey.origin_eu, journey.destination_eu)
        if regime == "EU261"
        else (journey.origin_uk, journey.destination_uk)
    )
    if None in ends and False not in ends:
        case.assumptions.append("the journey does not stay inside the regime's territory")
    return ends == (True, True)


def _amount(money: Money | None) -> Json:
    return None if money is None else clean_number(money.amount)


def _longest_flight(fields: Fields, domestic: bool) -> timedelta:
    longest = fields.duration("flight_hours", "longest_flight_hours")
    if domestic:
        return longest or ZERO
    return fields.need(longest, "flight_hours", "hours of the longest flight")


def _declared(fields: Fields) -> Money | None:
    value = fields.number("declared_value", "declared_value_sdr")
    return None if value is None else Money(Decimal(str(value)), "XDR")


def _need_day(fields: Fields) -> date:
    return fields.need(fields.day("event_date"), "event_date", "a day such as 2026-02-05")
