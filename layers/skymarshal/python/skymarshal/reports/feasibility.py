"""What an option was checked against, how it is carried out, and why the others fell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from skymarshal.domain.arbitration import Arbitration, RejectedCandidate, Solution
from skymarshal.reports.document import Block, Bullets, Heading, Paragraph, Table
from skymarshal.reports.wording import alike, clipped, evidence_lines, plain, rule, span

__all__ = ["limits_and_plan", "not_offered"]

_LONGEST_CELL: Final = 420


def limits_and_plan(solution: Solution, *, taken: bool) -> Iterator[Block]:
    """Yield every limit that a solution was checked against, and the steps of its recovery plan.

    Args:
        solution: the one decided for; the recommended one where none was.
        taken: whether it was decided for.
    """
    name = solution.solution_id if taken else f"{solution.solution_id}, which was not taken"
    yield from _constraints(solution, name)
    yield from _plan(solution, name)


def _constraints(solution: Solution, name: str) -> Iterator[Block]:
    groups = alike(solution.checks)
    yield Heading(text=f"Limits checked for {name}")
    if not groups:
        yield Paragraph(text="None: it commits to no departure.")
        return
    yield Table(
        headings=("Result", "Limit", "Rule", "Margin", "Evidence"),
        rows=tuple(
            (
                str(alike_checks[0].outcome),
                clipped(
                    f"{plain(alike_checks[0].agent)}: {alike_checks[0].text}"
                    + (
                        f" (and {len(alike_checks) - 1} more with the same limit)"
                        if len(alike_checks) > 1
                        else ""
                    ),
                    _LONGEST_CELL,
                ),
                rule(alike_checks[0]),
                span(alike_checks[0].margin),
                clipped("; ".join(evidence_lines(alike_checks[0].evidence)), _LONGEST_CELL) or "-",
            )
            for alike_checks in groups
        ),
        widths=(3, 13, 8, 3, 11),
    )


def _plan(solution: Solution, name: str) -> Iterator[Block]:
    plan = solution.plan
    if not plan.steps:
        return
    yield Heading(text=f"Recovery plan of {name}")
    yield Table(
        headings=("Step", "Action", "Owner", "Takes", "After", "Done when", "If it fails"),
        rows=tuple(
            (
                f"{step.number}{' *' if step.number in plan.critical_path else ''}",
                clipped(step.action, _LONGEST_CELL),
                step.owner,
                span(step.duration),
                ", ".join(str(number) for number in step.after) or "-",
                clipped(step.success_criteria, _LONGEST_CELL),
                clipped(step.rollback, _LONGEST_CELL),
            )
            for step in plan.steps
        ),
        widths=(2, 9, 5, 3, 3, 7, 7),
    )
    yield Paragraph(text=f"* on the critical path, which takes {span(plan.duration)}.")
    if plan.contingencies:
        yield Bullets(intro="If it turns out otherwise:", items=plan.contingencies)


def not_offered(arbitration: Arbitration) -> Iterator[Block]:
    """Yield the candidates that fell, and why."""
    yield Heading(text="What was looked at and not offered")
    rejected = arbitration.rejected
    if not rejected:
        yield Paragraph(text="Nothing else was looked at.")
        return
    yield Table(
        headings=("Candidate", "Why not", "Rule"),
        rows=tuple(
            (clipped(one.title, _LONGEST_CELL), clipped(one.reason, _LONGEST_CELL), _broken_rules(one))
            for one in rejected
        ),
        widths=(11, 19, 8),
    )


def _broken_rules(rejected: RejectedCandidate) -> str:
    """Return the articles that a candidate breaks or cannot be shown to keep, each on a line."""
    rules = dict.fromkeys(rule(check) for check in rejected.broken)
    return "\n".join(rules) or "-"
