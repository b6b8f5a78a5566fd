"""Tables that say "none, as of": a tail or an airport without a row is unknown unless the table says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from skymarshal.operations import InMemoryTables, MalformedRowError, Operations
from skymarshal.operations import tables as t
from skymarshal.operations.items import from_item, to_item
from skymarshal.operations.statements import STATEMENT_HOLDS, STATEMENTS, NoMelItems, NoWorkOrders, Rows

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = timedelta(days=1)
TAIL = "A6-BLA"


def none_of(name: str, as_of: datetime = NOW - DAY):
    ids = {
        "MelItems": {"registration": TAIL},
        "MaintenanceWorkOrders": {
            "workorder_id": f"NIL#{TAIL}",
            "registration": TAIL,
            "scheduled_start": as_of,
        },
        "GroundEquipment": {"airport": "LHR"},
        "AirportCurfews": {"airport": "LHR"},
        "AirportSlots": {"flight_id": "NIL#LHR", "airport": "LHR", "slot_time": as_of},
        "Notams": {"airport": "LHR"},
    }
    return STATEMENTS[name](as_of=as_of, **ids[name])


def read(operations: Operations, name: str) -> Rows:
    return {
        "MelItems": lambda: operations.open_mel_items(TAIL),
        "MaintenanceWorkOrders": lambda: operations.work_orders(TAIL, NOW - 30 * DAY, NOW),
        "GroundEquipment": lambda: operations.ground_equipment("LHR"),
        "AirportCurfews": lambda: operations.curfews("LHR"),
        "AirportSlots": lambda: operations.slots("LHR", NOW - 2 * DAY, NOW),
        "Notams": lambda: operations.notams("LHR"),
    }[name]()


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_row_says_nothing_and_a_statement_says_none(name: str) -> None:
    silent = read(Operations(InMemoryTables({})), name)
    assert (list(silent), silent.kept, silent.none_as_of, silent.speak(NOW)) == ([], False, None, False)

    said = read(Operations(InMemoryTables({name: [none_of(name)]})), name)
    assert (list(said), said.kept, said.none_as_of, said.speak(NOW)) == ([], False, NOW - DAY, True)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_survives_the_way_to_an_item_and_back(name: str) -> None:
    row = none_of(name)
    assert from_item(t.ALL_TABLES[name], to_item(row)) == row


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_speaks_for_the_instants_near_it_and_no_others(name: str) -> None:
    holds = STATEMENT_HOLDS[name]
    rows = Rows(none_as_of=NOW, holds=holds)
    for at in (NOW - holds, NOW, NOW + holds):
        assert rows.speak(at)
    second = timedelta(seconds=1)
    for at in (NOW - holds - second, NOW + holds + second):
        assert not rows.speak(at)


def test_a_statement_without_its_instant_is_malformed() -> None:
    with pytest.raises(MalformedRowError, match="as_of") as caught:
        from_item(t.MEL_ITEMS, {"registration": {"S": TAIL}, "item_id": {"S": "NIL"}})
    assert (caught.value.table, caught.value.field) == ("MelItems", "as_of")


def test_a_statement_is_not_in_an_index_on_what_it_does_not_say() -> None:
    tables = InMemoryTables({"MelItems": [NoMelItems(registration=TAIL, as_of=NOW)]})
    assert tables.query(t.MEL_ITEMS, "C", index="category-expiry") == []


def test_a_tail_whose_defects_are_all_rectified_is_kept(dataset) -> None:
    by_tail = {}
    for row in dataset["MelItems"]:
        if not isinstance(row, NoMelItems):
            by_tail.setdefault(row.registration, []).append(row)
    tail = next(mark for mark, rows in by_tail.items() if all(one.rectified_at for one in rows))
    found = Operations(InMemoryTables(dataset)).open_mel_items(tail)
    assert (list(found), found.speak(NOW)) == ([], True)


def test_a_later_work_order_shows_that_the_table_is_kept(dataset) -> None:
    spare = next(one for one in dataset["Aircraft"] if one.status == "spare")
    found = Operations(InMemoryTables(dataset)).work_orders(spare.registration, NOW - DAY, NOW)
    assert (list(found), found.speak(NOW)) == ([], True)


def test_the_sample_says_of_every_tail_what_it_has(dataset, operations: Operations) -> None:
    said = [row for row in dataset["MaintenanceWorkOrders"] if isinstance(row, NoWorkOrders)]
    assert said
    for tail in dataset["Aircraft"]:
        mark = tail.registration
        for at in (NOW, NOW + 3 * DAY):
            assert operations.open_mel_items(mark).speak(at)
            assert operations.work_orders(mark, at - 30 * DAY, at).speak(at)
