"""The port through which operational tables are read: one row, some rows, one key range. No scan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

from skymarshal.operations.records import Record
from skymarshal.operations.tables import Key, RecordTable

__all__ = ["Access", "AccessLog", "BeginsWith", "Between", "SortCondition", "TableReader"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Between:
    """A sort key within [low, high], both included."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class BeginsWith:
    """A sort key that begins with `prefix`."""

    prefix: str


SortCondition: TypeAlias = Between | BeginsWith


class TableReader(Protocol):
    """Reads rows by key or by index; every adapter gives the same answers in the same order."""

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`, in the order of `keys`, each once."""

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

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call every thunk, side by side where that saves time; return their results in order.

        The first error, in the order of `thunks`, is raised after all have ended.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access to a table. `step` is its place in the sequence: accesses made together share it."""

    name: str
    table: str
    index: str | None
    kind: Literal["get", "batch_get", "query"]
    step: int


class AccessLog:
    """Records which accesses were made and which of them had to wait for which."""

    def __init__(self) -> None:
        self._accesses: list[Access] = []
        self._lock = threading.Lock()
        self._thread = threading.local()

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Every access so far."""
        return tuple(self._accesses)

    @property
    def sequence(self) -> int:
        """The length of the longest chain of accesses that were made one after another."""
        return max((access.step for access in self._accesses), default=0)

    def record(
        self, name: str, table: str, index: str | None, kind: Literal["get", "batch_get", "query"]
    ) -> None:
        """Note one access, one step after what its thread did before."""
        step = self._step() + 1
        self._thread.step = step
        access = Access(name=name, table=table, index=index, kind=kind, step=step)
        with self._lock:
            self._accesses.append(access)

    def together(self, thunks: Sequence[Callable[[], T]]) -> tuple[list[Callable[[], T]], Callable[[], None]]:
        """Return the thunks so wrapped that they start from one step, and what to call when they ended."""
        start = self._step()
        ends: list[int] = []

        def started_here(thunk: Callable[[], T]) -> Callable[[], T]:
            def run() -> T:
                self._thread.step = start
                try:
                    return thunk()
                finally:
                    ends.append(self._step())

            return run

        def joined() -> None:
            self._thread.step = max(ends, default=start)

        return [started_here(thunk) for thunk in thunks], joined

    def _step(self) -> int:
        step: int = getattr(self._thread, "step", 0)
        return step
