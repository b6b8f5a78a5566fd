"""The decision of the duty manager, and the record that is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import Assessment
from skymarshal.domain.disruption import Disruption

__all__ = [
    "DECISION_RECORD_SCHEMA_VERSION",
    "Decision",
    "DecisionOutcome",
    "DecisionRecord",
    "ObservedOutcome",
]

DECISION_RECORD_SCHEMA_VERSION: Final = 1


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided what, when and why.

    `solution_id` is set for APPROVED and SELECTED, `instruction` for OVERRIDDEN; `reason` is needed
    for OVERRIDDEN and REJECTED. `acknowledged_unverified` says that the approver has acknowledged
    that rules were used which nobody has verified.
    """

    outcome: DecisionOutcome
    approver: str
    role: str
    decided_at: datetime
    solution_id: str | None = None
    instruction: str | None = None
    reason: str = ""
    acknowledged_unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedOutcome:
    """What became of the decision, added when it is known."""

    status: str
    actual_delay: timedelta | None
    actual_cost_usd: Decimal | None
    lessons: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """Everything that a decision rested on, complete in itself.

    `assessments` are those of both phases, `versions` those of the package, the scoring policy, the
    rule profile and, where one worded the texts, the language model.
    """

    disruption: Disruption
    thread_id: str
    checkpoint_id: str
    assessments: tuple[Assessment, ...]
    arbitration: Arbitration
    decision: Decision
    human_override: bool
    versions: dict[str, str]
    observed: ObservedOutcome | None = None
    schema_version: int = DECISION_RECORD_SCHEMA_VERSION
