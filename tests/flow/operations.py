"""The operational tables on AWS as moto plays it: of the airline's rows, those that a run reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

import boto3

from skymarshal import aws
from skymarshal.contracts import OPERATIONS_TABLES, Table
from skymarshal.operations import DynamoDBTables, Key, RecordTable, SortCondition, TableReader, load
from skymarshal.operations.records import Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class ReadRows:
    """A reader that keeps every row it gave."""

    def __init__(self, tables: TableReader) -> None:
        self._tables = tables
        self.rows: dict[str, dict[str, Record]] = {name: {} for name in OPERATIONS_TABLES}

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        found = self._tables.get(table, key)
        self._keep(table, [] if found is None else [found])
        return found

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        return self._keep(table, self._tables.batch_get(table, keys))

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        return self._keep(table, self._tables.query(table, partition, index=index, sort=sort))

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        return self._tables.run_together(thunks)

    def _keep(self, table: RecordTable[R], rows: list[R]) -> list[R]:
        self.rows[table.name].update((str(table.key_of(row)), row) for row in rows)
        return rows


class TablesOnAws(DynamoDBTables):
    """The real reader, one call after the other: so the calls of a run have their numbers."""

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        return [thunk() for thunk in thunks]


def tables_on_aws(read: ReadRows) -> TablesOnAws:
    """Create the tables with the rows that were read, and return a reader over them."""
    client = boto3.client("dynamodb")
    for table in OPERATIONS_TABLES.values():
        client.create_table(**_request(table))
    load({name: list(rows.values()) for name, rows in read.rows.items()}, client, "")
    return TablesOnAws(aws.operations_client(), "")


def _request(table: Table) -> dict:
    keys = [table.partition, *([table.sort] if table.sort else [])]
    indexes = [[index.partition, index.sort] for index in table.indexes]
    described = {
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(keys),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in sorted({*keys, *chain(*indexes)})
        ],
    }
    if indexes:
        described["GlobalSecondaryIndexes"] = [
            {"IndexName": index.name, "KeySchema": _schema(names), "Projection": {"ProjectionType": "ALL"}}
            for index, names in zip(table.indexes, indexes, strict=True)
        ]
    return described


def _schema(names: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]
