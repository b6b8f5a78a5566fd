from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from skymarshal.agents.impacts import value_at
from skymarshal.calculators.connections import (
    ConnectionFacts,
    connection_facts,
    minimum_connection,
    missed_by_delay,
    missed_connections,
)
from skymarshal.operations.records import Flight
from tests.unit.agents.business_rows import delayed, minimum, mumbai, travellers
from tests.unit.agents.rows import flight, leg, z


def feeding(*onward: Flight, minutes: int | None = 60) -> ConnectionFacts:
    bookings = [one for n, to in enumerate(onward) for one in travellers(2, mumbai(), to, first=1 + 10 * n)]
    rows = [] if minutes is None else [minimum("AUH", minutes)]
    return connection_facts(mumbai(), bookings, onward, rows)


def test_a_connection_holds_exactly_at_the_minimum_and_is_missed_a_minute_later() -> None:
    facts = feeding(flight())
    assert not missed_connections(facts, z(3)).missed
    assert len(missed_connections(facts, z(3, 1)).missed) == 2


def test_without_a_minimum_a_connection_is_unknown_until_its_flight_has_left() -> None:
    facts = feeding(flight(), minutes=None)
    found = missed_connections(facts, z(2))
    assert (len(found.missed), len(found.unknown)) == (0, 2)
    assert len(missed_connections(facts, z(4)).missed) == 2
    assert [(one.table, one.field) for one in facts.unknowns] == [("MinimumConnectionTimes", "minutes")]


def test_an_onward_flight_that_leaves_later_waits_for_its_passengers() -> None:
    facts = feeding(flight())
    assert not missed_connections(facts, z(3, 30), {flight().flight_id: z(4, 30)}).missed
    expected_later = feeding(flight(etd=z(4, 30)))
    assert not missed_connections(expected_later, z(3, 30)).missed


def test_two_tickets_are_no_connection() -> None:
    bookings = travellers(2, mumbai(), flight(), single_ticket=False)
    assert connection_facts(mumbai(), bookings, [flight()], [minimum("AUH", 60)]).connections == ()


def test_the_row_that_names_the_terminal_governs() -> None:
    rows = [minimum("AUH", 60), minimum("AUH", 90, connection_type="INT-INT#USPC", terminal_to="A-USPC")]
    to_new_york = leg("EY101", "AUH", "JFK", z(4), 14, terminal="A-USPC")
    facts = connection_facts(mumbai(), travellers(1, mumbai(), to_new_york), [to_new_york], rows)
    assert [one.minimum for one in facts.connections] == [delayed(90)]
    assert (
        minimum_connection(rows, on=date(2026, 3, 10), carrier_from="EY", carrier_to="EY", terminal_to="A")
        == rows[0]
    )


@given(st.integers(min_value=0, max_value=1_440))
def test_the_curve_says_what_the_arrival_does(minutes: int) -> None:
    facts = feeding(flight(), leg("EY31", "AUH", "FRA", z(5), 7), leg("EY73", "AUH", "FRA", z(14), 7))
    found = missed_connections(facts, mumbai().sta + delayed(minutes))
    if minutes < 1_440:
        assert value_at(missed_by_delay(facts), delayed(minutes)) == len(found.missed)


@given(st.integers(min_value=0, max_value=900), st.integers(min_value=0, max_value=300))
def test_a_later_arrival_never_misses_fewer(minutes: int, more: int) -> None:
    facts = feeding(flight(), leg("EY31", "AUH", "FRA", z(5), 7))
    sooner = missed_connections(facts, mumbai().sta + delayed(minutes))
    later = missed_connections(facts, mumbai().sta + delayed(minutes + more))
    assert len(sooner.missed) <= len(later.missed)


def test_a_row_counts_on_its_days_only() -> None:
    old = minimum("AUH", 45, valid_to=date(2026, 3, 9))
    new = minimum("AUH", 75, valid_from=date(2026, 3, 10))

    def governs(day: int) -> object:
        return minimum_connection([old, new], on=date(2026, 3, day), carrier_from="EY", carrier_to="EY")

    assert governs(9) == old
    assert governs(10) == new
    assert minimum_connection([old], on=date(2026, 3, 10), carrier_from="EY", carrier_to="EY") is None
