from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain import cargo
from skymarshal.domain.delay_codes import delay_code
from skymarshal.domain.delay_cost import atfm_delay_cost
from skymarshal.domain.errors import (
    CurrencyMismatchError,
    InvalidInputError,
    NoRateError,
    OutOfRangeError,
    UnknownCodeError,
)
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.money import ExchangeRate, Money, convert, total

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("code", "inside", "outside"),
    [
        ("COL", (2, 8), (1.9, 8.1)),
        ("CRT", (15, 25), (14.9, 25.1)),
        ("ERT", (2, 25), (1.9, 25.1)),
        ("FRO", (-10, -40), (-9.9,)),
    ],
)
def test_readings_at_the_ends_of_a_range_are_in_it(code, inside, outside):
    assert all(cargo.check_temperature(code, inside).in_range)
    assert not any(cargo.check_temperature(code, outside).in_range)


def test_a_code_that_is_no_temperature_code_is_refused():
    with pytest.raises(
        UnknownCodeError, match="code: 'AVI' is not valid; expected one of COL, CRT, ERT, FRO"
    ):
        cargo.check_temperature("AVI", [3])


def test_pharmaceuticals_need_exactly_one_temperature_code():
    assert cargo.check_pharma_codes(["PIL", "COL"]).valid
    assert not cargo.check_pharma_codes(["PIL"]).valid
    assert not cargo.check_pharma_codes(["PIL", "COL", "CRT"]).valid
    assert cargo.check_pharma_codes(["PER"]).valid


def test_without_a_documented_range_the_range_is_unknown():
    assert cargo.temperature_source(awb=None, label=None).unknowns == ("temperature_range",)


def test_the_last_digit_of_an_air_waybill_is_the_serial_modulo_seven():
    assert cargo.check_awb("607-12345675").valid
    assert not cargo.check_awb("607-12345674").valid
    with pytest.raises(InvalidInputError, match="awb: '607-1234567'"):
        cargo.check_awb("607-1234567")


@given(serial=st.integers(0, 9_999_999))
def test_exactly_one_check_digit_fits_a_serial(serial):
    valid = [digit for digit in range(10) if cargo.check_awb(f"{serial:07d}{digit}").valid]

    assert valid == [serial % 7]


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("3", "5.1", True),
        ("4.2", "5.1", True),
        ("4.3", "8", True),
        ("3", "8", False),
        ("1.1", "3", True),
        ("1.4S", "3", False),
        ("9", "3", False),
    ],
)
def test_classes_that_are_kept_apart(first, second, apart):
    assert cargo.must_be_apart(first, second) is apart
    assert cargo.must_be_apart(second, first) is apart


@pytest.mark.parametrize("un", ["UN3480", "3090", "UN 3480"])
def test_lithium_batteries_keep_away_from_what_burns(un):
    for other in ("1.1", "2.1", "3", "4.1", "5.1"):
        assert cargo.must_be_apart("9", other, un_a=un)
    assert not cargo.must_be_apart("9", "8", un_a=un)


def _item(name: str) -> cargo.LoadItem:
    if name[0].isdigit():
        return cargo.LoadItem(awb=name, dg_class=name)
    return cargo.LoadItem(awb=name, codes=(name,))


@pytest.mark.parametrize(
    ("first", "second", "topic"),
    [
        ("6.1", "AVI", "toxic_infectious"),
        ("RPB", "AVI", "toxic_infectious"),
        ("6.1", "EAT", "toxic_infectious"),
        ("6.2", "EAT", "toxic_infectious"),
        ("RIS", "AVI", "toxic_infectious"),
        ("6.1", "HEG", "toxic_infectious"),
        ("7", "AVI", "radioactive"),
        ("RRY", "AVI", "radioactive"),
        ("RRY", "FIL", "radioactive"),
        ("RRY", "HEG", "radioactive"),
        ("HUM", "EAT", "human_remains"),
        ("HUM", "AVI", "human_remains"),
        ("AVI", "EAT", "animals_food"),
        ("ICE", "HEG", "dry_ice_animals"),
        ("RFL", "ROX", "segregation"),
        ("RLI", "RFG", "segregation"),
        ("RSC", "5.1", "segregation"),
    ],
)
def test_handling_codes_and_classes_that_are_kept_apart(first, second, topic):
    for pair in ((first, second), (second, first)):
        found = cargo.check_segregation([_item(name) for name in pair])
        assert found.compatible is False
        assert cargo.CARGO_ARTICLES[topic] in found.articles


@pytest.mark.parametrize(
    ("first", "second"),
    [("RRW", "AVI"), ("8", "EAT"), ("9", "AVI"), ("HUM", "PER"), ("RXS", "RFL"), ("7", "EAT")],
)
def test_what_may_stand_side_by_side(first, second):
    assert cargo.check_segregation([_item(first), _item(second)]).compatible is True


@pytest.mark.parametrize(
    ("first", "second"), [("6.1", "AVI"), ("RRY", "AVI"), ("HUM", "EAT"), ("6.1", "EAT")]
)
def test_a_loading_review_names_what_goes_apart(first, second):
    review = cargo.review_loading([_item(first), _item(second)], aircraft="passenger")

    assert (review.allowed, review.review_required, len(review.apart)) == (True, True, 1)


def test_a_un_number_without_a_class_leaves_it_unknown():
    petrol = cargo.LoadItem(awb="1", un_number="UN1203")
    found = cargo.check_segregation([petrol, _item("ROX")])

    assert (found.compatible, found.unknowns) == (None, ("dg_class of 1",))


def test_cargo_aircraft_only_never_goes_on_a_passenger_aircraft():
    item = cargo.LoadItem(awb="607-12345675", cargo_aircraft_only=True)

    assert not cargo.review_loading([item], aircraft="passenger").allowed
    assert cargo.review_loading([item], aircraft="cargo").allowed
    assert cargo.review_loading([item], aircraft=None).unknowns == ("aircraft",)


def test_dry_ice_or_animals_alone_need_no_review_together_they_do():
    ice = cargo.LoadItem(awb="1", codes=("ICE",))
    animals = cargo.LoadItem(awb="2", codes=("AVI",))

    assert not cargo.review_loading([ice], aircraft="passenger").review_required
    assert not cargo.review_loading([animals], aircraft="passenger").review_required
    assert cargo.review_loading([ice, animals], aircraft="passenger").review_required


def test_live_animals_are_never_offloaded_by_a_list():
    assert not cargo.check_offload(cargo.LoadItem(awb="1", codes=("AVI",))).by_list_allowed
    assert cargo.check_offload(cargo.LoadItem(awb="1", codes=("PER",))).by_list_allowed


RATE = ExchangeRate(
    source="EUR", target="USD", rate=Decimal("1.10"), valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 31)
)


def test_money_is_converted_only_at_a_rate_that_is_in_force():
    hundred = Money(Decimal(100), "EUR")

    assert convert(hundred, "USD", on=date(2026, 1, 31), rates=[RATE]) == Money(Decimal("110.00"), "USD")
    with pytest.raises(NoRateError, match="no rate from EUR to USD in force on 2026-02-01"):
        convert(hundred, "USD", on=date(2026, 2, 1), rates=[RATE])


def test_the_latest_rate_counts_and_the_other_direction_is_inverted():
    newer = ExchangeRate(source="EUR", target="USD", rate=Decimal("1.25"), valid_from=date(2026, 1, 15))
    dollars = Money(Decimal(100), "USD")

    assert convert(dollars, "EUR", on=date(2026, 1, 20), rates=[RATE, newer]) == Money(Decimal(80), "EUR")


def test_currencies_are_never_mixed():
    with pytest.raises(CurrencyMismatchError, match="EUR and USD"):
        total([Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")], "EUR")
    with pytest.raises(InvalidInputError, match="currency: 'euro'"):
        Money(Decimal(1), "euro")


def test_known_distances():
    assert great_circle_km(24.433, 54.651, 51.471, -0.460) == pytest.approx(5516, abs=15)
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(20015, abs=1)


@given(a=LATITUDES, b=LONGITUDES, c=LATITUDES, d=LONGITUDES)
def test_distance_is_the_same_both_ways_and_at_most_half_way_round(a, b, c, d):
    there = great_circle_km(a, b, c, d)

    assert there == pytest.approx(great_circle_km(c, d, a, b), abs=1e-6)
    assert 0 <= there <= 20016


def test_a_latitude_off_the_globe_is_named():
    with pytest.raises(OutOfRangeError, match="latitude_a: 91"):
        great_circle_km(91, 0, 0, 0)
    with pytest.raises(OutOfRangeError, match="longitude_b: nan"):
        great_circle_km(0, 0, 0, float("nan"))


def test_delay_codes_tell_crew_and_reactionary_delays():
    assert delay_code("93").reactionary
    assert delay_code("63").crew
    assert delay_code("41").group == "technical"
    with pytest.raises(UnknownCodeError, match="code: '10'"):
        delay_code("10")


def test_the_network_average_cost_of_delay_says_that_it_is_unverified():
    found = atfm_delay_cost(timedelta(minutes=30))

    assert (found.cost, found.verified) == (Money(Decimal("3000.00"), "EUR"), False)
