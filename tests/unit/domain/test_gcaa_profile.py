"""What is known of the GCAA scheme, and where it differs from EASA's. None of it was verified."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from skymarshal.cli.rule_checks import check_rule
from skymarshal.domain import ftl
from skymarshal.domain.errors import OutOfRangeError
from tests.unit.domain.test_crew_against_departures import DUTY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("difference", "elapsed", "state"), [(2, 10, "D"), (4, 48, "X"), (4, 97, "X"), (4, 98, "D"), (9, 60, "X")]
)
def test_three_local_nights_acclimatise_and_not_the_table(difference, elapsed, state) -> None:
    """Not before they are certain: 20 h for the journey, and a first night that may be missed."""
    found = ftl.acclimatisation_state(difference * HOUR, elapsed * HOUR, profile=ftl.GCAA)

    assert found.state == state
    assert not found.verified


def test_delayed_by_six_hours_the_fdp_counts_from_four_hours_after_the_first_report() -> None:
    def starts(to: time, **more) -> time:
        return ftl.delayed_reporting(
            original_report=time(8), delayed_report=to, sectors=1, profile=ftl.GCAA, **more
        ).fdp_starts

    assert (starts(time(14)), starts(time(11, 59)), starts(time(12))) == (time(12), time(11, 59), time(12))
    assert starts(time(19)) == time(19)
    assert ftl.delayed_reporting(
        original_report=time(8), delayed_report=time(14), sectors=1
    ).fdp_starts == time(14)


def test_a_departure_six_hours_late_has_two_hours_of_fdp_behind_it_at_report() -> None:
    late = DUTY.off_block + 6 * HOUR

    assert ftl.check_departure(DUTY, late, profile=ftl.GCAA).fdp == 11 * HOUR
    assert ftl.check_departure(DUTY, late).fdp == 9 * HOUR


@pytest.mark.parametrize(("sectors", "limit"), [(1, 16), (2, 15), (None, 15)])
def test_discretion_is_three_hours_on_a_single_sector(sectors, limit) -> None:
    found = ftl.commanders_discretion(
        basic_max_fdp=13 * HOUR,
        projected_fdp=13 * HOUR,
        augmented=False,
        occasion="after_reporting",
        sectors=sectors,
        profile=ftl.GCAA,
    )

    assert found.max_fdp == limit * HOUR


@pytest.mark.parametrize(("used", "days"), [(2, None), (2.1, 14)])
def test_more_than_two_hours_of_it_are_reported_within_fourteen_days(used, days) -> None:
    found = ftl.commanders_discretion(
        basic_max_fdp=13 * HOUR,
        projected_fdp=13 * HOUR + used * HOUR,
        augmented=False,
        occasion="after_reporting",
        sectors=1,
        profile=ftl.GCAA,
    )

    assert (found.authority_report_days, found.report_required) == (days, True)


def max_fdp(**changes) -> timedelta:
    return ftl.duty_limits(replace(DUTY, **changes), profile=ftl.GCAA).max_fdp


def test_a_long_sector_counts_as_two_or_more_for_a_crew_that_is_not_augmented() -> None:
    """Reported at 10:00 local: 14:00 for one sector, 13:15 for two, 12:30 for three, 11:45 for four."""
    found = [max_fdp(longest_sector=hours * HOUR) for hours in (7, 7.1, 9.1, 11.1)]

    assert found == [14 * HOUR, 13.25 * HOUR, 12.5 * HOUR, 11.75 * HOUR]


def test_cabin_crew_have_an_hour_more() -> None:
    assert max_fdp(cabin=True) - max_fdp() == HOUR
    easa = ftl.duty_limits(replace(DUTY, cabin=True)).max_fdp
    assert easa == ftl.duty_limits(DUTY).max_fdp


@pytest.mark.parametrize(("hours", "legal"), [(12, True), (12.1, False)])
def test_standby_lasts_at_most_twelve_hours(hours, legal) -> None:
    standby = hours * HOUR

    assert ftl.other_standby(standby=standby, max_fdp=13 * HOUR, profile=ftl.GCAA).legal is legal
    assert ftl.other_standby(standby=standby, max_fdp=13 * HOUR).legal


def nights(*days: int, hour: int = 22) -> list[tuple[datetime, datetime]]:
    starts = [datetime(2026, 1, day, hour, tzinfo=UTC) for day in days]
    return [(start, start + 6 * HOUR) for start in starts]


@pytest.mark.parametrize(
    ("duties", "run"),
    [
        (nights(10, 11, 12), 3),
        (nights(10, 11, 12, 13), 4),
        (nights(10, 11, 13, 14), 2),
        ([*nights(10, 11, 12), *nights(13, hour=6)], 0),
    ],
)
def test_at_most_three_duties_in_a_row_touch_one_to_seven(duties, run) -> None:
    found = ftl.consecutive_nights(duties, zone="Asia/Dubai", profile=ftl.GCAA)

    assert (found.run, found.legal) == (run, run <= 3)


def test_the_night_ends_at_06_59() -> None:
    from_seven = [(datetime(2026, 1, 10, 3, tzinfo=UTC), datetime(2026, 1, 10, 9, tzinfo=UTC))]
    before = [(datetime(2026, 1, 10, 2, 59, tzinfo=UTC), datetime(2026, 1, 10, 9, tzinfo=UTC))]

    assert ftl.consecutive_nights(from_seven, zone="Asia/Dubai", profile=ftl.GCAA).run == 0
    assert ftl.consecutive_nights(before, zone="Asia/Dubai", profile=ftl.GCAA).run == 1


def test_who_has_no_such_limit_is_not_asked_for_it_and_duties_have_an_order() -> None:
    with pytest.raises(ftl.NotInProfileError):
        ftl.consecutive_nights(nights(10), zone="Asia/Dubai", profile=ftl.EASA)
    with pytest.raises(OutOfRangeError, match="duty 2"):
        ftl.consecutive_nights(nights(11, 10), zone="Asia/Dubai", profile=ftl.GCAA)


def test_every_article_of_it_is_unverified_and_says_what_it_rests_on() -> None:
    assert not ftl.GCAA.verified
    for topic, article in ftl.GCAA.articles.items():
        assert article.status == "unverified", topic
        assert "operator's scheme" in article.source, topic


def test_a_crew_that_is_not_acclimated_reads_table_b_where_it_last_was() -> None:
    """14 CFR 117.13(b): Table B less 30 minutes, at the theater of last acclimation."""
    away = replace(
        DUTY, report_zone="America/New_York", acclimatised_zone="Asia/Dubai", elapsed=60 * HOUR, reported=True
    )

    limits = ftl.duty_limits(away, profile=ftl.FAR117)

    assert (limits.state, limits.max_fdp) == ("X", 13.5 * HOUR)


def test_by_hand_the_profile_is_a_field_of_the_rule() -> None:
    asked = {
        "rule": "delayed_reporting",
        "original_report": "08:00",
        "delayed_report": "14:00",
        "sectors": 1,
        "profile": "GCAA",
    }
    answer = check_rule(asked)

    assert (answer["fdp_starts"], answer["verified"]) == ("12:00", False)
