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
    "A flight to an alternate was not computed: no table holds customs and handling hours there, the "
    "runway that a type needs, block time and fuel to it, or the time and price of the way on by road."
)
_IN_FLIGHT: Final = (
    "A diversion in flight was not computed: no table holds the position and the fuel on board, customs and "
    "handling hours at alternates, or the runway that a type needs."
)


def not_computed(situation: Situation) -> tuple[str, ...]:
    """Return which kinds of change were left out for want of which facts, where they could matter."""
    if situation.flight.status != "scheduled":
        return () if situation.flight.status in _OVER else (_IN_FLIGHT,)
    closed = any(constraint.kind is ConstraintKind.AIRPORT_CLOSED for _, constraint in situation.binding)
    return (_ROUTINGS, _ALTERNATE) if closed else (_ROUTINGS,)
