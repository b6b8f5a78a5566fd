from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from skymarshal.cli.rule_checks import check_rule
from skymarshal.domain import passenger_rights as rights
from skymarshal.domain.errors import MissingInputError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.money import Money

DAY = date(2026, 2, 5)
HOUR = timedelta(hours=1)


def owed(regime, event="delay", hours=None, **more):
    late = None if hours is None else hours * HOUR
    return rights.national_compensation(
        regime, event=event, distance_km=11_000, on=DAY, arrival_delay=late, **more
    )


def sums(found) -> tuple[str, Decimal, Decimal, Decimal]:
    return found.likely.currency, found.low.amount, found.likely.amount, found.high.amount


@pytest.mark.parametrize(
    ("hours", "amount"), [(2.99, 0), (3, 400), (5.99, 400), (6, 700), (8.99, 700), (9, 1000), (30, 1000)]
)
def test_canada_by_the_delay_at_the_destination(hours, amount):
    found = owed("APPR", hours=hours, within_control=True, required_for_safety=False)

    assert sums(found) == ("CAD", amount, amount, amount)
    assert any("s 19" in article.article for article in found.articles)


@pytest.mark.parametrize(
    ("facts", "low", "likely", "high"),
    [
        ({"within_control": False}, 0, 0, 0),
        ({"within_control": True, "required_for_safety": True}, 0, 0, 0),
        ({"within_control": True}, 0, 700, 700),
        ({}, 0, 700, 700),
        ({"cause": "crew_shortage"}, 700, 700, 700),
        ({"cause": "technical"}, 0, 0, 700),
        ({"cause": "strike_own_staff"}, 0, 0, 700),
        ({"cause": "hidden_design_defect"}, 0, 0, 700),
        ({"cause": "reactionary"}, 0, 700, 700),
    ],
)
def test_canada_asks_for_control_and_safety(facts, low, likely, high):
    assert sums(owed("APPR", hours=7, **facts)) == ("CAD", low, likely, high)


@pytest.mark.parametrize(("hours", "amount"), [(5, 900), (6, 1800), (9, 2400)])
def test_canada_denied_boarding(hours, amount):
    found = owed("APPR", "denied_boarding", hours, cause="overbooking")

    assert found.likely.amount == amount


@pytest.mark.parametrize(("hours", "amount"), [(2.9, 0), (3, 50), (5.9, 50), (6, 150), (20, 150)])
def test_saudi_arabia_by_the_delay(hours, amount):
    found = owed("GACA", hours=hours, extraordinary=False)

    assert sums(found) == ("XDR", amount, amount, amount)
    assert not found.verified


def test_saudi_arabia_grants_a_share_of_the_fare():
    fare = Money(Decimal(1000), "SAR")

    assert sums(owed("GACA", "denied_boarding", fare=fare)) == ("SAR", 2000, 2000, 2000)
    assert sums(owed("GACA", "cancellation", fare=fare)) == ("SAR", 0, 1500, 1500)
    with pytest.raises(MissingInputError, match="fare"):
        owed("GACA", "denied_boarding")


@pytest.mark.parametrize("regime", ["DGCA", "SHY", "US250"])
def test_india_turkey_and_the_united_states_fix_nothing_for_a_delay(regime):
    found = owed(regime, hours=7)

    assert (found.due, found.high.amount) == (False, 0)
    assert found.articles


@pytest.mark.parametrize(("block", "most"), [(1, 5_000), (2, 7_500), (4, 10_000)])
def test_india_pays_for_a_cancellation_by_block_time(block, most):
    found = owed("DGCA", "cancellation", extraordinary=False, block=block * HOUR)

    assert found.likely == Money(Decimal(most), "INR")


@pytest.mark.parametrize(("hours", "cap"), [(1, 0), (5, 10_000), (24, 10_000), (25, 20_000)])
def test_india_denied_boarding_by_the_next_flight(hours, cap):
    next_ = rights.Reroute(departure_offset=hours * HOUR, arrival_offset=hours * HOUR)

    assert owed("DGCA", "denied_boarding", reroute=next_).high.amount == cap


@pytest.mark.parametrize(("km", "euro"), [(1500, 250), (3500, 400), (3501, 600)])
def test_turkey_pays_for_a_cancellation_by_distance(km, euro):
    found = rights.national_compensation(
        "SHY", event="cancellation", distance_km=km, on=DAY, extraordinary=False
    )

    assert found.likely == Money(Decimal(euro), "EUR")


@pytest.mark.parametrize(
    ("km", "hours", "amount"), [(2000, 8, 1440), (4500, 8, 2310), (4501, 9, 3460), (2000, 7.9, 0)]
)
def test_israel_takes_eight_hours_late_for_cancelled(km, hours, amount):
    found = rights.national_compensation(
        "ASL", event="delay", distance_km=km, on=DAY, arrival_delay=hours * HOUR, extraordinary=False
    )

    assert found.likely.amount == amount


@pytest.mark.parametrize(("hours", "sum_"), [(1, 0), (1.01, 800), (3.99, 800), (4, 1600)])
def test_the_united_states_pay_who_is_left_behind_at_an_oversold_flight(hours, sum_):
    next_ = rights.Reroute(departure_offset=HOUR, arrival_offset=hours * HOUR)
    fare = Money(Decimal(400), "USD")

    assert owed("US250", "denied_boarding", reroute=next_, fare=fare).likely.amount == sum_
    assert owed("US250", "denied_boarding", fare=Money(Decimal(5000), "USD")).likely.amount == 2150
    assert owed("US250", "denied_boarding", reroute=next_, smaller_aircraft=True).high.amount == 0


def test_a_law_before_its_day_and_a_law_that_is_none_are_refused():
    with pytest.raises(OutOfRangeError, match="GACA"):
        rights.national_compensation("GACA", event="delay", distance_km=900, on=date(2023, 11, 19))
    with pytest.raises(UnknownCodeError):
        rights.national_law("XYZ", on=DAY)


def test_what_is_not_held_is_said():
    assert rights.state_without_law("TH", on=DAY, eu_or_uk=False)
    assert not rights.state_without_law("AE", on=DAY, eu_or_uk=False)
    assert not rights.state_without_law("FR", on=DAY, eu_or_uk=True)
    answer = check_rule(
        {
            "rule": "national_rights",
            "origin": "BKK",
            "destination": "AUH",
            "event": "delay",
            "arrival_delay_min": 420,
        }
    )
    assert (answer["law_held"], answer["compensation"], answer["unknowns"]) == (False, None, ["law"])


def test_the_first_carrier_answers_for_the_second_of_one_booking():
    # C-502/18: Prague to Bangkok over Abu Dhabi, the second flight 488 minutes late on Etihad.
    answer = check_rule(
        {
            "rule": "payer",
            "origin": "PRG",
            "destination": "BKK",
            "legs": [{"carrier": "OK"}, {"carrier": "EY"}],
            "broken_leg": 2,
        }
    )
    assert (answer["payer"], answer["redress_against"]) == ("OK", "EY")


@pytest.mark.parametrize(
    ("landed", "late", "counts_as", "euro"),
    [("LGW", 58, "delay", 0), ("LGW", 180, "delay", 250), ("MAN", 58, "cancellation", 250)],
)
def test_another_airport_of_the_city_is_a_delay_any_other_a_cancellation(landed, late, counts_as, euro):
    answer = check_rule(
        {
            "rule": "eu261",
            "event": "diversion",
            "origin": "VIE",
            "destination": "LHR",
            "diverted_to": landed,
            "arrival_delay_min": late,
        }
    )
    assert (answer["counts_as"], answer["compensation_eur"]) == (counts_as, euro)


@pytest.mark.parametrize(("opened", "due"), [("13:00", True), ("12:59", False)])
def test_arrival_is_when_a_door_opens(opened, due):
    answer = check_rule(
        {
            "rule": "eu261",
            "event": "delay",
            "origin": "FRA",
            "destination": "AUH",
            "scheduled_arrival_utc": "2026-02-05T10:00Z",
            "door_open_utc": f"2026-02-05T{opened}Z",
        }
    )
    assert answer["compensation_due"] is due


@pytest.mark.parametrize(
    ("domestic", "hours", "allowed"), [(False, 4, True), (False, 4.1, False), (True, 3.1, False)]
)
def test_passengers_leave_the_tarmac_after_four_hours(domestic, hours, allowed):
    answer = check_rule({"rule": "us_tarmac", "domestic": domestic, "tarmac_hours": hours})

    assert answer["allowed"] is allowed


@pytest.mark.parametrize(
    ("airport", "eu"),
    [
        ("BRE", True),
        ("RUN", True),
        ("PTP", True),
        ("CAY", True),
        ("LPA", True),
        ("FAE", False),
        ("PPT", False),
    ],
)
def test_airports_and_territories_come_from_a_kept_package(airport, eu):
    answer = check_rule(
        {"rule": "eu261", "event": "delay", "origin": airport, "destination": "AUH", "arrival_delay_min": 300}
    )
    assert answer["in_scope"] is eu
