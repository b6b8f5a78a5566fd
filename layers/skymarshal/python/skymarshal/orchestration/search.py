"""Threads by status, flight and airport, page by page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from skymarshal.checkpoints import Thread, ThreadManager, ThreadStatus
from skymarshal.orchestration.views import ThreadList, thread_view

__all__ = ["MOST_LISTED", "ThreadFilter", "find_threads"]

MOST_LISTED: Final = 100
"""Threads on a page, at most."""

_BY_URGENCY: Final = (
    ThreadStatus.AWAITING_APPROVAL,
    ThreadStatus.FAILED,
    ThreadStatus.ACTIVE,
    ThreadStatus.EXPIRED,
    ThreadStatus.REJECTED,
    ThreadStatus.COMPLETED,
)
_MOST_READS: Final = 12
"""Pages of the index that one page of the answer may cost: a rare match must not read the whole table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFilter:
    """Which threads are looked for; None for any."""

    status: ThreadStatus | None = None
    flight: str | None = None
    airport: str | None = None

    def matches(self, thread: Thread) -> bool:
        """Return whether a thread of the status is one of those looked for."""
        wanted = {"flight": self.flight, "airport": self.airport}
        return all(thread.details.get(name) == value for name, value in wanted.items() if value is not None)

    @property
    def takes_all(self) -> bool:
        """Whether every thread of the status is looked for."""
        return self.flight is None and self.airport is None

    @property
    def statuses(self) -> Sequence[ThreadStatus]:
        """The statuses to look through, what a person must act on first."""
        return _BY_URGENCY if self.status is None else (self.status,)


def find_threads(
    threads: ThreadManager, wanted: ThreadFilter, *, cursor: str | None, limit: int
) -> ThreadList:
    """Return threads that match: by urgency of their status, then the newest first.

    A page may hold fewer than `limit`, or none, and still have a cursor: there is more to look through.

    Raises:
        ValueError: the cursor is not one that a page returned, or the limit is out of range.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise ValueError(f"limit is {limit}: expected a whole number from 1 to {MOST_LISTED}")
    place = _place(cursor, len(wanted.statuses))
    size = limit if wanted.takes_all else MOST_LISTED
    found: list[Thread] = []
    for _ in range(_MOST_READS):
        page = threads.query_threads(wanted.statuses[place.status], cursor=place.inner, limit=size)
        matching = [thread for thread in page.threads if wanted.matches(thread)][place.skip :]
        taken = matching[: limit - len(found)]
        found += taken
        if len(taken) < len(matching):
            place = replace(place, skip=place.skip + len(taken))
            break
        turned = place.status + 1 if page.cursor is None else place.status
        place = _Place(status=turned, inner=page.cursor)
        if turned == len(wanted.statuses) or len(found) == limit:
            break
    rest = None if place.status == len(wanted.statuses) else _cursor(place)
    return ThreadList(threads=tuple(thread_view(thread) for thread in found), cursor=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which status is looked through, from which page of its threads, after how many matches on it."""

    status: int = 0
    inner: str | None = None
    skip: int = 0


def _cursor(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _place(cursor: str | None, statuses: int) -> _Place:
    if cursor is None:
        return _Place()
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode("ascii")), type=_Place)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned") from error
    if not 0 <= place.status < statuses or place.skip < 0:
        raise ValueError(f"cursor {cursor!r} is not one that a page returned")
    return place
