"""A second and independent path over the rows comes to the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from skymarshal.calculators.impact import REBOOKING_LEAD, load_business_facts
from skymarshal.calculators.knock_on import knock_on
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.assessment import Assessment, ConstraintKind
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.airline import SCENARIOS
from skymarshal.operations.records import Flight
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.reprotection import least_cost_reprotection
from skymarshal.recovery.situation import counted_assessments
from tests.unit.recovery.ledger import Books, Journeys
from tests.unit.recovery.recompute import differences
from tests.unit.recovery.sample import arbitrated, random_disruption, scenario

_TAIL_TYPES = (
    DisruptionType.LATE_INBOUND,
    DisruptionType.TECHNICAL,
    DisruptionType.BIRD_STRIKE,
    DisruptionType.GROUND_DAMAGE,
)


@pytest.fixture(scope="module")
def books(dataset) -> Books:
    return Books(dataset)


def released(
    disruption: Disruption, flight: Flight, assessments: Sequence[Assessment]
) -> dict[str, datetime]:
    """From when the planned tail can fly again, as maintenance and the report say."""
    binding = [
        constraint
        for one in counted_assessments(assessments).values()
        for constraint in one.constraints
        if constraint.binding and constraint.subject.key == flight.registration
    ]
    details = disruption.details
    at = [one.at for one in binding if one.kind is ConstraintKind.EARLIEST_DEPARTURE and one.at is not None]
    if details.delay is not None and disruption.type in _TAIL_TYPES:
        at.append(flight.std + details.delay)
    grounded = any(one.kind is ConstraintKind.AIRCRAFT_CHANGE_REQUIRED for one in binding)
    if at and not grounded:
        return {flight.registration: max(at)}
    if details.repair is not None:
        return {flight.registration: disruption.reported_at + details.repair.likely}
    if details.delay is not None:
        return {flight.registration: flight.std + details.delay}
    broken = disruption.type in _TAIL_TYPES and disruption.type is not DisruptionType.LATE_INBOUND
    return {} if broken else {flight.registration: flight.etd or flight.std}


def rebookings(
    operations: Operations, disruption: Disruption, flight: Flight, candidate: Candidate, free: dict
) -> list[Journeys]:
    """On which flights each passenger is rebooked: in order of priority, and at the least cost."""
    facts = load_business_facts(operations, flight, [candidate.registration or flight.registration])
    moved = knock_on(facts.rotation, candidate, released=free).departures
    for flight_id, at in candidate.held_flights.items():
        moved[flight_id] = max(at, moved.get(flight_id, at))
    tail = facts.rotation.aircraft.get(candidate.registration or flight.registration)
    prices = DEFAULT_POLICY.journeys.at_rates(facts.rates)
    return [
        journeys(
            given(
                facts.passengers,
                candidate,
                not_before=disruption.reported_at + REBOOKING_LEAD,
                departures=moved,
                seats=None if tail is None or tail.registration == flight.registration else tail.seats,
            )
        )
        for given in (reprotect, least_cost_reprotection(prices))
    ]


def journeys(found: Reprotection) -> Journeys:
    return {
        one.booking.segment_passenger: (tuple(leg.flight_id for leg in one.on), one.downgraded)
        for one in found.outcomes
        if one.needs_reprotection
    }


def all_differences(books: Books, tables, disruption: Disruption) -> list[str]:
    assessments, found = arbitrated(disruption, tables)
    if found.manual_review:
        return []
    flight, operations = books.flights[disruption.flight_id], Operations(tables)
    free = released(disruption, flight, assessments)
    return [
        f"{disruption}: {one.title}: {difference}"
        for one in found.solutions
        for difference in differences(
            books,
            disruption,
            one,
            free,
            rebookings(operations, disruption, flight, one.candidate, free),
        )
    ]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_of_a_scenario_is_what_the_rows_say(name: str, books, tables) -> None:
    assert all_differences(books, tables, scenario(name, tables)) == []


@pytest.mark.parametrize("part", range(4))
def test_every_number_of_random_disruptions_is_what_the_rows_say(part: int, books, dataset, tables) -> None:
    random = Random(f"numbers-{part}")
    for number in range(10):
        assert all_differences(books, tables, random_disruption(dataset, random, number)) == []


@pytest.mark.parametrize(
    ("category", "name"),
    [("care", "meal"), ("reprotection", "rebooking"), ("fx", "EUR-USD"), ("crew", "crew_per_duty_hour#A321")],
)
def test_a_rate_that_is_another_in_the_rows_is_noticed(category: str, name: str, dataset, tables) -> None:
    dearer = [
        replace(row, value=row.value * 2) if (row.category, row.name) == (category, name) else row
        for row in dataset["CostParameters"]
    ]
    other = Books({**dataset, "CostParameters": dearer})
    found = [
        difference
        for one in SCENARIOS
        for difference in all_differences(other, tables, scenario(one, tables))
    ]
    assert found
