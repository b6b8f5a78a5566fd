"""Who answers for a joined booking, and how long a cabin may wait in the United States."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.agents.guest_rights import payer_notes, tarmac_notes
from skymarshal.calculators.passengers import PassengerFacts, load_passenger_facts
from skymarshal.operations import Operations
from skymarshal.operations.airline.world import AIRPORTS
from skymarshal.operations.records import Flight
from tests.unit.agents.business_rows import tables, travellers
from tests.unit.agents.rows import leg, z

FROM_FRANKFURT = leg("EY122", "FRA", "AUH", z(20, 45, day=9), 6, distance_km=4840)
TO_BANGKOK = leg("EY402", "AUH", "BKK", z(23), 6)


def facts(of: Flight, *segments: Flight) -> PassengerFacts:
    bookings = travellers(5, *segments) if segments else travellers(5, of)
    rows = tables(Flights=[of], Bookings=bookings, Airports=AIRPORTS.values())
    return load_passenger_facts(Operations(rows), of)


def test_the_carrier_of_the_first_flight_answers_for_ours() -> None:
    found = facts(FROM_FRANKFURT, FROM_FRANKFURT, TO_BANGKOK)
    partner_first = [
        replace(
            one,
            segment=2,
            segments=(replace(one.segments[0], carrier="LH"), *one.segments[1:]),
        )
        for one in found.bookings
    ]
    (note,) = payer_notes(replace(found, bookings=tuple(partner_first)))

    assert "LH first" in note
    assert "redress from EY" in note
    assert "C-502/18" in note


def test_where_every_flight_is_ours_nobody_else_is_named() -> None:
    assert payer_notes(facts(FROM_FRANKFURT, FROM_FRANKFURT, TO_BANGKOK)) == []


@pytest.mark.parametrize(("hours", "held"), [(1, False), (5, True)])
def test_the_cabin_opens_after_four_hours_in_new_york(hours, held) -> None:
    out = leg("EY100", "JFK", "AUH", z(6), 13, distance_km=11_000)
    (note,) = tarmac_notes(facts(out), timedelta(hours=hours))

    assert "after 4:00" in note
    assert ("do not board" in note) is held
    assert tarmac_notes(facts(FROM_FRANKFURT), timedelta(hours=hours)) == []
