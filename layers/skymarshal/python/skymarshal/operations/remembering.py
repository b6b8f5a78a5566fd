"""The operational tables as one piece of work sees them: each question is asked once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from skymarshal.operations.errors import TableAwayError, UnreadRowsError
from skymarshal.operations.reader import Between, SortCondition, TableReader
from skymarshal.operations.records import Record
from skymarshal.operations.tables import Key, RecordTable, key_text

__all__ = ["RememberingTables"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class RememberingTables:
    """A `TableReader` that answers a repeated question from memory.

    It is made for one piece of work and forgotten with it, so what is compared there rests on one reading of
    each row, and nothing is older than the work itself. A question that is under way is waited for.

    Attributes:
        away: the first table that did not answer, also where the work went on without it; None if all did.
    """

    def __init__(self, tables: TableReader) -> None:
        self.away: TableAwayError | UnreadRowsError | None = None
        self._tables = tables
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Future[Any]] = {}
        self._ranges: dict[Hashable, list[Between]] = {}

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""
        return self._once((table.name, *key.items()), lambda: self._tables.get(table, key))

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`, in the order of `keys`, each once."""
        question = (table.name, tuple(tuple(key.items()) for key in keys))
        return self._once(question, lambda: self._tables.batch_get(table, keys))[:]

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        """Return the rows of one partition; those of a narrower range from the wider one that is known."""
        asked = sort
        if isinstance(sort, Between):
            asked = self._widest((table.name, index, partition), sort)
        rows: list[R] = self._once(
            (table.name, index, partition, asked),
            lambda: self._tables.query(table, partition, index=index, sort=asked),
        )
        if asked == sort or not isinstance(sort, Between):
            return rows[:]
        sort_name = table.key_names(index)[1]
        return [row for row in rows if sort.low <= key_text(getattr(row, str(sort_name))) <= sort.high]

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call every thunk as the tables behind do."""
        return self._tables.run_together(thunks)

    def _widest(self, partition: Hashable, wanted: Between) -> Between:
        with self._lock:
            known = self._ranges.setdefault(partition, [])
            for range_ in known:
                if range_.low <= wanted.low and wanted.high <= range_.high:
                    return range_
            known.append(wanted)
            return wanted

    def _once(self, question: Hashable, ask: Callable[[], T]) -> T:
        with self._lock:
            answer = self._answers.get(question)
            first = answer is None
            if answer is None:
                answer = self._answers[question] = Future()
        if first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                if isinstance(error, TableAwayError | UnreadRowsError):
                    self.away = self.away or error
                answer.set_exception(error)
                raise
        result: T = answer.result()
        return result
