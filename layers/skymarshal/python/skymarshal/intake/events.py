"""Structured events: a JSON object becomes a disruption, or is refused with the field named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from skymarshal.domain.delay_codes import DELAY_CODES
from skymarshal.domain.disruption import (
    Disruption,
    DisruptionDetails,
    DisruptionType,
    ReportedAlternate,
)
from skymarshal.domain.passenger_rights import CAUSES, cause_code
from skymarshal.intake.errors import InvalidDisruption
from skymarshal.intake.flights import FlightLookup, find_flight, flight_of_number
from skymarshal.intake.text import read_text
from skymarshal.operations.records import Flight

__all__ = ["parse_event"]

_DISRUPTION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FLIGHT_NUMBER: Final = re.compile(r"(?:[A-Z][A-Z0-9]|[0-9][A-Z])\d{1,4}[A-Z]?")
_IATA: Final = re.compile(r"[A-Z]{3}")
_LONGEST_TEXT: Final = 4_000
_MOST_ALTERNATES: Final = 10
_AWARE_INSTANT: Final = "an instant with its offset, such as 2026-02-05T14:00:00Z"
_FIELDS: Final = frozenset(
    {
        "disruption_id",
        "type",
        "flight_id",
        "flight_number",
        "flight_date",
        "airport",
        "reported_at",
        "description",
        "details",
        "text",
    }
)
T = TypeVar("T")


def parse_event(detail: object, lookup: FlightLookup, received_at: datetime) -> Disruption:
    """Return the disruption that an event's detail reports.

    Args:
        detail: a JSON object. `disruption_id` always; then either `text` (free text) or `type` with
            `flight_id`, or with `flight_number` and `flight_date`. `reported_at` defaults to `received_at`.
        lookup: the schedule, in which the flight must exist.
        received_at: when the event came in, aware UTC.

    Raises:
        InvalidDisruption: naming the field, its value and what would be right.
        AmbiguousDisruption: where more than one reading is possible, with the candidates.
    """
    if not isinstance(detail, Mapping):
        raise InvalidDisruption("detail", detail, "a JSON object")
    unexpected = sorted(str(key) for key in detail.keys() - _FIELDS)
    if unexpected:
        raise InvalidDisruption(
            unexpected[0], detail[unexpected[0]], f"one of the fields {', '.join(sorted(_FIELDS))}"
        )
    disruption_id = _string(detail, "disruption_id", _DISRUPTION_ID, "1-64 letters, digits, '-' or '_'")
    reported_at = _instant(detail, "reported_at", default=received_at)
    if "text" in detail:
        return _from_text(detail, disruption_id, reported_at, lookup)
    kind = _converted(detail, "type", DisruptionType, f"one of {', '.join(DisruptionType)}")
    details = _details(detail, lookup)
    airport = None
    if detail.get("airport") is not None:
        airport = _string(detail, "airport", _IATA, "a three-letter IATA code")
        if lookup.airport(airport) is None:
            raise InvalidDisruption("airport", airport, "an airport of the network")
    flight = _flight(detail, reported_at, lookup)
    _check_elsewhere(details, flight)
    return Disruption(
        disruption_id=disruption_id,
        type=kind,
        flight_id=flight.flight_id,
        reported_at=reported_at,
        airport=airport,
        description=_text(detail, "description"),
        details=details,
    )


def _from_text(
    detail: Mapping[str, Any], disruption_id: str, reported_at: datetime, lookup: FlightLookup
) -> Disruption:
    beside = sorted(detail.keys() - {"disruption_id", "reported_at", "text"})
    if beside:
        raise InvalidDisruption(beside[0], detail[beside[0]], "nothing beside text, which says it all")
    return read_text(_text(detail, "text"), disruption_id, reported_at, lookup)


def _flight(detail: Mapping[str, Any], reported_at: datetime, lookup: FlightLookup) -> Flight:
    if detail.get("flight_id") is not None:
        return find_flight(_string(detail, "flight_id", re.compile(r".{1,40}"), "a flight id"), lookup)
    if detail.get("flight_number") is None:
        raise InvalidDisruption(
            "flight_id", None, "a flight id such as EY283-2026-02-05, or flight_number and flight_date"
        )
    number = _string(detail, "flight_number", _FLIGHT_NUMBER, "a flight designator such as EY283")
    day = _converted(detail, "flight_date", date, "a date such as 2026-02-05")
    return flight_of_number(number, lambda _: day, reported_at, lookup)


def _details(detail: Mapping[str, Any], lookup: FlightLookup) -> DisruptionDetails:
    raw = detail.get("details", {})
    if not isinstance(raw, Mapping):
        raise InvalidDisruption("details", raw, "a JSON object")
    known = {field.name for field in fields(DisruptionDetails)}
    for name in sorted(raw.keys() - known):
        raise InvalidDisruption(f"details.{name}", raw[name], f"one of the fields {', '.join(sorted(known))}")
    try:
        details = msgspec.convert(raw, DisruptionDetails)
    except msgspec.ValidationError as error:
        raise _named(error, raw) from None
    _check(details, raw)
    _check_alternates(details, raw, lookup)
    return details


def _check(details: DisruptionDetails, raw: Mapping[str, Any]) -> None:
    """Refuse what is well formed and still cannot be."""
    for name in ("window_start", "window_end"):
        instant = getattr(details, name)
        if instant is not None and instant.tzinfo is None:
            raise InvalidDisruption(f"details.{name}", raw[name], _AWARE_INSTANT)
    start, end = details.window_start, details.window_end
    if start and end and end <= start:
        raise InvalidDisruption(
            "details.window_end", raw["window_end"], f"an instant after {raw['window_start']}"
        )
    if details.delay is not None and details.delay < timedelta():
        raise InvalidDisruption("details.delay", raw["delay"], "a duration of zero or more, such as PT2H")
    repair = details.repair
    if repair and not timedelta() <= repair.least <= repair.likely <= repair.most:
        raise InvalidDisruption("details.repair", raw["repair"], "0 <= least <= likely <= most")
    if details.endurance is not None and details.endurance < timedelta():
        raise InvalidDisruption("details.endurance", raw["endurance"], "a duration of zero or more")
    if details.cause is not None and cause_code(details.cause) is None:
        raise InvalidDisruption("details.cause", raw["cause"], f"one of {', '.join(sorted(CAUSES))}")
    for number, code in enumerate(details.delay_codes):
        if code not in DELAY_CODES:
            raise InvalidDisruption(
                f"details.delay_codes[{number}]", code, "an IATA delay code of two digits, such as 36"
            )
    position = details.position
    if position is not None and not (abs(position.lat) <= 90 and abs(position.lon) <= 180):
        raise InvalidDisruption(
            "details.position", raw["position"], "lat from -90 to 90 and lon from -180 to 180 degrees"
        )


def _check_alternates(details: DisruptionDetails, raw: Mapping[str, Any], lookup: FlightLookup) -> None:
    known = {field.name for field in fields(ReportedAlternate)}
    seen: set[str] = set()
    if len(details.alternates) > _MOST_ALTERNATES:
        raise InvalidDisruption(
            "details.alternates", raw["alternates"], f"at most {_MOST_ALTERNATES} airports"
        )
    for number, (one, given) in enumerate(zip(details.alternates, raw.get("alternates", ()), strict=True)):
        where = f"details.alternates[{number}]"
        for name in sorted(given.keys() - known):
            expected = f"one of the fields {', '.join(sorted(known))}"
            raise InvalidDisruption(f"{where}.{name}", given[name], expected)
        if one.airport in seen:
            raise InvalidDisruption(f"{where}.airport", one.airport, "each airport once")
        seen.add(one.airport)
        if not _IATA.fullmatch(one.airport) or lookup.airport(one.airport) is None:
            raise InvalidDisruption(f"{where}.airport", one.airport, "an airport of the network")
        start, end = one.handling_start, one.handling_end
        for name, instant in (("handling_start", start), ("handling_end", end)):
            if instant is not None and instant.tzinfo is None:
                raise InvalidDisruption(f"{where}.{name}", given[name], _AWARE_INSTANT)
        if start is not None and end is not None and end <= start:
            raise InvalidDisruption(
                f"{where}.handling_end", given["handling_end"], f"an instant after {given['handling_start']}"
            )
        if one.charges_usd is not None and not (one.charges_usd.is_finite() and one.charges_usd >= 0):
            raise InvalidDisruption(f"{where}.charges_usd", given["charges_usd"], "zero or more US dollars")


def _check_elsewhere(details: DisruptionDetails, flight: Flight) -> None:
    for number, one in enumerate(details.alternates):
        if one.airport in (flight.origin, flight.destination):
            expected = f"another airport than {flight.origin} and {flight.destination}"
            raise InvalidDisruption(f"details.alternates[{number}].airport", one.airport, expected)


def _named(error: msgspec.ValidationError, raw: object) -> InvalidDisruption:
    expected, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    value: object = raw
    for step in re.findall(r"\w+", path):
        if isinstance(value, list) and step.isdigit():
            value = value[int(step)]
        elif isinstance(value, Mapping):
            value = value.get(step)
    where = f"details.{path}" if path else "details"
    return InvalidDisruption(where, value, expected.removeprefix("Expected ").strip())


def _string(detail: Mapping[str, Any], field: str, pattern: re.Pattern[str], expected: str) -> str:
    value = detail.get(field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidDisruption(field, value, expected)
    return value


def _text(detail: Mapping[str, Any], field: str) -> str:
    value = detail.get(field, "")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise InvalidDisruption(field, value, f"text of at most {_LONGEST_TEXT} characters")
    return value


def _converted(detail: Mapping[str, Any], field: str, kind: type[T], expected: str) -> T:
    try:
        return msgspec.convert(detail.get(field), kind)
    except msgspec.ValidationError:
        raise InvalidDisruption(field, detail.get(field), expected) from None


def _instant(detail: Mapping[str, Any], field: str, default: datetime) -> datetime:
    if detail.get(field) is None:
        return default
    instant = _converted(detail, field, datetime, "an instant such as 2026-02-05T14:00:00Z")
    if instant.tzinfo is None:
        raise InvalidDisruption(field, detail[field], _AWARE_INSTANT)
    return instant.astimezone(UTC)
