"""Landing at an alternate while the destination is shut: computed as far as rows and event go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, RejectedCandidate
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType, Position, ReportedAlternate
from skymarshal.operations import Operations
from skymarshal.recovery.feasibility import check_constraints, is_feasible
from skymarshal.recovery.pareto import Scored
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.scoring import score
from skymarshal.recovery.situation import Situation, counted_assessments
from skymarshal.recovery.solutions import solution
from skymarshal.recovery.table_evaluation import TableEvaluator
from tests.unit.agents import business_rows, rows
from tests.unit.agents.rows import disruption, leg, z
from tests.unit.recovery.ledger import Books
from tests.unit.recovery.legality import faults
from tests.unit.recovery.recompute import differences
from tests.unit.recovery.sample import SAFETY, arbitrated, assessed, random_disruption
from tests.unit.recovery.test_recomputation import all_differences, rebookings, solved

MINUTE = timedelta(minutes=1)
REOPENS = z(13)
FRANKFURT = ReportedAlternate(
    airport="FRA",
    runway_suits=True,
    traffic_rights=True,
    handling_start=z(6),
    handling_end=z(22),
    charges_usd=Decimal(9_000),
)
EDINBURGH = leg("EY611", "LHR", "EDI", z(13), 1, registration="A6-AEA", seats_sold={"economy": 100})
SERVED = [
    leg("EY31", "AUH", "FRA", z(5), 6.5, registration="A6-AEA"),
    leg("EY101", "AUH", "JFK", z(5), 14, registration="A6-AEA"),
]


def shut(
    *alternates: ReportedAlternate,
    until: datetime = REOPENS,
    leaves_by: datetime | None = None,
    status: str = "scheduled",
    **details: object,
):
    """London is shut from 10:00Z; Abu Dhabi takes no departure from `leaves_by` until late, if at all."""
    bookings = [
        *business_rows.travellers(4, rows.flight(), EDINBURGH),
        *business_rows.travellers(9, rows.flight(), first=40),
    ]
    notams = [rows.notam("LHR", "airport_closed", z(10), until)]
    if leaves_by is not None:
        notams.append(rows.notam("AUH", "airport_closed", leaves_by, z(2, day=12)))
    dataset = business_rows.tables(
        Flights=[rows.inbound(), rows.flight(status=status), rows.outbound_return(), EDINBURGH, *SERVED],
        Bookings=bookings,
        Aircraft=[rows.aircraft(), rows.aircraft("A6-AEA", location="LHR")],
        Notams=notams,
        Weather=[*rows.fair("AUH"), *rows.fair("LHR"), *rows.fair("FRA")],
        MinimumConnectionTimes=[business_rows.minimum("AUH", 60), business_rows.minimum("LHR", 75)],
    )
    event = disruption(
        DisruptionType.AIRPORT_CLOSURE,
        airport="LHR",
        details=DisruptionDetails(window_start=z(10), window_end=until, alternates=alternates, **details),
    )
    return event, dataset


def fallen(found: Arbitration, airport: str = "FRA") -> list[RejectedCandidate]:
    """The diversions to an airport that are not offered."""
    return [
        one
        for one in found.rejected
        if one.candidate.kind is CandidateKind.DIVERT
        and airport in (one.candidate.destination, getattr(one.candidate.diversion, "airport", None))
    ]


def decided(*args, **changes) -> Arbitration:
    event, tables = shut(*args, **changes)
    return arbitrated(event, tables)[1]


def test_an_alternate_of_which_nobody_says_more_falls_by_just_the_facts_that_are_missing() -> None:
    # Frankfurt is near London and served; New York is served and too far from London to stand in for it.
    (one,) = fallen(decided())
    assert not fallen(decided(), "JFK")
    there = one.candidate.diversion
    assert (one.candidate.off_block, there.airport) == (z(4), "FRA")
    # 4,879 km at 5,500 km in 6:30 h and 655 km on, each with half an hour of taxi; 75 minutes of turnaround
    # at least, and London reopens at 13:00Z: the flight goes on when it
    # then lands there, to be on block at 13:15Z.
    assert (there.on_block, there.off_block, one.candidate.on_block) == (z(10, 15), z(11, 58), z(13, 15))
    assert {check.outcome for check in one.broken} == {CheckOutcome.UNKNOWN}
    named = " ".join(check.text for check in one.broken)
    for field in ("runway_suits", "traffic_rights", "handling_start", "charges_usd"):
        assert field in named
    assert one.reason.startswith("Not known: ")


def test_with_every_fact_given_it_is_offered_and_every_number_is_what_the_rows_say() -> None:
    event, tables = shut(FRANKFURT, leaves_by=z(4, 30))
    found = solved(Books(tables.dataset), tables, event)
    (only,) = [one for one in found.solutions if one.candidate.kind is CandidateKind.DIVERT]
    assert "land at FRA at 10:15Z and go on to LHR at 11:58Z" in only.title
    assert found.solutions[0] is only
    assert all_differences(Books(tables.dataset), found) == []
    assert faults(tables.dataset, event, only.candidate) == []
    assert any("FRA" in step.action for step in only.plan.steps)


def test_a_dearer_alternate_is_noticed_by_who_works_the_numbers_out_again() -> None:
    event, tables = shut(FRANKFURT, leaves_by=z(4, 30))
    found = solved(Books(tables.dataset), tables, event)
    (only,) = found.solutions[:1]
    dearer = replace(only.candidate.diversion, charges_usd=Decimal(10_000))
    told = replace(only, candidate=replace(only.candidate, diversion=dearer))
    assert all_differences(Books(tables.dataset), replace(found, solutions=(told, *found.solutions[1:])))


@pytest.mark.parametrize(
    "missing",
    [
        {"runway_suits": None},
        {"runway_suits": False},
        {"traffic_rights": None},
        {"traffic_rights": False},
        {"handling_start": None},
        {"handling_end": z(11)},
        {"charges_usd": None},
    ],
)
def test_one_fact_missing_or_against_it_is_enough_to_keep_it_from_being_offered(missing) -> None:
    found = decided(replace(FRANKFURT, **missing), leaves_by=z(4, 30))
    assert all(one.candidate.kind is not CandidateKind.DIVERT for one in found.solutions)
    (one,) = fallen(found)
    (check,) = one.broken
    assert check.outcome is (CheckOutcome.UNKNOWN if None in missing.values() else CheckOutcome.BROKEN)


def test_the_longer_duty_and_the_longest_stop_are_computed() -> None:
    # London shut until 16:00Z: 4:43 h in Frankfurt, and the crew that reported at 02:45Z is on duty until
    # 16:15Z, 13:30 h with two sectors of 13:00 h.
    (one,) = fallen(decided(FRANKFURT, until=z(16)))
    texts = [check.text for check in one.broken]
    assert sum("FDP 13:30 exceeds 13:00" in text for text in texts) == len(rows.CREW)
    assert any("stand at FRA for 4:43" in text for text in texts)


def test_no_landing_on_the_way_is_looked_for_while_the_destination_takes_the_flight() -> None:
    event, tables = shut(FRANKFURT)
    calm = replace(
        event, type=DisruptionType.CURFEW_SLOT, details=DisruptionDetails(delay=timedelta(hours=3))
    )
    assert fallen(arbitrated(calm, tables)[1]) == []


def test_it_leaves_and_goes_on_at_the_first_minute_that_anything_allows() -> None:
    event, tables = shut(FRANKFURT, until=z(12, 37))
    (one,) = fallen(arbitrated(event, tables)[1])
    first, second = Books(tables.dataset).sectors(rows.flight(), "FRA")
    off_block = rows.STD
    ready = off_block + first + timedelta(minutes=75)
    taxi = timedelta(minutes=15)
    onward = next(
        at
        for at in (ready + n * MINUTE for n in range(600))
        if not z(10) <= at + second - taxi < z(12, 37) and not z(10) <= at + second < z(12, 37)
    )
    there = one.candidate.diversion
    assert (one.candidate.off_block, there.off_block) == (off_block, onward)


def test_a_flight_in_the_air_shows_its_alternates_and_leaves_the_decision_to_its_commander() -> None:
    found = decided(FRANKFURT, status="departed")
    assert found.manual_review
    (one,) = fallen(found)
    assert one.title == "Divert EY283 to FRA"
    assert "details.position" in one.reason


@pytest.mark.parametrize(
    ("endurance", "outcome"), [(timedelta(minutes=61), "fuel"), (timedelta(minutes=62), None)]
)
def test_a_position_and_the_fuel_on_board_say_whether_it_is_reached(endurance, outcome) -> None:
    # From 48 N 20 E to Frankfurt it is 863 km: 62 minutes at 846 km/h, to the minute above.
    there = replace(FRANKFURT, handling_start=z(3))
    found = decided(there, status="departed", position=Position(lat=48, lon=20), endurance=endurance)
    (one,) = fallen(found)
    assert found.manual_review
    assert ("fuel lasts" in one.reason) is (outcome == "fuel")
    if outcome is None:
        assert "commander decides" in one.reason


def test_every_diversion_that_could_be_flown_is_legal_and_adds_up_over_random_closures(
    dataset, tables
) -> None:
    # To wait at the gate is nearly always cheaper, so most are never offered; they have to hold all the same.
    random, books, flown = Random("diversions"), Books(dataset), 0
    for number in range(1_000):
        if flown >= 3:
            break
        event = random_disruption(dataset, random, number)
        flight = books.flights[event.flight_id]
        if event.airport != flight.destination or not event.details.alternates:
            continue
        heard = counted_assessments(assessed(event, tables, SAFETY))
        crew = {row.crew_id: row.role for row in dataset["CrewRoster"] if row.flight_id == flight.flight_id}
        found = Situation(disruption=event, flight=flight, crew=crew, assessments=heard)
        evaluator = TableEvaluator(found, Operations(tables), DEFAULT_POLICY)
        for candidate in evaluator.diversions():
            checks = (*check_constraints(found, candidate, DEFAULT_POLICY), *evaluator.checks(candidate))
            if not is_feasible(checks):
                continue
            impact = evaluator.impact(candidate)
            scored = Scored(
                candidate=candidate,
                checks=checks,
                impact=impact,
                scores=score(checks, impact, DEFAULT_POLICY),
            )
            made = solution(found, scored, "S1", DEFAULT_POLICY)
            ways = rebookings(Operations(tables), event, flight, candidate, {})
            assert faults(dataset, event, candidate) == []
            assert differences(books, event, made, {}, ways) == []
            flown += 1
    assert flown >= 3
