"""A thread whose execution has died goes on from its last checkpoint, in a named successor."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from skymarshal.checkpoints import CheckpointSaver, Thread, ThreadManager, ThreadStatus
from skymarshal.orchestration.errors import NothingPending
from skymarshal.ports import Clock

__all__ = ["Executions", "Resumer", "Resumption"]

logger = logging.getLogger(__name__)

_OPEN: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL, ThreadStatus.FAILED)


class Executions(Protocol):
    """Starts executions and remembers what they were started with."""

    def start(self, name: str, thread_id: str, disruption: Mapping[str, Any]) -> bool:
        """Start the execution called `name`; False where it was started before."""
        ...

    def disruption_of(self, name: str) -> Mapping[str, Any] | None:
        """Return the disruption that the execution called `name` was started with, if it is remembered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A resumed thread: from which checkpoint, in which execution, for the how manieth time."""

    thread_id: str
    execution: str
    from_checkpoint: str | None
    attempt: int


class Resumer:
    """Resumes threads. What was finished is found finished; only the rest runs again."""

    def __init__(
        self, threads: ThreadManager, saver: CheckpointSaver, executions: Executions, clock: Clock
    ) -> None:
        self._threads = threads
        self._saver = saver
        self._executions = executions
        self._clock = clock

    def resume(self, thread_id: str, by: str) -> Resumption:
        """Start a successor execution on an open or failed thread, and note on it who did so and when.

        Two at once start one successor.

        Raises:
            ThreadNotFound: there is no such thread.
            NothingPending: the thread has ended, or nothing is left to start it from.
        """
        thread = self._threads.get_thread(thread_id)
        if thread.status not in _OPEN:
            raise NothingPending(
                f"thread {thread_id!r} has ended as {thread.status}: nothing is left to resume"
            )
        disruption_id = str(thread.details["disruption"])
        disruption = self._disruption(thread, disruption_id)
        attempt = int(thread.details.get("recoveries", 0)) + 1
        note: dict[str, Any] = {
            "recoveries": attempt,
            "recovered_by": by,
            "recovered_at": self._clock(),
            "recovered_from": thread.head,
        }
        if thread.status is ThreadStatus.ACTIVE:
            self._threads.annotate(thread_id, **note)
        else:
            self._threads.resume(thread_id, **note)
        execution = f"{disruption_id}-resume-{attempt}"
        started = self._executions.start(execution, thread_id, disruption)
        logger.info(
            "thread %s resumed by %s from %s as %s (%s)",
            thread_id,
            by,
            thread.head,
            execution,
            "started" if started else "already under way",
        )
        return Resumption(
            thread_id=thread_id, execution=execution, from_checkpoint=thread.head, attempt=attempt
        )

    def _disruption(self, thread: Thread, disruption_id: str) -> Mapping[str, Any]:
        if thread.head is not None:
            values = self._saver.read_state(thread.thread_id, thread.head).values
            if "disruption" in values:
                disruption: Mapping[str, Any] = values["disruption"]
                return disruption
        remembered = self._executions.disruption_of(disruption_id)
        if remembered is None:
            raise NothingPending(
                f"thread {thread.thread_id!r} has no checkpoint and its execution is forgotten:"
                " report the disruption again under a new id"
            )
        return remembered
