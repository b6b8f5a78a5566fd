"""Faults at the boundary of the store, and stores that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from skymarshal.checkpoints import MemoryStore, StoreUnavailable
from skymarshal.checkpoints.store import (
    Check,
    Delete,
    IndexPage,
    Item,
    Key,
    Operation,
    Put,
    Update,
)


class Fault(Enum):
    """What happens to the next change."""

    NONE = "none"
    LOST_REQUEST = "the request never arrives"
    LOST_ANSWER = "it is applied and the answer is lost"


class Plant(Enum):
    """A store that breaks one promise."""

    NONE = "none"
    NO_HEAD_GUARD = "conditions on the head are ignored"
    TORN_TRANSACTION = "a lost request applies the first half of a transaction"
    LAST_DELIVERY_WINS = "what is written once only is overwritten"
    POINTER_WITHOUT_PAYLOAD = "a payload whose request is lost is acknowledged"
    NO_FENCE = "conditions on the holder of a claim are ignored"
    FALSE_ACKNOWLEDGEMENT = "a lost request is acknowledged"
    STALE_BUNDLES = "an item that must be new replaces the one that is there"


class FaultyStore:
    """A store in memory whose next changes can be made to fail, before or after they are applied."""

    def __init__(self, plant: Plant = Plant.NONE) -> None:
        self.inner = MemoryStore()
        self.plant = plant
        self.next_faults: list[Fault] = []
        self.writes = 0

    def __repr__(self) -> str:
        return f"FaultyStore({self.plant.name})"

    def write(self, operations: Sequence[Operation]) -> None:
        self.writes += 1
        fault = self.next_faults.pop(0) if self.next_faults else Fault.NONE
        if fault is Fault.LOST_REQUEST:
            if self.plant is Plant.FALSE_ACKNOWLEDGEMENT:
                return
            if self.plant is Plant.TORN_TRANSACTION and len(operations) > 1:
                self.inner.write(operations[: len(operations) // 2])
            payload = operations[0].key.sort.startswith("PAYLOAD#")
            if self.plant is Plant.POINTER_WITHOUT_PAYLOAD and payload:
                return
            raise StoreUnavailable("the request was lost")
        self.inner.write([self._sabotaged(operation) for operation in operations])
        if fault is Fault.LOST_ANSWER:
            raise StoreUnavailable("the answer was lost")

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        self.writes += 1
        fault = self.next_faults.pop(0) if self.next_faults else Fault.NONE
        if fault is Fault.LOST_REQUEST:
            if self.plant is Plant.POINTER_WITHOUT_PAYLOAD:
                return
            raise StoreUnavailable("the request was lost")
        self.inner.put_object(name, chunks, digest=digest)
        if fault is Fault.LOST_ANSWER:
            raise StoreUnavailable("the answer was lost")

    def write_many(self, operations: Sequence[Put | Delete]) -> None:
        self.inner.write_many(operations)

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        return self.inner.get(key)

    def get_many(self, keys: Sequence[Key], *, consistent: bool = True) -> Mapping[Key, Item]:
        return self.inner.get_many(keys)

    def query(self, partition: str, low: str, high: str, **how: bool | int | None) -> Iterator[Item]:
        return self.inner.query(partition, low, high, descending=bool(how.get("descending")))

    def query_index(self, partition: str, **how) -> IndexPage:
        return self.inner.query_index(partition, **how)

    def count_index(self, partition: str, *, low: str | None = None, high: str | None = None) -> int:
        return self.inner.count_index(partition, low=low, high=high)

    def scan(self, sort: str | None = None) -> Iterator[Item]:
        return self.inner.scan(sort)

    def open_object(self, name: str) -> Iterator[bytes] | None:
        return self.inner.open_object(name)

    def copy_object(self, source: str, target: str) -> None:
        self.inner.copy_object(source, target)

    def list_objects(self, prefix: str):
        return self.inner.list_objects(prefix)

    def delete_objects(self, names: Sequence[str]) -> None:
        self.inner.delete_objects(names)

    def _sabotaged(self, operation: Operation) -> Operation:
        if isinstance(operation, Check):
            return operation
        sort = operation.key.sort
        if self.plant is Plant.NO_HEAD_GUARD and sort == "THREAD":
            return replace(operation, condition=None)
        if self.plant is Plant.NO_FENCE and "#X#C#" in sort:
            return replace(operation, condition=None)
        if self.plant is Plant.STALE_BUNDLES and "#W#B#" in sort:
            return replace(operation, condition=None)
        if self.plant is Plant.LAST_DELIVERY_WINS and isinstance(operation, Update):
            return replace(operation, set={**operation.default, **operation.set}, default={})
        return operation
