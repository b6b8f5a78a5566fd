"""What the safety agents must say in thirty situations, five or more for each kind of disruption.

Each test names the situation; its comment argues the verdict from the rule. All of them bend the one flight
that `rows` describes: EY283 leaves Abu Dhabi at 04:00Z for London, seven hours away; its crew reported at
02:45Z (06:45 local) and may be on duty for 13:00 h, so it may leave until 08:45Z. It is 03:00Z.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    Change,
    Constraint,
    ConstraintKind,
    Option,
    Verdict,
    Window,
)
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from skymarshal.operations.records import Rating
from tests.unit.agents import rows
from tests.unit.agents.conftest import Ask, Both
from tests.unit.agents.rows import FLIGHT_ID, TAIL, disruption, hours, z

CREW, MAINTENANCE, REGULATORY = AgentName.CREW_COMPLIANCE, AgentName.MAINTENANCE, AgentName.REGULATORY


def of_kind(assessment: Assessment, kind: ConstraintKind, *, binding: bool = True) -> list[Constraint]:
    return [one for one in assessment.constraints if one.kind is kind and one.binding is binding]


def latest(assessment: Assessment, subject: str) -> datetime | None:
    found = of_kind(assessment, ConstraintKind.LATEST_OFF_BLOCK)
    return next((one.at for one in found if one.subject.key == subject), None)


def earliest(assessment: Assessment, *, binding: bool = True) -> list[datetime | None]:
    return [one.at for one in of_kind(assessment, ConstraintKind.EARLIEST_DEPARTURE, binding=binding)]


def forbidden(assessment: Assessment) -> list[Window]:
    kinds = (ConstraintKind.FORBIDDEN_OFF_BLOCK, ConstraintKind.AIRPORT_CLOSED)
    return [window for one in assessment.constraints if one.kind in kinds for window in one.windows]


def usable(assessment: Assessment) -> list[Option]:
    return [one for one in assessment.options if one.usable]


def details(**values: object) -> DisruptionDetails:
    return DisruptionDetails(**values)  # type: ignore[arg-type]


# Technical


def test_a_two_hour_repair_delays_the_tail_by_one_and_keeps_the_crew_legal(both_phases: Both) -> None:
    # Work starts at the report (03:00Z) with a B1 engineer on shift: likely release 05:00Z, at worst 07:00Z.
    # The crew holds until 08:45Z, less than two hours after the worst case: constrained, not clear.
    fault = disruption(details=details(ata="29", repair=rows.repair(1.5, 2, 4)))
    first, second = both_phases(fault, rows.tables())
    assert first[MAINTENANCE].verdict is Verdict.CONSTRAINED
    assert earliest(first[MAINTENANCE]) == [z(5)]
    assert earliest(first[MAINTENANCE], binding=False) == [z(7)]
    assert second[CREW].verdict is Verdict.CONSTRAINED
    assert latest(second[CREW], "CPT1") == z(8, 45)
    assert second[REGULATORY].verdict is Verdict.CLEAR


def test_a_technical_fault_without_a_repair_estimate_is_unknown_and_not_fine(both_phases: Both) -> None:
    # Nobody says how long it takes: the tail may not be planned on, but another tail may.
    first, _ = both_phases(
        disruption(details=details(ata="29")),
        rows.tables(Aircraft=[rows.aircraft(), rows.aircraft("A6-BLZ", status="spare")]),
    )
    assert first[MAINTENANCE].verdict is Verdict.UNKNOWN
    (unknown,) = of_kind(first[MAINTENANCE], ConstraintKind.UNKNOWN_FACT)
    assert unknown.subject.key == TAIL
    assert [one.key for one in usable(first[MAINTENANCE])] == ["A6-BLZ"]


def test_parts_that_arrive_late_take_the_crew_out_of_time_in_the_second_phase(both_phases: Both) -> None:
    # Parts at 09:00Z and three hours of work: released at 12:00Z, the crew's limit is 08:45Z.
    order = rows.work_order(parts_required=True, parts_eta=z(9), clears=(disruption().disruption_id,))
    first, second = both_phases(
        disruption(details=details(ata="29")), rows.tables(MaintenanceWorkOrders=[order])
    )
    assert earliest(first[MAINTENANCE]) == [z(12)]
    assert first[CREW].verdict is Verdict.CLEAR
    assert second[CREW].verdict is Verdict.BLOCKED
    revision = second[CREW].revision
    assert revision is not None and revision.change is Change.TIGHTENED
    assert any(one.source is MAINTENANCE for one in revision.taken_over)


def test_parts_without_an_arrival_time_leave_the_tail_unknown(ask: Ask) -> None:
    order = rows.work_order(parts_required=True, parts_eta=None)
    answer = ask(MAINTENANCE, disruption(), rows.tables(MaintenanceWorkOrders=[order]))
    assert answer.verdict is Verdict.UNKNOWN
    unknown = answer.unknowns[0]
    assert (unknown.table, unknown.key, unknown.field) == ("MaintenanceWorkOrders", "WO1", "parts_eta")


def test_an_expired_category_b_item_takes_the_tail_off_the_flight(ask: Ask) -> None:
    # Found on 5 March, category B: 6, 7 and 8 March count, so it ran out at midnight of the 8th. The row says
    # the 16th; a row is never more lenient than the category.
    item = rows.mel(category="B")
    answer = ask(MAINTENANCE, disruption(DisruptionType.ATC), rows.tables(MelItems=[item]))
    assert answer.verdict is Verdict.BLOCKED
    (change,) = of_kind(answer, ConstraintKind.AIRCRAFT_CHANGE_REQUIRED)
    assert change.article == "ORO.MLR.105(e)(3)"
    assert change.evidence[0].value == "2026-03-09T00:00Z"


def test_an_item_that_runs_out_at_midnight_lets_the_tail_leave_until_then(both_phases: Both) -> None:
    # Category C found on 28 February: 1 to 10 March count, so 23:59Z on the 10th is the last dispatch.
    item = rows.mel(discovered_at=datetime(2026, 2, 28, 9, tzinfo=z(0).tzinfo))
    first, _ = both_phases(disruption(DisruptionType.ATC), rows.tables(MelItems=[item]))
    assert first[MAINTENANCE].verdict is Verdict.CONSTRAINED
    assert latest(first[MAINTENANCE], TAIL) == z(23, 59)


def test_a_defect_that_removes_etops_blocks_new_york_once_the_route_is_known(both_phases: Both) -> None:
    # Over the Atlantic the route lies more than 60 minutes from an aerodrome. Maintenance reads no airports,
    # so it cannot know that alone: unknown first, blocked when it sees the regulatory agent's figure.
    to_new_york = rows.flight(destination="JFK", distance_km=11_000)
    first, second = both_phases(
        disruption(DisruptionType.ATC),
        rows.tables(
            Flights=[rows.inbound(), to_new_york],
            Airports=[rows.airport("AUH"), rows.airport("JFK")],
            Weather=[*rows.fair("AUH"), *rows.fair("JFK")],
            MelItems=[rows.mel(removes_etops=True)],
        ),
    )
    assert first[MAINTENANCE].verdict is Verdict.UNKNOWN
    assert second[MAINTENANCE].verdict is Verdict.BLOCKED
    assert of_kind(second[MAINTENANCE], ConstraintKind.AIRCRAFT_CHANGE_REQUIRED)


def test_the_same_defect_does_not_stop_the_flight_to_london(both_phases: Both) -> None:
    # Aerodromes line the way to London: within 60 minutes throughout, so no approval is needed.
    first, second = both_phases(
        disruption(DisruptionType.ATC), rows.tables(MelItems=[rows.mel(removes_etops=True)])
    )
    assert first[MAINTENANCE].verdict is Verdict.UNKNOWN
    assert second[MAINTENANCE].verdict is Verdict.CLEAR
    assert not of_kind(second[MAINTENANCE], ConstraintKind.AIRCRAFT_CHANGE_REQUIRED)
    assert not second[MAINTENANCE].unknowns
    revision = second[MAINTENANCE].revision
    assert revision is not None and revision.change is Change.RELAXED


def test_an_avionics_fault_waits_for_the_shift_of_the_right_licence(ask: Ask) -> None:
    # ATA 34 is certified by a B2 engineer and the first comes on shift at 06:00Z: released at 07:00Z.
    staff = [
        rows.engineer("E1", "B1", z(0), z(12)),
        rows.engineer("E2", "B2", z(6), z(18)),
    ]
    fault = disruption(details=details(ata="34", repair=rows.repair(1, 1, 1)))
    answer = ask(MAINTENANCE, fault, rows.tables(MaintenanceStaff=staff))
    assert earliest(answer) == [z(7)]


def test_without_a_licensed_engineer_the_release_is_unknown(ask: Ask) -> None:
    fault = disruption(details=details(ata="29", repair=rows.repair(1, 1, 1)))
    answer = ask(MAINTENANCE, fault, rows.tables(MaintenanceStaff=[]))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.unknowns[0].table == "MaintenanceStaff"


def test_without_auxiliary_power_a_tail_needs_an_air_starter_where_it_leaves(ask: Ask) -> None:
    # The only air starter at the origin is out of service: the engines cannot be started.
    broken = [
        rows.equipment("AUH", "ground power unit"),
        rows.equipment("AUH", "air starter", serviceable=False),
        rows.equipment("LHR", "ground power unit"),
        rows.equipment("LHR", "air starter"),
    ]
    answer = ask(
        MAINTENANCE,
        disruption(DisruptionType.ATC),
        rows.tables(MelItems=[rows.mel(ata="49")], GroundEquipment=broken),
    )
    assert answer.verdict is Verdict.BLOCKED
    assert of_kind(answer, ConstraintKind.AIRCRAFT_CHANGE_REQUIRED)


# Crew


def test_a_sick_captain_is_replaced_by_the_captain_on_airport_standby(ask: Ask) -> None:
    # On standby since 02:00Z, called at 03:00Z, 75 minutes before off-block: 04:15Z. Standby over four hours
    # comes off the FDP and both together stay within 16 h: with an FDP of 8:15 the last report is 09:45Z.
    sick = disruption(DisruptionType.CREW, details=details(unavailable_crew=("CPT1",)))
    answer = ask(
        CREW,
        sick,
        rows.tables(
            ReserveCrew=[rows.reserve("RES1", "captain")],
            CrewMembers=[*rows.members(), rows.member("RES1", "captain")],
        ),
    )
    assert answer.verdict is Verdict.BLOCKED
    (change,) = of_kind(answer, ConstraintKind.CREW_CHANGE_REQUIRED)
    assert change.subject.key == "CPT1"
    (option,) = usable(answer)
    assert (option.key, option.replaces) == ("RES1", "CPT1")
    assert (option.available_from, option.latest_off_block) == (z(4, 15), z(11))


def test_neither_a_sick_reserve_nor_one_who_flies_at_that_hour_is_called(ask: Ask) -> None:
    flying = rows.assignment(
        "RES2", "captain", flight_id="EY12-2026-03-10", duty_flights=("EY12-2026-03-10",), report=z(5)
    )
    sick = disruption(DisruptionType.CREW, details=details(unavailable_crew=("CPT1", "RES1")))
    answer = ask(
        CREW,
        sick,
        rows.tables(
            ReserveCrew=[rows.reserve("RES1", "captain"), rows.reserve("RES2", "captain")],
            CrewMembers=[*rows.members(), rows.member("RES1", "captain"), rows.member("RES2", "captain")],
            CrewRoster=[*rows.roster(), flying],
        ),
    )
    assert not usable(answer)
    looked_at = {option.key: option.reasons for option in answer.options if option.key.startswith("RES")}
    assert looked_at == {"RES2": ("stands on the roster for EY12-2026-03-10 from 2026-03-10T05:00Z",)}


def test_a_first_officer_on_standby_does_not_replace_a_captain(ask: Ask) -> None:
    sick = disruption(DisruptionType.CREW, details=details(unavailable_crew=("CPT1",)))
    answer = ask(
        CREW,
        sick,
        rows.tables(
            ReserveCrew=[rows.reserve("RES1", "first_officer")],
            CrewMembers=[*rows.members(), rows.member("RES1", "first_officer")],
        ),
    )
    assert answer.verdict is Verdict.BLOCKED
    assert not usable(answer)


def test_five_hours_of_delay_after_report_run_the_crew_out_of_time(ask: Ask) -> None:
    # Reported at 02:45Z, 13:00 h allowed, 7 h to fly: off-block by 08:45Z, and the flight leaves at 09:00Z.
    # The two hours of the commander's discretion would reach 10:45Z and are named, but nothing rests on them.
    answer = ask(CREW, disruption(DisruptionType.CREW, details=details(delay=hours(5))), rows.tables())
    assert answer.verdict is Verdict.BLOCKED
    assert {latest(answer, crew_id) for crew_id, _ in rows.CREW} == {z(8, 45)}
    assert any("10:45Z" in note and "discretion" in note for note in answer.notes)
    assert not any(one.at == z(10, 45) for one in answer.constraints)


def test_the_same_delay_told_before_report_is_legal_by_delayed_reporting(ask: Ask) -> None:
    # Told at 00:00Z, before leaving for a report at 02:45Z: the report moves with the flight and the FDP is
    # 8:15 as planned. CS FTL.1.205(d).
    early = disruption(DisruptionType.ATC, reported_at=z(0), details=details(delay=hours(5)))
    answer = ask(CREW, early, rows.tables())
    assert answer.verdict is Verdict.CLEAR
    limits = of_kind(answer, ConstraintKind.LATEST_OFF_BLOCK)
    assert all(one.at == z(4, day=11) for one in limits)
    assert all("CS FTL.1.205(d)" in (one.article or "") for one in limits)


def test_a_crew_member_over_a_hundred_flight_hours_in_28_days_is_replaced(ask: Ask) -> None:
    # 94 hours flown and seven to fly make 101 of 100: ORO.FTL.210(b).
    full = rows.changed(rows.roster(), "crew_id", "FO1", flight_hours_28d=94.0)
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewRoster=full))
    assert answer.verdict is Verdict.BLOCKED
    (change,) = of_kind(answer, ConstraintKind.CREW_CHANGE_REQUIRED)
    assert change.subject.key == "FO1"


def test_reaching_a_hundred_flight_hours_exactly_is_legal(ask: Ask) -> None:
    full = rows.changed(rows.roster(), "crew_id", "FO1", flight_hours_28d=93.0)
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewRoster=full))
    assert answer.verdict is Verdict.CLEAR


def test_a_medical_that_lapses_before_the_landing_takes_the_pilot_off(ask: Ask) -> None:
    lapsed = rows.changed(rows.members(), "crew_id", "CPT1", medical_valid_until=z(10, 59))
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewMembers=lapsed))
    assert answer.verdict is Verdict.BLOCKED
    assert of_kind(answer, ConstraintKind.CREW_CHANGE_REQUIRED)[0].subject.key == "CPT1"


def test_a_pilot_without_the_rating_is_no_crew_for_the_type(ask: Ask) -> None:
    other = (Rating(aircraft_type="A320", valid_until=z(0, day=30)),)
    wrong = rows.changed(rows.members(), "crew_id", "FO1", ratings=other)
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewMembers=wrong))
    assert answer.verdict is Verdict.BLOCKED


def test_after_two_days_nine_hours_from_home_the_state_is_unknown_and_eleven_hours_hold(ask: Ask) -> None:
    # 60 h after reporting in New York (8 h away in March) for a duty from Abu Dhabi: state X, Table 3 gives
    # 11:00 for one sector. 02:45Z + 11:00 - 7:00 = 06:45Z.
    away = rows.roster(acclimatised_zone="America/New_York", hours_since_zone_report=60.0)
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewRoster=away))
    assert latest(answer, "CPT1") == z(6, 45)
    assert "Table 3" in (of_kind(answer, ConstraintKind.LATEST_OFF_BLOCK)[0].article or "")


def test_a_crew_disruption_that_names_nobody_is_unknown(ask: Ask) -> None:
    answer = ask(CREW, disruption(DisruptionType.CREW), rows.tables())
    assert answer.verdict is Verdict.UNKNOWN


def test_a_crew_member_without_a_row_is_unknown_and_not_legal(ask: Ask) -> None:
    missing = [row for row in rows.members() if getattr(row, "crew_id", "") != "FO1"]
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewMembers=missing))
    assert answer.verdict is Verdict.UNKNOWN
    assert [(one.table, one.key) for one in answer.unknowns] == [("CrewMembers", "FO1")]
    (unknown,) = of_kind(answer, ConstraintKind.UNKNOWN_FACT)
    assert unknown.subject.key == "FO1"


def test_a_flight_without_a_roster_is_unknown(ask: Ask) -> None:
    answer = ask(CREW, disruption(DisruptionType.ATC), rows.tables(CrewRoster=[]))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.confidence == 0


# Weather


def test_fog_below_category_one_keeps_the_flight_until_it_lifts(both_phases: Both) -> None:
    # Arrival at 11:00Z lies in RVR 200 m, CAT I needs 550 m, and no two destination alternates are known. The
    # fog lifts at 12:00Z. It counts until an hour before the arrival (CAT.OP.MPA.182), so 06:00Z off-block.
    fog = [rows.forecast("LHR", z(6), z(12), rvr_m=200, visibility_m=150), *rows.fair("LHR")[3:]]
    first, second = both_phases(
        disruption(DisruptionType.WEATHER, airport="LHR"),
        rows.tables(
            Weather=[*rows.fair("AUH"), *fog],
            Airports=[rows.airport("AUH"), rows.airport("LHR", precision_approach="CAT I")],
        ),
    )
    assert first[REGULATORY].verdict is Verdict.BLOCKED
    assert forbidden(first[REGULATORY]) == [Window(start=z(4), end=z(6))]
    assert second[REGULATORY].verdict is Verdict.CONSTRAINED
    assert second[CREW].verdict is Verdict.CLEAR


def test_the_same_fog_is_within_minima_with_category_three(ask: Ask) -> None:
    fog = [rows.forecast("LHR", z(6), z(12), rvr_m=200, visibility_m=150), *rows.fair("LHR")[3:]]
    weather = disruption(DisruptionType.WEATHER, airport="LHR")
    answer = ask(REGULATORY, weather, rows.tables(Weather=[*rows.fair("AUH"), *fog]))
    assert answer.verdict is Verdict.CLEAR


def test_no_forecast_at_the_destination_is_not_good_weather(ask: Ask) -> None:
    weather = disruption(DisruptionType.WEATHER, airport="LHR")
    answer = ask(REGULATORY, weather, rows.tables(Weather=rows.fair("AUH")))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.unknowns[0].table == "Weather"
    lacking = [one for one in answer.constraints if one.kind is ConstraintKind.UNKNOWN_FACT]
    assert any(window.holds(rows.STD) for one in lacking for window in one.windows)


def test_a_forecast_of_three_days_ago_is_none(ask: Ask) -> None:
    stale = [rows.forecast("LHR", z(6), z(12), issued_at=z(2, day=7))]
    weather = disruption(DisruptionType.WEATHER, airport="LHR")
    answer = ask(REGULATORY, weather, rows.tables(Weather=[*rows.fair("AUH"), *stale]))
    assert answer.verdict is Verdict.UNKNOWN
    assert "stale" in answer.unknowns[0].why


def test_a_forecast_issued_after_the_report_is_not_known_yet(ask: Ask) -> None:
    later = [rows.forecast("LHR", z(6), z(12), issued_at=z(3, 30))]
    weather = disruption(DisruptionType.WEATHER, airport="LHR")
    answer = ask(REGULATORY, weather, rows.tables(Weather=[*rows.fair("AUH"), *later]))
    assert answer.verdict is Verdict.UNKNOWN


def test_a_ground_stop_at_the_origin_holds_every_departure(both_phases: Both) -> None:
    stop = [
        rows.forecast("AUH", z(0), z(6), ground_stop=True, thunderstorm=True),
        *rows.fair("AUH")[2:],
    ]
    first, second = both_phases(
        disruption(DisruptionType.WEATHER, airport="AUH"), rows.tables(Weather=[*stop, *rows.fair("LHR")])
    )
    assert first[REGULATORY].verdict is Verdict.BLOCKED
    assert forbidden(first[REGULATORY]) == [Window(start=z(4), end=z(6))]
    assert second[REGULATORY].verdict is Verdict.CONSTRAINED


# Curfews, slots and closures

FRANKFURT_NIGHT = [
    rows.curfew("FRA", "LATE", "23:00-00:00", "arrival", "delay_grace", 60),
    rows.curfew("FRA", "NIGHT", "00:00-05:00", "both", "hard"),
]


def to_frankfurt(std: datetime, **changes: object) -> dict[str, list[object]]:
    flight = rows.flight(destination="FRA", std=std, sta=std + hours(7), **changes)
    return {
        "Flights": [rows.inbound(), flight],
        "Airports": [rows.airport("AUH"), rows.airport("FRA")],
        "Weather": [*rows.fair("AUH"), *rows.fair("FRA")],
        "AirportCurfews": [*FRANKFURT_NIGHT],
    }


def test_a_delayed_landing_in_frankfurt_holds_until_midnight_and_not_after(both_phases: Both) -> None:
    # Scheduled for 20:00Z (21:00 local) on stand, a quarter of an hour after landing. Two hours and a half
    # late it lands at 23:15 local, within the grace for delays, which ends at midnight: off-block by 16:14Z.
    # From 00:00 to 05:00 local nothing lands.
    late = disruption(DisruptionType.CURFEW_SLOT, airport="FRA", details=details(delay=hours(2.5)))
    first, _ = both_phases(late, rows.tables(**to_frankfurt(z(13))))  # type: ignore[arg-type]
    assert first[REGULATORY].verdict is Verdict.CONSTRAINED
    assert forbidden(first[REGULATORY])[0] == Window(start=z(16, 15), end=z(21, 15))


def test_an_hour_later_the_landing_falls_into_the_night_and_waits_for_the_morning(both_phases: Both) -> None:
    # On stand at 23:30Z it would land at 00:15 local. It next may land at 05:00 local: off-block at 21:15Z.
    late = disruption(DisruptionType.CURFEW_SLOT, airport="FRA", details=details(delay=hours(3.5)))
    first, second = both_phases(late, rows.tables(**to_frankfurt(z(13))))  # type: ignore[arg-type]
    assert first[REGULATORY].verdict is Verdict.BLOCKED
    assert "2026-03-10 21:15Z" in first[REGULATORY].recommendation
    assert second[REGULATORY].verdict is Verdict.CONSTRAINED


def test_a_flight_scheduled_in_the_quota_hours_holds_its_quota(ask: Ask) -> None:
    # Scheduled to land in London at 05:30: it could only be scheduled so with a night movement of its own,
    # which is good for that night and not for the next.
    quota = [rows.curfew("LHR", "QUOTA", "23:30-06:00", "both", "quota")]
    early = rows.flight(std=z(22, 30, day=9), sta=z(5, 30))
    answer = ask(
        REGULATORY,
        disruption(DisruptionType.CURFEW_SLOT, reported_at=z(20, day=9)),
        rows.tables(
            Flights=[early],
            AirportCurfews=quota,
            Weather=[
                rows.forecast(code, z(18, day=9), z(12, day=11), issued_at=z(18, day=9))
                for code in ("AUH", "LHR")
            ],
        ),
    )
    assert answer.verdict is Verdict.CLEAR
    assert not any(window.holds(z(22, 30, day=9)) for window in forbidden(answer))
    assert any(window.holds(z(22, 30)) for window in forbidden(answer))


def test_a_flight_delayed_into_the_quota_hours_holds_none(ask: Ask) -> None:
    # On stand at 23:45 instead of 11:00, landing at 23:30: nothing shows that it holds a night movement, so
    # it is kept out.
    quota = [rows.curfew("LHR", "QUOTA", "23:30-06:00", "both", "quota")]
    late = disruption(DisruptionType.CURFEW_SLOT, details=details(delay=hours(12.75)))
    answer = ask(REGULATORY, late, rows.tables(AirportCurfews=quota))
    assert answer.verdict is Verdict.BLOCKED
    assert forbidden(answer)[0] == Window(start=z(16, 45), end=z(23, 15))


def test_notices_that_are_not_there_close_nothing_only_where_it_is_said_that_there_are_none(ask: Ask) -> None:
    answer = ask(REGULATORY, disruption(DisruptionType.TECHNICAL), rows.tables(silent=["Notams"]))
    assert answer.verdict is Verdict.UNKNOWN
    assert [(one.table, one.key) for one in answer.unknowns] == [("Notams", "AUH"), ("Notams", "LHR")]


def test_a_night_that_is_not_known_blocks_the_night_and_not_the_day(ask: Ask) -> None:
    # On stand at 11:00 in London and at 22:30: only the second lands after 22:00.
    tables = rows.tables(silent=["AirportCurfews"])
    assert ask(REGULATORY, disruption(DisruptionType.CURFEW_SLOT), tables).verdict is not Verdict.UNKNOWN
    late = disruption(DisruptionType.CURFEW_SLOT, details=details(delay=hours(11.5)))
    assert ask(REGULATORY, late, tables).verdict is Verdict.UNKNOWN


def test_without_a_slot_row_only_an_airport_that_gives_out_none_lets_it_go(ask: Ask) -> None:
    fault = disruption(DisruptionType.TECHNICAL)
    silent = ask(REGULATORY, fault, rows.tables(AirportSlots=[]))
    assert silent.verdict is Verdict.UNKNOWN
    assert [one.table for one in silent.unknowns] == ["AirportSlots"]
    none = ask(REGULATORY, fault, rows.tables(AirportSlots=[rows.no_slots("AUH")]))
    assert none.verdict is Verdict.CLEAR
    elsewhere = ask(REGULATORY, fault, rows.tables(AirportSlots=[rows.no_slots("LHR")]))
    assert elsewhere.verdict is Verdict.UNKNOWN
    week_old = rows.no_slots("AUH", z(4) - timedelta(days=9))
    assert ask(REGULATORY, fault, rows.tables(AirportSlots=[week_old])).verdict is Verdict.UNKNOWN


def test_a_notam_that_closes_the_destination_moves_the_departure(both_phases: Both) -> None:
    # Closed from 10:00Z to 13:00Z: off-block from 03:00Z to 06:15Z would land or taxi in in it.
    closed = rows.notam("LHR", "airport_closed", z(10), z(13))
    first, second = both_phases(
        disruption(DisruptionType.AIRPORT_CLOSURE, airport="LHR"), rows.tables(Notams=[closed])
    )
    assert first[REGULATORY].verdict is Verdict.BLOCKED
    assert forbidden(first[REGULATORY])[0].end == z(6, 15)
    assert second[REGULATORY].verdict is Verdict.CONSTRAINED


def test_a_closure_reported_without_an_end_is_unknown(ask: Ask) -> None:
    answer = ask(
        REGULATORY,
        disruption(DisruptionType.AIRPORT_CLOSURE, airport="LHR", details=details(window_start=z(9))),
        rows.tables(),
    )
    assert answer.verdict is Verdict.UNKNOWN
    (unknown,) = (one for one in answer.constraints if one.kind is ConstraintKind.UNKNOWN_FACT)
    # Landings before 09:00Z do not need to know when it ends: 7 h of block before that is 02:00Z.
    assert unknown.windows[0].start == z(2)


def test_an_issued_take_off_time_is_an_earliest_departure_and_its_end_is_advice(ask: Ask) -> None:
    # Take-off at 05:30Z with 15 minutes of taxi and five of tolerance: off-block from 05:10Z. Missing it
    # costs a new slot, not the flight.
    regulated = rows.slot(
        ctot=z(5, 30),
        tolerance_before=timedelta(minutes=5),
        tolerance_after=timedelta(minutes=10),
        coordinated_level=3,
    )
    answer = ask(REGULATORY, disruption(DisruptionType.ATC), rows.tables(AirportSlots=[regulated]))
    assert answer.verdict is Verdict.CONSTRAINED
    assert earliest(answer) == [z(5, 10)]
    assert [one.at for one in of_kind(answer, ConstraintKind.LATEST_OFF_BLOCK, binding=False)] == [z(5, 25)]


# Late inbound


def test_a_late_inbound_tail_is_turned_round_before_it_leaves(both_phases: Both) -> None:
    # In at 04:30Z and 75 minutes of turnaround: 05:45Z.
    late = rows.inbound(eta=z(4, 30))
    first, second = both_phases(
        disruption(DisruptionType.LATE_INBOUND, details=details(inbound_flight_id="EY284-2026-03-09")),
        rows.tables(Flights=[late, rows.flight(), rows.outbound_return()]),
    )
    assert first[MAINTENANCE].verdict is Verdict.CONSTRAINED
    assert earliest(first[MAINTENANCE]) == [z(5, 45)]
    assert second[CREW].verdict is Verdict.CLEAR
    crew = second[CREW].revision
    assert crew is not None and [one.value for one in crew.taken_over] == ["2026-03-10T05:45Z"]


def test_a_tail_that_comes_in_nine_hours_late_outlasts_the_crew(both_phases: Both) -> None:
    late = rows.inbound(eta=z(12))
    _, second = both_phases(
        disruption(DisruptionType.LATE_INBOUND), rows.tables(Flights=[late, rows.flight()])
    )
    assert earliest(second[MAINTENANCE]) == [z(13, 15)]
    assert second[CREW].verdict is Verdict.BLOCKED


def test_a_tail_that_was_diverted_elsewhere_is_unknown(ask: Ask) -> None:
    diverted = replace(rows.inbound(), destination="MCT")
    answer = ask(
        MAINTENANCE,
        disruption(DisruptionType.LATE_INBOUND),
        rows.tables(Flights=[diverted, rows.flight()]),
    )
    assert answer.verdict is Verdict.UNKNOWN
    assert "MCT" in answer.unknowns[0].why


def test_a_spare_at_the_hub_could_leave_in_a_quarter_of_an_hour(ask: Ask) -> None:
    # Ready since 01:00Z and 75 minutes to prepare from 03:00Z: 04:15Z. The others are elsewhere,
    # have a flight of their own before they could be back, or lie in the hangar.
    tails = [
        rows.aircraft(),
        rows.aircraft("A6-BLS", status="spare"),
        rows.aircraft("A6-BLE", status="spare", location="LHR"),
        rows.aircraft("A6-BLO"),
        rows.aircraft("A6-BLW", status="spare"),
    ]
    own = rows.leg("EY35", "AUH", "FRA", z(9), 7, registration="A6-BLO")
    late = rows.inbound(eta=z(8))
    answer = ask(
        MAINTENANCE,
        disruption(DisruptionType.LATE_INBOUND),
        rows.tables(
            Flights=[late, rows.flight(), rows.outbound_return(), own],
            Aircraft=tails,
            MaintenanceWorkOrders=[rows.work_order(registration="A6-BLW", scheduled_start=z(1))],
        ),
    )
    assert [(one.key, one.available_from) for one in usable(answer)] == [("A6-BLS", z(4, 15))]
    assert {one.key for one in answer.options if not one.usable} == {"A6-BLE", "A6-BLO", "A6-BLW"}


def test_a_crew_on_its_second_sector_cannot_report_later(ask: Ask) -> None:
    # Muscat to Abu Dhabi before it, report at 01:00Z (05:00 local): 12:00 h for two sectors. The FDP runs
    # since then, however early the delay is known: 13:00Z less seven hours is 06:00Z.
    feeder = rows.leg("EY91", "MCT", "AUH", z(2), 1)
    two = [
        rows.assignment(
            crew_id,
            role,
            report=z(1),
            sector=2,
            duty_flights=(feeder.flight_id, FLIGHT_ID),
            report_airport="AUH",
        )
        for crew_id, role in rows.CREW
    ]
    answer = ask(
        CREW,
        disruption(DisruptionType.LATE_INBOUND, reported_at=z(22, day=9), details=details(delay=hours(3))),
        rows.tables(Flights=[feeder, rows.inbound(), rows.flight()], CrewRoster=two),
    )
    assert latest(answer, "CPT1") == z(6)
    assert answer.verdict is Verdict.BLOCKED


def test_a_late_inbound_without_an_estimate_is_unknown_and_not_on_time(ask: Ask) -> None:
    # Its row still shows the schedule and the report gives no delay: when the tail comes is not known.
    late = disruption(DisruptionType.LATE_INBOUND, details=details(inbound_flight_id="EY284-2026-03-09"))
    answer = ask(MAINTENANCE, late, rows.tables())
    assert answer.verdict is Verdict.UNKNOWN
    assert (answer.unknowns[0].table, answer.unknowns[0].key) == ("Flights", "EY284-2026-03-09")


# Every kind


def test_a_flight_that_the_schedule_does_not_hold_is_unknown_to_every_safety_agent(both_phases: Both) -> None:
    first, second = both_phases(disruption(flight_id="EY999-2026-03-10"), rows.tables())
    for answer in (*first.values(), *second.values()):
        assert answer.verdict is Verdict.UNKNOWN
        assert of_kind(answer, ConstraintKind.UNKNOWN_FACT)
