"""The operational tables in memory, with the same answers as the deployed ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias, TypeVar, cast

from skymarshal.operations.reader import BeginsWith, SortCondition
from skymarshal.operations.records import Record
from skymarshal.operations.tables import Dataset, Key, RecordTable, key_text

__all__ = ["InMemoryTables"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_Partition: TypeAlias = tuple[list[str], list[Record]]
"""The sort keys of one partition in ascending order and the rows they belong to."""


class InMemoryTables:
    """A `TableReader` over a data set. An index is built when it is first read."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._indexes: dict[tuple[str, str | None], Mapping[str, _Partition]] = {}

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""
        partition_name, sort_name = table.key_names()
        keys, rows = self._partition(table, None, key[partition_name])
        wanted = key[sort_name] if sort_name is not None else ""
        at = bisect_left(keys, wanted)
        return cast("R", rows[at]) if at < len(keys) and keys[at] == wanted else None

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`, in the order of `keys`, each once."""
        distinct = {tuple(sorted(key.items())): key for key in keys}
        found = (self.get(table, key) for key in distinct.values())
        return [row for row in found if row is not None]

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        """Return the rows of one partition, of the table or of an index, ascending by sort key."""
        keys, rows = self._partition(table, index, partition)
        if sort is None:
            return cast("list[R]", rows[:])
        if isinstance(sort, BeginsWith):
            start = bisect_left(keys, sort.prefix)
            end = start
            while end < len(keys) and keys[end].startswith(sort.prefix):
                end += 1
        else:
            start, end = bisect_left(keys, sort.low), bisect_right(keys, sort.high)
        return cast("list[R]", rows[start:end])

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call the thunks one after another: in memory nothing is gained by threads."""
        return [thunk() for thunk in thunks]

    def _partition(self, table: RecordTable[R], index: str | None, partition: str) -> _Partition:
        built = self._indexes.get((table.name, index))
        if built is None:
            built = self._indexes[table.name, index] = self._build(table, index)
        return built.get(partition, ([], []))

    def _build(self, table: RecordTable[R], index: str | None) -> Mapping[str, _Partition]:
        partition_name, sort_name = table.key_names(index)
        primary = [name for name in table.key_names() if name is not None] if index else []
        partitions: defaultdict[str, list[tuple[str, list[str], Record]]] = defaultdict(list)
        for row in self._dataset.get(table.name, ()):
            if index is not None and not _indexed(row, partition_name, sort_name):
                continue
            sort_key = key_text(getattr(row, sort_name)) if sort_name is not None else ""
            tie = [key_text(getattr(row, name)) for name in primary]
            partitions[key_text(getattr(row, partition_name))].append((sort_key, tie, row))
        built: dict[str, _Partition] = {}
        for value, entries in partitions.items():
            entries.sort(key=itemgetter(0, 1))
            built[value] = ([key for key, _, _ in entries], [row for _, _, row in entries])
        return built


def _indexed(row: Record, *names: str | None) -> bool:
    """Return whether a row has the attributes of an index: one that lacks them is not in it."""
    return all(getattr(row, name, None) is not None for name in names if name is not None)
