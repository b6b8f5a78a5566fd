"""Checks of cargo."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from skymarshal.cli.rule_checks.answers import Answer, Json, as_json, clean_number
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import cargo as rules
from skymarshal.domain.errors import InvalidInputError, MissingInputError, UnknownCodeError
from skymarshal.domain.money import SDR, Money
from skymarshal.domain.passenger_rights import montreal_limit

__all__ = ["CARGO_CHECKS", "cargo"]

_AIRCRAFT: Final[dict[str, rules.AircraftUse]] = {
    "passenger": "passenger",
    "cargo": "cargo",
    "freighter": "cargo",
}


def cargo(fields: Fields) -> Answer:
    """Return the answer to the question that `check` names."""
    name = fields.need(fields.text("check"), "check", ", ".join(CARGO_CHECKS))
    try:
        check = CARGO_CHECKS[name.lower()]
    except KeyError:
        raise UnknownCodeError("check", name, CARGO_CHECKS) from None
    return check(fields)


def _temperature(fields: Fields) -> Answer:
    code = fields.need(fields.code("code"), "code", ", ".join(rules.TEMPERATURE_CODES))
    single = fields.number("reading_c")
    readings = [single] if single is not None else fields.numbers("readings_c") or []
    result = rules.check_temperature(code, readings)
    return Answer(
        values={
            "min_c": result.range.minimum_c,
            "max_c": result.range.maximum_c,
            "in_range": as_json(result.in_range),
            "all_in_range": all(result.in_range) if result.in_range else None,
            "range_applies_to": "ambient",
        },
        results=(result,),
    )


def _temperature_source(fields: Fields) -> Answer:
    result = rules.temperature_source(
        awb=_range(fields, "awb_range_c"), label=_range(fields, "label_range_c")
    )
    used: Json = None if result.range is None else [result.range.minimum_c, result.range.maximum_c]
    return Answer(
        values={"range_used_c": used, "conflict": result.conflict, "range_applies_to": "ambient"},
        results=(result,),
    )


def _codes(fields: Fields) -> Answer:
    codes = fields.need(_handling_codes(fields, "codes", "shcs"), "codes", "a list of handling codes")
    result = rules.check_pharma_codes(codes)
    return Answer(
        values={"valid": result.valid, "temperature_codes": as_json(result.codes), "reason": result.reason},
        results=(result,),
    )


def _loading(fields: Fields) -> Answer:
    result = rules.review_loading(_items(fields), aircraft=fields.choice(_AIRCRAFT, "aircraft"))
    return Answer(
        values={
            "allowed": result.allowed,
            "forbidden": as_json(result.forbidden),
            "review_required": result.review_required,
            "reviews": as_json((*result.reviews, *result.apart)),
        },
        results=(result,),
    )


def _segregation(fields: Fields) -> Answer:
    classes = fields.texts("classes")
    items = _items(fields) if classes is None else [_of_class(name, at) for at, name in enumerate(classes, 1)]
    result = rules.check_segregation(items)
    return Answer(
        values={
            "compatible": result.compatible,
            "conflicts": as_json(result.conflicts),
            "reasons": as_json(result.reasons),
        },
        results=(result,),
    )


def _cargo_aircraft_only(fields: Fields) -> Answer:
    item = rules.LoadItem(awb="shipment", cargo_aircraft_only=fields.flag("cao") is not False)
    aircraft = fields.need_choice(_AIRCRAFT, "aircraft")
    result = rules.review_loading([item], aircraft=aircraft)
    return Answer(
        values={"allowed": result.allowed, "forbidden": as_json(result.forbidden)}, results=(result,)
    )


def _offload(fields: Fields) -> Answer:
    if fields.has("shipments", "items"):
        items = _items(fields)
    else:
        codes = fields.need(_handling_codes(fields, "codes", "code"), "codes", "a list of handling codes")
        items = [rules.LoadItem(awb="shipment", codes=tuple(codes))]
    results = [rules.check_offload(item) for item in items]
    kept = [result.reason for result in results if not result.by_list_allowed]
    return Answer(
        values={"by_list_allowed": not kept, "reason": kept[0] if kept else results[0].reason},
        results=tuple(results),
    )


def _awb(fields: Fields) -> Answer:
    serial = fields.text("serial")
    if serial is not None:
        number = f"{serial}{rules.awb_check_digit(serial)}"
    else:
        number = fields.need(fields.text("awb", "number"), "awb", "a number such as 607-12345675")
    result = rules.check_awb(number)
    return Answer(values={"valid": result.valid, "check_digit": result.check_digit}, results=(result,))


def _liability(fields: Fields) -> Answer:
    declared = fields.number("declared_value", "declared_value_sdr")
    result = montreal_limit(
        "cargo",
        on=fields.need(fields.day("event_date"), "event_date", "a day such as 2026-02-05"),
        weight_kg=fields.need(fields.number("weight_kg"), "weight_kg", "kilograms"),
        declared_value=None if declared is None else Money(Decimal(str(declared)), SDR),
    )
    return Answer(values={"limit_sdr": clean_number(result.limit.amount)}, results=(result,))


def _items(fields: Fields) -> list[rules.LoadItem]:
    shipments = fields.need(fields.objects("shipments", "items"), "shipments", "a list of shipments")
    items = []
    for number, shipment in enumerate(shipments, start=1):
        if not shipment.has(
            "codes", "shcs", "code", "dg_class", "class", "un_number", "un", "cao", "cargo_aircraft_only"
        ):
            raise MissingInputError("shipments", f"a code, dg_class or un_number for shipment {number}")
        items.append(
            rules.LoadItem(
                awb=shipment.text("awb") or f"shipment {number}",
                codes=tuple(_handling_codes(shipment, "codes", "shcs", "code") or ()),
                dg_class=shipment.text("dg_class", "class"),
                un_number=shipment.text("un_number", "un"),
                cargo_aircraft_only=shipment.flag("cargo_aircraft_only", "cao") or False,
            )
        )
    return items


def _handling_codes(fields: Fields, *names: str) -> list[str] | None:
    codes = fields.texts(*names)
    if codes is None:
        return None
    for code in codes:
        if re.fullmatch(r"[A-Za-z0-9]{3}", code) is None:
            raise InvalidInputError(names[0], code, "a special handling code of three characters")
    return [code.upper() for code in codes]


def _of_class(name: str, number: int) -> rules.LoadItem:
    """Return a shipment of a class, or of a handling code such as AVI or RPB.

    A UN number in its place is a lithium battery of class 9.
    """
    if re.fullmatch(r"[A-Za-z]{3}", name) is not None:
        if name.upper() not in rules.SEGREGATION_CODES:
            raise UnknownCodeError("classes", name, sorted(rules.SEGREGATION_CODES))
        return rules.LoadItem(awb=f"{number}: {name}", codes=(name.upper(),))
    if name.upper().removeprefix("UN").strip() in rules.LITHIUM_BATTERIES:
        return rules.LoadItem(awb=f"{number}: {name}", dg_class="9", un_number=name)
    return rules.LoadItem(awb=f"{number}: {name}", dg_class=name)


def _range(fields: Fields, name: str) -> rules.TemperatureRange | None:
    ends = fields.numbers(name)
    if ends is None:
        return None
    if len(ends) != 2:
        raise InvalidInputError(name, ends, "two temperatures in degrees Celsius, low and high")
    return rules.TemperatureRange(ends[0], ends[1])


CARGO_CHECKS: Final[Mapping[str, Callable[[Fields], Answer]]] = {
    "temperature": _temperature,
    "temperature_source": _temperature_source,
    "handling_codes": _codes,
    "loading_review": _loading,
    "segregation": _segregation,
    "cao": _cargo_aircraft_only,
    "offload": _offload,
    "awb": _awb,
    "liability": _liability,
}
"""What the field `check` selects."""
