"""What can go wrong in the flow, beside what the store raises."""

from __future__ import annotations

from skymarshal.errors import SkyMarshalError

__all__ = [
    "DamagedRecord",
    "DecisionNotFound",
    "FlowError",
    "FlowUnderWay",
    "InvalidDecision",
    "MalformedEvent",
    "MalformedItem",
    "NothingPending",
    "RecordConflict",
    "RecordGone",
    "Superseded",
]


class FlowError(SkyMarshalError):
    """Base of the flow's errors."""


class MalformedItem(FlowError):
    """A dispatched item does not say what is to be done."""


class MalformedEvent(FlowError):
    """An event does not say what happened."""


class NothingPending(FlowError):
    """The thread does not wait for what was brought to it."""


class RecordConflict(FlowError):
    """Another decision record stands under the name; it is never written over."""


class RecordGone(FlowError):
    """A thread names a decision record that is not there any more."""


class DamagedRecord(FlowError):
    """A decision record, or an outcome beside it, is not what was written."""


class DecisionNotFound(FlowError):
    """No decision is on record under that day and disruption."""


class FlowUnderWay(FlowError):
    """The thread is being worked on, so there is nothing to resume."""


class Superseded(FlowError):
    """Another execution drives the thread by now."""


class InvalidDecision(FlowError):
    """A decision that may not be taken; the message names the field and what would be right.

    Attributes:
        field: the field of the decision that is wrong.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        self.field = field
        super().__init__(f"{field} is {value!r}: expected {expected}")
