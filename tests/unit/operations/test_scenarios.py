"""Each shipped scenario reports something that the tables make a problem, on whatever day it is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from skymarshal.domain.ftl import max_fdp_for_report
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import InMemoryTables, Operations, UnknownScenarioError
from skymarshal.operations.airline import SCENARIOS, generate, scenario_event
from skymarshal.operations.records import CrewAssignment

SUMMER, WINTER = date(2026, 7, 1), date(2026, 11, 23)
RECEIVED_AT = time(9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=[SUMMER, WINTER], ids=["summer", "winter"])
def today(request: pytest.FixtureRequest) -> date:
    return request.param


@pytest.fixture(scope="module")
def sample(today: date) -> Operations:
    return Operations(InMemoryTables(generate("small", today, Random(7))))


def reported(name: str, today: date, sample: Operations):
    received = datetime.combine(today, RECEIVED_AT)
    disruption = parse_event(scenario_event(name, today), sample, received, most_ahead=SAMPLE_AHEAD)
    flight = sample.flight(disruption.flight_id)
    assert flight is not None
    return disruption, flight


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_accepted_and_reported_before_the_flight(name, today, sample) -> None:
    disruption, flight = reported(name, today, sample)
    assert flight.status == "scheduled"
    assert timedelta(0) < flight.std - disruption.reported_at < timedelta(hours=3)


def test_an_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(UnknownScenarioError, match="hydraulic, crew"):
        scenario_event("volcano", WINTER)


def test_the_hydraulic_fault_hits_a_full_flight_with_fragile_cargo_and_a_spare_stands_by(
    today, sample
) -> None:
    _, flight = reported("hydraulic", today, sample)
    assert len(sample.bookings_of_flight(flight.flight_id)) > 250
    cargo = sample.shipments(one.awb for one in sample.cargo_of_flight(flight.flight_id))
    assert any(one.temperature_max_c == 8.0 for one in cargo)
    assert any(one.live_animals for one in cargo)
    (defect,) = sample.open_mel_items(flight.registration)
    assert defect.expires_at > flight.sta
    spares = sample.aircraft_of_type(flight.aircraft_type, "spare")
    assert spares
    assert all(spare.location == flight.origin and spare.available_from < flight.std for spare in spares)


def test_the_crew_runs_out_even_with_discretion_and_a_reserve_crew_would_not(today, sample) -> None:
    disruption, flight = reported("crew", today, sample)
    delay = disruption.details.delay
    assert delay is not None
    needed: dict[str, int] = {}
    for one in sample.crew_of_flight(flight.flight_id):
        last = sample.flight(one.duty_flights[-1])
        assert last is not None
        assert disruption.reported_at > one.report
        fdp = last.sta - one.report
        limit = _limit(one, one.report)
        assert fdp <= limit
        assert fdp + delay > limit + timedelta(hours=2)
        needed[one.role] = needed.get(one.role, 0) + 1
        late_report = one.report + delay
        assert fdp <= _limit(one, late_report)
    on_call = [
        one
        for one in sample.reserves("AUH")
        if one.standby_type == "airport"
        and flight.aircraft_type in one.aircraft_types
        and one.start <= late_report <= one.end
        and late_report - one.start <= timedelta(hours=4)
    ]
    for role, count in needed.items():
        assert sum(1 for one in on_call if one.role == role) >= count


def test_the_fog_lies_at_the_destination_at_arrival_and_lifts_within_the_night(today, sample) -> None:
    _, flight = reported("fog", today, sample)
    airport = sample.airport(flight.destination)
    assert airport is not None
    assert airport.precision_approach == "CAT I"
    (at_arrival,) = sample.forecasts(flight.destination, flight.sta, flight.sta + timedelta(minutes=1))
    assert at_arrival.rvr_m is not None
    assert at_arrival.rvr_m < 550
    later = sample.forecasts(
        flight.destination, flight.sta + timedelta(hours=6), flight.sta + timedelta(hours=12)
    )
    assert later
    assert all(one.rvr_m is None and one.visibility_m > 800 for one in later)


def test_the_delayed_departure_is_minutes_before_the_night_begins(today, sample) -> None:
    disruption, flight = reported("curfew", today, sample)
    delay = disruption.details.delay
    assert delay is not None
    zone = ZoneInfo("Europe/Berlin")
    assert flight.std.astimezone(zone).time() == time(21, 45)
    delayed = (flight.std + delay).astimezone(zone)
    night = datetime.combine(delayed.date(), time(23), zone)
    assert timedelta(0) < night - delayed <= timedelta(minutes=15)
    assert any(one.local_start == time(23) for one in sample.curfews("FRA"))


def test_the_late_inbound_breaks_forty_connections_and_on_time_it_breaks_none(today, sample) -> None:
    disruption, flight = reported("connections", today, sample)
    delay = disruption.details.delay
    assert delay is not None
    minimum = {one.terminal_to: timedelta(minutes=one.minutes) for one in sample.minimum_connections("AUH")}
    broken = on_time = 0
    for booking in sample.bookings_of_flight(flight.flight_id):
        if booking.onward is None:
            continue
        onward = sample.flight(booking.onward.flight_id)
        assert onward is not None
        needs = minimum.get(onward.terminal, minimum[None])
        on_time += flight.sta + needs > onward.std
        broken += flight.sta + delay + needs > onward.std
    assert on_time == 0
    assert broken == 40
    inbound = sample.flight(disruption.details.inbound_flight_id or "")
    assert inbound is not None
    assert inbound.registration == flight.registration
    assert inbound.destination == flight.origin


def _limit(one: CrewAssignment, report: datetime) -> timedelta:
    return max_fdp_for_report(
        report,
        acclimatised_zone=one.acclimatised_zone,
        report_zone="Asia/Dubai",
        elapsed=timedelta(0),
        sectors=len(one.duty_flights),
    ).max_fdp
