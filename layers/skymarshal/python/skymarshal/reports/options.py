"""The options: side by side, with their trade-offs and what would change their ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.arbitration import Arbitration, Score, Scores, Sensitivity, Solution
from skymarshal.domain.assessment import Figure
from skymarshal.domain.decision import DecisionRecord
from skymarshal.reports.document import Band, Block, Bullets, Heading, Notice, Paragraph, Table, TradeOffs
from skymarshal.reports.feasibility import limits_and_plan, not_offered
from skymarshal.reports.wording import (
    clipped,
    cost_range,
    instant,
    plain,
    score_text,
    span,
    usd,
)

__all__ = ["options"]

_SCORES: Final = ("safety", "cost", "passengers", "network", "composite")
_LONGEST_CELL: Final = 420
_MOST_LINES: Final = 8
_IMPACTS: Final = {
    "passengers_affected": "Passengers affected",
    "passengers_needing_reprotection": "Needing another journey",
    "passengers_reprotected": "Of these reprotected",
    "passengers_rerouted_from_origin": "Rerouted from the origin",
    "passengers_left_behind": "Left behind",
    "passengers_downgraded": "Downgraded",
    "connections_missed": "Connections missed",
    "connecting_flights_held": "Connecting flights held",
    "later_flights_hit": "Later flights hit",
    "later_delay": "Delay of later flights",
    "stop_at_alternate": "Stop at the alternate",
}
_NOT_AN_IMPACT: Final = "cost"


def options(record: DecisionRecord) -> Iterator[Block]:
    """Yield what was offered and what was not."""
    arbitration = record.arbitration
    yield Heading(text="Options side by side")
    if arbitration.manual_review:
        yield Notice(
            title="No option could be offered",
            text=clipped(arbitration.final_decision, _LONGEST_CELL),
            alarming=True,
        )
        yield Bullets(intro="What has to be settled:", items=arbitration.recommendations)
    else:
        yield _side_by_side(record)
        yield from _chart(arbitration)
        yield from _for_and_against(arbitration)
        yield from _rests_on(arbitration)
        yield from _sensitivity(arbitration)
    yield from limits_and_plan(record.chosen or arbitration.solutions[0], taken=record.chosen is not None)
    yield from not_offered(arbitration)


def _side_by_side(record: DecisionRecord) -> Table:
    solutions = record.arbitration.solutions
    chosen = record.chosen

    def row(name: str, of: Callable[[Solution], str]) -> tuple[str, ...]:
        return (name, *(of(one) for one in solutions))

    def score(name: str) -> Callable[[Solution], str]:
        return lambda one: "-" if one.scores is None else score_text(_score(one.scores, name))

    def impact(name: str) -> Callable[[Solution], str]:
        return lambda one: next((_figure(figure) for figure in one.impacts if figure.name == name), "-")

    changes = [row(name, of) for name, of in _CHANGES.items()]
    figures = dict.fromkeys(figure.name for one in solutions for figure in one.impacts)
    named = sorted(
        figures, key=lambda name: list(_IMPACTS).index(name) if name in _IMPACTS else len(_IMPACTS)
    )
    rows = [
        row("Option", lambda one: one.title),
        row("Off block", lambda one: instant(one.candidate.off_block)),
        row("On block", lambda one: instant(one.candidate.on_block)),
        row("Delay", lambda one: span(one.delay)),
        row("Tail", lambda one: one.candidate.registration or "-"),
        *(change for change in changes if any(cell != "-" for cell in change[1:])),
        row("Cost", lambda one: cost_range(one.cost_usd)),
        row("Composite score", score("composite")),
        row("Safety", score("safety")),
        row("Cost score", score("cost")),
        row("Passengers", score("passengers")),
        row("Network", score("network")),
        row("Tightest limit", _tightest),
        *(
            row(_IMPACTS.get(name, plain(name).capitalize()), impact(name))
            for name in named
            if name != _NOT_AN_IMPACT
        ),
        row("Confidence", lambda one: f"{one.confidence:.0%}"),
    ]
    marks = ["chosen" if chosen is one else "" for one in solutions]
    marks[0] = ", ".join(part for part in ("recommended", marks[0]) if part)
    headings = [
        f"{one.solution_id} ({mark})" if mark else one.solution_id
        for one, mark in zip(solutions, marks, strict=True)
    ]
    return Table(headings=("", *headings), rows=tuple(rows), widths=(4, *([6] * len(solutions))))


def _held(solution: Solution) -> str:
    held = solution.candidate.held_flights
    return _lines([f"{flight} until {instant(until)}" for flight, until in sorted(held.items())])


def _crew(solution: Solution) -> str:
    replaced = solution.candidate.replaced_crew
    changes = [f"{reserve} for {member}" for member, reserve in sorted(replaced.items())]
    return _lines([*changes, *(f"without {member}" for member in solution.candidate.flies_without)])


def _lines(lines: Sequence[str]) -> str:
    """Return a line for each, as many as a cell can hold."""
    more = len(lines) - _MOST_LINES
    shown = [clipped(line, _LONGEST_CELL) for line in lines[:_MOST_LINES]]
    return "\n".join([*shown, f"and {more} more on the record"] if more > 0 else shown) or "-"


def _landing(solution: Solution) -> str:
    way = solution.candidate.diversion
    if way is None:
        return "-"
    charges = "" if way.charges_usd is None else f", charges {usd(way.charges_usd)}"
    return f"{way.airport} {instant(way.on_block)} to {instant(way.off_block)}{charges}"


_CHANGES: Final[dict[str, Callable[[Solution], str]]] = {
    "Lands on the way at": _landing,
    "Reserve crew": _crew,
    "Flights that wait": _held,
    "Shipments left behind": lambda one: _lines(one.candidate.offloaded_awbs),
}
"""What an option changes beside times and tail; shown where one does."""


def _tightest(solution: Solution) -> str:
    limited = [check for check in solution.checks if check.share is not None]
    if not limited:
        return "none applies"
    tightest = min(limited, key=lambda check: (check.share or 0.0, check.text))
    return f"{span(tightest.margin)} to {tightest.article or plain(tightest.agent)}"


def _score(scores: Scores, name: str) -> Score:
    return {
        "safety": scores.safety,
        "cost": scores.cost,
        "passengers": scores.passengers,
        "network": scores.network,
        "composite": scores.composite,
    }[name]


def _figure(figure: Figure) -> str:
    def number(value: Decimal | None) -> str:
        if value is None:
            return "unknown"
        return span(timedelta(minutes=float(value))) if figure.unit == "min" else f"{value:,.0f}"

    unit = "" if figure.unit in ("passengers", "flights", "min") else f" {figure.unit}"
    if figure.low == figure.high and figure.likely is not None:
        return f"{number(figure.likely)}{unit}"
    return f"{number(figure.likely)} ({number(figure.low)} to {number(figure.high)}){unit}"


def _chart(arbitration: Arbitration) -> Iterator[Block]:
    scored = [(one, one.scores) for one in arbitration.solutions if one.scores is not None]
    if not scored:
        return
    weights = scored[0][1].composite.inputs
    shares = ", ".join(f"{name} {weights.get(f'weight of {name}', '?')}" for name in _SCORES[:-1])
    yield TradeOffs(
        scores=_SCORES,
        options=tuple(
            (
                one.solution_id,
                tuple(_band(_score(scores, name)) for name in _SCORES),
                None if one.cost_usd is None else _money(one.cost_usd),
            )
            for one, scores in scored
        ),
        caption=f"Scores of 0 to 100, more is better; a lighter part is the range. Weights: {shares} "
        f"(scoring {arbitration.policy_version}).",
    )


def _band(score: Score) -> Band:
    return Band(low=score.low, likely=score.value, high=score.high)


def _money(cost: tuple[Decimal, Decimal, Decimal]) -> Band:
    low, likely, high = cost
    return Band(low=float(low), likely=float(likely), high=float(high))


def _for_and_against(arbitration: Arbitration) -> Iterator[Block]:
    yield Table(
        title="For and against",
        headings=("", "For", "Against", "Risks"),
        rows=tuple(
            (one.solution_id, _joined(one.pros), _joined(one.cons), _joined(one.risks))
            for one in arbitration.solutions
        ),
        widths=(1, 5, 6, 8),
    )


def _joined(lines: Sequence[str]) -> str:
    return _lines([line if line.endswith(".") else f"{line}." for line in lines])


def _rests_on(arbitration: Arbitration) -> Iterator[Block]:
    rows = []
    for one in arbitration.solutions:
        if one.scores is None:
            continue
        for name in _SCORES[:-1]:
            score = _score(one.scores, name)
            rows.append((one.solution_id, name, score_text(score), _inputs(score)))
        basis = next((figure.basis for figure in one.impacts if figure.name == "cost" and figure.basis), None)
        if basis is not None:
            rows.append(
                (one.solution_id, "cost in USD", cost_range(one.cost_usd), clipped(basis, _LONGEST_CELL))
            )
    if rows:
        yield Table(
            title="What the scores rest on",
            headings=("", "Score", "Value", "From"),
            rows=tuple(rows),
            widths=(1, 3, 5, 14),
        )


def _inputs(score: Score) -> str:
    return (
        clipped("; ".join(f"{name}: {value}" for name, value in score.inputs.items()), _LONGEST_CELL) or "-"
    )


def _sensitivity(arbitration: Arbitration) -> Iterator[Block]:
    yield Heading(text="What would change the ranking")
    if len(arbitration.solutions) == 1:
        yield Paragraph(text="One option was offered, so there is no ranking to change.")
    elif not arbitration.sensitivity:
        yield Paragraph(text="No single input within its range brings another option level.")
    else:
        yield Paragraph(text="Each line changes one input, all else equal.")
        yield Table(
            headings=("Input", "As it stands", "Level at", "Then draws level"),
            rows=tuple(
                (_turning(one), one.stated, one.turns_at, f"{one.rival} with {one.leader}")
                for one in arbitration.sensitivity
            ),
            widths=(6, 4, 4, 4),
        )


def _turning(sensitivity: Sensitivity) -> str:
    """Return the input that turns the ranking; all but the weights are the leader's own."""
    own = "" if sensitivity.input.startswith("weight of ") else f" of {sensitivity.leader}"
    return f"{sensitivity.input}{own}"
