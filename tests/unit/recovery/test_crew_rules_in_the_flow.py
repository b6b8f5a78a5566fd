"""The rules on rest and rhythm bind where the agent answers and where the arbitrator looks at a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from skymarshal.domain.assessment import AgentName, Assessment, Constraint, ConstraintKind, Verdict
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from skymarshal.domain.ftl import profile_named
from skymarshal.operations import Operations
from skymarshal.operations.past_duties import ListedDuty, past_duty_text
from skymarshal.operations.records import CrewAssignment, Record
from skymarshal.recovery.crew_evaluation import CrewEvaluation
from skymarshal.recovery.situation import Situation
from tests.unit.agents import rows
from tests.unit.agents.conftest import ask_one
from tests.unit.agents.rows import CREW, assignment, hours, z

REPORT = z(2, 45)
LATE = rows.disruption(
    DisruptionType.TECHNICAL, details=DisruptionDetails(delay=timedelta(minutes=30)), reported_at=z(3)
)


def listed(report: Any, length: float, start: str = "AUH", end: str = "AUH") -> str:
    return past_duty_text(
        ListedDuty(report=report, debrief=report + hours(length), start=start, end=end, kind="flight")
    )


def from_new_york(row: CrewAssignment) -> CrewAssignment:
    """Home from JFK for 13 h: CS FTL.1.235(b)(3)(i) asks for three local nights."""
    home = REPORT - hours(13)
    before = rows.past(home - hours(49), hours(60))["past_duties"]
    turn = (listed(home - hours(49), 15, "AUH", "JFK"), listed(home - hours(14), 14, "JFK", "AUH"))
    return replace(row, past_duties=(*before, *turn), rest_before=hours(13))


def without_recovery(row: CrewAssignment) -> CrewAssignment:
    """On duty every day since 2 March: ORO.FTL.235(d) asks for a recovery rest by the 9th."""
    before = rows.past(z(6, day=2), hours(60))["past_duties"]
    days = tuple(listed(z(6, day=day), 8) for day in range(2, 10))
    return replace(row, past_duties=(*before, *days), rest_before=REPORT - z(14, day=9))


def six_disruptive(row: CrewAssignment) -> CrewAssignment:
    """CS FTL.1.235(a)(2): the next recovery rest is 60 h."""
    return replace(row, disruptive_duties=6)


def not_listed(row: CrewAssignment) -> CrewAssignment:
    return replace(row, past_duties=None)


def asked(
    roster: Sequence[Record],
    *,
    reserves: Sequence[Record] = (),
    sick: tuple[str, ...] = (),
    reported_at: datetime = LATE.reported_at,
    rule_profile: str = "EASA",
) -> tuple[Assessment, list[Constraint]]:
    """What the agent says, and what binds the flight half an hour late, with reserves for who is sick."""
    details = replace(LATE.details, unavailable_crew=sick)
    disruption = replace(LATE, details=details, reported_at=reported_at)
    covers = [reserve.crew_id for reserve in reserves]
    tables = rows.tables(
        CrewRoster=roster,
        Airports=[rows.airport(code) for code in ("AUH", "LHR", "JFK")],
        ReserveCrew=reserves,
        CrewMembers=[*rows.members(), *(rows.member(code, "first_officer") for code in covers)],
    )
    answer = ask_one(AgentName.CREW_COMPLIANCE, disruption, tables, rule_profile)
    situation = Situation(
        disruption=disruption,
        flight=rows.flight(),
        crew=dict(CREW),
        assessments={AgentName.CREW_COMPLIANCE: answer},
        profile=profile_named(rule_profile),
    )
    candidate = situation.operating(rows.STD + timedelta(minutes=30))
    evaluation = CrewEvaluation(situation, Operations(tables))
    limits = evaluation.limits(candidate, "B789", rows.aircraft())
    for reserve in covers:
        replaced = replace(candidate, replaced_crew=dict.fromkeys(sick, reserve))
        limits += evaluation.limits(replaced, "B789", rows.aircraft())
    return answer, [constraint for _, constraint in limits if constraint.binding]


def with_captain(change: Any) -> list[Record]:
    return [change(assignment(*CREW[0])), *(assignment(*one) for one in CREW[1:])]


def test_a_crew_that_keeps_every_rule_is_clear() -> None:
    answer, _ = asked(rows.roster())
    assert answer.verdict is Verdict.CLEAR
    assert not any("Not checked" in note for note in answer.notes)
    assert any("Next recovery rest (ORO.FTL.235(d))" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("change", "verdict", "kind", "article"),
    [
        (
            from_new_york,
            Verdict.BLOCKED,
            ConstraintKind.CREW_CHANGE_REQUIRED,
            "CS FTL.1.235(b)(3)(i)",
        ),
        (without_recovery, Verdict.BLOCKED, ConstraintKind.CREW_CHANGE_REQUIRED, "ORO.FTL.235(d)"),
        (not_listed, Verdict.UNKNOWN, ConstraintKind.UNKNOWN_FACT, None),
    ],
)
def test_a_rule_binds_in_the_agents_answer_and_on_the_candidate(change, verdict, kind, article) -> None:
    answer, binding = asked(with_captain(change))

    assert answer.verdict is verdict
    for constraints in (answer.constraints, binding):
        named = [one for one in constraints if one.binding and one.subject.key == "CPT1"]
        assert (kind, article) in [(one.kind, one.article) for one in named]


def test_six_disruptive_duties_are_not_clear() -> None:
    answer, _ = asked(with_captain(six_disruptive))

    assert answer.verdict is Verdict.CONSTRAINED
    assert any("The next recovery rest of Captain CPT1 is 60 h" in one.text for one in answer.constraints)


def test_a_duty_on_the_roster_counts_though_the_row_does_not_list_it() -> None:
    # The evening before from London, released 10 h before the report: 12 are due at home base.
    evening = assignment(
        *CREW[0],
        flight_id="EY284-2026-03-09",
        duty_flights=("EY284-2026-03-09",),
        report=z(8, 45, day=9),
        debrief=z(16, 45, day=9),
        report_airport="LHR",
    )
    answer, _ = asked([*rows.roster(), evening])
    assert answer.verdict is not Verdict.CLEAR
