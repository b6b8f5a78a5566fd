"""Why each candidate that is not offered fell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck, RejectedCandidate, Solution
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.wording import counted
from skymarshal.recovery.pareto import Scored, dominates, ranked, same_option
from skymarshal.recovery.policy import SearchLimits
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.wording import title

__all__ = ["first_of_each", "infeasible", "telling", "unoffered"]

_REASONS_TOLD: Final = 2


def infeasible(
    situation: Situation, candidate: Candidate, broken: tuple[ConstraintCheck, ...]
) -> RejectedCandidate:
    """Return a candidate that breaks a constraint, or for which one is not known, with which."""
    words = list(
        dict.fromkeys(
            f"{'Not known' if check.outcome is CheckOutcome.UNKNOWN else 'Breaks'}: {check.text}"
            for check in broken
        )
    )
    more = len(words) - _REASONS_TOLD
    if more > 0:
        words[_REASONS_TOLD:] = [f"And {counted(more, 'more limit')}."]
    return RejectedCandidate(
        title=title(candidate, situation.flight, situation.crew),
        candidate=candidate,
        reason=" ".join(words),
        broken=broken,
    )


def telling(fallen: Iterable[RejectedCandidate], feasible: Sequence[Scored]) -> list[RejectedCandidate]:
    """Return the infeasible candidates that tell something.

    Of a tail that can fly at some time those are the departures before it; of another tail, each reason
    once.
    """
    first: dict[str | None, datetime] = {}
    for one in feasible:
        off_block, tail = one.candidate.off_block, one.candidate.registration
        if off_block is not None:
            first[tail] = min(off_block, first.get(tail, off_block))
    return [
        one
        for one in fallen
        if one.candidate.off_block is None
        or one.candidate.held_flights
        or one.candidate.diversion is not None
        or one.candidate.registration not in first
        or one.candidate.off_block < first[one.candidate.registration]
    ]


def unoffered(
    situation: Situation,
    feasible: Sequence[Scored],
    offered: Sequence[Scored],
    solutions: Sequence[Solution],
    search: SearchLimits,
) -> list[RejectedCandidate]:
    """Return the feasible candidates that are not offered, the best first, with what is better."""
    return [
        RejectedCandidate(
            title=title(one.candidate, situation.flight, situation.crew, one.impact),
            candidate=one.candidate,
            reason=_why_not(one, offered, solutions, search),
        )
        for one in ranked(feasible)
        if not any(one is other for other in offered)
    ]


def first_of_each(fallen: Iterable[RejectedCandidate]) -> list[RejectedCandidate]:
    """Return the first candidate of each tail, crew change and flights held."""
    first: dict[tuple[object, ...], RejectedCandidate] = {}
    for one in fallen:
        candidate = one.candidate
        key = (
            candidate.kind,
            candidate.registration,
            tuple(sorted(candidate.replaced_crew)),
            candidate.flies_without,
            tuple(sorted(candidate.held_flights)),
            None if candidate.diversion is None else candidate.diversion.airport,
            not one.broken,
        )
        first.setdefault(key if not one.broken else (*key, one.reason), one)
    return list(first.values())


def _why_not(
    one: Scored, offered: Sequence[Scored], solutions: Sequence[Solution], search: SearchLimits
) -> str:
    for other, solution in zip(offered, solutions, strict=True):
        if same_option(one, other, search):
            return f"The same option as {solution.solution_id}, which ranks before it."
        if dominates(other, one):
            return f"Worse than {solution.solution_id} and better in nothing: {_compared(one, other)}."
    best, name = offered[0], solutions[0].solution_id
    return f"Ranked below the solutions offered; against {name}: {_compared(one, best)}."


def _compared(one: Scored, other: Scored) -> str:
    """Return in which scores two candidates differ, and in the cost where the bands hide it."""
    mine, theirs = one.scores, other.scores
    pairs = (
        ("safety", mine.safety, theirs.safety),
        ("cost", mine.cost, theirs.cost),
        ("passengers", mine.passengers, theirs.passengers),
        ("network", mine.network, theirs.network),
    )
    words = [
        f"{name} {a.low if a.value is None else a.value:.1f} against "
        f"{b.low if b.value is None else b.value:.1f}"
        for name, a, b in pairs
        if (a.value, a.low) != (b.value, b.low)
    ]
    costs = [None if cost is None else cost.likely for cost in (one.impact.cost, other.impact.cost)]
    if costs[0] is not None and costs[1] is not None and costs[0] != costs[1]:
        words.append(f"{costs[0]:,.0f} against {costs[1]:,.0f} USD")
    return ", ".join(words) or "equal in every score"
