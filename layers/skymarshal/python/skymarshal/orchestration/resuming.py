"""A thread whose execution has died goes on in a named successor, and what failed for it runs again.

It goes on from its last checkpoint. Where a phase was joined without an agent that had failed, or the
arbitration is a manual review, the successor forks the thread before that: see `Coordinator.reopen`. An
approval that offers a choice is left as it is, for somebody may be deciding on it.

Every attempt is kept on the thread before anything is started, so that none goes unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from skymarshal.checkpoints import (
    CheckpointSaver,
    IllegalTransition,
    RecoveryAttempt,
    RecoveryOutcome,
    Thread,
    ThreadManager,
    ThreadStatus,
)
from skymarshal.orchestration.errors import FlowUnderWay, NothingPending
from skymarshal.orchestration.execution_names import successor_of
from skymarshal.orchestration.reopening import REOPENED, is_manual_review, phase_to_reopen
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

        Two at once start one successor. A manual review that nobody has decided is withdrawn, even while its
        execution waits: it commits to nothing, and that execution ends by itself once it asks or expires.

        Raises:
            ThreadNotFound: there is no such thread.
            FlowUnderWay: its execution is running, or somebody changed the thread in this moment.
            NothingPending: the thread has ended, or nothing is left to start it from.
        """
        thread = self._threads.get_thread(thread_id)
        if thread.status not in _OPEN:
            raise NothingPending(
                f"thread {thread_id!r} has ended as {thread.status}: nothing is left to resume"
            )
        disruption_id = str(thread.details["disruption"])
        execution = str(thread.details.get("execution", disruption_id))
        values = self._values(thread)
        reopened = _may_reopen(thread, values)
        withdrawn = reopened and thread.status is ThreadStatus.AWAITING_APPROVAL
        stands = thread.status is ThreadStatus.FAILED or withdrawn
        if not stands and self._executions.is_running(execution):
            raise FlowUnderWay(
                f"thread {thread_id!r} is {thread.status} and its execution {execution!r} is running:"
                " stop that first if it is stuck"
            )
        disruption = self._disruption(thread, disruption_id, values)
        # What the thread has come to so far must last as long as what is still to come.
        self._saver.renew(thread_id)
        attempt = self._open(thread, disruption_id, by)
        # Whoever opened the attempt at the same time may have noted it, and the successor may wait by now.
        judged, thread = thread, self._threads.get_thread(thread_id)
        if thread.details.get("execution") != attempt.execution:
            if _standing(thread) != _standing(judged):
                raise _changed(thread_id)
            self._note(thread, attempt, reopened=reopened)
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
        # Counted from the thread as it was judged: who judged the same opens the same attempt.
        number = int(thread.details.get("recoveries", 0)) + 1
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

    def _note(self, thread: Thread, attempt: RecoveryAttempt, *, reopened: bool) -> None:
        note: dict[str, Any] = {"recoveries": attempt.attempt, "execution": attempt.execution}
        try:
            self._threads.hand_over(thread, **note, **{REOPENED: attempt.execution if reopened else None})
        except IllegalTransition as error:
            raise _changed(thread.thread_id) from error

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

    def _values(self, thread: Thread) -> Mapping[str, Any]:
        return {} if thread.head is None else self._saver.read_state(thread.thread_id, thread.head).values

    def _disruption(self, thread: Thread, disruption_id: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
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


def _standing(thread: Thread) -> tuple[object, ...]:
    """Return what a resume is judged by, apart from the executions."""
    names = ("execution", "recoveries", "decision")
    return (thread.status, thread.head, *(thread.details.get(name) for name in names))


def _changed(thread_id: str) -> FlowUnderWay:
    return FlowUnderWay(f"thread {thread_id!r} was changed by somebody else in this moment: look at it again")


def _may_reopen(thread: Thread, values: Mapping[str, Any]) -> bool:
    """Return whether what failed may run again: nobody has decided, and nobody is offered a choice."""
    if "decision" in thread.details or phase_to_reopen(values) is None:
        return False
    return thread.status is not ThreadStatus.AWAITING_APPROVAL or is_manual_review(values)
