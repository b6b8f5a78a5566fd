from __future__ import annotations

from collections.abc import Iterable

from skymarshal.calculators.passengers import PassengerFacts, load_passenger_facts
from skymarshal.calculators.reprotection import reprotect
from skymarshal.domain.candidate import CandidateKind
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight, Record
from tests.unit.agents.business_rows import (
    booked,
    delayed,
    minimum,
    mumbai,
    partner,
    passenger,
    people,
    tables,
    travellers,
)
from tests.unit.agents.rows import NOW, aircraft, flight, leg, z
from tests.unit.calculators.builders import cancelled, late

LATER = leg("EY61", "AUH", "LHR", z(9), 7, registration="A6-BLX", seats_sold={"economy": 261, "business": 28})
CONNECTING = [mumbai(), flight(), LATER]


def facts(of: Flight, **changes: Iterable[Record]) -> PassengerFacts:
    fleet: dict[str, Iterable[Record]] = {"Aircraft": [aircraft(), aircraft("A6-BLX")]}
    return load_passenger_facts(Operations(tables(**(fleet | changes))), of)


def test_a_missed_passenger_takes_the_earliest_arrival_with_a_seat() -> None:
    known = facts(
        mumbai(),
        Flights=CONNECTING,
        Bookings=travellers(3, mumbai(), flight()),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7, {"economy": 1})],
    )
    found = reprotect(known, late(mumbai(), 100), not_before=NOW)
    assert [[one.flight_id for one in outcome.on] for outcome in found.outcomes] == [
        [LATER.flight_id],
        ["BA74-2026-03-10"],
        [],
    ]
    assert [outcome.arrival for outcome in found.outcomes] == [LATER.sta, z(17), None]
    assert (found.needing, found.reprotected) == (3, 2)


def test_a_child_alone_gets_the_only_seat_before_a_platinum_member() -> None:
    bookings = travellers(3, mumbai(), flight())
    known = facts(
        mumbai(),
        Flights=CONNECTING,
        Bookings=bookings,
        Passengers=people(bookings, passenger("P002", "platinum"), passenger("P003", "none", "UMNR")),
    )
    found = reprotect(known, late(mumbai(), 100), not_before=NOW)
    assert [outcome.booking.passenger_id for outcome in found.outcomes if outcome.on] == ["P003"]


def test_free_seats_that_are_unknown_are_not_given_away() -> None:
    unsold = leg("EY61", "AUH", "LHR", z(9), 7, registration="A6-BLX", seats_sold=None)
    known = facts(mumbai(), Flights=[mumbai(), flight(), unsold], Bookings=travellers(1, mumbai(), flight()))
    assert reprotect(known, late(mumbai(), 100), not_before=NOW).reprotected == 0
    assert ("Flights", unsold.flight_id, "seats_sold") in [(u.table, u.key, u.field) for u in known.unknowns]


def test_a_carrier_without_an_agreement_takes_nobody() -> None:
    known = facts(flight(), PartnerFlights=[partner("6E1", "AUH-LHR", z(9), 7, interline=False)])
    assert reprotect(known, cancelled(flight()), not_before=NOW).reprotected == 0


def test_a_cancellation_on_own_flights_leaves_partners_alone() -> None:
    known = facts(flight(), PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7)])
    assert reprotect(known, cancelled(flight()), not_before=NOW).reprotected == 10
    own = reprotect(known, cancelled(flight(), CandidateKind.CANCEL), not_before=NOW)
    assert own.reprotected == 0


def test_nobody_is_moved_to_a_flight_that_leaves_too_soon() -> None:
    known = facts(flight(), PartnerFlights=[partner("BA74", "AUH-LHR", z(4, 30), 7)])
    assert reprotect(known, cancelled(flight()), not_before=z(4, 30)).reprotected == 10
    assert reprotect(known, cancelled(flight()), not_before=z(4, 31)).reprotected == 0


def test_the_rest_of_the_journey_is_kept_where_it_can_still_be_made() -> None:
    to_edinburgh = partner("BA1442", "LHR-EDI", z(19), 1.5)
    onward = booked("P001", flight(), leg("BA1442", "LHR", "EDI", z(19), 1.5, carrier="BA"))
    known = facts(
        flight(), Bookings=[onward], PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7), to_edinburgh]
    )
    (outcome,) = reprotect(known, cancelled(flight()), not_before=NOW).outcomes
    assert [one.flight_id for one in outcome.on] == ["BA74-2026-03-10"]
    assert outcome.arrival == onward.final_sta
    assert outcome.delay == delayed(0)


def test_a_flight_straight_to_the_destination_is_taken_where_it_is_sooner() -> None:
    onward = booked("P001", mumbai(), flight())
    known = facts(
        mumbai(),
        Flights=[mumbai(), flight()],
        Bookings=[onward],
        PartnerFlights=[partner("AI131", "BOM-LHR", z(1), 9.5), partner("AI1", "BOM-AUH", z(6), 3.5)],
    )
    (outcome,) = reprotect(known, cancelled(mumbai()), not_before=z(0)).outcomes
    assert [one.flight_id for one in outcome.on] == ["AI131-2026-03-10"]


def test_without_a_minimum_it_is_unknown_who_arrives() -> None:
    known = facts(
        mumbai(),
        Flights=CONNECTING,
        Bookings=travellers(1, mumbai(), flight()),
        MinimumConnectionTimes=[minimum("LHR", 75)],
    )
    (outcome,) = reprotect(known, late(mumbai(), 30), not_before=NOW).outcomes
    assert outcome.connection_unknown
    assert outcome.arrival is None
    assert not outcome.needs_reprotection


def test_a_smaller_tail_seats_by_priority_and_moves_up_before_down() -> None:
    bookings = [
        *travellers(2, flight(), cabin="business"),
        *travellers(2, flight(), first=3),
    ]
    known = facts(
        flight(),
        Bookings=bookings,
        Passengers=people(bookings, passenger("P002", "platinum"), passenger("P004", "gold")),
    )
    found = reprotect(known, late(flight(), 60), not_before=NOW, seats={"business": 1, "economy": 2})
    left = [outcome.booking.passenger_id for outcome in found.outcomes if outcome.cancelled]
    assert left == ["P001"]
    roomy = reprotect(known, late(flight(), 60), not_before=NOW, seats={"business": 1, "economy": 3})
    assert [o.booking.passenger_id for o in roomy.outcomes if o.downgraded] == ["P001"]
