"""Reprotection of 400 passengers over 60 flights, beside seats given out in order of priority."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from bench.document import Figure
from skymarshal.calculators.connections import connection_facts
from skymarshal.calculators.passengers import CABINS, PassengerFacts, passenger_facts
from skymarshal.calculators.reprotection import PassengerOutcome, Reprotection, reprotect
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.times import hours
from skymarshal.operations.records import Flight, PartnerFlight
from skymarshal.recovery.journey_prices import JourneyPrices
from skymarshal.recovery.reprotection import least_cost_reprotection
from tests.unit.agents import business_rows, rows
from tests.unit.agents.business_rows import booked, minimum, partner, passenger
from tests.unit.agents.rows import leg, z

PASSENGERS = 400
FLIGHTS = 60
INSTANCES = 20
MILLISECONDS = 300

CANCELLED = rows.flight()
BEYOND = ("EDI", "FRA", "JFK")
ONWARD = {
    "EDI": leg("EY611", "LHR", "EDI", z(13), 1.5),
    "FRA": leg("EY621", "LHR", "FRA", z(13, 30), 1.5),
    "JFK": leg("EY631", "LHR", "JFK", z(14), 8),
}
TIERS = ("platinum", "gold", "silver", "none", "none", "none", "none")
NEEDS = ("WCHR", "UMNR", "MEDA")
FLEET = [rows.aircraft("A6-BLA")]
PRICES = JourneyPrices(rebooking=22, seat_km={"business": 0.35, "economy": 0.12})


ABOUT = f"""\
Reprotection is of {PASSENGERS} passengers over {FLIGHTS} flights, {INSTANCES} times; the peer gives the same
seats out one by one, in order of special needs and tier. Cost is all that weighs in the choice of journeys:
hours by tier, fares, partners' seats, and whoever is left without one. Times are the processor's."""


def figures() -> list[Figure]:
    """Return how long it takes and what it saves."""
    cancelled = Candidate(
        kind=CandidateKind.PARTNER,
        flight_id=CANCELLED.flight_id,
        off_block=None,
        on_block=None,
        registration=None,
    )
    at_least_cost = least_cost_reprotection(PRICES)
    # Once beforehand, since the solver's library is loaded at its first use.
    at_least_cost(instance(Random(0)), cancelled, not_before=z(4))
    ours: list[float] = []
    peers: list[float] = []
    cheaper: list[float] = []
    left = left_by_peer = 0
    for seed in range(1, INSTANCES + 1):
        facts = instance(Random(seed))
        took, peer = timed(lambda facts=facts: reprotect(facts, cancelled, not_before=z(4)))
        peers.append(took)
        took, found = timed(lambda facts=facts: at_least_cost(facts, cancelled, not_before=z(4)))
        ours.append(took)
        cheaper.append(weight(facts, found) / weight(facts, peer))
        left += found.needing - found.reprotected
        left_by_peer += peer.needing - peer.reprotected
    return [
        Figure(
            what="Reprotection, slowest and median",
            ours=f"{max(ours):.0f} ms, {statistics.median(ours):.0f} ms",
            peer=f"{max(peers):.0f} ms, {statistics.median(peers):.0f} ms",
            limit=f"{MILLISECONDS} ms",
            holds=max(ours) < MILLISECONDS,
        ),
        Figure(
            what="Reprotection, cost as a share of the peer's, dearest and median",
            ours=f"{max(cheaper):.2f}, {statistics.median(cheaper):.2f}",
            peer="1",
            limit="1",
            holds=max(cheaper) <= 1,
        ),
        Figure(
            what=f"Reprotection, left without a journey of {INSTANCES * PASSENGERS}",
            ours=str(left),
            peer=str(left_by_peer),
        ),
    ]


def timed(work):
    """Return in how many milliseconds of the processor `work` is done, and its result."""
    began = time.process_time()
    result = work()
    return (time.process_time() - began) * 1000, result


def instance(random: Random) -> PassengerFacts:
    """Return a full flight that is cancelled, half of it connecting, and what else flies.

    Its flights have 1 to 12 free seats each in the scarce half of the instances, else up to 30.
    """
    most = 12 if random.random() < 0.5 else 30
    own, partners = list(own_flights(random, most)), list(partner_flights(random, most))
    if len(own) + len(partners) != FLIGHTS:
        raise AssertionError(f"{len(own) + len(partners)} flights, not {FLIGHTS}")
    bookings, people = [], []
    for number in range(PASSENGERS):
        onward = [ONWARD[random.choice(BEYOND)]] if random.random() < 0.5 else []
        cabin = "business" if random.random() < 0.12 else "economy"
        fare = Decimal(random.randint(10, 40) * (100 if cabin == "business" else 20))
        bookings.append(booked(f"P{number:03d}", CANCELLED, *onward, cabin=cabin, fare=fare))
        needs = [random.choice(NEEDS)] if random.random() < 0.04 else []
        people.append(passenger(f"P{number:03d}", random.choice(TIERS), *needs))
    return passenger_facts(
        CANCELLED,
        bookings,
        passengers=people,
        airports=business_rows.airports(),
        connections=connection_facts(CANCELLED, bookings, list(ONWARD.values()), [minimum("LHR", 75)]),
        own_flights=own,
        fleet=FLEET,
        partner_flights=partners,
    )


def own_flights(random: Random, most: int) -> Iterator[Flight]:
    """Yield 20 flights to London within two days, and 5 from there to each place beyond."""
    seats = FLEET[0].seats

    def sold() -> dict[str, int]:
        return {
            "business": seats["business"] - random.randint(0, 3),
            "economy": seats["economy"] - random.randint(1, most),
        }

    for number in range(20):
        std = z(5) + timedelta(hours=2 * number)
        yield leg(f"EY{11 + number}", "AUH", "LHR", std, 7, seats_sold=sold())
    for place in BEYOND:
        for number in range(5):
            std = ONWARD[place].std + timedelta(hours=4 + 6 * number)
            yield leg(f"EY7{number}{place[0]}", "LHR", place, std, 1.5, seats_sold=sold())


def partner_flights(random: Random, most: int) -> Iterator[PartnerFlight]:
    """Yield 10 flights to London, 5 from there to places beyond by turns, and 10 straight there."""

    def free() -> dict[str, int]:
        return {"business": random.randint(0, 2), "economy": random.randint(1, most)}

    for number in range(10):
        yield partner(f"BA{number}", "AUH-LHR", z(6) + timedelta(hours=4 * number), 7.2, free())
    for number in range(5):
        place = BEYOND[number % 3]
        std = z(16) + timedelta(hours=5 * number)
        yield partner(f"BA5{number}", f"LHR-{place}", std, 1.5, free())
    for number in range(10):
        place = BEYOND[number % 3]
        std = z(7) + timedelta(hours=3 * number)
        yield partner(f"LH{number}", f"AUH-{place}", std, 9, free())


def weight(facts: PassengerFacts, found: Reprotection) -> float:
    """Return what weighs in the choice of journeys, added up over everyone, in US dollars."""
    return sum(_weight(facts, outcome) for outcome in found.outcomes)


def _weight(facts: PassengerFacts, outcome: PassengerOutcome) -> float:
    booking = outcome.booking
    person = facts.passengers[booking.passenger_id]
    counts = PRICES.late_hour[person.tier] / PRICES.late_hour["none"]
    counts *= PRICES.special_needs if person.ssrs else 1.0
    if outcome.arrival is None:
        return PRICES.stranded * counts
    late = max(hours(outcome.arrival - booking.final_sta), 0.0)
    total = late * PRICES.late_hour["none"] * counts + PRICES.rebooking
    for one in outcome.on:
        if not one.own:
            total += facts.distances_km[one.origin, one.destination] * PRICES.seat_km[booking.cabin]
    if outcome.downgraded and booking.cabin != CABINS[-1]:
        total += PRICES.lower_cabin * float(booking.fare)
    return total
