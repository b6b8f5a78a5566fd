from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain import passenger_rights as rights
from skymarshal.domain.errors import MissingInputError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.money import Money

DAY = date(2026, 2, 5)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def delayed(hours: float, km: float, regime: str = "EU261", **more) -> rights.Compensation:
    facts = {"intra": False, "arrival_delay": timedelta(hours=hours)} | more
    return rights.compensation(regime, event="delay", distance_km=km, on=DAY, **facts)


def cancelled(notice: int | None, departs: int, arrives: int, km: float = 1000) -> rights.Compensation:
    return rights.compensation(
        "EU261",
        event="cancellation",
        distance_km=km,
        intra=False,
        on=DAY,
        notice_days=notice,
        reroute=rights.Reroute(departure_offset=departs * MINUTE, arrival_offset=arrives * MINUTE),
    )


@pytest.mark.parametrize(
    ("km", "intra", "eur"),
    [(1500, False, 250), (1500.1, False, 400), (3500, False, 400), (3500.1, False, 600), (9000, True, 400)],
)
def test_amounts_by_distance(km, intra, eur):
    assert delayed(5, km, intra=intra).amount == Money(Decimal(eur), "EUR")


def test_three_hours_late_is_due_and_a_minute_less_is_not():
    assert delayed(3, 1000).due is True
    assert delayed(3 - 1 / 60, 1000).due is False


def test_between_three_and_four_hours_a_long_flight_pays_half():
    assert delayed(3.99, 5000).amount == Money(Decimal(300), "EUR")
    assert delayed(4, 5000).amount == Money(Decimal(600), "EUR")
    assert delayed(3.5, 5000, "UK261").amount == Money(Decimal(260), "GBP")
    assert delayed(3.5, 2000).amount == Money(Decimal(400), "EUR")


@given(delay=st.floats(0, 48), more=st.floats(0, 24), km=st.floats(0, 15000))
def test_a_longer_delay_never_pays_less(delay, more, km):
    assert not delayed(delay + more, km).amount < delayed(delay, km).amount


@given(km=st.floats(0, 15000), further=st.floats(0, 5000), intra=st.booleans())
def test_a_longer_flight_never_pays_less_in_full(km, further, intra):
    assert not delayed(5, km + further, intra=intra).full < delayed(5, km, intra=intra).full


@given(
    notice=st.integers(0, 30),
    later=st.integers(0, 30),
    departs=st.integers(-400, 400),
    arrives=st.integers(-400, 800),
    km=st.floats(0, 15000),
)
def test_later_notice_never_pays_less(notice, later, departs, arrives, km):
    early = cancelled(notice, departs, arrives, km)
    late = cancelled(max(0, notice - later), departs, arrives, km)

    assert not late.amount < early.amount


@pytest.mark.parametrize(
    ("notice", "departs", "arrives", "due"),
    [
        (14, -600, 600, False),
        (13, -120, 239, False),
        (13, -121, 239, True),
        (13, -120, 240, True),
        (7, -120, 239, False),
        (6, -120, 100, True),
        (6, -60, 119, False),
        (6, -61, 119, True),
        (0, -60, 120, True),
        (None, -60, 300, True),
    ],
)
def test_notice_and_rerouting_rule_compensation_out_at_their_edges(notice, departs, arrives, due):
    assert cancelled(notice, departs, arrives).due is due


@pytest.mark.parametrize(
    ("km", "arrives", "halves"),
    [
        (1000, 120, True),
        (1000, 121, False),
        (3000, 180, True),
        (3000, 181, False),
        (5000, 240, True),
        (5000, 241, False),
    ],
)
def test_a_close_rerouting_halves_the_amount(km, arrives, halves):
    assert cancelled(0, -120, arrives, km).reduction_applies is halves


def test_extraordinary_circumstances_remove_compensation_but_never_care_nor_denied_boarding():
    assert delayed(5, 1000, extraordinary=True).due is False
    denied = rights.compensation(
        "EU261", event="denied_boarding", distance_km=1000, intra=False, on=DAY, extraordinary=True
    )
    assert denied.due is True
    care = rights.care(
        "EU261", event="delay", distance_km=1000, intra=False, on=DAY, departure_delay=2 * HOUR
    )
    assert care.meals is True


def test_a_cause_nobody_proved_is_not_extraordinary():
    assert delayed(5, 1000, extraordinary=None).due is True


def test_a_flight_brought_forward_by_more_than_an_hour_counts_as_cancelled():
    def due(minutes: int) -> bool | None:
        return rights.compensation(
            "EU261",
            event="brought_forward",
            distance_km=1000,
            intra=False,
            on=DAY,
            brought_forward=minutes * MINUTE,
        ).due

    assert (due(60), due(61)) == (False, True)


@pytest.mark.parametrize(("km", "euro"), [(1000, 250), (2000, 400), (5000, 600)])
def test_a_flight_brought_forward_is_never_halved(km, euro):
    found = rights.compensation(
        "EU261",
        event="brought_forward",
        distance_km=km,
        intra=False,
        on=DAY,
        brought_forward=2 * HOUR,
        notice_days=0,
        reroute=rights.Reroute(departure_offset=-2 * HOUR, arrival_offset=-2 * HOUR),
    )

    assert (found.amount, found.reduction_applies) == (Money(Decimal(euro), "EUR"), False)
    assert any("C-188/20" in article.article for article in found.articles)


@pytest.mark.parametrize(
    ("notice", "minutes", "due"), [(10, 120, False), (10, 121, True), (3, 61, True), (14, 300, False)]
)
def test_a_flight_brought_forward_with_notice_is_itself_the_rerouting(notice, minutes, due):
    found = rights.compensation(
        "EU261",
        event="brought_forward",
        distance_km=1000,
        intra=False,
        on=DAY,
        brought_forward=minutes * MINUTE,
        notice_days=notice,
    )

    assert found.due is due


def test_extraordinary_circumstances_without_reasonable_measures_excuse_nothing():
    def due(measures: bool | None) -> tuple[bool | None, bool]:
        found = rights.compensation(
            "EU261",
            event="cancellation",
            distance_km=1000,
            intra=False,
            on=DAY,
            extraordinary=True,
            reasonable_measures=measures,
        )
        return found.due, "reasonable_measures" in found.unknowns

    assert due(False) == (True, False)
    assert due(True) == (False, False)
    assert due(None) == (False, True)


@pytest.mark.parametrize(
    ("late", "part", "due"), [(229, 49, True), (229, 50, False), (229, 0, True), (179, 0, False)]
)
def test_the_extraordinary_part_of_a_delay_is_taken_off(late, part, due):
    found = rights.compensation(
        "EU261",
        event="delay",
        distance_km=1000,
        intra=False,
        on=DAY,
        arrival_delay=late * MINUTE,
        extraordinary_part=part * MINUTE,
    )

    assert found.due is due


def test_a_part_that_is_extraordinary_does_not_excuse_the_whole_delay():
    def due(part: float, measures: bool | None = None) -> bool | None:
        found = delayed(
            7, 1000, extraordinary=True, extraordinary_part=part * HOUR, reasonable_measures=measures
        )
        return found.due

    assert (due(1), due(4), due(4.1), due(7)) == (True, True, False, False)
    assert due(7, measures=False) is True


def test_an_extraordinary_part_longer_than_the_delay_is_refused():
    with pytest.raises(OutOfRangeError, match="extraordinary_part"):
        rights.compensation(
            "EU261",
            event="delay",
            distance_km=1000,
            intra=False,
            on=DAY,
            arrival_delay=3 * HOUR,
            extraordinary_part=4 * HOUR,
        )


@pytest.mark.parametrize(
    ("cause", "extraordinary", "case"),
    [
        ("hidden_design_defect", True, "C-385/23"),
        ("fuel on runway", True, "C-159/18"),
        ("airport_refuelling_failure", True, "C-308/21"),
        ("loaders_shortage", True, "C-405/23"),
        ("unruly_passenger", True, "C-74/19"),
        ("on_condition_part", False, "C-832/18"),
        ("technical", False, "C-549/07"),
        ("refuelling", None, "C-308/21"),
        ("ground_damage", None, "C-394/14"),
        ("reactionary", None, "C-315/15"),
        ("strike", None, "C-28/20"),
    ],
)
def test_causes_by_the_case_that_decided_them(cause, extraordinary, case):
    found = rights.assess_cause(cause)

    assert found.extraordinary is extraordinary
    assert case in found.articles[0].article


@pytest.mark.parametrize(("km", "hours"), [(1500, 2), (3500, 3), (3501, 4)])
def test_care_starts_after_two_three_or_four_hours(km, hours):
    def meals(delay: timedelta) -> bool | None:
        return rights.care(
            "EU261", event="delay", distance_km=km, intra=False, on=DAY, departure_delay=delay
        ).meals

    assert meals(hours * HOUR) is True
    assert meals(hours * HOUR - MINUTE) is False


@pytest.mark.parametrize(
    ("since", "until", "nights"),
    [
        ("2026-02-05T00:20", "2026-02-05T10:20", 1),
        ("2026-02-05T14:30", "2026-02-06T00:30", 0),
        ("2026-02-05T22:00", "2026-02-06T06:00", 1),
        ("2026-02-05T18:00", "2026-02-06T02:00", 1),
        ("2026-02-05T18:00", "2026-02-06T01:59", 0),
        ("2026-02-05T02:00", "2026-02-05T08:00", 1),
        ("2026-02-05T02:01", "2026-02-05T12:00", 0),
        ("2026-02-05T23:00", "2026-02-06T04:59", 0),
        ("2026-02-05T21:00", "2026-02-07T09:00", 2),
        ("2026-02-05T08:00", "2026-02-05T20:00", 0),
        ("2026-03-28T22:00", "2026-03-29T06:00", 1),
    ],
)
def test_a_hotel_is_counted_by_nights_not_by_dates(since, until, nights):
    zone = ZoneInfo("Europe/Berlin")
    start, end = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (since, until))
    found = rights.hotel_nights(start, end, "Europe/Berlin")

    assert found.nights == nights
    assert "9(1)(b)" in found.articles[0].article


def test_an_unknown_delay_leaves_care_unknown():
    found = rights.care("EU261", event="delay", distance_km=1000, intra=False, on=DAY)

    assert (found.meals, found.refund_option, "departure_delay" in found.unknowns) == (None, None, True)


def test_the_fare_is_refunded_from_five_hours_of_departure_delay():
    def refund(delay: timedelta) -> bool | None:
        return rights.care(
            "EU261", event="delay", distance_km=9000, intra=False, on=DAY, departure_delay=delay
        ).refund_option

    assert refund(5 * HOUR) is True
    assert refund(5 * HOUR - MINUTE) is False


@pytest.mark.parametrize(
    ("journey", "eu", "uk"),
    [
        ({"origin_eu": True}, True, None),
        ({"origin_eu": False, "destination_eu": True, "carrier_eu": False}, False, None),
        ({"origin_eu": False, "destination_eu": True}, None, None),
        (
            {
                "origin_eu": False,
                "destination_eu": False,
                "origin_uk": False,
                "destination_uk": True,
                "carrier_eu": True,
            },
            False,
            True,
        ),
        (
            {"origin_uk": False, "destination_uk": False, "destination_eu": True, "carrier_uk": True},
            None,
            True,
        ),
    ],
)
def test_scope_by_origin_destination_and_carrier(journey, eu, uk):
    trip = rights.Journey(**journey)

    assert rights.check_scope("EU261", trip, on=DAY).in_scope is eu
    assert rights.check_scope("UK261", trip, on=DAY).in_scope is uk


def test_out_of_scope_nothing_is_owed():
    found = delayed(5, 5000, in_scope=False)

    assert (found.due, found.amount) == (False, Money(Decimal(0), "EUR"))


@pytest.mark.parametrize(
    ("cause", "extraordinary"),
    [
        ("bird_strike", True),
        ("runway_debris", True),
        ("lightning_strike", True),
        ("volcanic_ash", True),
        ("atc_restriction", True),
        ("weather", True),
        ("technical", False),
        ("mobile_stairs_collision", False),
        ("strike_own_staff", False),
        ("wildcat_strike_own_staff", False),
        ("crew_illness", False),
    ],
)
def test_causes_as_the_courts_see_them(cause, extraordinary):
    assert rights.assess_cause(cause).extraordinary is extraordinary


def test_a_cause_that_is_not_in_the_list_is_refused_and_not_guessed():
    with pytest.raises(UnknownCodeError, match="cause: 'gremlins' is not valid; expected one of bird_strike"):
        rights.assess_cause("gremlins")


def test_a_downgrade_refunds_a_share_of_the_ticket():
    found = rights.downgrade_refund(
        "EU261", distance_km=5252, intra=False, on=DAY, price=Money(Decimal("1234.50"), "EUR")
    )

    assert (found.percent, found.refund) == (75, Money(Decimal("925.88"), "EUR"))


def test_the_convention_limits_change_on_28_december_2024():
    def limit(kind: str, on: date) -> int:
        return int(rights.montreal_limit(kind, on=on, weight_kg=1).limit.amount)

    before, after = date(2024, 12, 27), date(2024, 12, 28)
    for kind, old, new in (
        ("death_injury", 128821, 151880),
        ("passenger_delay", 5346, 6303),
        ("baggage", 1288, 1519),
        ("cargo", 22, 26),
    ):
        assert (limit(kind, before), limit(kind, after)) == (old, new)


def test_a_day_before_the_limits_held_here_is_an_error_and_not_the_oldest_limit():
    with pytest.raises(OutOfRangeError, match="event_date: '2019-12-27'"):
        rights.montreal_limit("baggage", on=date(2019, 12, 27))
    with pytest.raises(MissingInputError, match="weight_kg: missing"):
        rights.montreal_limit("cargo", on=DAY)


def test_us_refunds_start_at_three_hours_domestic_and_six_international():
    def due(hours: float, *, domestic: bool, **more) -> bool:
        return rights.us_fare_refund(
            domestic=domestic, arrival_later=timedelta(hours=hours), **more
        ).refund_due

    assert (due(3, domestic=True), due(2.9, domestic=True)) == (True, False)
    assert (due(6, domestic=False), due(5.9, domestic=False)) == (True, False)
    assert not due(9, domestic=False, accepts_alternative=True)
    assert due(0, domestic=False, cancelled=True)


def test_a_us_bag_fee_is_refunded_after_12_15_or_30_hours():
    def due(hours: float, *, domestic: bool, flight: int = 0) -> bool:
        return rights.us_bag_fee_refund(
            domestic=domestic, bag_delay=timedelta(hours=hours), longest_flight=flight * HOUR
        ).refund_due

    assert (due(12, domestic=True), due(12.1, domestic=True)) == (False, True)
    assert (due(15, domestic=False), due(15.1, domestic=False)) == (False, True)
    assert (due(30, domestic=False, flight=14), due(30.1, domestic=False, flight=14)) == (False, True)
