from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain import ftl
from skymarshal.domain.errors import NaiveDatetimeError, NegativeDurationError

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
REPORT = datetime(2026, 1, 15, 6, tzinfo=UTC)
OFF_BLOCK = REPORT + HOUR
DUTY = ftl.CrewDuty(
    crew_id="C1",
    report=REPORT,
    report_zone="Asia/Dubai",
    acclimatised_zone="Asia/Dubai",
    elapsed=timedelta(0),
    sectors=1,
    off_block=OFF_BLOCK,
    end_of_fdp=REPORT + 9 * HOUR,
    post_flight=30 * MINUTE,
    planned_flight=8 * HOUR,
    totals={
        "duty_7d": 30 * HOUR,
        "duty_14d": 60 * HOUR,
        "duty_28d": 100 * HOUR,
        "flight_28d": 60 * HOUR,
        "flight_calendar_year": 20 * HOUR,
        "flight_12_months": 700 * HOUR,
    },
    extensions_in_last_7_days=0,
    free_from=REPORT - 2 * HOUR,
)
RUNNING = replace(DUTY, reported=True)


def at(duty: ftl.CrewDuty, later: timedelta) -> ftl.DepartureCheck:
    return ftl.check_departure(duty, duty.off_block + later)


def test_a_running_duty_ends_at_the_basic_limit_and_only_discretion_goes_beyond():
    assert at(RUNNING, 4 * HOUR).legal is True
    late = at(RUNNING, 4 * HOUR + MINUTE)
    assert (late.legal, late.legal_with_extension, late.legal_with_discretion) == (False, False, True)
    assert late.breaches == ("FDP 13:01 exceeds 13:00",)
    assert at(RUNNING, 6 * HOUR + MINUTE).legal_with_discretion is False


def test_a_crew_told_in_time_reports_later_and_keeps_its_fdp():
    found = at(DUTY, 3 * HOUR)

    assert (found.report, found.fdp, found.legal) == (REPORT + 3 * HOUR, 9 * HOUR, True)


def test_from_four_hours_of_delay_the_tighter_report_time_decides():
    assert at(DUTY, 4 * HOUR - MINUTE).max_fdp == 13 * HOUR
    assert at(DUTY, 4 * HOUR).max_fdp == timedelta(hours=12, minutes=30)
    assert at(DUTY, 9 * HOUR).max_fdp == 11 * HOUR


def test_discretion_is_not_open_before_reporting():
    long = replace(DUTY, end_of_fdp=REPORT + 13 * HOUR + MINUTE)

    assert at(long, timedelta(0)).legal_with_discretion is False
    assert at(replace(long, reported=True), timedelta(0)).legal_with_discretion is True


def test_an_extension_can_be_planned_only_before_reporting_and_never_a_third_time():
    long = replace(DUTY, end_of_fdp=REPORT + 13 * HOUR + 30 * MINUTE)

    assert at(long, timedelta(0)).legal_with_extension is True
    assert at(replace(long, extensions_in_last_7_days=2), timedelta(0)).legal_with_extension is False
    assert at(replace(long, extensions_in_last_7_days=None), timedelta(0)).legal_with_extension is False


def test_an_unknown_total_leaves_the_departure_unknown_but_a_breach_is_a_breach():
    unknown = replace(RUNNING, totals={})

    assert at(unknown, timedelta(0)).legal is None
    assert at(unknown, 5 * HOUR).legal is False
    assert at(replace(RUNNING, free_from=None), timedelta(0)).legal is None


def test_an_augmented_crew_is_read_from_the_in_flight_rest_table():
    crew = replace(RUNNING, additional_pilots=2, rest_facility="class1", longest_sector=10 * HOUR, sectors=1)
    limits = ftl.duty_limits(crew)

    assert (limits.kind, limits.max_fdp, limits.max_fdp_extended) == ("in_flight_rest", 18 * HOUR, None)
    assert limits.max_fdp_discretion == 21 * HOUR


def test_the_rest_before_the_next_duty_grows_with_the_delay_in_the_closed_form_too():
    crew = replace(RUNNING, next_report=RUNNING.end_of_fdp + 30 * MINUTE + 13 * HOUR)
    latest = ftl.duty_limits(crew).latest_off_block_rest

    assert latest is not None
    assert at(crew, latest - OFF_BLOCK).breaches == ()
    assert at(crew, latest - OFF_BLOCK + MINUTE).breaches != ()


@given(minutes=st.integers(-60, 24 * 60), sectors=st.integers(1, 6), fdp=st.integers(61, 840))
def test_the_latest_off_block_is_the_last_one_that_passes(minutes, sectors, fdp):
    crew = replace(RUNNING, sectors=sectors, end_of_fdp=REPORT + fdp * MINUTE)
    off_block = OFF_BLOCK + minutes * MINUTE
    fits = not any(text.startswith("FDP") for text in ftl.check_departure(crew, off_block).breaches)

    assert fits == (off_block <= ftl.duty_limits(crew).latest_off_block)


@given(first=st.integers(0, 20 * 60), more=st.integers(0, 10 * 60))
def test_once_a_running_duty_is_too_late_it_stays_so(first, more):
    if at(RUNNING, first * MINUTE).legal is False:
        assert at(RUNNING, (first + more) * MINUTE).legal is False


@given(minutes=st.lists(st.integers(0, 24 * 60), min_size=1, max_size=20))
def test_checking_many_departures_gives_what_checking_each_gives(minutes):
    off_blocks = [OFF_BLOCK + minute * MINUTE for minute in minutes]

    assert ftl.check_crew([DUTY], off_blocks) == [ftl.check_departure(DUTY, each) for each in off_blocks]


def test_limits_carry_their_articles_and_working():
    limits = ftl.duty_limits(DUTY)

    assert {"ORO.FTL.205(b)(1) Table 2", "ORO.FTL.210(a)", "ORO.FTL.205(f)"} <= {
        article.article for article in limits.articles
    }
    assert any("off-block by 2026-01-15T11:00Z" in step for step in limits.working)


def test_an_impossible_duty_is_named():
    with pytest.raises(NegativeDurationError, match="end_of_fdp - report"):
        ftl.duty_limits(replace(DUTY, end_of_fdp=REPORT - HOUR))
    with pytest.raises(NaiveDatetimeError, match="report"):
        ftl.duty_limits(replace(DUTY, report=REPORT.replace(tzinfo=None)))


def test_a_mixed_crew_is_checked_member_by_member():
    crew = [
        DUTY,
        RUNNING,
        replace(DUTY, crew_id="C2", acclimatised_zone="Europe/London", elapsed=30 * HOUR),
        replace(DUTY, crew_id="C3", acclimatised_zone="America/New_York", elapsed=60 * HOUR),
        replace(DUTY, crew_id="C4", additional_pilots=1, rest_facility="class1"),
        replace(DUTY, crew_id="C5", standby_reduction=2 * HOUR),
    ]
    off_blocks = [OFF_BLOCK + hours * HOUR for hours in range(0, 20, 3)]

    together = ftl.check_crew(crew, off_blocks)

    assert together == [ftl.check_departure(duty, each) for duty in crew for each in off_blocks]
    assert len({check.max_fdp for check in together}) > 3


def test_a_report_delayed_again_counts_from_an_hour_after_the_crew_were_told():
    """CS FTL.1.205(d)(1)(ii): told first of +3 h, then 1:30 after the report of +5:30."""
    told = replace(DUTY, delayed_report=REPORT + 3 * HOUR, notified_at=REPORT + 90 * MINUTE)

    again = at(told, 5 * HOUR + 30 * MINUTE)
    assert (again.report, again.fdp) == (REPORT + 5 * HOUR + 30 * MINUTE, 12 * HOUR)
    assert again.max_fdp == timedelta(hours=11, minutes=45)
    assert at(told, 3 * HOUR).fdp == 9 * HOUR
    assert at(replace(told, notified_at=REPORT + 150 * MINUTE), 4 * HOUR).fdp == 10 * HOUR


def test_a_crew_that_reported_after_a_delay_counts_from_the_delayed_report():
    running = replace(RUNNING, delayed_report=REPORT + 5 * HOUR, notified_at=REPORT + 5 * HOUR)

    assert at(running, 5 * HOUR).fdp == 9 * HOUR
    assert at(running, 6 * HOUR).fdp == 10 * HOUR
    assert at(running, 6 * HOUR).max_fdp == 12 * HOUR


def test_ten_hours_are_no_rest_for_who_was_told_twice():
    told = replace(DUTY, delayed_report=REPORT + 2 * HOUR, notified_at=REPORT - HOUR)

    assert at(DUTY, 22 * HOUR).max_fdp == 13 * HOUR
    assert at(told, 14 * HOUR).max_fdp == 11 * HOUR
