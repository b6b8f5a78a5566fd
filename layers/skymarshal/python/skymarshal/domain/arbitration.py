"""The arbitration: what the arbitrator offers to the duty manager."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from skymarshal.domain.assessment import AgentName, Evidence, Figure, Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.outcome import Precedent

__all__ = [
    "ARBITRATION_SCHEMA_VERSION",
    "Arbitration",
    "CheckOutcome",
    "Citation",
    "Conflict",
    "ConflictKind",
    "ConstraintCheck",
    "MissingFact",
    "PlanStep",
    "RecoveryPlan",
    "RejectedCandidate",
    "Score",
    "Scores",
    "Sensitivity",
    "Solution",
]

ARBITRATION_SCHEMA_VERSION: Final = 1


class CheckOutcome(StrEnum):
    """What computing a constraint for a candidate gave."""

    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintCheck:
    """One constraint computed for one candidate.

    `margin` is the slack (negative when broken); `share` is the slack as a share of the limit for a
    duration limit and of two hours for a clock limit. `exemption_from` is whom an exemption from the
    constraint can be asked for.
    """

    agent: AgentName
    text: str
    outcome: CheckOutcome
    article: str | None = None
    verified: bool = True
    value: str | None = None
    limit: str | None = None
    margin: timedelta | None = None
    share: float | None = None
    evidence: tuple[Evidence, ...] = ()
    exemption_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of 0 to 100 with its inputs.

    `value` is None where an input is unknown: then only the range from `low` to `high` is known.
    """

    value: float | None
    low: float
    high: float
    inputs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The four scores and their weighted sum, by the weights of `policy_version`."""

    safety: Score
    cost: Score
    passengers: Score
    network: Score
    composite: Score
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """By how much one input would have to change, all else equal, for another solution to lead.

    `stated` is the input as it stands and `turns_at` the value at which `rival` draws level with `leader`.
    """

    input: str
    leader: str
    rival: str
    stated: str
    turns_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One numbered step of a recovery plan; `after` are the numbers of the steps it waits for."""

    number: int
    action: str
    owner: str
    duration: timedelta
    after: tuple[int, ...]
    automatable: bool
    success_criteria: str
    rollback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPlan:
    """Steps without cycles; `critical_path` are the step numbers that set `duration`."""

    steps: tuple[PlanStep, ...]
    critical_path: tuple[int, ...]
    duration: timedelta
    contingencies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A feasible candidate that is offered. `cost_usd` is (low, likely, high).

    `scores` is None for a manual review alone: nothing was feasible, so nothing was scored.
    """

    solution_id: str
    title: str
    candidate: Candidate
    delay: timedelta | None
    recommendations: tuple[str, ...]
    scores: Scores | None
    cost_usd: tuple[Decimal, Decimal, Decimal] | None
    impacts: tuple[Figure, ...]
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    risks: tuple[str, ...]
    checks: tuple[ConstraintCheck, ...]
    plan: RecoveryPlan
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCandidate:
    """A candidate that is not offered, with the checks that killed it or the solution that dominates it."""

    title: str
    candidate: Candidate
    reason: str
    broken: tuple[ConstraintCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFact:
    """A fact for want of which departures are not offered that nothing else is known against.

    Attributes:
        text: what is missing, in a sentence.
        unknown: the row that should hold it, where one is named.
        answer_by: until when an answer would still help: the last such departure that was looked at, less the
            time that preparing it takes. None where every departure that needs it breaks a limit as well.
    """

    text: str
    unknown: Unknown | None = None
    answer_by: datetime | None = None


class ConflictKind(StrEnum):
    """Between which kinds of agents a conflict stands."""

    SAFETY_BUSINESS = "safety_business"
    SAFETY_SAFETY = "safety_safety"
    BUSINESS_BUSINESS = "business_business"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two positions that cannot both hold, how that was resolved and why."""

    kind: ConflictKind
    agents: tuple[AgentName, ...]
    description: str
    resolution: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A passage of guidance that was retrieved.

    `source` is what the document itself rests on. `score` is the retriever's own: it orders the passages of
    one answer and compares with nothing else.
    """

    document: str
    section: str
    score: float
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arbitration:
    """1 to 3 ranked solutions, or one manual review that names what blocks.

    `solutions` are in rank order and the first is recommended. With `manual_review` True there is
    exactly one, conservative, that commits to nothing. `missing`, filled where no departure is offered, are
    the facts whose answer could still change that. `knowledge` says whether guidance was reached, and
    `precedent` what became of like decisions; neither has a part in what is offered.
    `narrative` words the justification for a person; `narrated_by` is "template" or a model's id.
    """

    disruption_id: str
    flight_id: str
    decided_at: datetime
    solutions: tuple[Solution, ...]
    recommended: str
    rejected: tuple[RejectedCandidate, ...]
    conflicts: tuple[Conflict, ...]
    manual_review: bool
    rule_profile: str
    rule_profile_verified: bool
    policy_version: str
    final_decision: str
    recommendations: tuple[str, ...]
    conflicts_identified: tuple[str, ...]
    conflict_resolutions: tuple[str, ...]
    safety_overrides: tuple[str, ...]
    justification: str
    confidence: float
    unknowns: tuple[Unknown, ...] = ()
    unverified_rules: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    knowledge: str = "not configured"
    precedent: Precedent | None = None
    narrative: str = ""
    narrated_by: str = "template"
    search_limits: tuple[str, ...] = field(default=())
    sensitivity: tuple[Sensitivity, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    schema_version: int = ARBITRATION_SCHEMA_VERSION
