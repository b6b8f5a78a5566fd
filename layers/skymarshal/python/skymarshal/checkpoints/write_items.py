"""Pending writes as items: one per task, or one per session with those of every task."""

from __future__ import annotations

from typing import Final

import msgspec
from langgraph.checkpoint.serde.base import CipherProtocol

from skymarshal.checkpoints.errors import DamagedCheckpoint
from skymarshal.checkpoints.keys import CheckpointAddress
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.records import (
    NULL_TASK,
    SCHEMA,
    SCHEMA_VERSION,
    WRITES,
    TaskWrites,
    Write,
    decode_writes,
)
from skymarshal.checkpoints.store import SORT, Item, Update, Value
from skymarshal.contracts import TTL_ATTRIBUTE

__all__ = ["task_update", "task_writes_of"]

_TASK: Final = "t"
_PATH: Final = "q"
_REGULAR: Final = "r"
_INDEXED: Final = "n"
_SPECIAL: Final = "s"


def task_update(
    address: CheckpointAddress,
    task: TaskWrites,
    payloads: Payloads,
    cipher: CipherProtocol | None,
    *,
    expires: int,
) -> Update:
    """Return the one update that adds a task's writes to its item.

    Regular writes land in one attribute and only if there are none yet, so that a task's writes are whole
    and a second delivery changes nothing. Special writes have an attribute each, which the last one wins.
    """

    def blob(writes: dict[int, Write]) -> bytes:
        return payloads.blob(address.thread_id, msgspec.msgpack.encode(writes), cipher, expires=expires)

    first: dict[str, Value] = {SCHEMA: SCHEMA_VERSION, _TASK: task.task_id}
    if task.path:
        first[_PATH] = task.path
    regular = task.regular
    if task.task_id == NULL_TASK:
        for index, write in regular.items():
            first[f"{_INDEXED}{index}"] = blob({index: write})
    elif regular:
        first[_REGULAR] = blob(regular)
    last: dict[str, Value] = {TTL_ATTRIBUTE: expires}
    for index, write in task.special.items():
        last[f"{_SPECIAL}{-index}"] = blob({index: write})
    return Update(key=address.task_key(task.task_id), default=first, set=last)


def task_writes_of(
    item: Item, address: CheckpointAddress, payloads: Payloads, cipher: CipherProtocol | None
) -> list[TaskWrites]:
    """Return the writes that an item holds.

    Raises:
        DamagedCheckpoint: they are not what was written.
    """
    where = f"item {item[SORT]!r}"
    if WRITES in item:
        return decode_writes(payloads.open_blob(address.thread_id, _blob(item, WRITES), cipher), where)
    writes: dict[int, Write] = {}
    for name in item:
        if name == _REGULAR or (name[0] in {_INDEXED, _SPECIAL} and name[1:].isdecimal()):
            data = payloads.open_blob(address.thread_id, _blob(item, name), cipher)
            try:
                writes |= msgspec.msgpack.decode(data, type=dict[int, Write])
            except msgspec.MsgspecError as error:
                raise DamagedCheckpoint(f"{where} does not decode: {error}") from error
    return [TaskWrites(str(item[_TASK]), str(item.get(_PATH, "")), writes)]


def _blob(item: Item, name: str) -> bytes:
    value = item[name]
    if not isinstance(value, bytes):
        raise DamagedCheckpoint(f"item {item[SORT]!r}: {name!r} is not bytes")
    return value
