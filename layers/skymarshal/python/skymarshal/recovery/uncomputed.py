"""What is not offered because no table holds the facts to compute it by, named so that a person can."""

from __future__ import annotations

from typing import Final

from skymarshal.domain.assessment import ConstraintKind
from skymarshal.recovery.situation import Situation

__all__ = ["not_computed"]

_OVER: Final = frozenset({"cancelled", "arrived"})
_ROUTINGS: Final = (
    "Other routings (a technical stop, another destination) were not computed: no table holds traffic "
    "rights, or the block time and fuel of a route that is not scheduled."
)
_ALTERNATE: Final = (
    "From an alternate only the way on with the same tail and crew was computed: no table holds the time and "
    "price of the way on by road, and no seats from there are looked for."
)
_IN_FLIGHT: Final = (
    "A diversion in flight is its commander's decision: alternates are listed with what is known of them, "
    "and none is offered."
)


def not_computed(situation: Situation) -> tuple[str, ...]:
    """Return which kinds of change were left out for want of which facts, where they could matter."""
    if situation.flight.status != "scheduled":
        return () if situation.flight.status in _OVER else (_IN_FLIGHT,)
    closed = any(constraint.kind is ConstraintKind.AIRPORT_CLOSED for _, constraint in situation.binding)
    return (_ROUTINGS, _ALTERNATE) if closed else (_ROUTINGS,)
