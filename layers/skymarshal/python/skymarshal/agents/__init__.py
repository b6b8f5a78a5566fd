"""The seven agents: facts of the operational tables made into assessments."""

from __future__ import annotations

from skymarshal.agents.case import (
    Agent,
    AssessmentRequest,
    Findings,
    ForeignTableError,
    clock_share,
    confidence,
    duration_share,
)
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.register import AGENTS, assess, failed_assessment
from skymarshal.agents.revision import revise

__all__ = [
    "AGENTS",
    "Agent",
    "AssessmentRequest",
    "ExpectedDeparture",
    "Findings",
    "ForeignTableError",
    "assess",
    "clock_share",
    "confidence",
    "duration_share",
    "expected_departure",
    "failed_assessment",
    "revise",
]
