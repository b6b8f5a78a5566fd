"""What the flow tells on the bus. A field may be added under a version; any other change is a new version.

Events are told at least once. `event_id` is the same whenever the same thing is told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID, uuid5

import msgspec

from skymarshal.domain.decision import DecisionOutcome

__all__ = [
    "EVENTS",
    "SCHEMA_VERSION",
    "AgentResult",
    "ApprovalRequested",
    "DecisionReached",
    "DisruptionAccepted",
    "OutgoingEvent",
    "PhaseCompleted",
    "ThreadFailed",
    "body_of",
    "detail_of",
]

SCHEMA_VERSION: Final = 1
_NAMESPACE: Final = UUID("0d3a1f86-65a4-5c1b-8f54-5f4c7d0f3b11")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionAccepted:
    """A disruption has a thread, and its agents are at work."""

    thread_id: str
    disruption_id: str
    flight_id: str
    type: str
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """What one agent came to: its verdict, or that it failed."""

    agent: str
    status: Literal["completed", "failed"]
    verdict: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseCompleted:
    """Every agent of a phase has answered, or has failed for good."""

    thread_id: str
    phase: Literal["initial", "revision", "arbitration"]
    results: tuple[AgentResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """A decision is asked of the people of a role: requested, reminded of, or escalated to them."""

    thread_id: str
    flight_id: str
    deadline: datetime
    recommended: str
    final_decision: str
    notice: Literal["request", "reminder", "escalation"]
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReached:
    """A thread has ended with a decision; `record` is the name of its decision record in the bucket."""

    thread_id: str
    disruption_id: str
    flight_id: str
    outcome: DecisionOutcome
    solution_id: str | None
    approver: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFailed:
    """A thread cannot go on by itself; a person has to resume it or to decide without it."""

    thread_id: str
    error: str


OutgoingEvent: TypeAlias = (
    DisruptionAccepted | PhaseCompleted | ApprovalRequested | DecisionReached | ThreadFailed
)
EVENTS: Final[tuple[type[OutgoingEvent], ...]] = (
    DisruptionAccepted,
    PhaseCompleted,
    ApprovalRequested,
    DecisionReached,
    ThreadFailed,
)
"""Every event; its detail-type on the bus is the name of its class."""


def detail_of(event: OutgoingEvent) -> dict[str, Any]:
    """Return an event's own fields as plain JSON values."""
    detail: dict[str, Any] = msgspec.to_builtins(event)
    return detail


def body_of(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    """Return what goes on the bus: the event's fields, its version, and the id that repetitions share."""
    said = msgspec.json.encode([kind, detail], order="deterministic").decode()
    return {"schema_version": SCHEMA_VERSION, "event_id": str(uuid5(_NAMESPACE, said)), **detail}
