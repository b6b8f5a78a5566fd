"""The items of a checkpoint and how values become their content.

Schema versions: 1. A later version adds an upcaster from the one before; none is ever removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import msgspec
from langgraph.checkpoint.base import WRITES_IDX_MAP, Checkpoint, CheckpointMetadata, PendingWrite
from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.errors import DamagedCheckpoint, UnknownSchema
from skymarshal.checkpoints.payloads import Pointer
from skymarshal.checkpoints.sealing import plain_serde
from skymarshal.checkpoints.store import Item, Value

__all__ = [
    "BODY",
    "CHAIN",
    "NULL_TASK",
    "PARENT",
    "SCHEMA",
    "SCHEMA_VERSION",
    "WRITES",
    "Body",
    "ExternalChannel",
    "TaskWrites",
    "Write",
    "decode_value",
    "merge_writes",
    "pending_writes",
    "unsaved",
]

SCHEMA: Final = "v"
SCHEMA_VERSION: Final = 1
BODY: Final = "b"
WRITES: Final = "w"
PARENT: Final = "p"
CHAIN: Final = "c"

NULL_TASK: Final = "00000000-0000-0000-0000-000000000000"
"""LangGraph's name for writes that belong to no task; it saves the whole list again as it grows."""

Version: TypeAlias = str | int | float


class Write(msgspec.Struct, array_like=True, frozen=True):
    """One write to a channel, serialised."""

    channel: str
    type: str
    data: bytes


class TaskWrites(msgspec.Struct, array_like=True, frozen=True):
    """All that one task wrote on one checkpoint.

    Attributes:
        task_id: the task.
        path: LangGraph's path of the task, by which writes are ordered.
        writes: by index; special channels have negative indices.
    """

    task_id: str
    path: str
    writes: dict[int, Write]

    @property
    def regular(self) -> dict[int, Write]:
        """Writes to the graph's own channels."""
        return {index: write for index, write in self.writes.items() if index >= 0}

    @property
    def special(self) -> dict[int, Write]:
        """Errors, interrupts, resumes and schedules."""
        return {index: write for index, write in self.writes.items() if index < 0}

    @classmethod
    def encode(
        cls, serde: SerializerProtocol, writes: Sequence[tuple[str, Any]], task_id: str, path: str
    ) -> TaskWrites:
        """Serialise what `put_writes` was given."""
        encoded: dict[int, Write] = {}
        for place, (channel, value) in enumerate(writes):
            kind, data = plain_serde(serde).dumps_typed(value)
            encoded[WRITES_IDX_MAP.get(channel, place)] = Write(channel, kind, bytes(data))
        return cls(task_id, path, encoded)


class ExternalChannel(msgspec.Struct, array_like=True, frozen=True):
    """A channel whose value is a payload of its own, written once per version."""

    name: str
    version: Version
    type: str
    pointer: Pointer


class Body(msgspec.Struct, array_like=True, frozen=True):
    """The content of a checkpoint.

    Attributes:
        checkpoint: the checkpoint without its channel values, serialised.
        metadata: serialised.
        inline: small channels.
        external: large channels.
    """

    checkpoint: tuple[str, bytes]
    metadata: tuple[str, bytes]
    inline: list[Write]
    external: list[ExternalChannel]

    def decode_metadata(self, serde: SerializerProtocol) -> CheckpointMetadata:
        """Return the metadata."""
        metadata: CheckpointMetadata = decode_value(serde, *self.metadata)
        return metadata

    def decode_checkpoint(self, serde: SerializerProtocol) -> Checkpoint:
        """Return the checkpoint with its small channels only."""
        checkpoint: Checkpoint = decode_value(serde, *self.checkpoint)
        checkpoint["channel_values"] = {
            write.channel: decode_value(serde, write.type, write.data) for write in self.inline
        }
        return checkpoint


def decode_value(serde: SerializerProtocol, kind: str, data: bytes | bytearray) -> Any:  # noqa: ANN401
    """Return the value that the serializer wrote."""
    return plain_serde(serde).loads_typed((kind, cast("bytes", data) if kind == "msgpack" else bytes(data)))


def check_schema(item: Item, what: str) -> None:
    """Refuse an item that this version cannot read.

    Raises:
        UnknownSchema: written by a newer version, or not by this package.
    """
    found: Value | None = item.get(SCHEMA)
    if found != SCHEMA_VERSION:
        raise UnknownSchema(f"{what} has schema version {found!r}; this version reads {SCHEMA_VERSION}")


def decode_body(data: bytes | bytearray, what: str) -> Body:
    """Return the body of a checkpoint."""
    try:
        return msgspec.msgpack.decode(data, type=Body)
    except msgspec.MsgspecError as error:
        raise DamagedCheckpoint(f"{what} does not decode: {error}") from error


def decode_writes(data: bytes | bytearray, what: str) -> list[TaskWrites]:
    """Return the writes of several tasks."""
    try:
        return msgspec.msgpack.decode(data, type=list[TaskWrites])
    except msgspec.MsgspecError as error:
        raise DamagedCheckpoint(f"writes of {what} do not decode: {error}") from error


def merge_writes(known: Mapping[str, TaskWrites], more: TaskWrites) -> dict[str, TaskWrites]:
    """Add a task's writes to those of its checkpoint.

    The first regular writes of a task stand as a whole: two deliveries of one task are never mixed. Only
    the null task, whose list LangGraph saves again as it grows, adds what is new by index. Special writes
    replace.
    """
    merged = dict(known)
    earlier = merged.get(more.task_id)
    if earlier is None:
        merged[more.task_id] = more
        return merged
    regular = earlier.regular
    if more.task_id == NULL_TASK:
        regular = {**more.regular, **regular}
    elif not regular:
        regular = more.regular
    special = {**earlier.special, **more.special}
    merged[more.task_id] = TaskWrites(more.task_id, earlier.path or more.path, {**regular, **special})
    return merged


def unsaved(task: TaskWrites, saved: Mapping[str, TaskWrites]) -> TaskWrites:
    """Return what of a task's writes would change those already saved."""
    earlier = saved.get(task.task_id)
    if earlier is None or not earlier.regular:
        return task
    regular: dict[int, Write] = {}
    if task.task_id == NULL_TASK:
        regular = {index: write for index, write in task.regular.items() if index not in earlier.regular}
    return TaskWrites(task.task_id, task.path, {**regular, **task.special})


def pending_writes(serde: SerializerProtocol, tasks: Iterable[TaskWrites]) -> list[PendingWrite]:
    """Return decoded writes in the order of task path, task id and index."""
    ordered = sorted(tasks, key=lambda task: (task.path, task.task_id))
    return [
        (task.task_id, write.channel, decode_value(serde, write.type, write.data))
        for task in ordered
        for _, write in sorted(task.writes.items())
    ]
