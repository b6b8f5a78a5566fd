"""Scores follow the bands exactly, and an unknown input leaves a range."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import AgentName
from skymarshal.recovery.impact import CostRange
from skymarshal.recovery.policy import DEFAULT_POLICY, Weights
from skymarshal.recovery.scoring import (
    score,
    score_cost,
    score_network,
    score_passengers,
    score_safety,
)
from tests.unit.recovery.builders import cost, impact


def check(share: float | None, outcome: CheckOutcome = CheckOutcome.KEPT) -> ConstraintCheck:
    margin = None if share is None else share * timedelta(minutes=120)
    return ConstraintCheck(
        agent=AgentName.REGULATORY, text="curfew", outcome=outcome, margin=margin, share=share
    )


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, 60), (0.05, 70), (0.1, 80), (0.15, 90), (0.2, 100), (0.21, 100), (5.0, 100)],
)
def test_safety_rises_with_the_margin_to_the_limit(share: float, expected: float) -> None:
    assert score_safety([check(share)], DEFAULT_POLICY).value == expected


def test_the_tightest_limit_alone_sets_safety() -> None:
    found = score_safety([check(3.0), check(0.05), check(0.2)], DEFAULT_POLICY)
    assert found.value == 70
    assert found.inputs["margin"] == "0:06"


def test_where_no_limit_applies_safety_is_full() -> None:
    checks = [check(None, CheckOutcome.NOT_APPLICABLE), check(None)]
    assert score_safety(checks, DEFAULT_POLICY).value == 100


@pytest.mark.parametrize("outcome", [CheckOutcome.BROKEN, CheckOutcome.UNKNOWN])
def test_a_candidate_that_keeps_not_every_limit_has_no_score(outcome: CheckOutcome) -> None:
    with pytest.raises(ValueError, match="expected every check kept"):
        score_safety([check(0.5), check(None, outcome)], DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("usd", "expected"),
    [
        (-5_000, 100),
        (0, 100),
        (10_000, 100),
        (30_000, 90),
        (50_000, 80),
        (100_000, 70),
        (150_000, 60),
        (225_000, 50),
        (300_000, 40),
        (450_000, 20),
        (600_000, 0),
        (9_000_000, 0),
    ],
)
def test_cost_falls_along_its_bands(usd: int, expected: float) -> None:
    assert score_cost(cost(usd), DEFAULT_POLICY).value == expected


def test_a_cost_range_makes_a_range_of_scores_around_the_likely_one() -> None:
    found = score_cost(cost(100_000, low=50_000, high=300_000), DEFAULT_POLICY)
    assert (found.low, found.value, found.high) == (40, 70, 80)


def test_an_unknown_cost_is_scored_as_the_whole_range_and_no_value() -> None:
    found = score_cost(None, DEFAULT_POLICY)
    assert (found.low, found.value, found.high) == (0, None, 100)
    assert found.inputs["cost in USD"] == "unknown"


def test_a_cost_without_an_upper_bound_can_be_the_worst() -> None:
    found = score_cost(CostRange(low=Decimal(50_000), likely=None, high=None), DEFAULT_POLICY)
    assert (found.low, found.value, found.high) == (0, None, 80)


@pytest.mark.parametrize(
    ("affected", "base"), [(0, 100), (49, 100), (50, 80), (149, 80), (150, 60), (299, 60), (300, 40)]
)
def test_passengers_start_from_how_many_are_hit(affected: int, base: float) -> None:
    found = score_passengers(
        impact(affected_passengers=affected, needing_reprotection=1, reprotected=0), DEFAULT_POLICY
    )
    assert found.value == base


@pytest.mark.parametrize(("hours", "off"), [(0, 0), (1, 5), (2.5, 12.5), (6, 30), (20, 30)])
def test_each_hour_of_delay_takes_five_points_up_to_thirty(hours: float, off: float) -> None:
    late = impact(
        affected_passengers=100,
        passenger_delay=timedelta(hours=hours),
        needing_reprotection=1,
        reprotected=0,
    )
    assert score_passengers(late, DEFAULT_POLICY).value == 80 - off


def test_a_cancellation_takes_twenty_points_and_reprotection_gives_up_to_ten_back() -> None:
    cancelled = impact(cancelled=True, affected_passengers=200, needing_reprotection=200, reprotected=150)
    assert score_passengers(cancelled, DEFAULT_POLICY).value == 60 - 20 + 7.5


def test_where_nobody_needs_another_journey_all_are_looked_after() -> None:
    assert score_passengers(impact(affected_passengers=100), DEFAULT_POLICY).value == 90


def test_unknown_passengers_leave_the_range_of_every_base() -> None:
    unknown = impact(affected_passengers=None, needing_reprotection=None, passenger_delay=timedelta(hours=2))
    found = score_passengers(unknown, DEFAULT_POLICY)
    assert (found.low, found.value, found.high) == (30, None, 100)


@pytest.mark.parametrize(("flights", "base"), [(0, 100), (1, 80), (2, 80), (3, 60), (5, 60), (6, 40)])
def test_network_starts_from_the_later_flights_hit(flights: int, base: float) -> None:
    assert score_network(impact(downstream_flights=flights), DEFAULT_POLICY).value == base


@pytest.mark.parametrize(("missed", "off"), [(0, 0), (5, 5), (10, 10), (30, 30), (80, 30)])
def test_missed_connections_take_ten_points_a_tenth_up_to_thirty(missed: int, off: float) -> None:
    found = score_network(impact(connections=100, missed_connections=missed), DEFAULT_POLICY)
    assert found.value == 100 - off


def test_an_unknown_network_leaves_a_range() -> None:
    found = score_network(
        impact(downstream_flights=None, connections=None, missed_connections=None), DEFAULT_POLICY
    )
    assert (found.low, found.value, found.high) == (10, None, 100)


def test_the_composite_weighs_safety_twice_as_much_as_the_rest() -> None:
    found = score([check(0.1)], impact(cost=cost(50_000), downstream_flights=6), DEFAULT_POLICY)
    assert found.safety.value == 80
    assert found.composite.value == 0.4 * 80 + 0.2 * 80 + 0.2 * 100 + 0.2 * 40
    assert found.policy_version == DEFAULT_POLICY.version


def test_an_unknown_part_leaves_the_composite_a_range_that_holds_every_outcome() -> None:
    found = score([check(0.2)], impact(cost=None), DEFAULT_POLICY).composite
    assert (found.low, found.value, found.high) == (80, None, 100)


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        Weights(safety=0.5, cost=0.5, passengers=0.5, network=0.5)


@given(
    low=st.integers(0, 700_000),
    likely=st.integers(0, 700_000),
    high=st.integers(0, 700_000),
    affected=st.none() | st.integers(0, 500),
    delay=st.integers(0, 2000),
    flights=st.none() | st.integers(0, 10),
    share=st.floats(0, 2),
)
def test_every_score_lies_in_its_own_range_between_0_and_100(
    low: int, likely: int, high: int, affected: int | None, delay: int, flights: int | None, share: float
) -> None:
    low, likely, high = sorted((low, likely, high))
    found = score(
        [check(share)],
        impact(
            cost=cost(likely, low, high),
            affected_passengers=affected,
            passenger_delay=timedelta(minutes=delay),
            downstream_flights=flights,
        ),
        DEFAULT_POLICY,
    )
    for one in (found.safety, found.cost, found.passengers, found.network, found.composite):
        assert 0 <= one.low <= one.high <= 100
        assert one.value is None or one.low - 0.01 <= one.value <= one.high + 0.01
