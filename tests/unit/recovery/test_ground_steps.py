"""How long the work on the ground takes: by type and by load, for each tail of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.calculators.airworthiness import tail_arrival
from skymarshal.domain.ground_times import GROUND_TIMES, ground_times
from skymarshal.operations.airline.world import AIRCRAFT_TYPES
from skymarshal.recovery.ground_steps import Load, steps_by_tail
from skymarshal.recovery.policy import StepDurations
from tests.unit.agents import rows
from tests.unit.agents.rows import aircraft, z


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("aircraft_type", "passengers", "expected"),
    [("A320", 60, 13), ("A320", 158, 25), ("B789", 60, 11), ("B789", 271, 33), ("B77F", 0, 0)],
)
def test_boarding_follows_the_number_of_passengers(
    aircraft_type: str, passengers: int, expected: int
) -> None:
    assert ground_times(aircraft_type).boarding(passengers) == minutes(expected)


def test_each_tail_has_its_own_times() -> None:
    wide = aircraft()
    narrow = aircraft("A6-EIA", aircraft_type="A320", seats={"business": 8, "economy": 150})
    load = Load(passengers=271, bags=300, cargo_kg=6_000.0)
    found = steps_by_tail([wide, narrow], load, StepDurations())
    assert found[wide.registration].boarding == minutes(33)
    assert found[narrow.registration].boarding == minutes(25)
    assert found[wide.registration].tail_positioning == minutes(30)
    assert found[narrow.registration].tail_positioning == minutes(20)
    # 300 bags at ten a minute and 6,000 kg at 600; at eight and at 250 it takes 37.5 and 24 minutes.
    assert found[wide.registration].transfer_load == minutes(40)
    assert found[narrow.registration].transfer_load == minutes(62)


def test_a_tail_without_a_load_is_still_catered_and_fuelled() -> None:
    (found,) = steps_by_tail([aircraft()], Load(passengers=0, bags=0, cargo_kg=0.0), StepDurations()).values()
    assert (found.boarding, found.transfer_load) == (minutes(0), minutes(35))


def test_where_nobody_says_how_many_travel_every_seat_is_taken_to_be_sold() -> None:
    (found,) = steps_by_tail(
        [aircraft()], Load(passengers=None, bags=0, cargo_kg=0.0), StepDurations()
    ).values()
    assert found.boarding == minutes(34)


def test_a_type_without_a_row_takes_as_long_as_the_longest() -> None:
    unheard_of = ground_times("ZZZZ")
    known = GROUND_TIMES.values()
    assert unheard_of.boarding(200) == max(one.boarding(200) for one in known)
    assert unheard_of.towing_time == max(one.towing_time for one in known)
    assert unheard_of.transfer(300, 6_000.0) >= max(one.transfer(300, 6_000.0) for one in known)
    assert unheard_of.turnaround(200, 200) >= max(one.turnaround(200, 200) for one in known)


def test_a_full_load_turns_round_no_sooner_than_it_leaves_and_boards() -> None:
    quick = aircraft(minimum_turnaround=minutes(30))
    full = {"business": 28, "economy": 262}
    inbound, outbound = rows.inbound(eta=z(3), seats_sold=full), rows.flight(seats_sold=full)
    # 290 leave in 12 minutes, cleaning and catering take 25, and 290 board in 34.
    assert tail_arrival(outbound, quick, [inbound]).ready_at == z(4, 11)
    few = {"business": 0, "economy": 20}
    inbound, outbound = rows.inbound(eta=z(3), seats_sold=few), rows.flight(seats_sold=few)
    assert tail_arrival(outbound, quick, [inbound]).ready_at == z(3, 42)


@pytest.mark.parametrize("type_", AIRCRAFT_TYPES.values(), ids=AIRCRAFT_TYPES)
def test_the_sample_turns_its_tails_round_within_their_minimum(type_) -> None:
    seats = sum(type_.seats.values())
    assert ground_times(type_.code).turnaround(seats, seats) <= type_.turnaround
