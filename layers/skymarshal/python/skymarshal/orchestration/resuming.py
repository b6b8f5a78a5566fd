"""A thread whose execution has died goes on from its last checkpoint, in a named successor.

Every attempt is kept on the thread before anything is started, so that none goes unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from skymarshal.checkpoints import (
    CheckpointSaver,
    RecoveryAttempt,
    RecoveryOutcome,
    Thread,
    ThreadManager,
    ThreadStatus,
)
from skymarshal.orchestration.errors import FlowUnderWay, NothingPending
from skymarshal.orchestration.execution_names import successor_of
from skymarshal.ports import Clock

__all__ = ["Executions", "Resumer", "Resumption", "successor_of"]

logger = logging.getLogger(__name__)

_OPEN: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL, ThreadStatus.FAILED)


class Executions(Protocol):
    """Starts executions and remembers what they were started with."""

    def start(self, name: str, thread_id: str, disruption: Mapping[str, Any]) -> bool:
        """Start the execution called `name`; False where it was started before."""
        ...

    def is_running(self, name: str) -> bool:
        """Return whether the execution called `name` is under way; one that is forgotten is not."""
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
        """Start a successor execution on an open or failed thread, and keep on it who did so and when.

        Two at once start one successor.

        Raises:
            ThreadNotFound: there is no such thread.
            FlowUnderWay: its execution is running.
            NothingPending: the thread has ended, or nothing is left to start it from.
        """
        thread = self._threads.get_thread(thread_id)
        if thread.status not in _OPEN:
            raise NothingPending(
                f"thread {thread_id!r} has ended as {thread.status}: nothing is left to resume"
            )
        disruption_id = str(thread.details["disruption"])
        execution = str(thread.details.get("execution", disruption_id))
        if thread.status is not ThreadStatus.FAILED and self._executions.is_running(execution):
            raise FlowUnderWay(
                f"thread {thread_id!r} is {thread.status} and its execution {execution!r} is running:"
                " stop that first if it is stuck"
            )
        disruption = self._disruption(thread, disruption_id)
        # What the thread has come to so far must last as long as what is still to come.
        self._saver.renew(thread_id)
        attempt = self._open(thread, disruption_id, by)
        # Whoever opened the attempt at the same time may have noted it, and the successor may wait by now.
        thread = self._threads.get_thread(thread_id)
        if thread.details.get("execution") != attempt.execution:
            self._note(thread, attempt)
        started = self._start(attempt, disruption)
        logger.info(
            "recovery %d of thread %s by %s from checkpoint %s: execution %s %s",
            attempt.attempt,
            thread_id,
            by,
            thread.head,
            attempt.execution,
            "started" if started else "already under way",
        )
        return Resumption(
            thread_id=thread_id,
            execution=attempt.execution,
            from_checkpoint=thread.head,
            attempt=attempt.attempt,
        )

    def revive(self, thread_id: str, by: str) -> bool:
        """Resume a thread that nothing works on; False where something does, or where it has ended."""
        try:
            self.resume(thread_id, by)
        except (FlowUnderWay, NothingPending) as reason:
            logger.info("thread %s needs no recovery: %s", thread_id, reason)
            return False
        return True

    def _open(self, thread: Thread, disruption_id: str, by: str) -> RecoveryAttempt:
        earlier = self._threads.recoveries(thread.thread_id)
        number = earlier[-1].attempt + 1 if earlier else 1
        return self._threads.open_recovery(
            RecoveryAttempt(
                thread_id=thread.thread_id,
                attempt=number,
                by=by,
                at=self._clock(),
                execution=successor_of(disruption_id, number),
                from_checkpoint=thread.head,
                status_before=str(thread.status),
            )
        )

    def _note(self, thread: Thread, attempt: RecoveryAttempt) -> None:
        note: dict[str, Any] = {"recoveries": attempt.attempt, "execution": attempt.execution}
        if thread.status is ThreadStatus.ACTIVE:
            self._threads.annotate(thread.thread_id, **note)
        else:
            self._threads.resume(thread.thread_id, **note)

    def _start(self, attempt: RecoveryAttempt, disruption: Mapping[str, Any]) -> bool:
        try:
            return self._executions.start(attempt.execution, attempt.thread_id, disruption)
        except Exception as error:
            logger.exception("recovery %d of thread %s did not start", attempt.attempt, attempt.thread_id)
            reason = f"{type(error).__name__}: {error}"
            self._threads.end_recovery(
                attempt.thread_id, attempt.attempt, RecoveryOutcome.NOT_STARTED, reason
            )
            raise

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
