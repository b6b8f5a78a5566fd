"""The operational tables in DynamoDB, read with GetItem, BatchGetItem and Query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from skymarshal.operations.errors import MalformedRowError, TableAwayError, UnreadRowsError
from skymarshal.operations.items import from_item
from skymarshal.operations.reader import BeginsWith, SortCondition
from skymarshal.operations.records import Record
from skymarshal.operations.tables import Key, RecordTable, key_text
from skymarshal.ports import Sleep, system_sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        KeysAndAttributesTypeDef,
        QueryInputTypeDef,
    )

__all__ = ["RETRY_DELAYS", "DynamoDBTables"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

RETRY_DELAYS: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Upper bounds, in seconds, of the waits before what a batch left unprocessed is sent again."""

_BATCH: Final = 100
_THREADS: Final = 16


class DynamoDBTables:
    """A `TableReader` over DynamoDB tables whose names begin with `prefix`.

    The client's own retries answer throttling and 5xx; what a batch leaves unprocessed is retried here.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        prefix: str,
        *,
        sleep: Sleep = system_sleep,
        random: Random | None = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="reading")
        self._sleep = sleep
        self._random = SystemRandom() if random is None else random

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""
        with _naming(table):
            answer = self._client.get_item(
                TableName=self._prefix + table.name, Key={name: {"S": value} for name, value in key.items()}
            )
        item = answer.get("Item")
        return None if item is None else from_item(table, item)

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`, in the order of `keys`, each once.

        Raises:
            UnreadRowsError: The table left keys unprocessed on every attempt.
        """
        distinct = {tuple(sorted(key.items())): key for key in keys}
        wanted = list(distinct.values())
        chunks = [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]

        malformed: list[MalformedRowError] = []

        def reading(chunk: Sequence[Key]) -> Callable[[], list[R]]:
            return lambda: self._read_chunk(table, chunk, malformed)

        rows = [row for read in self.run_together([reading(chunk) for chunk in chunks]) for row in read]
        by_key = {tuple(sorted(table.key_of(row).items())): row for row in rows}
        found = [by_key[key] for key in distinct if key in by_key]
        _raise_first(malformed, found)
        return found

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        """Return the rows of one partition, of the table or of an index, ascending by sort key.

        Rows of an index with one sort key are ascending by primary key.
        """
        partition_name, sort_name = table.key_names(index)
        names = {"#p": partition_name}
        values: dict[str, AttributeValueTypeDef] = {":p": {"S": partition}}
        condition = "#p = :p"
        if sort is not None:
            if sort_name is None:
                raise TypeError(f"{table.name} has no sort key to range over")
            names["#s"] = sort_name
            if isinstance(sort, BeginsWith):
                condition += " AND begins_with(#s, :prefix)"
                values[":prefix"] = {"S": sort.prefix}
            else:
                condition += " AND #s BETWEEN :low AND :high"
                values |= {":low": {"S": sort.low}, ":high": {"S": sort.high}}
        request: QueryInputTypeDef = {
            "TableName": self._prefix + table.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        if index is not None:
            request["IndexName"] = index
        rows: list[R] = []
        malformed: list[MalformedRowError] = []
        while True:
            with _naming(table):
                answer = self._client.query(**request)
            rows += _decoded(table, answer["Items"], malformed)
            last = answer.get("LastEvaluatedKey")
            if not last:
                break
            request["ExclusiveStartKey"] = last
        if index is not None and sort_name is not None:
            primary = [name for name in table.key_names() if name is not None]
            rows.sort(key=lambda row: [key_text(getattr(row, name)) for name in (sort_name, *primary)])
        _raise_first(malformed, rows)
        return rows

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call the thunks on a few threads and return their results in order.

        The calling thread takes what no other is free for, so thunks may do so themselves without end.
        """
        if len(thunks) < 2:
            return [thunk() for thunk in thunks]
        begun = [self._threads.submit(thunk) for thunk in thunks]
        ended = [
            _ended(thunk) if future.cancel() else future for future, thunk in zip(begun, thunks, strict=True)
        ]
        wait(ended)
        return [future.result() for future in ended]

    def _read_chunk(
        self, table: RecordTable[R], keys: Sequence[Key], malformed: list[MalformedRowError]
    ) -> list[R]:
        name = self._prefix + table.name
        pending: KeysAndAttributesTypeDef = {
            "Keys": [{attribute: {"S": value} for attribute, value in key.items()} for key in keys]
        }
        rows: list[R] = []
        for delay in (*RETRY_DELAYS, None):
            with _naming(table):
                answer = self._client.batch_get_item(RequestItems={name: pending})
            rows += _decoded(table, answer["Responses"].get(name, []), malformed)
            unprocessed = answer.get("UnprocessedKeys", {}).get(name)
            if not unprocessed:
                return rows
            pending = {"Keys": unprocessed["Keys"]}
            if delay is not None:
                self._sleep(self._random.uniform(0, delay))
        raise UnreadRowsError(table=table.name, keys=len(pending["Keys"]), attempts=len(RETRY_DELAYS) + 1)


@contextmanager
def _naming(table: RecordTable[R]) -> Iterator[None]:
    """Name the table in what the service, or the way to it, refuses."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise TableAwayError(table=table.name, reason=f"{type(error).__name__}: {error}") from error


def _decoded(
    table: RecordTable[R],
    items: Iterable[Mapping[str, AttributeValueTypeDef]],
    malformed: list[MalformedRowError],
) -> list[R]:
    rows: list[R] = []
    for item in items:
        try:
            rows.append(from_item(table, item))
        except MalformedRowError as error:
            malformed.append(error)
    return rows


def _raise_first(malformed: Sequence[MalformedRowError], rows: Sequence[Record]) -> None:
    if malformed:
        first = malformed[0]
        first.readable, first.others = tuple(rows), tuple(malformed[1:])
        raise first


def _ended(thunk: Callable[[], T]) -> Future[T]:
    """Call `thunk` here and now and return how it ended."""
    future: Future[T] = Future()
    try:
        future.set_result(thunk())
    except BaseException as error:
        future.set_exception(error)
    return future
