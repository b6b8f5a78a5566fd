"""The store in memory, for development and tests."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from skymarshal.checkpoints.errors import ItemTooLarge
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    Above,
    Absent,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    IndexPage,
    Item,
    Key,
    OneOf,
    Operation,
    Present,
    Put,
    Update,
    Value,
)
from skymarshal.contracts import THREAD_STATUS_INDEX_PARTITION, THREAD_STATUS_INDEX_SORT

__all__ = ["MAX_ITEM_BYTES", "MAX_OPERATIONS", "MemoryStore", "holds", "item_size"]

MAX_ITEM_BYTES = 400 * 1024
MAX_OPERATIONS = 100


class MemoryStore:
    """Items in a dictionary behind a lock, with the limits of the production store."""

    def __init__(self) -> None:
        self._partitions: dict[str, dict[str, Item]] = {}
        self._objects: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return "MemoryStore()"

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:  # noqa: ARG002
        with self._lock:
            return self._find(key)

    def get_many(self, keys: Sequence[Key], *, consistent: bool = True) -> Mapping[Key, Item]:  # noqa: ARG002
        with self._lock:
            return {key: item for key in keys if (item := self._find(key)) is not None}

    def query(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        descending: bool = False,
        page: int | None = None,  # noqa: ARG002
        consistent: bool = True,  # noqa: ARG002
    ) -> Iterator[Item]:
        with self._lock:
            items = self._partitions.get(partition, {})
            names = sorted(items)
            found = [items[name] for name in names[bisect_left(names, low) : bisect_right(names, high)]]
        return iter(found[::-1] if descending else found)

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
        rows = self._indexed(partition, low, high)
        rows.sort(key=lambda row: row[0], reverse=descending)
        if after is not None:
            rows = [row for row in rows if (row[0] < after if descending else row[0] > after)]
        return IndexPage(items=tuple(item for _, item in rows[:limit]), more=len(rows) > limit)

    def count_index(self, partition: str, *, low: str | None = None, high: str | None = None) -> int:
        return len(self._indexed(partition, low, high))

    def scan(self, sort: str | None = None) -> Iterator[Item]:
        with self._lock:
            found = [
                item
                for items in self._partitions.values()
                for name, item in items.items()
                if sort is None or name == sort
            ]
        return iter(found)

    def write(self, operations: Sequence[Operation]) -> None:
        if len(operations) > MAX_OPERATIONS:
            raise ItemTooLarge(f"{len(operations)} operations in one write; the most is {MAX_OPERATIONS}")
        with self._lock:
            found = [self._find(operation.key) for operation in operations]
            failures = {
                place: item
                for place, (operation, item) in enumerate(zip(operations, found, strict=True))
                if operation.condition is not None and not holds(operation.condition, item)
            }
            if failures:
                raise ConditionFailed(failures)
            changed = [_applied(operation, item) for operation, item in zip(operations, found, strict=True)]
            for operation, item in zip(operations, changed, strict=True):
                self._place(operation.key, item)

    def write_many(self, operations: Sequence[Put | Delete]) -> None:
        for operation in operations:
            self.write([operation])

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:  # noqa: ARG002
        with self._lock:
            self._objects.setdefault(name, b"".join(chunks))

    def open_object(self, name: str) -> Iterator[bytes] | None:
        with self._lock:
            content = self._objects.get(name)
        return None if content is None else iter((content,))

    def copy_object(self, source: str, target: str) -> None:
        with self._lock:
            self._objects[target] = self._objects[source]

    def list_objects(self, prefix: str) -> Iterable[str]:
        with self._lock:
            return sorted(name for name in self._objects if name.startswith(prefix))

    def delete_objects(self, names: Sequence[str]) -> None:
        with self._lock:
            for name in names:
                self._objects.pop(name, None)

    def _find(self, key: Key) -> Item | None:
        return self._partitions.get(key.partition, {}).get(key.sort)

    def _place(self, key: Key, item: Item | None) -> None:
        partition = self._partitions.setdefault(key.partition, {})
        if item is None:
            partition.pop(key.sort, None)
        else:
            partition[key.sort] = item

    def _indexed(
        self, partition: str, low: str | None, high: str | None
    ) -> list[tuple[tuple[str, Key], Item]]:
        rows = []
        for item in self.scan():
            if item.get(THREAD_STATUS_INDEX_PARTITION) != partition or THREAD_STATUS_INDEX_SORT not in item:
                continue
            value = str(item[THREAD_STATUS_INDEX_SORT])
            if (low is None or value >= low) and (high is None or value <= high):
                rows.append(((value, Key(str(item[PARTITION]), str(item[SORT]))), item))
        return rows


def holds(condition: Condition, item: Item | None) -> bool:
    """Return whether a condition holds for an item, None standing for no item."""
    found: Item = item or {}
    match condition:
        case Absent(name):
            return name not in found
        case Present(name):
            return name in found
        case Equals(name, value):
            return found.get(name) == value
        case Below(name, value):
            return name in found and _less(found[name], value)
        case Above(name, value):
            return name in found and _less(value, found[name])
        case OneOf(name, values):
            return found.get(name) in values
        case AllOf(conditions):
            return all(holds(each, item) for each in conditions)
        case AnyOf(conditions):
            return any(holds(each, item) for each in conditions)


def item_size(item: Item) -> int:
    """Return the size of an item in bytes as DynamoDB counts it."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    return len(str(abs(value))) // 2 + 2


def _less(found: Value, value: Value) -> bool:
    if isinstance(found, int) and isinstance(value, int):
        return found < value
    if isinstance(found, str) and isinstance(value, str):
        return found < value
    return False


def _applied(operation: Operation, item: Item | None) -> Item | None:
    match operation:
        case Check():
            return item
        case Delete():
            return None
        case Put():
            changed: dict[str, Value] = dict(operation.attributes)
        case Update():
            changed = dict(item or {})
            for name, value in operation.default.items():
                changed.setdefault(name, value)
            for name, amount in operation.add.items():
                changed[name] = int(changed.get(name, 0)) + amount
            changed.update(operation.set)
            for name in operation.remove:
                changed.pop(name, None)
    changed[PARTITION] = operation.key.partition
    changed[SORT] = operation.key.sort
    if (size := item_size(changed)) > MAX_ITEM_BYTES:
        raise ItemTooLarge(f"item {operation.key} is {size} bytes; the most is {MAX_ITEM_BYTES}")
    return changed
