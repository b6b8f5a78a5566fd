"""What binds one crew member's departure, as constraints."""

from __future__ import annotations

from datetime import timedelta

from skymarshal.calculators.crew_legality import HORIZON, CrewLegality
from skymarshal.domain.assessment import Constraint, ConstraintKind, Subject, SubjectKind

__all__ = ["crew_limits", "role_name"]


def crew_limits(legal: CrewLegality) -> list[Constraint]:
    """Return the binding limits of a crew member: out, or not known, or from when until when."""
    subject = Subject(kind=SubjectKind.CREW_MEMBER, key=legal.crew_id)
    who = f"{role_name(legal)} {legal.crew_id}"
    if legal.out:
        return [
            Constraint(
                kind=ConstraintKind.CREW_CHANGE_REQUIRED,
                subject=subject,
                text=f"{who} has to be replaced: {'; '.join(legal.out)}.",
                binding=True,
                article=legal.article,
                verified=legal.verified,
                evidence=legal.evidence,
            )
        ]
    found = [
        Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=subject, text=unknown.why, binding=True)
        for unknown in legal.unknowns
    ]
    if legal.earliest_off_block is not None:
        found.append(
            Constraint(
                kind=ConstraintKind.EARLIEST_DEPARTURE,
                subject=subject,
                text=f"{who} has rested enough to leave from {legal.earliest_off_block:%Y-%m-%d %H:%MZ}"
                + (f": {legal.rest_why}." if legal.rest_why else "."),
                binding=True,
                article=legal.rest_article,
                verified=legal.rest_verified,
                at=legal.earliest_off_block,
                evidence=legal.evidence,
            )
        )
    if legal.latest_off_block is not None:
        why = legal.driver
        if not legal.bounded:
            why = f"no limit within {HORIZON // timedelta(hours=1)} h; {why}"
        found.append(
            Constraint(
                kind=ConstraintKind.LATEST_OFF_BLOCK,
                subject=subject,
                text=f"{who} may leave until {legal.latest_off_block:%Y-%m-%d %H:%MZ}: {why}.",
                binding=True,
                article=legal.article,
                verified=legal.verified,
                at=legal.latest_off_block,
                limit=legal.limit,
                evidence=legal.evidence,
            )
        )
    return found


def role_name(legal: CrewLegality) -> str:
    """Return the role as a sentence begins with it."""
    return {"cabin": "Cabin crew member"}.get(legal.role, legal.role.replace("_", " ").capitalize())
