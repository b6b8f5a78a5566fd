"""How a decision looks at a terminal: what a duty manager must see, in the order of the questions asked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, ConstraintCheck, Score, Solution
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.outcome import Precedent
from skymarshal.domain.wording import counted
from skymarshal.operations.records import Flight
from skymarshal.reports.wording import (
    alike,
    cost_range,
    evidence_lines,
    instant,
    plain,
    rate,
    span,
    usd,
)

__all__ = [
    "UNVERIFIED",
    "agent_line",
    "console",
    "instant",
    "show_arbitration",
    "show_decision",
    "show_disruption",
    "span",
    "usd",
]

_VERDICT_STYLES = {"clear": "green", "constrained": "yellow", "blocked": "red", "unknown": "bold red"}
_OUTCOME_STYLES = {CheckOutcome.KEPT: "green", CheckOutcome.BROKEN: "red", CheckOutcome.UNKNOWN: "bold red"}
_EFFECTS = {
    "passengers_affected": "pax affected",
    "passengers_needing_reprotection": "rebooking",
    "passengers_reprotected": "reprotected",
    "passengers_rerouted_from_origin": "rerouted",
    "passengers_left_behind": "left behind",
    "connections_missed": "misconnecting",
    "connecting_flights_held": "flights held",
    "later_flights_hit": "later flights",
}
_REJECTED_SHOWN = 6
UNVERIFIED = "The rules in force, profile {}, were not verified at their source. Decide by them all the same?"
_WIDTH_OF_A_FILE = 150


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or wide enough for a table where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else _WIDTH_OF_A_FILE)


def show_disruption(console: Console, disruption: Disruption, flight: Flight) -> None:
    """Print what happened to which flight."""
    console.print()
    console.print(
        Text.assemble(
            (f"{flight.flight_number} {flight.origin}-{flight.destination}", "bold"),
            f"  STD {instant(flight.std)}  STA {instant(flight.sta)}",
            f"  {flight.registration} ({flight.aircraft_type})",
        )
    )
    console.print(
        f"{disruption.type}, reported {instant(disruption.reported_at)}: {disruption.description}",
        markup=False,
    )


def agent_line(
    phase: str, agent: str, verdict: str, confidence: float, headline: str, seconds: float | None = None
) -> Text:
    """Return the one line that tells that an agent has finished."""
    took = "" if seconds is None else f" {seconds:5.2f} s"
    return Text.assemble(
        f"  {phase:<12}",
        (f"{agent:<17}", "bold"),
        (f"{verdict:<12}", _VERDICT_STYLES.get(verdict, "")),
        f"{confidence:4.0%}{took}  ",
        headline,
    )


def show_arbitration(console: Console, arbitration: Arbitration) -> None:
    """Print the solutions side by side, the recommended one in full, and why the others fell."""
    console.print()
    if arbitration.manual_review:
        console.print("[bold red]Manual review: no option may be offered.[/]")
    else:
        _show_solutions(console, arbitration.solutions)
        _show_sensitivity(console, arbitration)
    for conflict in arbitration.conflicts:
        console.print(f"Conflict: {conflict.description} {conflict.resolution}", markup=False)
    for solution in arbitration.solutions[:1]:
        _show_solution(console, solution)
    _show_rejected(console, arbitration)
    console.print(
        f"\nRules: profile {arbitration.rule_profile}"
        f" ({'verified' if arbitration.rule_profile_verified else 'UNVERIFIED'});"
        f" scoring {arbitration.policy_version}; guidance: {arbitration.knowledge}.",
        markup=False,
    )
    _show_guidance(console, arbitration)
    if arbitration.unverified_rules:
        console.print(
            f"Unverified rules used: {'; '.join(arbitration.unverified_rules)}", style="yellow", markup=False
        )
    for unknown in arbitration.unknowns:
        console.print(
            f"Unknown: {unknown.table} {unknown.key} {unknown.field}: {unknown.why}",
            style="bold red",
            markup=False,
        )


def _show_sensitivity(console: Console, arbitration: Arbitration) -> None:
    for one in arbitration.sensitivity:
        console.print(
            f"  Level: {one.rival} with {one.leader} if the {one.input} were {one.turns_at}"
            f" in place of {one.stated}, all else equal.",
            markup=False,
        )


def _show_guidance(console: Console, arbitration: Arbitration) -> None:
    for citation in arbitration.citations:
        console.print(f"  {citation.document}: {citation.section}", style="dim", markup=False)
    if arbitration.precedent is not None:
        _show_precedent(console, arbitration.precedent)


def _show_precedent(console: Console, precedent: Precedent) -> None:
    for choice in precedent.choices:
        console.print(
            f"  Before: {plain(choice.choice)}, {counted(choice.decided, 'time')}; {rate(choice)}",
            style="dim",
            markup=False,
        )


def show_decision(
    console: Console, arbitration: Arbitration, outcome: str, approver: str, chosen: str | None
) -> None:
    """Print the final decision with who took it."""
    solution = next((each for each in arbitration.solutions if each.solution_id == chosen), None)
    console.print()
    console.print(Text.assemble(("Decision: ", "bold"), (f"{outcome} by {approver}", "bold green")))
    console.print(f"  {solution.title if solution else arbitration.final_decision}", markup=False)
    if solution:
        for recommendation in solution.recommendations:
            console.print(f"  - {recommendation}", markup=False)
    console.print(f"  Why: {arbitration.narrative or arbitration.justification}", markup=False)
    console.print(f"  Confidence {arbitration.confidence:.0%}")


def _show_solutions(console: Console, solutions: Sequence[Solution]) -> None:
    """Print the titles, then the figures side by side, so that both fit a narrow terminal."""
    console.print(Text("Solutions", style="bold"))
    for solution in solutions:
        console.print(Text.assemble((f"  {solution.solution_id}  ", "bold"), solution.title))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "off block", "on block"):
        table.add_column(heading, no_wrap=True)
    for heading in ("delay", "cost", "score", "safety", "cost", "pax", "network"):
        table.add_column(heading, justify="right", no_wrap=True)
    for solution in solutions:
        scores = solution.scores
        parts = (
            ["-"] * 5
            if scores is None
            else [
                _score(each)
                for each in (scores.composite, scores.safety, scores.cost, scores.passengers, scores.network)
            ]
        )
        table.add_row(
            solution.solution_id,
            instant(solution.candidate.off_block),
            instant(solution.candidate.on_block),
            span(solution.delay),
            cost_range(solution.cost_usd).replace(" (", "\n("),
            *parts,
        )
    console.print(table)
    console.print(_effects_table(solutions))


def _effects_table(solutions: Sequence[Solution]) -> Table:
    """Return whom each solution hits, in the figures that one of them has."""
    figures = {
        (solution.solution_id, figure.name): "unknown" if figure.likely is None else f"{figure.likely:,.0f}"
        for solution in solutions
        for figure in solution.impacts
    }
    names = [name for name in _EFFECTS if any(name == known for _, known in figures)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(_EFFECTS[name], justify="right")
    for solution in solutions:
        effects = [figures.get((solution.solution_id, name), "-") for name in names]
        table.add_row(solution.solution_id, *effects)
    return table


def _score(score: Score) -> str:
    return f"{score.value:.0f}" if score.low == score.high else f"{score.low:.0f}-{score.high:.0f}"


def _show_solution(console: Console, solution: Solution) -> None:
    console.print(Text.assemble(("Recommended: ", "bold"), solution.title))
    for heading, lines in (("+", solution.pros), ("-", solution.cons), ("risk", solution.risks)):
        for line in lines:
            console.print(f"  {heading} {line}", markup=False)
    console.print(_checks_table(solution.checks))
    plan = Table(
        box=box.SIMPLE_HEAD,
        title=f"Plan ({span(solution.plan.duration)})",
        title_justify="left",
        pad_edge=False,
    )
    for heading in ("step", "action", "owner", "takes", "after"):
        plan.add_column(heading)
    for step in solution.plan.steps:
        plan.add_row(
            f"{step.number}{'*' if step.number in solution.plan.critical_path else ''}",
            Text(step.action),
            step.owner,
            span(step.duration),
            ", ".join(str(number) for number in step.after) or "-",
        )
    console.print(plan)


def _checks_table(checks: Iterable[ConstraintCheck]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Constraints checked", title_justify="left", pad_edge=False)
    for heading in ("", "constraint", "rule", "margin", "evidence"):
        table.add_column(heading)
    for group in alike(checks):
        check = group[0]
        more = f" (and {len(group) - 1} more with the same limit)" if len(group) > 1 else ""
        table.add_row(
            Text(str(check.outcome), style=_OUTCOME_STYLES.get(check.outcome, "")),
            Text(f"{check.agent}: {check.text}{more}"),
            Text(f"{check.article or 'operational fact'}{'' if check.verified else ' (unverified)'}"),
            span(check.margin),
            Text("\n".join(evidence_lines(check.evidence))),
        )
    return table


def _show_rejected(console: Console, arbitration: Arbitration) -> None:
    if not arbitration.rejected:
        return
    console.print("Not offered:", style="bold")
    for rejected in arbitration.rejected[:_REJECTED_SHOWN]:
        console.print(f"  {rejected.title}: {rejected.reason}", markup=False)
    left = len(arbitration.rejected) - _REJECTED_SHOWN
    if left > 0:
        console.print(f"  and {left} more in the decision record")
