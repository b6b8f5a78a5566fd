"""The store on DynamoDB, with payload objects on S3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from skymarshal.checkpoints.errors import ItemTooLarge, StoreUnavailable
from skymarshal.checkpoints.expressions import Expression, from_attributes, to_attributes
from skymarshal.checkpoints.memory_store import MAX_OPERATIONS
from skymarshal.checkpoints.objects import ObjectBucket
from skymarshal.checkpoints.retries import Retries, Unfinished, error_code, is_transient
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    Check,
    ConditionFailed,
    Delete,
    IndexPage,
    Item,
    Key,
    Operation,
    Put,
    Update,
    Value,
)
from skymarshal.contracts import (
    THREAD_STATUS_INDEX,
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
)
from skymarshal.ports import IdSource, new_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["DynamoDBStore"]

_BATCH_WRITE: Final = 25
_BATCH_GET: Final = 100


class DynamoDBStore:
    """Items in one table, payload objects in one bucket.

    Args:
        client: a DynamoDB client without retries of its own.
        table_name: the table, with `PK`, `SK` and the thread status index.
        bucket: where payloads too large for an item go; None refuses them.
        retries: how calls are repeated.
        new_token: supplies the token that makes a repeated transaction harmless.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table_name: str,
        *,
        bucket: ObjectBucket | None,
        retries: Retries,
        new_token: IdSource = new_id,
    ) -> None:
        self._client = client
        self._table = table_name
        self._bucket = bucket
        self._retries = retries
        self._new_token = new_token

    def __repr__(self) -> str:
        return f"DynamoDBStore(table={self._table!r}, bucket={self._bucket!r})"

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        answer = self._retries(
            lambda: self._client.get_item(TableName=self._table, Key=_key(key), ConsistentRead=consistent),
            what=f"read {key} of {self._table}",
        )
        raw = answer.get("Item")
        return None if raw is None else _item(raw)

    def get_many(self, keys: Sequence[Key], *, consistent: bool = True) -> Mapping[Key, Item]:
        found: dict[Key, Item] = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), _BATCH_GET):
            waiting = [_key(key) for key in distinct[start : start + _BATCH_GET]]
            self._retries(lambda w=waiting: self._get_batch(w, found, consistent), what=f"read {self._table}")  # type: ignore[misc]
        return found

    def _get_batch(self, waiting: list[dict[str, Any]], found: dict[Key, Item], consistent: bool) -> None:
        answer = self._client.batch_get_item(
            RequestItems={self._table: {"Keys": waiting, "ConsistentRead": consistent}}
        )
        for raw in answer["Responses"].get(self._table, []):
            item = _item(raw)
            found[Key(str(item[PARTITION]), str(item[SORT]))] = item
        unread = answer.get("UnprocessedKeys", {}).get(self._table)
        if unread:
            waiting[:] = [dict(key) for key in unread["Keys"]]
            raise Unfinished

    def query(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        descending: bool = False,
        page: int | None = None,
        consistent: bool = True,
    ) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :p AND SK BETWEEN :l AND :h",
            "ExpressionAttributeValues": {":p": {"S": partition}, ":l": {"S": low}, ":h": {"S": high}},
            "ConsistentRead": consistent,
        }
        if descending:
            request["ScanIndexForward"] = False
        if page is not None:
            request["Limit"] = page
        return self._pages("query", request)

    def query_index(
        self,
        partition: str,
        *,
        after: tuple[str, Key] | None = None,
        low: str | None = None,
        high: str | None = None,
        limit: int,
        descending: bool = True,
    ) -> IndexPage:
        request = self._index_request(partition, low, high)
        request["ScanIndexForward"] = not descending
        if after is not None:
            value, key = after
            request["ExclusiveStartKey"] = {
                THREAD_STATUS_INDEX_PARTITION: {"S": partition},
                THREAD_STATUS_INDEX_SORT: {"S": value},
                **_key(key),
            }
        found: list[Item] = []
        while True:
            request["Limit"] = limit - len(found)
            answer = self._retries(lambda: self._client.query(**request), what=f"query {THREAD_STATUS_INDEX}")
            found.extend(_item(raw) for raw in answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if last is None or len(found) >= limit:
                return IndexPage(items=tuple(found), more=last is not None)
            request["ExclusiveStartKey"] = last

    def count_index(self, partition: str, *, low: str | None = None, high: str | None = None) -> int:
        request = self._index_request(partition, low, high) | {"Select": "COUNT"}
        total = 0
        while True:
            answer = self._retries(lambda: self._client.query(**request), what=f"count {THREAD_STATUS_INDEX}")
            total += answer["Count"]
            last = answer.get("LastEvaluatedKey")
            if last is None:
                return total
            request["ExclusiveStartKey"] = last

    def scan(self, sort: str | None = None) -> Iterator[Item]:
        request: dict[str, Any] = {"TableName": self._table, "ConsistentRead": True}
        if sort is not None:
            request["FilterExpression"] = "SK = :s"
            request["ExpressionAttributeValues"] = {":s": {"S": sort}}
        return self._pages("scan", request)

    def write(self, operations: Sequence[Operation]) -> None:
        if len(operations) > MAX_OPERATIONS:
            raise ItemTooLarge(f"{len(operations)} operations in one write; the most is {MAX_OPERATIONS}")
        if not operations:
            return
        if len(operations) == 1 and not isinstance(operations[0], Check):
            self._write_one(operations[0])
        else:
            self._write_all(operations)

    def write_many(self, operations: Sequence[Put | Delete]) -> None:
        for start in range(0, len(operations), _BATCH_WRITE):
            waiting: list[dict[str, Any]] = []
            for operation in operations[start : start + _BATCH_WRITE]:
                if isinstance(operation, Put):
                    waiting.append({"PutRequest": {"Item": _whole(operation)}})
                else:
                    waiting.append({"DeleteRequest": {"Key": _key(operation.key)}})
            self._retries(lambda w=waiting: self._write_batch(w), what=f"write {self._table}")  # type: ignore[misc]

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        if self._bucket is None:
            size = sum(map(len, chunks))
            raise ItemTooLarge(f"payload {name} of {size} bytes needs a bucket and none is configured")
        self._bucket.put(name, chunks, digest=digest)

    def open_object(self, name: str) -> Iterator[bytes] | None:
        return None if self._bucket is None else self._bucket.open(name)

    def copy_object(self, source: str, target: str) -> None:
        if self._bucket is not None:
            self._bucket.copy(source, target)

    def list_objects(self, prefix: str) -> Iterable[str]:
        return [] if self._bucket is None else self._bucket.list(prefix)

    def delete_objects(self, names: Sequence[str]) -> None:
        if self._bucket is not None:
            self._bucket.delete(names)

    def _pages(self, operation: str, request: dict[str, Any]) -> Iterator[Item]:
        call = getattr(self._client, operation)
        while True:
            answer = self._retries(lambda: call(**request), what=f"{operation} {self._table}")
            yield from (_item(raw) for raw in answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if last is None:
                return
            request["ExclusiveStartKey"] = last

    def _index_request(self, partition: str, low: str | None, high: str | None) -> dict[str, Any]:
        condition = "#s = :s"
        names = {"#s": THREAD_STATUS_INDEX_PARTITION}
        values: dict[str, Any] = {":s": {"S": partition}}
        if low is not None or high is not None:
            condition += " AND #u BETWEEN :l AND :h"
            names["#u"] = THREAD_STATUS_INDEX_SORT
            values[":l"] = {"S": low or " "}
            values[":h"] = {"S": high or "\uffff"}
        return {
            "TableName": self._table,
            "IndexName": THREAD_STATUS_INDEX,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    def _write_one(self, operation: Operation) -> None:
        request = _request(operation, self._table)
        calls: dict[type, Callable[..., object]] = {
            Put: self._client.put_item,
            Update: self._client.update_item,
            Delete: self._client.delete_item,
        }
        call = calls[type(operation)]
        attempts: list[BaseException] = []

        def attempt() -> None:
            try:
                call(**request)
            except Exception as error:
                attempts.append(error)
                raise

        try:
            self._retries(attempt, what=f"write {operation.key} of {self._table}")
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise _too_large(error, operation.key) from error
            found = _item_or_none(error.response.get("Item"))
            if any(map(is_transient, attempts)) and _is_applied(operation, found):
                return
            raise ConditionFailed({0: found}) from error

    def _write_all(self, operations: Sequence[Operation]) -> None:
        request: list[dict[str, Any]] = []
        for operation in operations:
            name = "ConditionCheck" if isinstance(operation, Check) else type(operation).__name__
            request.append({name: _request(operation, self._table)})
        token = self._new_token()
        try:
            self._retries(
                lambda: self._client.transact_write_items(
                    TransactItems=request,  # type: ignore[arg-type]
                    ClientRequestToken=token,
                ),
                what=f"write {len(operations)} items of {self._table}",
            )
        except ClientError as error:
            reasons: Any = error.response.get("CancellationReasons", [])
            failures = {
                place: _item_or_none(reason.get("Item"))
                for place, reason in enumerate(reasons)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            if failures:
                raise ConditionFailed(failures) from error
            raise _too_large(error, operations[0].key) from error

    def _write_batch(self, waiting: list[dict[str, Any]]) -> None:
        answer = self._client.batch_write_item(RequestItems={self._table: waiting})  # type: ignore[dict-item]
        left = answer.get("UnprocessedItems", {}).get(self._table)
        if left:
            waiting[:] = [dict(request) for request in left]
            raise Unfinished


def _key(key: Key) -> dict[str, Any]:
    return {PARTITION: {"S": key.partition}, SORT: {"S": key.sort}}


def _item(raw: Mapping[str, Any]) -> Item:
    return from_attributes(dict(raw))


def _item_or_none(raw: Any) -> Item | None:  # noqa: ANN401 - botocore leaves it untyped
    return _item(raw) if raw else None


def _whole(operation: Put) -> dict[str, Any]:
    return {**to_attributes(operation.attributes), **_key(operation.key)}


def _request(operation: Operation, table: str) -> dict[str, Any]:
    expression = Expression()
    request: dict[str, Any] = {"TableName": table}
    if isinstance(operation, Put):
        request["Item"] = _whole(operation)
    else:
        request["Key"] = _key(operation.key)
    if isinstance(operation, Update):
        request["UpdateExpression"] = expression.update(operation)
    if operation.condition is not None:
        request["ConditionExpression"] = expression.condition(operation.condition)
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if expression.names:
        request["ExpressionAttributeNames"] = expression.names
    if expression.values:
        request["ExpressionAttributeValues"] = expression.values
    return request


def _is_applied(operation: Operation, found: Item | None) -> bool:
    wanted: Mapping[str, Value]
    if isinstance(operation, Put):
        wanted = operation.attributes
    elif isinstance(operation, Update) and not operation.add:
        wanted = operation.set
    else:
        return False
    return found is not None and all(found.get(name) == value for name, value in wanted.items())


def _too_large(error: ClientError, key: Key) -> Exception:
    message = str(error)
    if error_code(error) in {"ValidationException", "TransactionCanceledException"} and "size" in message:
        return ItemTooLarge(f"item {key}: {message}")
    if error_code(error) in {"ResourceNotFoundException"}:
        return StoreUnavailable(f"item {key}: {message}")
    return error
