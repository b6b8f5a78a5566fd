"""How a decision came about: the timeline, the agents, their conflicts, guidance and precedent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from skymarshal.domain.assessment import AgentName, Assessment, Constraint, Phase
from skymarshal.domain.decision import DecisionRecord, ObservedOutcome
from skymarshal.domain.outcome import Precedent
from skymarshal.domain.wording import counted
from skymarshal.reports.document import Block, Heading, Paragraph, Table
from skymarshal.reports.wording import clipped, moment, plain, rate, rule, usd

__all__ = ["background"]

_LONGEST_CELL: Final = 420
_MOST_LIMITS: Final = 25
_PHASES: Final = {Phase.INITIAL: "Phase 1, blind", Phase.REVISION: "Phase 2, revised"}


def background(record: DecisionRecord, outcomes: Sequence[ObservedOutcome]) -> Iterator[Block]:
    """Yield what led to the decision."""
    yield from _timeline(record, outcomes)
    yield from _agents(record)
    yield from _conflicts(record)
    yield from _knowledge(record)


def _timeline(record: DecisionRecord, outcomes: Sequence[ObservedOutcome]) -> Iterator[Block]:
    reported, decision = record.disruption.reported_at, record.decision
    rows = [(moment(reported), "Disruption reported; everything is computed as of this instant")]
    for phase, title in _PHASES.items():
        worked = [one for one in record.assessments if one.phase is phase]
        if worked:
            begun = min(one.started_at for one in worked)
            took = max(one.started_at + one.duration for one in worked) - begun
            rows.append(
                (
                    moment(begun),
                    f"{title}: {counted(len(worked), 'agent')}, {took.total_seconds():.1f} s in all",
                )
            )
    rows.append(
        (moment(decision.decided_at), f"{plain(decision.outcome).capitalize()} by {decision.approver}")
    )
    rows += [
        (moment(one.recorded_at), f"Outcome recorded by {one.recorded_by or 'unnamed'}: {plain(one.status)}")
        for one in outcomes
    ]
    yield Heading(text="Timeline")
    yield Table(headings=("Time", "What"), rows=tuple(rows), widths=(1, 4))
    if reported > decision.decided_at:
        yield Paragraph(
            text="The report is dated after the decision: the disruption was rehearsed as of a stated time."
        )


def _agents(record: DecisionRecord) -> Iterator[Block]:
    by_agent: dict[AgentName, dict[Phase, Assessment]] = {}
    for one in record.assessments:
        by_agent.setdefault(one.agent, {})[one.phase] = one
    if not by_agent:
        return
    yield Heading(text="What the agents found")
    yield Table(
        headings=("Agent", "Phase 1", "Phase 2", "Change", "Recommendation"),
        rows=tuple(
            (
                f"{plain(agent)}{' (binds)' if agent.is_safety else ''}",
                _verdict(by_agent[agent].get(Phase.INITIAL)),
                _verdict(by_agent[agent].get(Phase.REVISION)),
                _change(by_agent[agent].get(Phase.REVISION)),
                clipped(_last(by_agent[agent]).recommendation, _LONGEST_CELL),
            )
            for agent in AgentName
            if agent in by_agent
        ),
        widths=(5, 5, 5, 3, 13),
    )
    limits = list(_binding_limits([_last(phases) for phases in by_agent.values()]))
    if limits:
        yield Table(
            title="What binds, as they found it",
            headings=("Agent", "Limit", "Rule"),
            rows=tuple(limits[:_MOST_LIMITS]),
            widths=(4, 18, 9),
        )
    if len(limits) > _MOST_LIMITS:
        yield Paragraph(text=f"The record holds {counted(len(limits) - _MOST_LIMITS, 'more limit')}.")


def _binding_limits(assessments: Iterable[Assessment]) -> Iterator[tuple[str, str, str]]:
    """Yield each binding limit with its rule, those together that bind several alike."""
    groups: dict[tuple[object, ...], list[Constraint]] = {}
    for assessment in assessments:
        for one in assessment.constraints:
            if one.binding:
                key = (assessment.agent, one.kind, one.article, one.at, one.windows, one.subject.kind)
                groups.setdefault(key, []).append(one)
    for (agent, *_), alike in groups.items():
        more = f" (and {len(alike) - 1} more alike)" if len(alike) > 1 else ""
        yield plain(str(agent)), f"{clipped(alike[0].text, _LONGEST_CELL)}{more}", rule(alike[0])


def _verdict(assessment: Assessment | None) -> str:
    if assessment is None:
        return "-"
    if assessment.error is not None:
        return f"failed: {clipped(assessment.error, 80)}"
    return f"{assessment.verdict}, {assessment.confidence:.0%}"


def _change(revised: Assessment | None) -> str:
    return "-" if revised is None or revised.revision is None else str(revised.revision.change)


def _last(phases: dict[Phase, Assessment]) -> Assessment:
    return phases.get(Phase.REVISION) or phases[Phase.INITIAL]


def _conflicts(record: DecisionRecord) -> Iterator[Block]:
    yield Heading(text="Conflicts and how they were resolved")
    conflicts = record.arbitration.conflicts
    if not conflicts:
        yield Paragraph(text="The agents' positions could all hold together.")
        return
    yield Table(
        headings=("Between", "Conflict", "Resolution", "Reason"),
        rows=tuple(
            (
                ", ".join(plain(agent) for agent in one.agents),
                clipped(one.description, _LONGEST_CELL),
                clipped(one.resolution, _LONGEST_CELL),
                clipped(one.reason, _LONGEST_CELL),
            )
            for one in conflicts
        ),
        widths=(3, 6, 6, 5),
    )


def _knowledge(record: DecisionRecord) -> Iterator[Block]:
    arbitration = record.arbitration
    yield Heading(text="Guidance and precedent")
    yield Paragraph(text=f"Consulted: {arbitration.knowledge}. It had no part in what was offered or ranked.")
    if arbitration.citations:
        yield Table(
            headings=("Document and section", "Passage", "Source"),
            rows=tuple(
                (f"{one.document}: {one.section}", clipped(one.text, 600), one.source or "-")
                for one in arbitration.citations
            ),
            widths=(4, 11, 5),
        )
    if arbitration.precedent is not None and arbitration.precedent.considered:
        yield from _precedent(arbitration.precedent)


def _precedent(precedent: Precedent) -> Iterator[Block]:
    yield Table(
        title=f"{counted(precedent.considered, 'past decision')} on {plain(precedent.kind)} at "
        f"{precedent.airport} on {precedent.fleet}",
        headings=("Choice", "Taken", "What became of it"),
        rows=tuple((plain(one.choice), counted(one.decided, "time"), rate(one)) for one in precedent.choices),
        widths=(4, 2, 5),
    )
    yield Table(
        title="The latest of them",
        headings=("Decided", "Decision", "Outcome", "Lessons"),
        rows=tuple(
            (
                moment(one.decided_at),
                clipped(one.title, 200),
                "not known" if one.observed is None else _observed(one.observed),
                "-" if one.observed is None else clipped(one.observed.lessons, 300) or "-",
            )
            for one in precedent.decisions
        ),
        widths=(4, 7, 4, 6),
    )


def _observed(outcome: ObservedOutcome) -> str:
    cost = "" if outcome.actual_cost_usd is None else f", {usd(outcome.actual_cost_usd)}"
    return f"{plain(outcome.status)}{cost}"
