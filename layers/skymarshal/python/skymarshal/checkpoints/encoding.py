"""A checkpoint on its way into the store: large channels placed, the rest packed, the chain continued."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.integrity import chain_link
from skymarshal.checkpoints.keys import CheckpointAddress
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded
from skymarshal.checkpoints.records import (
    BODY,
    CHAIN,
    PARENT,
    SCHEMA,
    SCHEMA_VERSION,
    WRITES,
    Body,
    ExternalChannel,
    TaskWrites,
    Write,
)
from skymarshal.checkpoints.sealing import cipher_of, pack, plain_serde
from skymarshal.checkpoints.store import Absent, Put, Value
from skymarshal.contracts import TTL_ATTRIBUTE

__all__ = ["Ancestry", "Encoded", "Encoder"]

_ANCESTRIES: Final = 512


@dataclass(frozen=True, slots=True)
class Ancestry:
    """What the next checkpoint needs to know of its parent."""

    chain: bytes
    external: Mapping[str, ExternalChannel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A checkpoint ready to be written.

    Attributes:
        address: which checkpoint.
        parent_id: the checkpoint it was made from.
        guarded: whether the head must still be the parent. Not for forks and updates, which start
            anywhere, nor for a first checkpoint with no channel yet, which contradicts no other.
        body: its content.
        blob: its content, packed.
        parent_chain: the parent's integrity chain.
    """

    address: CheckpointAddress
    parent_id: str | None
    guarded: bool
    body: Body
    blob: bytes
    parent_chain: bytes

    def put(self, *, expires: int, writes: bytes | None = None) -> Put:
        """Return the operation that creates its item, with pending writes embedded where given."""
        attributes: dict[str, Value] = {
            SCHEMA: SCHEMA_VERSION,
            BODY: self.blob,
            CHAIN: self.chain(writes),
            TTL_ATTRIBUTE: expires,
        }
        if self.parent_id is not None:
            attributes[PARENT] = self.parent_id
        if writes is not None:
            attributes[WRITES] = writes
        return Put(key=self.address.key, attributes=attributes, condition=Absent())

    def chain(self, writes: bytes | None) -> bytes:
        """Return the integrity chain up to and including this checkpoint."""
        return chain_link(self.address, self.parent_id, self.parent_chain, self.blob, writes)

    def loaded(self, tasks: dict[str, TaskWrites]) -> Loaded:
        """Return it as though it had been read back, but for its chain."""
        return Loaded(address=self.address, parent_id=self.parent_id, body=self.body, chain=b"", tasks=tasks)

    @property
    def external(self) -> Mapping[str, ExternalChannel]:
        """Its large channels by name."""
        return {channel.name: channel for channel in self.body.external}


class Encoder:
    """Encodes checkpoints, remembering of recent ones what their children share."""

    def __init__(self, reader: CheckpointReader, payloads: Payloads) -> None:
        self._reader = reader
        self._payloads = payloads
        self._known: OrderedDict[CheckpointAddress, Ancestry] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, address: CheckpointAddress, ancestry: Ancestry) -> None:
        """Keep what the children of a checkpoint need."""
        with self._lock:
            self._known[address] = ancestry
            self._known.move_to_end(address)
            while len(self._known) > _ANCESTRIES:
                self._known.popitem(last=False)

    def remember_loaded(self, loaded: Loaded) -> None:
        """Keep what the children of a checkpoint just read need."""
        external = {channel.name: channel for channel in loaded.body.external}
        self.remember(loaded.address, Ancestry(loaded.chain, external))

    def forget(self, thread_id: str) -> None:
        """Forget a thread, because it was deleted."""
        with self._lock:
            for address in [known for known in self._known if known.thread_id == thread_id]:
                del self._known[address]

    def encode(
        self,
        address: CheckpointAddress,
        parent_id: str | None,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
        serde: SerializerProtocol,
        *,
        expires: int,
        parent: Ancestry | None = None,
    ) -> Encoded:
        """Serialise a checkpoint, its large channels first as payloads of their own."""
        ancestry = parent or self._ancestry(address, parent_id, serde)
        inner = plain_serde(serde)
        cipher = cipher_of(serde)
        inline: list[Write] = []
        external: list[ExternalChannel] = []
        for name, value in checkpoint["channel_values"].items():
            version = checkpoint["channel_versions"].get(name, 0)
            shared = ancestry.external.get(name)
            if (
                shared is not None
                and name not in new_versions
                and shared.version == version
                and shared.pointer.expires >= expires
            ):
                external.append(shared)
                continue
            kind, data = inner.dumps_typed(value)
            if len(data) < self._payloads.limits.channel:
                inline.append(Write(name, kind, bytes(data)))
                continue
            packed = pack(data, cipher)
            del data
            pointer = self._payloads.place(address.thread_id, packed, expires=expires)
            external.append(ExternalChannel(name, version, kind, pointer))
            del packed
        body = Body(
            checkpoint=_pair(inner, {k: v for k, v in checkpoint.items() if k != "channel_values"}),
            metadata=_pair(inner, metadata),
            inline=inline,
            external=external,
        )
        blob = self._payloads.blob(address.thread_id, msgspec.msgpack.encode(body), cipher, expires=expires)
        return Encoded(
            address=address,
            parent_id=parent_id,
            guarded=metadata.get("source") in {"loop", "input"}
            and (parent_id is not None or bool(checkpoint["channel_versions"])),
            body=body,
            blob=blob,
            parent_chain=ancestry.chain,
        )

    def _ancestry(
        self, address: CheckpointAddress, parent_id: str | None, serde: SerializerProtocol
    ) -> Ancestry:
        if parent_id is None:
            return Ancestry(b"", {})
        parent = CheckpointAddress(address.thread_id, address.namespace, parent_id)
        with self._lock:
            known = self._known.get(parent)
        if known is not None:
            return known
        loaded = self._reader.load(parent, serde, writes=False)
        if loaded is None:
            return Ancestry(b"", {})
        self.remember_loaded(loaded)
        return Ancestry(loaded.chain, {channel.name: channel for channel in loaded.body.external})


def _pair(serde: SerializerProtocol, value: Any) -> tuple[str, bytes]:  # noqa: ANN401
    kind, data = serde.dumps_typed(value)
    return kind, bytes(data)
