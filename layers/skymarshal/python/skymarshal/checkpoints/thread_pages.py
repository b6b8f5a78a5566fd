"""Threads read from the index: pages of one status, and how many there are."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skymarshal.checkpoints.errors import DamagedCheckpoint
from skymarshal.checkpoints.keys import thread_key, thread_of
from skymarshal.checkpoints.retention import Retention, format_time, parse_time
from skymarshal.checkpoints.store import PARTITION, SORT, Item, Key, Store
from skymarshal.checkpoints.thread_items import (
    ADVANCED,
    CHANGE,
    CREATED,
    HEAD,
    OPEN_STATUSES,
    STATUS,
    STATUS_SHARDS,
    VERSION,
    ThreadStatus,
    count_partition,
    index_partition,
)
from skymarshal.contracts import (
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
    TTL_ATTRIBUTE,
)
from skymarshal.json_input import UnreadableJson, read_json

__all__ = ["Thread", "ThreadPage", "count_of", "page_of", "thread_from"]

logger = logging.getLogger(__name__)

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
        THREAD_STATUS_INDEX_PARTITION,
    }
)


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


def page_of(
    store: Store, retention: Retention, status: ThreadStatus, *, cursor: str | None, limit: int
) -> ThreadPage:
    """Return threads of a status, newest first.

    Raises:
        ValueError: the cursor is not one this function returned, or the limit is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}; the least is 1")
    places = _places(cursor)
    candidates: list[tuple[str, int, Item]] = []
    more = [False] * STATUS_SHARDS
    for shard in range(STATUS_SHARDS):
        page = store.query_index(index_partition(status, shard), after=places[shard], limit=limit)
        more[shard] = page.more
        candidates += [(str(item[THREAD_STATUS_INDEX_SORT]), shard, item) for item in page.items]
    candidates.sort(key=lambda each: each[0], reverse=True)
    chosen = candidates[:limit]
    for since, shard, item in chosen:
        places[shard] = (since, Key(str(item[PARTITION]), str(item[SORT])))
    threads = tuple(_readable(item for _, _, item in chosen if retention.is_live(item)))
    rest = len(candidates) > limit or any(more)
    return ThreadPage(threads=threads, cursor=_cursor(places) if rest else None)


def _readable(items: Iterable[Item]) -> Iterator[Thread]:
    """Yield the threads of items; a damaged one hides no other, and is told in the log."""
    for item in items:
        try:
            yield thread_from(item)
        except DamagedCheckpoint:
            logger.exception("a damaged thread is left out of the list")


def count_of(store: Store, retention: Retention, status: ThreadStatus) -> int:
    """Return how many threads have a status: of a closed one, those that came to it within retention."""
    shards = range(STATUS_SHARDS)
    if status in OPEN_STATUSES:
        return sum(store.count_index(index_partition(status, shard)) for shard in shards)
    edge = retention.clock() - retention.period
    day = format_time(edge)[:10]
    total = 0
    for shard in shards:
        counters = store.query(count_partition(status, shard), f"{day}~", "9999")
        total += sum(int(item["closed"]) for item in counters)
        total += store.count_index(index_partition(status, shard), low=format_time(edge), high=f"{day}~")
    return total


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
        raise DamagedCheckpoint(f"the item of thread {thread_id!r} is not a thread: {error!r}") from error


def _cursor(places: list[tuple[str, Key] | None]) -> str:
    plain = [None if place is None else [place[0], thread_of(place[1].partition)] for place in places]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode()


def _places(cursor: str | None) -> list[tuple[str, Key] | None]:
    if cursor is None:
        return [None] * STATUS_SHARDS
    try:
        plain = read_json(base64.urlsafe_b64decode(cursor.encode()))
        places = [None if each is None else (str(each[0]), thread_key(str(each[1]))) for each in plain]
    except (UnreadableJson, ValueError, TypeError, IndexError, KeyError) as error:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned") from error
    if len(places) != STATUS_SHARDS:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned")
    return places
