"""What of a thread runs again when it is resumed: the first phase that failed, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from skymarshal.checkpoints import AgentRun, RunState
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.findings import completed_finding
from skymarshal.orchestration.state import Finding, Findings, Stage

__all__ = [
    "MANUAL_REVIEW",
    "OPENED",
    "REOPENED",
    "WITHDRAWN",
    "carried_over",
    "finished",
    "is_manual_review",
    "phase_to_reopen",
]

REOPENED: Final = "reopened"
"""The name under which a thread keeps the execution that is to reopen it; the reopening removes it."""

WITHDRAWN: Final = ("arbitration", "approval_token", "approval_deadline", "approval_asked_at")
"""What a thread keeps of an approval that is asked for; none of it holds once a phase runs again."""

MANUAL_REVIEW: Final = "manual_review"
"""The verdict of an arbitration that commits to nothing."""

OPENED: Final[Mapping[Phase, Stage]] = {
    Phase.INITIAL: "phase1_start",
    Phase.REVISION: "phase2_start",
    Phase.ARBITRATION: "phase3_start",
}
"""The stage of the barrier at which each phase runs."""

_OF_AGENTS: Final = (Phase.INITIAL, Phase.REVISION)


def phase_to_reopen(values: Mapping[str, Any]) -> Phase | None:
    """Return the first phase that was joined without an agent; the arbitration, where it is a manual review.

    None where nothing failed, or where the thread is decided.
    """
    if values.get("decision") is not None:
        return None
    findings: Findings = values.get("findings", {})
    for phase in _OF_AGENTS:
        if any(finding["status"] == "failed" for finding in findings.get(phase, {}).values()):
            return phase
    return Phase.ARBITRATION if is_manual_review(values) else None


def is_manual_review(values: Mapping[str, Any]) -> bool:
    """Return whether the thread has come to an arbitration that commits to nothing."""
    findings: Findings = values.get("findings", {})
    arbitration = findings.get(Phase.ARBITRATION, {}).get(AgentName.ARBITRATOR)
    return arbitration is not None and arbitration["verdict"] == MANUAL_REVIEW


def carried_over(values: Mapping[str, Any], runs: Iterable[AgentRun]) -> Findings:
    """Return what the agents found so far, joined or only completed at the latest barrier."""
    findings: Findings = values.get("findings", {})
    carried: Findings = {phase: dict(findings[phase]) for phase in _OF_AGENTS if phase in findings}
    for run in runs:
        if run.state is RunState.COMPLETED and run.phase in _OF_AGENTS:
            carried.setdefault(run.phase, {}).setdefault(run.agent, completed_finding(run))
    return carried


def finished(values: Mapping[str, Any], phase: Phase) -> Mapping[str, Finding]:
    """Return by agent what was carried over into `phase` and still holds: completed, from the same inputs."""
    carried: Findings = values.get("carried", {})
    if phase is Phase.REVISION and carried.get(Phase.INITIAL) != values["findings"].get(Phase.INITIAL):
        return {}
    return {
        agent: finding
        for agent, finding in carried.get(phase, {}).items()
        if finding["status"] == "completed"
    }
