"""A candidate: one way in which the disrupted flight could operate, or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["Candidate", "CandidateKind"]


class CandidateKind(StrEnum):
    """What a candidate changes."""

    DELAY = "delay"
    TAIL_SWAP = "tail_swap"
    RESERVE_CREW = "reserve_crew"
    SWAP_AND_RESERVE = "swap_and_reserve"
    CANCEL = "cancel"
    REROUTE = "reroute"
    PARTNER = "partner"
    DIVERT = "divert"
    MANUAL_REVIEW = "manual_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to go on.

    `off_block` and `on_block` are None where the flight does not operate. `replaced_crew` maps the
    crew members taken off to those who fly in their place. `offloaded_awbs` are shipments left behind.
    `held_flights` maps the airline's own connecting flights that wait for passengers to when they leave. A
    REROUTE operates too, and moves passengers who would miss a connection to other flights beforehand.
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

    @property
    def operates(self) -> bool:
        """Whether the flight departs."""
        return self.off_block is not None
