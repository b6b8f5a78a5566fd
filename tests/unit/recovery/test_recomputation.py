"""A second and independent path over the rows comes to the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from skymarshal.calculators.impact import REBOOKING_LEAD, load_business_facts
from skymarshal.calculators.knock_on import knock_on
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.arbitration import Arbitration, Solution
from skymarshal.domain.assessment import Assessment, AssessmentStatus, ConstraintKind
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import SCENARIOS
from skymarshal.operations.records import Flight, Record
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.reprotection import least_cost_reprotection
from skymarshal.recovery.situation import counted_assessments
from tests.unit.agents import business_rows, rows
from tests.unit.recovery.ledger import Books, Journeys
from tests.unit.recovery.plan_numbers import on_board, plan_differences
from tests.unit.recovery.recompute import confidence, differences
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
    tails = [candidate.registration or flight.registration]
    facts = load_business_facts(operations, flight, tails, disruption=disruption)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A disruption with what is offered for it, and for each solution the ways to rebook its passengers."""

    disruption: Disruption
    flight: Flight
    assessments: tuple[Assessment, ...]
    decision: Arbitration
    solutions: tuple[Solution, ...]
    released: dict[str, datetime]
    rebookings: tuple[list[Journeys], ...]


def solved(books: Books, tables: InMemoryTables, disruption: Disruption) -> Solved:
    assessments, found = arbitrated(disruption, tables)
    flight, operations = books.flights[disruption.flight_id], Operations(tables)
    free = released(disruption, flight, assessments)
    solutions = () if found.manual_review else found.solutions
    return Solved(
        disruption=disruption,
        flight=flight,
        assessments=assessments,
        decision=found,
        solutions=solutions,
        released=free,
        rebookings=tuple(
            rebookings(operations, disruption, flight, one.candidate, free) for one in solutions
        ),
    )


def all_differences(books: Books, found: Solved) -> list[str]:
    counted = counted_assessments(found.assessments).values()
    sure = [one.confidence for one in counted if one.status is AssessmentStatus.COMPLETED]
    return [
        f"{found.disruption}: {one.title}: {difference}"
        for one, ways in zip(found.solutions, found.rebookings, strict=True)
        for difference in (
            *differences(books, found.disruption, one, found.released, ways),
            *plan_differences(
                found.disruption,
                found.assessments,
                found.flight.registration,
                one,
                on_board(books, found.flight, one.candidate.registration),
            ),
            *(
                [f"confidence: {one.confidence} stated, {confidence(sure, one)} computed"]
                if abs(one.confidence - confidence(sure, one)) > 0.0011
                else []
            ),
        )
    ]


@pytest.fixture(scope="module")
def scenarios(books, tables) -> dict[str, Solved]:
    return {name: solved(books, tables, scenario(name, tables)) for name in SCENARIOS}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_of_a_scenario_is_what_the_rows_say(name: str, books, scenarios) -> None:
    assert scenarios[name].solutions
    assert all_differences(books, scenarios[name]) == []


@pytest.mark.parametrize("part", range(4))
def test_every_number_of_random_disruptions_is_what_the_rows_say(part: int, books, dataset, tables) -> None:
    random = Random(f"numbers-{part}")
    for number in range(8):
        found = solved(books, tables, random_disruption(dataset, random, number))
        assert all_differences(books, found) == []


@pytest.mark.parametrize(
    ("category", "name"),
    [("care", "meal"), ("reprotection", "rebooking"), ("fx", "EUR-USD"), ("crew", "reserve_call_out")],
)
def test_a_rate_that_is_another_in_the_rows_is_noticed(category: str, name: str, dataset, scenarios) -> None:
    dearer = [
        replace(row, value=row.value * 2) if (row.category, row.name) == (category, name) else row
        for row in dataset["CostParameters"]
    ]
    other = Books({**dataset, "CostParameters": dearer})
    assert any(all_differences(other, found) for found in scenarios.values())


def late(flight: Flight, hours: float, type_: DisruptionType) -> Disruption:
    """Reported four hours ahead, so that the crew can still be told to report later."""
    reported = flight.std - timedelta(hours=4)
    details = DisruptionDetails(delay=timedelta(hours=hours))
    return replace(rows.disruption(type_, details=details), flight_id=flight.flight_id, reported_at=reported)


EDINBURGH = rows.leg("EY611", "LHR", "EDI", rows.z(13), 1, registration="A6-AEA", seats_sold={"economy": 100})
EVENING = rows.leg("EY615", "LHR", "EDI", rows.z(19), 1, registration="A6-AEA", seats_sold={"economy": 100})


@pytest.mark.parametrize("type_", [DisruptionType.CREW, DisruptionType.WEATHER, DisruptionType.STRIKE])
@pytest.mark.parametrize("hours", [0.5, 2, 3.5, 4.5])
@pytest.mark.parametrize("backwards", [False, True])
def test_every_number_of_the_agents_own_flights_is_what_the_rows_say(type_, hours, backwards) -> None:
    """The flight to London with some who go on, or the one back, from a country whose regime covers it."""
    back = rows.outbound_return()
    flight = back if backwards else rows.flight()
    onward = [] if backwards else business_rows.travellers(4, flight, EDINBURGH)
    bookings = [*onward, *business_rows.travellers(12, flight, first=40)]
    cargo = [business_rows.shipment("607-1", hours_left=16.0), business_rows.shipment("607-2", shcs=("CAO",))]
    known: dict[str, list[Record]] = {
        "Flights": [rows.inbound(), rows.flight(), back, EDINBURGH, EVENING],
        "Bookings": bookings,
        "Passengers": business_rows.people(bookings),
        "Aircraft": [rows.aircraft(), rows.aircraft("A6-AEA", location="LHR")],
        "Airports": business_rows.airports(),
        "MinimumConnectionTimes": [business_rows.minimum("AUH", 60), business_rows.minimum("LHR", 75)],
        "PartnerFlights": [business_rows.partner("BA74", "AUH-LHR", rows.z(10), 7, {"economy": 6})],
        "CargoShipments": cargo,
        "CargoFlightAssignments": business_rows.loaded("607-1", "607-2", flight_id=flight.flight_id),
        "CostParameters": [
            *business_rows.rates(),
            business_rows.rate("reprotection", "partner_seat_km#business", "0.3"),
        ],
        "CrewRoster": rows.roster(
            flight_id=flight.flight_id,
            duty_flights=(flight.flight_id,),
            report=flight.std - timedelta(minutes=75),
            report_airport=flight.origin,
            debrief=flight.sta + timedelta(minutes=30),
        ),
    }
    tables, books = business_rows.tables(**known), Books(known)
    found = solved(books, tables, late(flight, hours, type_))
    assert found.solutions
    assert all_differences(books, found) == []
