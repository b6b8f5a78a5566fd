"""What is named as turning the ranking does turn it, at the value that is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import AgentName
from skymarshal.recovery.pareto import Scored
from skymarshal.recovery.policy import DEFAULT_POLICY, Weights
from skymarshal.recovery.scoring import score
from skymarshal.recovery.sensitivity import sensitivity
from tests.unit.recovery.builders import STD, cost, impact, minutes, situation


def made(margin: float, usd: int, delay: float, flights: int, policy=DEFAULT_POLICY) -> Scored:
    check = ConstraintCheck(
        agent=AgentName.REGULATORY,
        text="curfew",
        outcome=CheckOutcome.KEPT,
        margin=minutes(margin),
        share=margin / 120,
    )
    found = impact(
        cost=cost(usd),
        passenger_delay=timedelta(hours=delay),
        affected_passengers=100,
        downstream_flights=flights,
    )
    return Scored(
        candidate=situation().operating(STD),
        checks=(check,),
        impact=found,
        scores=score([check], found, policy),
    )


SAFER = (60, 120_000, 1.0, 0)
CHEAPER = (9, 20_000, 1.0, 0)


def turning() -> dict[str, tuple[str, str]]:
    found = sensitivity([("S1", made(*SAFER)), ("S2", made(*CHEAPER))], DEFAULT_POLICY)
    assert {(one.leader, one.rival) for one in found} == {("S1", "S2")}
    return {one.input: (one.stated, one.turns_at) for one in found}


def composite(one: Scored) -> float:
    return one.scores.composite.value


def test_at_the_cost_named_the_two_are_level() -> None:
    stated, at = turning()["likely cost in USD"]
    assert stated == "120,000"
    dearer = made(60, int(at.replace(",", "")), 1.0, 0)
    assert composite(dearer) == pytest.approx(composite(made(*CHEAPER)), abs=0.05)


def test_at_the_margin_named_the_two_are_level() -> None:
    _, at = turning()["margin to the tightest limit"]
    hours, rest = at.split(":")
    tighter = made(60 * int(hours) + int(rest), 120_000, 1.0, 0)
    assert composite(tighter) == pytest.approx(composite(made(*CHEAPER)), abs=2)


def test_at_the_delay_named_the_two_are_level() -> None:
    _, at = turning()["delay"]
    hours, rest = at.split(":")
    later = made(60, 120_000, int(hours) + int(rest) / 60, 0)
    assert composite(later) == pytest.approx(composite(made(*CHEAPER)), abs=0.05)


def test_at_the_weight_named_the_two_are_level() -> None:
    stated, at = turning()["weight of cost"]
    assert stated == "0.20"
    share = float(at)
    rest = (1 - share) / 0.8
    policy = replace(
        DEFAULT_POLICY,
        weights=Weights(safety=0.4 * rest, cost=share, passengers=0.2 * rest, network=0.2 * rest),
    )
    assert composite(made(*SAFER, policy)) == pytest.approx(composite(made(*CHEAPER, policy)), abs=0.4)


def test_what_cannot_turn_the_ranking_is_left_out() -> None:
    assert "weight of network" not in turning()


def test_nothing_is_said_of_a_score_that_is_a_range() -> None:
    unknown = made(*SAFER)
    unknown = replace(unknown, scores=score(unknown.checks, impact(cost=None), DEFAULT_POLICY))
    assert sensitivity([("S1", unknown), ("S2", made(*CHEAPER))], DEFAULT_POLICY) == ()
    assert sensitivity([("S1", made(*SAFER))], DEFAULT_POLICY) == ()
