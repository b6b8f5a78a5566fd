"""The state of one thread as LangGraph keeps it: small, with results by reference."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from skymarshal.domain.assessment import AgentName, Phase

__all__ = [
    "Finding",
    "Findings",
    "Stage",
    "ThreadState",
    "node_name",
]

Stage: TypeAlias = Literal[
    "start",
    "phase1_start",
    "phase1_complete",
    "phase2_start",
    "phase2_complete",
    "phase3_start",
    "phase3_complete",
    "decided",
]


class Finding(TypedDict):
    """What the state keeps of one agent's result: a headline and where the whole of it lies.

    `reference` names the stored assessment; it is None where the agent failed, and `error` says why.
    """

    agent: str
    phase: str
    status: Literal["completed", "failed"]
    verdict: str
    confidence: float
    headline: str
    reference: dict[str, Any] | None
    error: str | None


Findings: TypeAlias = dict[str, dict[str, Finding]]
"""Phase to agent to finding."""


def _merged(before: Findings | None, new: Findings) -> Findings:
    merged = dict(before or {})
    for phase, by_agent in new.items():
        merged[phase] = {**merged.get(phase, {}), **by_agent}
    return merged


def _latest(_: object, new: str) -> str:
    return new


class ThreadState(TypedDict, total=False):
    """The channels of the graph; `disruption` and `decision` are plain JSON values.

    `rule_profile` is the one in force when the thread began. `carried` is what the agents had found before a
    phase that failed was run again. `confidence` is the arbitrator's, from the
    arbitration on.
    """

    disruption: dict[str, Any]
    rule_profile: str
    carried: Findings
    findings: Annotated[Findings, _merged]
    decision: dict[str, Any]
    stage: Annotated[str, _latest]
    confidence: float


def node_name(agent: AgentName, phase: Phase) -> str:
    """Return the name of the node in which `agent`'s result of `phase` comes back."""
    return f"{agent}_{phase}"
