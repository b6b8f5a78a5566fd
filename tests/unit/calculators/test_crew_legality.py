"""Until when a crew member may leave, and who could take over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from skymarshal.calculators.crew_legality import CrewLegality, crew_legality, last_legal
from skymarshal.calculators.crew_validity import rated_until, validity_limit
from skymarshal.calculators.reserve_cover import ReserveCover, on_call, reserve_cover
from skymarshal.domain.ftl import check_departure, crossed
from skymarshal.operations.past_duties import ListedDuty, past_duty_text
from skymarshal.operations.records import CrewMember, Rating
from tests.unit.agents import rows
from tests.unit.agents.rows import FLIGHT_ID, NOW, assignment, hours, member, z

AIRPORTS = {code: rows.airport(code) for code in ("AUH", "LHR", "JFK")}
MINUTE = timedelta(minutes=1)


def legality(*, holder: CrewMember | None = None, now: Any = NOW, **changes: Any) -> CrewLegality:
    return crew_legality(
        rows.flight(),
        assignment("CPT1", "captain", **changes),
        member("CPT1", "captain") if holder is None else holder,
        duty_flights={FLIGHT_ID: rows.flight()},
        airports=AIRPORTS,
        earlier=(),
        now=now,
    )


def cover(
    *, now: Any = NOW, row: dict[str, Any] | None = None, duties: Any = (), **changes: Any
) -> ReserveCover:
    role = changes.pop("role", "captain")
    return reserve_cover(
        rows.flight(),
        assignment("CPT1", role, **(row or {})),
        rows.reserve("RES1", role, **changes),
        member("RES1", role),
        duties=duties,
        duty_flights={FLIGHT_ID: rows.flight()},
        airports=AIRPORTS,
        now=now,
    )


def test_the_last_minute_is_legal_and_the_next_is_not() -> None:
    found = legality()
    assert found.duty is not None and found.latest_off_block == z(8, 45)
    assert check_departure(found.duty, z(8, 45)).legal is True
    assert check_departure(found.duty, z(8, 46)).legal is False
    assert found.limit == hours(13)


def test_an_augmented_crew_with_a_bunk_may_leave_three_hours_later() -> None:
    # One more pilot and class 1: 16 h instead of 13.
    assert legality(augmented_pilots=1, rest_facility="class1").latest_off_block == z(11, 45)


def test_discretion_is_told_apart_and_only_once_the_crew_has_reported() -> None:
    assert legality().latest_with_discretion == z(10, 45)
    assert legality(now=z(0)).latest_with_discretion is None


def test_notice_later_than_an_hour_before_report_lets_the_duty_run() -> None:
    assert legality(now=z(1, 45)).latest_off_block != z(8, 45)
    assert legality(now=z(1, 46)).latest_off_block == z(8, 45)


def test_cumulative_duty_limits_the_delay_of_a_crew_that_has_reported() -> None:
    # 60 h in 7 days, 50:15 worked, 8:45 planned with debriefing: one hour is left.
    found = legality(duty_hours_7d=50.25)
    assert found.latest_off_block == z(5)
    assert found.article == "ORO.FTL.210"


@pytest.mark.parametrize(
    ("row", "why", "article"),
    [
        ({"report": z(2, 45) - hours(8)}, "FDP", "ORO.FTL.205(b)(1) Table 2"),
        ({"duty_hours_7d": 55}, "cumulative limit", "ORO.FTL.210"),
        ({"rest_before": hours(11)}, "12:00 of rest at home base", "ORO.FTL.235(a)"),
    ],
)
def test_who_may_not_leave_at_all_is_told_by_which_article(row, why, article) -> None:
    found = legality(**row)
    assert (why in " ".join(found.out), found.article) == (True, article), found.out


def test_rest_before_the_next_duty_does_not_bind_this_one() -> None:
    # Away, released 11:30Z, 10 h at least: a report at 23:30Z leaves two hours of slack.
    found = legality(next_report=z(23, 30))
    assert found.latest_off_block == z(8, 45)
    assert found.latest_before_next_duty is not None
    assert found.latest_before_next_duty < z(8, 45)


def test_a_short_rest_before_makes_the_crew_member_leave_later_rather_than_not_at_all() -> None:
    # 11 h at home where 12 are due; told in time, the report moves by an hour and the flight with it.
    found = legality(rest_before=hours(11), now=z(0))
    assert found.earliest_off_block == z(5)
    assert not found.out


def test_a_short_rest_before_a_duty_that_runs_takes_the_crew_member_off() -> None:
    assert legality(rest_before=hours(11)).out


def test_more_duty_before_never_allows_a_later_departure() -> None:
    latest = [legality(duty_hours_7d=value).latest_off_block or z(0) for value in (10, 45, 48, 50, 51, 60)]
    assert latest == sorted(latest, reverse=True)


def test_a_missing_sector_of_the_duty_is_unknown() -> None:
    found = legality(duty_flights=(FLIGHT_ID, "EY999-2026-03-10"))
    assert found.latest_off_block is None
    assert [(one.table, one.key) for one in found.unknowns] == [("Flights", "EY999-2026-03-10")]


def test_a_rating_covers_the_types_it_is_shared_by() -> None:
    on_both = member("CPT1", "captain", ratings=(Rating(aircraft_type="B788", valid_until=z(0, day=30)),))
    assert rated_until(on_both, "B789") == z(0, day=30)
    assert rated_until(on_both, "A320") is None


def test_papers_hold_until_the_landing() -> None:
    short = member("CPT1", "captain", recency_until=z(12))
    limit = validity_limit(short, rows.flight(), "captain")
    assert limit.at == z(5) and not limit.out
    assert validity_limit(member("CPT1", "captain", recency_until=z(10)), rows.flight(), "captain").out


def test_a_pilot_without_recency_on_record_is_unknown() -> None:
    assert validity_limit(member("CPT1", "captain", recency_until=None), rows.flight(), "captain").unknowns


def test_a_reserve_at_home_comes_after_the_call_out() -> None:
    found = cover(standby_type="home", call_out=timedelta(minutes=90))
    assert (found.report_from, found.available_from) == (z(4, 30), z(5, 45))


def test_a_reserve_with_ten_hours_of_notice_comes_after_them() -> None:
    assert cover(standby_type="reserve", end=z(20)).available_from == z(14, 15)


def test_a_reserve_whose_standby_begins_later_is_called_then() -> None:
    assert cover(start=z(6), end=z(14)).available_from == z(7, 15)


def test_a_reserve_whose_standby_is_over_is_not_called() -> None:
    assert not cover(now=z(11)).usable


def test_the_last_minute_of_a_reserve_is_exact() -> None:
    found = cover()
    assert found.latest_off_block == z(11)


def test_a_reserve_leaves_early_enough_to_rest_before_the_next_duty_and_not_during_it() -> None:
    # Off blocks at 11:00Z ends the duty at 18:30Z in London, 4 h away: 14 h of rest, CS FTL.1.235(b)(3)(ii).
    def with_next(report: Any) -> ReserveCover:
        return cover(duties=[assignment("RES1", "captain", report=report)])

    assert with_next(z(8, 30, day=11)).latest_off_block == z(11)
    assert with_next(z(7, 30, day=11)).latest_off_block == z(10)
    assert not with_next(z(5)).usable


@pytest.mark.parametrize(
    ("field", "value"), [("duty_hours_7d", 55.0), ("flight_hours_28d", 95.0), ("flight_hours_year", 895.0)]
)
def test_a_reserve_near_a_cumulative_limit_cannot_take_over(field: str, value: float) -> None:
    found = cover(**{field: value})
    assert not found.usable
    assert "cumulative" in found.reasons[0]


def test_who_covers_whom() -> None:
    purser = rows.reserve("R", "purser")
    assert on_call(purser, "cabin", "B789", NOW)
    assert not on_call(rows.reserve("R", "cabin"), "purser", "B789", NOW)
    assert not on_call(purser, "cabin", "A320", NOW)
    assert not on_call(rows.reserve("R", "captain"), "first_officer", "B789", NOW)


def test_the_last_legal_instant_is_that_of_the_first_unbroken_run() -> None:
    def legal(instants: Any) -> list[bool]:
        return [one <= z(5, 7) or one >= z(9) for one in instants]

    assert last_legal(z(4), z(12), legal) == z(5, 7)
    assert last_legal(z(6), z(12), legal) is None
    assert last_legal(z(9), z(12), legal) == z(12)


def layover(rest: timedelta, *, crossed_from: str = "AUH", in_flight_rest: bool = False) -> CrewLegality:
    """EY286 leaves LHR after a 9 h duty from AUH, on a day with 4 h between them."""
    flown = rows.outbound_return()
    report = flown.std - hours(1.25)
    before = ListedDuty(
        report=report - rest - hours(9),
        debrief=report - rest,
        start=crossed_from,
        end="LHR",
        kind="flight",
        in_flight_rest=in_flight_rest,
    )
    known = rows.past(before.report, hours(60))
    return crew_legality(
        flown,
        assignment(
            "CPT1",
            "captain",
            flight_id=flown.flight_id,
            duty_flights=(flown.flight_id,),
            report=report,
            report_airport="LHR",
            debrief=flown.sta + hours(0.5),
            rest_before=rest,
            past_duties=(*known["past_duties"], past_duty_text(before)),
        ),
        member("CPT1", "captain"),
        duty_flights={flown.flight_id: flown},
        airports=AIRPORTS,
        earlier=(),
        now=report - hours(8),
    )


def test_four_hours_of_time_difference_ask_for_fourteen_hours_of_rest_away() -> None:
    # CS FTL.1.235(b)(3)(ii): the greater of the duty and 14 h.
    std = rows.outbound_return().std
    assert layover(hours(10)).earliest_off_block == std + hours(4)
    assert layover(hours(10)).rest_article == "CS FTL.1.235(b)(3)(ii)"
    assert layover(hours(14)).earliest_off_block is None
    # Without the time difference ORO.FTL.235(b) asks for 10 h.
    assert layover(hours(10), crossed_from="LHR").earliest_off_block is None


def test_in_flight_rest_before_asks_for_fourteen_hours_at_the_destination() -> None:
    # CS FTL.1.205(c)(6).
    std = rows.outbound_return().std
    found = layover(hours(12), crossed_from="LHR", in_flight_rest=True)
    assert found.earliest_off_block == std + hours(2)
    assert (found.rest_article or "").startswith("CS FTL.1.205(c)")


def test_where_the_duty_before_started_has_to_be_known() -> None:
    found = layover(hours(10), crossed_from="XXX")
    assert [(one.table, one.key) for one in found.unknowns] == [("Airports", "XXX")]


def test_a_clock_that_changes_on_the_way_counts_with_the_greater_difference() -> None:
    # London goes from 4 h to 3 h behind Abu Dhabi at 01:00Z on 29 March 2026.
    before, after = z(22, day=28), z(5, day=29)
    assert crossed(before, after, "Asia/Dubai", "Europe/London") == hours(4)
    assert crossed(after, after, "Asia/Dubai", "Europe/London") == hours(3)
