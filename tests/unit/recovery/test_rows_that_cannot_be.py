"""Rows that cannot be, tables that do not answer: they keep back what needs them, and end nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from skymarshal.operations import InMemoryTables, Operations, TableAwayError
from skymarshal.operations.bounds import violation
from skymarshal.operations.records import Record, WorkOrder
from skymarshal.recovery import arbitrate
from tests.unit.recovery.sample import arbitrated, assessed, scenario

NAN = float("nan")

SPOILT: Sequence[tuple[str, Mapping[str, object]]] = (
    ("CargoShipments", {"weight_kg": -5.0}),
    ("CargoShipments", {"hours_left": NAN}),
    ("CargoShipments", {"value": Decimal("-1")}),
    ("Bookings", {"fare": Decimal("-400")}),
    ("Bookings", {"segment": 0}),
    ("PartnerFlights", {"seats_available": {"economy": -3}}),
    ("MinimumConnectionTimes", {"minutes": -20}),
    ("CostParameters", {"value": Decimal("-9")}),
)


def spoilt(
    dataset: Mapping[str, Sequence[Record]], table: str, changes: Mapping[str, object]
) -> InMemoryTables:
    """The airline with every other row of one table impossible."""
    rows = [replace(row, **changes) if n % 2 else row for n, row in enumerate(dataset[table])]
    return InMemoryTables({**dataset, table: rows})


@pytest.mark.parametrize(("table", "changes"), SPOILT)
def test_an_impossible_business_row_ends_no_arbitration(dataset, tables, table: str, changes) -> None:
    event = scenario("hydraulic", tables)
    assessments, found = arbitrated(event, spoilt(dataset, table, changes))
    assert not found.manual_review
    assert any(one.candidate.operates for one in found.solutions)
    (field,) = changes
    named = [one for answer in assessments for one in answer.unknowns]
    assert any(one.table == table and one.field == field and "expected" in one.why for one in named)
    for one in found.solutions:
        if one.cost_usd is not None:
            assert list(one.cost_usd) == sorted(one.cost_usd)


def test_a_malformed_row_of_the_planned_tail_keeps_that_tail_back_and_no_other(dataset, tables) -> None:
    event = scenario("hydraulic", tables)
    flight = Operations(tables).flight(event.flight_id)
    order = next(row for row in dataset["MaintenanceWorkOrders"] if isinstance(row, WorkOrder))
    wrong = replace(
        order,
        workorder_id="WO-X",
        registration=flight.registration,
        scheduled_start=flight.std - timedelta(hours=4),
        hours_likely=-1.0,
    )
    rows = [*dataset["MaintenanceWorkOrders"], wrong]
    _, found = arbitrated(event, InMemoryTables({**dataset, "MaintenanceWorkOrders": rows}))
    flying = [one.candidate for one in found.solutions if one.candidate.operates]
    assert flying
    assert all(one.registration != flight.registration for one in flying)


def test_a_malformed_row_of_a_crew_member_keeps_back_who_flies_with_that_member(dataset, tables) -> None:
    event = scenario("hydraulic", tables)
    crew = Operations(tables).crew_of_flight(event.flight_id)
    bad = crew[0].crew_id
    rows = [replace(row, duty_hours_7d=-40.0) if row.crew_id == bad else row for row in dataset["CrewRoster"]]
    _, found = arbitrated(event, InMemoryTables({**dataset, "CrewRoster": rows}))
    for one in found.solutions:
        assert not one.candidate.operates or bad in one.candidate.replaced_crew


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("Airports", {"lat": 999.0}),
        ("Flights", {"block": timedelta(days=-1)}),
        ("Flights", {"distance_km": 0}),
        ("Weather", {"visibility_m": -1}),
        ("Aircraft", {"hold_kg": -1}),
        ("MelItems", {"interval_days": -1}),
    ],
)
def test_what_cannot_be_is_told_by_field_value_and_what_would_be_right(dataset, table: str, changes) -> None:
    (name,) = changes
    row = replace(dataset[table][0], **changes)
    field, value, expected = violation(row)
    assert (field, value) == (name, changes[name])
    assert expected
    assert violation(dataset[table][0]) is None


class Away(InMemoryTables):
    """Tables of which one does not answer."""

    def __init__(self, dataset: Mapping[str, Sequence[Record]], away: str) -> None:
        super().__init__(dataset)
        self._away = away

    def _refuse(self, table) -> None:
        if table.name == self._away:
            raise TableAwayError(table=table.name, reason="ProvisionedThroughputExceededException")

    def get(self, table, key):
        self._refuse(table)
        return super().get(table, key)

    def batch_get(self, table, keys):
        self._refuse(table)
        return super().batch_get(table, keys)

    def query(self, table, partition, *, index=None, sort=None):
        self._refuse(table)
        return super().query(table, partition, index=index, sort=sort)


@pytest.mark.parametrize(
    "away", ["Weather", "MelItems", "CrewRoster", "Flights", "AirportCurfews", "Aircraft"]
)
def test_a_safety_table_that_does_not_answer_leaves_a_manual_review_that_names_it(
    dataset, tables, away: str
) -> None:
    event = scenario("hydraulic", tables)
    found = arbitrate(event, assessed(event, tables), Operations(Away(dataset, away)))
    assert found.manual_review
    assert f"{away} does not answer" in found.justification


@pytest.mark.parametrize("away", ["Bookings", "CostParameters", "PartnerFlights", "MinimumConnectionTimes"])
def test_a_business_table_that_does_not_answer_leaves_ranges(dataset, tables, away: str) -> None:
    event = scenario("hydraulic", tables)
    found = arbitrate(event, assessed(event, tables), Operations(Away(dataset, away)))
    assert not found.manual_review
    best = found.solutions[0]
    assert best.candidate.operates
    assert best.scores.composite.value is None
    assert best.scores.composite.low < best.scores.composite.high


def test_a_load_that_cannot_be_read_lets_no_flight_go(dataset, tables) -> None:
    event = scenario("hydraulic", tables)
    found = arbitrate(event, assessed(event, tables), Operations(Away(dataset, "CargoShipments")))
    assert not any(one.candidate.operates for one in found.solutions)
