"""Errors of the operational tables.

OperationsError
├── MalformedRowError       a row is there but a field does not hold what it must
├── TableAwayError          a table does not answer: throttled, denied or not there
├── UnreadRowsError         the table kept refusing part of a batch
├── UnloadedRowsError       the table kept refusing part of a load
├── ImpossibleAirlineError  a generated data set breaks a rule of the physical world
└── UnknownScenarioError    no shipped scenario has this name
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skymarshal.errors import SkyMarshalError
from skymarshal.operations.records import Record

__all__ = [
    "ImpossibleAirlineError",
    "MalformedRowError",
    "OperationsError",
    "TableAwayError",
    "UnknownScenarioError",
    "UnloadedRowsError",
    "UnreadRowsError",
]


class OperationsError(SkyMarshalError):
    """Anything that the operational tables can go wrong with."""


class MalformedRowError(OperationsError):
    """A row exists but cannot be read; says which table, key and field, and what was expected.

    `row` is what of it could be read. Of an access to several rows, `readable` are those that could be read
    and `others` the errors of further rows that could not.
    """

    def __init__(
        self,
        *,
        table: str,
        key: Mapping[str, str],
        field: str,
        problem: str,
        row: Mapping[str, object] | None = None,
    ) -> None:
        at = ", ".join(f"{name}={value}" for name, value in key.items())
        super().__init__(f"{table}[{at}].{field}: {problem}")
        self.table = table
        self.key = dict(key)
        self.field = field
        self.problem = problem
        self.row: Mapping[str, object] = {} if row is None else dict(row)
        self.readable: tuple[Record, ...] = ()
        self.others: tuple[MalformedRowError, ...] = ()


class TableAwayError(OperationsError):
    """A table did not answer, retries included; says which and how it was refused."""

    def __init__(self, *, table: str, reason: str) -> None:
        super().__init__(f"{table} does not answer: {reason}")
        self.table = table


class UnreadRowsError(OperationsError):
    """A batch read gave up: the table left keys unprocessed on every attempt."""

    def __init__(self, *, table: str, keys: int, attempts: int) -> None:
        super().__init__(f"{table}: {keys} keys still unprocessed after {attempts} attempts")
        self.table = table
        self.keys = keys


class UnloadedRowsError(OperationsError):
    """A batch write gave up: the table left rows unprocessed on every attempt."""

    def __init__(self, *, table: str, rows: int, attempts: int) -> None:
        super().__init__(f"{table}: {rows} rows still unwritten after {attempts} attempts")
        self.table = table
        self.rows = rows


class ImpossibleAirlineError(OperationsError):
    """A data set that cannot exist; `violations` lists what is wrong with it."""

    def __init__(self, violations: Sequence[object]) -> None:
        shown = "; ".join(str(violation) for violation in violations[:5])
        super().__init__(f"{len(violations)} violations: {shown}")
        self.violations = tuple(violations)


class UnknownScenarioError(OperationsError):
    """No shipped scenario has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"scenario {name!r} is not one of {', '.join(known)}")
        self.name = name
