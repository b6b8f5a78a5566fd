"""What binds the tail of an option, from the tables to the decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
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
