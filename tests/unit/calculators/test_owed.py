"""Who is owed what: the journey as booked decides, not the flight that is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skymarshal.calculators.owed import Owed, owed
from skymarshal.calculators.passengers import load_passenger_facts
from skymarshal.calculators.reprotection import reprotect
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight, Record
from tests.unit.agents.business_rows import booked, partner, tables, travellers
from tests.unit.agents.rows import NOW, aircraft, disruption, flight, leg, z
from tests.unit.calculators.builders import cancelled, late

FROM_LONDON = leg("EY284", "LHR", "AUH", z(14), 7, registration="A6-BLA", distance_km=5500)
FROM_FRANKFURT = leg("EY122", "FRA", "AUH", z(20, 45), 6, distance_km=4840)
TO_BANGKOK = leg("EY402", "AUH", "BKK", z(23), 6, registration="A6-BLX", seats_sold={"economy": 0})


def due(
    of: Flight,
    candidate: Candidate,
    type_: DisruptionType = DisruptionType.TECHNICAL,
    **changes: Iterable[Record],
) -> Owed:
    rows: dict[str, Iterable[Record]] = {
        "Flights": [of, TO_BANGKOK],
        "Bookings": travellers(10, of),
        "Aircraft": [aircraft(), aircraft("A6-BLX")],
    }
    facts = load_passenger_facts(Operations(tables(**(rows | changes))), of)
    found = reprotect(facts, candidate, not_before=NOW)
    return owed(facts, candidate, found, replace(disruption(type_), flight_id=of.flight_id))


def amounts(found: Owed) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
    return [(one.regime, one.currency, one.low, one.likely, one.high) for one in found.compensation]


@pytest.mark.parametrize(("minutes", "each"), [(179, None), (180, 260), (239, 260), (240, 520), (600, 520)])
def test_a_late_flight_from_london_owes_pounds_from_three_hours(minutes: int, each: int | None) -> None:
    found = amounts(due(FROM_LONDON, late(FROM_LONDON, minutes)))
    likely = [(regime, currency, likely) for regime, currency, _, likely, _ in found]
    assert likely == ([] if each is None else [("UK261", "GBP", Decimal(10 * each))])


def test_a_late_flight_to_london_on_a_carrier_of_the_gulf_owes_nothing() -> None:
    assert due(flight(), late(flight(), 300)).compensation == ()


def test_who_connects_in_abu_dhabi_from_bangkok_to_london_is_owed_nothing() -> None:
    to_hub = leg("EY401", "BKK", "AUH", z(20, day=9), 6)
    found = due(
        to_hub, late(to_hub, 300), Flights=[to_hub, flight()], Bookings=travellers(5, to_hub, flight())
    )
    assert found.compensation == ()


def test_a_short_delay_from_london_that_loses_the_connection_owes_for_the_whole_journey() -> None:
    # 21:00Z in Abu Dhabi for a departure at 23:00Z: 61 minutes late is too late. The next seat to Bangkok
    # leaves five hours later.
    bookings = travellers(4, FROM_LONDON, TO_BANGKOK)
    rescue = partner("TG518", "AUH-BKK", z(4, day=11), 6)
    found = due(FROM_LONDON, late(FROM_LONDON, 61), Bookings=bookings, PartnerFlights=[rescue])
    assert amounts(found) == [("UK261", "GBP", Decimal(2080), Decimal(2080), Decimal(2080))]
    in_time = due(FROM_LONDON, late(FROM_LONDON, 60), Bookings=bookings, PartnerFlights=[rescue])
    assert in_time.compensation == ()


def test_weather_is_extraordinary_and_care_is_owed_all_the_same() -> None:
    found = due(FROM_FRANKFURT, late(FROM_FRANKFURT, 300), DisruptionType.WEATHER)
    assert amounts(found) == [("EU261", "EUR", Decimal(0), Decimal(0), Decimal(6000))]
    assert found.meals == 10


def test_a_sick_crew_is_not_extraordinary() -> None:
    found = due(FROM_LONDON, late(FROM_LONDON, 300), DisruptionType.CREW)
    assert amounts(found) == [("UK261", "GBP", Decimal(5200), Decimal(5200), Decimal(5200))]
    assert any("UKSC 24" in article for article in found.compensation[0].articles)


def test_where_the_cause_is_open_the_carrier_pays_until_it_proves_otherwise() -> None:
    found = due(FROM_FRANKFURT, cancelled(FROM_FRANKFURT), DisruptionType.CURFEW_SLOT)
    assert amounts(found) == [("EU261", "EUR", Decimal(0), Decimal(6000), Decimal(6000))]


def test_a_rerouting_that_arrives_within_four_hours_halves_the_compensation() -> None:
    def rerouted(departs_after: float) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
        rescue = partner("BA73", "LHR-AUH", FROM_LONDON.std + timedelta(hours=departs_after), 7)
        return amounts(due(FROM_LONDON, cancelled(FROM_LONDON), PartnerFlights=[rescue]))

    assert rerouted(1.9) == []
    assert [likely for *_, likely, _ in rerouted(4)] == [Decimal(2600)]
    assert [likely for *_, likely, _ in rerouted(4.1)] == [Decimal(5200)]


def test_who_finds_no_seat_on_a_smaller_tail_is_denied_boarding_even_in_bad_weather() -> None:
    facts = load_passenger_facts(
        Operations(tables(Flights=[FROM_LONDON], Bookings=travellers(3, FROM_LONDON))), FROM_LONDON
    )
    swap = late(FROM_LONDON, 30, tail="A6-EIA")
    found = reprotect(facts, swap, not_before=NOW, seats={"economy": 2})
    result = owed(facts, swap, found, disruption(DisruptionType.WEATHER))
    assert amounts(result) == [("UK261", "GBP", Decimal(520), Decimal(520), Decimal(520))]


def test_an_airport_without_a_row_leaves_the_compensation_unknown() -> None:
    found = due(FROM_LONDON, late(FROM_LONDON, 300), Airports=[])
    assert found.compensation == ()
    assert {(one.table, one.key) for one in found.unknowns} >= {("Airports", "LHR"), ("Airports", "AUH")}


def test_the_united_states_let_passengers_choose_a_refund_from_six_hours() -> None:
    to_new_york = leg("EY101", "AUH", "JFK", z(6), 14, distance_km=11_000)
    for minutes, offers in ((359, 0), (360, 10)):
        assert due(to_new_york, late(to_new_york, minutes)).refund_offers == offers


def test_london_lets_passengers_choose_a_refund_from_five_hours() -> None:
    for minutes, offers in ((299, 0), (300, 10)):
        assert due(FROM_LONDON, late(FROM_LONDON, minutes)).refund_offers == offers


def test_a_cancellation_without_another_flight_pays_the_fares_back() -> None:
    found = due(flight(), cancelled(flight()))
    (refund,) = found.refunds
    assert (refund.currency, refund.likely, refund.passengers) == ("USD", Decimal(4000), 10)


def test_a_downgrade_from_london_refunds_three_quarters_of_the_fare() -> None:
    bookings = [booked("P001", FROM_LONDON, cabin="business", fare=Decimal(2000), currency="GBP")]
    facts = load_passenger_facts(Operations(tables(Flights=[FROM_LONDON], Bookings=bookings)), FROM_LONDON)
    swap = late(FROM_LONDON, 0, tail="A6-EIA")
    found = reprotect(facts, swap, not_before=NOW, seats={"economy": 100})
    (refund,) = owed(facts, swap, found, disruption()).refunds
    assert (refund.currency, refund.likely) == ("GBP", Decimal(1500))


def test_a_wait_over_night_is_slept_in_a_hotel() -> None:
    # 20:45Z is 21:45 in Frankfurt: until 03:45 the wait takes six hours, most of them of the night.
    assert due(FROM_FRANKFURT, late(FROM_FRANKFURT, 359)).hotel_nights == 0
    assert due(FROM_FRANKFURT, late(FROM_FRANKFURT, 360)).hotel_nights == 10
    by_day = due(flight(), late(flight(), 480))
    assert by_day.hotel_nights == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=900), st.integers(min_value=0, max_value=300))
def test_a_longer_delay_never_owes_less(minutes: int, more: int) -> None:
    sooner, later = (due(FROM_LONDON, late(FROM_LONDON, m)) for m in (minutes, minutes + more))
    assert sum(one.likely for one in sooner.compensation) <= sum(one.likely for one in later.compensation)
    assert sooner.meals <= later.meals
