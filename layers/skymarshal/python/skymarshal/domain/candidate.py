"""A candidate: one way in which the disrupted flight could operate, or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

__all__ = ["Candidate", "CandidateKind", "Diversion"]


class CandidateKind(StrEnum):
    """What a candidate changes."""

    DELAY = "delay"
    TAIL_SWAP = "tail_swap"
    RESERVE_CREW = "reserve_crew"
    FEWER_CREW = "fewer_crew"
    SWAP_AND_RESERVE = "swap_and_reserve"
    CANCEL = "cancel"
    REROUTE = "reroute"
    PARTNER = "partner"
    DIVERT = "divert"
    MANUAL_REVIEW = "manual_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversion:
    """A landing at an alternate, from which the same tail and crew go on to the destination.

    Attributes:
        airport: the alternate.
        on_block: when the flight arrives there.
        off_block: when it goes on.
        block: the block time of both sectors together.
        longer: how much later than a direct flight it reaches the destination.
        charges_usd: what the alternate charges for landing, parking and handling; None where unknown.
    """

    airport: str
    on_block: datetime
    off_block: datetime
    block: timedelta
    longer: timedelta
    charges_usd: Decimal | None = None

    @property
    def stop(self) -> timedelta:
        """How long the flight stands at the alternate."""
        return self.off_block - self.on_block


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to go on.

    `off_block` and `on_block` are None where the flight does not operate. `replaced_crew` maps the
    crew members taken off to those who fly in their place; nobody flies in place of those in
    `flies_without`. `offloaded_awbs` are shipments left behind. `held_flights` maps the airline's own
    connecting flights that wait for passengers to when they leave. A REROUTE operates too, and moves
    passengers who would miss a connection to other flights beforehand. `on_block` of a DIVERT is at the
    destination, which it reaches by way of the alternate of `diversion`. A DIVERT of a flight that is under
    way has neither times nor `diversion`, and the alternate as its `destination`.
    """

    kind: CandidateKind
    flight_id: str
    off_block: datetime | None
    on_block: datetime | None
    registration: str | None
    replaced_crew: dict[str, str] = field(default_factory=dict)
    destination: str | None = None
    offloaded_awbs: tuple[str, ...] = ()
    held_flights: dict[str, datetime] = field(default_factory=dict)
    diversion: Diversion | None = None
    flies_without: tuple[str, ...] = ()

    @property
    def taken_off(self) -> frozenset[str]:
        """The crew members who do not fly, replaced or not."""
        return frozenset((*self.replaced_crew, *self.flies_without))

    @property
    def operates(self) -> bool:
        """Whether the flight departs."""
        return self.off_block is not None

    @property
    def as_if_direct(self) -> datetime | None:
        """The off-block with which a direct flight would reach the destination at the same time."""
        if self.off_block is None or self.diversion is None:
            return self.off_block
        return self.off_block + self.diversion.longer
