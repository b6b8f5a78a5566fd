"""Seats go so that the sum over all passengers is the least, as trying every way confirms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from random import Random

import pytest

from skymarshal.calculators.connections import connection_facts
from skymarshal.calculators.passengers import PassengerFacts, passenger_facts
from skymarshal.calculators.reprotection import Reprotection, reprotect
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations.records import Booking
from skymarshal.recovery.journey_prices import JourneyPrices
from skymarshal.recovery.reprotection import least_cost_reprotection
from tests.unit.agents import business_rows, rows
from tests.unit.agents.business_rows import booked, minimum, partner, passenger
from tests.unit.agents.rows import leg, z

LONDON = rows.flight()
EDINBURGH = leg("EY611", "LHR", "EDI", z(13), 1, registration="A6-AEA")
PRICES = JourneyPrices(rebooking=20, seat_km={"business": 0.3, "economy": 0.1})
READY = z(4)
CABINS = ("business", "economy")
MINIMUM = timedelta(minutes=75)
TIERS = {"platinum": 90, "gold": 60, "silver": 40, "none": 25}


def sold(random: Random) -> dict[str, int]:
    return {"business": 28 - random.randint(0, 1), "economy": 262 - random.randint(0, 2)}


def flights_and_people(random: Random) -> PassengerFacts:
    """Up to five passengers of a cancelled flight, some going on, and a handful of scarce seats."""
    own = [
        leg("EY11", "AUH", "LHR", z(6), 7, registration="A6-AEA", seats_sold=sold(random)),
        leg("EY13", "AUH", "LHR", z(9), 7, registration="A6-AEA", seats_sold=sold(random)),
        leg("EY613", "LHR", "EDI", z(16), 1, registration="A6-AEA", seats_sold=sold(random)),
        leg("EY615", "LHR", "EDI", z(19), 1, registration="A6-AEA", seats_sold=sold(random)),
    ]
    partners = [partner("BA71", "AUH-EDI", z(8), 8, {"economy": random.randint(0, 1)})]
    people = [
        (
            booked(
                f"P{number}",
                LONDON,
                *([EDINBURGH] if random.random() < 0.5 else []),
                cabin=random.choice(CABINS),
                fare=Decimal(random.randint(200, 3000)),
            ),
            passenger(f"P{number}", random.choice(list(TIERS)), *(["WCHR"] if random.random() < 0.2 else [])),
        )
        for number in range(random.randint(1, 5))
    ]
    bookings = [booking for booking, _ in people]
    return passenger_facts(
        LONDON,
        bookings,
        passengers=[person for _, person in people],
        airports=business_rows.airports(),
        connections=connection_facts(LONDON, bookings, [EDINBURGH], [minimum("LHR", 75)]),
        own_flights=own,
        fleet=[rows.aircraft("A6-AEA")],
        partner_flights=partners,
    )


def ways(facts: PassengerFacts, booking: Booking) -> Iterator[tuple[list[tuple[str, str]], datetime]]:
    """Every journey with the seats it takes and its arrival, written out flight by flight."""
    for first in facts.alternatives.get(("AUH", "LHR"), ()):
        for cabin in CABINS:
            if len(booking.segments) == 1:
                yield [(first.flight_id, cabin)], first.arrives
                continue
            ready = first.arrives + MINIMUM
            if ready <= EDINBURGH.std:
                yield [(first.flight_id, cabin)], EDINBURGH.sta
                continue
            for second in facts.alternatives.get(("LHR", "EDI"), ()):
                if second.departs >= ready:
                    for other in CABINS:
                        yield [(first.flight_id, cabin), (second.flight_id, other)], second.arrives
    if len(booking.segments) == 2:
        for direct in facts.alternatives.get(("AUH", "EDI"), ()):
            for cabin in CABINS:
                yield [(direct.flight_id, cabin)], direct.arrives


def price(
    facts: PassengerFacts, booking: Booking, seats: list[tuple[str, str]], arrival: datetime | None
) -> float:
    person = facts.passengers[booking.passenger_id]
    weight = TIERS[person.tier] / 25 * (2 if person.ssrs else 1)
    if arrival is None:
        return 5_000 * weight
    late = max((arrival - booking.final_sta) / timedelta(hours=1), 0)
    total = 25 * late * weight + 20
    if seats[0][0].startswith("BA"):
        total += facts.distances_km["AUH", "EDI"] * {"business": 0.3, "economy": 0.1}[booking.cabin]
    if booking.cabin == "business" and any(cabin == "economy" for _, cabin in seats):
        total += 0.5 * float(booking.fare)
    return total


def least(facts: PassengerFacts) -> float:
    room = {
        (one.flight_id, cabin): seats
        for found in facts.alternatives.values()
        for one in found
        for cabin, seats in one.seats.items()
    }
    choices = [
        [([], None), *((seats, at) for seats, at in ways(facts, one) if all(room.get(s, 0) for s in seats))]
        for one in facts.by_priority
    ]
    best = float("inf")
    for chosen in product(*choices):
        taken = Counter(seat for seats, _ in chosen for seat in seats)
        if all(count <= room[seat] for seat, count in taken.items()):
            total = sum(
                price(facts, booking, seats, at)
                for booking, (seats, at) in zip(facts.by_priority, chosen, strict=True)
            )
            best = min(best, total)
    return best


def reached(facts: PassengerFacts, found: Reprotection) -> float:
    """The price of what was found, with the best cabins that its flights leave for it."""
    total = 0.0
    for outcome in found.outcomes:
        sold_cabin = outcome.booking.cabin
        cabin = "economy" if outcome.downgraded else sold_cabin
        total += price(
            facts, outcome.booking, [(one.flight_id, cabin) for one in outcome.on], outcome.arrival
        )
    return total


def cancelled(facts: PassengerFacts) -> Candidate:
    return Candidate(
        kind=CandidateKind.PARTNER,
        flight_id=facts.flight.flight_id,
        off_block=None,
        on_block=None,
        registration=None,
    )


@pytest.mark.parametrize("part", range(4))
def test_no_other_way_to_give_the_seats_out_costs_less(part: int) -> None:
    random = Random(f"seats-{part}")
    for _ in range(75):
        facts = flights_and_people(random)
        found = least_cost_reprotection(PRICES)(facts, cancelled(facts), not_before=READY)
        assert reached(facts, found) == pytest.approx(least(facts))


def test_passengers_who_differ_in_nothing_that_counts_are_seated_alike_whatever_they_paid() -> None:
    def facts(fares: list[int]) -> PassengerFacts:
        bookings = [booked(f"P{n}", LONDON, fare=Decimal(fare)) for n, fare in enumerate(fares)]
        own = [leg("EY11", "AUH", "LHR", z(6), 7, seats_sold={"business": 28, "economy": 260})]
        return passenger_facts(
            LONDON,
            bookings,
            passengers=[passenger(f"P{n}") for n in range(len(fares))],
            airports=business_rows.airports(),
            connections=connection_facts(LONDON, bookings, [], []),
            own_flights=own,
            fleet=[rows.aircraft()],
        )

    seated = [
        [
            one.reprotected
            for one in least_cost_reprotection(PRICES)(made, cancelled(made), not_before=READY).outcomes
        ]
        for made in (facts([100, 200, 300]), facts([300, 300, 300]))
    ]
    assert seated[0] == seated[1] == [True, True, False]


def test_the_last_of_many_two_leg_journeys_is_found_when_the_early_flights_are_full() -> None:
    early = [
        leg(f"EY1{n}", "AUH", "LHR", z(5, n), 7, seats_sold={"business": 28, "economy": 261})
        for n in range(10)
    ]
    onward = [
        leg(f"EY7{n}", "LHR", "EDI", z(14, n), 1, seats_sold={"business": 0, "economy": 0}) for n in range(10)
    ]
    bookings = [booked(f"P{n:02d}", LONDON, EDINBURGH) for n in range(10)]
    facts = passenger_facts(
        LONDON,
        bookings,
        passengers=[passenger(f"P{n:02d}") for n in range(10)],
        airports=business_rows.airports(),
        connections=connection_facts(LONDON, bookings, [EDINBURGH], [minimum("LHR", 75)]),
        own_flights=[*early, *onward],
        fleet=[rows.aircraft()],
    )
    found = least_cost_reprotection(PRICES)(facts, cancelled(facts), not_before=READY)
    assert found.reprotected == 10


def test_who_misses_a_connection_in_a_lower_cabin_than_was_sold_stays_downgraded() -> None:
    # No business seats on the tail that flies: each sits in economy to London, misses Edinburgh there and
    # goes on in the cabin that was sold. The flight to London was flown in a lower one all the same.
    bookings = [booked(f"P{n}", LONDON, EDINBURGH, cabin="business") for n in range(2)]
    onward = leg("EY613", "LHR", "EDI", z(19), 1, seats_sold={"business": 0, "economy": 0})
    facts = passenger_facts(
        LONDON,
        bookings,
        passengers=[passenger(f"P{n}") for n in range(2)],
        airports=business_rows.airports(),
        connections=connection_facts(LONDON, bookings, [EDINBURGH], [minimum("LHR", 75)]),
        own_flights=[onward],
        fleet=[rows.aircraft()],
    )
    late = Candidate(
        kind=CandidateKind.TAIL_SWAP,
        flight_id=LONDON.flight_id,
        off_block=z(9),
        on_block=z(16),
        registration="A6-AEA",
    )
    for given in (reprotect, least_cost_reprotection(PRICES)):
        found = given(facts, late, not_before=READY, seats={"economy": 200})
        assert [(one.reprotected, one.downgraded) for one in found.outcomes] == [(True, True)] * 2
