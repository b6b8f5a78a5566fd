"""The operational tables in DynamoDB answer as in memory, by GetItem, BatchGetItem and Query alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random

import boto3
import pytest

from skymarshal.contracts.operations_tables import OPERATIONS_TABLES, Table
from skymarshal.operations import DynamoDBTables, InMemoryTables, Operations, load
from skymarshal.operations.airline import generate
from skymarshal.operations.records import Record
from tests.store.backends import REGION, use_moto
from tests.unit.operations.accesses import FLIGHT_ID, every_access

PREFIX = "test-"


def create_table(client, table: Table) -> None:
    def key(partition: str, sort: str | None) -> list[dict[str, str]]:
        names = [(partition, "HASH")] + ([(sort, "RANGE")] if sort else [])
        return [{"AttributeName": name, "KeyType": kind} for name, kind in names]

    names = {table.partition, table.sort, *(n for i in table.indexes for n in (i.partition, i.sort))} - {None}
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": key(index.partition, index.sort),
            "Projection": {"ProjectionType": "ALL"},
        }
        for index in table.indexes
    ]
    client.create_table(
        TableName=PREFIX + table.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=key(table.partition, table.sort),
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in sorted(names)],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


@pytest.fixture(scope="module")
def one_flights_world() -> Mapping[str, Sequence[Record]]:
    """The sample airline without the passengers, bags and weather that no access of the test reads."""
    rows = dict(generate("small", date(2026, 11, 23), Random(7)))
    pnrs = {row.pnr for row in rows["Bookings"] if row.flight_id == FLIGHT_ID}
    rows["Bookings"] = [row for row in rows["Bookings"] if row.pnr in pnrs]
    travelling = {row.passenger_id for row in rows["Bookings"]}
    rows["Passengers"] = [row for row in rows["Passengers"] if row.passenger_id in travelling]
    rows["Baggage"] = [row for row in rows["Baggage"] if row.flight_id == FLIGHT_ID]
    rows["Weather"] = [row for row in rows["Weather"] if row.airport == "LHR"]
    return rows


@pytest.fixture(scope="module")
def client(one_flights_world: Mapping[str, Sequence[Record]]) -> Iterator[object]:
    with use_moto():
        client = boto3.client("dynamodb", region_name=REGION)
        for table in OPERATIONS_TABLES.values():
            create_table(client, table)
        load(one_flights_world, client, PREFIX)
        yield client


def test_both_ways_give_the_same_answers(client, one_flights_world) -> None:
    deployed = every_access(Operations(DynamoDBTables(client, PREFIX)))
    in_memory = every_access(Operations(InMemoryTables(one_flights_world)))
    for name, answer in in_memory.items():
        assert deployed[name] == answer, name
        assert answer not in ([], None), f"{name} found nothing, so it shows nothing"


def test_no_access_scans(client) -> None:
    calls: Counter[str] = Counter()
    client.meta.events.register("before-call.dynamodb.*", lambda model, **_: calls.update([model.name]))
    every_access(Operations(DynamoDBTables(client, PREFIX)))
    assert set(calls) == {"GetItem", "BatchGetItem", "Query"}


def test_accesses_made_together_answer_in_order(client) -> None:
    operations = Operations(DynamoDBTables(client, PREFIX))
    codes = ("LHR", "FRA", "CDG", "JFK", "AUH")
    found = operations.gather(*[lambda code=code: operations.airport(code) for code in codes])
    assert tuple(one.airport for one in found) == codes
    assert operations.log.sequence == 1


def test_loading_twice_leaves_the_same_rows(client, one_flights_world) -> None:
    few = {"Airports": one_flights_world["Airports"]}
    assert load(few, client, PREFIX) == len(few["Airports"])
    assert Operations(DynamoDBTables(client, PREFIX)).airport("LHR") is not None
