"""Threads that cannot go on by themselves: marked and told, so that none is left silently stuck.

The flow marks its own failures. An execution that is stopped or outlives its limit can mark nothing, so
Step Functions' own event of its end is heard as well.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec

from skymarshal.checkpoints import (
    IllegalTransition,
    RecoveryOutcome,
    Thread,
    ThreadManager,
    ThreadNotFound,
    ThreadStatus,
)
from skymarshal.domain.disruption import Disruption
from skymarshal.orchestration.announcements import Announcer
from skymarshal.orchestration.errors import MalformedEvent
from skymarshal.orchestration.events import ThreadFailed, detail_of

__all__ = ["ExecutionEnd", "Failures", "end_recovery"]

logger = logging.getLogger(__name__)

_LONGEST_ERROR: Final = 300
_OPEN: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    thread_id: str
    disruption: Disruption


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detail:
    name: Annotated[str, msgspec.Meta(min_length=1)]
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]
    input: str
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnd:
    """An execution that ended without success.

    Attributes:
        execution: its name.
        thread_id: the thread that it drove.
        disruption: what it was started for.
        error: how it ended, in words.
    """

    execution: str
    thread_id: str
    disruption: Disruption
    error: str

    @classmethod
    def parse(cls, event: object) -> ExecutionEnd:
        """Return the end in an event `Step Functions Execution Status Change` of EventBridge.

        Raises:
            MalformedEvent: a field is missing or wrong.
        """
        try:
            detail = msgspec.convert(event, dict[str, object]).get("detail")
            known = msgspec.convert(detail, _Detail)
            given = msgspec.json.decode(known.input, type=_Given)
        except msgspec.DecodeError as error:
            raise MalformedEvent(f"end of an execution: {error}") from None
        return cls(
            execution=known.name,
            thread_id=given.thread_id,
            disruption=given.disruption,
            error=": ".join(filter(None, (f"execution {known.status}", known.error, known.cause))),
        )


class Failures:
    """Marks threads as failed, and tells it."""

    def __init__(self, threads: ThreadManager, announcer: Announcer) -> None:
        self._threads = threads
        self._announcer = announcer

    def fail(self, thread_id: str, error: str) -> None:
        """Mark a thread that cannot go on by itself, and tell it. One that has ended stays as it ended."""
        try:
            self._threads.mark_failed(thread_id, error=error)
        except IllegalTransition:
            status = self._threads.get_thread(thread_id).status
            if status is not ThreadStatus.FAILED:
                logger.warning("thread %s is %s; what failed since: %s", thread_id, status, error)
                return
        self._tell_failed(thread_id, error)

    def ended(self, end: ExecutionEnd) -> bool:
        """Mark the thread that an execution has left open, and tell it; return whether it had left one.

        A thread that awaits its decision stays so, for the decision counts and revives the flow; but it is
        told, since nobody is reminded and nothing expires any more. One that the execution ended before
        making is made, so that it can be found and resumed.
        """
        thread = self._left_by(end)
        if thread is None:
            return False
        logger.warning("thread %s is left %s: %s", thread.thread_id, thread.status, end.error)
        if thread.status is ThreadStatus.AWAITING_APPROVAL and "decision" not in thread.details:
            self._threads.annotate(thread.thread_id, error=end.error[:_LONGEST_ERROR])
            self._tell(thread.thread_id, end.error)
            return True
        if thread.status is not ThreadStatus.FAILED:
            driver = thread.details.get("execution")
            try:
                self._threads.mark_failed(
                    thread.thread_id, error=end.error, execution=None if driver is None else str(driver)
                )
            except IllegalTransition:
                # Somebody resumed it, decided or marked it in this moment.
                return self.ended(end)
        self._tell_failed(thread.thread_id, end.error)
        return True

    def superseded(self, thread_id: str, execution: str) -> bool:
        """Return whether another execution drives the thread by now, so that this one has no say in it."""
        return _superseded(self._threads.get_thread(thread_id), execution)

    def _left_by(self, end: ExecutionEnd) -> Thread | None:
        """Return the thread if it is open, or was marked for this very end but perhaps not told."""
        try:
            thread = self._threads.get_thread(end.thread_id)
        except ThreadNotFound:
            thread = self._threads.create_thread(
                end.disruption.disruption_id,
                flight=end.disruption.flight_id,
                airport=end.disruption.airport,
                execution=end.execution,
            )
        marked = thread.details.get("error") == end.error[:_LONGEST_ERROR]
        if thread.status in _OPEN or (thread.status is ThreadStatus.FAILED and marked):
            return None if _superseded(thread, end.execution) else thread
        return None

    def _tell_failed(self, thread_id: str, error: str) -> None:
        end_recovery(self._threads, self._threads.get_thread(thread_id), RecoveryOutcome.FAILED, error)
        self._tell(thread_id, error)

    def _tell(self, thread_id: str, error: str) -> None:
        failed = ThreadFailed(thread_id=thread_id, error=error[:_LONGEST_ERROR])
        self._announcer.announce("ThreadFailed", detail_of(failed))


def end_recovery(
    threads: ThreadManager, thread: Thread, outcome: RecoveryOutcome, error: str | None = None
) -> None:
    """Keep what came of the latest attempt at recovering a thread, if there was one."""
    attempt = thread.details.get("recoveries")
    if attempt is None:
        return
    threads.end_recovery(thread.thread_id, int(attempt), outcome, error)
    logger.info("recovery %s of thread %s %s", attempt, thread.thread_id, outcome)


def _superseded(thread: Thread, execution: str) -> bool:
    driver = thread.details.get("execution", execution)
    if driver != execution:
        logger.info("execution %s of thread %s is superseded by %s", execution, thread.thread_id, driver)
    return driver != execution
