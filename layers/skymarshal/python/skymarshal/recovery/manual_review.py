"""The manual review: the one solution where nothing may be offered, which says what blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from skymarshal.domain.arbitration import (
    Arbitration,
    Conflict,
    MissingFact,
    RejectedCandidate,
    Solution,
)
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.disruption import Disruption
from skymarshal.recovery.exemptions import Exemption
from skymarshal.recovery.playbook import review_plan
from skymarshal.recovery.policy import ArbitrationPolicy

__all__ = ["manual_review"]

FlightStatus = Literal["scheduled", "departed", "arrived", "cancelled"]

_FIRST: Final[Mapping[FlightStatus, tuple[str, str, str]]] = {
    "scheduled": (
        "Hold {number}; commit to no departure.",
        "Commits to nothing that may be unsafe.",
        "The flight is not recovered while the review lasts.",
    ),
    "departed": (
        "Give the commander of {number} what is known of each alternate.",
        "Leaves the landing to the commander, who decides in flight.",
        "What is known of an alternate changes while the flight goes on.",
    ),
    "arrived": (
        "Look after the passengers and the load of {number}, and the next flight of its tail.",
        "Commits to nothing: the flight is over.",
        "Later flights of the tail and the crew are not recovered while the review lasts.",
    ),
    "cancelled": (
        "Look after the passengers and the load of {number}.",
        "Commits to nothing: the flight is cancelled.",
        "Passengers wait for another journey while the review lasts.",
    ),
}
"""What is done first, what speaks for it and what against, by how far the flight is."""


def manual_review(
    disruption: Disruption,
    policy: ArbitrationPolicy,
    *,
    why: str,
    blockers: Sequence[str],
    rule_profile: str,
    rule_profile_verified: bool,
    unknowns: Iterable[Unknown] = (),
    rejected: tuple[RejectedCandidate, ...] = (),
    conflicts: tuple[Conflict, ...] = (),
    unverified_rules: tuple[str, ...] = (),
    search_limits: tuple[str, ...] = (),
    missing: tuple[MissingFact, ...] = (),
    exemption: Exemption | None = None,
    status: FlightStatus = "scheduled",
) -> Arbitration:
    """Return an arbitration whose only solution commits to nothing and names each blocker.

    Args:
        disruption: what is arbitrated.
        policy: whose version the record names.
        why: one sentence that says why no option is offered.
        blockers: what has to be settled, each in words.
        rule_profile: the rules that the crew were judged by.
        rule_profile_verified: whether they were read at their source.
        unknowns: the missing facts by table and key.
        rejected: the candidates that were tried, with why each fell.
        conflicts: between agents.
        unverified_rules: the rules used that were not verified.
        search_limits: what the search left out.
        missing: the facts whose answer could still bring an option, and until when.
        exemption: what to ask for first, since it would open a departure.
        status: how far the flight is; one that has left is not held.
    """
    number = disruption.flight_id.partition("-")[0]
    named = tuple(dict.fromkeys(blockers)) or (why,)
    first, pro, risk = _FIRST[status]
    asked = () if exemption is None else exemption.requests
    actions = (*asked, first.format(number=number), *(f"Settle: {blocker}" for blocker in named))
    solution = Solution(
        solution_id="S1",
        title=f"Manual review of {number}",
        candidate=Candidate(
            kind=CandidateKind.MANUAL_REVIEW,
            flight_id=disruption.flight_id,
            off_block=None,
            on_block=None,
            registration=None,
        ),
        delay=None,
        recommendations=actions,
        scores=None,
        cost_usd=None,
        impacts=(),
        pros=(pro,),
        cons=(why,),
        risks=(risk,),
        checks=(),
        plan=review_plan(
            number,
            named,
            policy.steps,
            first=first.format(number=number),
            held=status == "scheduled",
            exemption=exemption,
        ),
        confidence=0.0,
    )
    return Arbitration(
        disruption_id=disruption.disruption_id,
        flight_id=disruption.flight_id,
        decided_at=disruption.reported_at,
        solutions=(solution,),
        recommended=solution.solution_id,
        rejected=rejected,
        conflicts=conflicts,
        manual_review=True,
        rule_profile=rule_profile,
        rule_profile_verified=rule_profile_verified,
        policy_version=policy.version,
        final_decision=f"No option for {number} can be offered: a person has to decide. {why}",
        recommendations=actions,
        conflicts_identified=tuple(conflict.description for conflict in conflicts),
        conflict_resolutions=tuple(conflict.resolution for conflict in conflicts),
        safety_overrides=(),
        justification=" ".join((why, *named)),
        confidence=0.0,
        unknowns=tuple(dict.fromkeys(unknowns)),
        unverified_rules=unverified_rules,
        search_limits=search_limits,
        missing=missing,
    )
