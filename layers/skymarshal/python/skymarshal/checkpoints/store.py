"""The port behind the saver: items under a partition and a sort key, payload objects beside them.

Both adapters evaluate the same conditions and apply the same operations, all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from skymarshal.checkpoints.errors import CheckpointError
from skymarshal.contracts import TTL_ATTRIBUTE

__all__ = [
    "PARTITION",
    "SORT",
    "Above",
    "Absent",
    "AllOf",
    "AnyOf",
    "Below",
    "Check",
    "Condition",
    "ConditionFailed",
    "Delete",
    "Equals",
    "Expired",
    "IndexPage",
    "Item",
    "Key",
    "Live",
    "OneOf",
    "Operation",
    "Present",
    "Put",
    "Store",
    "Update",
    "Value",
]

PARTITION = "PK"
SORT = "SK"

Value: TypeAlias = str | int | bytes
Item: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where an item lives."""

    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The attribute does not exist; on the sort key: the item does not exist."""

    name: str = SORT


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute exists; on the sort key: the item exists."""

    name: str = SORT


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute exists and equals the value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Below:
    """The attribute exists and is less than the value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Above:
    """The attribute exists and is greater than the value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """The attribute exists and equals one of the values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Absent | Present | Equals | Below | Above | OneOf | AllOf | AnyOf


def Live(now: int) -> Condition:  # noqa: N802 - reads as the other conditions do
    """The item exists and its retention has not ended. `now` in epoch seconds."""
    return Above(TTL_ATTRIBUTE, now)


def Expired(now: int) -> Condition:  # noqa: N802 - reads as the other conditions do
    """The item's retention has ended, although the store may still hold it. `now` in epoch seconds."""
    return Below(TTL_ATTRIBUTE, now + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write the whole item."""

    key: Key
    attributes: Item
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change attributes of an item, creating it where it does not exist.

    Attributes:
        set: attributes to overwrite.
        default: attributes to write only where they do not exist.
        add: numbers to add, from zero.
        remove: attributes to remove.
    """

    key: Key
    set: Item = field(default_factory=dict)
    default: Item = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove the item, which need not exist."""

    key: Key
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Require a condition of an item that is not written."""

    key: Key
    condition: Condition


Operation: TypeAlias = Put | Update | Delete | Check


class ConditionFailed(CheckpointError):
    """A condition did not hold; nothing was written.

    Attributes:
        failures: for each operation whose condition failed, its place in the sequence and the item
            found there, None where there is none.
    """

    def __init__(self, failures: Mapping[int, Item | None]) -> None:
        super().__init__(f"conditions failed on operations {sorted(failures)}")
        self.failures = failures


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """Part of one index partition.

    Attributes:
        items: whole items, in the order asked for.
        more: whether the partition holds more after the last item.
    """

    items: tuple[Item, ...]
    more: bool


class Store(Protocol):
    """Items and payload objects. Every method raises `StoreUnavailable` once its retries are spent."""

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """Read one item."""
        ...

    def get_many(self, keys: Sequence[Key], *, consistent: bool = True) -> Mapping[Key, Item]:
        """Read those of the items that exist."""
        ...

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
        """Yield the items with `low <= sort key <= high` in key order, reading `page` items at a time."""
        ...

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
        """Read from the thread status index, by its sort value.

        Args:
            partition: the index partition.
            after: sort value and key of the item to go on from.
            low: least sort value, included.
            high: greatest sort value, included.
            limit: most items to return.
            descending: newest first.
        """
        ...

    def count_index(self, partition: str, *, low: str | None = None, high: str | None = None) -> int:
        """Count the items of an index partition between two sort values, both included."""
        ...

    def scan(self, sort: str | None = None) -> Iterator[Item]:
        """Yield every item of the table, or every one with this sort key. Reads the whole table."""
        ...

    def write(self, operations: Sequence[Operation]) -> None:
        """Apply every operation or none.

        Raises:
            ConditionFailed: a condition did not hold.
            ItemTooLarge: an item, or the whole, exceeds what the store takes.
        """
        ...

    def write_many(self, operations: Sequence[Put | Delete]) -> None:
        """Apply unconditional puts and deletes in any order; what succeeds stays."""
        ...

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        """Write a payload object unless one of that name has been, lately. `digest` is its sha256."""
        ...

    def open_object(self, name: str) -> Iterator[bytes] | None:
        """Stream a payload object, None where there is none."""
        ...

    def copy_object(self, source: str, target: str) -> None:
        """Copy a payload object within the store; onto itself, it is kept as long as a new one."""
        ...

    def list_objects(self, prefix: str) -> Iterable[str]:
        """Name every payload object under a prefix."""
        ...

    def delete_objects(self, names: Sequence[str]) -> None:
        """Remove payload objects, which need not exist."""
        ...
