from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from skymarshal.calculators.knock_on import RotationFacts, knock_on, load_rotation_facts
from skymarshal.calculators.line_swaps import swaps
from skymarshal.operations import Operations
from skymarshal.operations.records import Record
from tests.unit.agents import rows
from tests.unit.agents.business_rows import delayed
from tests.unit.agents.rows import TAIL, aircraft, flight, inbound, leg, outbound_return, z
from tests.unit.calculators.builders import cancelled, late

SPARE = "A6-BLZ"
NEXT_DAY = leg("EY283", "AUH", "LHR", z(4, day=11), 7)


def facts(*others: str, **changes: Iterable[Record]) -> RotationFacts:
    flights = {"Flights": [inbound(), flight(), outbound_return(), NEXT_DAY]}
    return load_rotation_facts(Operations(rows.tables(**(flights | changes))), flight(), others)


def test_the_ground_time_above_the_turnaround_absorbs_the_delay() -> None:
    # 11:00Z to 14:00Z on the ground, 75 minutes of it needed: 105 minutes are spare.
    assert knock_on(facts(), late(flight(), 105)).delayed == ()
    following = knock_on(facts(), late(flight(), 106))
    assert [(one.flight.flight_id, one.delay) for one in following.delayed] == [
        ("EY286-2026-03-10", delayed(1))
    ]


def test_the_delay_goes_on_until_a_later_ground_time_absorbs_it() -> None:
    # EY286 lands at 21:00Z and the tail leaves again at 04:00Z: 345 spare minutes.
    following = knock_on(facts(), late(flight(), 300))
    assert [one.delay for one in following.delayed] == [delayed(195)]
    assert following.absorbed_at == NEXT_DAY.flight_id
    assert knock_on(facts(), late(flight(), 500)).flights_hit == 2


def test_a_cancelled_flight_strands_the_flights_until_the_tail_is_back() -> None:
    following = knock_on(facts(), cancelled(flight()))
    assert [one.flight_id for one in following.cancelled] == [outbound_return().flight_id]


def test_a_spare_without_flights_of_its_own_goes_on_with_the_line() -> None:
    spare = aircraft(SPARE, status="spare")
    following = knock_on(facts(SPARE, Aircraft=[aircraft(), spare]), late(flight(), 120, tail=SPARE))
    assert [one.delay for one in following.delayed] == [delayed(15)]
    assert following.uncovered == ()


def test_a_tail_that_is_back_in_time_flies_the_trip_and_then_its_own_line() -> None:
    its_own = leg("EY73", "AUH", "FRA", z(23), 7, registration=SPARE)
    known = facts(
        SPARE,
        Aircraft=[aircraft(), aircraft(SPARE)],
        Flights=[inbound(), flight(), outbound_return(), NEXT_DAY, its_own],
    )
    swap = late(flight(), 0, tail=SPARE)
    assert [one.flight_id for one in knock_on(known, swap).uncovered] == [NEXT_DAY.flight_id]
    assert knock_on(known, swap, released={TAIL: z(20)}).flights_hit == 0


def test_a_tail_that_is_not_back_changes_lines_with_the_broken_one() -> None:
    its_own = leg("EY73", "AUH", "FRA", z(6), 7, registration=SPARE)
    known = facts(
        SPARE,
        Aircraft=[aircraft(), aircraft(SPARE)],
        Flights=[inbound(), flight(), outbound_return(), NEXT_DAY, its_own],
    )
    swap = late(flight(), 0, tail=SPARE)
    assert [one.flight_id for one in knock_on(known, swap).uncovered] == [its_own.flight_id]
    following = knock_on(known, swap, released={TAIL: z(7)})
    assert [(one.flight.flight_id, one.delay) for one in following.delayed] == [
        (its_own.flight_id, delayed(60))
    ]


def test_a_crew_whose_rest_is_not_over_is_named_and_its_flight_not_delayed() -> None:
    # Debrief at 11:30Z after 8:45 h of duty; 12 h of rest at home base: 23:30Z at the earliest.
    next_duty = leg("EY31", "AUH", "FRA", z(1, day=11), 7, registration="A6-BLX")
    again = rows.assignment("CPT1", "captain", flight_id=next_duty.flight_id, report=z(0, day=11))
    roster = [rows.assignment("CPT1", "captain", next_report=z(0, day=11)), again]
    known = facts(CrewRoster=roster, Flights=[inbound(), flight(), next_duty])
    assert knock_on(known, late(flight(), 30)).rest_shortfalls == ()
    following = knock_on(known, late(flight(), 60))
    (short,) = following.rest_shortfalls
    assert (short.crew_id, short.earliest_report) == ("CPT1", z(0, 30, day=11))
    assert short.next_flight_id == next_duty.flight_id
    assert (following.flights_hit, following.flights_short_of_crew) == (0, 1)


def test_a_replaced_crew_member_is_not_held_by_the_flight() -> None:
    roster = [rows.assignment("CPT1", "captain", next_report=z(0, day=11))]
    known = facts(CrewRoster=roster)
    candidate = late(flight(), 60)
    candidate.replaced_crew["CPT1"] = "R1"
    assert knock_on(known, candidate).rest_shortfalls == ()


def test_without_the_tails_row_the_turnaround_is_unknown() -> None:
    following = knock_on(facts(Aircraft=[]), late(flight(), 300))
    assert following.delayed == ()
    assert [(one.table, one.key) for one in following.unknowns] == [("Aircraft", TAIL)]


def test_tails_at_the_origin_can_change_lines_and_others_cannot() -> None:
    elsewhere = aircraft("A6-BLX", location="LHR")
    known = facts(SPARE, "A6-BLX", Aircraft=[aircraft(), aircraft(SPARE, status="spare"), elsewhere])
    (swap,) = swaps(known, not_before=z(3))
    assert (swap.registration, swap.ready, swap.needed_back) == (SPARE, z(3), None)


@given(st.integers(min_value=0, max_value=900), st.integers(min_value=0, max_value=300))
def test_a_longer_delay_never_hits_less(minutes: int, more: int) -> None:
    known = facts()
    sooner, later = (knock_on(known, late(flight(), m)) for m in (minutes, minutes + more))
    assert sooner.total_delay <= later.total_delay
    assert sooner.flights_hit <= later.flights_hit
