"""Records of every kind for the tests of reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from skymarshal.domain.arbitration import (
    CheckOutcome,
    Citation,
    Conflict,
    ConflictKind,
    ConstraintCheck,
    PlanStep,
    RecoveryPlan,
    RejectedCandidate,
    Score,
    Scores,
    Sensitivity,
    Solution,
)
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    AssessmentStatus,
    Constraint,
    ConstraintKind,
    Evidence,
    Figure,
    Phase,
    Subject,
    SubjectKind,
    Unknown,
    Verdict,
)
from skymarshal.domain.candidate import CandidateKind, Diversion
from skymarshal.domain.decision import DecisionOutcome, DecisionRecord, ObservedStatus
from skymarshal.knowledge.precedents import weigh
from tests.unit.knowledge.cases import NOW, arbitration, disruption, observed, past, record, solution


def score(low: float, high: float | None = None) -> Score:
    high = low if high is None else high
    return Score(value=low if low == high else None, low=low, high=high, inputs={})


def scores(composite: Score) -> Scores:
    weights = {"weight of safety": "0.4", "weight of cost": "0.2", "weight of passengers": "0.2"}
    return Scores(
        safety=score(100),
        cost=score(60, 85),
        passengers=score(62),
        network=score(80),
        composite=replace(composite, inputs={**weights, "weight of network": "0.2"}),
        policy_version="2026-11.1",
    )


def check(number: int = 1, outcome: CheckOutcome = CheckOutcome.KEPT) -> ConstraintCheck:
    return ConstraintCheck(
        agent=AgentName.CREW_COMPLIANCE,
        text=f"Captain C{number} may leave until 2026-11-25 01:00Z.",
        outcome=outcome,
        article="ORO.FTL.205(b)(1) Table 2",
        value="23:45Z",
        limit="01:00Z",
        margin=timedelta(hours=1, minutes=15),
        share=0.6,
        evidence=(Evidence(table="CrewRoster", key=f"C{number}", field="report", value="16:45Z"),),
    )


def figure(name: str, unit: str, value: int) -> Figure:
    return Figure(name=name, unit=unit, likely=Decimal(value), low=Decimal(value), high=Decimal(value))


def offered(
    solution_id: str,
    title: str,
    kind: CandidateKind,
    composite: Score,
    figures: Sequence[tuple[str, str, int]] = (),
) -> Solution:
    steps = (
        PlanStep(
            number=1,
            action="Publish 23:45Z",
            owner="OCC duty manager",
            duration=timedelta(minutes=5),
            after=(),
            automatable=True,
            success_criteria="It is on the displays.",
            rollback="Publish the earlier time again.",
        ),
        PlanStep(
            number=2,
            action="Board",
            owner="Passenger services",
            duration=timedelta(minutes=25),
            after=(1,),
            automatable=False,
            success_criteria="Everyone is on board.",
            rollback="Disembark.",
        ),
    )
    return replace(
        solution(solution_id, kind),
        title=title,
        scores=scores(composite),
        checks=(check(1), check(2), replace(check(3), outcome=CheckOutcome.NOT_APPLICABLE)),
        pros=("Keeps the tail and the crew.", "Nobody misses a connection"),
        cons=("A delay of 6:00.",),
        risks=("The fog may hold on.",),
        impacts=(
            Figure(name="passengers_affected", unit="passengers", likely=Decimal(139), low=Decimal(139)),
            *(figure(name, unit, value) for name, unit, value in figures),
        ),
        plan=RecoveryPlan(
            steps=steps,
            critical_path=(1, 2),
            duration=timedelta(minutes=30),
            contingencies=("If the fog holds on, arbitrate again.",),
        ),
    )


def assessment(agent: AgentName, phase: Phase) -> Assessment:
    return Assessment(
        agent=agent,
        phase=phase,
        verdict=Verdict.CONSTRAINED,
        recommendation=f"What {agent} recommends.",
        status=AssessmentStatus.COMPLETED,
        confidence=0.9,
        started_at=NOW + timedelta(seconds=1 if phase is Phase.INITIAL else 5),
        duration=timedelta(milliseconds=800),
        constraints=tuple(
            Constraint(
                kind=ConstraintKind.CREW_CHANGE_REQUIRED,
                subject=Subject(kind=SubjectKind.CREW_MEMBER, key=crew_id),
                text=f"Captain {crew_id} has to be replaced.",
                binding=True,
                article="ORO.FTL.205(b)(1) Table 2",
            )
            for crew_id in (("C1", "C2") if agent is AgentName.CREW_COMPLIANCE else ())
        ),
    )


def full() -> DecisionRecord:
    """Return a record in which everything is there."""
    late = [("later_delay", "min", 500)]
    first = offered("S1", "Delay EY241 to 23:45Z (+6:00)", CandidateKind.DELAY, score(80.4, 85.2), late)
    moved = [
        ("gates_blocked", "gates", 2),
        ("connecting_flights_held", "flights", 1),
        ("passengers_rerouted_from_origin", "passengers", 3),
    ]
    second = offered("S2", "Hold EY283 for EY241", CandidateKind.REROUTE, score(71.0), moved)
    second = replace(
        second,
        candidate=replace(
            second.candidate,
            held_flights={"EY283-2026-11-24": NOW + timedelta(minutes=30)},
            replaced_crew={"C101": "C900", "C102": "C901"},
            diversion=Diversion(
                airport="ISB",
                on_block=NOW + timedelta(hours=1),
                off_block=NOW + timedelta(hours=2),
                block=timedelta(hours=4),
                longer=timedelta(hours=1),
                charges_usd=Decimal(2400),
            ),
        ),
    )
    made = replace(
        arbitration(first, second, precedent=record().arbitration.precedent),
        rejected=tuple(
            RejectedCandidate(
                title=f"Candidate {n}",
                candidate=first.candidate,
                reason=f"Breaks limit {n}.",
                broken=(check(1, CheckOutcome.BROKEN), check(2, CheckOutcome.BROKEN)),
            )
            for n in range(15)
        ),
        conflicts=(
            Conflict(
                kind=ConflictKind.SAFETY_BUSINESS,
                agents=(AgentName.REGULATORY, AgentName.NETWORK),
                description="Network wants an earlier departure.",
                resolution="The limit of regulatory holds.",
                reason="Safety binds.",
            ),
        ),
        sensitivity=(
            Sensitivity(input="weight of safety", leader="S1", rival="S2", stated="0.40", turns_at="0.62"),
            Sensitivity(
                input="likely cost in USD", leader="S1", rival="S2", stated="37,784", turns_at="90,000"
            ),
        ),
        unknowns=(Unknown(table="Weather", key="LHE", field="rvr_m", why="no forecast covers 04:00Z"),),
        unverified_rules=("CAT.OP.MPA.110",),
        search_limits=("Delays beyond 18:00 were not tried.",),
        citations=(
            Citation(document="Weather", section="Fog", score=9.1, text="Fog lifts.", source="practice"),
        ),
        knowledge="1 passage from the shipped corpus; 2 past decisions on weather at LHE on A320",
        precedent=weigh(
            disruption().type, "LHE", "A320", [past(2, outcome=observed()), past(1, CandidateKind.CANCEL)]
        ),
        safety_overrides=("Network's earlier departure was given up.",),
    )
    assessments = tuple(
        assessment(agent, phase)
        for phase in (Phase.INITIAL, Phase.REVISION)
        for agent in AgentName
        if agent is not AgentName.ARBITRATOR
    )
    decided = replace(record().decision, decided_at=NOW + timedelta(minutes=4))
    return replace(record(), arbitration=made, assessments=assessments, decision=decided)


def ending(outcome: DecisionOutcome, **changes: object) -> DecisionRecord:
    """Return a record that was decided another way."""
    whole = full()
    return replace(
        whole,
        decision=replace(whole.decision, outcome=outcome, solution_id=None, **changes),
        human_override=True,
    )


def manual_review() -> DecisionRecord:
    whole = full()
    only = replace(
        whole.arbitration.solutions[0],
        title="Manual review of EY241",
        scores=None,
        cost_usd=None,
        checks=(),
        candidate=replace(whole.arbitration.solutions[0].candidate, kind=CandidateKind.MANUAL_REVIEW),
    )
    made = replace(
        whole.arbitration,
        solutions=(only,),
        manual_review=True,
        sensitivity=(),
        recommendations=("Settle: the runway visual range at LHE.",),
        final_decision="No option for EY241 can be offered: a person has to decide.",
    )
    return replace(whole, arbitration=made)


OUTCOMES = (observed(ObservedStatus.PARTLY, hours_later=12), observed(hours_later=40))
