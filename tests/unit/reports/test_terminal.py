"""What a duty manager sees at a terminal before deciding."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from skymarshal.cli.render import show_arbitration
from tests.unit.reports.records import full, manual_review


def shown(arbitration) -> list[str]:
    out = StringIO()
    show_arbitration(Console(file=out, width=150), arbitration)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_whom_each_solution_hits_stands_side_by_side() -> None:
    lines = shown(full().arbitration)
    heading = lines.index("pax affected rerouted flights held")
    assert lines[heading + 2 : heading + 4] == ["S1 139 - -", "S2 139 3 1"]


def test_a_figure_that_is_not_known_is_told_from_one_that_does_not_apply() -> None:
    arbitration = full().arbitration
    first, second = arbitration.solutions
    unknown = replace(first, impacts=(replace(first.impacts[0], likely=None),))
    assert "S1 unknown - -" in shown(replace(arbitration, solutions=(unknown, second)))


def test_what_is_not_offered_is_told_with_its_reason() -> None:
    lines = shown(full().arbitration)
    assert "Candidate 0: Breaks limit 0." in lines
    assert "and 9 more in the decision record" in lines


def test_a_manual_review_says_that_nothing_may_be_offered() -> None:
    assert "Manual review: no option may be offered." in shown(manual_review().arbitration)
