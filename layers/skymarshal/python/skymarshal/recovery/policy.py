"""The arbitration policy: weights, bands, lead times and search limits, under one version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from skymarshal.recovery.journey_prices import JourneyPrices

__all__ = [
    "DEFAULT_POLICY",
    "ArbitrationPolicy",
    "Bands",
    "NetworkBands",
    "PassengerBands",
    "SearchLimits",
    "StepDurations",
    "Weights",
]

Bands: TypeAlias = tuple[tuple[float, float], ...]
"""(input, score) in rising order of input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The share of each score in the composite; they add up to 1.

    Raises:
        ValueError: If they do not, or one is negative.
    """

    safety: float = 0.40
    cost: float = 0.20
    passengers: float = 0.20
    network: float = 0.20

    def __post_init__(self) -> None:
        weights = (self.safety, self.cost, self.passengers, self.network)
        if min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
            raise ValueError(f"weights: {weights} is not valid; expected four shares that add up to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassengerBands:
    """How the passengers' score is formed.

    `base` holds (passengers, score): the first entry above the number affected gives the base, and
    `base_beyond` stands where none is. Points go off for each hour of delay and for a cancellation and
    on for the share of those needing another journey who have one.
    """

    base: Bands = ((50, 100), (150, 80), (300, 60))
    base_beyond: float = 40
    per_hour_of_delay: float = 5
    most_for_delay: float = 30
    cancelled: float = 20
    reprotected: float = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkBands:
    """How the network's score is formed.

    `base` holds (downstream flights, score): the first entry not below the number hit gives the base,
    and `base_beyond` stands where none is. Points go off in proportion to the connections missed.
    """

    base: Bands = ((0, 100), (2, 80), (5, 60))
    base_beyond: float = 40
    per_tenth_of_connections: float = 10
    most_for_connections: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDurations:
    """How long the steps of a recovery plan take when they go well.

    The lead time of a candidate is the critical path over those of its steps that come before
    departure, so that a plan always fits the time that its candidate allows for it.
    """

    decide: timedelta = timedelta(minutes=5)
    flight_plan: timedelta = timedelta(minutes=20)
    crew_notice: timedelta = timedelta(minutes=10)
    crew_briefing: timedelta = timedelta(minutes=60)
    tail_release: timedelta = timedelta(minutes=15)
    tail_positioning: timedelta = timedelta(minutes=30)
    transfer_load: timedelta = timedelta(minutes=45)
    offload: timedelta = timedelta(minutes=20)
    boarding: timedelta = timedelta(minutes=25)
    passenger_notice: timedelta = timedelta(minutes=10)
    reprotection: timedelta = timedelta(minutes=45)
    care: timedelta = timedelta(minutes=30)
    close_flight: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """How far the search for candidates goes.

    Attributes:
        delay_step: between two delays tried.
        longest_delay: beyond which a person decides.
        most_candidates: evaluated in one arbitration.
        distinct_by: two departures of the same tail and crew nearer than this are one option.
        distinct_share: two cancellations whose shares of reprotected passengers are nearer than this are
            one option.
        most_varied: of the best candidates that fly, for which other journeys from the origin and held
            connecting flights are tried.
        most_held: connecting flights tried for one candidate.
        longest_hold: beyond which a connecting flight does not wait.
        most_alternates: of the airports that the airline serves, tried for a landing on the way while the
            destination is shut; those that the event names come on top.
        farthest_alternate_km: from the destination, unless the event names it.
        longest_stop: at such an alternate, beyond which a person decides.
        most_refined: of the best candidates whose passengers' seats are given out at the least cost.
        most_solutions: offered.
        most_rejected: kept on the record with the reason why.
        least_reprotected: share of the passengers who must get another journey for a cancellation to be
            offered; below it too many are stranded for a computed choice.
        comfortable_share: margin, as a share of its limit, below which replacing legal crew is tried.
    """

    delay_step: timedelta = timedelta(minutes=60)
    longest_delay: timedelta = timedelta(hours=18)
    most_candidates: int = 400
    distinct_by: timedelta = timedelta(minutes=30)
    distinct_share: float = 0.25
    most_varied: int = 2
    most_held: int = 3
    longest_hold: timedelta = timedelta(minutes=60)
    most_alternates: int = 3
    farthest_alternate_km: float = 1_500
    longest_stop: timedelta = timedelta(hours=4)
    most_refined: int = 6
    most_solutions: int = 3
    most_rejected: int = 25
    least_reprotected: float = 0.25
    comfortable_share: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArbitrationPolicy:
    """Everything about an arbitration that an airline may set; the decision records `version`.

    `safety` maps the margin's share of the tightest limit to a score, `cost` a cost in USD; between two
    entries the score is linear, outside them it is that of the nearest. `clock_limit` is the slack that
    counts as the whole of a limit that is an instant. `journeys` weighs the journeys of rebooked passengers.
    """

    version: str
    weights: Weights = field(default_factory=Weights)
    safety: Bands = ((0.0, 60), (0.1, 80), (0.2, 100))
    clock_limit: timedelta = timedelta(minutes=120)
    cost: Bands = ((10_000, 100), (50_000, 80), (150_000, 60), (300_000, 40), (600_000, 0))
    passengers: PassengerBands = field(default_factory=PassengerBands)
    network: NetworkBands = field(default_factory=NetworkBands)
    steps: StepDurations = field(default_factory=StepDurations)
    search: SearchLimits = field(default_factory=SearchLimits)
    journeys: JourneyPrices = field(default_factory=JourneyPrices)


DEFAULT_POLICY: Final = ArbitrationPolicy(version="2026-11.4")
"""The bands and weights that SkyMarshal ships with."""
