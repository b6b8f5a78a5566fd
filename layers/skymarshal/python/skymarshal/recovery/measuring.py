"""The impact of a candidate from what the business calculators found, held connecting flights included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.impact import BusinessImpact
from skymarshal.calculators.reprotection import Reprotection
from skymarshal.domain.assessment import AgentName, Figure
from skymarshal.domain.candidate import Candidate
from skymarshal.recovery.impact import CostRange, Impact
from skymarshal.recovery.situation import Situation

__all__ = ["measured", "rerouted_from_origin", "total_cost"]

_NOTICED: Final = timedelta(minutes=15)
"""Arriving less late than this counts as arriving as booked."""


def measured(situation: Situation, found: BusinessImpact, held: Mapping[str, BusinessImpact]) -> Impact:
    """Return the impact of a candidate; what a business agent that failed would have said is unknown.

    `held` is what waiting does to each connecting flight that the candidate holds, by flight number.
    """
    candidate, reprotection = found.candidate, found.reprotection
    network = situation.answered(AgentName.NETWORK)
    guests = situation.answered(AgentName.GUEST_EXPERIENCE)
    cost = total_cost(found, held.values()) if situation.answered(AgentName.FINANCE) else None
    affected = _affected(reprotection) + sum(_affected(one.reprotection) for one in held.values())
    unknowns = (*found.unknowns, *(unknown for one in held.values() for unknown in one.unknowns))
    return Impact(
        cancelled=not candidate.operates,
        passenger_delay=_passenger_delay(situation, candidate, reprotection if guests else None),
        cost=cost,
        affected_passengers=affected if guests else None,
        needing_reprotection=reprotection.needing if guests else None,
        reprotected=reprotection.reprotected if guests else None,
        rerouted=rerouted_from_origin(found) if guests else None,
        downstream_flights=len(_later_flights(found, held.values())) if network else None,
        connections=found.connections.total if network else None,
        missed_connections=len(found.connections.missed) if network else None,
        figures=_figures(situation, found, held, cost, affected),
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def total_cost(found: BusinessImpact, held: Iterable[BusinessImpact]) -> CostRange:
    """Return the cost of a candidate with that of the flights it holds."""
    costs = [found.cost, *(one.cost for one in held)]
    low = sum((one.low for one in costs), Decimal(0))
    likely = _sum(one.likely for one in costs)
    high = _sum(one.high for one in costs)
    known = [one for one in (low, likely, high) if one is not None]
    return CostRange(low=min(known), likely=likely, high=None if high is None else max(known))


def rerouted_from_origin(found: BusinessImpact) -> int:
    """Return how many who would miss a connection leave the origin on another flight."""
    return sum(
        outcome.misconnected is not None
        and bool(outcome.on)
        and outcome.on[0].origin == outcome.booking.segments[outcome.booking.segment - 1].origin
        for outcome in found.reprotection.outcomes
    )


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _later_flights(found: BusinessImpact, held: Iterable[BusinessImpact]) -> set[str]:
    hit = {one.candidate.flight_id for one in held}
    for one in (found, *held):
        hit |= {leg.flight.flight_id for leg in one.knock_on.delayed}
        hit |= {leg.flight_id for leg in (*one.knock_on.cancelled, *one.knock_on.uncovered)}
    return hit


def _later_delay(found: BusinessImpact, held: Iterable[BusinessImpact]) -> timedelta:
    return sum(
        (one.knock_on.total_delay + one.delay for one in held),
        found.knock_on.total_delay,
    )


def _passenger_delay(
    situation: Situation, candidate: Candidate, reprotection: Reprotection | None
) -> timedelta | None:
    if candidate.as_if_direct is not None:
        return max(candidate.as_if_direct - situation.flight.std, timedelta(0))
    if reprotection is None:
        return None
    return reprotection.mean_delay if reprotection.outcomes else timedelta(0)


def _affected(reprotection: Reprotection) -> int:
    return sum(
        outcome.needs_reprotection or outcome.delay is None or outcome.delay >= _NOTICED
        for outcome in reprotection.outcomes
    )


def _figures(
    situation: Situation,
    found: BusinessImpact,
    held: Mapping[str, BusinessImpact],
    cost: CostRange | None,
    affected: int,
) -> tuple[Figure, ...]:
    candidate = found.candidate
    figures: list[Figure] = []
    if cost is None:
        figures.append(Figure(name="cost", unit="USD", likely=None, basis="finance did not answer"))
    else:
        lines = [
            f"{whose}{line.name} {line.usd[1]:,.2f}"
            for whose, one in (("", found), *((f"{number} held, ", one) for number, one in held.items()))
            for line in one.cost.lines
            if line.usd[1] is not None
        ]
        figures.append(
            Figure(
                name="cost",
                unit="USD",
                likely=cost.likely,
                low=cost.low,
                high=cost.high,
                basis="; ".join(lines),
            )
        )
    reprotection = found.reprotection
    if situation.answered(AgentName.GUEST_EXPERIENCE):
        figures += [
            _count("passengers_affected", affected, "passengers"),
            _count("passengers_needing_reprotection", reprotection.needing, "passengers"),
            _count("passengers_reprotected", reprotection.reprotected, "passengers"),
        ]
        left_behind = sum(outcome.cancelled for outcome in reprotection.outcomes)
        downgraded = sum(outcome.downgraded for outcome in reprotection.outcomes)
        if candidate.operates and left_behind:
            figures.append(_count("passengers_left_behind", left_behind, "passengers"))
        rerouted = rerouted_from_origin(found)
        if rerouted:
            figures.append(_count("passengers_rerouted_from_origin", rerouted, "passengers"))
        if downgraded:
            figures.append(_count("passengers_downgraded", downgraded, "passengers"))
    if situation.answered(AgentName.NETWORK):
        figures += [
            _count("connections_missed", len(found.connections.missed), "passengers"),
            _count("later_flights_hit", len(_later_flights(found, held.values())), "flights"),
            _count("later_delay", round(_later_delay(found, held.values()) / timedelta(minutes=1)), "min"),
        ]
        if held:
            figures.append(_count("connecting_flights_held", len(held), "flights"))
    if candidate.diversion is not None:
        stop = round(candidate.diversion.stop / timedelta(minutes=1))
        figures.append(_count("stop_at_alternate", stop, "min"))
    return tuple(figures)


def _count(name: str, value: int, unit: str) -> Figure:
    return Figure(name=name, unit=unit, likely=Decimal(value), low=Decimal(value), high=Decimal(value))
