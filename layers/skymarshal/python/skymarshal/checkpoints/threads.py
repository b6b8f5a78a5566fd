"""Threads as people see them: started, waiting for approval, ended; listed, counted, described."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from skymarshal.checkpoints.errors import (
    CheckpointError,
    DecisionTaken,
    IllegalTransition,
    ThreadConflict,
    ThreadNotFound,
)
from skymarshal.checkpoints.keys import thread_key, thread_of
from skymarshal.checkpoints.recoveries import (
    RecoveryAttempt,
    RecoveryOutcome,
    end_recovery,
    open_recovery,
    recoveries_of,
)
from skymarshal.checkpoints.retention import Retention, format_time, parse_time
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
    Key,
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
    HEAD,
    OPEN_STATUSES,
    STATUS,
    STATUS_SHARDS,
    VERSION,
    ThreadStatus,
    change,
    closing_count,
    count_partition,
    index_partition,
    sources_of,
    status_attributes,
)
from skymarshal.contracts import THREAD_STATUS_INDEX_SORT, TTL_ATTRIBUTE
from skymarshal.ports import Clock, IdSource, new_id

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from skymarshal.checkpoints.history import HistoryEntry

__all__ = ["Thread", "ThreadManager", "ThreadPage", "thread_id_for"]

_NAMESPACE: Final = UUID("6f1d3a52-8f0e-5b60-9a4b-2f6f5d1c7e88")
_OWN: Final = frozenset(
    {
        PARTITION,
        SORT,
        STATUS,
        HEAD,
        VERSION,
        CHANGE,
        CREATED,
        ADVANCED,
        TTL_ATTRIBUTE,
        THREAD_STATUS_INDEX_SORT,
        "status_shard",
    }
)


def thread_id_for(disruption_id: str) -> str:
    """Return the thread id of a disruption: the same UUID for the same disruption, always."""
    return str(uuid5(_NAMESPACE, disruption_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread as it stands.

    Attributes:
        thread_id: the thread.
        status: where it stands.
        status_since: when it came to that status.
        created_at: when it was started.
        advanced_at: when it last changed.
        version: rises with every change.
        head: its latest checkpoint, None before the first.
        expires_at: when its retention ends, unless it changes again.
        details: what else is kept on it: disruption, flight, airport, phase, outcome, error, execution,
            approval and decision.
    """

    thread_id: str
    status: ThreadStatus
    status_since: datetime
    created_at: datetime
    advanced_at: datetime
    version: int
    head: str | None
    expires_at: datetime
    details: Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """Some threads of one status, newest first, and where the next page begins."""

    threads: tuple[Thread, ...]
    cursor: str | None


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
        self, thread_id: str, *, token: str, deadline: datetime, **details: str | int | datetime
    ) -> None:
        """Record that the thread waits for a duty manager; again, where the flow that asked has died.

        A decision that was taken meanwhile stays.

        Args:
            thread_id: the thread.
            token: reference by which the approval resumes the flow.
            deadline: until when a decision is awaited.
            **details: what else to keep.
        """
        self._change(
            thread_id,
            ThreadStatus.AWAITING_APPROVAL,
            {"approval_token": token, "approval_deadline": deadline, **details},
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

    def mark_failed(self, thread_id: str, *, error: str, **details: str | int) -> None:
        """End a thread that cannot go on by itself; it can be resumed."""
        self._change(thread_id, ThreadStatus.FAILED, {"error": error[:300], **details})

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
        if limit < 1:
            raise ValueError(f"limit is {limit}; the least is 1")
        places = _places(cursor)
        candidates: list[tuple[str, int, Item]] = []
        more = [False] * STATUS_SHARDS
        for shard in range(STATUS_SHARDS):
            page = self._store.query_index(index_partition(status, shard), after=places[shard], limit=limit)
            more[shard] = page.more
            candidates += [(str(item[THREAD_STATUS_INDEX_SORT]), shard, item) for item in page.items]
        candidates.sort(key=lambda each: each[0], reverse=True)
        chosen = candidates[:limit]
        for since, shard, item in chosen:
            places[shard] = (since, Key(str(item[PARTITION]), str(item[SORT])))
        threads = tuple(thread_from(item) for _, _, item in chosen if self._retention.is_live(item))
        rest = len(candidates) > limit or any(more)
        return ThreadPage(threads=threads, cursor=_cursor(places) if rest else None)

    def get_active_threads(self, *, cursor: str | None = None, limit: int = 25) -> ThreadPage:
        """Return the threads that are being worked on, newest first."""
        return self.query_threads(ThreadStatus.ACTIVE, cursor=cursor, limit=limit)

    def get_thread_count(self, status: ThreadStatus) -> int:
        """Return how many threads have a status: of a closed one, those that came to it within retention.

        Open threads are counted on the index, closed ones from counters per day; of the day on which
        retention ends, those still within it are counted on the index.
        """
        shards = range(STATUS_SHARDS)
        if status in OPEN_STATUSES:
            return sum(self._store.count_index(index_partition(status, shard)) for shard in shards)
        edge = self._retention.clock() - self._retention.period
        day = format_time(edge)[:10]
        total = 0
        for shard in shards:
            counters = self._store.query(count_partition(status, shard), f"{day}~", "9999")
            total += sum(int(item["closed"]) for item in counters)
            total += self._store.count_index(
                index_partition(status, shard), low=format_time(edge), high=f"{day}~"
            )
        return total

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
        remove: tuple[str, ...] = (),
    ) -> None:
        found = self._try(thread_id, status, details, remove=remove)
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
        mark = self._new_id()[:8]
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


def thread_from(item: Item) -> Thread:
    """Return the thread that an item describes."""
    thread_id = thread_of(str(item[PARTITION]))
    try:
        return Thread(
            thread_id=thread_id,
            status=ThreadStatus(str(item[STATUS])),
            status_since=parse_time(str(item[THREAD_STATUS_INDEX_SORT])),
            created_at=parse_time(str(item[CREATED])),
            advanced_at=parse_time(str(item[ADVANCED])),
            version=int(item[VERSION]),
            head=str(item[HEAD]) if HEAD in item else None,
            expires_at=datetime.fromtimestamp(int(item[TTL_ATTRIBUTE]), UTC),
            details={
                name: value
                for name, value in item.items()
                if name not in _OWN and isinstance(value, str | int)
            },
        )
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"the item of thread {thread_id!r} is not a thread: {error!r}") from error


def _values(details: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in details.items()
        if value is not None
    }


def _cursor(places: list[tuple[str, Key] | None]) -> str:
    plain = [None if place is None else [place[0], thread_of(place[1].partition)] for place in places]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode()


def _places(cursor: str | None) -> list[tuple[str, Key] | None]:
    if cursor is None:
        return [None] * STATUS_SHARDS
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        places = [None if each is None else (str(each[0]), thread_key(str(each[1]))) for each in plain]
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned") from error
    if len(places) != STATUS_SHARDS:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned")
    return places
