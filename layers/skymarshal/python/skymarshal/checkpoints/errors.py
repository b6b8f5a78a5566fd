"""Everything the checkpoint store can raise.

CheckpointError
├── InvalidIdentifier        a thread id, namespace, task id or agent name that cannot be a key
├── ThreadConflict           somebody else got there first; nothing of the loser was kept
│   ├── HeadMoved            the thread advanced past the checkpoint this advance started from
│   ├── ClaimLost            another worker holds, or has finished, this agent run
│   ├── IllegalTransition    the thread's status does not allow the change
│   └── DecisionTaken        an approver has already decided
├── ThreadNotFound
├── CheckpointNotFound
├── DamagedCheckpoint        what is stored is not what was written
│   ├── PayloadMissing       a pointer whose payload is gone
│   └── UnknownSchema        written by a newer version, or by something else
├── ItemTooLarge
├── StoreUnavailable         throttled, unreachable or refused after all retries
│   └── BufferNotFlushed     an outage buffer could not be written back
└── SessionError             a session used outside its rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from skymarshal.checkpoints.run_items import AgentRun

__all__ = [
    "BufferNotFlushed",
    "CheckpointError",
    "CheckpointNotFound",
    "ClaimLost",
    "ClockBehind",
    "DamagedCheckpoint",
    "DecisionTaken",
    "HeadMoved",
    "IllegalTransition",
    "InvalidIdentifier",
    "ItemTooLarge",
    "PayloadMissing",
    "SessionError",
    "StoreUnavailable",
    "ThreadConflict",
    "ThreadNotFound",
    "UnknownSchema",
]


class CheckpointError(SkyMarshalError):
    """Base of every error of the checkpoint store."""


class InvalidIdentifier(CheckpointError, ValueError):
    """A thread id, namespace, task id or agent name cannot be used as a key."""


class ThreadConflict(CheckpointError):
    """Somebody else changed the thread first. Nothing of this attempt was kept."""


class HeadMoved(ThreadConflict):
    """The thread has advanced past the checkpoint this advance started from.

    Attributes:
        thread_id: the thread.
        expected: the checkpoint the advance started from, None for an empty thread.
        found: the thread's present head, None where it could not be read.
    """

    def __init__(self, thread_id: str, *, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"thread {thread_id!r}: expected head {expected!r}, found {found!r}; "
            "read the thread again and advance from its present head"
        )
        self.thread_id = thread_id
        self.expected = expected
        self.found = found


class ClockBehind(ThreadConflict):
    """A new checkpoint's id is not later than its parent's, because this machine's clock is behind.

    Ids sort by time and the latest checkpoint is the one with the greatest id.
    """

    def __init__(self, thread_id: str, *, head: str, new: str) -> None:
        super().__init__(
            f"thread {thread_id!r}: new checkpoint {new!r} does not sort after {head!r};"
            " this machine's clock is behind the one that wrote it; try again once it has passed"
        )


class ClaimLost(ThreadConflict):
    """Another worker holds this agent run, or it is already finished.

    Attributes:
        run: the run as it was found, None where there is none.
    """

    def __init__(self, message: str, run: AgentRun | None) -> None:
        super().__init__(message)
        self.run = run


class IllegalTransition(ThreadConflict):
    """The thread's present status does not allow the change."""


class DecisionTaken(ThreadConflict):
    """An approver has already decided; the first decision stands."""


class ThreadNotFound(CheckpointError, LookupError):
    """No such thread, or its retention has ended."""


class CheckpointNotFound(CheckpointError, LookupError):
    """No such checkpoint, or its retention has ended."""


class DamagedCheckpoint(CheckpointError):
    """What is stored is not what was written.

    Attributes:
        newest_intact: the newest checkpoint before it that reads back whole, where one was looked for
            and found. It is offered, never used instead.
    """

    newest_intact: str | None = None


class PayloadMissing(DamagedCheckpoint):
    """An item points at a payload that is not there."""


class UnknownSchema(DamagedCheckpoint):
    """The item was written by a newer version of this package, or by something else."""


class ItemTooLarge(CheckpointError, ValueError):
    """The item exceeds what the store accepts."""


class StoreUnavailable(CheckpointError):
    """The store did not answer, or refused, after every retry."""


class BufferNotFlushed(StoreUnavailable):
    """Changes buffered during an outage could not be written back; the message names the file kept."""


class SessionError(CheckpointError, RuntimeError):
    """A session was used outside its rules."""
