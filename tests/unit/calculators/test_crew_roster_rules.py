"""What binds a crew member beyond the duty itself, from the rows of the roster."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from skymarshal.calculators.crew_legality import CrewLegality, crew_legality
from skymarshal.calculators.reserve_cover import ReserveCover, reserve_cover
from skymarshal.domain.ftl import GCAA
from skymarshal.operations.past_duties import ListedDuty, parse_past_duty, past_duty_text
from skymarshal.operations.records import CrewRole, DutyBreak, Flight
from tests.unit.agents import rows
from tests.unit.agents.rows import FLIGHT_ID, NOW, assignment, hours, member, z

AIRPORTS = {code: rows.airport(code) for code in ("AUH", "LHR", "JFK", "LHE")}
REPORT = z(2, 45)


def listed(report: datetime, length: float, start: str = "AUH", end: str = "AUH", **changes: Any) -> str:
    values: dict[str, Any] = {"kind": "flight", "flight_time": hours(2)}
    return past_duty_text(
        ListedDuty(report=report, debrief=report + hours(length), start=start, end=end, **(values | changes))
    )


def legality(
    *duties: str,
    now: datetime = NOW,
    role: CrewRole = "captain",
    flights: tuple[Flight, ...] | None = None,
    flight_crew_report: datetime | None = None,
    frm: bool = False,
    profile: Any = None,
    **changes: Any,
) -> CrewLegality:
    """EY283 of the captain whose past duties end with `duties`; the rest before follows from them."""
    if duties:
        first, last = parse_past_duty(duties[0]), parse_past_duty(duties[-1])
        earlier = rows.past(first.report, hours(60))["past_duties"]
        changes.setdefault("past_duties", (*earlier, *duties))
        changes.setdefault("rest_before", changes.get("report", REPORT) - last.debrief)
    flown = flights or (rows.flight(),)
    return crew_legality(
        next(one for one in flown if one.flight_id == FLIGHT_ID),
        assignment("CPT1", role, duty_flights=tuple(one.flight_id for one in flown), **changes),
        member("CPT1", role),
        duty_flights={one.flight_id: one for one in flown},
        airports=AIRPORTS,
        earlier=(),
        now=now,
        flight_crew_report=flight_crew_report,
        frm=frm,
        **({} if profile is None else {"profile": profile}),
    )


@pytest.mark.parametrize("field", ["past_duties", "past_duties_from"])
def test_a_row_that_does_not_list_the_duties_before_blocks(field: str) -> None:
    found = legality(**{field: None})
    assert [(one.table, one.field) for one in found.unknowns] == [("CrewRoster", field)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday AUH-LHR flight 7:00",
        "2026-03-08T04:00Z/2026-03-08T12:00Z AUH flight 7:00",
        "2026-03-08T04:00Z/2026-03-08T12:00Z AUH-LHR sleeping 0:00",
        "2026-03-08T04:00Z/2026-03-08T12:00Z AUH-LHR flight 9:00",
        "2026-03-08T12:00Z/2026-03-08T04:00Z AUH-LHR flight 2:00",
        "2026-03-08T04:00Z/2026-03-12T04:00Z AUH-LHR flight 2:00",
        "2026-03-08T04:00Z/2026-03-08T12:00Z AUH-LHR flight 7:00 perhaps",
    ],
)
def test_a_past_duty_that_cannot_be_read_is_unknown(text: str) -> None:
    found = legality(past_duties=(text,))
    assert [(one.table, one.field) for one in found.unknowns] == [("CrewRoster", "past_duties")]


def test_past_duties_are_written_as_they_are_read() -> None:
    text = "2026-03-08T04:00Z/2026-03-08T20:30Z AUH-JFK flight 14:10 in-flight-rest +4:00"
    assert past_duty_text(parse_past_duty(text)) == text


def test_a_crew_home_from_new_york_for_thirteen_hours_is_not_clear() -> None:
    # CS FTL.1.235(b)(3)(i): 8 h of difference, 49 h since reporting: three local nights.
    home = REPORT - hours(13)
    out, back = home - hours(49), home - hours(14)
    found = legality(listed(out, 15, "AUH", "JFK"), listed(back, 14, "JFK", "AUH"), now=z(0))
    assert found.latest_off_block is None
    assert found.article == "CS FTL.1.235(b)(3)(i)"
    assert "3 local nights at home base" in found.out[0]


def test_recovery_rest_that_falls_due_ends_the_run() -> None:
    # ORO.FTL.235(d): the last one ended with the report on 3 March at 13:00Z, so that the next begins by the
    # 10th at 13:00Z; EY283 takes 7:30 from off block to release.
    exact = legality(*[listed(z(13, day=day), 5) for day in range(3, 9)], listed(z(6, day=9), 5))
    assert exact.latest_off_block == z(5, 30)
    assert (exact.article, exact.limit) == ("ORO.FTL.235(d)", None)
    assert exact.recovery_due == z(13)


def test_six_disruptive_duties_since_the_last_recovery_rest_show() -> None:
    found = legality(disruptive_duties=6)
    assert (found.disruptive_duties, found.next_recovery) == (6, hours(60))


def test_an_early_start_after_a_night_duty_waits_for_its_end_or_a_local_night() -> None:
    # CS FTL.1.235(a)(1): report 05:30 at the hub, 14 h after a late finish.
    report = z(1, 30)
    late = listed(report - hours(28.5), 8)  # ends 01:00 on the hub's clock
    found = legality(late, report=report, now=z(0) - hours(3))
    assert found.earliest_off_block == z(4) + timedelta(minutes=30)  # report 06:00, no early start any more
    assert legality(late, report=report).article == "CS FTL.1.235(a)(1)"


@pytest.mark.parametrize(("managed", "hours_left"), [(True, 2.5), (False, 1), (None, 1)])
def test_a_night_duty_of_more_than_ten_hours_needs_fatigue_risk_management(managed, hours_left) -> None:
    # CS FTL.1.205(a)(2): report 02:30 at the hub, FDP 8:30 of 11:00, duty 9:00.
    flown = rows.flight(std=z(0), sta=z(7))
    values: dict[str, Any] = {"report": z(22, 30, day=9), "debrief": z(7, 30)}
    found = legality(flights=(flown,), night_duties_managed=managed, **values)
    assert found.latest_off_block == z(0) + hours(hours_left)
    assert found.article == ("ORO.FTL.205(b)(1) Table 2" if managed else "CS FTL.1.205(a)")


def test_a_fifth_sector_is_none_in_consecutive_night_duties() -> None:
    # CS FTL.1.205(a)(1).
    std = [z(20, day=9) + hours(1.5 * n) for n in range(5)]
    legs = [
        rows.leg(f"EY{n}", "AUH" if n % 2 == 0 else "LHE", "LHE" if n % 2 == 0 else "AUH", at, 1)
        for n, at in enumerate(std)
    ]
    legs[0] = rows.flight(std=std[0], sta=std[0] + hours(1), block=hours(1), destination="LHE")
    night = listed(z(18, day=8), 9)
    values: dict[str, Any] = {"report": std[0] - hours(1), "debrief": std[4] + hours(1.5)}
    found = legality(night, flights=tuple(legs), **values)
    assert "5 sectors in consecutive night duties, at most 4" in found.out
    assert not legality(
        night, flights=tuple(legs[:4]), report=std[0] - hours(1), debrief=std[3] + hours(1.5)
    ).out
    values |= {"debrief": std[4] + hours(1.5)}
    assert not legality(listed(z(5, day=8), 9), flights=tuple(legs), **values).out


def test_cabin_crew_who_report_earlier_keep_the_flight_crews_limit() -> None:
    # ORO.FTL.205(c): 30 min earlier, 13:00 from the flight crew's report and 0:30 on top.
    pilots = legality().latest_off_block
    found = legality(role="purser", report=z(2, 15), flight_crew_report=REPORT)
    assert found.latest_off_block == pilots
    # No more than an hour is added.
    hour_more = legality(role="purser", report=z(1, 15), flight_crew_report=REPORT)
    assert pilots is not None and hour_more.latest_off_block == pilots - hours(0.5)


def test_positioning_before_operating_is_fdp_and_no_sector() -> None:
    # ORO.FTL.215(a): three flights, two of them operated.
    legs = (
        rows.leg("EY1", "LHE", "AUH", z(22, day=9), 3),
        rows.flight(std=z(4), sta=z(7), block=hours(3), destination="LHE"),
        rows.leg("EY2", "LHE", "AUH", z(8), 3),
    )
    values: dict[str, Any] = {"report": z(21, day=9), "debrief": z(11, 30), "report_airport": "AUH"}
    carried = legality(flights=legs, positioning_flights=("EY1-2026-03-09",), **values)
    assert carried.duty is not None and carried.limits is not None
    assert (carried.duty.sectors, carried.duty.planned_flight) == (2, hours(6))
    operated = legality(flights=legs, **values)
    assert operated.duty is not None and operated.duty.sectors == 3


def test_positioning_after_operating_is_duty_and_no_fdp() -> None:
    # ORO.FTL.215(b).
    legs = (rows.flight(), rows.leg("EY286", "LHR", "AUH", z(14), 7))
    found = legality(flights=legs, positioning_flights=("EY286-2026-03-10",), debrief=z(21, 30))
    assert found.duty is not None
    assert (found.duty.end_of_fdp, found.duty.post_flight) == (z(11), hours(10.5))
    assert found.latest_off_block == z(8, 45)


def test_who_is_a_passenger_on_the_flight_needs_no_rating_and_no_fdp() -> None:
    found = legality(positioning_flights=(FLIGHT_ID,), report=z(2, 45) - hours(8))
    assert not found.out and found.latest_off_block is not None


def test_a_break_on_the_ground_extends_the_fdp_of_a_split_duty() -> None:
    # CS FTL.1.220: 6:30 between the sectors less 30 min, half of it: 13:00 and 3:00.
    legs = (
        rows.flight(std=z(4), sta=z(6), block=hours(2), destination="LHE"),
        rows.leg("EY2", "LHE", "AUH", z(12, 30), 3),
    )
    rest = DutyBreak(start=z(6), end=z(12, 30), duties_and_travel=timedelta(minutes=30), facility="suitable")
    values: dict[str, Any] = {"debrief": z(16)}
    whole, split = (legality(flights=legs, split_break=one, **values) for one in (None, rest))
    assert whole.limits is not None and split.limits is not None
    assert (whole.limits.max_fdp, split.limits.max_fdp) == (hours(13), hours(16))
    assert split.article == "CS FTL.1.220"


@pytest.mark.parametrize(
    ("frm", "used", "open_"), [(True, 0, True), (True, 2, False), (True, None, False), (False, 0, False)]
)
def test_reduced_rest_is_open_under_fatigue_risk_management_alone(frm, used, open_) -> None:
    # CS FTL.1.235(c): 14 h due after a duty of 14 h, 12 h taken: the FDP loses two.
    found = legality(listed(REPORT - hours(26), 14), frm=frm, reduced_rests=used)
    assert bool(found.out) is not open_
    if open_:
        assert found.limits is not None and found.limits.max_fdp == hours(11)


def test_the_month_that_cannot_be_counted_is_unknown_only_where_it_may_bind() -> None:
    late = [listed(z(7, 45, day=day), 8) for day in range(24, 28)]
    values: dict[str, Any] = {"report": z(2, 45, day=28), "debrief": z(11, 30, day=28)}
    flown = rows.flight(std=z(4, day=28), sta=z(11, day=28))
    found = legality(*late, flights=(flown,), past_duties_from=z(5, day=23), **values)
    assert ("CrewRoster", "past_duties_from") in [(one.table, one.field) for one in found.unknowns]


def test_a_profile_that_holds_no_such_rule_is_not_asked_for_it() -> None:
    home = REPORT - hours(13)
    out, back = home - hours(49), home - hours(14)
    found = legality(listed(out, 15, "AUH", "JFK"), listed(back, 12, "JFK", "AUH"), profile=GCAA)
    assert not found.unknowns


def cover(**changes: Any) -> ReserveCover:
    return reserve_cover(
        rows.flight(),
        assignment("CPT1", "captain"),
        rows.reserve("RES1", "captain", **changes),
        member("RES1", "captain"),
        duties=(),
        duty_flights={FLIGHT_ID: rows.flight()},
        airports=AIRPORTS,
        now=NOW,
    )


def test_a_reserve_whose_duties_before_are_not_on_record_cannot_be_called() -> None:
    assert cover().usable
    assert "not on record" in cover(past_duties=None).reasons[0]


def test_a_reserve_who_has_not_rested_before_the_standby_cannot_be_called() -> None:
    before = rows.past(z(2), hours(48))["past_duties"]
    short = listed(z(8, day=9), 8)
    assert "12:00 of rest" in cover(past_duties=(*before[:-1], short)).reasons[0]


def test_a_reserve_whose_recovery_rest_is_due_is_called_only_as_long_as_it_allows() -> None:
    earlier = rows.past(z(13, day=3), hours(60))["past_duties"]
    week = [listed(z(13, day=day), 5) for day in range(3, 9)]
    # The duty ends by 13:00Z, 168 h after the last recovery rest ended.
    assert cover(past_duties=(*earlier, *week[:-1], listed(z(4, day=8), 5))).usable
    found = cover(past_duties=(*earlier, *week, listed(z(6, day=9), 5)))
    assert found.latest_off_block == z(5, 30)
