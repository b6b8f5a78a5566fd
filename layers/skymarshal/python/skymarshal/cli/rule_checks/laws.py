"""Checks of national laws on passengers, of who pays, and of nights and waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from skymarshal.cli.rule_checks.airports import airport_place
from skymarshal.cli.rule_checks.answers import Answer, Json, as_json, clean_number, duration_text
from skymarshal.cli.rule_checks.carriers import carrier_licence
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import passenger_rights as rights
from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cause import named_cause
from skymarshal.domain.errors import InvalidInputError, MissingInputError
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.money import Money

__all__ = ["hotel_nights", "national_rights", "payer", "us_tarmac"]

_LAWS: Final[dict[str, rights.NationalRegime]] = {
    "APPR": "APPR",
    "Canada": "APPR",
    "GACA": "GACA",
    "Saudi Arabia": "GACA",
    "DGCA": "DGCA",
    "India": "DGCA",
    "SHY": "SHY",
    "Turkey": "SHY",
    "ASL": "ASL",
    "Israel": "ASL",
    "US250": "US250",
    "United States": "US250",
}
_EVENTS: Final[dict[str, rights.RightsEvent]] = {
    "delay": "delay",
    "cancellation": "cancellation",
    "denied_boarding": "denied_boarding",
    "brought_forward": "brought_forward",
}
_BY_DISTANCE: Final = frozenset({"SHY", "ASL"})
"""Laws whose sums go by the length of the journey."""

_DEFAULT_DAY: Final = date(2026, 1, 1)


def national_rights(fields: Fields) -> Answer:
    """Return what is owed under the national laws that cover a journey, or under the one that is named."""
    on = fields.day("event_date") or _DEFAULT_DAY
    named = fields.choice(_LAWS, "regime")
    origin, destination = fields.code("origin"), fields.code("destination")
    distance = fields.number("distance_km")
    laws: tuple[rights.NationalRegime, ...] = () if named is None else (named,)
    unheld = False
    if origin is not None and destination is not None:
        start, end = airport_place("origin", origin), airport_place("destination", destination)
        if distance is None:
            distance = great_circle_km(start.latitude, start.longitude, end.latitude, end.longitude)
        covering = tuple(law.code for law in rights.laws_of(start.country, end.country, on=on))
        if named is None:
            laws = covering
        elif named not in covering:
            raise InvalidInputError(
                "regime",
                str(named),
                f"a law that covers {origin}-{destination} on a carrier of a third state: "
                + (", ".join(covering) or "there is none"),
            )
        if named is None:
            unheld = rights.state_without_law(start.country, on=on, eu_or_uk=start.eu or start.uk)
    elif named is None:
        raise MissingInputError("origin", "origin and destination, or the regime")
    cause = fields.text("cause")
    finding = None if cause is None else rights.assess_cause(named_cause(cause))
    extraordinary = fields.flag("extraordinary")
    if finding is not None and finding.extraordinary is not None:
        if extraordinary not in (None, finding.extraordinary):
            raise InvalidInputError(
                "extraordinary", extraordinary, f"{str(finding.extraordinary).lower()} for {finding.cause}"
            )
        extraordinary = finding.extraordinary
    price, currency = fields.number("ticket_price"), fields.text("currency")
    if price is not None and currency is None:
        raise MissingInputError("currency", "an ISO 4217 code such as SAR")
    event = fields.need_choice(_EVENTS, "event")
    if distance is None and any(law in _BY_DISTANCE for law in laws):
        raise MissingInputError("distance_km", "kilometres, or origin and destination")
    facts: dict[str, Any] = {
        "arrival_delay": fields.offset("arrival_delay_min"),
        "within_control": fields.flag("within_control"),
        "required_for_safety": fields.flag("required_for_safety"),
        "notice_days": fields.integer("notice_days"),
        "smaller_aircraft": fields.flag("smaller_aircraft") or False,
        "block": fields.duration("flight_hours"),
        "reroute": _reroute(fields),
    }
    fare = None if price is None or currency is None else Money(Decimal(str(price)), currency)
    code = None if finding is None else finding.cause
    results = tuple(
        rights.national_compensation(
            law,
            event=event,
            distance_km=distance or 0.0,
            on=on,
            cause=code,
            extraordinary=extraordinary,
            fare=fare,
            **facts,
        )
        for law in laws
    )
    values: dict[str, Json] = {"regimes": [str(law) for law in laws], "law_held": not unheld}
    owed = {str(result.regime): _owed(result) for result in results}
    if len(owed) == 1:
        values |= owed[str(results[0].regime)]
    else:
        # Sums of two laws stand in two currencies and do not add up.
        values |= owed
    if results:
        return Answer(values=values, results=results if finding is None else (finding, *results))
    country = None if origin is None else airport_place("origin", origin).country
    none_fixed = rights.NO_FIXED_COMPENSATION.get(country or "")
    values |= {
        "compensation": None if unheld else 0,
        "compensation_due": None if unheld else False,
        "compensation_high": clean_number(rights.MOST_WHERE_UNHELD.amount) if unheld else 0,
        "currency": rights.MOST_WHERE_UNHELD.currency,
    }
    nothing = RuleResult(
        articles=() if none_fixed is None else (none_fixed,),
        inputs={"origin": origin, "destination": destination, "event": event, "on": on},
        working=(
            "the law of the place of departure is not held" if unheld else "no national law fixes a sum",
        ),
        unknowns=("law",) if unheld else (),
    )
    return Answer(values=values, results=(nothing,))


def _owed(result: rights.NationalCompensation) -> dict[str, Json]:
    return {
        "compensation_due": result.due,
        "currency": result.likely.currency,
        "compensation": clean_number(result.likely.amount),
        "compensation_low": clean_number(result.low.amount),
        "compensation_high": clean_number(result.high.amount),
        "reason": result.reason,
    }


def _reroute(fields: Fields) -> rights.Reroute | None:
    departs = fields.offset("reroute_departure_offset_min")
    arrives = fields.offset("reroute_arrival_offset_min")
    if departs is None and arrives is None:
        return None
    expected = "minutes against the schedule, negative if earlier"
    return rights.Reroute(
        departure_offset=fields.need(departs, "reroute_departure_offset_min", expected),
        arrival_offset=fields.need(arrives, "reroute_arrival_offset_min", expected),
    )


def payer(fields: Fields) -> Answer:
    """Return which carrier of a joined booking answers for compensation under the EU regulation."""
    rows = fields.need(fields.objects("legs"), "legs", "a list of flights, each with its carrier")
    start = airport_place("origin", fields.need(fields.code("origin"), "origin", "an IATA code"))
    end = airport_place("destination", fields.need(fields.code("destination"), "destination", "an IATA code"))
    legs = []
    for row in rows:
        carrier = row.need(row.code("carrier"), "carrier", "an airline designator such as EY")
        stated = row.flag("carrier_eu")
        licence = carrier_licence("carrier", carrier)
        if None not in (stated, licence) and stated is not (licence == "EU"):
            raise InvalidInputError("carrier_eu", stated, f"what the list has of {carrier}, or left out")
        if not start.eu and stated is None and licence is None:
            raise MissingInputError("carrier_eu", f"whether {carrier} has an EU licence: it is not listed")
        legs.append(
            rights.OperatedLeg(carrier=carrier, carrier_eu=licence == "EU" if stated is None else stated)
        )
    broken = fields.need(fields.integer("broken_leg"), "broken_leg", "the number of the leg, from 1")
    result = rights.payer_of(legs, broken=broken, origin_eu=start.eu, destination_eu=end.eu)
    return Answer(
        values={
            "payer": result.payer,
            "answerable": list(result.answerable),
            "redress_against": result.redress_against,
        },
        results=(result,),
    )


def us_tarmac(fields: Fields) -> Answer:
    """Return whether a wait on the tarmac of a United States airport keeps its limit."""
    result = rights.us_tarmac_limit(
        domestic=fields.need(fields.flag("domestic"), "domestic", "true or false"),
        wait=fields.need(fields.duration("tarmac_hours"), "tarmac_hours", "hours"),
        safety_or_atc=fields.flag("safety_or_atc") or False,
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "limit": duration_text(result.limit),
            "food_due": result.food_due,
        },
        results=(result,),
    )


def hotel_nights(fields: Fields) -> Answer:
    """Return the nights in a hotel that a wait makes necessary."""
    expected = "an instant such as 2026-02-05T20:30Z"
    since = fields.need(fields.instant("wait_from_utc"), "wait_from_utc", expected)
    until = fields.need(fields.instant("wait_until_utc"), "wait_until_utc", expected)
    place = fields.need(fields.code("airport"), "airport", "the IATA code of the airport of the wait")
    if until <= since:
        raise InvalidInputError("wait_until_utc", as_json(until), "an instant after wait_from_utc")
    result = rights.hotel_nights(since, until, airport_place("airport", place).zone)
    return Answer(values={"nights": result.nights}, results=(result,))
