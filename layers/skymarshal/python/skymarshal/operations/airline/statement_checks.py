"""Does each table say what a tail or an airport has, or that it has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from skymarshal.domain.published_curfews import NO_NIGHT_RESTRICTION, PUBLISHED_CURFEWS
from skymarshal.operations import tables as t
from skymarshal.operations.airline.violations import Fault, Violation, rows
from skymarshal.operations.statements import STATEMENT_HOLDS, NoneAsOf
from skymarshal.operations.tables import ALL_TABLES, Dataset

__all__ = ["check_statements"]

_BY_TAIL: Final = (t.MEL_ITEMS.name, t.MAINTENANCE_WORK_ORDERS.name)
_BY_AIRPORT: Final = (t.GROUND_EQUIPMENT.name, t.NOTAMS.name)


def check_statements(dataset: Dataset) -> Iterator[Violation]:
    """Yield the tails and airports of which a table says nothing, or says none beside a row.

    An airport whose nights are published nowhere that is known here stays unknown on purpose.
    """
    tails = [tail.registration for tail in rows(dataset, t.AIRCRAFT)]
    airports = [airport.airport for airport in rows(dataset, t.AIRPORTS)]
    known_at_night = [code for code in airports if code in PUBLISHED_CURFEWS or code in NO_NIGHT_RESTRICTION]
    for names, field, owners in (
        (_BY_TAIL, "registration", tails),
        (_BY_AIRPORT, "airport", airports),
        ((t.AIRPORT_CURFEWS.name,), "airport", known_at_night),
    ):
        for name in names:
            yield from _silent(dataset, name, field, owners)
    yield from _stale(dataset)


def _silent(dataset: Dataset, name: str, field: str, owners: list[str]) -> Iterator[Violation]:
    found = dataset.get(name, ())
    stated = {getattr(row, field) for row in found if isinstance(row, NoneAsOf)}
    kept = {getattr(row, field) for row in found if not isinstance(row, NoneAsOf)}
    for owner in owners:
        if owner not in stated | kept:
            yield Violation(Fault.STATEMENT, name, owner, "neither a row nor a statement that there is none")
        elif owner in stated & kept:
            yield Violation(Fault.STATEMENT, name, owner, "says that there is none beside a row")


def _stale(dataset: Dataset) -> Iterator[Violation]:
    departures = [flight.std for flight in rows(dataset, t.FLIGHTS)]
    if not departures:
        return
    first, last = min(departures), max(departures)
    for name, holds in STATEMENT_HOLDS.items():
        for row in dataset.get(name, ()):
            if isinstance(row, NoneAsOf) and max(abs(first - row.as_of), abs(last - row.as_of)) > holds:
                key = " ".join(ALL_TABLES[name].key_of(row).values())
                yield Violation(Fault.STATEMENT, name, key, f"as of {row.as_of:%Y-%m-%dT%H:%MZ} is too old")
