from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from skymarshal.calculators.shipments import (
    CargoFacts,
    RiskLevel,
    ShipmentRisk,
    cold_stores_for,
    load_cargo_facts,
    reroutes_for,
    shipments_at_risk,
)
from skymarshal.operations import Operations
from skymarshal.operations.records import CargoShipment, Record
from tests.unit.agents.business_rows import cold_store, delayed, loaded, partner, shipment, tables
from tests.unit.agents.rows import STD, flight, z

VACCINES = shipment(
    "607-1", shcs=("PIL", "COL"), temperature_min_c=2.0, temperature_max_c=8.0, hours_left=14.0
)


def facts(*shipments: CargoShipment, **changes: Iterable[Record]) -> CargoFacts:
    rows: dict[str, Iterable[Record]] = {
        "CargoShipments": shipments,
        "CargoFlightAssignments": loaded(*(one.awb for one in shipments)),
    }
    return load_cargo_facts(Operations(tables(**(rows | changes))), flight())


def at_delay(known: CargoFacts, minutes: int) -> list[ShipmentRisk]:
    off_block = STD + delayed(minutes)
    return list(shipments_at_risk(known, off_block, off_block + flight().block))


def test_packaging_holds_exactly_until_it_ends() -> None:
    # Packed at midnight for 14 hours; the flight lands at 11:00Z, so three hours are left and two are tight.
    known = facts(VACCINES)
    levels = [at_delay(known, minutes)[0].level for minutes in (0, 60, 61, 180, 181)]
    assert levels == [RiskLevel.NONE, RiskLevel.NONE, RiskLevel.AT_RISK, RiskLevel.AT_RISK, RiskLevel.LOST]


def test_a_controlled_shipment_without_hours_is_unknown_and_not_fine() -> None:
    (risk,) = at_delay(facts(shipment("607-2", shcs=("CRT",))), 60)
    assert risk.level is RiskLevel.UNKNOWN


def test_live_animals_are_attended_to_when_they_wait() -> None:
    known = facts(shipment("607-3", shcs=("AVI",), live_animals=True))
    assert at_delay(known, 0)[0].level is RiskLevel.NONE
    assert at_delay(known, 30)[0].level is RiskLevel.ATTEND


def test_a_cold_store_fits_when_all_of_its_range_lies_in_the_shipments() -> None:
    assert cold_stores_for(facts(VACCINES, ColdChainFacilities=[cold_store(2, 8)]), VACCINES)
    assert not cold_stores_for(facts(VACCINES, ColdChainFacilities=[cold_store(2, 9)]), VACCINES)
    assert not cold_stores_for(facts(VACCINES, ColdChainFacilities=[cold_store(2, 8, free=99)]), VACCINES)


def test_the_air_waybill_prevails_over_the_handling_code() -> None:
    chilled = shipment("607-4", shcs=("CRT",), temperature_min_c=2.0, temperature_max_c=8.0)
    assert cold_stores_for(facts(chilled, ColdChainFacilities=[cold_store(2, 8)]), chilled)
    assert not cold_stores_for(facts(chilled, ColdChainFacilities=[cold_store(15, 25)]), chilled)


def test_cargo_aircraft_only_is_not_rerouted_on_a_passenger_flight() -> None:
    known = facts(
        VACCINES,
        shipment("607-5", cargo_aircraft_only=True),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(6), 7)],
    )
    found = {one.awb: len(reroutes_for(known, one)) for one in known.shipments}
    assert found == {"607-1": 1, "607-5": 0}


def test_when_the_flight_is_cancelled_live_animals_get_the_room_first() -> None:
    falcons = shipment("607-9", shcs=("AVI",), live_animals=True, weight_kg=800.0)
    salmon = shipment("607-1", shcs=("PER",), hours_left=20.0, weight_kg=800.0)
    known = facts(falcons, salmon, PartnerFlights=[partner("BA74", "AUH-LHR", z(6), 7, hold_free_kg=1_000.0)])
    levels = {risk.shipment.awb: risk.level for risk in shipments_at_risk(known, None, None)}
    assert levels == {"607-1": RiskLevel.LOST, "607-9": RiskLevel.ATTEND}


def test_a_controlled_shipment_that_goes_on_must_have_enough_left() -> None:
    (risk,) = at_delay(facts(replace(VACCINES, destination="EDI")), 30)
    assert risk.level is RiskLevel.ATTEND
    assert "EDI" in risk.reasons[0]


def test_a_shipment_without_a_row_is_named() -> None:
    known = facts(CargoFlightAssignments=loaded("607-7"))
    assert [(one.table, one.key) for one in known.unknowns] == [("CargoShipments", "607-7")]


def test_what_nobody_looked_for_is_unknown_and_not_lost() -> None:
    rows = tables(CargoShipments=[VACCINES], CargoFlightAssignments=loaded(VACCINES.awb))
    known = load_cargo_facts(Operations(rows), flight(), with_alternatives=False)
    assert [risk.level for risk in shipments_at_risk(known, None, None)] == [RiskLevel.UNKNOWN]


@given(st.integers(min_value=0, max_value=900), st.integers(min_value=0, max_value=300))
def test_a_later_departure_never_helps_a_shipment(minutes: int, more: int) -> None:
    known = facts(VACCINES)
    assert at_delay(known, minutes)[0].level <= at_delay(known, minutes + more)[0].level
