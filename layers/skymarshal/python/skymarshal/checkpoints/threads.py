"""Threads as people see them: started, waiting for approval, ended; listed, counted, described."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from skymarshal.checkpoints.errors import (
    DecisionTaken,
    IllegalTransition,
    ThreadConflict,
    ThreadNotFound,
)
from skymarshal.checkpoints.keys import thread_key
from skymarshal.checkpoints.recoveries import (
    RecoveryAttempt,
    RecoveryOutcome,
    end_recovery,
    open_recovery,
    recoveries_of,
)
from skymarshal.checkpoints.retention import Retention, format_time
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    Absent,
    AllOf,
    Condition,
    ConditionFailed,
    Equals,
    Expired,
    Item,
    Live,
    Operation,
    Present,
    Put,
    Store,
    Value,
)
from skymarshal.checkpoints.thread_items import (
    ADVANCED,
    CHANGE,
    CLOSED_STATUSES,
    CREATED,
    STATUS,
    VERSION,
    ThreadStatus,
    change,
    closing_count,
    sources_of,
    status_attributes,
)
from skymarshal.checkpoints.thread_pages import Thread, ThreadPage, count_of, page_of, thread_from
from skymarshal.contracts import TTL_ATTRIBUTE
from skymarshal.ports import Clock, IdSource, new_id

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from skymarshal.checkpoints.history import HistoryEntry

__all__ = ["ThreadManager", "thread_id_for"]

_NAMESPACE: Final = UUID("6f1d3a52-8f0e-5b60-9a4b-2f6f5d1c7e88")


def thread_id_for(disruption_id: str) -> str:
    """Return the thread id of a disruption: the same UUID for the same disruption, always."""
    return str(uuid5(_NAMESPACE, disruption_id))


class ThreadManager:
    """Starts, ends, finds and counts threads. Needs LangGraph only to read histories.

    Args:
        store: where threads are kept, with their checkpoints.
        clock: supplies the present.
        retention: how long a thread is kept after its last change.
        new_id: supplies marks by which a change is recognised as one's own.
        serde: reads checkpoints for histories; strict by default.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        retention: timedelta = timedelta(days=90),
        new_id: IdSource = new_id,
        serde: SerializerProtocol | None = None,
    ) -> None:
        self._store = store
        self._retention = Retention(clock, retention)
        self._new_id = new_id
        self._serde = serde

    def create_thread(self, disruption_id: str, **details: str | int | datetime | None) -> Thread:
        """Start the thread of a disruption, or return the one already started.

        Args:
            disruption_id: identifies the disruption, whatever event brought it.
            **details: what else to keep on it, under 1 KB in all: flight, airport, execution.
        """
        thread_id = thread_id_for(disruption_id)
        now = self._retention.timestamp()
        attributes: dict[str, Value] = {
            **_values(details),
            **status_attributes(thread_id, ThreadStatus.ACTIVE, now),
            "disruption": disruption_id,
            CREATED: now,
            ADVANCED: now,
            VERSION: 1,
            TTL_ATTRIBUTE: self._retention.expires,
        }
        key = thread_key(thread_id)
        for condition in (Absent(), Expired(self._retention.now)):
            try:
                self._store.write([Put(key=key, attributes=attributes, condition=condition)])
            except ConditionFailed as error:
                found = error.failures[0]
                if found is not None and self._retention.is_live(found):
                    return thread_from(found)
            else:
                return thread_from({PARTITION: key.partition, SORT: key.sort, **attributes})
        raise ThreadConflict(f"thread {thread_id!r} is being created and removed at once; try again")

    def get_thread(self, thread_id: str) -> Thread:
        """Return a thread.

        Raises:
            ThreadNotFound: there is none, or its retention has ended.
        """
        found = self._store.get(thread_key(thread_id))
        if found is None or not self._retention.is_live(found):
            raise ThreadNotFound(f"there is no thread {thread_id!r}")
        return thread_from(found)

    def annotate(self, thread_id: str, **details: str | int | datetime | None) -> None:
        """Keep more on a thread without changing its status."""
        self._change(thread_id, None, details)

    def awaiting_approval(
        self,
        thread_id: str,
        *,
        token: str,
        deadline: datetime,
        execution: str | None = None,
        **details: str | int | datetime,
    ) -> None:
        """Record that the thread waits for a duty manager; again, where the flow that asked has died.

        A decision that was taken meanwhile stays.

        Args:
            thread_id: the thread.
            token: reference by which the approval resumes the flow.
            deadline: until when a decision is awaited.
            execution: record it only while this execution drives the thread.
            **details: what else to keep.
        """
        self._change(
            thread_id,
            ThreadStatus.AWAITING_APPROVAL,
            {"approval_token": token, "approval_deadline": deadline, **details},
            condition=_driven_by(execution),
        )

    def record_decision(self, thread_id: str, *, decision: str, approver: str, **details: str | int) -> None:
        """Record an approver's decision. The first one stands.

        Raises:
            DecisionTaken: somebody has decided before.
            IllegalTransition: the thread does not await approval.
        """
        found = self._try(
            thread_id,
            None,
            {
                "decision": decision,
                "approver": approver,
                "decided_at": self._retention.clock(),
                **details,
            },
            condition=AllOf((Absent("decision"), Equals(STATUS, ThreadStatus.AWAITING_APPROVAL.value))),
        )
        if found is None:
            return
        if found.get("decision") == decision and found.get("approver") == approver:
            return
        if "decision" in found:
            raise DecisionTaken(
                f"thread {thread_id!r}: {found.get('approver')!r} decided {found['decision']!r} at"
                f" {found.get('decided_at')!r}"
            )
        raise IllegalTransition(f"thread {thread_id!r} is {found.get(STATUS)!r} and awaits no approval")

    def resume(self, thread_id: str, **details: str | int | datetime | None) -> None:
        """Make a thread active again that waited for approval or had failed."""
        self._change(thread_id, ThreadStatus.ACTIVE, details, remove=("error", "outcome"))

    def hand_over(self, thread: Thread, **details: str | int | datetime | None) -> None:
        """Resume a thread as it was read, or keep more on one that is active; None removes.

        Raises:
            IllegalTransition: it has changed since it was read.
        """
        active = thread.status is ThreadStatus.ACTIVE
        gone = tuple(name for name, value in details.items() if value is None)
        self._change(
            thread.thread_id,
            None if active else ThreadStatus.ACTIVE,
            details,
            condition=Equals(VERSION, thread.version),
            remove=gone if active else (*gone, "error", "outcome"),
        )

    def open_recovery(self, attempt: RecoveryAttempt) -> RecoveryAttempt:
        """Keep an attempt at recovering a thread; return the one that stands under its number."""
        return open_recovery(self._store, self._retention, attempt)

    def end_recovery(
        self, thread_id: str, attempt: int, outcome: RecoveryOutcome, error: str | None = None
    ) -> None:
        """Keep what came of an attempt; the first outcome stands."""
        end_recovery(self._store, self._retention, thread_id, attempt, outcome, error)

    def recoveries(self, thread_id: str) -> tuple[RecoveryAttempt, ...]:
        """Return every attempt at recovering a thread, the first one first."""
        return recoveries_of(self._store, self._retention, thread_id)

    def mark_complete(self, thread_id: str, *, outcome: str, **details: str | int) -> None:
        """End a thread: `outcome` is approved, selected, overridden or manual_review."""
        self._change(thread_id, ThreadStatus.COMPLETED, {"outcome": outcome, **details})

    def mark_failed(
        self, thread_id: str, *, error: str, execution: str | None = None, **details: str | int
    ) -> None:
        """End a thread that cannot go on by itself; it can be resumed.

        Args:
            thread_id: the thread.
            error: why it cannot go on.
            execution: end it only while this execution drives it.
            **details: what else to keep.
        """
        self._change(
            thread_id,
            ThreadStatus.FAILED,
            {"error": error[:300], **details},
            condition=_driven_by(execution),
        )

    def mark_rejected(self, thread_id: str, *, reason: str, approver: str, **details: str | int) -> None:
        """End a thread whose solutions were all rejected."""
        self._change(
            thread_id, ThreadStatus.REJECTED, {"reason": reason[:300], "approver": approver, **details}
        )

    def mark_expired(self, thread_id: str, **details: str | int) -> None:
        """End a thread on which nobody decided in time."""
        self._change(thread_id, ThreadStatus.EXPIRED, details)

    def query_threads(
        self, status: ThreadStatus, *, cursor: str | None = None, limit: int = 25
    ) -> ThreadPage:
        """Return threads of a status, newest first. A page costs the same however many threads there are.

        Raises:
            ValueError: the cursor is not one this method returned, or the limit is below 1.
        """
        return page_of(self._store, self._retention, status, cursor=cursor, limit=limit)

    def get_active_threads(self, *, cursor: str | None = None, limit: int = 25) -> ThreadPage:
        """Return the threads that are being worked on, newest first."""
        return self.query_threads(ThreadStatus.ACTIVE, cursor=cursor, limit=limit)

    def get_thread_count(self, status: ThreadStatus) -> int:
        """Return how many threads have a status: of a closed one, those that came to it within retention.

        Open threads are counted on the index, closed ones from counters per day; of the day on which
        retention ends, those still within it are counted on the index.
        """
        return count_of(self._store, self._retention, status)

    def list_checkpoints(self, thread_id: str) -> list[HistoryEntry]:
        """Return the checkpoints of a thread, oldest first."""
        from skymarshal.checkpoints.history import thread_checkpoints

        return thread_checkpoints(self._store, self._retention, thread_id, self._read_with())

    def get_thread_history(
        self, thread_id: str, *, phase: str | None = None, agent: str | None = None
    ) -> list[HistoryEntry]:
        """Return what happened on a thread in the order of time: all, or of one phase or agent."""
        from skymarshal.checkpoints.history import thread_history

        return thread_history(
            self._store, self._retention, thread_id, self._read_with(), phase=phase, agent=agent
        )

    def _read_with(self) -> SerializerProtocol:
        if self._serde is None:
            from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

            self._serde = JsonPlusSerializer(allowed_msgpack_modules=None)
        return self._serde

    def _change(
        self,
        thread_id: str,
        status: ThreadStatus | None,
        details: Mapping[str, str | int | datetime | None],
        *,
        condition: Condition | None = None,
        remove: tuple[str, ...] = (),
    ) -> None:
        found = self._try(thread_id, status, details, condition=condition, remove=remove)
        if found is None:
            return
        target = "changed" if status is None else status.value
        allowed = "" if status is None else f"; it can from {', '.join(sources_of(status))}"
        raise IllegalTransition(
            f"thread {thread_id!r} is {found.get(STATUS)!r} and cannot become {target!r}{allowed}"
        )

    def _try(
        self,
        thread_id: str,
        status: ThreadStatus | None,
        details: Mapping[str, str | int | datetime | None],
        *,
        condition: Condition | None = None,
        remove: tuple[str, ...] = (),
    ) -> Item | None:
        """Change a thread. Return None where it succeeded, otherwise the item that refused it."""
        mark = self._new_id().replace("-", "")[:16]
        extra = {**_values(details), CHANGE: mark}
        conditions: tuple[Condition, ...] = (Live(self._retention.now), Present(STATUS))
        if condition is not None:
            conditions = (*conditions, condition)
        reopened: Operation | None = None
        if status is ThreadStatus.ACTIVE:
            thread = self.get_thread(thread_id)
            conditions = (*conditions, Equals(VERSION, thread.version))
            if thread.status is ThreadStatus.FAILED:
                day = format_time(thread.status_since)[:10]
                reopened = closing_count(thread_id, thread.status, day, self._retention, amount=-1)
        update = change(
            thread_key(thread_id),
            thread_id,
            condition=AllOf(conditions),
            retention=self._retention,
            extra=extra,
            status=status,
            remove=remove,
        )
        operations: list[Operation] = [update]
        if status in CLOSED_STATUSES:
            day = self._retention.timestamp()[:10]
            operations.append(closing_count(thread_id, status, day, self._retention))
        if reopened is not None:
            operations.append(reopened)
        try:
            self._store.write(operations)
        except ConditionFailed as error:
            found = error.failures.get(0)
            if found is None or not self._retention.is_live(found):
                raise ThreadNotFound(f"there is no thread {thread_id!r}") from error
            return None if found.get(CHANGE) == mark else found
        return None


def _driven_by(execution: str | None) -> Condition | None:
    return None if execution is None else Equals("execution", execution)


def _values(details: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in details.items()
        if value is not None
    }
