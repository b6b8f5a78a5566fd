"""What travels between the coordinator and the workers: ids only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Final

import msgspec

from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.errors import MalformedItem
from skymarshal.orchestration.state import Finding

__all__ = ["MOST_ATTEMPTS", "Advance", "Joined", "PendingItem"]

MOST_ATTEMPTS: Final = 3
"""How often an agent is dispatched before the phase goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingItem:
    """Work that a thread waits for.

    `checkpoint_id` is the barrier: the state that the worker may see, and where its result belongs.
    `earlier_checkpoint_id` is the barrier of the phase before, where its assessments lie; None in phase 1.
    """

    thread_id: str
    agent: AgentName
    phase: Phase
    interrupt_id: str
    checkpoint_id: str
    earlier_checkpoint_id: str | None = None

    @classmethod
    def parse(cls, event: object, expected_agent: AgentName) -> PendingItem:
        """Return the item in a function's event.

        Raises:
            MalformedItem: a field is missing or wrong, or the item is another agent's.
        """
        try:
            item = msgspec.convert(event, cls)
        except msgspec.ValidationError as error:
            raise MalformedItem(f"dispatched item: {error}") from None
        if item.agent is not expected_agent:
            raise MalformedItem(f"agent is {item.agent}: this function is {expected_agent}")
        return item


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A phase that is complete: what each agent came to, and how long the phase took.

    `duration` is None where an earlier call joined the phase and this one found it joined.
    """

    phase: Phase
    findings: tuple[Finding, ...]
    duration: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Where a thread stands after a dispatch or a join.

    `complete` says that the phase that was joined is complete; `items` is then what the next one needs,
    otherwise what is still missing. `attempt` counts the dispatches of the items. `joined` is the phase that
    was joined; it stays behind, for only ids travel.
    """

    thread_id: str
    attempt: int
    complete: bool
    items: tuple[PendingItem, ...]
    joined: Joined | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the value that Step Functions carries on."""
        return {
            "thread_id": self.thread_id,
            "attempt": self.attempt,
            "complete": self.complete,
            "items": [asdict(item) for item in self.items],
        }
