"""Structured events: a JSON object becomes a disruption, or is refused with the field named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from skymarshal.contracts import SAMPLE_REPORTS_AHEAD_SECONDS
from skymarshal.domain.delay_codes import DELAY_CODES
from skymarshal.domain.disruption import (
    Disruption,
    DisruptionDetails,
    DisruptionType,
    ReportedAlternate,
)
from skymarshal.domain.disruption_bounds import MOST_ALTERNATES, check_bounds, check_report
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.passenger_rights import CAUSES, cause_code
from skymarshal.intake.errors import InvalidDisruption
from skymarshal.intake.flights import FlightLookup, find_flight, flight_of_number
from skymarshal.intake.text import check_text, read_text
from skymarshal.operations.records import Flight

__all__ = ["CLOCK_SKEW", "SAMPLE_AHEAD", "check_event", "parse_event"]

_DISRUPTION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FLIGHT_NUMBER: Final = re.compile(r"(?:[A-Z][A-Z0-9]|[0-9][A-Z])\d{1,4}[A-Z]?")
_IATA: Final = re.compile(r"[A-Z]{3}")
_FLIGHT_ID: Final = re.compile(r".{1,40}")
_AN_AIRPORT: Final = "a three-letter IATA code"
_A_TYPE: Final = f"one of {', '.join(DisruptionType)}"
_LONGEST_TEXT: Final = 4_000
_FARTHEST_DAY: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(minutes=5)
"""By how much a reporter's clock may be ahead of intake's."""
SAMPLE_AHEAD: Final = timedelta(seconds=SAMPLE_REPORTS_AHEAD_SECONDS)
"""The same for the sample airline, whose disruptions are told of its days to come."""
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


def check_event(detail: object, received_at: datetime, *, most_ahead: timedelta = CLOCK_SKEW) -> None:
    """Refuse an event for what can be told without the schedule: its fields, their kinds and bounds.

    Raises:
        InvalidDisruption: naming the field, its value and what would be right.
    """
    given = _fields_of(detail)
    disruption_id, reported_at = _head(given, received_at, most_ahead)
    if "text" in given:
        check_text(_text_alone(given))
        return
    if given.get("airport") is not None:
        _string(given, "airport", _IATA, _AN_AIRPORT)
    flight_id = ""
    if given.get("flight_id") is None:
        _number_and_day(given, reported_at)
    else:
        flight_id = _string(given, "flight_id", _FLIGHT_ID, "a flight id")
    _require_bounds(
        Disruption(
            disruption_id=disruption_id,
            type=_converted(given, "type", DisruptionType, _A_TYPE),
            flight_id=flight_id,
            reported_at=reported_at,
            description=_text(given, "description"),
            details=_details(given, None),
        ),
        given,
    )


def parse_event(
    detail: object,
    lookup: FlightLookup,
    received_at: datetime,
    *,
    most_ahead: timedelta = CLOCK_SKEW,
) -> Disruption:
    """Return the disruption that an event's detail reports.

    Args:
        detail: a JSON object. `disruption_id` always; then either `text` (free text) or `type` with
            `flight_id`, or with `flight_number` and `flight_date`. `reported_at` defaults to `received_at`.
        lookup: the schedule, in which the flight must exist.
        received_at: when the event came in, aware UTC.
        most_ahead: by how much `reported_at` may be later than that.

    Raises:
        InvalidDisruption: naming the field, its value and what would be right.
        AmbiguousDisruption: where more than one reading is possible, with the candidates.
    """
    given = _fields_of(detail)
    disruption_id, reported_at = _head(given, received_at, most_ahead)
    if "text" in given:
        found = read_text(_text_alone(given), disruption_id, reported_at, lookup)
        _require_bounds(found, given)
        return found
    kind = _converted(given, "type", DisruptionType, _A_TYPE)
    details = _details(given, lookup)
    airport = None
    if given.get("airport") is not None:
        airport = _string(given, "airport", _IATA, _AN_AIRPORT)
        if lookup.airport(airport) is None:
            raise InvalidDisruption("airport", airport, "an airport of the network")
    flight = _flight(given, reported_at, lookup)
    found = Disruption(
        disruption_id=disruption_id,
        type=kind,
        flight_id=flight.flight_id,
        reported_at=reported_at,
        airport=airport,
        description=_text(given, "description"),
        details=details,
    )
    _require_bounds(found, given)
    _check_places(details, flight)
    return found


def _fields_of(detail: object) -> Mapping[str, Any]:
    if not isinstance(detail, Mapping):
        raise InvalidDisruption("detail", detail, "a JSON object")
    unexpected = sorted(str(key) for key in detail.keys() - _FIELDS)
    if unexpected:
        raise InvalidDisruption(
            unexpected[0], detail[unexpected[0]], f"one of the fields {', '.join(sorted(_FIELDS))}"
        )
    return detail


def _head(given: Mapping[str, Any], received_at: datetime, most_ahead: timedelta) -> tuple[str, datetime]:
    """Return the disruption's id, and when it was reported."""
    disruption_id = _string(given, "disruption_id", _DISRUPTION_ID, "1-64 letters, digits, '-' or '_'")
    if given.get("reported_at") is None:
        return disruption_id, received_at
    instant = _converted(given, "reported_at", datetime, "an instant such as 2026-02-05T14:00:00Z")
    if instant.tzinfo is None:
        raise InvalidDisruption("reported_at", given["reported_at"], _AWARE_INSTANT)
    try:
        check_report(instant, received_at, most_ahead)
    except OutOfRangeError as error:
        raise InvalidDisruption("reported_at", given["reported_at"], error.expected) from None
    return disruption_id, instant.astimezone(UTC)


def _require_bounds(disruption: Disruption, given: Mapping[str, Any]) -> None:
    try:
        check_bounds(disruption)
    except OutOfRangeError as error:
        field = "text" if "text" in given else error.field
        raise InvalidDisruption(field, error.value, error.expected) from None


def _text_alone(given: Mapping[str, Any]) -> str:
    beside = sorted(given.keys() - {"disruption_id", "reported_at", "text"})
    if beside:
        raise InvalidDisruption(beside[0], given[beside[0]], "nothing beside text, which says it all")
    return _text(given, "text")


def _flight(given: Mapping[str, Any], reported_at: datetime, lookup: FlightLookup) -> Flight:
    if given.get("flight_id") is not None:
        return find_flight(_string(given, "flight_id", _FLIGHT_ID, "a flight id"), lookup)
    number, day = _number_and_day(given, reported_at)
    return flight_of_number(number, lambda _: day, reported_at, lookup)


def _number_and_day(given: Mapping[str, Any], reported_at: datetime) -> tuple[str, date]:
    if given.get("flight_number") is None:
        raise InvalidDisruption(
            "flight_id", None, "a flight id such as EY283-2026-02-05, or flight_number and flight_date"
        )
    number = _string(given, "flight_number", _FLIGHT_NUMBER, "a flight designator such as EY283")
    day = _converted(given, "flight_date", date, "a date such as 2026-02-05")
    if abs(day - reported_at.date()) > _FARTHEST_DAY:
        raise InvalidDisruption("flight_date", given["flight_date"], "a date within a year of the report")
    return number, day


def _details(detail: Mapping[str, Any], lookup: FlightLookup | None) -> DisruptionDetails:
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
    for number, code in enumerate(details.exemptions):
        if not _IATA.fullmatch(code) or code in details.exemptions[:number]:
            raise InvalidDisruption(f"details.exemptions[{number}]", code, f"{_AN_AIRPORT}, each once")
    position = details.position
    if position is not None and not (abs(position.lat) <= 90 and abs(position.lon) <= 180):
        raise InvalidDisruption(
            "details.position", raw["position"], "lat from -90 to 90 and lon from -180 to 180 degrees"
        )


def _check_alternates(
    details: DisruptionDetails, raw: Mapping[str, Any], lookup: FlightLookup | None
) -> None:
    known = {field.name for field in fields(ReportedAlternate)}
    seen: set[str] = set()
    if len(details.alternates) > MOST_ALTERNATES:
        raise InvalidDisruption(
            "details.alternates", raw["alternates"], f"at most {MOST_ALTERNATES} airports"
        )
    for number, (one, given) in enumerate(zip(details.alternates, raw.get("alternates", ()), strict=True)):
        where = f"details.alternates[{number}]"
        for name in sorted(given.keys() - known):
            expected = f"one of the fields {', '.join(sorted(known))}"
            raise InvalidDisruption(f"{where}.{name}", given[name], expected)
        if one.airport in seen:
            raise InvalidDisruption(f"{where}.airport", one.airport, "each airport once")
        seen.add(one.airport)
        unknown = lookup is not None and lookup.airport(one.airport) is None
        if not _IATA.fullmatch(one.airport) or unknown:
            raise InvalidDisruption(f"{where}.airport", one.airport, "an airport of the network")
        start, end = one.handling_start, one.handling_end
        for name, instant in (("handling_start", start), ("handling_end", end)):
            if instant is not None and instant.tzinfo is None:
                raise InvalidDisruption(f"{where}.{name}", given[name], _AWARE_INSTANT)
        if start is not None and end is not None and end <= start:
            raise InvalidDisruption(
                f"{where}.handling_end", given["handling_end"], f"an instant after {given['handling_start']}"
            )


def _check_places(details: DisruptionDetails, flight: Flight) -> None:
    for number, one in enumerate(details.alternates):
        if one.airport in (flight.origin, flight.destination):
            expected = f"another airport than {flight.origin} and {flight.destination}"
            raise InvalidDisruption(f"details.alternates[{number}].airport", one.airport, expected)
    ends = (flight.origin, flight.destination, *(one.airport for one in details.alternates))
    for number, code in enumerate(details.exemptions):
        if code not in ends:
            expected = f"an airport that the flight uses: {', '.join(ends)}"
            raise InvalidDisruption(f"details.exemptions[{number}]", code, expected)


def _named(error: msgspec.ValidationError, raw: object) -> InvalidDisruption:
    expected, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    value: object = raw
    for step in re.findall(r"\w+", path):
        if isinstance(value, list) and step.isdecimal():
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
