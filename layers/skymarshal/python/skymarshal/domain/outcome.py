"""How a decision came out: who decided what, what became of it, and what that says to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionType

__all__ = [
    "DecisionOutcome",
    "ObservedOutcome",
    "ObservedStatus",
    "PastChoice",
    "PastDecision",
    "Precedent",
]


class DecisionOutcome(StrEnum):
    """How the approval ended.

    APPROVED: the recommended solution. SELECTED: another of those offered. OVERRIDDEN: the approver's
    own text. REJECTED: none. EXPIRED: nobody decided in time, so nothing is done and the thread is flagged.
    """

    APPROVED = "approved"
    SELECTED = "selected"
    OVERRIDDEN = "overridden"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def takes_solution(self) -> bool:
        """Whether it is for one of the solutions that were offered."""
        return self in (DecisionOutcome.APPROVED, DecisionOutcome.SELECTED)


class ObservedStatus(StrEnum):
    """What became of a decision. Only AS_PLANNED counts as a success."""

    AS_PLANNED = "as_planned"
    PARTLY = "partly"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedOutcome:
    """What became of the decision, added when it is known.

    Several may be added, a later one correcting an earlier: none is ever rewritten.
    """

    status: ObservedStatus
    actual_delay: timedelta | None
    actual_cost_usd: Decimal | None
    lessons: str
    recorded_at: datetime
    recorded_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """A decision in short, as it serves later ones for a precedent.

    `airport` is where the disruption was, `fleet` the aircraft type of the flight. `choice` is what the
    solution decided for changes; None where none was taken. `observed` is the latest that is known.
    """

    disruption_id: str
    kind: DisruptionType
    airport: str
    fleet: str
    decided_at: datetime
    outcome: DecisionOutcome
    choice: CandidateKind | None
    title: str
    expected_delay: timedelta | None = None
    expected_cost_usd: Decimal | None = None
    observed: ObservedOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChoice:
    """How often one kind of choice was made, and of those whose outcome is known how many went as planned."""

    choice: CandidateKind
    decided: int
    observed: int
    succeeded: int

    @property
    def success_rate(self) -> float | None:
        """The share of the known outcomes that went as planned, None where none is known."""
        return None if self.observed == 0 else self.succeeded / self.observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """Past decisions on the same kind of disruption, at the same airport, on the same fleet.

    `decisions` are the latest few of the `considered`, newest first; `choices` count all of these.
    """

    kind: DisruptionType
    airport: str
    fleet: str
    considered: int = 0
    decisions: tuple[PastDecision, ...] = ()
    choices: tuple[PastChoice, ...] = ()
