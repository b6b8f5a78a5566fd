"""What binds the tail of an option, from the tables to the decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations.records import Notam
from tests.unit.agents import business_rows, rows
from tests.unit.agents.rows import TAIL, disruption, z
from tests.unit.recovery.sample import arbitrated

SPARE = "A6-BLS"


def late(minutes: int) -> Disruption:
    return disruption(DisruptionType.ATC, details=DisruptionDetails(delay=timedelta(minutes=minutes)))


def decided(event: Disruption, **changes) -> Arbitration:
    return arbitrated(event, business_rows.tables(**changes))[1]


def departures(found: Arbitration, tail: str) -> list:
    return [
        one.candidate.off_block
        for one in found.solutions
        if one.candidate.operates and one.candidate.registration == tail
    ]


def test_an_expired_item_is_not_waived_by_work_on_its_chapter() -> None:
    # ORO.MLR.105(e)(3): the gear door ran out at midnight; the tyre change of ATA 32 does not mend it.
    item = rows.mel(item_id="MEL-32-30-01", ata="32", title="Gear door", expires_at=z(0))
    tyre = rows.work_order(ata="32", task="Main wheel tyre change", scheduled_start=z(1))
    assert departures(decided(late(60), MelItems=[item], MaintenanceWorkOrders=[tyre]), TAIL) == []
    named = replace(tyre, clears=(item.item_id,))
    assert departures(decided(late(60), MelItems=[item], MaintenanceWorkOrders=[named]), TAIL)


def test_a_tail_in_maintenance_until_later_does_not_leave_before() -> None:
    away = rows.aircraft(status="maintenance", available_from=z(8))
    found = departures(decided(late(60), Aircraft=[away]), TAIL)
    assert found and all(one >= z(8) for one in found)


def test_a_spare_that_is_free_later_does_not_leave_before_though_it_flew_yesterday() -> None:
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(5, 6, 7)))
    flown = rows.leg("EY20", "FRA", "AUH", z(18, day=9), 7, registration=SPARE)
    spare = rows.aircraft(SPARE, status="spare", available_from=z(6))
    flights = [*business_rows.tables().dataset["Flights"], flown]
    found = departures(decided(fault, Aircraft=[rows.aircraft(), spare], Flights=flights), SPARE)
    assert found and all(one >= z(7, 15) for one in found)


@pytest.mark.parametrize("table", ["MelItems", "MaintenanceWorkOrders"])
def test_a_tail_of_which_a_table_says_nothing_is_not_offered(table: str) -> None:
    said = {"MelItems": [rows.no_defects()], "MaintenanceWorkOrders": [rows.no_orders()]}
    assert departures(decided(late(60), silent=("MelItems", "MaintenanceWorkOrders"), **said), TAIL)
    for rest in ([], [rows.no_defects(as_of=z(0) - timedelta(days=9))][: table == "MelItems"]):
        found = decided(late(60), silent=("MelItems", "MaintenanceWorkOrders"), **(said | {table: rest}))
        assert departures(found, TAIL) == []
        assert any((one.table, one.key) == (table, TAIL) for one in found.unknowns)


def swapped(*shipments, spare=None, bags=(), **changes) -> Arbitration:
    """The decision where only a swap flies within the crew's limits, with what is on the flight."""
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(5, 6, 7)))
    tail = rows.aircraft(SPARE, status="spare") if spare is None else spare
    return decided(
        fault,
        Aircraft=[rows.aircraft(**changes), tail],
        CargoShipments=shipments,
        CargoFlightAssignments=business_rows.loaded(*(one.awb for one in shipments)),
        Baggage=bags,
    )


def left_behind(found: Arbitration) -> set[str]:
    return {
        awb
        for one in found.solutions
        if one.candidate.registration == SPARE
        for awb in one.candidate.offloaded_awbs
    }


def test_a_small_hold_leaves_behind_what_is_worth_least_and_says_so() -> None:
    # 5,788 kg are aboard and the spare's hold takes 2,000: the cheapest by the kilo stay until the rest fits.
    load = [
        business_rows.shipment("607-1", weight_kg=3_000.0, value=Decimal(3_000)),
        business_rows.shipment("607-2", weight_kg=1_788.0, value=Decimal(178_800)),
        business_rows.shipment("607-3", weight_kg=1_000.0, value=Decimal(2_000)),
    ]
    small = rows.aircraft(SPARE, status="spare", hold_kg=2_000)
    found = swapped(*load, spare=small)
    assert departures(found, SPARE)
    assert left_behind(found) == {"607-1", "607-3"}
    best = next(one for one in found.solutions if one.candidate.registration == SPARE)
    assert any("the hold of A6-BLS takes 2,000 kg" in line for line in best.recommendations)
    assert left_behind(swapped(*load)) == set()


def test_bags_take_their_room_before_the_cargo() -> None:
    load = business_rows.shipment("607-1", weight_kg=1_990.0)
    small = rows.aircraft(SPARE, status="spare", hold_kg=2_000)
    assert left_behind(swapped(load, spare=small)) == set()
    bag = business_rows.bag("B1", "PNR1")
    assert left_behind(swapped(load, spare=small, bags=[bag])) == {"607-1"}


@pytest.mark.parametrize("code", ["AVI", "LHO", "PIL", "HUM"])
def test_a_hold_too_small_for_what_may_not_stay_refuses_the_tail(code: str) -> None:
    animals = business_rows.shipment(
        "607-1", weight_kg=5_788.0, shcs=(code,), live_animals=code == "AVI", hours_left=None
    )
    small = rows.aircraft(SPARE, status="spare", hold_kg=2_000)
    found = swapped(animals, spare=small)
    assert departures(found, SPARE) == []
    assert any("does not take the 5,788 kg" in one.reason for one in found.rejected)


def test_volume_limits_where_it_is_stated_and_is_unknown_only_where_it_binds() -> None:
    light = business_rows.shipment("607-1", weight_kg=500.0, volume_m3=30.0)
    assert left_behind(swapped(light, spare=rows.aircraft(SPARE, status="spare", hold_m3=20.0))) == {"607-1"}
    assert left_behind(swapped(light, spare=rows.aircraft(SPARE, status="spare", hold_m3=30.0))) == set()

    unstated = replace(light, volume_m3=None)
    smaller = rows.aircraft(SPARE, status="spare", hold_m3=20.0)
    assert departures(swapped(unstated, spare=smaller), SPARE) == []
    assert departures(swapped(unstated, spare=smaller, hold_m3=20.0), SPARE)
    assert departures(swapped(unstated), SPARE)


def test_a_notice_that_closes_the_only_runway_moves_the_flight_behind_it() -> None:
    closed = Notam(
        airport="AUH",
        notam_id="A9/26",
        effect="runway_closed",
        valid_from=z(3),
        valid_to=z(6),
        text="RWY 13/31 CLSD",
    )
    one = [replace(row, runways=1) for row in business_rows.airports()]
    found = departures(decided(late(60), Airports=one, Notams=[closed]), TAIL)
    # With its taxi time it takes off when the runway opens.
    assert found and all(at >= z(6) - rows.flight().taxi for at in found)


def test_a_tail_does_not_fly_to_a_runway_too_short_for_it() -> None:
    short = [replace(row, runway_m=1_600) for row in business_rows.airports()]
    assert departures(decided(late(60), Airports=short), TAIL) == []


def test_a_tail_without_a_row_is_replaced_by_one_that_has_a_row() -> None:
    found = decided(late(60), Aircraft=[rows.aircraft(SPARE, status="spare", minimum_cabin_crew=5)])
    assert departures(found, TAIL) == []
    assert departures(found, SPARE)


def test_a_spare_is_looked_for_where_only_the_route_refuses_the_tail() -> None:
    """AUH-JFK lies more than an hour from an aerodrome: 60 minutes do not reach (SPA.ETOPS.105)."""
    flight = rows.flight(destination="JFK", distance_km=11_000, sta=z(18), block=rows.hours(14))
    flight = replace(flight, flight_time=rows.hours(13.5))
    tails = [
        rows.aircraft(etops_minutes=60, range_km=15_000),
        rows.aircraft(SPARE, status="spare", range_km=15_000),
    ]
    found, _ = arbitrated(
        disruption(DisruptionType.ATC, details=DisruptionDetails(delay=timedelta(minutes=60))),
        business_rows.tables(Flights=[rows.inbound(), flight], Aircraft=tails),
    )
    heard = {(one.agent, one.phase): one for one in found}
    maintenance = heard[AgentName.MAINTENANCE, Phase.REVISION]
    assert [one.key for one in maintenance.options if one.usable] == [SPARE]
    assert any(one.source is AgentName.REGULATORY for one in maintenance.revision.taken_over)
