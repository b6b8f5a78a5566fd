"""Conflicts between agents, found by comparing what they computed, and how each is resolved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import combinations
from typing import Final

from skymarshal.domain.arbitration import Conflict, ConflictKind
from skymarshal.domain.assessment import AgentName, Constraint, ConstraintKind, Window
from skymarshal.recovery.pareto import Scored
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.wording import title

__all__ = ["find_conflicts", "find_trade_offs"]

_WINDOW_KINDS: Final = (ConstraintKind.FORBIDDEN_OFF_BLOCK, ConstraintKind.AIRPORT_CLOSED)

_Position = tuple[AgentName, Constraint]


def find_conflicts(situation: Situation) -> tuple[Conflict, ...]:
    """Return where two agents set limits on the flight as planned that no departure keeps both.

    Several such limits of the same two agents are one conflict.
    """
    positions = [
        (agent, constraint)
        for agent, constraint in (*situation.binding, *situation.advisory)
        if agent is not AgentName.ARBITRATOR
        and (constraint.binding or not agent.is_safety)
        and constraint.applies_to(situation.as_planned)
    ]
    found: dict[tuple[AgentName, AgentName, bool, bool], list[Conflict]] = {}
    for one, other in combinations(positions, 2):
        clash = None if one[0] is other[0] else _clash(situation, one[1], other[1])
        if clash is not None:
            key = (one[0], other[0], one[1].binding, other[1].binding)
            found.setdefault(key, []).append(_conflict(one, other, clash))
    return tuple(_merged(conflicts) for conflicts in found.values())


def find_trade_offs(situation: Situation, feasible: Sequence[Scored]) -> tuple[Conflict, ...]:
    """Return where what is best for one business aim is not best for another."""
    aims = (
        (AgentName.FINANCE, "cost", 1),
        (AgentName.GUEST_EXPERIENCE, "passengers", 2),
        (AgentName.NETWORK, "network", 3),
    )
    best = [
        (agent, aim, place, max(feasible, key=partial(_objective, place=place)))
        for agent, aim, place in aims
        if feasible and situation.answered(agent)
    ]
    found: list[Conflict] = []
    for (agent, aim, place, favourite), (other, other_aim, other_place, rival) in combinations(best, 2):
        if (
            favourite.objectives[place] <= rival.objectives[place]
            or rival.objectives[other_place] <= favourite.objectives[other_place]
        ):
            continue
        one = title(favourite.candidate, situation.flight, situation.crew)
        two = title(rival.candidate, situation.flight, situation.crew)
        found.append(
            Conflict(
                kind=ConflictKind.BUSINESS_BUSINESS,
                agents=(agent, other),
                description=f"Best for {aim}: {one}. Best for {other_aim}: {two}.",
                resolution="Traded off by the weighted composite score.",
                reason="Both are advice; the policy's weights decide between them.",
            )
        )
    return tuple(found)


def _merged(conflicts: list[Conflict]) -> Conflict:
    """Return the first of several conflicts between the same agents, saying how many more there are."""
    first, more = conflicts[0], len(conflicts) - 1
    if not more:
        return first
    return replace(first, description=f"{first.description} And {more} more like it.")


def _objective(scored: Scored, place: int) -> float:
    return scored.objectives[place]


def _clash(situation: Situation, one: Constraint, other: Constraint) -> str | None:
    """Return in words why no departure keeps both, or None."""
    earliest, latest = _earliest((one, other)), _latest((one, other))
    windows = _windows((one, other))
    if earliest is not None and latest is not None and latest < earliest:
        return f"one allows no departure before {earliest:%H:%MZ}, the other none after {latest:%H:%MZ}"
    if earliest is not None:
        hit = next((window for window in windows if window.holds(earliest)), None)
        if hit is not None:
            return f"the first possible departure, {earliest:%H:%MZ}, is forbidden until {hit.end:%H:%MZ}"
    if latest is not None:
        start = max(situation.flight.std, situation.now)
        hit = next((w for w in windows if w.holds(start) and latest < w.end), None)
        if hit is not None:
            return (
                f"departures are forbidden until {hit.end:%H:%MZ} and the other allows none after "
                f"{latest:%H:%MZ}"
            )
    return None


def _conflict(one: _Position, other: _Position, clash: str) -> Conflict:
    (agent, constraint), (rival, rival_constraint) = one, other
    description = f"{agent}: {constraint.text} {rival}: {rival_constraint.text} Together: {clash}."
    agents = (agent, rival)
    if constraint.binding and rival_constraint.binding:
        return Conflict(
            kind=ConflictKind.SAFETY_SAFETY,
            agents=agents,
            description=description,
            resolution="Both hold: only a candidate to which one of them does not apply can be offered.",
            reason="Of two safety limits neither gives way; the more restrictive holds at every instant.",
        )
    if constraint.binding or rival_constraint.binding:
        holder, giver = (agent, rival) if constraint.binding else (rival, agent)
        return Conflict(
            kind=ConflictKind.SAFETY_BUSINESS,
            agents=agents,
            description=description,
            resolution=f"The limit of {holder} holds; what {giver} advised is given up and costed.",
            reason="A safety limit binds, advice does not.",
        )
    return Conflict(
        kind=ConflictKind.BUSINESS_BUSINESS,
        agents=agents,
        description=description,
        resolution="Traded off by the weighted composite score.",
        reason="Both are advice; the policy's weights decide between them.",
    )


def _earliest(constraints: Iterable[Constraint]) -> datetime | None:
    return max(
        (c.at for c in constraints if c.kind is ConstraintKind.EARLIEST_DEPARTURE and c.at is not None),
        default=None,
    )


def _latest(constraints: Iterable[Constraint]) -> datetime | None:
    return min(
        (c.at for c in constraints if c.kind is ConstraintKind.LATEST_OFF_BLOCK and c.at is not None),
        default=None,
    )


def _windows(constraints: Iterable[Constraint]) -> list[Window]:
    return [window for c in constraints if c.kind in _WINDOW_KINDS for window in c.windows]
