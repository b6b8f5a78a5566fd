"""Making a solution of a feasible candidate: words, impacts, plan and confidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from skymarshal.domain.arbitration import ConstraintCheck, MissingFact, RecoveryPlan, Scores, Solution
from skymarshal.domain.assessment import (
    AgentName,
    ConstraintKind,
    OptionKind,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.times import ZERO
from skymarshal.recovery.exemptions import Exemption
from skymarshal.recovery.missing import named
from skymarshal.recovery.pareto import Scored
from skymarshal.recovery.playbook import cancellation_plan, operating_plan
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.preparation import Work
from skymarshal.recovery.situation import SPECIALISTS, Situation
from skymarshal.recovery.wording import clock, cons, pros, recommendations, risks, title

__all__ = ["confidence", "solution"]

_HUNDRED: Final = 100.0


def solution(
    situation: Situation,
    scored: Scored,
    solution_id: str,
    policy: ArbitrationPolicy,
    fallbacks: Sequence[Scored] = (),
    missing: Sequence[MissingFact] = (),
    exemption: Exemption | None = None,
) -> Solution:
    """Return a scored candidate as it is offered.

    `fallbacks` are what is left should it fail, and `missing` the facts that keep departures from being
    offered in place of a cancellation. `exemption` is asked for first: it would open a better departure.
    """
    candidate, impact, checks = scored.candidate, scored.impact, scored.checks
    flight = situation.flight
    off_block = candidate.off_block
    return Solution(
        solution_id=solution_id,
        title=title(candidate, flight, situation.crew, impact),
        candidate=candidate,
        delay=None if off_block is None else max(off_block - flight.std, ZERO),
        recommendations=(
            *(() if exemption is None else exemption.requests),
            *(f"First settle, if it can be: {named(fact)}" for fact in missing if fact.answer_by is not None),
            *(one.text for one in situation.alternates_for(candidate)),
            *(
                f"Check the weather at {airport} again at {at:%Y-%m-%d %H:%MZ}: no forecast reaches it yet."
                for airport, at in situation.weather_to_check(candidate)
            ),
            *recommendations(candidate, flight, situation.crew, impact, checks, situation.law),
        ),
        scores=scored.scores,
        cost_usd=None if impact.cost is None else impact.cost.known,
        impacts=impact.figures,
        pros=pros(candidate, flight, impact, checks),
        cons=cons(candidate, flight, impact, checks),
        risks=_landing_open(situation, candidate)
        + risks(
            candidate,
            [constraint for _, constraint in situation.binding],
            [constraint for _, constraint in situation.advisory],
            checks,
            impact,
            situation.silent,
            policy,
        ),
        checks=checks,
        plan=_plan(situation, scored, policy, fallbacks, missing, exemption),
        confidence=confidence(situation, scored.scores),
    )


def _landing_open(situation: Situation, candidate: Candidate) -> tuple[str, ...]:
    """Return that a flight planned with destination alternates for the weather may land elsewhere."""
    if not any(one.at_destination for one in situation.alternates_for(candidate)):
        return ()
    return (
        f"May have to land at an alternate: the weather at {situation.flight.destination} is not known to "
        "let it land, so the delay and the connections are open.",
    )


def confidence(situation: Situation, scores: Scores) -> float:
    """Return how far a solution can be relied on, 0 to 1.

    The mean of the agents' confidences, where one that failed counts 0, times the share of the
    composite's scale that is not left open by unknowns and by the range of the cost.
    """
    stated = [
        situation.assessments[name].confidence if situation.answered(name) else 0.0 for name in SPECIALISTS
    ]
    settled = 1 - (scores.composite.high - scores.composite.low) / _HUNDRED
    return round(sum(stated) / len(stated) * settled, 3)


def _plan(
    situation: Situation,
    scored: Scored,
    policy: ArbitrationPolicy,
    fallbacks: Sequence[Scored],
    missing: Sequence[MissingFact],
    exemption: Exemption | None,
) -> RecoveryPlan:
    candidate, impact = scored.candidate, scored.impact
    work = Work(
        flight=situation.flight,
        now=situation.now,
        roles=situation.crew,
        ready=_ready(situation, candidate),
        turnround=situation.disruption.type is DisruptionType.LATE_INBOUND,
        to_reprotect=impact.needing_reprotection,
        rerouted=impact.rerouted or 0,
        shipments=_shipments(situation),
        later_flights=impact.downstream_flights,
        alternates=tuple(one.text for one in situation.alternates_for(candidate)),
        weather=situation.weather_to_check(candidate),
    )
    contingencies = (
        *(() if exemption is None else (exemption.if_granted,)),
        *_contingencies(situation, scored, fallbacks),
        *(
            f"If this is known by {fact.answer_by:%Y-%m-%d %H:%MZ}, arbitrate again: {fact.text}"
            for fact in missing
            if fact.answer_by is not None
        ),
    )
    if candidate.off_block is None:
        return cancellation_plan(work, policy.steps, contingencies, exemption)
    steps = situation.durations(candidate.registration, policy)
    return operating_plan(candidate, work, steps, contingencies, exemption)


def _ready(situation: Situation, candidate: Candidate) -> dict[str, datetime]:
    ready = {
        option.key: option.available_from
        for option in situation.options(OptionKind.RESERVE_CREW)
        if option.available_from is not None and option.key in candidate.replaced_crew.values()
    }
    for _, constraint in situation.binding:
        key = constraint.subject.key
        if (
            constraint.kind is ConstraintKind.EARLIEST_DEPARTURE
            and constraint.applies_to(candidate)
            and constraint.at is not None
        ):
            ready[key] = max(constraint.at, ready.get(key, constraint.at))
    return ready


def _contingencies(situation: Situation, scored: Scored, fallbacks: Sequence[Scored]) -> tuple[str, ...]:
    candidate, flight = scored.candidate, situation.flight
    lines: list[str] = []
    if candidate.off_block is None:
        return ("If a feasible departure appears before the cancellation is published, arbitrate again.",)
    tightest = _tightest(scored.checks)
    if tightest is not None and tightest.margin is not None:
        last = candidate.off_block + tightest.margin
        lines.append(
            f"If the flight cannot leave before {clock(last, flight.std)}, stop and arbitrate again: "
            f"{tightest.text}"
        )
    lines += [
        f"If this falls through, the next best: {title(one.candidate, flight, situation.crew, one.impact)}."
        for one in fallbacks
    ]
    for _, constraint in situation.advisory:
        if (
            constraint.kind is ConstraintKind.EARLIEST_DEPARTURE
            and constraint.applies_to(candidate)
            and constraint.at is not None
            and constraint.at > candidate.off_block
        ):
            lines.append(
                f"If it turns out as {constraint.text} re-time to {clock(constraint.at, flight.std)}."
            )
    spare = [
        option.key
        for option in situation.options(OptionKind.RESERVE_CREW)
        if option.key not in candidate.replaced_crew.values() and option.replaces in candidate.replaced_crew
    ]
    if candidate.replaced_crew:
        others = ", ".join(dict.fromkeys(spare)) or "none is left"
        lines.append(f"If a reserve does not report, other legal reserves: {others}.")
    return tuple(lines)


def _tightest(checks: Sequence[ConstraintCheck]) -> ConstraintCheck | None:
    limited = [check for check in checks if check.share is not None]
    return min(limited, key=lambda check: (check.share, check.text), default=None)


def _shipments(situation: Situation) -> int:
    cargo = situation.assessments.get(AgentName.CARGO)
    if cargo is None:
        return 0
    at_risk = {c.subject.key for c in cargo.constraints if c.subject.kind is SubjectKind.SHIPMENT}
    return len(at_risk)
