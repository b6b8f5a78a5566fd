"""The situations that the scenarios describe, exactly as they describe them.

A scenario hands its report and its rows to the fixture that asks the agents. Here the same functions run with
fixtures that ask too and write down what they were handed, so that what is tested elsewhere on the same
situations cannot drift from what the scenarios argue. Tables that a scenario does not speak of are filled in:
travellers and rates where it is about safety, a crew and a tail at hand where it is about business.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from skymarshal.domain.disruption import Disruption
from skymarshal.operations import InMemoryTables
from skymarshal.operations.records import Flight, Record
from tests.unit.agents import business_rows, conftest, rows
from tests.unit.agents.scenarios import test_business_scenarios, test_safety_scenarios

Rows = dict[str, Sequence[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One report on one set of rows, named after the scenario that argues it."""

    name: str
    disruption: Disruption
    dataset: Rows


def scenarios() -> dict[str, Callable[..., None]]:
    """Every scenario by its name in words."""
    return {
        name.removeprefix("test_").replace("_", " "): function
        for module in (test_safety_scenarios, test_business_scenarios)
        for name, function in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(function)
    }


@cache
def situations() -> tuple[Situation, ...]:
    """Every situation of every scenario, each once; some scenarios compare two."""
    return tuple(
        Situation(
            name=f"{name} ({number})" if len(handed) > 1 else name, disruption=disruption, dataset=dataset
        )
        for name, scenario in scenarios().items()
        for handed in [_handed(scenario)]
        for number, (disruption, dataset) in enumerate(handed, start=1)
    )


def _handed(scenario: Callable[..., None]) -> list[tuple[Disruption, Rows]]:
    handed: list[tuple[Disruption, Rows]] = []

    def note(disruption: Disruption, dataset: Rows) -> None:
        if (disruption, dataset) not in handed:
            handed.append((disruption, dataset))

    def ask(name: Any, disruption: Disruption, tables: InMemoryTables) -> Any:
        note(disruption, _with_passengers(disruption, tables))
        return conftest.ask_one(name, disruption, tables)

    def both_phases(disruption: Disruption, tables: InMemoryTables) -> Any:
        note(disruption, _with_passengers(disruption, tables))
        return conftest.ask_twice(disruption, tables)

    def both(reported: Disruption, **changes: Iterable[Record]) -> Any:
        note(reported, _with_crew(reported, changes))
        return test_business_scenarios.ask_twice(reported, **changes)

    fixtures = {"ask": ask, "both_phases": both_phases, "both": both}
    wanted = inspect.signature(scenario).parameters
    for arguments in _parameters(scenario):
        scenario(**{name: fixtures[name] for name in wanted if name in fixtures}, **arguments)
    return handed


def _parameters(scenario: Callable[..., None]) -> Iterator[dict[str, object]]:
    marks = [mark for mark in getattr(scenario, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        yield {}
    for mark in marks:
        names, values = mark.args
        for row in values:
            yield dict(zip(names, row, strict=True))


def _with_passengers(disruption: Disruption, tables: InMemoryTables) -> Rows:
    assert isinstance(tables, rows.Tables)
    flight = _flight(disruption, tables.dataset["Flights"])
    bookings = [] if flight is None else business_rows.travellers(10, flight)
    return business_rows.tables(**(tables.dataset | {"Bookings": bookings})).dataset


def _with_crew(disruption: Disruption, changes: dict[str, Iterable[Record]]) -> Rows:
    dataset = business_rows.tables(**changes).dataset
    flight = _flight(disruption, dataset["Flights"])
    if flight is None or flight.flight_id == rows.FLIGHT_ID:
        return dataset
    before = flight.std - timedelta(days=1)
    own: dict[str, Iterable[Record]] = {
        "CrewRoster": rows.roster(
            flight_id=flight.flight_id,
            duty_flights=(flight.flight_id,),
            report=flight.std - timedelta(minutes=75),
            report_airport=flight.origin,
            debrief=flight.sta + timedelta(minutes=30),
        ),
        "Aircraft": [
            rows.aircraft(flight.registration, location=flight.origin, available_from=before),
            *(rows.aircraft(tail) for tail in (rows.TAIL, "A6-AEA") if tail != flight.registration),
        ],
        "Weather": [
            rows.forecast(code, before, before + timedelta(days=1.5), issued_at=before)
            for code in (flight.origin, flight.destination)
        ]
        + [
            rows.forecast(code, before + timedelta(days=1.5), before + timedelta(days=3), issued_at=before)
            for code in (flight.origin, flight.destination)
        ],
    }
    return business_rows.tables(**(own | changes)).dataset


def _flight(disruption: Disruption, flights: Iterable[Record]) -> Flight | None:
    found = (one for one in flights if isinstance(one, Flight))
    return next((one for one in found if one.flight_id == disruption.flight_id), None)
