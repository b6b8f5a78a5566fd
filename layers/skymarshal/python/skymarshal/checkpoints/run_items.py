"""Agent runs at a barrier: a small claim per agent, and what was decided beside it.

What an agent found stands under names that begin with its own, so that its role can be kept from writing
another's: a claim that names no digest of its own agent was not completed by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from skymarshal.checkpoints.errors import DamagedCheckpoint
from skymarshal.checkpoints.keys import agent_of, checkpoint_id_of, thread_of
from skymarshal.checkpoints.retention import parse_time
from skymarshal.checkpoints.store import PARTITION, SORT, Item
from skymarshal.contracts import owned_attribute

__all__ = ["AgentRun", "Reference", "RunState", "run_of"]

AGENT: Final = "agent"
PHASE: Final = "phase"
STATE: Final = "state"
WORKER: Final = "worker"
LEASE: Final = "lease"
ATTEMPT: Final = "attempt"
STARTED_AT: Final = "started_at"
DECIDED_AT: Final = "decided_at"
ENDED_AT: Final = "ended_at"
DIGEST: Final = "digest"
SIZE: Final = "size"
HEADLINE: Final = "headline"
CONFIDENCE: Final = "confidence"
ERROR: Final = "error"


class RunState(StrEnum):
    """Where an agent run stands."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Stands for an assessment wherever the assessment itself would be too much.

    Attributes:
        thread_id: the thread.
        checkpoint_id: the barrier at which the agent ran.
        agent: which agent.
        digest: of the assessment's bytes, so that the reference always means the same content.
        size: of the assessment in bytes.
    """

    thread_id: str
    checkpoint_id: str
    agent: str
    digest: str
    size: int

    def as_dict(self) -> dict[str, str | int]:
        """Return it as plain data, for graph state and resume values."""
        return {
            "thread_id": self.thread_id,
            "checkpoint_id": self.checkpoint_id,
            "agent": self.agent,
            "digest": self.digest,
            "size": self.size,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reference:
        """Return what `as_dict` wrote.

        Raises:
            DamagedCheckpoint: a field is missing or of another type.
        """
        try:
            return cls(
                thread_id=str(data["thread_id"]),
                checkpoint_id=str(data["checkpoint_id"]),
                agent=str(data["agent"]),
                digest=str(data["digest"]),
                size=int(data["size"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedCheckpoint(f"not a reference to an assessment: {data!r}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """One agent's run at one barrier.

    Attributes:
        thread_id: the thread.
        checkpoint_id: the barrier.
        agent: which agent.
        phase: the phase it ran in.
        state: started, completed or failed.
        worker: who holds, or held, the claim.
        attempt: how many workers have held it, from 1.
        lease_until: until when a started run may not be taken over.
        started_at: when the present attempt began.
        decided_at: when the assessment was stored.
        ended_at: when it was completed or failed.
        reference: to the assessment, once completed.
        headline: what graph state carries beside the reference.
        confidence: as the agent stated it.
        error: why it failed.
    """

    thread_id: str
    checkpoint_id: str
    agent: str
    phase: str
    state: RunState
    worker: str
    attempt: int
    lease_until: datetime
    started_at: datetime
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    reference: Reference | None = None
    headline: Mapping[str, Any] | None = None
    confidence: Decimal | None = None
    error: str | None = None


def run_of(item: Item) -> AgentRun:
    """Return the agent run that a claim item describes.

    Raises:
        DamagedCheckpoint: the item is not a claim.
    """
    thread_id = thread_of(str(item[PARTITION]))
    checkpoint_id = checkpoint_id_of(str(item[SORT]))
    try:
        agent = agent_of(str(item[SORT]))
        if item[AGENT] != agent:
            raise ValueError(f"it is a claim of {agent} and names {item[AGENT]!r}")
        digest, size, headline, confidence = (
            owned_attribute(agent, name) for name in (DIGEST, SIZE, HEADLINE, CONFIDENCE)
        )
        reference = None
        if digest in item:
            reference = Reference(
                thread_id=thread_id,
                checkpoint_id=checkpoint_id,
                agent=agent,
                digest=str(item[digest]),
                size=int(item[size]),
            )
        elif item[STATE] == RunState.COMPLETED:
            raise ValueError(f"it is completed without an assessment of {agent}")
        return AgentRun(
            thread_id=thread_id,
            checkpoint_id=checkpoint_id,
            agent=agent,
            phase=str(item[PHASE]),
            state=RunState(str(item[STATE])),
            worker=str(item[WORKER]),
            attempt=int(item[ATTEMPT]),
            lease_until=parse_time(str(item[LEASE])),
            started_at=parse_time(str(item[STARTED_AT])),
            decided_at=_time(item, DECIDED_AT),
            ended_at=_time(item, ENDED_AT),
            reference=reference,
            headline=json.loads(str(item[headline])) if headline in item else None,
            confidence=Decimal(str(item[confidence])) if confidence in item else None,
            error=str(item[ERROR]) if ERROR in item else None,
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise DamagedCheckpoint(
            f"item {item[PARTITION]!r} {item[SORT]!r} is not an agent run: {error!r}"
        ) from error


def _time(item: Item, name: str) -> datetime | None:
    return parse_time(str(item[name])) if name in item else None
