from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain.curfew import CurfewWindow, check_movement, movement_intervals
from skymarshal.domain.errors import NaiveDatetimeError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.etops import check_etops
from skymarshal.domain.mct import check_connection, published_mct
from skymarshal.domain.mel import mel_dispatch, mel_extension, mel_interval, mel_usage
from skymarshal.domain.published_curfews import PUBLISHED_CURFEWS
from skymarshal.domain.slots import check_ctot
from skymarshal.domain.weather import Observation, WindLimits, check_weather

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ZONES = {
    "BRU": "Europe/Brussels",
    "CDG": "Europe/Paris",
    "FRA": "Europe/Berlin",
    "LHR": "Europe/London",
    "SYD": "Australia/Sydney",
    "ZRH": "Europe/Zurich",
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def status(airport: str, at: str, movement: str, scheduled: str | None = None, **more) -> str:
    return check_movement(
        PUBLISHED_CURFEWS[airport],
        at=utc(at),
        zone=ZONES[airport],
        movement=movement,
        scheduled_at=None if scheduled is None else utc(scheduled),
        **more,
    ).status


def test_the_same_instant_is_inside_the_frankfurt_night_in_summer_and_outside_it_in_winter():
    assert status("FRA", "2026-07-15T21:10", "arrival") == "prohibited"
    assert status("FRA", "2026-01-15T21:10", "arrival") == "permitted"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-15T21:59", "permitted"),
        ("2026-01-15T22:00", "permitted_delayed"),
        ("2026-01-15T22:59", "permitted_delayed"),
        ("2026-01-15T23:00", "prohibited"),
        ("2026-01-16T03:59", "prohibited"),
        ("2026-01-16T04:00", "permitted"),
    ],
)
def test_a_late_landing_at_frankfurt_is_let_in_until_midnight(at, expected):
    assert status("FRA", at, "arrival", "2026-01-15T21:30") == expected


def test_a_delay_built_into_the_schedule_has_no_grace():
    late = ("FRA", "2026-01-15T22:30", "arrival", "2026-01-15T21:30")

    assert status(*late, delay_inherent_in_schedule=True) == "prohibited"
    assert status(*late, delay_inherent_in_schedule=False) == "permitted_delayed"
    assert status(*late, emergency=True) == "permitted_emergency"


def test_a_late_departure_at_frankfurt_needs_an_exemption_and_after_midnight_has_none():
    assert status("FRA", "2026-01-15T22:30", "departure", "2026-01-15T21:30") == "exemption_required"
    granted = status("FRA", "2026-01-15T22:30", "departure", "2026-01-15T21:30", dispensation=True)
    assert granted == "permitted_with_dispensation"
    assert status("FRA", "2026-01-15T23:30", "departure", "2026-01-15T21:30") == "prohibited"


def test_heathrow_counts_night_movements_and_bars_the_loudest():
    assert status("LHR", "2026-01-15T23:30", "arrival", quota_held=True) == "permitted_with_quota"
    assert status("LHR", "2026-01-15T23:30", "arrival", quota_held=False) == "prohibited"
    assert status("LHR", "2026-01-15T23:15", "arrival", quota_count="QC/8") == "prohibited"
    assert status("LHR", "2026-01-15T23:15", "arrival", quota_count="QC/2") == "permitted"
    assert status("LHR", "2026-01-15T23:15", "departure") == "prohibited"
    delayed = status("LHR", "2026-01-15T23:15", "departure", "2026-01-15T22:00", quota_count="QC/2")
    assert delayed == "permitted"


def test_sydney_lets_international_passenger_flights_land_from_five_under_quota():
    def landing(at: str, **more) -> str:
        return status("SYD", at, "arrival", **more)

    assert landing("2026-07-14T18:59", quota_held=True, international_passenger=True) == "prohibited"
    assert (
        landing("2026-07-14T19:00", quota_held=True, international_passenger=True) == "permitted_with_quota"
    )
    assert landing("2026-07-14T19:00", quota_held=True, international_passenger=False) == "prohibited"
    assert landing("2026-07-14T20:00") == "permitted"
    assert (
        landing("2026-01-14T18:30", quota_held=True, international_passenger=True) == "permitted_with_quota"
    )
    assert status("SYD", "2026-07-14T16:00", "departure", dispensation=True) == "permitted_with_dispensation"


@pytest.mark.parametrize(
    ("airport", "zone", "at", "expected"),
    [
        ("HAM", "Europe/Berlin", "2026-01-15T00:10", "exemption_required"),
        ("GVA", "Europe/Zurich", "2026-01-15T00:10", "exemption_required"),
        ("BER", "Europe/Berlin", "2026-01-15T00:10", "prohibited"),
        ("NRT", "Asia/Tokyo", "2026-01-15T17:00", "prohibited"),
        ("ORY", "Europe/Paris", "2026-01-15T23:10", "prohibited"),
        ("MUC", "Europe/Berlin", "2026-01-15T00:10", "exemption_required"),
        ("KTM", "Asia/Kathmandu", "2026-01-15T20:00", "prohibited"),
    ],
)
def test_an_airport_that_closes_at_night_is_closed(airport, zone, at, expected):
    def verdict(movement: str) -> str:
        return check_movement(PUBLISHED_CURFEWS[airport], at=utc(at), zone=zone, movement=movement).status

    assert {verdict("arrival"), verdict("departure")} == {expected}


def test_an_airport_that_says_nothing_is_unknown_at_night_and_open_by_day():
    def said(at: str, **more) -> tuple[str, bool | None]:
        found = check_movement([], at=utc(at), zone="Europe/Rome", movement="arrival", stated=False, **more)
        return found.status, found.permitted

    assert said("2026-01-15T20:59") == ("permitted", True)
    assert said("2026-01-15T21:00") == ("unknown", None)
    assert said("2026-01-16T05:59") == ("unknown", None)
    assert said("2026-01-16T06:00") == ("permitted", True)
    assert said("2026-07-15T20:00") == ("unknown", None)
    assert said("2026-01-15T23:00", dispensation=True) == ("permitted_with_dispensation", True)
    assert said("2026-01-15T23:00", emergency=True) == ("permitted_emergency", True)


def test_sydney_has_no_quota_before_midnight_and_none_is_presumed_in_the_morning():
    # Sydney Airport Curfew Regulations 2023 s 8: the quota 23:00-24:00 is zero; s 9: 05:00-06:00, landings.
    def international(at: str, movement: str = "arrival", **more) -> str:
        return status("SYD", at, movement, international_passenger=True, **more)

    assert international("2026-07-14T13:30", quota_held=True) == "prohibited"
    assert international("2026-07-14T13:30", "departure", quota_held=True) == "prohibited"
    assert international("2026-07-14T19:30") == "unknown"
    assert international("2026-07-14T19:30", quota_held=False) == "prohibited"
    assert status("SYD", "2026-07-14T19:30", "arrival", quota_held=True) == "unknown"
    # s 20: a dispensation of the Minister opens any hour, the shoulders too.
    for at in ("2026-07-14T13:30", "2026-07-14T16:00", "2026-07-14T19:30"):
        assert international(at, dispensation=True) == "permitted_with_dispensation"


def test_heathrow_schedules_no_qc_4_and_lands_none_of_the_morning_before_half_past_four():
    def landing(at: str, scheduled: str, **more) -> str:
        return status("LHR", at, "arrival", scheduled, **more)

    assert (
        landing("2026-01-16T00:30", "2026-01-16T00:30", quota_count="QC/4", quota_held=True) == "prohibited"
    )
    late = landing("2026-01-16T00:30", "2026-01-15T22:30", quota_count="QC/4", quota_held=True)
    assert late == "permitted_with_quota"
    assert landing("2026-01-16T04:29", "2026-01-16T04:50", quota_held=True) == "prohibited"
    assert landing("2026-01-16T04:30", "2026-01-16T04:50", quota_held=True) == "permitted_with_quota"
    assert landing("2026-01-16T04:30", "2026-01-16T04:50") == "unknown"
    assert landing("2026-01-16T06:10", "2026-01-16T06:00", quota_count="QC/2") == "permitted"


def test_what_is_held_at_the_stand_and_what_at_the_runway():
    # Order of 6 November 2003, Art 1: Paris CDG counts the departure from the stand.
    cdg = PUBLISHED_CURFEWS["CDG"]
    for minute, expected in ((11, "permitted"), (12, "unknown")):
        found = check_movement(
            cdg,
            at=utc(f"2026-01-15T23:{minute}"),
            zone="Europe/Paris",
            movement="departure",
            taxi=12 * MINUTE,
        )
        assert found.status == expected
    # Frankfurt takes off until 23:00, whenever the aircraft left its stand, but schedules by the stand.
    scheduled = utc("2026-01-15T21:55")
    found = check_movement(
        PUBLISHED_CURFEWS["FRA"],
        at=scheduled + 6 * MINUTE,
        zone="Europe/Berlin",
        movement="departure",
        scheduled_at=scheduled + 6 * MINUTE,
        taxi=6 * MINUTE,
    )
    assert found.windows == ("late departures",)


def test_a_grace_for_delays_ends_with_the_day_of_the_schedule():
    late = "2026-01-15T22:10"

    assert status("ZRH", late, "arrival", "2026-01-15T20:00") == "permitted_delayed"
    assert status("ZRH", late, "arrival", "2026-01-15T05:20") == "permitted_delayed"
    assert status("ZRH", late, "arrival", "2026-01-14T20:00") == "prohibited"


def test_brussels_gives_no_take_off_slot_in_silent_nights():
    # Ministerial Decree of 6 April 2009; 2026-01-17 is a Saturday.
    def scheduled(at: str, movement: str = "departure") -> str:
        found = check_movement(
            PUBLISHED_CURFEWS["BRU"], at=utc(at), zone="Europe/Brussels", movement=movement, quota_held=True
        )
        return found.status

    assert scheduled("2026-01-16T23:30") == "permitted_with_quota"
    assert scheduled("2026-01-17T00:30") == "prohibited"
    assert scheduled("2026-01-17T23:30") == "prohibited"
    assert scheduled("2026-01-18T23:30") == "prohibited"
    assert scheduled("2026-01-19T23:30") == "permitted_with_quota"
    assert scheduled("2026-01-17T23:30", "arrival") == "permitted_with_quota"


@pytest.mark.parametrize("fold", [0, 1])
def test_a_window_that_ends_in_the_hour_that_comes_twice_is_cut_where_it_ends(fold):
    article = PUBLISHED_CURFEWS["FRA"][0].article
    window = CurfewWindow(
        airport="AAA",
        rule_id="night",
        local_start=time(0),
        local_end=time(2, 30),
        movement="both",
        kind="hard",
        article=article,
    )
    start = utc("2026-10-24T20:00")
    intervals = movement_intervals(
        [window], start=start, end=start + 10 * HOUR, zone="Europe/Berlin", movement="arrival"
    )
    for minute in range(10 * 60):
        at = start + minute * MINUTE
        found = check_movement([window], at=at, zone="Europe/Berlin", movement="arrival")
        assert [each.status for each in intervals if each.start <= at < each.end] == [found.status]
    assert utc(f"2026-10-25T0{fold}:30") in {each.end for each in intervals}


def test_zurich_gives_delayed_flights_half_an_hour():
    scheduled = "2026-01-15T21:40"

    assert status("ZRH", "2026-01-15T22:29", "departure", scheduled) == "permitted_delayed"
    assert status("ZRH", "2026-01-15T22:30", "departure", scheduled) == "prohibited"
    assert status("ZRH", "2026-01-15T21:50", "departure") == "prohibited"


@given(minutes=st.integers(0, 72 * 60), airport=st.sampled_from(sorted(ZONES)), arrives=st.booleans())
def test_intervals_say_of_every_minute_what_the_check_says(minutes, airport, arrives):
    start = utc("2026-03-27T12:00")
    movement = "arrival" if arrives else "departure"
    scheduled = utc("2026-03-27T11:00")
    intervals = movement_intervals(
        PUBLISHED_CURFEWS[airport],
        start=start,
        end=start + 72 * HOUR + MINUTE,
        zone=ZONES[airport],
        movement=movement,
        scheduled_at=scheduled,
        taxi=12 * MINUTE,
    )
    at = start + minutes * MINUTE
    found = check_movement(
        PUBLISHED_CURFEWS[airport],
        at=at,
        zone=ZONES[airport],
        movement=movement,
        scheduled_at=scheduled,
        taxi=12 * MINUTE,
    )

    assert [each.status for each in intervals if each.start <= at < each.end] == [found.status]


def test_a_window_counts_only_on_the_days_it_is_in_force():
    article = PUBLISHED_CURFEWS["FRA"][0].article
    window = CurfewWindow(
        airport="AAA",
        rule_id="works",
        local_start=time(1),
        local_end=time(2),
        movement="both",
        kind="hard",
        article=article,
        valid_from=date(2026, 1, 15),
        valid_to=date(2026, 1, 15),
    )

    def at(text: str) -> str:
        return check_movement([window], at=utc(text), zone="UTC", movement="arrival").status

    assert at("2026-01-14T01:30") == "permitted"
    assert at("2026-01-15T01:30") == "prohibited"
    assert at("2026-01-16T01:30") == "permitted"


@pytest.mark.parametrize(("category", "days"), [("B", 3), ("C", 10), ("D", 120)])
def test_mel_intervals_count_from_the_day_after_discovery(category, days):
    interval = mel_interval(category=category, discovered=utc("2026-01-26T23:59"))

    assert interval.counting_from == date(2026, 1, 27)
    assert interval.last_day == date(2026, 1, 26) + timedelta(days=days)


def test_the_operators_clock_decides_which_day_a_defect_was_found():
    local = mel_interval(category="B", discovered=utc("2026-01-26T21:00"), clock_zone="Asia/Dubai")

    assert local.last_day == date(2026, 1, 30)
    assert local.expires_at == utc("2026-01-30T20:00")


def test_dispatch_is_allowed_until_the_last_day_ends():
    interval = mel_interval(category="B", discovered=utc("2026-01-26T10:00"))

    def allowed(departure: str, **more) -> bool | None:
        return mel_dispatch(interval, departure=utc(departure), **more).allowed

    assert allowed("2026-01-29T23:59") is True
    assert allowed("2026-01-30T00:00") is False
    arrival = utc("2026-01-30T05:00")
    assert allowed("2026-01-29T23:00", arrival=arrival) is True
    assert allowed("2026-01-29T23:00", arrival=arrival, days_may_run_out_in_flight=False) is False


def test_an_extension_doubles_the_interval_once_and_never_in_category_a():
    interval = mel_interval(category="C", discovered=utc("2026-01-26T10:00"))

    assert mel_extension(interval, procedure_approved=True).extended_last_day == date(2026, 2, 15)
    assert not mel_extension(interval, procedure_approved=True, already_extended=True).allowed
    assert not mel_extension(interval, procedure_approved=False).allowed
    assert not mel_extension(interval, procedure_approved=True, beyond_control=False).allowed
    extended = mel_interval(category="C", discovered=utc("2026-01-26T10:00"), extended=True)
    assert extended.last_day == date(2026, 2, 15)
    with pytest.raises(OutOfRangeError, match="extended"):
        mel_interval(category="A", discovered=utc("2026-01-26T10:00"), interval_days=2, extended=True)


def test_a_category_a_item_without_days_is_unknown_and_so_is_its_dispatch():
    interval = mel_interval(category="A", discovered=utc("2026-01-26T10:00"))

    assert interval.last_day is None
    assert mel_dispatch(interval, departure=utc("2026-01-26T12:00")).allowed is None


def test_flights_and_hours_may_not_run_out_in_flight():
    assert mel_usage(limit=10, used=7, planned=3, unit="flight hours").allowed
    assert not mel_usage(limit=10, used=7, planned=3.1, unit="flight hours").allowed


def test_a_mel_may_be_stricter_than_its_category_but_not_laxer():
    assert mel_interval(category="C", discovered=utc("2026-01-26T10:00"), interval_days=5).interval_days == 5
    with pytest.raises(OutOfRangeError, match="at most 10 in category C"):
        mel_interval(category="C", discovered=utc("2026-01-26T10:00"), interval_days=11)


def test_no_minimum_connection_time_is_not_sixty_minutes():
    found = check_connection(available=60 * MINUTE, minimum=None)

    assert (found.legal, found.margin, found.unknowns) == (None, None, ("mct",))


def test_a_connection_holds_to_the_minute():
    assert check_connection(available=45 * MINUTE, minimum=45 * MINUTE).legal is True
    assert check_connection(available=44 * MINUTE, minimum=45 * MINUTE).legal is False


def test_preclearance_binds_where_it_asks_for_more_than_the_minimum():
    short = check_connection(available=80 * MINUTE, minimum=60 * MINUTE, precleared_to_us=True)
    long = check_connection(available=95 * MINUTE, minimum=120 * MINUTE, precleared_to_us=True)

    assert (short.legal, short.binding) == (False, "US preclearance 90 min")
    assert (long.legal, long.binding) == (False, "MCT 120 min")


def test_published_minima_follow_terminals_and_dates():
    def minutes(airport: str, on: date, first: str | None = None, second: str | None = None) -> int | None:
        row = published_mct(airport, on=on, terminal_from=first, terminal_to=second)
        return None if row is None else row.minutes

    assert minutes("LHR", date(2023, 12, 31), "T5", "T5") == 60
    assert minutes("LHR", date(2024, 1, 1), "T5", "T5") == 75
    assert minutes("LHR", date(2024, 1, 1), "T3", "T5") == 90
    assert minutes("LHR", date(2024, 1, 1), "T2", "T2") is None
    assert minutes("AUH", date(2024, 1, 1)) is None


@pytest.mark.parametrize(("minutes", "kept"), [(-6, False), (-5, True), (10, True), (11, False)])
def test_take_off_keeps_its_slot_from_five_minutes_before_to_ten_after(minutes, kept):
    ctot = utc("2026-01-15T12:00")
    found = check_ctot(off_block=ctot - 15 * MINUTE + minutes * MINUTE, taxi_out=15 * MINUTE, ctot=ctot)

    assert found.kept is kept


def test_no_slot_is_nothing_to_keep():
    assert check_ctot(off_block=utc("2026-01-15T12:00"), taxi_out=15 * MINUTE, ctot=None).kept is None


FINE = Observation(
    visibility_m=10000,
    rvr_m=None,
    ceiling_ft=None,
    wind_kt=10,
    gust_kt=None,
    thunderstorm=False,
    ground_stop=False,
)


def weather(movement: str, approach: str, **changes) -> bool | None:
    return check_weather(replace(FINE, **changes), movement=movement, approach=approach).within_minima


def test_no_forecast_is_not_good_weather():
    found = check_weather(None, movement="arrival", approach="CAT III")

    assert (found.within_minima, found.unknowns) == (None, ("forecast",))


def test_the_category_decides_how_low_the_visibility_may_be():
    assert weather("arrival", "CAT I", rvr_m=550) is True
    assert weather("arrival", "CAT I", rvr_m=549) is False
    assert weather("arrival", "CAT II", rvr_m=300) is True
    assert weather("arrival", "CAT III", rvr_m=75, ceiling_ft=0) is True
    assert weather("arrival", "CAT I", ceiling_ft=199) is False
    assert weather("departure", "CAT I", rvr_m=150) is True
    assert weather("departure", "CAT I", rvr_m=149) is False
    assert weather("departure", "CAT I", ground_stop=True) is False


def test_category_two_and_three_need_a_runway_visual_range():
    assert weather("arrival", "CAT III", visibility_m=100) is None
    assert weather("arrival", "CAT II", visibility_m=10000, ceiling_ft=150) is None
    assert weather("arrival", "CAT III", visibility_m=550, ceiling_ft=200) is True
    assert weather("arrival", "CAT III", visibility_m=100, rvr_m=75) is True
    assert weather("arrival", "CAT III", visibility_m=100, ground_stop=True) is False


def test_an_alternate_keeps_a_margin_above_the_minima():
    assert weather("alternate", "CAT III", visibility_m=1350, ceiling_ft=400) is True
    assert weather("alternate", "CAT III", rvr_m=1349, ceiling_ft=400) is False
    assert weather("alternate", "CAT III", visibility_m=1350, ceiling_ft=399) is False


def test_crosswind_is_that_of_the_best_runway():
    limits = WindLimits(crosswind_kt=30)

    def judged(wind_from, runways):
        blowing = replace(FINE, wind_kt=40, wind_from_deg=wind_from)
        return check_weather(
            blowing, movement="arrival", approach="CAT I", wind_limits=limits, runways_deg=runways
        )

    assert judged(270, (360,)).breaches == ("crosswind 40 kt above 30 kt",)
    assert judged(270, (360, 90)).within_minima is True
    assert judged(45, (360,)).within_minima is True
    assert judged(None, (360,)).unknowns == ("wind_from_deg",)
    assert judged(270, None).within_minima is None


def test_gusts_count_as_wind():
    gusty = replace(FINE, wind_kt=20, gust_kt=41)
    found = check_weather(gusty, movement="arrival", approach="CAT I", wind_limits=WindLimits(maximum_kt=40))

    assert found.breaches == ("wind 41 kt above 40 kt",)


def test_an_open_mel_item_takes_extended_operations_away():
    def allowed(minutes: int, *, removed: bool) -> bool | None:
        return check_etops(
            engines=2, approved=3 * HOUR, removed_by_mel=removed, diversion_time=minutes * MINUTE
        ).allowed

    assert allowed(180, removed=False) is True
    assert allowed(181, removed=False) is False
    assert allowed(60, removed=True) is True
    assert allowed(61, removed=True) is False
    assert check_etops(engines=2, approved=None, removed_by_mel=False, diversion_time=None).allowed is None


def test_wrong_input_is_named():
    with pytest.raises(NaiveDatetimeError, match="at"):
        check_movement(
            [], at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), zone="UTC", movement="arrival"
        )
    with pytest.raises(UnknownCodeError, match="movement: 'hover'"):
        check_movement([], at=datetime(2026, 1, 1, tzinfo=UTC), zone="UTC", movement="hover")
    with pytest.raises(UnknownCodeError, match="category: 'E'"):
        mel_interval(category="E", discovered=utc("2026-01-26T10:00"))
