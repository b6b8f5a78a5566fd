"""The sample airline: possible on any day, the same from the same seed, and rich enough."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import msgspec
import pytest

from skymarshal.contracts.operations_tables import OPERATIONS_TABLES
from skymarshal.operations import Operations
from skymarshal.operations.airline import check, generate
from tests.unit.operations.conftest import TODAY

DAYS = {
    "an ordinary day": date(2026, 11, 23),
    "the day Europe's clocks go forward": date(2026, 3, 29),
    "the day before Europe's clocks go back": date(2026, 10, 24),
    "the day Sydney's clocks go forward": date(2026, 10, 4),
    "new year's day": date(2027, 1, 1),
    "a leap day": date(2028, 2, 29),
}


@pytest.mark.parametrize("today", DAYS.values(), ids=DAYS.keys())
def test_it_is_possible_on_any_day(today: date) -> None:
    assert check(generate("small", today, Random(today.toordinal()))) == []


def test_the_same_seed_and_day_give_the_same_bytes(dataset) -> None:
    again = generate("small", TODAY, Random(7))
    other = generate("small", TODAY, Random(8))
    assert msgspec.json.encode(again) == msgspec.json.encode(dataset)
    assert msgspec.json.encode(other) != msgspec.json.encode(dataset)


def test_it_fills_every_table(dataset) -> None:
    assert set(dataset) == set(OPERATIONS_TABLES)
    assert all(dataset.values())


def test_it_flies_forty_flights_a_day_with_nine_thousand_passengers(dataset) -> None:
    assert len(dataset["Flights"]) == 120
    assert len(dataset["Passengers"]) == 9_000


def test_the_flight_to_london_leaves_today_tomorrow_and_the_day_after(operations: Operations) -> None:
    for offset in (0, 1, 2):
        (flight,) = operations.flights_by_number("EY283", TODAY + timedelta(days=offset))
        assert (flight.origin, flight.destination) == ("AUH", "LHR")


def test_what_is_before_today_has_happened_and_the_rest_has_not(dataset) -> None:
    for flight in dataset["Flights"]:
        if flight.flight_date >= TODAY:
            assert flight.status == "scheduled"
            assert flight.etd is None
        elif flight.status != "scheduled":
            assert flight.etd is not None


def test_every_flight_has_a_slot_or_needs_none_and_every_airport_a_forecast_while_it_is_used(
    dataset, operations: Operations
) -> None:
    for flight in dataset["Flights"]:
        assert operations.slot(flight.flight_id, flight.origin).speak(flight.std)
        for airport, instant in ((flight.origin, flight.std), (flight.destination, flight.sta)):
            late = instant + timedelta(hours=24)
            covered = operations.forecasts(airport, instant, late)
            assert covered[0].valid_from <= instant
            assert covered[-1].valid_to >= late


def test_long_flights_have_more_pilots_and_a_place_to_rest(operations: Operations) -> None:
    crew = operations.crew_of_flight("EY101-2026-11-24")
    assert Counter(one.role for one in crew) == {"captain": 2, "first_officer": 2, "purser": 1, "cabin": 11}
    assert {(one.augmented_pilots, one.rest_facility) for one in crew} == {(2, "class1")}


def test_special_cargo_is_there_and_what_may_not_fly_with_passengers_does_not(dataset) -> None:
    shipments = dataset["CargoShipments"]
    assert any(one.temperature_max_c == 8.0 for one in shipments)
    assert any(one.live_animals for one in shipments)
    assert any(one.dg_class for one in shipments)
    assert any(one.cargo_aircraft_only for one in shipments)


def test_reserves_stand_by_at_the_airport_and_at_home_for_every_type_flown(
    dataset, operations: Operations
) -> None:
    reserves = operations.reserves("AUH")
    for flown in {flight.aircraft_type for flight in dataset["Flights"]}:
        for standby in ("airport", "home"):
            roles = {
                one.role for one in reserves if flown in one.aircraft_types and one.standby_type == standby
            }
            assert {"captain", "first_officer"} <= roles


def test_some_journeys_go_on_with_a_partner(dataset) -> None:
    assert sum(1 for one in dataset["Bookings"] if one.carrier != "EY") > 100


def test_the_large_airline_is_possible_too() -> None:
    large = generate("large", TODAY, Random(7))
    assert len(large["Flights"]) == 1_750
    assert len(large["Passengers"]) == 300_000
