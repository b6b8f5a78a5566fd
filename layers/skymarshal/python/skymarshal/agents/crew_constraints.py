"""The crew's limits as constraints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.agents.wording import instant_text
from skymarshal.calculators.crew_legality import HORIZON, CrewLegality
from skymarshal.calculators.crew_limits import crew_limits, role_name
from skymarshal.domain.assessment import (
    Constraint,
    ConstraintKind,
    Subject,
    SubjectKind,
    Unknown,
)
from skymarshal.domain.ftl import MANY_DISRUPTIVE_DUTIES
from skymarshal.operations.records import Flight

__all__ = ["crew_constraints"]

_REST_ARTICLE: Final = "ORO.FTL.235(a), (b)"
_RECOVERY_ARTICLE: Final = "ORO.FTL.235(d), CS FTL.1.235(a)(2)"


def crew_constraints(
    flight: Flight,
    crew: Sequence[CrewLegality],
    expected: ExpectedDeparture,
    unknowns: Sequence[Unknown],
) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for one in crew:
        found += crew_limits(one)
        if one.out or one.latest_off_block is None:
            continue
        subject = Subject(kind=SubjectKind.CREW_MEMBER, key=one.crew_id)
        who = f"{role_name(one)} {one.crew_id}"
        if one.latest_with_extension is not None:
            found.append(
                Constraint(
                    kind=ConstraintKind.LATEST_OFF_BLOCK,
                    subject=subject,
                    text=(
                        f"With a planned extension {who} may leave until "
                        f"{instant_text(one.latest_with_extension)}, with 2 h more rest before and after "
                        "or 4 h more after."
                    ),
                    binding=False,
                    article="ORO.FTL.205(d), CS FTL.1.205(b)",
                    at=one.latest_with_extension,
                    limit=None if one.limits is None else one.limits.max_fdp_extended,
                    evidence=one.evidence,
                )
            )
        if one.latest_off_block < expected.off_block:
            found.append(
                Constraint(
                    kind=ConstraintKind.CREW_CHANGE_REQUIRED,
                    subject=subject,
                    text=f"For a departure at {instant_text(expected.off_block)} {who} has to be replaced.",
                    binding=False,
                    article=one.article,
                    verified=one.verified,
                    evidence=one.evidence,
                )
            )
    found += _next_duties(flight, crew)
    found += _recovery_rests(crew)
    members = {unknown for one in crew for unknown in one.unknowns}
    subject = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    found += [
        Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=subject, text=unknown.why, binding=True)
        for unknown in unknowns
        if unknown not in members
    ]
    return tuple(found)


def _recovery_rests(crew: Sequence[CrewLegality]) -> list[Constraint]:
    """Return who needs a longer recovery rest next, and by when."""
    return [
        Constraint(
            kind=ConstraintKind.CREW_CHANGE_REQUIRED,
            subject=Subject(kind=SubjectKind.CREW_MEMBER, key=one.crew_id),
            text=f"The next recovery rest of {role_name(one)} {one.crew_id} is 60 h, after "
            f"{one.disruptive_duties} disruptive duties"
            + ("." if one.recovery_due is None else f", and begins by {instant_text(one.recovery_due)}."),
            binding=False,
            article=_RECOVERY_ARTICLE,
            at=one.recovery_due,
            evidence=one.evidence,
        )
        for one in crew
        if not one.out and one.disruptive_duties >= MANY_DISRUPTIVE_DUTIES
    ]


def _next_duties(flight: Flight, crew: Sequence[CrewLegality]) -> list[Constraint]:
    horizon = flight.std + HORIZON
    return [
        Constraint(
            kind=ConstraintKind.LATEST_OFF_BLOCK,
            subject=Subject(kind=SubjectKind.CREW_MEMBER, key=one.crew_id),
            text=f"After {instant_text(one.latest_before_next_duty)} {role_name(one)} {one.crew_id} cannot "
            "rest enough before the next duty, which then needs someone else.",
            binding=False,
            article=_REST_ARTICLE,
            at=one.latest_before_next_duty,
            evidence=one.evidence,
        )
        for one in crew
        if not one.out
        and one.latest_before_next_duty is not None
        and one.latest_before_next_duty < min(horizon, _latest_of_all(one, horizon))
    ]


def _latest_of_all(one: CrewLegality, horizon: datetime) -> datetime:
    """Return after when the crew member flies in no case, so that the rest afterwards is no question."""
    known = [at for at in (one.latest_off_block, one.latest_with_extension) if at is not None]
    return max(known, default=horizon)
