"""The impact of one candidate: what scoring needs to know, where an unknown stays unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from skymarshal.domain.assessment import Figure, Unknown

__all__ = ["CostRange", "Impact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRange:
    """A cost in US dollars at the dated rates; `likely` or `high` None where a rate is unknown."""

    low: Decimal
    likely: Decimal | None
    high: Decimal | None

    @property
    def known(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """(low, likely, high), or None unless all three are known."""
        if self.likely is None or self.high is None:
            return None
        return self.low, self.likely, self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a candidate does to passengers, network and money; None is unknown.

    Attributes:
        cancelled: whether the flight does not operate.
        passenger_delay: the departure delay, or for a cancellation the mean delay at the final
            destination of those who travel otherwise.
        cost: the range of the cost; None where nothing of it is known.
        affected_passengers: passengers who arrive late, misconnect or do not travel as booked.
        needing_reprotection: passengers who need another journey.
        reprotected: those of them who have one.
        rerouted: those of them who leave the origin on another flight, though this one operates.
        downstream_flights: later flights of the tail and the crew that leave late or not at all.
        connections: passengers with an onward flight on the same ticket.
        missed_connections: those of them who miss it.
        figures: the figures shown with the solution.
        unknowns: what was missing.
    """

    cancelled: bool
    passenger_delay: timedelta | None = None
    cost: CostRange | None = None
    affected_passengers: int | None = None
    needing_reprotection: int | None = None
    reprotected: int | None = None
    rerouted: int | None = None
    downstream_flights: int | None = None
    connections: int | None = None
    missed_connections: int | None = None
    figures: tuple[Figure, ...] = ()
    unknowns: tuple[Unknown, ...] = ()

    @property
    def reprotected_share(self) -> float | None:
        """The share of those needing another journey who have one; 1 where nobody needs one."""
        if self.needing_reprotection == 0:
            return 1.0
        if self.needing_reprotection is None or self.reprotected is None:
            return None
        return self.reprotected / self.needing_reprotection

    @property
    def missed_share(self) -> float | None:
        """The share of the connections that is missed; 0 where nobody connects."""
        if self.connections == 0:
            return 0.0
        if self.connections is None or self.missed_connections is None:
            return None
        return self.missed_connections / self.connections
