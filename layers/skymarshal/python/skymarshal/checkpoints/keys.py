"""Where each kind of item lives, and which identifiers can be part of a key."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from skymarshal.checkpoints.errors import InvalidIdentifier
from skymarshal.checkpoints.store import Key
from skymarshal.contracts import CHECKPOINT_PREFIX

__all__ = [
    "HIGH",
    "CheckpointAddress",
    "agent_of",
    "checkpoint_id_of",
    "claim_key",
    "claims_low",
    "decided_key",
    "decided_low",
    "head_key",
    "is_decided",
    "namespace_of",
    "namespace_prefix",
    "object_name",
    "object_prefix",
    "payload_key",
    "thread_key",
    "thread_of",
    "thread_partition",
]

HIGH: Final = "\uffff"
"""Sorts after every character used in a key."""

_THREAD: Final = "THREAD#"
_MAX_PARTITION_BYTES: Final = 2048
_MAX_SORT_BYTES: Final = 1024
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")


def thread_partition(thread_id: str) -> str:
    """Return the partition of a thread.

    Raises:
        InvalidIdentifier: the id is not a string of 1 to 2,041 bytes in UTF-8 without NUL.
    """
    _check("thread_id", thread_id, _MAX_PARTITION_BYTES - len(_THREAD))
    return f"{_THREAD}{thread_id}"


def thread_of(partition: str) -> str:
    """Return the thread id of a partition."""
    return partition.removeprefix(_THREAD)


def thread_key(thread_id: str) -> Key:
    """Return the key of the item that describes a thread and holds its head."""
    return Key(thread_partition(thread_id), "THREAD")


def head_key(thread_id: str, namespace: str) -> Key:
    """Return the key of the item that holds a namespace's head: the thread's own for the root."""
    if not namespace:
        return thread_key(thread_id)
    return Key(thread_partition(thread_id), _sort("checkpoint_ns", f"HEAD#{_escape(namespace)}"))


def payload_key(thread_id: str, digest: str) -> Key:
    """Return the key of a payload item, addressed by its content."""
    return Key(thread_partition(thread_id), f"PAYLOAD#{digest}")


def object_prefix(thread_id: str) -> str:
    """Return what the names of a thread's payload objects begin with.

    An id that is not plain letters, digits, dash and underscore is hashed: it may hold slashes or dots.
    """
    plain = _PLAIN.fullmatch(thread_id)
    folder = thread_id if plain else f"~{hashlib.sha256(thread_id.encode()).hexdigest()}"
    return f"{CHECKPOINT_PREFIX}{folder}/"


def object_name(thread_id: str, digest: str) -> str:
    """Return the name of a payload object, addressed by its content."""
    return f"{object_prefix(thread_id)}{digest}"


@dataclass(frozen=True, slots=True)
class CheckpointAddress:
    """One checkpoint: its items share a key range, itself first, then its writes, then its agent runs."""

    thread_id: str
    namespace: str
    checkpoint_id: str

    def __post_init__(self) -> None:
        _check("checkpoint_id", self.checkpoint_id, 200)
        _sort("checkpoint_ns", f"{self.prefix}#W#T#{'0' * 36}")

    @property
    def partition(self) -> str:
        """The thread's partition."""
        return thread_partition(self.thread_id)

    @property
    def prefix(self) -> str:
        """What every sort key of this checkpoint begins with."""
        return f"{namespace_prefix(self.namespace)}{_escape(self.checkpoint_id)}"

    @property
    def key(self) -> Key:
        """The checkpoint's own item."""
        return Key(self.partition, f"{self.prefix}#S")

    @property
    def writes_high(self) -> str:
        """The greatest sort key of its writes."""
        return f"{self.prefix}#W{HIGH}"

    @property
    def high(self) -> str:
        """The greatest sort key of all its items."""
        return f"{self.prefix}#{HIGH}"

    def task_key(self, task_id: str) -> Key:
        """The item with one task's writes."""
        return Key(self.partition, _sort("task_id", f"{self.prefix}#W#T#{_escape(task_id)}"))

    def bundle_key(self, number: int) -> Key:
        """The item with the writes that one session made on this checkpoint."""
        return Key(self.partition, f"{self.prefix}#W#B#{number:06d}")


def claims_low(address: CheckpointAddress) -> str:
    """Return the least sort key of the claims at a checkpoint; those of the assessments follow."""
    return f"{address.prefix}#X#C#"


def claim_key(address: CheckpointAddress, agent: str) -> Key:
    """Return the key of an agent's claim at a checkpoint."""
    _check("agent", agent, 100)
    return Key(address.partition, f"{address.prefix}#X#C#{_escape(agent)}")


def agent_of(sort: str) -> str:
    """Return the agent in the sort key of a claim or of an assessment."""
    return unquote(sort.split("#X#", 1)[1].split("#")[1])


def decided_low(address: CheckpointAddress) -> str:
    """Return what the sort keys of the assessments at a checkpoint begin with."""
    return f"{address.prefix}#X#D#"


def is_decided(sort: str) -> bool:
    """Return whether a sort key is that of an assessment."""
    return "#X#D#" in sort


def decided_key(address: CheckpointAddress, agent: str, digest: str) -> Key:
    """Return the key of an agent's assessment at a checkpoint, addressed by its content."""
    return Key(address.partition, f"{address.prefix}#X#D#{_escape(agent)}#{digest}")


def namespace_prefix(namespace: str) -> str:
    """Return what the sort keys of a namespace's checkpoints begin with, and of no other namespace."""
    return f"CHECKPOINT#{_escape(namespace)}#"


def namespace_of(sort: str) -> str:
    """Return the namespace in a checkpoint's sort key."""
    return unquote(sort.split("#", 2)[1])


def checkpoint_id_of(sort: str) -> str:
    """Return the checkpoint id in a checkpoint's sort key."""
    return unquote(sort.split("#", 3)[2])


def _escape(part: str) -> str:
    if _PLAIN.fullmatch(part):
        return part
    return quote(part, safe=":|~!*()',;@&=+$. ")


def _check(name: str, value: str, limit: int) -> None:
    if not isinstance(value, str):
        raise InvalidIdentifier(f"{name} is {value!r} of type {type(value).__name__}; it must be a string")
    if not value:
        raise InvalidIdentifier(f"{name} is empty; it must name something")
    if "\0" in value:
        raise InvalidIdentifier(f"{name} {value[:80]!r} holds a NUL character")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidIdentifier(f"{name} {value[:80]!r} is not valid Unicode: {error}") from error
    if size > limit:
        raise InvalidIdentifier(f"{name} {value[:80]!r}... is {size} bytes; the most is {limit}")


def _sort(name: str, value: str) -> str:
    _check(name, value, _MAX_SORT_BYTES)
    return value
