"""Attempts at recovering a thread: one item each, numbered, beside the thread's checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from skymarshal.checkpoints.errors import DamagedCheckpoint
from skymarshal.checkpoints.keys import HIGH, thread_of, thread_partition
from skymarshal.checkpoints.retention import LONGEST_WAIT, Retention, format_time, parse_time
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    Absent,
    AllOf,
    ConditionFailed,
    Item,
    Key,
    Present,
    Put,
    Store,
    Update,
    Value,
)
from skymarshal.contracts import TTL_ATTRIBUTE

__all__ = ["RecoveryAttempt", "RecoveryOutcome", "end_recovery", "open_recovery", "recoveries_of"]

_PREFIX: Final = "RECOVERY#"
_BY: Final = "by"
_AT: Final = "at"
_EXECUTION: Final = "execution"
_FROM: Final = "from_checkpoint"
_STATUS: Final = "status_before"
_OUTCOME: Final = "outcome"
_ENDED_AT: Final = "ended_at"
_ERROR: Final = "error"
_LONGEST_ERROR: Final = 300


class RecoveryOutcome(StrEnum):
    """What came of an attempt.

    CONCLUDED: the thread came to its decision. FAILED: it failed again. NOT_STARTED: no execution could be
    started for it.
    """

    CONCLUDED = "concluded"
    FAILED = "failed"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAttempt:
    """One attempt at taking a thread on from its last checkpoint.

    Attributes:
        thread_id: the thread.
        attempt: from 1.
        by: who asked for it.
        at: when.
        execution: the execution that it started.
        from_checkpoint: where the thread stood; None before its first checkpoint.
        status_before: the thread's status until then.
        outcome: what came of it; None while it is under way, or where a later attempt took over.
        ended_at: when that was.
        error: why it failed.
    """

    thread_id: str
    attempt: int
    by: str
    at: datetime
    execution: str
    from_checkpoint: str | None
    status_before: str
    outcome: RecoveryOutcome | None = None
    ended_at: datetime | None = None
    error: str | None = None


def open_recovery(store: Store, retention: Retention, attempt: RecoveryAttempt) -> RecoveryAttempt:
    """Keep a new attempt and return it, or the one that somebody else has just opened under its number."""
    attributes: dict[str, Value] = {
        _BY: attempt.by,
        _AT: format_time(attempt.at),
        _EXECUTION: attempt.execution,
        _STATUS: attempt.status_before,
        TTL_ATTRIBUTE: retention.expires + int(LONGEST_WAIT.total_seconds()),
    }
    if attempt.from_checkpoint is not None:
        attributes[_FROM] = attempt.from_checkpoint
    key = _key(attempt.thread_id, attempt.attempt)
    try:
        store.write([Put(key=key, attributes=attributes, condition=Absent())])
    except ConditionFailed as error:
        found = error.failures[0]
        if found is None:
            raise
        return _attempt_of(found)
    return attempt


def end_recovery(
    store: Store,
    retention: Retention,
    thread_id: str,
    attempt: int,
    outcome: RecoveryOutcome,
    error: str | None = None,
) -> None:
    """Keep what came of an attempt; the first outcome stands."""
    known: dict[str, Value] = {_OUTCOME: outcome.value, _ENDED_AT: retention.timestamp()}
    if error is not None:
        known[_ERROR] = error[:_LONGEST_ERROR]
    condition = AllOf((Present(_AT), Absent(_OUTCOME)))
    try:
        store.write([Update(key=_key(thread_id, attempt), set=known, condition=condition)])
    except ConditionFailed as refused:
        found = refused.failures[0]
        if found is None or _OUTCOME not in found:
            raise


def recoveries_of(store: Store, retention: Retention, thread_id: str) -> tuple[RecoveryAttempt, ...]:
    """Return the attempts on a thread, the first one first."""
    items = store.query(thread_partition(thread_id), _PREFIX, f"{_PREFIX}{HIGH}")
    return tuple(_attempt_of(item) for item in items if retention.is_live(item))


def _key(thread_id: str, attempt: int) -> Key:
    return Key(thread_partition(thread_id), f"{_PREFIX}{attempt:06d}")


def _attempt_of(item: Item) -> RecoveryAttempt:
    try:
        return RecoveryAttempt(
            thread_id=thread_of(str(item[PARTITION])),
            attempt=int(str(item[SORT]).removeprefix(_PREFIX)),
            by=str(item[_BY]),
            at=parse_time(str(item[_AT])),
            execution=str(item[_EXECUTION]),
            from_checkpoint=str(item[_FROM]) if _FROM in item else None,
            status_before=str(item[_STATUS]),
            outcome=RecoveryOutcome(str(item[_OUTCOME])) if _OUTCOME in item else None,
            ended_at=parse_time(str(item[_ENDED_AT])) if _ENDED_AT in item else None,
            error=str(item[_ERROR]) if _ERROR in item else None,
        )
    except (KeyError, ValueError) as error:
        raise DamagedCheckpoint(
            f"item {item[PARTITION]!r} {item[SORT]!r} is not a recovery attempt: {error!r}"
        ) from error
