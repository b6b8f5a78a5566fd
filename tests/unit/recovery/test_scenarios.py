"""Every scenario that the agents are judged by, arbitrated, and each of its numbers worked out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, Solution
from skymarshal.domain.assessment import Assessment, Verdict
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionType
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.recovery.situation import counted_assessments
from tests.unit.agents.scenarios.register import Situation, scenarios, situations
from tests.unit.recovery.ledger import Books
from tests.unit.recovery.sample import arbitrated
from tests.unit.recovery.test_recomputation import Solved, all_differences, rebookings, solved

MAIN_KINDS = (
    DisruptionType.TECHNICAL,
    DisruptionType.CREW,
    DisruptionType.WEATHER,
    DisruptionType.CURFEW_SLOT,
    DisruptionType.LATE_INBOUND,
)


def of(scenario: str) -> list[Situation]:
    return [one for one in situations() if one.name.partition(" (")[0] == scenario]


@cache
def worked_out(name: str) -> Solved | None:
    """The situation of that name solved; None where the schedule does not hold its flight."""
    (one,) = (one for one in situations() if one.name == name)
    books = Books(one.dataset)
    if one.disruption.flight_id not in books.flights:
        return None
    return solved(books, InMemoryTables(one.dataset), one.disruption)


def test_no_scenario_drops_out() -> None:
    names = list(scenarios())
    kinds = Counter(one.disruption.type for one in situations())
    print(*(one.name for one in situations()), sep="\n")
    assert len(names) >= 25
    assert all(of(name) for name in names)
    assert all(kinds[kind] >= 5 for kind in MAIN_KINDS)


def test_at_least_twenty_five_of_them_have_numbers_to_work_out() -> None:
    offered = [one.name for one in situations() if (found := worked_out(one.name)) and found.solutions]
    print(*offered, sep="\n")
    assert len(offered) >= 25


@pytest.mark.parametrize("scenario", scenarios())
def test_every_number_of_every_solution_is_what_the_rows_say(scenario: str) -> None:
    for one in of(scenario):
        found = worked_out(one.name)
        if found is None:
            _, decision = arbitrated(one.disruption, InMemoryTables(one.dataset))
            assert decision.manual_review
            assert one.disruption.flight_id in decision.justification
        elif found.solutions:
            assert all_differences(Books(one.dataset), found) == []
        else:
            assert unexplained(one, found) == []


def unexplained(one: Situation, found: Solved) -> list[str]:
    """What a manual review does not say of what blocks, or says without ground."""
    decision = found.decision
    (review,) = decision.solutions
    wrong = [*_numbers(review), *([] if decision.confidence == 0 else ["it is confident"])]
    missing = list(_missing(found.assessments))
    wrong += [f"does not name {fact}" for fact in missing if fact not in decision.justification]
    if not missing:
        wrong += [] if decision.rejected else ["says of no option why it fell"]
        wrong += [] if {"cancel", "partner"} <= _kinds(decision) else ["does not say why not to cancel"]
        wrong += list(_without_ground(one, found))
    return wrong


def _numbers(review: Solution) -> list[str]:
    stated = (review.scores, review.cost_usd, review.delay, *review.impacts, review.confidence or None)
    return [f"states {one}" for one in stated if one is not None]


def _missing(assessments: tuple[Assessment, ...]) -> Iterator[str]:
    """The facts for want of which a safety agent could not answer, by table, key and field."""
    for one in counted_assessments(assessments).values():
        if one.agent.is_safety and one.verdict is Verdict.UNKNOWN:
            yield from (f"{fact.table} {fact.key} {fact.field}" for fact in one.unknowns)


def _kinds(decision: Arbitration) -> set[str]:
    return {one.candidate.kind for one in decision.rejected}


def _without_ground(one: Situation, found: Solved) -> Iterator[str]:
    """Options said to fall that do not: by the instants shown, or by the seats that there are."""
    books, operations = Books(one.dataset), Operations(InMemoryTables(one.dataset))
    for fallen in found.decision.rejected:
        candidate = fallen.candidate
        if not fallen.broken or any(check.outcome is CheckOutcome.KEPT for check in fallen.broken):
            yield f"{fallen.title} falls by nothing"
        for check in fallen.broken:
            slack = check.margin if check.outcome is CheckOutcome.BROKEN else None
            if slack is not None and slack >= timedelta(0):
                yield f"{fallen.title}: {check.text} is kept by {slack}"
        if candidate.kind in (CandidateKind.CANCEL, CandidateKind.PARTNER):
            (ways, *_) = rebookings(operations, one.disruption, found.flight, candidate, found.released)
            book = books.ledger(one.disruption, candidate, found.released, ways)
            told = f"{book.reprotected} of {book.needing} have one"
            if told not in fallen.broken[0].text or book.reprotected >= book.needing / 4:
                yield f"{fallen.title}: {told}"


def test_a_number_that_is_told_wrongly_is_noticed() -> None:
    one = next(one for one in situations() if (found := worked_out(one.name)) and found.solutions)
    found, books = worked_out(one.name), Books(one.dataset)
    first = found.solutions[0]
    scores, plan = first.scores, first.plan
    slower = replace(plan.steps[0], duration=plan.steps[0].duration + timedelta(minutes=1))
    limited = next(n for n, check in enumerate(first.checks) if check.share is not None)
    nearer = replace(first.checks[limited], margin=first.checks[limited].margin + timedelta(minutes=1))
    tampered = [
        replace(first, confidence=first.confidence + 0.01),
        replace(first, delay=first.delay + timedelta(minutes=1)),
        replace(first, plan=replace(plan, duration=plan.duration + timedelta(minutes=1))),
        replace(first, plan=replace(plan, critical_path=plan.critical_path[1:])),
        replace(first, plan=replace(plan, steps=(slower, *plan.steps[1:]))),
        replace(first, checks=(*first.checks[:limited], nearer, *first.checks[limited + 1 :])),
        replace(first, scores=replace(scores, composite=replace(scores.composite, low=0.0))),
        replace(first, scores=replace(scores, cost=replace(scores.cost, high=1.0))),
        replace(first, cost_usd=tuple(amount + 1 for amount in first.cost_usd)),
    ]
    for told in tampered:
        assert all_differences(books, replace(found, solutions=(told, *found.solutions[1:])))
