"""Arbitrations and past decisions for the tests of knowledge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from skymarshal.domain.arbitration import Arbitration, RecoveryPlan, Solution
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.decision import Decision, DecisionRecord
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.outcome import (
    DecisionOutcome,
    ObservedOutcome,
    ObservedStatus,
    PastDecision,
    Precedent,
)
from skymarshal.knowledge import Case

NOW = datetime(2026, 11, 24, 15, 15, tzinfo=UTC)
FOG_AT_LAHORE = Case(kind=DisruptionType.WEATHER, airport="LHE", fleet="A320")


def disruption(description: str = "Dense fog forecast at Lahore tonight") -> Disruption:
    return Disruption(
        disruption_id="fog-1",
        type=DisruptionType.WEATHER,
        flight_id="EY241-2026-11-24",
        reported_at=NOW,
        airport="LHE",
        description=description,
    )


def solution(solution_id: str = "S1", kind: CandidateKind = CandidateKind.DELAY) -> Solution:
    return Solution(
        solution_id=solution_id,
        title="Delay EY241 to 23:45Z (+6:00)",
        candidate=Candidate(
            kind=kind,
            flight_id="EY241-2026-11-24",
            off_block=NOW + timedelta(hours=8, minutes=30),
            on_block=NOW + timedelta(hours=12),
            registration="A6-EIC",
        ),
        delay=timedelta(hours=6),
        recommendations=("Publish 23:45Z.",),
        scores=None,
        cost_usd=(Decimal(30_000), Decimal(37_784), Decimal(50_000)),
        impacts=(),
        pros=(),
        cons=(),
        risks=(),
        checks=(),
        plan=RecoveryPlan(steps=(), critical_path=(), duration=timedelta(), contingencies=()),
        confidence=0.9,
    )


def arbitration(*solutions: Solution, precedent: Precedent | None = None) -> Arbitration:
    offered = solutions or (solution(),)
    return Arbitration(
        disruption_id="fog-1",
        flight_id="EY241-2026-11-24",
        decided_at=NOW,
        solutions=offered,
        recommended=offered[0].solution_id,
        rejected=(),
        conflicts=(),
        manual_review=False,
        rule_profile="EASA",
        rule_profile_verified=True,
        policy_version="2026-11.1",
        final_decision="Recommended: delay.",
        recommendations=("Publish 23:45Z.",),
        conflicts_identified=(),
        conflict_resolutions=(),
        safety_overrides=(),
        justification="It keeps every binding constraint.",
        confidence=0.9,
        precedent=precedent,
    )


def record(outcome: DecisionOutcome = DecisionOutcome.APPROVED) -> DecisionRecord:
    case = Precedent(kind=FOG_AT_LAHORE.kind, airport=FOG_AT_LAHORE.airport, fleet=FOG_AT_LAHORE.fleet)
    return DecisionRecord(
        disruption=disruption(),
        thread_id="thread-1",
        checkpoint_id="checkpoint-1",
        assessments=(),
        arbitration=arbitration(precedent=case),
        decision=Decision(
            outcome=outcome, approver="d.manager", role="duty-manager", decided_at=NOW, solution_id="S1"
        ),
        human_override=False,
        versions={"skymarshal": "0.1.0"},
    )


def observed(status: ObservedStatus = ObservedStatus.AS_PLANNED, *, hours_later: int = 12) -> ObservedOutcome:
    return ObservedOutcome(
        status=status,
        actual_delay=timedelta(hours=6, minutes=20),
        actual_cost_usd=Decimal(41_000),
        lessons="The fog lifted an hour later than forecast.",
        recorded_at=NOW + timedelta(hours=hours_later),
        recorded_by="a.analyst",
    )


def past(
    number: int,
    choice: CandidateKind = CandidateKind.DELAY,
    outcome: ObservedOutcome | None = None,
    airport: str = "LHE",
) -> PastDecision:
    return PastDecision(
        disruption_id=f"past-{number}",
        kind=DisruptionType.WEATHER,
        airport=airport,
        fleet="A320",
        decided_at=NOW - timedelta(days=100 - number),
        outcome=DecisionOutcome.APPROVED,
        choice=choice,
        title=f"Decision {number}",
        observed=outcome,
    )
