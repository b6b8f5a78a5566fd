from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain import ftl
from skymarshal.domain.errors import (
    MissingInputError,
    NaiveDatetimeError,
    NegativeDurationError,
    OutOfRangeError,
    UnknownCodeError,
    UnknownTimeZoneError,
)
from skymarshal.domain.ftl.tables import EASA_TABLE_2

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def hm(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def limit(clock: str, sectors: int = 1, **more) -> timedelta:
    return ftl.max_fdp(sectors=sectors, reference_clock=time.fromisoformat(clock), **more).max_fdp


def test_table_2_falls_by_half_an_hour_a_sector_to_nine_hours():
    for band in EASA_TABLE_2:
        assert band.limits[0] == band.limits[1]
        for sectors in range(2, 11):
            expected = max(band.limits[0] - (sectors - 2) * timedelta(minutes=30), 9 * HOUR)
            assert band.limits[sectors - 1] == expected, (band.start, sectors)


def test_every_minute_of_the_day_is_in_one_band_of_every_profile():
    for profile in ftl.PROFILES.values():
        for minute in range(1440):
            clock = time(minute // 60, minute % 60)
            assert sum(band.contains(clock) for band in profile.bands) == 1, (profile.name, clock)


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        ("04:59", "11:00", "12:00"),
        ("05:14", "12:00", "12:15"),
        ("05:29", "12:15", "12:30"),
        ("05:44", "12:30", "12:45"),
        ("05:59", "12:45", "13:00"),
        ("13:29", "13:00", "12:45"),
        ("13:59", "12:45", "12:30"),
        ("14:29", "12:30", "12:15"),
        ("16:59", "11:15", "11:00"),
    ],
)
def test_the_limit_changes_at_the_minute_a_band_starts(before, at, after):
    edge = (datetime.fromisoformat(f"2000-01-01T{before}Z") + MINUTE).strftime("%H:%M")

    assert limit(before) == hm(at)
    assert ftl.max_fdp(sectors=1, reference_clock=time.fromisoformat(before + ":59")).max_fdp == hm(at)
    assert limit(edge) == hm(after)


@given(clock=CLOCKS, sectors=st.integers(1, 9), name=st.sampled_from(sorted(ftl.PROFILES)))
def test_more_sectors_never_raise_the_fdp(clock, sectors, name):
    profile = ftl.PROFILES[name]
    columns = len(profile.bands[0].limits)
    if sectors + 1 <= columns or profile.last_column_open:
        fewer = ftl.max_fdp(sectors=sectors, reference_clock=clock, profile=profile).max_fdp
        more = ftl.max_fdp(sectors=sectors + 1, reference_clock=clock, profile=profile).max_fdp
        assert more <= fewer


@given(clock=CLOCKS, sectors=st.integers(1, 8), frm=st.booleans())
def test_an_unknown_state_never_allows_more_than_the_best_of_table_2(clock, sectors, frm):
    unknown = ftl.max_fdp(sectors=sectors, state="unknown", frm=frm).max_fdp

    assert unknown <= limit("08:00", sectors)
    assert ftl.max_fdp(sectors=sectors, state="unknown").max_fdp <= unknown


@given(clock=CLOCKS, sectors=st.integers(1, 10))
def test_a_planned_extension_adds_at_most_one_hour(clock, sectors):
    basic = ftl.max_fdp(sectors=sectors, reference_clock=clock).max_fdp
    extended = ftl.planned_extension(reference_clock=clock, sectors=sectors)

    assert extended.max_fdp is None or basic <= extended.max_fdp <= basic + HOUR


@pytest.mark.parametrize(
    ("clock", "allowed"), [("06:14", False), ("06:15", True), ("18:59", True), ("19:00", False)]
)
def test_an_extension_is_allowed_from_0615_to_1859(clock, allowed):
    assert ftl.planned_extension(reference_clock=time.fromisoformat(clock), sectors=1).allowed is allowed


def test_a_third_extension_in_seven_days_is_refused_with_its_reason():
    refused = ftl.planned_extension(reference_clock=time(8), sectors=1, used_in_last_7_days=2)

    assert (refused.allowed, refused.max_fdp) == (False, None)
    assert "2 extensions" in (refused.reason or "")


def test_an_extension_goes_neither_with_in_flight_rest_nor_split_duty_nor_an_unknown_state():
    for more in ({"in_flight_rest": True}, {"split_duty": True}, {"state": "unknown"}):
        assert not ftl.planned_extension(reference_clock=time(8), sectors=1, **more).allowed


@pytest.mark.parametrize(
    ("difference", "elapsed", "state"),
    [
        (2, 0, "D"),
        (2.25, 47.9, "B"),
        (3.75, 48, "D"),
        (4, 48, "X"),
        (6, 71.9, "X"),
        (6, 72, "D"),
        (6.5, 72, "X"),
        (9, 95.9, "X"),
        (9, 96, "D"),
        (12, 119.9, "X"),
        (12, 120, "D"),
        (-9, 60, "X"),
        (13, 60, "X"),
        (22.5, 60, "D"),
    ],
)
def test_table_1_cell_by_cell_at_its_edges(difference, elapsed, state):
    found = ftl.acclimatisation_state(timedelta(hours=difference), timedelta(hours=elapsed))

    assert found.state == state


@given(hours=st.floats(0, 12), elapsed=st.floats(48, 400), more=st.floats(0, 100))
def test_once_acclimatised_at_the_new_place_more_time_there_changes_nothing(hours, elapsed, more):
    difference = timedelta(hours=hours)
    if ftl.acclimatisation_state(difference, timedelta(hours=elapsed)).state == "D":
        assert ftl.acclimatisation_state(difference, timedelta(hours=elapsed + more)).state == "D"


def test_abu_dhabi_and_london_differ_by_four_hours_in_winter_and_three_in_summer():
    def state(month: int) -> tuple[str, timedelta]:
        found = ftl.reference_time(
            datetime(2026, month, 15, 12, tzinfo=UTC),
            acclimatised_zone="Asia/Dubai",
            report_zone="Europe/London",
            elapsed=50 * HOUR,
        )
        return found.state, found.time_difference

    assert state(1) == ("X", 4 * HOUR)
    assert state(7) == ("D", 3 * HOUR)


def test_the_report_is_read_on_the_clock_of_its_own_day_when_summer_time_starts():
    def clock(day: int) -> time | None:
        return ftl.max_fdp_for_report(
            datetime(2026, 3, day, 5, tzinfo=UTC),
            acclimatised_zone="Europe/Berlin",
            report_zone="Europe/Berlin",
            elapsed=timedelta(0),
            sectors=2,
        ).reference_clock

    assert clock(28) == time(6)
    assert clock(29) == time(7)


def test_the_state_x_takes_table_3_and_no_clock():
    found = ftl.max_fdp_for_report(
        datetime(2026, 1, 15, 8, tzinfo=UTC),
        acclimatised_zone="Asia/Dubai",
        report_zone="America/New_York",
        elapsed=60 * HOUR,
        sectors=1,
    )

    assert (found.code, found.reference_clock, found.max_fdp) == ("X", None, 11 * HOUR)


@pytest.mark.parametrize(
    ("pilots", "facility", "hours"), [(1, "class3", 14), (1, "class1", 16), (2, "class1", 17)]
)
def test_a_sector_of_more_than_nine_hours_adds_one_hour_but_nine_hours_does_not(pilots, facility, hours):
    def augmented(longest: timedelta, sectors: int = 2) -> timedelta | None:
        return ftl.max_fdp_with_in_flight_rest(
            rest_facility=facility, additional_pilots=pilots, sectors=sectors, longest_sector=longest
        ).max_fdp

    assert augmented(9 * HOUR) == hours * HOUR
    assert augmented(9 * HOUR + MINUTE) == (hours + 1) * HOUR
    assert augmented(10 * HOUR, sectors=3) == hours * HOUR
    assert augmented(10 * HOUR, sectors=4) is None


def test_a_third_pilot_rests_on_the_eleven_hour_sector_after_a_short_one():
    sectors = [ftl.SectorCrew(block=hm("1:30"), pilots=2), ftl.SectorCrew(block=11 * HOUR, pilots=3)]

    assert ftl.in_flight_rest_feasible(sectors).extension_possible


def test_two_crews_rest_in_half_the_time():
    def possible(block: str, pilots: int) -> bool:
        crew = [ftl.SectorCrew(block=hm(block), pilots=pilots)]
        return ftl.in_flight_rest_feasible(crew).extension_possible

    assert (possible("5:29", 3), possible("5:30", 3)) == (False, True)
    assert (possible("3:29", 4), possible("3:30", 4)) == (False, True)
    assert not possible("16:00", 2)


def test_cabin_rest_is_read_at_the_row_that_ends_at_the_fdp():
    def rest(fdp: str, facility: str) -> timedelta | None:
        return ftl.cabin_in_flight_rest(extended_fdp=hm(fdp), rest_facility=facility).minimum_rest

    assert rest("14:30", "class3") == hm("1:30")
    assert rest("14:31", "class3") == hm("2:20")
    assert rest("16:00", "class3") == hm("3:00")
    assert rest("16:01", "class3") is None
    assert rest("18:00", "class1") == hm("3:50")
    assert rest("18:01", "class1") is None


def test_discretion_adds_two_hours_to_the_basic_fdp_and_three_to_an_augmented_one():
    def allowed(projected: str, *, augmented: bool = False) -> ftl.Discretion:
        return ftl.commanders_discretion(
            basic_max_fdp=13 * HOUR,
            projected_fdp=hm(projected),
            augmented=augmented,
            occasion="after_reporting",
        )

    assert allowed("15:00").within_limit
    assert not allowed("15:01").within_limit
    assert allowed("16:00", augmented=True).within_limit
    assert allowed("14:00").authority_report_days is None
    assert allowed("14:01").authority_report_days == 28
    assert allowed("14:00").minimum_rest == 10 * HOUR


def test_after_take_off_on_the_last_sector_the_flight_goes_on():
    found = ftl.commanders_discretion(
        basic_max_fdp=13 * HOUR,
        projected_fdp=16 * HOUR,
        augmented=False,
        occasion="after_reporting",
        airborne_on_last_sector=True,
    )

    assert found.within_limit
    assert found.authority_report_required


def delayed(to: str, original: str = "06:00", **more) -> ftl.DelayedReport:
    return ftl.delayed_reporting(
        original_report=time.fromisoformat(original), delayed_report=time.fromisoformat(to), sectors=1, **more
    )


def test_a_delayed_report_counts_by_the_original_below_four_hours_and_by_the_tighter_from_then_on():
    assert delayed("14:59", "11:00").max_fdp == 13 * HOUR
    assert delayed("15:00", "11:00").max_fdp == 12 * HOUR
    assert delayed("09:00", "05:00").max_fdp == 12 * HOUR


def test_ten_hours_undisturbed_are_rest_and_the_new_report_decides_alone():
    assert delayed("06:00", "20:00").basis == "rest"
    assert delayed("06:00", "20:00").max_fdp == 13 * HOUR
    assert delayed("06:00", "20:00", undisturbed=False).max_fdp == 11 * HOUR
    assert not delayed("05:59", "20:00").counts_as_rest


def test_after_a_second_notification_the_fdp_counts_an_hour_later_or_from_the_first_delayed_report():
    early = delayed("10:00", notifications=2, second_notification=time(8))
    late = delayed("10:00", notifications=2, second_notification=time(9, 30))

    assert (early.fdp_starts, late.fdp_starts) == (time(9), time(10))


def test_the_maximum_follows_the_report_told_last_and_the_fdp_an_hour_after_it_was_told():
    """CS FTL.1.205(d)(1)(ii), (iv)."""
    found = delayed(
        "15:00", "12:00", notifications=2, second_notification=time(13, 30), last_report=time(17, 30)
    )

    assert (found.max_fdp, found.basis, found.delay) == (11 * HOUR, "delayed", hm("5:30"))
    assert found.fdp_starts == time(14, 30)


@pytest.mark.parametrize(
    ("last", "second", "starts"),
    [("09:30", "08:30", "09:00"), ("08:30", "06:15", "07:15"), ("08:00", "08:30", "08:00")],
)
def test_a_report_moved_again_never_starts_the_fdp_after_the_report(last, second, starts):
    found = delayed(
        "09:00", second_notification=time.fromisoformat(second), last_report=time.fromisoformat(last)
    )

    assert found.fdp_starts == time.fromisoformat(starts)


def test_a_second_notification_counts_without_the_number_of_notifications():
    found = delayed("09:00", "08:00", second_notification=time(7, 30))

    assert (found.fdp_starts, found.counts_as_rest) == (time(8, 30), False)
    assert not delayed("06:00", "20:00", second_notification=time(21)).counts_as_rest


def test_a_delay_of_ten_hours_told_last_and_undisturbed_is_rest_though_told_twice():
    found = delayed("08:00", "06:00", second_notification=time(7), last_report=time(18), undisturbed=True)

    assert (found.basis, found.fdp_starts, found.max_fdp) == ("rest", time(18), 11 * HOUR)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"notifications": 1, "second_notification": time(8)}, "notifications"),
        ({"notifications": 2}, "second_notification"),
        ({"last_report": time(11)}, "second_notification"),
    ],
)
def test_notifications_that_do_not_agree_are_refused_by_name(more, field):
    with pytest.raises(OutOfRangeError, match=field):
        delayed("10:00", **more)


def split(
    ground_break: str, facility: str = "accommodation", overlap: str | None = "0:00", **more
) -> ftl.SplitDuty:
    return ftl.split_duty(
        basic_max_fdp=13 * HOUR,
        ground_break=hm(ground_break),
        duties_and_travel=hm("0:30"),
        facility=facility,
        wocl_overlap=None if overlap is None else hm(overlap),
        **more,
    )


def test_half_of_a_break_of_three_hours_net_counts():
    assert split("3:29").max_fdp == 13 * HOUR
    assert split("3:30").max_fdp == hm("14:30")


def test_without_a_room_neither_the_part_over_six_hours_nor_the_one_in_the_wocl_counts():
    assert split("8:30").max_fdp == 16 * HOUR
    assert split("8:30", "suitable").max_fdp == 17 * HOUR
    assert split("5:30", overlap="2:00").max_fdp == hm("14:30")
    assert split("5:30", "suitable", overlap="2:00").max_fdp == hm("15:30")


def test_a_break_of_unknown_part_in_the_wocl_is_unknown_not_zero():
    found = split("5:30", overlap=None)

    assert (found.allowed, found.max_fdp, found.unknowns) == (None, None, ("wocl_overlap",))


def test_split_duty_is_refused_after_reduced_rest_with_in_flight_rest_and_twice():
    for more in ({"after_reduced_rest": True}, {"in_flight_rest": True}, {"breaks": 2}):
        assert split("6:30", **more).allowed is False


def test_airport_standby_takes_off_what_exceeds_four_hours_and_stays_within_sixteen():
    def after(hours: float) -> tuple[timedelta, timedelta]:
        found = ftl.airport_standby(standby=timedelta(hours=hours), max_fdp=13 * HOUR)
        return found.max_fdp, found.usable_fdp

    assert after(4) == (13 * HOUR, 12 * HOUR)
    assert after(4.5) == (hm("12:30"), hm("11:30"))


def test_the_cap_on_airport_standby_and_fdp_is_not_for_in_flight_rest_or_split_duty():
    """CS FTL.1.225(a)(2)(ii) names FDPs under ORO.FTL.205(b) and (d) alone."""
    found = ftl.airport_standby(standby=5 * HOUR, max_fdp=16 * HOUR, extended_by_rest_or_split=True)

    assert (found.max_fdp, found.usable_fdp, found.combined_cap) == (15 * HOUR, 15 * HOUR, None)
    assert ftl.airport_standby(standby=5 * HOUR, max_fdp=16 * HOUR).usable_fdp == 11 * HOUR


def test_home_standby_is_free_for_six_hours_or_eight_with_rest_or_split():
    def after(hours: float, **more) -> timedelta:
        return ftl.other_standby(standby=timedelta(hours=hours), max_fdp=13 * HOUR, **more).max_fdp

    assert after(6) == 13 * HOUR
    assert after(8) == 11 * HOUR
    assert after(8, extended_by_rest_or_split=True) == 13 * HOUR


def test_standby_that_starts_at_night_does_not_count_until_the_call_or_seven():
    start = datetime(2026, 1, 15, 22, 30, tzinfo=UTC)

    def free(contacted: datetime | None) -> timedelta:
        return ftl.night_standby_not_counted(
            start, start + 12 * HOUR, contacted=contacted, zone="Europe/Berlin"
        )

    assert free(None) == hm("7:30")
    assert free(start + 2 * HOUR) == 2 * HOUR
    early = start - HOUR
    assert ftl.night_standby_not_counted(
        early, early + 9 * HOUR, contacted=None, zone="Europe/Berlin"
    ) == timedelta(0)


def test_reserve_needs_ten_hours_of_notice():
    assert ftl.reserve(notice=10 * HOUR).legal
    assert not ftl.reserve(notice=10 * HOUR - MINUTE).legal


def test_reaching_a_cumulative_limit_is_legal_and_a_minute_more_is_not():
    def legal(planned: timedelta) -> bool | None:
        return ftl.check_cumulative({"duty_7d": 50 * HOUR}, planned_duty=planned, windows=["duty_7d"]).legal

    assert legal(10 * HOUR) is True
    assert legal(10 * HOUR + MINUTE) is False


def test_an_unknown_total_leaves_the_answer_unknown_unless_another_is_exceeded():
    assert ftl.check_cumulative({"duty_7d": 10 * HOUR}).legal is None
    assert ftl.check_cumulative({"duty_7d": 61 * HOUR}).legal is False


def test_wrong_input_is_named():
    with pytest.raises(OutOfRangeError, match=r"^sectors: 0 "):
        ftl.max_fdp(sectors=0, reference_clock=time(8))
    with pytest.raises(OutOfRangeError, match=r"^sectors: 9 "):
        ftl.max_fdp(sectors=9, state="unknown")
    with pytest.raises(MissingInputError, match="report_ref_time: missing"):
        ftl.max_fdp(sectors=1)
    with pytest.raises(NegativeDurationError, match="elapsed"):
        ftl.acclimatisation_state(HOUR, -HOUR)
    with pytest.raises(NaiveDatetimeError, match="report"):
        ftl.reference_time(
            datetime.fromisoformat("2026-01-01"),
            acclimatised_zone="Asia/Dubai",
            report_zone="Asia/Dubai",
            elapsed=HOUR,
        )
    with pytest.raises(UnknownTimeZoneError, match="Mars"):
        ftl.reference_time(
            datetime(2026, 1, 1, tzinfo=UTC), acclimatised_zone="Mars", report_zone="Asia/Dubai", elapsed=HOUR
        )
    with pytest.raises(UnknownCodeError, match="EASA, UK, GCAA, FAR117"):
        ftl.profile_named("ICAO")


def test_only_the_default_profile_is_verified_and_every_other_says_so_in_its_results():
    for profile in ftl.PROFILES.values():
        found = ftl.max_fdp(sectors=1, reference_clock=time(8), profile=profile)
        assert found.verified is (profile is ftl.EASA)
        assert found.profile == profile.name


def test_a_profile_without_the_provision_says_so_instead_of_borrowing_one():
    with pytest.raises(ftl.NotInProfileError, match="GCAA holds no provision on planned extension"):
        ftl.planned_extension(reference_clock=time(8), sectors=1, profile=ftl.GCAA)


def test_the_other_profiles_hold_their_own_figures():
    assert limit("09:00", 2, profile=ftl.GCAA) == hm("13:15")
    assert limit("13:30", 1, profile=ftl.FAR117) == 12 * HOUR
    assert ftl.max_fdp(
        sectors=1, state="unknown", reference_clock=time(13, 30), profile=ftl.FAR117
    ).max_fdp == hm("11:30")
