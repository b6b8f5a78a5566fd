"""Checkpoints read back: found, verified and decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.errors import DamagedCheckpoint, InvalidIdentifier
from skymarshal.checkpoints.keys import (
    HIGH,
    CheckpointAddress,
    checkpoint_id_of,
    head_key,
    namespace_of,
    namespace_prefix,
    thread_partition,
)
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.records import (
    BODY,
    CHAIN,
    PARENT,
    WRITES,
    Body,
    TaskWrites,
    check_schema,
    decode_body,
    decode_value,
    decode_writes,
    merge_writes,
    pending_writes,
)
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.sealing import cipher_of
from skymarshal.checkpoints.store import PARTITION, SORT, Item, Store
from skymarshal.checkpoints.thread_items import HEAD
from skymarshal.checkpoints.write_items import task_writes_of

__all__ = ["CheckpointReader", "Loaded", "addressed", "config_of", "describe"]

_FIRST_PAGE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A checkpoint's items, opened but not yet decoded.

    Attributes:
        address: which checkpoint.
        parent_id: the checkpoint it was made from.
        body: its content.
        chain: the integrity chain up to and including it.
        tasks: pending writes by task.
        claims: the items of agent runs, where they were asked for.
        bundles: how many sessions left writes on it.
        size: bytes of its own item's content, packed, without payloads kept elsewhere.
    """

    address: CheckpointAddress
    parent_id: str | None
    body: Body
    chain: bytes
    tasks: dict[str, TaskWrites]
    claims: tuple[Item, ...] = ()
    bundles: int = 0
    size: int = 0


class CheckpointReader:
    """Reads checkpoints of a store. Everything that decides something is read consistently."""

    def __init__(self, store: Store, payloads: Payloads, retention: Retention) -> None:
        self._store = store
        self._payloads = payloads
        self._retention = retention

    def load(
        self,
        address: CheckpointAddress,
        serde: SerializerProtocol,
        *,
        writes: bool = True,
        claims: bool = False,
    ) -> Loaded | None:
        """Read one checkpoint, by default with its writes, in one call."""
        if not writes:
            item = self._store.get(address.key, consistent=True)
            items = [] if item is None else [item]
        else:
            high = f"{address.prefix}#X#C#{HIGH}" if claims else address.writes_high
            items = list(self._store.query(address.partition, address.key.sort, high))
        return self.assemble(address, items, serde, writes=writes)

    def load_latest(self, thread_id: str, namespace: str, serde: SerializerProtocol) -> Loaded | None:
        """Read the latest checkpoint of exactly this namespace."""
        newest: list[Item] = []
        prefix = namespace_prefix(namespace)
        items = self._store.query(
            thread_partition(thread_id), prefix, f"{prefix}{HIGH}", descending=True, page=_FIRST_PAGE
        )
        for item in items:
            sort = str(item[SORT])
            if "#X#" in sort:
                return self._load_head(thread_id, namespace, serde)
            newest.append(item)
            if sort.endswith("#S") and self._retention.is_live(item):
                address = CheckpointAddress(thread_id, namespace, checkpoint_id_of(sort))
                of_this = [each for each in newest if str(each[SORT]).startswith(f"{address.prefix}#")]
                return self.assemble(address, of_this, serde)
        return None

    def head(self, thread_id: str, namespace: str) -> str | None:
        """Return the id of a namespace's head."""
        item = self._store.get(head_key(thread_id, namespace))
        if item is None or not self._retention.is_live(item) or HEAD not in item:
            return None
        return str(item[HEAD])

    def load_range(
        self, thread_id: str, namespace: str | None, serde: SerializerProtocol, *, before: str | None = None
    ) -> Iterator[Loaded]:
        """Yield the checkpoints of a thread, newest first within each namespace."""
        prefix = "CHECKPOINT#" if namespace is None else namespace_prefix(namespace)
        high = f"{prefix}{HIGH}"
        if before is not None and namespace is not None:
            high = f"{CheckpointAddress(thread_id, namespace, before).prefix}#"
        gathered: list[Item] = []
        for item in self._store.query(thread_partition(thread_id), prefix, high, descending=True):
            sort = str(item[SORT])
            gathered.append(item)
            if not sort.endswith("#S"):
                continue
            address = CheckpointAddress(thread_id, namespace_of(sort), checkpoint_id_of(sort))
            of_this = [each for each in gathered if str(each[SORT]).startswith(f"{address.prefix}#")]
            gathered = []
            if before is not None and address.checkpoint_id >= before:
                continue
            loaded = self.assemble(address, of_this, serde)
            if loaded is not None:
                yield loaded

    def values(self, loaded: Loaded, serde: SerializerProtocol) -> Checkpoint:
        """Return the checkpoint with every channel.

        Raises:
            DamagedCheckpoint: a value is not what was written; the message names the checkpoint.
        """
        where = describe(loaded.address)
        try:
            checkpoint = loaded.body.decode_checkpoint(serde)
            external = {channel.pointer.digest: channel for channel in loaded.body.external}
            by_digest: dict[str, list[str]] = {}
            for channel in loaded.body.external:
                by_digest.setdefault(channel.pointer.digest, []).append(channel.name)
            pointers = [channel.pointer for channel in external.values()]
            contents = self._payloads.load_each(loaded.address.thread_id, pointers, cipher_of(serde))
            for pointer, data in contents:
                value = decode_value(serde, external[pointer.digest].type, data)
                for name in by_digest[pointer.digest]:
                    checkpoint["channel_values"][name] = value
                del data, value
        except DamagedCheckpoint as error:
            raise type(error)(f"{where}: {error}") from error
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise DamagedCheckpoint(f"{where} does not decode: {error!r}") from error
        return checkpoint

    def tuple_of(self, loaded: Loaded, serde: SerializerProtocol) -> CheckpointTuple:
        """Return the checkpoint as LangGraph wants it."""
        checkpoint = self.values(loaded, serde)
        try:
            metadata = loaded.body.decode_metadata(serde)
            writes = pending_writes(serde, loaded.tasks.values())
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise DamagedCheckpoint(f"{describe(loaded.address)} does not decode: {error!r}") from error
        return CheckpointTuple(
            config=config_of(loaded.address),
            checkpoint=checkpoint,
            metadata=metadata,
            parent_config=_parent_config(loaded),
            pending_writes=writes,
        )

    def _load_head(self, thread_id: str, namespace: str, serde: SerializerProtocol) -> Loaded | None:
        head = self.head(thread_id, namespace)
        if head is None:
            return None
        return self.load(CheckpointAddress(thread_id, namespace, head), serde)

    def assemble(
        self,
        address: CheckpointAddress,
        items: Iterable[Item],
        serde: SerializerProtocol,
        *,
        writes: bool = True,
    ) -> Loaded | None:
        """Open a checkpoint's items, None where its own is not among them."""
        own: Item | None = None
        written: list[Item] = []
        claims: list[Item] = []
        for item in items:
            if not self._retention.is_live(item):
                continue
            kind = str(item[SORT])[len(address.prefix) + 1]
            if kind == "S":
                own = item
            elif kind == "W":
                written.append(item)
            elif kind == "X":
                claims.append(item)
        if own is None:
            return None
        where = describe(address)
        check_schema(own, where)
        try:
            cipher = cipher_of(serde)
            body = decode_body(self._payloads.open_blob(address.thread_id, _bytes(own, BODY), cipher), where)
            tasks: dict[str, TaskWrites] = {}
            if writes and WRITES in own:
                opened = self._payloads.open_blob(address.thread_id, _bytes(own, WRITES), cipher)
                for task in decode_writes(opened, where):
                    tasks = merge_writes(tasks, task)
            for item in sorted(written, key=lambda each: str(each[SORT])):
                check_schema(item, f"writes of {where}")
                for task in task_writes_of(item, address, self._payloads, cipher):
                    tasks = merge_writes(tasks, task)
        except DamagedCheckpoint as error:
            raise type(error)(f"{where}: {error}") from error
        parent = own.get(PARENT)
        return Loaded(
            address=address,
            parent_id=None if parent is None else str(parent),
            body=body,
            chain=_bytes(own, CHAIN),
            tasks=tasks,
            claims=tuple(claims),
            bundles=sum("#W#B#" in str(item[SORT]) for item in written),
            size=len(_bytes(own, BODY)),
        )


def config_of(address: CheckpointAddress) -> RunnableConfig:
    """Return LangGraph's way of naming a checkpoint."""
    return {
        "configurable": {
            "thread_id": address.thread_id,
            "checkpoint_ns": address.namespace,
            "checkpoint_id": address.checkpoint_id,
        }
    }


def addressed(config: RunnableConfig) -> tuple[str, str, str | None]:
    """Return thread id, namespace and checkpoint id of a config.

    Raises:
        InvalidIdentifier: the thread id is missing or cannot be a key.
    """
    configurable = config.get("configurable", {})
    thread_id = configurable.get("thread_id")
    if thread_id is None:
        raise InvalidIdentifier("thread_id is missing; pass it in config['configurable']")
    thread_partition(thread_id)
    return thread_id, configurable.get("checkpoint_ns") or "", configurable.get("checkpoint_id") or None


def describe(address: CheckpointAddress) -> str:
    """Return words that name a checkpoint in a message."""
    within = f" of namespace {address.namespace!r}" if address.namespace else ""
    return f"checkpoint {address.checkpoint_id}{within} of thread {address.thread_id!r}"


def _parent_config(loaded: Loaded) -> RunnableConfig | None:
    if loaded.parent_id is None:
        return None
    address = loaded.address
    return config_of(CheckpointAddress(address.thread_id, address.namespace, loaded.parent_id))


def _bytes(item: Item, name: str) -> bytes:
    value = item.get(name)
    if not isinstance(value, bytes):
        raise DamagedCheckpoint(f"item {item[PARTITION]!r} {item[SORT]!r} has no {name!r}")
    return value
