"""The checker finds what is wrong: one fault of each kind, planted in a possible airline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skymarshal.operations import ImpossibleAirlineError
from skymarshal.operations.airline import Fault, check, require_possible
from skymarshal.operations.records import MelItem, Record
from skymarshal.operations.statements import NoMelItems

HOUR = timedelta(hours=1)
Rows = dict[str, list[Any]]


def change(rows: Rows, table: str, which: Callable[[Any], bool], **changes: Any) -> None:
    """Change the first row for which `which` holds; a callable change is applied to the row."""
    index = next(n for n, row in enumerate(rows[table]) if which(row))
    row = rows[table][index]
    values = {name: value(row) if callable(value) else value for name, value in changes.items()}
    rows[table][index] = replace(row, **values)


def flight(flight_id: str) -> Callable[[Any], bool]:
    return lambda row: row.flight_id == flight_id


def on(flight_id: str, role: str) -> Callable[[Any], bool]:
    return lambda row: row.flight_id == flight_id and row.role == role


LONDON, BACK = "EY283-2026-11-23", "EY284-2026-11-23"


def duplicate_key(rows: Rows) -> None:
    rows["Passengers"].append(rows["Passengers"][0])


def dangling_reference(rows: Rows) -> None:
    change(rows, "AirportSlots", flight(LONDON), flight_id="EY999-2026-11-23")


def impossible_times(rows: Rows) -> None:
    change(rows, "Flights", flight(LONDON), flight_time=2 * HOUR)


def broken_rotation(rows: Rows) -> None:
    rows["Flights"] = [row for row in rows["Flights"] if row.flight_id != BACK]


def turnaround_too_short(rows: Rows) -> None:
    change(rows, "Aircraft", lambda row: row.aircraft_type == "B789", minimum_turnaround=5 * HOUR)


def wrong_type(rows: Rows) -> None:
    change(rows, "Flights", flight(LONDON), aircraft_type="A320")


def beyond_range(rows: Rows) -> None:
    for index, row in enumerate(rows["Aircraft"]):
        if row.aircraft_type == "A35K":
            rows["Aircraft"][index] = replace(row, range_km=9_000)


def scheduled_in_a_curfew(rows: Rows) -> None:
    late = {"std": lambda row: row.std + 2 * HOUR, "sta": lambda row: row.sta + 2 * HOUR}
    change(rows, "Flights", flight("EY122-2026-11-23"), **late)


def deferred_defect_expired(rows: Rows) -> None:
    departures = {row.registration: row.std for row in rows["Flights"]}
    change(
        rows,
        "MelItems",
        lambda row: isinstance(row, MelItem) and not row.rectified_at and row.registration in departures,
        expires_at=lambda row: departures[row.registration] - HOUR,
    )


def table_silent(rows: Rows) -> None:
    rows["MelItems"].remove(next(row for row in rows["MelItems"] if isinstance(row, NoMelItems)))


def crew_incomplete(rows: Rows) -> None:
    rows["CrewRoster"] = [row for row in rows["CrewRoster"] if not on(LONDON, "captain")(row)]


def crew_elsewhere(rows: Rows) -> None:
    change(rows, "CrewRoster", on(LONDON, "captain"), report_airport="CDG")


def rest_too_short(rows: Rows) -> None:
    change(rows, "CrewRoster", on(LONDON, "captain"), rest_before=6 * HOUR)


def medical_lapsed(rows: Rows) -> None:
    rostered = next(row for row in rows["CrewRoster"] if on(LONDON, "captain")(row))
    change(
        rows,
        "CrewMembers",
        lambda row: row.crew_id == rostered.crew_id,
        medical_valid_until=rostered.report - HOUR,
    )


def duty_too_long(rows: Rows) -> None:
    change(rows, "CrewRoster", on("EY101-2026-11-23", "captain"), augmented_pilots=0, rest_facility=None)


def cumulative_exceeded(rows: Rows) -> None:
    change(rows, "CrewRoster", on(LONDON, "captain"), duty_hours_7d=55.0)


def reserve_not_rated(rows: Rows) -> None:
    change(rows, "ReserveCrew", lambda row: row.role == "captain", aircraft_types=("A388",))


def connection_too_short(rows: Rows) -> None:
    change(
        rows,
        "MinimumConnectionTimes",
        lambda row: row.airport == "AUH" and row.terminal_to is None,
        minutes=76,
    )


def seat_taken_twice(rows: Rows) -> None:
    first = next(row for row in rows["Bookings"] if row.flight_id == LONDON)
    change(rows, "Bookings", lambda row: row.flight_id == LONDON and row.seat != first.seat, seat=first.seat)


def check_digit_wrong(rows: Rows) -> None:
    wrong = rows["CargoShipments"][0].awb
    wrong = wrong[:-1] + str((int(wrong[-1]) + 1) % 7)
    change(rows, "CargoFlightAssignments", lambda row: row.awb == rows["CargoShipments"][0].awb, awb=wrong)
    change(rows, "CargoShipments", lambda row: True, awb=wrong)


def hold_overloaded(rows: Rows) -> None:
    change(rows, "CargoShipments", lambda row: True, weight_kg=200_000.0)


def cargo_aircraft_only(rows: Rows) -> None:
    aboard = next(row for row in rows["CargoFlightAssignments"] if row.flight_id == LONDON)
    change(rows, "CargoShipments", lambda row: row.awb == aboard.awb, cargo_aircraft_only=True)


PLANTED = {
    Fault.DUPLICATE_KEY: duplicate_key,
    Fault.REFERENCE: dangling_reference,
    Fault.TIMES: impossible_times,
    Fault.ROTATION: broken_rotation,
    Fault.TURNAROUND: turnaround_too_short,
    Fault.AIRCRAFT_TYPE: wrong_type,
    Fault.RANGE: beyond_range,
    Fault.CURFEW: scheduled_in_a_curfew,
    Fault.DEFERRED_DEFECT: deferred_defect_expired,
    Fault.STATEMENT: table_silent,
    Fault.COMPLEMENT: crew_incomplete,
    Fault.CREW_POSITION: crew_elsewhere,
    Fault.CREW_REST: rest_too_short,
    Fault.CREW_VALIDITY: medical_lapsed,
    Fault.FLIGHT_DUTY_PERIOD: duty_too_long,
    Fault.CUMULATIVE: cumulative_exceeded,
    Fault.RESERVE: reserve_not_rated,
    Fault.CONNECTION: connection_too_short,
    Fault.SEAT: seat_taken_twice,
    Fault.AIR_WAYBILL: check_digit_wrong,
    Fault.HOLD: hold_overloaded,
    Fault.CARGO: cargo_aircraft_only,
}


def test_a_fault_of_every_kind_is_planted_here() -> None:
    assert set(PLANTED) == set(Fault)


@pytest.mark.parametrize("fault", Fault, ids=[fault.name.lower() for fault in Fault])
def test_a_planted_fault_is_found_and_named(fault: Fault, dataset: Mapping[str, Sequence[Record]]) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    PLANTED[fault](rows)

    violations = check(rows)

    assert fault in {violation.fault for violation in violations}
    assert all(violation.table in dataset and violation.key and violation.why for violation in violations)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DUPLICATE_KEY,
        Fault.REFERENCE,
        Fault.RANGE,
        Fault.DEFERRED_DEFECT,
        Fault.STATEMENT,
        Fault.FLIGHT_DUTY_PERIOD,
        Fault.CUMULATIVE,
        Fault.RESERVE,
        Fault.CONNECTION,
        Fault.SEAT,
        Fault.AIR_WAYBILL,
        Fault.HOLD,
        Fault.CARGO,
    ],
)
def test_nothing_else_is_blamed(fault: Fault, dataset: Mapping[str, Sequence[Record]]) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    PLANTED[fault](rows)
    assert {violation.fault for violation in check(rows)} == {fault}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"past_duties": None}, Fault.REFERENCE),
        ({"past_duties": ("AUH",)}, Fault.REFERENCE),
        ({"past_duties": lambda row: row.past_duties[:-1]}, Fault.CREW_REST),
        ({"past_duties": lambda row: (*row.past_duties[:-1], row.past_duties[-2])}, Fault.CREW_REST),
        ({"rest_before": lambda row: row.rest_before + HOUR}, Fault.CREW_REST),
        ({"disruptive_duties": 5}, Fault.CREW_REST),
        ({"duty_hours_14d": 1.0}, Fault.CUMULATIVE),
        ({"past_duties_from": lambda row: row.report - HOUR}, Fault.CREW_REST),
    ],
)
def test_a_row_that_its_past_duties_contradict_is_found(changes, fault, dataset) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    change(rows, "CrewRoster", on(LONDON, "captain"), **changes)
    assert fault in {violation.fault for violation in check(rows)}


def test_a_reserve_who_has_not_rested_is_found(dataset) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    late = ("2026-11-22T20:00Z/2026-11-23T08:00Z AUH-AUH training 0:00",)
    change(rows, "ReserveCrew", lambda row: True, past_duties=late)
    assert {violation.fault for violation in check(rows)} == {Fault.RESERVE}


def test_a_statement_beside_a_row_or_long_past_is_found(dataset) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    item = next(row for row in rows["MelItems"] if isinstance(row, MelItem))
    said = next(row for row in rows["MelItems"] if isinstance(row, NoMelItems))
    rows["MelItems"].append(replace(said, registration=item.registration))
    change(rows, "MelItems", lambda row: row is said, as_of=said.as_of - timedelta(days=9))

    found = {(one.fault, one.key) for one in check(rows)}

    assert found == {
        (Fault.STATEMENT, item.registration),
        (Fault.STATEMENT, f"{said.registration} NIL"),
    }


@pytest.mark.parametrize("name", ["Notams", "AirportCurfews", "GroundEquipment"])
def test_an_airport_of_which_a_table_says_nothing_is_found(dataset, name) -> None:
    silent = [row for row in dataset[name] if row.airport != "FRA"]
    found = {(one.fault, one.table, one.key) for one in check({**dataset, name: silent})}
    assert found == {(Fault.STATEMENT, name, "FRA")}


def test_an_airport_whose_nights_are_unknown_on_purpose_is_no_fault(dataset) -> None:
    assert not [row for row in dataset["AirportCurfews"] if row.airport == "EDI"]
    assert check(dataset) == []


def test_an_impossible_airline_is_an_error_that_lists_what_is_wrong(dataset) -> None:
    rows = {name: list(found) for name, found in dataset.items()}
    check_digit_wrong(rows)
    with pytest.raises(ImpossibleAirlineError, match="1 violations: air waybill check digit wrong"):
        require_possible(rows)
