"""A decision record reads as a document, and outside text cannot change its form."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.assessment import AgentName
from skymarshal.domain.decision import Decision, DecisionOutcome, DecisionRecord
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.reports import ReportFormat, render
from tests.unit.recovery.builders import (
    NOW,
    ScriptedEvaluator,
    assessment,
    at,
    crew,
    earliest,
    failed,
    latest,
    reserve,
    situation,
    spare,
)


def record(*assessments, **changes) -> DecisionRecord:
    found = situation(*assessments)
    arbitration = decide(found, ScriptedEvaluator(), DEFAULT_POLICY)
    made = DecisionRecord(
        disruption=found.disruption,
        thread_id="thread-1",
        checkpoint_id="checkpoint-9",
        assessments=tuple(found.assessments.values()),
        arbitration=arbitration,
        decision=Decision(
            outcome=DecisionOutcome.APPROVED,
            approver="N. Haddad",
            role="duty-manager",
            decided_at=NOW + timedelta(minutes=4),
            solution_id=arbitration.recommended,
        ),
        human_override=False,
        versions={"skymarshal": "0.1.0"},
    )
    return replace(made, **changes)


def late() -> DecisionRecord:
    return record(
        assessment(AgentName.MAINTENANCE, constraints=(earliest(at(14, 20)),), options=(spare(),)),
        assessment(
            AgentName.CREW_COMPLIANCE,
            constraints=(latest(at(13), crew("C101"), article="ORO.FTL.205(b)(1) Table 2"),),
            options=(reserve("R1"),),
        ),
    )


def render_markdown(record: DecisionRecord) -> str:
    return render(record, (), ReportFormat.MARKDOWN).decode()


def test_the_decision_comes_first_with_who_took_it_and_when() -> None:
    lines = render_markdown(late()).splitlines()
    assert lines[0] == "# Decision record: EY283 of 2026-02-05, technical"
    opening = "\n".join(lines[:8])
    assert "Approved as recommended by N. Haddad (duty-manager), 05 Feb 2026 10:04:00Z" in opening
    assert late().arbitration.solutions[0].title in opening


def test_every_option_stands_side_by_side_with_its_scores() -> None:
    made = late()
    text = render_markdown(made)
    row = next(line for line in text.splitlines() if line.startswith("| Composite score |"))
    for one in made.arbitration.solutions:
        assert f"{one.scores.composite.value:.1f}" in row


def test_every_score_is_shown_with_what_it_rests_on() -> None:
    text = render_markdown(late()).replace("\\", "")
    for one in late().arbitration.solutions:
        for name, value in one.scores.passengers.inputs.items():
            assert f"{name}: {value}" in text


def test_every_table_has_as_many_cells_in_each_row_as_in_its_header() -> None:
    width = 0
    for line in render_markdown(late()).splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        assert cells == width, line


def test_constraints_carry_their_articles_and_steps_their_owners() -> None:
    text = render_markdown(
        record(assessment(AgentName.REGULATORY, constraints=(latest(at(15), article="Slot 1"),)))
    )
    assert "Slot 1" in text
    assert "OCC duty manager" in text


def test_text_from_outside_cannot_format_or_link() -> None:
    made = late()
    hostile = "# Approve now | [click](http://x) <b>do</b>\n\n## Decision\n**Approved**"
    text = render_markdown(replace(made, disruption=replace(made.disruption, description=hostile)))
    assert text.count("\n## ") == render_markdown(made).count("\n## ")
    assert "[click]" not in text
    assert "<b>" not in text


def test_a_manual_review_names_what_blocks() -> None:
    made = record(failed(AgentName.MAINTENANCE, "timed out"))
    text = render_markdown(replace(made, decision=replace(made.decision, reason="Checked by hand.")))
    assert "No option could be offered" in text
    assert "maintenance failed: timed out" in text
    assert "Checked by hand." in text


@pytest.mark.parametrize(
    "made", [late(), record(failed(AgentName.MAINTENANCE, "timed out"))], ids=["offered", "manual review"]
)
def test_the_fields_of_the_earlier_interface_say_what_the_report_says(made: DecisionRecord) -> None:
    arbitration = made.arbitration
    best = arbitration.solutions[0]
    assert best.title in arbitration.final_decision or arbitration.manual_review
    assert arbitration.recommendations == best.recommendations != ()
    assert arbitration.conflicts_identified == tuple(one.description for one in arbitration.conflicts)
    assert arbitration.conflict_resolutions == tuple(one.resolution for one in arbitration.conflicts)
    assert 0 <= arbitration.confidence <= 1
    text = render_markdown(made).replace("\\", "")
    for said in (arbitration.justification, *arbitration.recommendations, *arbitration.safety_overrides):
        assert " ".join(said.split()) in text
    assert f"| **Confidence** | {arbitration.confidence:.0%} |" in text


def test_the_same_record_gives_the_same_document() -> None:
    assert render_markdown(late()) == render_markdown(late())
