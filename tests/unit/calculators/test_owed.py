"""Who is owed what: the journey as booked decides, not the flight that is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skymarshal.calculators.owed import UNHELD, Owed, owed
from skymarshal.calculators.passengers import load_passenger_facts
from skymarshal.calculators.reprotection import reprotect
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.airline.world import AIRPORTS
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


def test_who_connects_in_abu_dhabi_from_bangkok_to_london_is_owed_nothing_by_london() -> None:
    to_hub = leg("EY401", "BKK", "AUH", z(20, day=9), 6)
    found = due(
        to_hub, late(to_hub, 300), Flights=[to_hub, flight()], Bookings=travellers(5, to_hub, flight())
    )
    (one,) = found.compensation
    assert (one.regime, one.low, one.likely, one.high) == (UNHELD, Decimal(0), Decimal(1500), Decimal(3000))
    assert ("passenger rights", "TH") in {(missing.table, missing.key) for missing in found.unknowns}


def from_(
    origin: str, minutes: float, type_: DisruptionType = DisruptionType.CREW, **details: object
) -> Owed:
    out = leg("EY900", origin, "AUH", z(6), 7, distance_km=5000)
    facts = load_passenger_facts(
        Operations(
            tables(
                Flights=[out],
                Bookings=travellers(10, out),
                Aircraft=[aircraft()],
                Airports=AIRPORTS.values(),
            )
        ),
        out,
    )
    told = disruption(type_)
    told = replace(told, flight_id=out.flight_id, details=replace(told.details, **details), description="")
    option = late(out, minutes)
    return owed(facts, option, reprotect(facts, option, not_before=NOW), told)


@pytest.mark.parametrize(
    ("origin", "hours", "regime", "currency", "each"),
    [
        ("YYZ", 3, "APPR", "CAD", 400),
        ("YYZ", 5.99, "APPR", "CAD", 400),
        ("YYZ", 7, "APPR", "CAD", 700),
        ("YYZ", 9, "APPR", "CAD", 1000),
        ("RUH", 3, "GACA", "XDR", 50),
        ("RUH", 7, "GACA", "XDR", 150),
    ],
)
def test_national_laws_pay_by_value(origin, hours, regime, currency, each) -> None:
    found = amounts(from_(origin, hours * 60))
    assert found == [(regime, currency, *[Decimal(10 * each)] * 3)]


@pytest.mark.parametrize("origin", ["BOM", "IST", "JFK"])
def test_laws_that_fix_nothing_for_a_delay_are_held_and_pay_nothing(origin) -> None:
    found = from_(origin, 7 * 60)
    assert (found.compensation, found.unknowns) == ((), ())


def test_a_technical_fault_is_required_for_safety_in_canada() -> None:
    assert amounts(from_("YYZ", 420, DisruptionType.TECHNICAL)) == [
        ("APPR", "CAD", Decimal(0), Decimal(0), Decimal(7000))
    ]


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"cause": "airport_refuelling_failure"}, (0, 0, 6000)),
        ({"delay_codes": ("36",)}, (0, 6000, 6000)),
        ({"delay_codes": ("93", "41")}, (6000, 6000, 6000)),
        ({"delay_codes": ("93",)}, (0, 6000, 6000)),
        ({"cause": "strike_own_staff"}, (6000, 6000, 6000)),
        ({}, (6000, 6000, 6000)),
    ],
)
def test_the_cause_prices_a_crew_event_not_its_type(details, expected) -> None:
    found = from_("FRA", 300, **details)
    ((_, _, *sums),) = amounts(found)
    assert tuple(sums) == tuple(map(Decimal, expected))


def test_a_crew_event_told_by_a_fuel_hydrant_is_extraordinary() -> None:
    out = FROM_FRANKFURT
    facts = load_passenger_facts(Operations(tables(Flights=[out], Bookings=travellers(10, out))), out)
    told = replace(
        disruption(DisruptionType.CREW),
        flight_id=out.flight_id,
        description="Crew out of hours after the fuel hydrant failed",
    )
    option = late(out, 300)
    found = owed(facts, option, reprotect(facts, option, not_before=NOW), told)
    assert amounts(found) == [("EU261", "EUR", Decimal(0), Decimal(0), Decimal(6000))]
    assert found.cause is not None
    assert (found.cause.code, found.cause.basis) == ("airport_refuelling_failure", "words")
    assert "C-308/21" in found.cause.text


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
