from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from skymarshal.domain.disruption import DisruptionType, Position
from skymarshal.intake import (
    SAMPLE_AHEAD,
    AmbiguousDisruption,
    InvalidDisruption,
    check_event,
    parse_event,
)

HYDRAULIC = {
    "disruption_id": "d-1",
    "type": "technical",
    "flight_id": "EY11-2026-02-05",
    "reported_at": "2026-02-04T08:00:00Z",
    "description": "Hydraulic leak found on the walk-round",
    "details": {"ata": "29", "repair": {"least": "PT1H", "likely": "PT2H", "most": "PT3H"}},
}


def test_a_complete_event_becomes_a_disruption(schedule, now) -> None:
    disruption = parse_event(HYDRAULIC, schedule, now)
    assert disruption.type is DisruptionType.TECHNICAL
    assert disruption.flight_id == "EY11-2026-02-05"
    assert disruption.reported_at == datetime(2026, 2, 4, 8, tzinfo=UTC)
    assert disruption.details.repair is not None
    assert disruption.details.repair.likely == timedelta(hours=2)


def test_an_event_without_a_report_time_was_reported_when_it_came_in(schedule, now) -> None:
    event = {key: value for key, value in HYDRAULIC.items() if key != "reported_at"}
    assert parse_event(event, schedule, now).reported_at == now


def test_a_flight_may_be_named_by_number_and_local_date(schedule, now) -> None:
    event = {**HYDRAULIC, "flight_number": "EY283", "flight_date": "2026-02-05"}
    del event["flight_id"]
    assert parse_event(event, schedule, now).flight_id == "EY283-2026-02-04"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"disruption_id": None}, "disruption_id"),
        ({"disruption_id": "a b"}, "disruption_id"),
        ({"disruption_id": "x" * 65}, "disruption_id"),
        ({"disruption_id": 7}, "disruption_id"),
        ({"type": "gremlins"}, "type"),
        ({"type": None}, "type"),
        ({"flight_id": "EY404-2026-02-05"}, "flight_id"),
        ({"flight_id": "EY99-2026-02-03"}, "flight_id"),
        ({"flight_id": None}, "flight_id"),
        ({"airport": "London"}, "airport"),
        ({"airport": "XXX"}, "airport"),
        ({"reported_at": "yesterday"}, "reported_at"),
        ({"reported_at": "2026-02-05T08:00:00"}, "reported_at"),
        ({"description": ["not", "text"]}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"details": "none"}, "details"),
        (
            {"details": {"repair": {"least": "PT1H", "likely": "soon", "most": "PT3H"}}},
            "details.repair.likely",
        ),
        ({"details": {"repair": {"least": "PT1H", "most": "PT3H"}}}, "details.repair"),
        ({"details": {"unavailable_crew": ["C1", 2]}}, "details.unavailable_crew"),
        ({"details": {"colour": "red"}}, "details.colour"),
        ({"details": {"window_start": "2026-02-05T08:00:00"}}, "details.window_start"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(schedule, now, change, field) -> None:
    with pytest.raises(InvalidDisruption) as refused:
        parse_event({**HYDRAULIC, **change}, schedule, now)
    assert refused.value.field.startswith(field)
    assert refused.value.expected
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("detail", [None, [], "text", 3])
def test_an_event_that_is_no_object_is_refused(schedule, now, detail) -> None:
    with pytest.raises(InvalidDisruption, match="JSON object"):
        parse_event(detail, schedule, now)


def test_the_repair_range_must_be_in_order(schedule, now) -> None:
    details = {"repair": {"least": "PT3H", "likely": "PT2H", "most": "PT1H"}}
    with pytest.raises(InvalidDisruption, match="least <= likely <= most"):
        parse_event({**HYDRAULIC, "details": details}, schedule, now)


def test_a_negative_duration_is_refused(schedule, now) -> None:
    with pytest.raises(InvalidDisruption, match=r"details\.delay"):
        parse_event({**HYDRAULIC, "details": {"delay": "-PT1H"}}, schedule, now)


def test_a_window_must_end_after_it_starts(schedule, now) -> None:
    details = {"window_start": "2026-02-05T08:00:00Z", "window_end": "2026-02-05T07:00:00Z"}
    with pytest.raises(InvalidDisruption, match=r"details\.window_end"):
        parse_event({**HYDRAULIC, "details": details}, schedule, now)


def test_text_beside_structured_fields_is_refused(schedule, now) -> None:
    with pytest.raises(InvalidDisruption, match="nothing beside text"):
        parse_event({"disruption_id": "d", "text": "EY11 fog", "type": "weather"}, schedule, now)


def test_a_number_that_flies_twice_is_asked_back_with_its_flights(schedule, now) -> None:
    event = {"disruption_id": "d", "text": "EY11 tomorrow has a hydraulic leak, 2 hours to fix"}
    schedule.rows.append(schedule.rows[5])
    with pytest.raises(AmbiguousDisruption) as asked:
        parse_event(event, schedule, now)
    assert asked.value.candidates


ALTERNATE = {
    "airport": "MCT",
    "runway_suits": True,
    "traffic_rights": True,
    "handling_start": "2026-02-05T06:00:00Z",
    "handling_end": "2026-02-05T22:00:00Z",
    "charges_usd": 9000,
}


def test_what_is_known_of_an_alternate_and_of_a_flight_in_the_air_is_taken_over(schedule, now) -> None:
    details = {
        "alternates": [ALTERNATE],
        "position": {"lat": 48.5, "lon": 20.0},
        "endurance": "PT2H30M",
    }
    found = parse_event({**HYDRAULIC, "details": details}, schedule, now).details
    (one,) = found.alternates
    assert (one.airport, one.runway_suits, one.charges_usd) == ("MCT", True, Decimal(9000))
    assert one.handling_start == datetime(2026, 2, 5, 6, tzinfo=UTC)
    assert found.position == Position(lat=48.5, lon=20.0)
    assert found.endurance == timedelta(hours=2, minutes=30)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"alternates": [{**ALTERNATE, "airport": "XXX"}]}, "details.alternates[0].airport"),
        ({"alternates": [{**ALTERNATE, "airport": "AUH"}]}, "details.alternates[0].airport"),
        ({"alternates": [ALTERNATE, ALTERNATE]}, "details.alternates[1].airport"),
        ({"alternates": [{**ALTERNATE, "runway": 4000}]}, "details.alternates[0].runway"),
        ({"alternates": [{**ALTERNATE, "runway_suits": "yes"}]}, "details.alternates[0].runway_suits"),
        (
            {"alternates": [{**ALTERNATE, "handling_end": "2026-02-05T05:00:00Z"}]},
            "details.alternates[0].handling_end",
        ),
        (
            {"alternates": [{**ALTERNATE, "handling_start": "2026-02-05T05:00:00"}]},
            "details.alternates[0].handling_start",
        ),
        ({"alternates": [{**ALTERNATE, "charges_usd": -1}]}, "details.alternates[0].charges_usd"),
        ({"alternates": [{**ALTERNATE, "charges_usd": "NaN"}]}, "details.alternates[0].charges_usd"),
        ({"alternates": "AUH"}, "details.alternates"),
        ({"alternates": [ALTERNATE] * 11}, "details.alternates"),
        ({"position": {"lat": 91, "lon": 0}}, "details.position"),
        ({"position": {"lat": 1}}, "details.position"),
        ({"endurance": "-PT1M"}, "details.endurance"),
        ({"cause": "gremlins"}, "details.cause"),
        ({"delay_codes": ["36", "3"]}, "details.delay_codes[1]"),
        ({"exemptions": ["Frankfurt"]}, "details.exemptions[0]"),
        ({"exemptions": ["SIN"]}, "details.exemptions[0]"),
        ({"exemptions": ["AUH", "AUH"]}, "details.exemptions[1]"),
        ({"exemptions": "AUH"}, "details.exemptions"),
    ],
)
def test_what_cannot_be_of_an_alternate_or_of_a_position_is_refused_by_name(
    schedule, now, details, field
) -> None:
    with pytest.raises(InvalidDisruption) as refused:
        parse_event({**HYDRAULIC, "details": details}, schedule, now)
    assert refused.value.field == field
    assert refused.value.expected


def repair(most: str) -> dict:
    return {"repair": {"least": "PT1H", "likely": "PT2H", "most": most}}


def alternate(**fields: object) -> dict:
    return {"alternates": [{"airport": "MCT", **fields}]}


BEYOND = [
    ({"reported_at": "2099-01-01T00:00:00Z"}, "reported_at"),
    ({"reported_at": "2026-02-04T09:36:00Z"}, "reported_at"),
    ({"reported_at": "1970-01-01T00:00:00Z"}, "reported_at"),
    ({"reported_at": "2026-01-20T08:00:00Z"}, "reported_at"),
    ({"reported_at": "9999-12-31T23:59:59-23:59"}, "reported_at"),
    ({"reported_at": "0001-01-01T00:00:00+23:59"}, "reported_at"),
    ({"details": repair("P10000D")}, "details.repair.most"),
    ({"details": repair("P32D")}, "details.repair.most"),
    ({"details": {"delay": "P8D"}}, "details.delay"),
    ({"details": {"delay": "P999999999D"}}, "details.delay"),
    ({"details": {"endurance": "PT25H"}}, "details.endurance"),
    ({"details": {"window_end": "9999-12-31T23:59:59Z"}}, "details.window_end"),
    ({"details": {"window_end": "9999-12-31T23:59:59-23:59"}}, "details.window_end"),
    ({"details": {"window_start": "0001-01-01T00:00:00+23:59"}}, "details.window_start"),
    ({"details": {"window_end": "2026-03-20T00:00:00Z"}}, "details.window_end"),
    ({"details": {"window_start": "2025-12-20T00:00:00Z"}}, "details.window_start"),
    ({"details": {"unavailable_crew": ["C1"] * 31}}, "details.unavailable_crew"),
    ({"details": {"unavailable_crew": ["C" * 41]}}, "details.unavailable_crew[0]"),
    ({"details": {"inbound_flight_id": "E" * 41}}, "details.inbound_flight_id"),
    ({"details": {"ata": "2" * 41}}, "details.ata"),
    ({"details": {"delay_codes": ["93"] * 11}}, "details.delay_codes"),
    ({"details": {"exemptions": [f"AA{chr(65 + n)}" for n in range(13)]}}, "details.exemptions"),
    ({"details": alternate(handling_end="9999-12-31T00:00:00Z")}, "details.alternates[0].handling_end"),
    ({"details": alternate(charges_usd="1E+400")}, "details.alternates[0].charges_usd"),
    ({"details": alternate(charges_usd="NaN")}, "details.alternates[0].charges_usd"),
    ({"flight_id": None, "flight_number": "EY11", "flight_date": "9999-12-31"}, "flight_date"),
    ({"flight_id": None, "flight_number": "EY11", "flight_date": "0001-01-01"}, "flight_date"),
]


@pytest.mark.parametrize(("change", "field"), BEYOND)
def test_what_lies_beyond_its_bound_is_refused_by_name_before_anything_is_looked_up(
    schedule, now, change, field
) -> None:
    event = {**HYDRAULIC, **change}
    for read in (lambda: parse_event(event, schedule, now), lambda: check_event(event, now)):
        with pytest.raises(InvalidDisruption) as refused:
            read()
        assert refused.value.field == field
        assert refused.value.value is not None
        assert refused.value.expected
        assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "details",
    [
        repair("P31D"),
        {"delay": "P7D"},
        {"endurance": "PT24H"},
        {"window_start": "2026-01-05T00:00:00Z", "window_end": "2026-03-05T00:00:00Z"},
        {"unavailable_crew": [f"C{number}" for number in range(30)]},
        alternate(charges_usd="10000000"),
    ],
)
def test_what_lies_at_its_bound_is_taken(schedule, now, details) -> None:
    event = {**HYDRAULIC, "details": details}
    assert parse_event(event, schedule, now)
    check_event(event, now)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a flight designator"),
        ("nothing to see here", "a flight designator"),
        ("EY283 is fine", "words that say what happened"),
        ("EY283 or EY284 has a leak", "EY284"),
        ("EY283 has a leak, two hours or five hours to fix", "five hours"),
    ],
)
def test_a_text_that_says_too_little_is_refused_without_the_schedule(now, text, expected) -> None:
    with pytest.raises(InvalidDisruption, match=expected):
        check_event({"disruption_id": "D-1", "text": text}, now)


def test_a_report_may_be_as_far_ahead_as_clocks_differ_or_as_the_sample_airline_tells(schedule, now) -> None:
    assert parse_event({**HYDRAULIC, "reported_at": "2026-02-04T09:35:00Z"}, schedule, now)
    assert parse_event(
        {**HYDRAULIC, "reported_at": "2026-02-06T09:30:00Z"}, schedule, now, most_ahead=SAMPLE_AHEAD
    )
