"""What the state machine hands to the phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from skymarshal.domain.disruption import Disruption
from skymarshal.domain.disruption_bounds import check_bounds
from skymarshal.orchestration.approvals import Notice
from skymarshal.orchestration.errors import MalformedEvent

__all__ = ["ApprovalEvent", "DispatchEvent", "FinaliseEvent", "JoinEvent", "parsed"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchEvent:
    """A disruption whose thread is to begin; the execution is the one that drives it.

    An execution can be started by hand, past intake, so the bounds of a report hold here too.
    """

    disruption: Disruption
    execution: str

    def __post_init__(self) -> None:
        check_bounds(self.disruption)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinEvent:
    """A phase that was dispatched for the `attempt`th time."""

    thread_id: str
    attempt: Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEvent:
    """A decision that an execution asks for; the token wakes it."""

    thread_id: str
    task_token: str
    notice: Notice
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinaliseEvent:
    """A thread to end: as it was decided, expired, or failed with what Step Functions says of it."""

    thread_id: str
    execution: str
    expired: bool = False
    error: Mapping[str, str] | None = None


def parsed(event: Any, kind: type[T]) -> T:  # noqa: ANN401 whatever the function was called with
    """Return an event as a value of its kind; fields that it does not know are left out.

    Raises:
        MalformedEvent: a field is missing or wrong; the message names it.
    """
    try:
        return msgspec.convert(event, kind)
    except msgspec.ValidationError as error:
        raise MalformedEvent(f"{kind.__name__}: {error}") from None
