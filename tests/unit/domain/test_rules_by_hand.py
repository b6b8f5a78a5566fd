"""Rules asked by hand: cases worked out from the regulations, and fields that contradict one another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skymarshal.cli.rule_checks import RULE_CHECKS, check_rule
from skymarshal.cli.rule_help import rule_help
from skymarshal.domain.errors import DomainError

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases_by_hand.jsonl").read_text(encoding="utf-8").splitlines()
]
AREAS = sorted({case["area"] for case in CASES})

DUTY = {
    "rule": "duty_limits",
    "report_utc": "2026-01-15T12:00Z",
    "report_place": "AUH",
    "base": "AUH",
    "elapsed_since_reporting_hours": 0,
    "sectors": 1,
    "off_block_utc": "2026-01-15T13:00Z",
    "end_of_fdp_utc": "2026-01-15T20:40Z",
    "post_flight": "0:30",
    "planned_flight_hours": 7.5,
}
BREAK = {
    "rule": "split_duty",
    "basic_max_fdp": "13:00",
    "ground_break": "8:00",
    "post_pre_flight_and_travel": "0:30",
    "accommodation": "accommodation",
}
HOME = {"rule": "standby", "type": "home", "standby_hours": 8, "max_fdp": "13:00"}
CONNECTION = {"rule": "mct", "airport": "AUH", "mct_min": 60, "connection_min": 80}
LANDING = {"rule": "curfew", "airport": "FRA", "movement": "arrival", "time_utc": "2026-01-15T22:40Z"}
LATE = {"rule": "eu261", "event": "delay", "origin": "CDG", "destination": "AUH", "arrival_delay_min": 420}


@pytest.mark.parametrize("area", AREAS)
def test_a_case_worked_out_by_hand_comes_out_so(area):
    wrong = []
    for case in CASES:
        if case["area"] != area:
            continue
        try:
            answer = check_rule(case["input"])
        except DomainError as error:
            answer = {"refused": str(error)}
        expected = case["expected"]
        right = (
            "refused" in answer
            if expected == "refused"
            else all(answer.get(name, "none") == value for name, value in expected.items())
        )
        if not right:
            wrong.append((case["input"], expected, answer))

    assert wrong == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        # A call without the start of the standby told nothing of its night part.
        ({**HOME, "contacted_at": "04:00"}, "standby_start"),
        # A call before the standby, read as the next evening, left none of it to count.
        ({**HOME, "standby_start": "23:00", "contacted_at": "22:00"}, "contacted_at"),
        ({**BREAK, "encroaches_wocl": True, "wocl_overlap": "0:00"}, "encroaches_wocl"),
        ({**BREAK, "encroaches_wocl": False, "break_start": "22:00"}, "encroaches_wocl"),
        ({**BREAK, "wocl_overlap": "0:00", "break_start": "22:00"}, "wocl_overlap"),
        ({"rule": "cumulative", "duty_hours_7d": 55, "planned_flight_hours": 8}, "flight_hours_28d"),
        ({"rule": "cumulative", "flight_hours_28d": 90, "home_standby_hours": 8}, "duty_hours_7d"),
        ({"rule": "rest", "check": "transition_nights"}, "opposite_directions"),
        ({**DUTY, "additional_pilots": 1}, "rest_facility"),
        ({**DUTY, "rest_facility": "class1"}, "additional_pilots"),
        ({**DUTY, "longest_sector_hours": 9.5}, "additional_pilots"),
        ({**DUTY, "report_tz": "Europe/London"}, "report_tz"),
        ({**DUTY, "next_report_utc": "2026-01-14T12:00Z"}, "next_report_utc"),
        ({**DUTY, "planned_flight_hours": 70}, "planned_flight_hours"),
        (
            {
                "rule": "rest",
                "check": "rerrp",
                "start_utc": "2026-01-15T16:00Z",
                "end_utc": "2026-01-17T04:00Z",
                "zone": "Asia/Dubai",
                "previous_end_utc": "2026-01-16T16:00Z",
            },
            "previous_end_utc",
        ),
        ({**DUTY, "off_block_utc": "2026-01-15T11:00Z"}, "off_block_utc"),
        ({**DUTY, "end_of_fdp_utc": "2026-01-15T12:30Z"}, "end_of_fdp_utc"),
        (
            {**CONNECTION, "preclearance_presentation_min_before_departure": 90},
            "outbound_destination_country",
        ),
        (
            {
                **CONNECTION,
                "outbound_destination_country": "GB",
                "preclearance_presentation_min_before_departure": 90,
            },
            "preclearance_presentation_min_before_departure",
        ),
        ({**LANDING, "scheduled": True, "scheduled_local": "22:30"}, "scheduled"),
        (
            {**LANDING, "scheduled_utc": "2026-01-15T21:30Z", "scheduled_local": "20:30"},
            "scheduled_local",
        ),
        ({**LANDING, "reason": "emergency", "emergency": False}, "emergency"),
        (
            {"rule": "weather", "movement": "arrival", "approach": "CAT I", "rvr_m": 100},
            "visibility_m",
        ),
        (
            {"rule": "weather", "movement": "arrival", "approach": "CAT I", "ground_stop": True},
            "visibility_m",
        ),
        ({"rule": "us_dot", "domestic": True}, "arrival_delay_min"),
        ({"rule": "us_dot", "domestic": True, "event": "delay", "cancelled": True}, "cancelled"),
        ({"rule": "us_dot", "domestic": True, "event": "cancellation", "cancelled": False}, "cancelled"),
        # Without a distance the lowest band was taken.
        ({"rule": "national_rights", "regime": "SHY", "event": "cancellation"}, "distance_km"),
        ({"rule": "national_rights", "regime": "ASL", "event": "cancellation"}, "distance_km"),
        (
            {
                "rule": "national_rights",
                "regime": "DGCA",
                "event": "cancellation",
                "cause": "bird_strike",
                "extraordinary": False,
            },
            "extraordinary",
        ),
        (
            {
                "rule": "national_rights",
                "regime": "APPR",
                "origin": "DXB",
                "destination": "AUH",
                "event": "delay",
                "arrival_delay_min": 600,
            },
            "regime",
        ),
        ({"rule": "national_rights", "regime": "GACA", "event": "cancellation"}, "ticket_price"),
        (
            {
                "rule": "national_rights",
                "regime": "US250",
                "event": "delay",
                "event_date": "2020-01-01",
            },
            "event_date",
        ),
        ({**LATE, "event_date": "2004-01-01"}, "event_date"),
        ({**LATE, "regime": "UK261"}, "regime"),
        (
            {"rule": "mc99", "regime": "EU261", "kind": "baggage", "event_date": "2026-01-01"},
            "regime",
        ),
        ({**LATE, "notice_days": 3}, "notice_days"),
        ({**LATE, "brought_forward_min": 90}, "brought_forward_min"),
        ({**LATE, "event": "cancellation"}, "arrival_delay_min"),
        ({**LATE, "event": "denied_boarding"}, "arrival_delay_min"),
        ({**LANDING, "taxi_min": 600}, "taxi_min"),
        (
            {
                "rule": "weather",
                "movement": "arrival",
                "approach": "CAT I",
                "visibility_m": 900,
                "wind_kt": 9,
                "crosswind_limit_kt": -3,
            },
            "crosswind_limit_kt",
        ),
        ({**LATE, "origin_eu": False}, "origin_eu"),
        ({**LATE, "destination_uk": True}, "destination_uk"),
        ({**LATE, "carrier": "LH", "carrier_eu": False}, "carrier_eu"),
        (
            {
                "rule": "payer",
                "origin": "AUH",
                "destination": "FRA",
                "legs": [{"carrier": "LH", "carrier_eu": False}],
                "broken_leg": 1,
            },
            "carrier_eu",
        ),
        (
            {"rule": "mc99", "kind": "death_injury", "event_date": "2026-01-01", "declared_value": 30},
            "declared_value",
        ),
        (
            {"rule": "mc99", "kind": "passenger_delay", "event_date": "2026-01-01", "weight_kg": 30},
            "weight_kg",
        ),
        (
            {
                "rule": "hotel_nights",
                "airport": "FRA",
                "wait_from_utc": "2026-02-05T09:20Z",
                "wait_until_utc": "2026-02-04T23:20Z",
            },
            "wait_until_utc",
        ),
    ],
)
def test_what_contradicts_or_completes_another_field_is_asked_for_by_name(fields, named):
    with pytest.raises(DomainError, match=rf"^{named}: "):
        check_rule(fields)


def test_a_field_of_a_part_is_refused_with_the_names_that_the_part_has():
    with pytest.raises(DomainError, match=r"^legs\[0\]\.foo: .* expected one of tz_step_hours, rest_after"):
        check_rule(
            {
                "rule": "acclimatisation_rotation",
                "legs": [{"tz_step_hours": 2, "rest_after": True, "foo": 1}],
            }
        )


@pytest.mark.parametrize(("part", "due"), [(100, True), (239, True), (240, True), (241, False)])
def test_the_extraordinary_part_of_a_delay_is_taken_off_whatever_the_cause(part, due):
    """C-315/15 paragraph 54: 7 h less the part; 3 h or more that are left are owed for."""
    answer = check_rule({**LATE, "cause": "bird_strike", "extraordinary_delay_min": part})

    assert answer["compensation_due"] is due


def test_each_law_that_covers_a_journey_has_its_own_sum():
    answer = check_rule(
        {
            "rule": "national_rights",
            "origin": "YYZ",
            "destination": "TLV",
            "event": "delay",
            "arrival_delay_min": 600,
            "within_control": True,
            "required_for_safety": False,
        }
    )

    assert (answer["APPR"]["compensation"], answer["APPR"]["currency"]) == (1000, "CAD")
    assert (answer["ASL"]["compensation_high"], answer["ASL"]["currency"]) == (3460, "ILS")


def test_two_regimes_are_asked_alike_whatever_the_event():
    both = {"rule": "passenger_rights", "regimes": ["EU261", "UK261"]}
    outside = {"origin": "BKK", "destination": "LHR", "carrier": "EY", "cause": "technical"}
    asked = {**both, **outside, "event": "delay", "arrival_delay_min": 300}
    seats = {**both, "event": "downgrade", "origin": "LHR", "destination": "AUH", "carrier": "EY"}

    assert check_rule(asked)["compensation"] == 0
    assert check_rule(seats)["uk261"]["refund_percent_of_ticket"] == 75
    assert check_rule(seats)["eu261"]["refund_percent_of_ticket"] == 0


def test_capitals_make_no_difference_to_a_reason():
    for reason in ("medical", "Medical", "EMERGENCY"):
        assert check_rule({**LANDING, "reason": reason})["status"] == "permitted_emergency"


def test_a_shipment_for_cargo_aircraft_only_is_not_allowed_on_an_aircraft_that_is_not_known():
    shipments = [{"code": "AVI"}, {"cao": True}]
    asked = {"rule": "cargo", "check": "loading_review", "shipments": shipments}

    assert check_rule(asked)["allowed"] is None
    assert check_rule({**asked, "aircraft": "passenger"})["allowed"] is False
    assert check_rule({**asked, "aircraft": "freighter"})["allowed"] is True


@pytest.mark.parametrize(
    ("fields", "assumption"),
    [
        ({"rule": "commanders_discretion", "basic_max_fdp": "13:00"}, "projected_fdp"),
        (
            {
                "rule": "disruptive_duty",
                "start_utc": "2026-01-15T02:30Z",
                "end_utc": "2026-01-15T09:00Z",
                "zone": "Asia/Dubai",
            },
            "disruptive_type",
        ),
        ({"rule": "rest", "place": "away", "preceding_duty": "9:00"}, "extension_rest_hours"),
        ({**LANDING, "scheduled": False}, "no schedule"),
        (
            {
                "rule": "delayed_reporting",
                "original_report": "06:00",
                "delayed_report": "16:00",
                "sectors": 1,
            },
            "undisturbed",
        ),
    ],
)
def test_a_default_is_said(fields, assumption):
    assert any(assumption in said for said in check_rule(fields)["assumptions"])


def test_help_says_which_field_stands_for_another():
    told = rule_help(RULE_CHECKS["split_duty"])

    assert re.search(r"basic_max_fdp .* \(or report_ref_time\+sectors\)", told)
    assert re.search(r"ground_break .* \(needed\)", told)
    assert "flight_hours_calendar_year|flight_hours_12_months" in rule_help(RULE_CHECKS["cumulative"])
