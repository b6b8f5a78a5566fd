"""What the duties before a duty ask of it: ORO.FTL.235, CS FTL.1.235, ORO.FTL.105(8), (9), (16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl import (
    EASA,
    GCAA,
    DutyHistory,
    HistoryLimits,
    PastDuty,
    after_local_nights,
    history_limits,
    latest_release,
    local_nights,
    nights_after,
    parts_by_day,
    totals_over_midnight,
)

ZONES = {
    "AUH": "Asia/Dubai",
    "LHR": "Europe/London",
    "JFK": "America/New_York",
    "SYD": "Australia/Sydney",
    "BOM": "Asia/Kolkata",
}


def z(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def hours(value: float) -> timedelta:
    return timedelta(hours=value)


def duty(report: datetime, length: float, start: str = "AUH", end: str = "AUH", **changes: Any) -> PastDuty:
    values: dict[str, Any] = {
        "report": report,
        "debrief": report + hours(length),
        "start": start,
        "end": end,
        "start_zone": ZONES[start],
        "end_zone": ZONES[end],
    }
    return PastDuty(**(values | changes))


def limits(
    *duties: PastDuty, report: datetime, place: str = "AUH", to: str | None = None, **changes: Any
) -> HistoryLimits:
    values: dict[str, Any] = {
        "home": "AUH",
        "home_zone": ZONES["AUH"],
        "acclimatised_zone": ZONES["AUH"],
        "known_from": z(20, 0, month=1),
        "duties": duties,
        "rest_start": duties[-1].debrief,
    }
    history = DutyHistory(**(values | {k: v for k, v in changes.items() if k in values or "disrupt" in k}))
    return history_limits(
        history,
        report=report,
        report_place=place,
        rest_places=() if to is None else [(ZONES[to], report + hours(8))],
        profile=changes.get("profile", EASA),
    )


def week(first: datetime, count: int, length: float = 8) -> list[PastDuty]:
    """A duty at the same hour on each of so many days."""
    return [duty(first + timedelta(days=n), length) for n in range(count)]


# Rest


@pytest.mark.parametrize(
    ("before", "place", "needed"),
    [
        (duty(z(9, 4), 9), "AUH", 12),  # ORO.FTL.235(a)(1)
        (duty(z(9, 4), 13), "AUH", 13),
        (duty(z(9, 4), 9, "AUH", "BOM"), "BOM", 10),  # ORO.FTL.235(b)
        (duty(z(9, 4), 11, "AUH", "BOM"), "BOM", 11),
        (duty(z(9, 4), 9, "AUH", "LHR"), "LHR", 14),  # CS FTL.1.235(b)(3)(ii): 4 h apart in winter
        (duty(z(29, 4), 9, "AUH", "LHR"), "LHR", 10),  # 3 h apart from 29 March
        (duty(z(28, 20), 9, "AUH", "LHR"), "LHR", 14),  # the clock changes on the way
        (duty(z(9, 4), 15.5, "AUH", "JFK"), "JFK", 15.5),
        (duty(z(9, 4), 9, "AUH", "BOM", in_flight_rest=True), "BOM", 14),  # CS FTL.1.205(c)(6)
        (duty(z(9, 4), 9, rest_added=hours(4)), "AUH", 16),  # ORO.FTL.205(d)(3)
        (duty(z(9, 4), 13, kind="home_standby"), "AUH", 12),  # GM1 CS FTL.1.225(c)
        (duty(z(9, 4), 13, kind="airport_standby"), "AUH", 13),  # ORO.FTL.225(c)
        (duty(z(9, 4), 9, "AUH", "LHR", kind="positioning"), "LHR", 14),
    ],
)
def test_the_rest_that_is_due(before: PastDuty, place: str, needed: float) -> None:
    found = limits(before, report=before.debrief + hours(20), place=place)
    assert found.free_from == before.debrief + hours(needed)
    assert found.rest_length == hours(needed)


# Local nights


@pytest.mark.parametrize(
    ("start", "nights", "at"),
    [
        (z(9, 18), 1, z(10, 2)),  # 22:00 at the hub, 8 h
        (z(9, 12), 1, z(10, 2)),
        (z(9, 20), 1, z(10, 4)),  # midnight to 08:00
        (z(9, 20, 1), 1, z(11, 2)),  # too late for 8 h before 08:00
        (z(9, 12), 3, z(12, 2)),
        (z(9, 12), 0, z(9, 12)),
    ],
)
def test_the_instant_by_which_so_many_local_nights_have_passed(start, nights, at) -> None:
    assert after_local_nights(start, "Asia/Dubai", nights) == at
    if nights:
        assert local_nights(start, at, "Asia/Dubai") == nights
        assert local_nights(start, at - timedelta(minutes=1), "Asia/Dubai") == nights - 1


@pytest.mark.parametrize(
    ("away", "place", "nights"),
    [
        (40, "JFK", 2),  # 8 h from 8 March on; below 48 h since reporting
        (50, "JFK", 3),
        (80, "JFK", 3),
        (100, "JFK", 4),
        (40, "LHR", 2),
        (80, "LHR", 3),
        (40, "BOM", 0),  # 1:30 apart: no compensation
    ],
)
def test_a_rotation_across_time_zones_asks_for_local_nights_at_home(away, place, nights) -> None:
    # CS FTL.1.235(b)(3)(i): by the greatest difference where the crew rests, and the time since reporting.
    out = duty(z(10, 4), 14, "AUH", place)
    back = duty(z(10, 4) + hours(away - 13), 13, place, "AUH")
    found = limits(out, back, report=back.debrief + hours(13))
    due = max(after_local_nights(back.debrief, "Asia/Dubai", nights), back.debrief + hours(13))
    assert found.free_from == due


def test_a_crew_home_from_new_york_for_thirteen_hours_may_not_report() -> None:
    out, back = duty(z(10, 4), 15, "AUH", "JFK"), duty(z(11, 20), 14, "JFK", "AUH")
    found = limits(out, back, report=back.debrief + hours(13))
    assert back.debrief + hours(13) < found.free_from == after_local_nights(back.debrief, "Asia/Dubai", 3)
    assert found.rest[-1].topic == "time_zone_nights"


def test_a_rotation_whose_beginning_is_not_listed_is_unknown() -> None:
    back = duty(z(11, 20), 14, "JFK", "AUH")
    assert "where and when the rotation before began" in limits(back, report=z(16, 4)).unknowns


@pytest.mark.parametrize(
    ("first", "then", "nights"),
    [("JFK", "SYD", 3), ("SYD", "JFK", 3), ("SYD", "LHR", 3), ("LHR", "LHR", 2), ("JFK", "LHR", 2)],
)
def test_rotations_in_opposite_directions_lie_three_local_nights_apart(first, then, nights) -> None:
    # CS FTL.1.235(b)(3)(iii), GM: 6 h or more one way and 4 h or more the other.
    out = duty(z(10, 4), 14, "AUH", first)
    back = duty(z(11, 8), 14, first, "AUH")
    found = limits(out, back, report=z(15, 4), to=then)
    assert found.free_from == after_local_nights(back.debrief, "Asia/Dubai", nights)


@pytest.mark.parametrize(
    ("report", "nights", "release"),
    [
        (z(12, 5), 1, z(11, 20)),  # 09:00 at the hub: from midnight to 08:00
        (z(12, 2, 30), 1, z(11, 18, 30)),  # 06:30: 8 h before
        (z(12, 1), 1, z(10, 20)),  # 05:00 leaves no whole night but the one before
        (z(12, 5), 3, z(9, 20)),
        (z(12, 5), 0, z(12, 5)),
    ],
)
def test_the_latest_release_that_leaves_so_many_local_nights(report, nights, release) -> None:
    assert latest_release(report, "Asia/Dubai", nights) == release
    assert after_local_nights(release, "Asia/Dubai", nights) <= report


def test_the_nights_after_a_duty_that_ends_a_rotation() -> None:
    out, back = duty(z(10, 4), 15, "AUH", "JFK"), duty(z(11, 20), 14, "JFK", "AUH")
    history = DutyHistory(
        home="AUH",
        home_zone=ZONES["AUH"],
        acclimatised_zone=ZONES["AUH"],
        known_from=z(1, 0),
        duties=(out,),
        rest_start=out.debrief,
    )
    assert nights_after(history, back) == 3
    assert nights_after(history, duty(z(11, 20), 14, "JFK", "LHR")) == 0


def test_an_early_start_after_a_late_finish_waits_for_a_local_night() -> None:
    # CS FTL.1.235(a)(1): home base, late finish 00:30 on the hub's clock.
    late = duty(z(9, 12, 30), 8)
    found = limits(late, report=z(10, 12))
    assert found.early_start_from == z(11, 2)
    assert limits(duty(z(9, 4), 8), report=z(10, 4)).early_start_from is None
    assert limits(duty(z(9, 12, 30), 8, "AUH", "BOM"), report=z(10, 12), place="BOM").early_start_from is None


# Recovery rest


def test_recovery_rest_is_due_168_hours_after_the_last_one_ended() -> None:
    # ORO.FTL.235(d). The last one ended with the first report on 3 March.
    before = duty(z(26, 6, month=2), 8)
    found = limits(before, *week(z(3, 6), 6), report=z(9, 6))
    assert found.release_by == z(3, 6) + hours(168)
    assert found.recovered_from == z(8, 14) + hours(36)


def test_a_rest_of_36_hours_with_one_local_night_is_no_recovery_rest() -> None:
    before = duty(z(26, 6, month=2), 8)
    # From 01:00 to 13:00 a day later on the hub's clock: 36 h, one local night.
    evening = duty(z(5, 15), 6)
    assert limits(before, *week(z(3, 6), 2), evening, duty(z(7, 9), 8), report=z(8, 6)).release_by == z(10, 6)
    # Two hours earlier it holds two.
    longer = duty(z(5, 12), 6)
    assert limits(before, *week(z(3, 6), 2), longer, duty(z(7, 6), 8), report=z(8, 6)).release_by == z(14, 6)


def test_four_disruptive_duties_ask_for_sixty_hours() -> None:
    # CS FTL.1.235(a)(2).
    before = duty(z(26, 6, month=2), 8)
    nights = week(z(3, 18), 4, 9)
    ended = nights[-1].debrief
    assert limits(before, *nights, report=z(9, 18)).recovered_from == ended + hours(60)
    assert limits(before, *nights, report=z(9, 18)).disruptive_duties == 4
    assert limits(before, *nights[:3], report=z(9, 18)).next_recovery == hours(36)
    # Forty hours after the fourth are none, so that the 168 h run on.
    found = limits(before, *nights, duty(ended + hours(40), 8), report=ended + hours(60))
    assert found.release_by == z(3, 18) + hours(168)


def test_what_the_roster_counts_is_taken_if_it_is_more() -> None:
    before = duty(z(9, 6), 8)
    assert limits(before, report=z(10, 6), disruptive_duties=6).next_recovery == hours(60)


def test_without_a_recovery_rest_on_record_it_is_unknown_or_overdue() -> None:
    recent = limits(*week(z(5, 6), 4), report=z(9, 6), known_from=z(5, 0))
    assert recent.release_by is None and "when the last recovery rest ended" in recent.unknowns
    overdue = limits(*week(z(1, 6), 8), report=z(9, 6), known_from=z(1, 0))
    assert overdue.release_by == z(1, 0) + hours(168)


def test_the_month_keeps_two_recovery_rests_of_two_local_days() -> None:
    # ORO.FTL.235(d). One in March (14 and 15), so that 30 and 31 March have to stay free: midnight is 20:00Z.
    busy = [*week(z(26, 6, month=2), 3), *week(z(1, 6), 13), *week(z(16, 6), 9)]
    assert limits(*busy, report=z(26, 6)).local_days_by == z(29, 20)
    # With none, two of them and a day between: from 27 March.
    none = [*week(z(26, 6, month=2), 3), *week(z(1, 6), 24)]
    assert limits(*none, report=z(25, 6)).local_days_by == z(26, 20)
    both = [*week(z(1, 6), 4), *week(z(7, 6), 5), *week(z(14, 6), 5)]
    assert limits(*both, report=z(19, 6)).local_days_by is None
    assert not limits(*week(z(20, 6), 4), report=z(24, 6), known_from=z(5, 0)).local_days_known


# Night duties


def test_a_night_duty_follows_another_unless_a_local_night_parts_them() -> None:
    # CS FTL.1.205(a)(1).
    night = duty(z(9, 18), 9)
    assert limits(night, report=z(10, 18)).after_night_duty
    assert not limits(night, report=z(11, 18)).after_night_duty
    assert not limits(duty(z(9, 6), 9), report=z(10, 18)).after_night_duty


def test_a_profile_without_the_provisions_is_not_asked_for_them() -> None:
    out, back = duty(z(10, 4), 15, "AUH", "JFK"), duty(z(11, 20), 14, "JFK", "AUH")
    found = limits(out, back, report=back.debrief + hours(20), profile=GCAA)
    assert [one.topic for one in found.rest] == ["rest_home"]
    assert (found.recovered_from, found.release_by, found.next_recovery) == (None, None, None)


def test_duties_that_overlap_make_no_history() -> None:
    with pytest.raises(OutOfRangeError, match="past_duties"):
        limits(duty(z(9, 4), 9), duty(z(9, 12), 9), report=z(11, 4))


def test_more_rest_never_opens_a_report_later() -> None:
    nights = week(z(3, 18), 4, 9)
    found = [limits(*nights[:n], report=z(9, 18)).free_from for n in range(1, 5)]
    assert all(before < after for before, after in pairwise(found))


# Windows


def test_a_duty_counts_on_each_side_of_midnight_at_home_base() -> None:
    found = parts_by_day([(z(9, 16), z(9, 23))], "Asia/Dubai")
    assert sorted(found.values()) == [hours(3), hours(4)]


def test_hours_leave_their_window_at_midnight() -> None:
    # 58 h in 7 days, 10 of them on the first; the duty works 4 h before midnight and 6 after it.
    past = [duty(z(3, 5), 10), *[duty(z(day, 5), 8) for day in range(4, 10)]]
    totals = {"duty_7d": hours(58), "flight_28d": hours(50), "flight_calendar_year": hours(100)}
    found = totals_over_midnight(
        totals,
        duty=parts_by_day([(z(9, 16), z(10, 2))], "Asia/Dubai"),
        flight=parts_by_day([(z(9, 18), z(10, 1))], "Asia/Dubai"),
        past=past,
        zone="Asia/Dubai",
    )
    # On the first day 58 + 4, on the second 58 - 10 + 10: the first counts.
    assert found["duty_7d"] == hours(62) - hours(10)
    assert found["flight_28d"] == hours(50)


def test_the_calendar_year_begins_anew_within_a_duty() -> None:
    flown = parts_by_day([(z(31, 17, month=12), datetime(2027, 1, 1, 0, tzinfo=UTC))], "Asia/Dubai")
    found = totals_over_midnight(
        {"flight_calendar_year": hours(896), "flight_12_months": hours(896)},
        duty=flown,
        flight=flown,
        past=(),
        zone="Asia/Dubai",
    )
    # 3 h before midnight make 899 of 900; the other 4 are next year's.
    assert found["flight_calendar_year"] == hours(892)
    assert found["flight_12_months"] == hours(896)
