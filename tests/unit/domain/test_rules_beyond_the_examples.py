"""Rules asked in other words than the worked examples use, and with what no rule can answer."""

from __future__ import annotations

import pytest

from skymarshal.cli.rule_checks import check_rule
from skymarshal.domain.errors import DomainError

MISSED = {"rule": "commanders_discretion", "basic_max_fdp": "13:00", "delay_known": "after_reporting"}
RETURN_LEG = {"regime": "EU261", "event": "delay", "origin": "AUH", "destination": "FRA"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"rule": "standby", "type": "Hotel", "standby_hours": "8", "max_fdp": "13:00"}, "11:00"),
        ({"rule": "standby", "type": "suitable accommodation", "standby_hours": 8, "max_fdp": 13}, "11:00"),
    ],
)
def test_standby_outside_the_airport_goes_by_several_names(asked, expected):
    assert check_rule(asked)["max_fdp_after"] == expected


@pytest.mark.parametrize(
    ("place", "more", "expected"),
    [
        ("home_base", {}, "12:00"),
        ("home_with_operator_accommodation", {}, "10:00"),
        ("Away from home base", {}, "10:00"),
        ("outstation", {"fdp_time_difference_hours": "-4:00"}, "14:00"),
        ("away", {"fdp_time_difference_hours": "3:59"}, "10:00"),
    ],
)
def test_the_place_of_rest_goes_by_several_names(place, more, expected):
    answer = check_rule({"rule": "rest", "place": place, "preceding_duty": "9:00", **more})

    assert answer["min_rest"] == expected


@pytest.mark.parametrize(
    ("asked", "field", "expected"),
    [
        ({"rule": "mel_interval", "category": "b", "discovered": "2026-01-26T10:00Z"}, "last_day",
         "2026-01-29"),
        ({"rule": "cargo", "check": "temperature", "code": "col", "readings_c": [5]}, "in_range", [True]),
        ({"rule": "cargo", "check": "awb", "serial": 1234567}, "check_digit", 5),
        ({"rule": "cargo", "check": "segregation", "classes": [3, 5.1]}, "compatible", False),
        ({"rule": "cargo", "check": "segregation", "classes": "3,8"}, "compatible", True),
        ({"rule": "cargo", "check": "handling_codes", "codes": ["pil", "col"]}, "valid", True),
        ({"rule": "delay_code", "code": 9}, "code", "09"),
        ({"rule": "great_circle", "origin": "jfk", "destination": "lhr"}, "distance_km", 5540),
        ({"regime": "ec 261", "event": "cancelled", "cause": "Bird strike"}, "extraordinary", True),
        ({"regime": "EU261", "event": "cancellation", "cause": "official-strike-own-staff"},
         "extraordinary", False),
        ({"regime": "Montreal", "kind": "delay", "event_date": "2024-12-28"}, "limit_sdr", 6303),
        ({"rule": "max_fdp_inflight_rest", "rest_facility": "Class 2", "additional_pilots": 1, "sectors": 2,
          "longest_sector_hours": "8:00"}, "max_fdp", "15:00"),
    ],
)  # fmt: skip
def test_capitals_spaces_and_bare_numbers_make_no_difference(asked, field, expected):
    assert check_rule(asked)[field] == expected


def test_a_terminal_may_be_given_by_its_number():
    connection = {"rule": "mct", "airport": "lhr", "connection_min": 89, "date": "2026-01-01"}

    assert check_rule({**connection, "terminal_from": 3, "terminal_to": "5"})["margin_min"] == -1


@pytest.mark.parametrize("written", [8, "8", "QC8", "qc/8"])
def test_a_barred_noise_class_is_barred_however_it_is_written(written):
    movement = {"rule": "curfew", "airport": "LHR", "time_utc": "2026-01-16T06:30Z", "movement": "departure"}

    assert check_rule({**movement, "quota_count": written})["status"] == "prohibited"
    assert check_rule({**movement, "quota_count": "QC/2"})["status"] == "permitted"


@pytest.mark.parametrize(
    ("projected", "more", "available"),
    [
        ("15:00", {}, True),
        ("15:01", {}, False),
        ("16:00", {"augmented": True}, True),
        ("16:01", {"augmented": True}, False),
        ("16:01", {"airborne_on_last_sector": True}, True),
        ("13:01", {"delay_known": "before reporting"}, False),
    ],
)
def test_discretion_is_available_only_for_what_it_can_cover(projected, more, available):
    answer = check_rule({**MISSED, "projected_fdp": projected, **more})

    assert answer["discretion_available"] is available


@pytest.mark.parametrize(
    ("second", "starts"), [("05:00", "06:00"), ("06:30", "07:30"), ("07:00", "08:00"), ("10:00", "08:00")]
)
def test_a_second_notification_never_starts_the_fdp_after_the_first_delayed_report(second, starts):
    answer = check_rule(
        {
            "rule": "delayed_reporting",
            "original_report": "06:00",
            "delayed_report": "08:00",
            "sectors": 1,
            "notifications": 2,
            "second_notification": second,
        }
    )

    assert answer["fdp_starts"] == starts


@pytest.mark.parametrize(
    ("carrier", "in_scope", "amount"),
    [("LH", True, 600), ("EY", False, 0), ("BA", False, 0), ("ZZ", None, None)],
)
def test_the_carrier_decides_a_flight_into_the_territory(carrier, in_scope, amount):
    answer = check_rule({**RETURN_LEG, "carrier": carrier, "arrival_delay_min": 300})

    assert (answer["in_scope"], answer["compensation_eur"]) == (in_scope, amount)


def test_no_compensation_is_stated_where_the_scope_is_not_known():
    answer = check_rule({**RETURN_LEG, "arrival_delay_min": 300})

    assert (answer["in_scope"], answer["compensation_due"], answer["compensation_eur"]) == (None, None, None)
    assert "carrier_eu" in answer["unknowns"]


def test_a_downgrade_outside_the_scope_pays_nothing_back():
    answer = check_rule({**RETURN_LEG, "event": "downgrade", "carrier_eu": False})

    assert answer["refund_percent_of_ticket"] == 0


def test_a_cause_counts_under_each_regime_that_is_asked_for():
    answer = check_rule(
        {
            "regimes": ["EU261", "UK261"],
            "event": "delay",
            "origin": "LHR",
            "destination": "FRA",
            "carrier": "BA",
            "arrival_delay_min": 300,
            "cause": "bird_strike",
        }
    )

    assert answer["uk261"]["compensation_gbp"] == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"rule": "split_duty", "basic_max_fdp": "13:00", "ground_break": "4:00", "breaks": 0,
          "post_pre_flight_and_travel": "0:30", "accommodation": "suitable"}, "breaks: 0"),
        ({"rule": "etops", "engines": 0, "diversion_min": 60}, "engines: 0"),
        ({"rule": "max_fdp_inflight_rest", "rest_facility": "class1", "additional_pilots": 99, "sectors": 1,
          "longest_sector_hours": 8}, "additional_pilots: 99"),
        ({"regime": "EU261", "event": "delay", "origin_eu": True, "distance_km": 25000,
          "arrival_delay_min": 200}, "distance_km: 25000"),
        ({"regime": "EU261", "event": "downgrade", "distances_km": []}, "distances_km: []"),
        ({**RETURN_LEG, "carrier": 3.5, "arrival_delay_min": 300}, "carrier: "),
        ({**RETURN_LEG, "via": ["Dubai"], "arrival_delay_min": 300}, "via: 'Dubai'"),
        ({"regime": "MC99", "kind": "passenger_delay", "event_dates": []}, "event_dates: []"),
        ({"rule": "cargo", "check": "liability", "weight_kg": 1e6, "event_date": "2026-02-05"},
         "weight_kg: "),
        ({"rule": "cargo", "check": "liability", "weight_kg": 1, "event_date": "2026-02-05",
          "declared_value": -5}, "declared_value: "),
        ({"rule": "cargo", "check": "liability", "weight_kg": 1, "event_date": "2026-02-05",
          "declared_value": 1e300}, "declared_value: "),
        ({"rule": "cargo", "check": "temperature", "code": "COL", "readings_c": []}, "readings_c: []"),
        ({"rule": "cargo", "check": "segregation", "classes": []}, "classes: []"),
        ({"rule": "cargo", "check": "handling_codes", "codes": ["frozen"]}, "codes: 'frozen'"),
        ({"rule": "cargo", "check": "loading_review", "shipments": [{}]}, "shipments: missing"),
        ({"rule": "mel_interval", "category": "B", "discovered": "2026-01-26T10:00Z",
          "departure": "2026-01-25T10:00Z"}, "departure: "),
        ({"rule": "mel_interval", "category": "B", "discovered": "2026-01-26T10:00Z",
          "departure": "2026-01-27T10:00Z", "arrival": "2026-01-27T09:00Z"}, "arrival: "),
        ({"rule": "mel_interval", "category": "A", "discovered": "2026-01-26T10:00Z",
          "interval_calendar_days": 999999}, "interval_calendar_days: 999999"),
        ({"rule": "mel_interval", "category": "C", "discovered": "2026-01-26T10:00Z", "interval_flights": 3,
          "used": 1, "planned": 1}, "interval_flights: 3"),
        ({"rule": "mel_interval", "category": "B", "discovered": "2026-01-26T10:00Z",
          "clock_zone": "Europe/Nowhere"}, "clock_zone: 'Europe/Nowhere'"),
        ({"rule": "max_fdp_from_rotation", "base": "Abu Dhabi", "last_acclimatised_tz": "Asia/Dubai",
          "elapsed_since_reporting_hours": 1, "report_utc": "2026-01-15T20:30Z", "report_place": "LHR",
          "sectors": 1}, "base: 'Abu Dhabi'"),
        ({"rule": "mct", "airport": "Vienna", "mct_min": 25, "connection_min": 25}, "airport: 'Vienna'"),
        ({"rule": "curfew", "airport": "LHR", "time_utc": "2026-01-16T06:30Z", "movement": "departure",
          "quota_count": "loud"}, "quota_count: 'LOUD'"),
        ({"rule": "rest", "place": "home", "preceding_duty": 99999}, "preceding_duty: 99999"),
    ],
)  # fmt: skip
def test_what_no_rule_can_answer_is_refused_by_name(asked, message):
    with pytest.raises(DomainError) as refused:
        check_rule(asked)

    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_very_long_value_is_cut_in_the_message():
    with pytest.raises(DomainError) as refused:
        check_rule({"rule": "curfew", "airport": "F" * 5000, "time_utc": "2026-01-16T06:30Z"})

    assert len(str(refused.value)) < 300


def test_a_report_told_twice_is_followed_to_the_last_and_a_second_notification_needs_no_count():
    told = {
        "rule": "delayed_reporting",
        "original_report": "12:00",
        "delayed_report": "15:00",
        "last_report": "17:30",
        "second_notification": "13:30",
        "sectors": 1,
        "state": "acclimatised",
    }
    moved = check_rule(told)
    assert (moved["max_fdp"], moved["fdp_starts"], moved["assumptions"]) == ("11:00", "14:30", [])

    del told["last_report"]
    once = check_rule(
        {**told, "original_report": "08:00", "delayed_report": "09:00", "second_notification": "07:30"}
    )
    assert (once["fdp_starts"], once["assumptions"]) == ("08:30", ["the report told last is delayed_report"])


def test_airport_standby_before_an_augmented_fdp_has_no_cap_on_both_together():
    asked = {"rule": "standby", "type": "airport", "standby_hours": 5, "max_fdp": "16:00"}

    assert check_rule(asked)["usable_fdp"] == "11:00"
    for name in ("in_flight_rest", "augmented", "split_duty"):
        answer = check_rule({**asked, name: True})
        assert (answer["usable_fdp"], answer["combined_cap"]) == ("15:00", None)
