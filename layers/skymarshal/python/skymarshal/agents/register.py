"""The seven agents by name, and the one way to ask one of them.

To add an agent: name it in `AgentName` and in `contracts.names` with the tables that it may read;
write its function of a request and an `Operations` in a module of its own here; enter it below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from skymarshal.agents.cargo import cargo
from skymarshal.agents.case import Agent, AssessmentRequest, Findings, OwnTables, confidence
from skymarshal.agents.crew_compliance import crew_compliance
from skymarshal.agents.finance import finance
from skymarshal.agents.guest_experience import guest_experience
from skymarshal.agents.maintenance import maintenance
from skymarshal.agents.network import network
from skymarshal.agents.regulatory import regulatory
from skymarshal.agents.revision import revise
from skymarshal.calculators.malformed import kept_back, unknown_row
from skymarshal.domain.assessment import AgentName, Assessment, AssessmentStatus, Phase, Verdict
from skymarshal.operations import Operations, TableReader
from skymarshal.ports import Clock

__all__ = ["AGENTS", "assess", "failed_assessment"]

AGENTS: Final[Mapping[AgentName, Agent]] = MappingProxyType(
    {
        AgentName.CREW_COMPLIANCE: crew_compliance,
        AgentName.MAINTENANCE: maintenance,
        AgentName.REGULATORY: regulatory,
        AgentName.NETWORK: network,
        AgentName.GUEST_EXPERIENCE: guest_experience,
        AgentName.CARGO: cargo,
        AgentName.FINANCE: finance,
    }
)


def assess(name: AgentName, request: AssessmentRequest, tables: TableReader, clock: Clock) -> Assessment:
    """Return the assessment of one agent.

    Everything in it but `started_at` and `duration` follows from the request and the rows read. An
    error of the agent is raised, for the caller to retry or to record with `failed_assessment`.

    Args:
        name: the agent to ask.
        request: the disruption, the phase and, in the revision phase, the initial assessments.
        tables: the operational tables; the agent is handed its own only.
        clock: dates the assessment and measures it.

    Raises:
        KeyError: no agent has this name.
        ForeignTableError: the agent read a table that is not its own.
        OperationsError: the tables could not be read.
    """
    agent = AGENTS[name]
    started_at = clock()
    operations = Operations(OwnTables(name, tables))
    findings = _with_malformed(name, agent(request, operations), request, operations)
    revision = None
    if request.phase is Phase.REVISION:
        revision = revise(request.before, findings, findings.taken_over)
    return Assessment(
        agent=name,
        phase=request.phase,
        verdict=findings.verdict,
        recommendation=findings.recommendation,
        status=AssessmentStatus.COMPLETED,
        confidence=confidence(
            known=findings.facts_known, unknown=len(findings.unknowns), margin=findings.margin
        ),
        started_at=started_at,
        duration=clock() - started_at,
        constraints=findings.constraints,
        figures=findings.figures,
        curves=findings.curves,
        options=findings.options,
        unknowns=findings.unknowns,
        sources=tuple(sorted({access.table for access in operations.log.accesses})),
        notes=findings.notes,
        rule_profile=request.rule_profile,
        revision=revision,
    )


def _with_malformed(
    name: AgentName, findings: Findings, request: AssessmentRequest, operations: Operations
) -> Findings:
    """Return the findings with the rows that could not be taken: unknown, and binding for a safety agent."""
    malformed = sorted(operations.malformed.values(), key=str)
    if not malformed:
        return findings
    unknowns = tuple(dict.fromkeys((*findings.unknowns, *(unknown_row(one) for one in malformed))))
    flight = operations.flight(request.disruption.flight_id)
    constraints = kept_back(malformed, flight) if name.is_safety and flight is not None else ()
    verdict = Verdict.UNKNOWN if constraints else findings.verdict
    return replace(
        findings,
        unknowns=unknowns,
        constraints=(*findings.constraints, *constraints),
        verdict=verdict,
        notes=(*findings.notes, *(unknown_row(one).why for one in malformed)),
    )


def failed_assessment(
    name: AgentName, phase: Phase, error: str, started_at: datetime, clock: Clock
) -> Assessment:
    """Return the assessment that stands for an agent that failed: unknown, with the error in words."""
    return Assessment(
        agent=name,
        phase=phase,
        verdict=Verdict.UNKNOWN,
        recommendation=f"{name} did not answer; review by hand what it would have checked.",
        status=AssessmentStatus.FAILED,
        confidence=0.0,
        started_at=started_at,
        duration=clock() - started_at,
        error=error,
    )
