"""What can be impossible about an airline, and the rows of a data set side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from skymarshal.operations.records import Flight, Record
from skymarshal.operations.statements import NoneAsOf
from skymarshal.operations.tables import Dataset, RecordTable

__all__ = ["Fault", "Violation", "flights_by_tail", "rows"]

R = TypeVar("R", bound=Record)


class Fault(StrEnum):
    """The ways in which a data set can be impossible."""

    DUPLICATE_KEY = "duplicate key"
    REFERENCE = "dangling reference"
    TIMES = "impossible times"
    ROTATION = "broken rotation"
    TURNAROUND = "turnaround too short"
    AIRCRAFT_TYPE = "wrong aircraft type"
    RANGE = "beyond range"
    CURFEW = "scheduled in a curfew"
    STATEMENT = "table silent"
    DEFERRED_DEFECT = "deferred defect expired"
    COMPLEMENT = "crew incomplete"
    CREW_POSITION = "crew not where the duty begins"
    CREW_REST = "rest too short"
    CREW_VALIDITY = "rating, medical or recency lapsed"
    FLIGHT_DUTY_PERIOD = "flight duty period too long"
    CUMULATIVE = "cumulative limit exceeded"
    RESERVE = "reserve not qualified"
    CONNECTION = "connection cannot be made"
    SEAT = "seat taken twice or not there"
    AIR_WAYBILL = "air waybill check digit wrong"
    HOLD = "hold overloaded"
    CARGO = "cargo not acceptable on the flight"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that cannot be: what kind, in which table, which row, and why."""

    fault: Fault
    table: str
    key: str
    why: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.table}[{self.key}]: {self.why}"


def rows(dataset: Dataset, table: RecordTable[R]) -> Sequence[R]:
    """Return the rows of a table of the data set, without its statements that there are none.

    Raises:
        TypeError: A row is not what the table holds.
    """
    found = [row for row in dataset.get(table.name, ()) if not isinstance(row, NoneAsOf)]
    typed = [row for row in found if isinstance(row, table.record)]
    if len(typed) != len(found):
        raise TypeError(f"{table.name} holds rows that are not {table.record.__name__}")
    return typed


def flights_by_tail(dataset: Dataset, table: RecordTable[Flight]) -> dict[str, list[Flight]]:
    """Return the flights that are not cancelled by tail, in the order of departure."""
    tails: defaultdict[str, list[Flight]] = defaultdict(list)
    for flight in rows(dataset, table):
        if flight.status != "cancelled":
            tails[flight.registration].append(flight)
    for flights in tails.values():
        flights.sort(key=lambda flight: (flight.std, flight.flight_id))
    return dict(tails)
