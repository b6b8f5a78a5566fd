"""What is done for those who would miss a connection: other flights from the origin, flights that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome
from skymarshal.domain.assessment import AgentName, ConstraintKind
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.records import Notam
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.situation import Situation, counted_assessments
from skymarshal.recovery.table_evaluation import TableEvaluator
from tests.unit.agents import business_rows, rows
from tests.unit.agents.business_rows import minimum, travellers
from tests.unit.agents.rows import disruption, leg, z
from tests.unit.recovery.builders import (
    FLIGHT,
    ScriptedEvaluator,
    assessment,
    at,
    flight,
    forbidden,
    situation,
)
from tests.unit.recovery.sample import arbitrated, assessed, scenario

LONDON = rows.flight()
EARLIER = leg(
    "EY11", "AUH", "LHR", z(6), 7, registration="A6-AEB", seats_sold={"business": 28, "economy": 259}
)
BOOKED = leg("EY611", "LHR", "EDI", z(13), 1, seats_sold={"economy": 100}, registration="A6-AEA")
SOONER = leg("EY613", "LHR", "EDI", z(15), 1, seats_sold={"economy": 100}, registration="A6-AEA")
LATER = leg("EY615", "LHR", "EDI", z(19), 1, seats_sold={"economy": 100}, registration="A6-AEA")

LATE = disruption(DisruptionType.ATC, details=DisruptionDetails(delay=timedelta(hours=4, minutes=30)))


def tables(**changes) -> InMemoryTables:
    """Five passengers go on to Edinburgh; another flight to London leaves before the late one."""
    return business_rows.tables(
        Flights=[rows.inbound(), LONDON, rows.outbound_return(), EARLIER, BOOKED, SOONER, LATER],
        Bookings=[*travellers(5, LONDON, BOOKED), *travellers(20, LONDON, first=50)],
        Aircraft=[rows.aircraft(), rows.aircraft("A6-AEA", location="LHR"), rows.aircraft("A6-AEB")],
        MinimumConnectionTimes=[minimum("AUH", 60), minimum("LHR", 75)],
        **changes,
    )


def evaluator(operations: Operations) -> tuple[TableEvaluator, Situation]:
    found = situation(disruption=LATE, flight=LONDON, crew={})
    return TableEvaluator(found, operations, DEFAULT_POLICY), found


def test_who_would_miss_a_connection_leaves_on_the_seats_of_an_earlier_flight_from_the_origin() -> None:
    made, found = evaluator(Operations(tables()))
    late = found.operating(z(8, 30))
    (rerouted,) = [one for one in made.variants(late) if one.kind is CandidateKind.REROUTE]
    impact = made.impact(rerouted)
    # Three economy seats on EY11: three arrive with EY613 at 16:00Z, two wait for EY615.
    assert (impact.needing_reprotection, impact.reprotected, impact.rerouted) == (5, 5, 3)
    assert made.impact(late).rerouted == 0
    assert made.refined(rerouted).rerouted == 3


def test_nobody_is_rerouted_where_that_brings_nobody_sooner() -> None:
    full = [replace(EARLIER, seats_sold={"business": 28, "economy": 262})]
    others = [rows.inbound(), LONDON, rows.outbound_return(), BOOKED, SOONER, LATER]
    made, found = evaluator(
        Operations(
            business_rows.tables(
                Flights=[*others, *full],
                Bookings=travellers(5, LONDON, BOOKED),
                Aircraft=[rows.aircraft(), rows.aircraft("A6-AEA", location="LHR"), rows.aircraft("A6-AEB")],
            )
        )
    )
    assert all(one.kind is not CandidateKind.REROUTE for one in made.variants(found.operating(z(8, 30))))


def test_a_rerouting_is_offered_with_the_flights_and_the_steps_that_it_takes() -> None:
    found = _decided(tables())
    offered = [one for one in found.solutions if one.candidate.kind is CandidateKind.REROUTE]
    assert offered
    assert "reroute 3 passengers from AUH" in offered[0].title
    assert "3 passengers who would misconnect arrive sooner on other flights." in offered[0].pros
    assert any("Call 3 of them to other flights from AUH" in step.action for step in offered[0].plan.steps)


def _decided(read: InMemoryTables) -> Arbitration:
    operations = Operations(read)
    heard = counted_assessments(assessed(LATE, read))
    crew = {row.crew_id: row.role for row in operations.crew_of_flight(LONDON.flight_id)}
    found = Situation(disruption=LATE, flight=LONDON, crew=crew, assessments=heard)
    return decide(found, TableEvaluator(found, operations, DEFAULT_POLICY), DEFAULT_POLICY)


@pytest.fixture(scope="module")
def sample(dataset) -> InMemoryTables:
    return InMemoryTables(dataset)


def _holding(found: Arbitration):
    return [one for one in found.solutions if one.candidate.held_flights]


def test_flights_wait_where_that_saves_more_than_it_costs(sample) -> None:
    found = arbitrated(scenario("connections", sample), sample)[1]
    (holding,) = _holding(found)
    plain = next(
        one for one in found.solutions if one.candidate.kind is CandidateKind.DELAY and one != holding
    )
    assert holding.candidate.off_block == plain.candidate.off_block
    assert holding.cost_usd[1] < plain.cost_usd[1]
    count = len(holding.candidate.held_flights)
    named = [number.partition("-")[0] for number in holding.candidate.held_flights]
    assert all(f"{number} until" in holding.title for number in named)
    for number in named:
        assert any(check.text.startswith(f"{number} held: ") for check in holding.checks)
        assert any(step.action.startswith(f"Hold {number} until") for step in holding.plan.steps)
    figures = {one.name: one.likely for one in holding.impacts}
    assert figures["connecting_flights_held"] == count
    assert figures["later_flights_hit"] >= count


def test_no_flight_waits_longer_than_it_may(sample) -> None:
    found = arbitrated(scenario("connections", sample), sample)[1]
    operations = Operations(sample)
    for one in _holding(found):
        for flight_id, until in one.candidate.held_flights.items():
            assert timedelta(0) < until - operations.flight(flight_id).std <= timedelta(hours=1)


def test_a_flight_that_may_not_leave_later_is_not_held_and_the_record_says_why(dataset) -> None:
    plain = InMemoryTables(dataset)
    (holding,) = _holding(arbitrated(scenario("connections", plain), plain)[1])
    until = min(holding.candidate.held_flights.values())
    closed = Notam(
        airport="AUH",
        notam_id="A0001/26",
        effect="airport_closed",
        valid_from=until - timedelta(minutes=5),
        valid_to=until + timedelta(hours=1),
        text="AD CLSD",
    )
    read = InMemoryTables({**dataset, "Notams": [*dataset["Notams"], closed]})
    found = arbitrated(scenario("connections", read), read)[1]
    assert not _holding(found)
    fallen = [one for one in found.rejected if one.candidate.held_flights]
    assert fallen
    assert all(any(c.outcome is CheckOutcome.BROKEN for c in one.broken) for one in fallen)
    assert all("held: " in one.reason for one in fallen)


def test_a_night_at_the_end_of_a_held_flight_is_held_at_its_landing() -> None:
    """EY611 lands at Edinburgh at 13:45Z, a quarter of an hour before it is on the blocks."""
    night = rows.curfew("EDI", "NIGHT", "14:00-16:00", "arrival", "hard")
    made, found = evaluator(Operations(tables(AirportCurfews=[night])))
    for until, kept in ((z(13, 14), True), (z(13, 15), False)):
        held = replace(found.operating(z(6)), held_flights={BOOKED.flight_id: until})
        broken = [one for one in made.checks(held) if one.outcome is CheckOutcome.BROKEN]
        assert (not any(one.text.startswith("EY611 held: EDI 14:00-16:00") for one in broken)) is kept


def test_a_flight_that_a_closure_stops_is_not_held() -> None:
    closed = rows.notam("EDI", "airport_closed", z(13, 30), z(14, 30))
    made, found = evaluator(Operations(tables(Notams=[closed])))
    assert not [one for one in made.variants(found.operating(z(5))) if one.held_flights]


def test_nothing_waits_where_finance_cannot_say_what_it_saves(sample) -> None:
    disrupted = scenario("connections", sample)
    heard = counted_assessments(assessed(disrupted, sample))
    del heard[AgentName.FINANCE]
    operations = Operations(sample)
    row = operations.flight(disrupted.flight_id)
    found = Situation(disruption=disrupted, flight=row, crew={}, assessments=heard)
    made = TableEvaluator(found, operations, DEFAULT_POLICY)
    late = found.operating(row.std + timedelta(minutes=50))
    assert all(not one.held_flights for one in made.variants(late))


@pytest.mark.parametrize(
    ("status", "closed", "told"),
    [
        ("scheduled", False, ["Other routings"]),
        ("scheduled", True, ["Other routings", "From an alternate"]),
        ("departed", False, ["A diversion in flight"]),
    ],
)
def test_what_no_table_can_answer_is_named_as_left_out(status, closed, told) -> None:
    shut = forbidden(at(12), at(13), kind=ConstraintKind.AIRPORT_CLOSED, subject=FLIGHT)
    regulatory = assessment(AgentName.REGULATORY, constraints=(shut,) if closed else ())
    found = decide(situation(regulatory, flight=flight(status=status)), ScriptedEvaluator(), DEFAULT_POLICY)
    said = [*found.search_limits, *found.solutions[0].recommendations]
    for one in ("Other routings", "From an alternate", "A diversion in flight"):
        assert any(one in line for line in said) is (one in told)


def test_a_cancellation_without_passengers_delays_nobody() -> None:
    read = business_rows.tables(
        Flights=[rows.inbound(), rows.flight(service="freighter"), rows.outbound_return()], Bookings=[]
    )
    made, found = evaluator(Operations(read))
    cancelled = replace(found.operating(z(8)), kind=CandidateKind.CANCEL, off_block=None, on_block=None)
    assert made.impact(cancelled).passenger_delay == timedelta(0)
