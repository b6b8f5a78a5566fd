"""A decision record as a Markdown document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, ConstraintCheck, Score, Solution
from skymarshal.domain.assessment import Assessment, AssessmentStatus, Figure
from skymarshal.domain.decision import DecisionRecord
from skymarshal.domain.times import format_duration

__all__ = ["render_markdown"]

_SPECIAL: Final = str.maketrans({one: f"\\{one}" for one in "\\`*_[]<>|#"})
_SCORES: Final = ("safety", "cost", "passengers", "network", "composite")


def render_markdown(record: DecisionRecord) -> str:
    """Return the record as Markdown: the decision first, then what it rests on.

    Text that came from outside is escaped, so that it can neither format nor link.
    """
    arbitration = record.arbitration
    parts = [
        _heading(record),
        _decision(record),
        _disruption(record),
        _options(arbitration),
        *(_solution(one) for one in arbitration.solutions),
        _conflicts(arbitration),
        _rejected(arbitration),
        _sensitivity(arbitration),
        _assessments(record.assessments),
        _limits(arbitration),
        _provenance(record),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _heading(record: DecisionRecord) -> Iterator[str]:
    yield f"# Decision on {_text(record.arbitration.flight_id)}"
    yield ""
    yield f"Disruption {_text(record.disruption.disruption_id)}, thread {_text(record.thread_id)}."


def _decision(record: DecisionRecord) -> Iterator[str]:
    decision, arbitration = record.decision, record.arbitration
    chosen = next((s for s in arbitration.solutions if s.solution_id == decision.solution_id), None)
    yield "## Decision"
    yield ""
    if chosen is not None:
        yield f"**{decision.outcome.capitalize()}: {_text(chosen.title)}** ({chosen.solution_id})"
    elif decision.instruction:
        yield f"**{decision.outcome.capitalize()}: {_text(decision.instruction)}**"
    else:
        yield f"**{decision.outcome.capitalize()}**"
    yield ""
    yield f"- By {_text(decision.approver)}, {_text(decision.role)}, {_instant(decision.decided_at)}"
    if decision.reason:
        yield f"- Reason: {_text(decision.reason)}"
    yield f"- Recommended was {arbitration.recommended}. {_text(arbitration.justification)}"
    yield f"- Confidence {arbitration.confidence:.2f}"
    if record.human_override:
        yield "- A person decided otherwise than recommended."
    if arbitration.unverified_rules:
        known = "acknowledged" if decision.acknowledged_unverified else "not acknowledged"
        yield f"- Rules not verified at their source ({known}): {_listed(arbitration.unverified_rules)}"
    if record.observed is not None:
        seen = record.observed
        late = "unknown" if seen.actual_delay is None else format_duration(seen.actual_delay)
        cost = "unknown" if seen.actual_cost_usd is None else f"{_usd(seen.actual_cost_usd)} USD"
        yield f"- Outcome: {_text(seen.status)}; delay {late}, cost {cost}. {_text(seen.lessons)}".rstrip()


def _disruption(record: DecisionRecord) -> Iterator[str]:
    disruption = record.disruption
    yield "## Disruption"
    yield ""
    yield f"- {disruption.type.replace('_', ' ').capitalize()}, reported {_instant(disruption.reported_at)}"
    if disruption.airport:
        yield f"- Airport {_text(disruption.airport)}"
    if disruption.description:
        yield f"- As reported: {_text(disruption.description)}"


def _options(arbitration: Arbitration) -> Iterator[str]:
    yield "## Options"
    yield ""
    if arbitration.manual_review:
        yield "Nothing could be offered. What blocks is named below."
        return
    rows = [
        (
            one.solution_id,
            _text(one.title),
            "does not fly" if one.delay is None else f"+{format_duration(one.delay)}",
            _cost(one),
            *(_score(getattr(one.scores, name)) for name in _SCORES),
        )
        for one in arbitration.solutions
        if one.scores is not None
    ]
    yield from _table(("", "Option", "Delay", "Cost in USD", *(n.capitalize() for n in _SCORES)), rows)


def _solution(solution: Solution) -> Iterator[str]:
    yield f"## {solution.solution_id}: {_text(solution.title)}"
    yield ""
    for line in solution.recommendations:
        yield f"- {_text(line)}"
    for name, lines in (("For", solution.pros), ("Against", solution.cons), ("Risks", solution.risks)):
        if lines:
            yield ""
            yield f"{name}:"
            yield ""
            yield from (f"- {_text(line)}" for line in lines)
    if solution.scores is not None:
        yield ""
        yield "### How it scores"
        yield ""
        yield from _table(
            ("Score", "Value", "From"),
            [
                (
                    name.capitalize(),
                    _score(score),
                    _text("; ".join(f"{k}: {v}" for k, v in score.inputs.items())),
                )
                for name in _SCORES
                for score in [getattr(solution.scores, name)]
            ],
        )
    if solution.impacts:
        yield ""
        yield "### Impact"
        yield ""
        yield from _table(("Figure", "Likely", "Range", "Basis"), [_figure(one) for one in solution.impacts])
    yield from _checks(solution.checks)
    yield from _plan(solution)


def _checks(checks: Sequence[ConstraintCheck]) -> Iterator[str]:
    applied = [one for one in checks if one.outcome is not CheckOutcome.NOT_APPLICABLE]
    if not applied:
        return
    yield ""
    yield "### Constraints checked"
    yield ""
    yield from _table(
        ("Agent", "Constraint", "Outcome", "Margin", "Article"),
        [
            (
                one.agent,
                _text(one.text),
                one.outcome,
                "" if one.margin is None else format_duration(one.margin),
                _text(one.article or "") + ("" if one.verified or not one.article else " (not verified)"),
            )
            for one in applied
        ],
    )
    aside = len(checks) - len(applied)
    if aside:
        yield ""
        yield f"{aside} further constraints do not apply to this option."


def _plan(solution: Solution) -> Iterator[str]:
    plan = solution.plan
    yield ""
    yield f"### Recovery plan, {format_duration(plan.duration)}"
    yield ""
    yield from _table(
        ("Step", "What", "Who", "Takes", "After", "Done when", "Undone by"),
        [
            (
                f"**{step.number}**" if step.number in plan.critical_path else str(step.number),
                _text(step.action),
                _text(step.owner),
                format_duration(step.duration),
                ", ".join(str(number) for number in step.after),
                _text(step.success_criteria),
                _text(step.rollback),
            )
            for step in plan.steps
        ],
    )
    yield ""
    yield "Steps in bold set the duration."
    if plan.contingencies:
        yield ""
        yield from (f"- {_text(line)}" for line in plan.contingencies)


def _conflicts(arbitration: Arbitration) -> Iterator[str]:
    if not arbitration.conflicts:
        return
    yield "## Conflicts"
    yield ""
    for one in arbitration.conflicts:
        yield f"- {_text(one.description)} {_text(one.resolution)} {_text(one.reason)}"


def _rejected(arbitration: Arbitration) -> Iterator[str]:
    if not arbitration.rejected:
        return
    yield "## Not offered"
    yield ""
    yield from _table(
        ("Candidate", "Why not"), [(_text(one.title), _text(one.reason)) for one in arbitration.rejected]
    )


def _sensitivity(arbitration: Arbitration) -> Iterator[str]:
    if not arbitration.sensitivity:
        return
    yield "## What would change the ranking"
    yield ""
    yield from _table(
        ("Input", "Stands at", "Turns at", "Then leads"),
        [(_text(one.input), one.stated, one.turns_at, one.rival) for one in arbitration.sensitivity],
    )


def _assessments(assessments: Sequence[Assessment]) -> Iterator[str]:
    yield "## What the agents found"
    yield ""
    yield from _table(
        ("Agent", "Phase", "Verdict", "Recommendation", "Confidence"),
        [
            (
                one.agent,
                one.phase,
                one.verdict if one.status is AssessmentStatus.COMPLETED else "failed",
                _text(one.recommendation if one.error is None else f"{one.recommendation} ({one.error})"),
                f"{one.confidence:.2f}",
            )
            for one in assessments
        ],
    )


def _limits(arbitration: Arbitration) -> Iterator[str]:
    if not arbitration.unknowns and not arbitration.search_limits:
        return
    yield "## Not known, not tried"
    yield ""
    for unknown in arbitration.unknowns:
        yield f"- {_text(f'{unknown.table} {unknown.key} {unknown.field}')}: {_text(unknown.why)}"
    yield from (f"- {_text(line)}" for line in arbitration.search_limits)


def _provenance(record: DecisionRecord) -> Iterator[str]:
    arbitration = record.arbitration
    yield "## Provenance"
    yield ""
    yield f"- Thread {_text(record.thread_id)}, checkpoint {_text(record.checkpoint_id)}"
    verified = "verified" if arbitration.rule_profile_verified else "not verified"
    yield f"- Rules {_text(arbitration.rule_profile)} ({verified})"
    yield f"- Policy {_text(arbitration.policy_version)}"
    yield from (f"- {_text(name)} {_text(version)}" for name, version in sorted(record.versions.items()))
    for one in arbitration.citations:
        yield f"- {_text(one.document)}, {_text(one.section)} ({one.score:.2f})"
    yield f"- Guidance: {_text(arbitration.knowledge)}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _figure(figure: Figure) -> tuple[str, str, str, str]:
    likely = "unknown" if figure.likely is None else f"{_usd(figure.likely)} {figure.unit}"
    bounds = ""
    if figure.low is not None and figure.high is not None and figure.low != figure.high:
        bounds = f"{_usd(figure.low)} to {_usd(figure.high)}"
    return figure.name.replace("_", " "), likely, bounds, _text(figure.basis)


def _cost(solution: Solution) -> str:
    if solution.cost_usd is None:
        return "not fully known"
    low, likely, high = solution.cost_usd
    return _usd(likely) if low == high else f"{_usd(likely)} ({_usd(low)} to {_usd(high)})"


def _score(score: Score) -> str:
    return f"{score.low:.1f} to {score.high:.1f}" if score.value is None else f"{score.value:.1f}"


def _usd(amount: Decimal) -> str:
    return f"{amount:,.0f}"


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%MZ")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_text(name) for name in names)


def _text(text: str) -> str:
    """Return `text` on one line, with nothing in it that Markdown would read as its own."""
    return " ".join(text.split()).translate(_SPECIAL)
