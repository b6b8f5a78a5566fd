from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain import ftl
from skymarshal.domain.errors import NegativeDurationError, OutOfRangeError, UnknownCodeError

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DURATIONS = st.integers(0, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("place", "duty", "more", "rest"),
    [
        ("home", 9, {}, 12),
        ("home", 13.5, {}, 13.5),
        ("home", 9, {"operator_accommodation": True}, 10),
        ("away", 9, {}, 10),
        ("away", 9, {"time_difference": 4 * HOUR}, 14),
        ("away", 9, {"time_difference": -4 * HOUR}, 14),
        ("away", 9, {"time_difference": 4 * HOUR - MINUTE}, 10),
        ("home", 9, {"time_difference": 9 * HOUR}, 12),
        ("away", 9, {"in_flight_rest": True}, 14),
        ("home", 9, {"extension_rest": 4 * HOUR}, 16),
    ],
)
def test_minimum_rest_by_place_and_duty(place, duty, more, rest):
    found = ftl.minimum_rest(place=place, preceding_duty=timedelta(hours=duty), **more)

    assert found.minimum_rest == timedelta(hours=rest)


@given(duty=DURATIONS, more=DURATIONS, place=st.sampled_from(["home", "away"]))
def test_a_longer_duty_never_shortens_the_rest(duty, more, place):
    shorter = ftl.minimum_rest(place=place, preceding_duty=duty).minimum_rest
    longer = ftl.minimum_rest(place=place, preceding_duty=duty + more).minimum_rest

    assert shorter <= longer


@given(difference=st.floats(0, 12), elapsed=st.floats(0, 200), more=st.floats(0, 100))
def test_more_time_away_or_more_time_zones_never_ask_for_fewer_nights(difference, elapsed, more):
    def nights(hours: float, since: float) -> int:
        return ftl.time_zone_nights(
            time_difference=timedelta(hours=hours), elapsed=timedelta(hours=since)
        ).local_nights

    assert nights(difference, elapsed) <= nights(difference, elapsed + more)
    assert nights(difference, elapsed) <= nights(min(12, difference + more / 10), elapsed)


@pytest.mark.parametrize(
    ("difference", "elapsed", "nights"),
    [(3.9, 100, 0), (4, 47, 2), (6, 72, 3), (6.1, 48, 3), (9, 96, 4), (9.1, 72, 4), (12, 96, 5)],
)
def test_local_nights_after_time_zones(difference, elapsed, nights):
    found = ftl.time_zone_nights(
        time_difference=timedelta(hours=difference), elapsed=timedelta(hours=elapsed)
    )

    assert found.local_nights == nights


def test_what_is_only_remembered_says_so():
    assert not ftl.transition_nights(opposite_directions=True, late_or_night_to_early=False).verified
    assert ftl.transition_nights(opposite_directions=True, late_or_night_to_early=True).local_nights == 3
    assert ftl.transition_nights(opposite_directions=False, late_or_night_to_early=True).local_nights == 1


def reduced(place: str, rest: float, **more) -> ftl.ReducedRest:
    return ftl.reduced_rest(place=place, planned_rest=timedelta(hours=rest), required_rest=13 * HOUR, **more)


def test_reduced_rest_is_twelve_hours_at_home_and_ten_away_and_is_paid_back():
    assert reduced("home", 12).allowed
    assert not reduced("home", 11.9).allowed
    assert reduced("away", 10).allowed
    assert not reduced("away", 9.9).allowed
    assert reduced("home", 12).next_rest_increase == HOUR
    assert reduced("home", 12).next_fdp_reduction == HOUR


def test_rest_is_reduced_twice_at_most_and_only_with_risk_management():
    assert reduced("home", 12, used_since_recovery=1).allowed
    assert not reduced("home", 12, used_since_recovery=2).allowed
    assert not reduced("home", 12, frm=False).allowed
    assert reduced("home", 13, frm=False, used_since_recovery=2).allowed


def test_recovery_rest_grows_to_sixty_hours_with_the_fourth_disruptive_duty():
    assert ftl.recovery_rest_length(disruptive_duties=3).minimum == 36 * HOUR
    assert ftl.recovery_rest_length(disruptive_duties=4).minimum == 60 * HOUR


def recovery(start: datetime, hours: float, previous_end: datetime | None = None) -> ftl.RecoveryRest:
    return ftl.recovery_rest(
        start=start,
        end=start + timedelta(hours=hours),
        zone="Asia/Dubai",
        previous_end=previous_end,
        disruptive_duties=0,
    )


def test_recovery_rest_holds_two_local_nights_and_comes_within_168_hours():
    evening = datetime(2026, 1, 15, 16, tzinfo=UTC)

    assert recovery(evening, 36).legal
    assert recovery(evening, 36, evening - 168 * HOUR).legal
    assert not recovery(evening, 36, evening - 168 * HOUR - MINUTE).legal
    morning = datetime(2026, 1, 15, 2, tzinfo=UTC)
    assert (recovery(morning, 36).legal, recovery(morning, 36).local_nights) == (False, 1)


def test_a_local_night_is_eight_hours_between_22_and_8_also_when_the_clock_jumps():
    def nights(*hours: tuple[int, int]) -> int:
        (start_day, start_hour), (end_day, end_hour) = hours
        return ftl.local_nights(
            datetime(2026, 3, start_day, start_hour, tzinfo=UTC),
            datetime(2026, 3, end_day, end_hour, tzinfo=UTC),
            "Europe/Berlin",
        )

    assert nights((20, 23), (21, 7)) == 1
    assert nights((21, 0), (21, 7)) == 0
    assert nights((28, 21), (29, 6)) == 1
    assert nights((28, 22), (29, 6)) == 1
    assert nights((28, 23), (29, 6)) == 0


def duty(start: str, end: str, kind: str = "early") -> ftl.DisruptiveDuty:
    return ftl.classify_duty(
        datetime.fromisoformat(f"2026-01-{start}+04:00"),
        datetime.fromisoformat(f"2026-01-{end}+04:00"),
        zone="Asia/Dubai",
        disruptive_type=kind,
    )


def test_early_starts_late_finishes_and_night_duties_on_the_acclimatised_clock():
    assert duty("15T05:00", "15T12:00").early_start
    assert not duty("15T06:00", "15T12:00").early_start
    assert duty("15T06:59", "15T12:00", "late").early_start
    assert duty("15T15:00", "15T23:00").late_finish
    assert not duty("15T15:00", "15T23:00", "late").late_finish
    assert duty("15T20:00", "16T02:01").night_duty
    assert not duty("15T20:00", "16T02:00").disruptive
    assert duty("15T20:00", "16T04:30").wocl_encroachment == timedelta(hours=2.5)


def test_wrong_input_is_named():
    with pytest.raises(UnknownCodeError, match="place: 'hotel' is not valid; expected one of home, away"):
        ftl.minimum_rest(place="hotel", preceding_duty=HOUR)
    with pytest.raises(NegativeDurationError, match="preceding_duty: '-1:00'"):
        ftl.minimum_rest(place="home", preceding_duty=-HOUR)
    with pytest.raises(OutOfRangeError, match="time_difference"):
        ftl.time_zone_nights(time_difference=13 * HOUR, elapsed=HOUR)
