"""Scores of 0 to 100: safety by margin, cost, passengers and network by their bands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck, Score, Scores
from skymarshal.domain.times import format_duration, hours
from skymarshal.recovery.impact import CostRange, Impact
from skymarshal.recovery.policy import ArbitrationPolicy, Bands

__all__ = ["compose", "score", "score_cost", "score_network", "score_passengers", "score_safety"]

_BEST: Final = 100.0
_WORST: Final = 0.0
_UNKNOWN: Final = "unknown"


def score(checks: Sequence[ConstraintCheck], impact: Impact, policy: ArbitrationPolicy) -> Scores:
    """Return the four scores of a feasible candidate and their composite.

    Raises:
        ValueError: If a check is broken or unknown: such a candidate has no score.
    """
    return compose(
        score_safety(checks, policy),
        score_cost(impact.cost, policy),
        score_passengers(impact, policy),
        score_network(impact, policy),
        policy,
    )


def score_safety(checks: Sequence[ConstraintCheck], policy: ArbitrationPolicy) -> Score:
    """Return the score of the margin to the tightest limit; 100 where no limit applies.

    Raises:
        ValueError: If a check is broken or unknown.
    """
    unmet = [check for check in checks if check.outcome in (CheckOutcome.BROKEN, CheckOutcome.UNKNOWN)]
    if unmet:
        raise ValueError(f"checks: {unmet[0].text!r} is {unmet[0].outcome}; expected every check kept")
    limited = [check for check in checks if check.share is not None]
    if not limited:
        return _exact(_BEST, {"tightest limit": "none applies"})
    tightest = min(limited, key=lambda check: (check.share, check.text))
    share = tightest.share or 0.0
    inputs = {
        "tightest limit": tightest.text,
        "margin": _UNKNOWN if tightest.margin is None else format_duration(tightest.margin),
        "share of the limit": f"{share:.4f}",
    }
    if tightest.article is not None:
        inputs["article"] = tightest.article
    return _exact(_between(policy.safety, share), inputs)


def score_cost(cost: CostRange | None, policy: ArbitrationPolicy) -> Score:
    """Return the score of the likely cost, with the range that its bounds span."""
    worst, best = policy.cost[-1][1], policy.cost[0][1]
    if cost is None:
        return _range(worst, best, {"cost in USD": _UNKNOWN})
    return Score(
        value=None if cost.likely is None else _rounded(_between(policy.cost, float(cost.likely))),
        low=_rounded(worst if cost.high is None else _between(policy.cost, float(cost.high))),
        high=_rounded(_between(policy.cost, float(cost.low))),
        inputs={
            "cost in USD": _UNKNOWN if cost.likely is None else f"{cost.likely:.2f}",
            "low": f"{cost.low:.2f}",
            "high": _UNKNOWN if cost.high is None else f"{cost.high:.2f}",
        },
    )


def score_passengers(impact: Impact, policy: ArbitrationPolicy) -> Score:
    """Return the score by passengers affected, hours of delay, cancellation and share reprotected."""
    bands = policy.passengers
    delay = impact.passenger_delay
    off = bands.cancelled if impact.cancelled else 0.0
    inputs = {
        "passengers affected": _counted(impact.affected_passengers),
        "delay": _UNKNOWN if delay is None else format_duration(delay),
        "cancelled": "yes" if impact.cancelled else "no",
        "share reprotected": _UNKNOWN
        if impact.reprotected_share is None
        else f"{impact.reprotected_share:.4f}",
    }
    if impact.affected_passengers is None:
        lowest_base = min(bands.base_beyond, *(base for _, base in bands.base))
        highest_base = max(bands.base_beyond, *(base for _, base in bands.base))
    else:
        lowest_base = highest_base = next(
            (base for below, base in bands.base if impact.affected_passengers < below), bands.base_beyond
        )
    if delay is None:
        least_late, most_late = 0.0, bands.most_for_delay
    else:
        least_late = most_late = min(bands.most_for_delay, bands.per_hour_of_delay * max(hours(delay), 0.0))
    if impact.reprotected_share is None:
        least_helped, most_helped = 0.0, bands.reprotected
    else:
        least_helped = most_helped = bands.reprotected * impact.reprotected_share
    return _range(
        lowest_base - most_late - off + least_helped, highest_base - least_late - off + most_helped, inputs
    )


def score_network(impact: Impact, policy: ArbitrationPolicy) -> Score:
    """Return the score by downstream flights hit and share of connections missed."""
    bands = policy.network
    inputs = {
        "downstream flights": _counted(impact.downstream_flights),
        "share of connections missed": _UNKNOWN
        if impact.missed_share is None
        else f"{impact.missed_share:.4f}",
    }
    if impact.downstream_flights is None:
        lowest_base = min(bands.base_beyond, *(base for _, base in bands.base))
        highest_base = max(bands.base_beyond, *(base for _, base in bands.base))
    else:
        lowest_base = highest_base = next(
            (base for upto, base in bands.base if impact.downstream_flights <= upto), bands.base_beyond
        )
    if impact.missed_share is None:
        least_missed, most_missed = 0.0, bands.most_for_connections
    else:
        least_missed = most_missed = min(
            bands.most_for_connections, bands.per_tenth_of_connections * impact.missed_share * 10
        )
    return _range(lowest_base - most_missed, highest_base - least_missed, inputs)


def compose(
    safety: Score, cost: Score, passengers: Score, network: Score, policy: ArbitrationPolicy
) -> Scores:
    """Return the four scores with their weighted sum; its value is known where all four are."""
    weights = policy.weights
    parts = (
        (weights.safety, safety),
        (weights.cost, cost),
        (weights.passengers, passengers),
        (weights.network, network),
    )
    values = [weight * part.value for weight, part in parts if part.value is not None]
    composite = Score(
        value=_rounded(sum(values)) if len(values) == len(parts) else None,
        low=_rounded(sum(weight * part.low for weight, part in parts)),
        high=_rounded(sum(weight * part.high for weight, part in parts)),
        inputs={
            "weight of safety": f"{weights.safety:g}",
            "weight of cost": f"{weights.cost:g}",
            "weight of passengers": f"{weights.passengers:g}",
            "weight of network": f"{weights.network:g}",
        },
    )
    return Scores(
        safety=safety,
        cost=cost,
        passengers=passengers,
        network=network,
        composite=composite,
        policy_version=policy.version,
    )


def _between(bands: Bands, value: float) -> float:
    """Return the score at `value`, linear between two entries and that of the nearest outside them."""
    if value <= bands[0][0]:
        return bands[0][1]
    for (left, left_score), (right, right_score) in pairwise(bands):
        if value <= right:
            return left_score + (value - left) / (right - left) * (right_score - left_score)
    return bands[-1][1]


def _exact(value: float, inputs: dict[str, str]) -> Score:
    return _range(value, value, inputs)


def _range(low: float, high: float, inputs: dict[str, str]) -> Score:
    low, high = _rounded(low), _rounded(high)
    return Score(value=low if low == high else None, low=low, high=high, inputs=inputs)


def _rounded(value: float) -> float:
    """Two decimals, so that a reader recomputes the composite from the scores that are shown."""
    return round(min(_BEST, max(_WORST, float(value))), 2)


def _counted(count: int | None) -> str:
    return _UNKNOWN if count is None else str(count)
