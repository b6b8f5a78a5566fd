"""Choosing what to offer: the Pareto front, the ranking, and distinct options among it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from skymarshal.domain.arbitration import ConstraintCheck, Score, Scores
from skymarshal.domain.candidate import Candidate
from skymarshal.recovery.impact import Impact
from skymarshal.recovery.policy import SearchLimits

__all__ = ["Scored", "distinct", "dominates", "fallbacks", "pareto_front", "ranked", "same_option"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A feasible candidate with its checks, impact and scores."""

    candidate: Candidate
    checks: tuple[ConstraintCheck, ...]
    impact: Impact
    scores: Scores

    @property
    def objectives(self) -> tuple[float, float, float, float]:
        """What a choice trades off, more is better: safety, cost, passengers and network.

        These are the scores, but for the cost, which counts in US dollars where it is known: the bands
        hide what is cheap from what is cheaper. A score that is a range counts as its low end, and an
        unknown cost as its upper bound.
        """
        scores, cost = self.scores, self.impact.cost
        usd = None if cost is None else cost.high if cost.likely is None else cost.likely
        return (
            _counted(scores.safety),
            -inf if usd is None else -float(usd),
            _counted(scores.passengers),
            _counted(scores.network),
        )


def dominates(one: Scored, other: Scored) -> bool:
    """Return whether `one` is at least as good in every score and better in one."""
    mine, theirs = one.objectives, other.objectives
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))


def pareto_front(scored: Sequence[Scored]) -> list[Scored]:
    """Return those that no other dominates, in the order given."""
    return [one for one in scored if not any(dominates(other, one) for other in scored)]


def ranked(scored: Sequence[Scored]) -> list[Scored]:
    """Return the best composite first; ties go to safety, then to the cheaper, then to the earlier."""
    return sorted(scored, key=_rank)


def distinct(scored: Sequence[Scored], search: SearchLimits) -> list[Scored]:
    """Return at most `most_solutions` in the order given, without what a person would call the same option.

    Two options are the same when they fly the same tail, or one that serves as well, with the same crew,
    load and held connections and depart less than `distinct_by` apart. Two cancellations are the same
    unless one finds other journeys for clearly more passengers (`distinct_share`).
    """
    offered: list[Scored] = []
    for one in scored:
        if len(offered) == search.most_solutions:
            break
        if not any(same_option(one, other, search) for other in offered):
            offered.append(one)
    return offered


def fallbacks(one: Scored, feasible: Sequence[Scored], most: int = 2) -> list[Scored]:
    """Return the best candidates on other tails, or with another crew, should `one` fail."""
    found: list[Scored] = []
    for other in ranked(feasible):
        a, b = one.candidate, other.candidate
        if not b.operates or (a.registration, a.replaced_crew.keys(), a.flies_without) == (
            b.registration,
            b.replaced_crew.keys(),
            b.flies_without,
        ):
            continue
        if any(b.registration == known.candidate.registration for known in found):
            continue
        found.append(other)
        if len(found) == most:
            break
    return found


def same_option(one: Scored, other: Scored, search: SearchLimits) -> bool:
    """Return whether a person would call two candidates the same option (see `distinct`)."""
    a, b = one.candidate, other.candidate
    if a.off_block is None or b.off_block is None:
        if a.off_block is not b.off_block:
            return False
        shares = one.impact.reprotected_share, other.impact.reprotected_share
        return shares[0] is None or shares[1] is None or abs(shares[0] - shares[1]) < search.distinct_share
    return (
        a.kind == b.kind
        and (a.registration == b.registration or one.objectives == other.objectives)
        and a.replaced_crew.keys() == b.replaced_crew.keys()
        and a.flies_without == b.flies_without
        and a.offloaded_awbs == b.offloaded_awbs
        and a.destination == b.destination
        and (a.diversion and a.diversion.airport) == (b.diversion and b.diversion.airport)
        and a.held_flights.keys() == b.held_flights.keys()
        and abs(a.off_block - b.off_block) < search.distinct_by
    )


def _counted(score: Score) -> float:
    """Return the value of a score, or where it is unknown the worst that it can be."""
    return score.low if score.value is None else score.value


def _rank(scored: Scored) -> tuple[float, float, float, bool, datetime | None, str]:
    off_block = scored.candidate.off_block
    return (
        -_counted(scored.scores.composite),
        -_counted(scored.scores.safety),
        -_counted(scored.scores.cost),
        off_block is None,
        off_block,
        repr(scored.candidate),
    )
