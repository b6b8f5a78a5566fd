"""When a tail is back, and which other could go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skymarshal.calculators.airworthiness import mel_state, tail_arrival
from skymarshal.calculators.return_to_service import Fault, ReturnToService, licence_for, return_to_service
from skymarshal.calculators.spare_tails import SpareTail, TailRows, rating_family, spare_tail
from tests.unit.agents import rows
from tests.unit.agents.rows import NOW, STD, aircraft, engineer, mel, repair, work_order, z

HOUR = timedelta(hours=1)


def release(**changes: Any) -> ReturnToService | None:
    values: dict[str, Any] = {
        "aircraft": aircraft(),
        "fault": Fault(ata="29", repair=repair(1, 2, 3), reported_in="d-1"),
        "work_orders": [],
        "staff": rows.shifts(),
        "station": "AUH",
        "now": NOW,
        "arrival": z(1),
        "before": STD,
    }
    return return_to_service(**(values | changes))


def times(found: ReturnToService | None) -> tuple[Any, Any, Any]:
    assert found is not None
    return found.low, found.likely, found.high


def test_nothing_open_keeps_nothing_on_the_ground() -> None:
    assert release(fault=None) is None


def test_the_repair_begins_when_the_tail_has_arrived() -> None:
    assert times(release()) == (z(4), z(5), z(6))
    assert times(release(arrival=z(3, 30))) == (z(4, 30), z(5, 30), z(6, 30))


def test_a_work_order_that_names_the_report_is_the_repair_with_the_newer_hours_of_the_report() -> None:
    order = work_order(parts_required=True, parts_eta=z(6), clears=("d-1",))
    assert times(release(work_orders=[order])) == (z(7), z(8), z(9))
    assert times(release(work_orders=[order], fault=None)) == (z(8), z(9), z(11))


def test_a_work_order_of_the_chapter_says_nothing_of_a_fault_that_it_does_not_name() -> None:
    found = release(fault=Fault(ata="29", repair=None, reported_in="d-1"), work_orders=[work_order()])
    assert found is not None and found.likely is None
    assert found.unknowns[0].field == "hours_likely"


def test_a_tail_in_maintenance_is_not_released_before_its_row_says_so() -> None:
    # One hour of work, but the row has the tail in maintenance until 08:00Z.
    away = aircraft(status="maintenance", available_from=z(8))
    assert times(release(aircraft=away)) == (z(8), z(8), z(8))
    assert times(release(aircraft=away, fault=None, work_orders=[work_order()])) == (z(8), z(8), z(8))


def test_another_work_order_is_done_as_well_and_the_later_end_counts() -> None:
    other = work_order(workorder_id="WO2", ata="05", task="Weekly check")
    two = [engineer(name, "B1", z(0), z(18)) for name in ("E1", "E2")]
    found = release(work_orders=[other], staff=two)
    assert times(found) == (z(5), z(6), z(8))
    assert found is not None and "WO2" in found.driver


def test_one_engineer_does_one_thing_after_the_other() -> None:
    alone = [engineer("E1", "B1", z(0), z(18))]
    other = work_order(workorder_id="WO2", ata="05")
    assert times(release(work_orders=[other], staff=alone)) == (z(6), z(8), z(11))


def test_work_that_outlasts_the_shift_is_released_by_the_next() -> None:
    staff = [engineer("E1", "B1", z(0), z(4)), engineer("E2", "B1", z(8), z(16))]
    assert times(release(staff=staff)) == (z(4), z(8), z(8))


def test_an_engineer_without_the_type_releases_nothing() -> None:
    wrong = [replace(one, type_ratings=("A320",)) for one in rows.shifts()]  # type: ignore[call-arg]
    found = release(staff=wrong)
    assert found is not None
    assert found.likely is None and found.unknowns[0].table == "MaintenanceStaff"


def test_released_and_later_work_orders_do_not_count() -> None:
    done = work_order(released_at=z(2, 30))
    later = work_order(workorder_id="WO9", scheduled_start=z(5))
    assert release(fault=None, work_orders=[done, later]) is None


def test_a_tail_in_maintenance_without_an_end_is_unknown() -> None:
    found = release(fault=None, aircraft=aircraft(status="maintenance"))
    assert found is not None and found.likely is None and found.unknowns


def test_longer_repairs_never_end_sooner() -> None:
    ends = [
        times(release(fault=Fault(ata="29", repair=repair(n, n, n), reported_in="d-1")))[1]
        for n in (0.5, 1, 2.75, 3, 3.25, 8, 20)
    ]
    assert ends == sorted(ends)


@pytest.mark.parametrize(("ata", "licence"), [("29", "B1"), ("34-11", "B2"), (None, "B1"), ("46", "B2")])
def test_the_chapter_says_which_licence_certifies_it(ata: str | None, licence: str) -> None:
    assert licence_for(ata) == licence


def test_items_expire_by_row_or_category_whichever_is_first_and_never_at_dispatch() -> None:
    strict = mel(item_id="A", expires_at=z(0, day=12))
    lenient = mel(item_id="B", category="B", discovered_at=z(9), expires_at=z(0, day=30))
    state = mel_state([lenient, strict, mel(item_id="C", rectified_at=z(1))])
    assert [(one.item.item_id, one.expires_at) for one in state.defects] == [
        ("A", z(0, day=12)),
        ("B", z(0, day=14)),
    ]
    assert not state.expired(z(23, 59, day=11))
    assert len(state.expired(z(0, day=12))) == 1


def test_category_a_is_never_extended_whatever_its_row_says() -> None:
    item = mel(category="A", interval_days=2, discovered_at=z(9), extended=True, expires_at=z(0, day=30))
    assert mel_state([item]).defects[0].expires_at == z(0, day=13)


def test_an_item_is_cleared_only_by_the_work_order_that_names_it() -> None:
    # A gear door item that ran out is not put right by a tyre change of the same chapter (ORO.MLR.105(e)(3)).
    item = mel(item_id="MEL-32-30-01", ata="32", title="Gear door", expires_at=z(0))
    tyre = work_order(ata="32", task="Main wheel tyre change")
    (defect,) = mel_state([item], [tyre]).limiting(STD)
    assert defect.cleared_by is None
    named = replace(tyre, clears=(item.item_id,))
    assert mel_state([item], [named]).limiting(STD) == ()
    assert mel_state([item], [replace(named, clears=("MEL-32-30-02",))]).limiting(STD) != ()


def test_a_released_work_order_has_cleared_what_was_found_before_it() -> None:
    item = mel(discovered_at=z(9, day=5))
    order = work_order(clears=(item.item_id,), released_at=z(9, day=6))
    assert mel_state([item], [order]).defects == ()
    assert len(mel_state([item], [replace(order, released_at=z(8, day=5))]).defects) == 1


def test_a_work_order_that_begins_after_the_flight_clears_nothing_for_it() -> None:
    item = mel()
    later = work_order(clears=(item.item_id,), scheduled_start=STD)
    assert len(mel_state([item], [later]).limiting(STD)) == 1


def test_an_extended_item_has_its_interval_once_more_and_a_stricter_row_holds() -> None:
    # Category B found on the 5th: 6, 7, 8, and extended 9, 10, 11 March.
    item = mel(category="B", extended=True, expires_at=z(0, day=30))
    assert mel_state([item]).defects[0].expires_at == z(0, day=12)
    assert mel_state([replace(item, interval_days=2)]).defects[0].expires_at == z(0, day=10)


@pytest.mark.parametrize("days", [0, -3, 4_000])
def test_an_impossible_interval_is_unknown(days: int) -> None:
    state = mel_state([mel(category="A", interval_days=days)])
    (missing,) = state.unknowns
    assert (missing.table, missing.field) == ("MelItems", "interval_days")


def test_the_tail_is_ready_a_turnaround_after_its_expected_arrival() -> None:
    found = tail_arrival(rows.flight(), aircraft(), [rows.inbound(eta=z(3)), rows.flight()])
    assert found.ready_at == z(4, 15)
    assert found.evidence[0].field == "eta"


def test_a_cancelled_inbound_flight_brings_no_tail() -> None:
    cancelled = rows.inbound(status="cancelled")
    away = tail_arrival(rows.flight(), aircraft(location="LHR"), [cancelled, rows.flight()])
    assert away.ready_at is None and away.missing is not None


def spare(candidate: Any = None, *, diversion: timedelta | None = HOUR, **values: Any) -> SpareTail:
    tail = aircraft("A6-BLS", status="spare") if candidate is None else candidate
    return spare_tail(
        rows.flight(),
        aircraft(),
        [rows.flight(), rows.outbound_return()],
        TailRows(
            aircraft=tail,
            mel_items=values.pop("mel_items", ()),
            rotation=values.pop("rotation", ()),
            **values,
        ),
        now=NOW,
        diversion=diversion,
    )


def test_a_spare_needs_its_turnaround_and_nothing_limits_it() -> None:
    found = spare()
    assert found.usable and found.available_from == z(4, 15) and found.latest_off_block is None


def test_fewer_seats_are_named_and_do_not_rule_it_out() -> None:
    found = spare(aircraft("A6-BLS", status="spare", seats={"business": 28, "economy": 200}))
    assert found.usable and found.reasons == ("62 fewer economy seats",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"range_km": 5000}, "reaches 5000 km"),
        ({"location": "LHR"}, "stands at LHR"),
        ({"status": "maintenance"}, "is maintenance"),
    ],
)
def test_a_tail_that_does_not_fit_says_why(changes: dict[str, Any], reason: str) -> None:
    found = spare(aircraft("A6-BLS", **({"status": "spare"} | changes)))
    assert not found.usable and any(reason in one for one in found.reasons)


def test_a_spare_without_the_approval_does_not_cross_the_ocean() -> None:
    lower = aircraft("A6-BLS", status="spare", etops_minutes=120)
    assert not spare(lower, diversion=timedelta(minutes=150)).usable
    assert spare(lower, diversion=timedelta(minutes=120)).usable
    assert not spare(lower, diversion=None).usable
    assert spare(lower).usable
    removed = mel(registration="A6-BLS", removes_etops=True)
    assert not spare(mel_items=(removed,), diversion=timedelta(minutes=61)).usable


def test_no_approval_on_record_is_not_four_engines() -> None:
    # A B789 is a twin: beyond 60 minutes it needs an approval, and none on record is not a yes (SPA.ETOPS).
    nothing = aircraft("A6-BLS", status="spare", etops_minutes=None)
    assert spare(nothing, diversion=HOUR).usable
    for diversion in (timedelta(minutes=61), None):
        found = spare(nothing, diversion=diversion)
        assert found.reasons[0] == "has no ETOPS approval on record, which the route needs"
    jumbo = aircraft("A6-APA", status="spare", aircraft_type="A388", etops_minutes=None)
    assert spare(jumbo, diversion=timedelta(minutes=200)).usable
    unheard_of = aircraft("A6-XXX", status="spare", aircraft_type="ZZZZ", etops_minutes=None)
    assert not spare(unheard_of, diversion=timedelta(minutes=61)).usable


@pytest.mark.parametrize(
    ("status", "eta"), [("arrived", z(1)), ("scheduled", None)], ids=["has flown", "is due"]
)
def test_a_tail_is_free_when_its_rotation_and_its_own_row_both_say_so(status: str, eta: Any) -> None:
    # It landed at 01:00Z, or lands at 02:00Z, and its row has it free from 13:00Z: 13:00 + 75 min.
    landing = rows.leg("EY20", "FRA", "AUH", z(-5 % 24, day=9), 7, registration="A6-BLS")
    landing = replace(landing, status=status, eta=eta)
    tail = aircraft("A6-BLS", status="spare", available_from=z(13))
    assert spare(tail, rotation=(landing,)).available_from == z(14, 15)
    assert tail_arrival(rows.flight(), aircraft(available_from=z(13)), [rows.inbound()]).ready_at == z(13)


def test_a_tail_stands_where_its_row_says_after_the_flight_that_brought_it() -> None:
    landed = replace(rows.leg("EY20", "FRA", "AUH", z(0), 2, registration="A6-BLS"), status="arrived")
    assert spare(rotation=(landed,)).usable
    elsewhere = aircraft("A6-BLS", status="spare", location="DXB")
    assert spare(elsewhere, rotation=(landed,)).reasons == (
        f"is said to stand at DXB after {landed.flight_id} to AUH",
    )
    own = tail_arrival(rows.flight(), aircraft(location="DXB"), [rows.inbound(status="arrived")])
    assert own.ready_at is None and own.missing is not None and own.missing.field == "location"


def test_a_defect_that_runs_out_before_the_way_back_is_named() -> None:
    # EY11 arrives in the morning and its return leaves the same day; category C runs out before that.
    item = mel(registration="A6-BLS", expires_at=z(5))
    found = spare(mel_items=(item,))
    assert found.usable
    assert found.reasons == (
        f"MEL item MEL-33-41-01 runs out at 2026-03-10 05:00Z, before {rows.outbound_return().flight_id}",
    )


def test_a_defect_that_may_not_run_out_in_flight_counts_to_the_arrival() -> None:
    flight = rows.flight()
    item = mel(registration="A6-BLS", expires_at=z(9), may_run_out_in_flight=False)
    (defect,) = mel_state([item]).defects
    assert defect.last_dispatch(flight.block) == z(8, 59) - flight.block
    assert not spare(mel_items=(item,)).usable
    assert spare(mel_items=(replace(item, may_run_out_in_flight=None),)).usable


def test_a_tail_is_back_for_its_own_flight_or_does_not_go() -> None:
    # The planned tail is back at 21:00Z by schedule, 17 h after departure; 75 minutes to turn round.
    own = rows.leg("EY35", "AUH", "FRA", z(23, 30), 7, registration="A6-BLS")
    found = spare(rotation=(own,))
    assert found.usable and found.latest_off_block == z(5, 15)
    soon = rows.leg("EY35", "AUH", "FRA", z(20), 7, registration="A6-BLS")
    assert not spare(rotation=(soon,)).usable


def test_a_tail_in_the_air_counts_where_it_lands() -> None:
    coming = rows.leg("EY20", "FRA", "AUH", z(0), 5, registration="A6-BLS")
    assert spare(rotation=(coming,)).available_from == z(6, 15)
    going = rows.leg("EY19", "AUH", "FRA", z(0), 5, registration="A6-BLS")
    assert not spare(rotation=(going,)).usable


def test_a_tail_with_work_open_is_no_spare() -> None:
    assert not spare(work_orders=(work_order(registration="A6-BLS"),)).usable
    assert spare(work_orders=(work_order(registration="A6-BLS", scheduled_start=z(20)),)).usable


def test_pilots_of_one_type_may_fly_its_family() -> None:
    assert rating_family("B789") == ("B789", "B788", "B78X")
    assert rating_family("B77F") == ("B77F",)
