"""What an agent's worker does: the state at its barrier becomes a request, the answer is stored."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from skymarshal.agents import AssessmentRequest, assess, failed_assessment
from skymarshal.checkpoints import StateView
from skymarshal.contracts import DEFAULT_RULE_PROFILE
from skymarshal.domain.assessment import AgentName, Assessment, Phase
from skymarshal.domain.disruption import Disruption
from skymarshal.operations import TableReader
from skymarshal.orchestration.dispatch import PendingItem
from skymarshal.orchestration.findings import decode_assessment
from skymarshal.orchestration.state import Findings
from skymarshal.orchestration.worker import Result, Work
from skymarshal.ports import Clock

__all__ = ["assessing", "assessments_of", "disruption_in", "rule_profile_in"]


def assessing(tables: TableReader, clock: Clock) -> Work:
    """Return the work of the seven agents over `tables`."""

    def work(item: PendingItem, state: StateView) -> Result:
        disruption = disruption_in(state)
        found = assessments_of(state, Phase.INITIAL, disruption) if item.phase is Phase.REVISION else ()
        request = AssessmentRequest(
            disruption=disruption,
            phase=item.phase,
            others=tuple(each for each in found if each.agent is not item.agent),
            before=next((each for each in found if each.agent is item.agent), None),
            rule_profile=rule_profile_in(state),
        )
        assessment = assess(item.agent, request, tables, clock)
        return Result(
            content=msgspec.json.encode(assessment),
            verdict=assessment.verdict,
            headline=assessment.recommendation,
            confidence=assessment.confidence,
        )

    return work


def disruption_in(state: StateView) -> Disruption:
    """Return the disruption that the thread works on."""
    return msgspec.convert(state.values["disruption"], Disruption)


def rule_profile_in(state: StateView) -> str:
    """Return the rule profile that the thread began under; before there was a choice it was the default."""
    return str(state.values.get("rule_profile", DEFAULT_RULE_PROFILE))


def assessments_of(state: StateView, phase: Phase, disruption: Disruption) -> tuple[Assessment, ...]:
    """Return every agent's assessment of `phase`, a failed one as unknown, in the agents' order."""
    findings: Findings = state.values.get("findings", {})
    by_agent = findings.get(phase, {})
    reported_at = disruption.reported_at
    found = []
    for agent in AgentName:
        finding = by_agent.get(agent)
        if finding is None:
            continue
        if finding["reference"] is None:
            error = finding["error"] or ""
            failed = failed_assessment(agent, phase, error, reported_at, lambda: reported_at)
            found.append(replace(failed, rule_profile=rule_profile_in(state)))
        else:
            found.append(decode_assessment(state.assessments[finding["reference"]["digest"]]))
    return tuple(found)
