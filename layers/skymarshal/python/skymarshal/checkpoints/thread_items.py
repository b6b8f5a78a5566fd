"""The item that describes a thread and holds its head: who may change it, from what, to what."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from skymarshal.checkpoints.keys import head_key, thread_key
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Expired,
    Key,
    OneOf,
    Operation,
    Store,
    Update,
    Value,
)
from skymarshal.contracts import (
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
    TTL_ATTRIBUTE,
)

__all__ = [
    "CHANGE",
    "CLOSED_STATUSES",
    "HEAD",
    "OPEN_STATUSES",
    "STATUS",
    "STATUS_SHARDS",
    "VERSION",
    "ThreadStatus",
    "advance",
    "change",
    "closing_count",
    "count_partition",
    "index_partition",
    "shard_of",
    "sources_of",
    "status_attributes",
    "write_over_expired",
]

STATUS: Final = "status"
HEAD: Final = "head"
VERSION: Final = "version"
CHANGE: Final = "change"
"""Names the change that wrote an item last, so that a writer whose answer was lost recognises its own."""

CREATED: Final = "created_at"
ADVANCED: Final = "advanced_at"
STATUS_SHARDS: Final = 4
"""Partitions of the index per status: closed threads are too many for one."""


class ThreadStatus(StrEnum):
    """Where a thread stands."""

    ACTIVE = "active"
    AWAITING_APPROVAL = "awaiting_approval"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"


OPEN_STATUSES: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL)
CLOSED_STATUSES: Final = (
    ThreadStatus.COMPLETED,
    ThreadStatus.FAILED,
    ThreadStatus.REJECTED,
    ThreadStatus.EXPIRED,
)

_SOURCES: Final[Mapping[ThreadStatus, tuple[ThreadStatus, ...]]] = {
    ThreadStatus.ACTIVE: (ThreadStatus.AWAITING_APPROVAL, ThreadStatus.FAILED),
    ThreadStatus.AWAITING_APPROVAL: OPEN_STATUSES,
    ThreadStatus.COMPLETED: OPEN_STATUSES,
    ThreadStatus.FAILED: OPEN_STATUSES,
    ThreadStatus.REJECTED: OPEN_STATUSES,
    ThreadStatus.EXPIRED: OPEN_STATUSES,
}


def sources_of(target: ThreadStatus) -> tuple[ThreadStatus, ...]:
    """Return the statuses from which a thread may go to `target`."""
    return _SOURCES[target]


def index_partition(status: str, shard: int) -> str:
    """Return a partition of the thread status index."""
    return f"{status}#{shard}"


def shard_of(thread_id: str) -> int:
    """Return the shard of a thread, the same for all its statuses."""
    return zlib.crc32(thread_id.encode()) % STATUS_SHARDS


def status_attributes(thread_id: str, status: ThreadStatus, now: str) -> dict[str, Value]:
    """Return the attributes that give a thread a status and its place in the index."""
    return {
        STATUS: status.value,
        THREAD_STATUS_INDEX_PARTITION: index_partition(status, shard_of(thread_id)),
        THREAD_STATUS_INDEX_SORT: now,
    }


def advance(
    thread_id: str,
    namespace: str,
    *,
    parent: str | None,
    new: str,
    guarded: bool,
    retention: Retention,
    extra: Mapping[str, Value] | None = None,
    status: ThreadStatus | None = None,
    remove: tuple[str, ...] = (),
) -> Update:
    """Return the update that moves a namespace's head to a new checkpoint.

    Args:
        thread_id: the thread.
        namespace: empty for the root, whose head stands in the thread's own item.
        parent: the checkpoint the new one was made from.
        new: the new head.
        guarded: whether the present head must be the parent. If not, the head must only be older.
        retention: supplies time and expiry.
        extra: attributes to set with it.
        status: status to go to; the present one must allow it.
        remove: attributes to remove with it.
    """
    older: Condition
    if not guarded:
        older = AnyOf((Absent(HEAD), Below(HEAD, new)))
    elif parent is None:
        older = Absent(HEAD)
    else:
        older = AllOf((Equals(HEAD, parent), Below(HEAD, new)))
    return change(
        head_key(thread_id, namespace),
        thread_id,
        condition=older,
        retention=retention,
        extra={HEAD: new, **(extra or {})},
        status=status,
        remove=remove,
    )


def change(
    key: Key,
    thread_id: str,
    *,
    condition: Condition | None,
    retention: Retention,
    extra: Mapping[str, Value],
    status: ThreadStatus | None = None,
    remove: tuple[str, ...] = (),
) -> Update:
    """Return an update of a head item that renews its retention and, on the thread's own, its status."""
    now = retention.timestamp()
    attributes: dict[str, Value] = {**extra, TTL_ATTRIBUTE: retention.expires}
    if key != thread_key(thread_id):
        return Update(key=key, set=attributes, condition=condition)
    attributes[ADVANCED] = now
    default: dict[str, Value] = {CREATED: now}
    conditions = [condition] if condition is not None else []
    if status is None:
        default |= status_attributes(thread_id, ThreadStatus.ACTIVE, now)
    else:
        attributes |= status_attributes(thread_id, status, now)
        sources = tuple(source.value for source in sources_of(status))
        conditions.append(AnyOf((OneOf(STATUS, sources), Absent(STATUS))))
    return Update(
        key=key,
        set=attributes,
        default=default,
        add={VERSION: 1},
        remove=remove,
        condition=AllOf(tuple(conditions)) if conditions else None,
    )


def write_over_expired(store: Store, operations: Sequence[Operation], retention: Retention) -> None:
    """Write; a head whose retention has ended, but which the table still holds, is removed first."""
    try:
        store.write(operations)
    except ConditionFailed as error:
        expired = [
            Delete(key=Key(str(item[PARTITION]), str(item[SORT])), condition=Expired(retention.now))
            for item in error.failures.values()
            if item is not None and HEAD in item and not retention.is_live(item)
        ]
        if not expired:
            raise
        for delete in expired:
            store.write([delete])
        store.write(operations)


def count_partition(status: ThreadStatus, shard: int) -> str:
    """Return the partition with the per-day counters of a closed status."""
    return f"COUNT#{status}#{shard}"


def closing_count(
    thread_id: str, status: ThreadStatus, day: str, retention: Retention, amount: int = 1
) -> Update:
    """Return the update that counts a thread's closing on a day, written as 2026-11-23."""
    return Update(
        key=Key(count_partition(status, shard_of(thread_id)), day),
        set={TTL_ATTRIBUTE: retention.expires + 86_400},
        add={"closed": amount},
    )
