"""What would change the ranking: by how much an input must differ for another solution to lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from skymarshal.domain.arbitration import Scores, Sensitivity
from skymarshal.domain.times import format_duration
from skymarshal.recovery.pareto import Scored
from skymarshal.recovery.policy import ArbitrationPolicy, Bands

__all__ = ["sensitivity"]

_NAMES: Final = ("safety", "cost", "passengers", "network")


def sensitivity(
    solutions: Sequence[tuple[str, Scored]], policy: ArbitrationPolicy
) -> tuple[Sensitivity, ...]:
    """Return for each other solution what would bring it level with the first, all else equal.

    Looked at are the four weights (the others keep their proportions), the likely cost of the first, its
    delay and its margin to the tightest limit. What cannot turn the ranking within its range is left out,
    and nothing is said where a score is a range.
    """
    if not solutions:
        return ()
    (leader, first), *others = solutions
    found: list[Sensitivity] = []
    for rival, other in others:
        mine, theirs = _values(first.scores), _values(other.scores)
        if mine is None or theirs is None:
            continue
        gap = _composite(mine, policy) - _composite(theirs, policy)
        turning = [
            *_weights(mine, theirs, policy),
            *_cost(first, gap, policy),
            *_delay(first, gap, policy),
            *_margin(first, gap, policy),
        ]
        found += [
            Sensitivity(input=name, leader=leader, rival=rival, stated=stated, turns_at=turns_at)
            for name, stated, turns_at in turning
        ]
    return tuple(found)


_Turning = tuple[str, str, str]


def _weights(mine: Sequence[float], theirs: Sequence[float], policy: ArbitrationPolicy) -> list[_Turning]:
    weights = _of(policy)
    ahead = [a - b for a, b in zip(mine, theirs, strict=True)]
    found: list[_Turning] = []
    for place, (name, weight) in enumerate(zip(_NAMES, weights, strict=True)):
        if weight >= 1:
            continue
        rest = sum(w * d for other, (w, d) in enumerate(zip(weights, ahead, strict=True)) if other != place)
        rest /= 1 - weight
        if rest == ahead[place]:
            continue
        level = rest / (rest - ahead[place])
        if 0 <= level < 1 and abs(level - weight) > 1e-9:
            found.append((f"weight of {name}", f"{weight:.2f}", f"{level:.2f}"))
    return found


def _cost(first: Scored, gap: float, policy: ArbitrationPolicy) -> list[_Turning]:
    cost = first.impact.cost
    stated = first.scores.cost.value
    if cost is None or cost.likely is None or stated is None or policy.weights.cost == 0:
        return []
    at = _input_at(policy.cost, stated - gap / policy.weights.cost)
    if at is None or at <= float(cost.likely):
        return []
    return [("likely cost in USD", f"{cost.likely:,.0f}", f"{at:,.0f}")]


def _delay(first: Scored, gap: float, policy: ArbitrationPolicy) -> list[_Turning]:
    delay, bands = first.impact.passenger_delay, policy.passengers
    if delay is None or first.impact.cancelled or policy.weights.passengers == 0:
        return []
    at = delay + timedelta(hours=gap / policy.weights.passengers / bands.per_hour_of_delay)
    if at > timedelta(hours=bands.most_for_delay / bands.per_hour_of_delay):
        return []
    return [("delay", format_duration(delay), format_duration(at))]


def _margin(first: Scored, gap: float, policy: ArbitrationPolicy) -> list[_Turning]:
    stated = first.scores.safety.value
    limited = [check for check in first.checks if check.share is not None and check.margin is not None]
    tightest = min(limited, key=lambda check: check.share or 0.0, default=None)
    if stated is None or tightest is None or tightest.margin is None or not tightest.share:
        return []
    if policy.weights.safety == 0:
        return []
    share = _input_at(policy.safety, stated - gap / policy.weights.safety)
    if share is None or share >= tightest.share:
        return []
    at = tightest.margin * (share / tightest.share)
    return [("margin to the tightest limit", format_duration(tightest.margin), format_duration(at))]


def _input_at(bands: Bands, score: float) -> float | None:
    """Return the input at which the bands give `score`, None where they never do."""
    for (left, left_score), (right, right_score) in pairwise(bands):
        low, high = sorted((left_score, right_score))
        if low <= score <= high and low != high:
            return left + (score - left_score) / (right_score - left_score) * (right - left)
    return None


def _values(scores: Scores) -> tuple[float, ...] | None:
    values = (scores.safety.value, scores.cost.value, scores.passengers.value, scores.network.value)
    known = tuple(value for value in values if value is not None)
    return known if len(known) == len(values) else None


def _composite(values: Sequence[float], policy: ArbitrationPolicy) -> float:
    return sum(weight * value for weight, value in zip(_of(policy), values, strict=True))


def _of(policy: ArbitrationPolicy) -> tuple[float, ...]:
    weights = policy.weights
    return weights.safety, weights.cost, weights.passengers, weights.network
