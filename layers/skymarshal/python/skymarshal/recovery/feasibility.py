"""Checking a candidate against every binding constraint, by computing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import AgentName, Constraint, ConstraintKind
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.times import ZERO, format_duration
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.situation import Situation

__all__ = ["check_constraint", "check_constraints", "is_feasible", "unmet"]

_INSTANT_KINDS = (ConstraintKind.EARLIEST_DEPARTURE, ConstraintKind.LATEST_OFF_BLOCK)
_WINDOW_KINDS = (ConstraintKind.FORBIDDEN_OFF_BLOCK, ConstraintKind.AIRPORT_CLOSED)


def check_constraints(
    situation: Situation, candidate: Candidate, policy: ArbitrationPolicy
) -> tuple[ConstraintCheck, ...]:
    """Return every binding constraint of the assessments computed for `candidate`."""
    return tuple(
        check_constraint(agent, constraint, candidate, policy) for agent, constraint in situation.binding
    )


def check_constraint(
    agent: AgentName, constraint: Constraint, candidate: Candidate, policy: ArbitrationPolicy
) -> ConstraintCheck:
    """Return one constraint computed for `candidate`, with its margin where it is a limit.

    An earliest departure has a margin but no share: leaving later than it does not bring it nearer.
    Of a forbidden window only the one ahead counts, since a departure slips later and never earlier. A
    departure that needs alternates for the weather has nothing to spare.
    """
    off_block = constraint.counted_off_block(candidate)
    if off_block is None or not constraint.applies_to(candidate):
        outcome, margin = CheckOutcome.NOT_APPLICABLE, None
    elif constraint.kind is ConstraintKind.UNKNOWN_FACT or (
        constraint.kind in _INSTANT_KINDS and constraint.at is None
    ):
        outcome, margin = CheckOutcome.UNKNOWN, None
    else:
        outcome = CheckOutcome.KEPT if constraint.admits(candidate) else CheckOutcome.BROKEN
        margin = _margin(constraint, off_block)
    limited = margin is not None and constraint.kind is not ConstraintKind.EARLIEST_DEPARTURE
    return ConstraintCheck(
        agent=agent,
        text=constraint.text,
        outcome=outcome,
        article=constraint.article,
        verified=constraint.verified,
        value=None if outcome is CheckOutcome.NOT_APPLICABLE else _value(constraint, candidate, off_block),
        limit=_limit(constraint, off_block),
        margin=margin,
        share=_share(constraint, margin, policy) if limited and margin is not None else None,
        exemption_from=constraint.exemption_from,
        evidence=constraint.evidence,
    )


def unmet(checks: Iterable[ConstraintCheck]) -> tuple[ConstraintCheck, ...]:
    """Return the checks that keep a candidate from being offered: broken, or unknown."""
    return tuple(check for check in checks if check.outcome in (CheckOutcome.BROKEN, CheckOutcome.UNKNOWN))


def is_feasible(checks: Iterable[ConstraintCheck]) -> bool:
    """Return whether every check is kept or does not apply."""
    return not unmet(checks)


def _margin(constraint: Constraint, off_block: datetime) -> timedelta | None:
    if constraint.kind in _WINDOW_KINDS:
        inside = [window for window in constraint.windows if window.holds(off_block)]
        if inside:
            return off_block - max(window.end for window in inside)
        ahead = [window.start - off_block for window in constraint.windows if window.start > off_block]
        return min(ahead, default=None)
    if constraint.kind is ConstraintKind.ALTERNATES_REQUIRED:
        return ZERO
    if constraint.at is None:
        return None
    if constraint.kind is ConstraintKind.EARLIEST_DEPARTURE:
        return off_block - constraint.at
    if constraint.kind is ConstraintKind.LATEST_OFF_BLOCK:
        return constraint.at - off_block
    return None


def _share(constraint: Constraint, margin: timedelta, policy: ArbitrationPolicy) -> float:
    return margin / (constraint.limit or policy.clock_limit)


def _value(constraint: Constraint, candidate: Candidate, off_block: datetime | None) -> str | None:
    if constraint.kind is ConstraintKind.MINIMUM_CREW:
        return f"{constraint.aboard(candidate)} aboard"
    return None if off_block is None else _instant(off_block)


def _limit(constraint: Constraint, off_block: datetime | None) -> str | None:
    if constraint.kind in _INSTANT_KINDS and constraint.at is not None:
        bound = "not before" if constraint.kind is ConstraintKind.EARLIEST_DEPARTURE else "not after"
        whole = "" if constraint.limit is None else f", of {format_duration(constraint.limit)}"
        return f"{bound} {_instant(constraint.at)}{whole}"
    if constraint.kind is ConstraintKind.MINIMUM_CREW:
        return f"at least {constraint.least}"
    if constraint.kind not in _WINDOW_KINDS:
        return None
    near = [w for w in constraint.windows if off_block is None or w.end > off_block]
    if not near:
        return None
    window = min(near, key=lambda w: w.start)
    return f"not from {_instant(window.start)} to {_instant(window.end)}"


@lru_cache(maxsize=1024)
def _instant(instant: datetime) -> str:
    """Return an instant whole, so that a margin can be computed again from what is shown."""
    if instant.second or instant.microsecond:
        return instant.isoformat().replace("+00:00", "Z")
    return instant.strftime("%Y-%m-%dT%H:%MZ")
