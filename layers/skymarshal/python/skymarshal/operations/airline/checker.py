"""Proves that a data set could exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from skymarshal.operations import tables as t
from skymarshal.operations.airline.crew_checks import check_crews
from skymarshal.operations.airline.flight_checks import check_flights
from skymarshal.operations.airline.load_checks import check_loads
from skymarshal.operations.airline.statement_checks import check_statements
from skymarshal.operations.airline.violations import Fault, Violation, rows
from skymarshal.operations.errors import ImpossibleAirlineError
from skymarshal.operations.tables import ALL_TABLES, Dataset

__all__ = ["check", "require_possible"]

_REFERRING: Final = (
    (t.MEL_ITEMS.table, "registration"),
    (t.MAINTENANCE_WORK_ORDERS.table, "registration"),
    (t.AIRPORT_SLOTS.table, "flight_id"),
    (t.WEATHER.table, "airport"),
    (t.NOTAMS.table, "airport"),
    (t.GROUND_EQUIPMENT.table, "airport"),
    (t.COLD_CHAIN_FACILITIES.table, "airport"),
    (t.CREW_MEMBERS.table, "base"),
    (t.MAINTENANCE_STAFF.table, "base"),
)
"""Tables whose rows refer to a tail, a flight or an airport by the field named."""


def check(dataset: Dataset) -> list[Violation]:
    """Return everything about the data set that is physically impossible, illegal or dangling.

    Flight duty periods, rest and cumulative hours are judged by the calculators of
    `skymarshal.domain.ftl` under the EASA profile.
    """
    return [
        *_keys(dataset),
        *_references(dataset),
        *check_statements(dataset),
        *check_flights(dataset),
        *check_crews(dataset),
        *check_loads(dataset),
    ]


def require_possible(dataset: Dataset) -> None:
    """Do nothing if the data set could exist.

    Raises:
        ImpossibleAirlineError: With all its violations.
    """
    violations = check(dataset)
    if violations:
        raise ImpossibleAirlineError(violations)


def _keys(dataset: Dataset) -> Iterator[Violation]:
    for name, table in ALL_TABLES.items():
        keys = Counter(" ".join(table.key_of(row).values()) for row in dataset.get(name, ()))
        for key, count in keys.items():
            if count > 1:
                yield Violation(Fault.DUPLICATE_KEY, name, key, f"{count} rows")


def _references(dataset: Dataset) -> Iterator[Violation]:
    known = {
        "registration": {tail.registration for tail in rows(dataset, t.AIRCRAFT)},
        "flight_id": {flight.flight_id for flight in rows(dataset, t.FLIGHTS)},
        "airport": {airport.airport for airport in rows(dataset, t.AIRPORTS)},
    }
    known["base"] = known["airport"]
    for table, field in _REFERRING:
        for row in rows(dataset, ALL_TABLES[table.name]):
            referred = getattr(row, field)
            if referred not in known[field]:
                key = " ".join(ALL_TABLES[table.name].key_of(row).values())
                yield Violation(Fault.REFERENCE, table.name, key, f"no {referred}")
    for partner in rows(dataset, t.PARTNER_FLIGHTS):
        for code in partner.route.split("-"):
            if code not in known["airport"]:
                key = f"{partner.route} {partner.flight_number}"
                yield Violation(Fault.REFERENCE, t.PARTNER_FLIGHTS.name, key, f"no {code}")
