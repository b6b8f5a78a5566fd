"""The decision of the duty manager, and the record that is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skymarshal.domain.arbitration import Arbitration, Solution
from skymarshal.domain.assessment import Assessment
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.outcome import DecisionOutcome, ObservedOutcome, ObservedStatus

__all__ = [
    "DECISION_RECORD_SCHEMA_VERSION",
    "Decision",
    "DecisionOutcome",
    "DecisionRecord",
    "ObservedOutcome",
    "ObservedStatus",
]

DECISION_RECORD_SCHEMA_VERSION: Final = 1


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
class DecisionRecord:
    """Everything that a decision rested on, complete in itself.

    `assessments` are those of both phases, `versions` those of the package, the scoring policy, the
    rule profile and, where one worded the texts, the language model. The record as kept never changes:
    `observed` is filled only in what is shown, from the outcomes that are kept beside it.
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

    @property
    def chosen(self) -> Solution | None:
        """The solution that was decided for; None where none was: overridden, rejected or expired."""
        if not self.decision.outcome.takes_solution:
            return None
        wanted = self.decision.solution_id or self.arbitration.recommended
        return next((one for one in self.arbitration.solutions if one.solution_id == wanted), None)
