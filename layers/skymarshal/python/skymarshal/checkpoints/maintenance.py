"""Whole threads at a time: keeping, deleting, copying and pruning."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from skymarshal.checkpoints.encoding import Encoder
from skymarshal.checkpoints.errors import ThreadConflict
from skymarshal.checkpoints.integrity import chain_link
from skymarshal.checkpoints.keys import (
    HIGH,
    CheckpointAddress,
    checkpoint_id_of,
    head_key,
    namespace_of,
    object_name,
    object_prefix,
    thread_key,
    thread_of,
    thread_partition,
)
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded
from skymarshal.checkpoints.records import BODY, CHAIN, PARENT, WRITES
from skymarshal.checkpoints.retention import LONGEST_WAIT, Retention
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    AllOf,
    Below,
    ConditionFailed,
    Delete,
    Item,
    Key,
    Live,
    Put,
    Store,
    Update,
    Value,
)
from skymarshal.checkpoints.thread_items import (
    CLOSED_STATUSES,
    HEAD,
    STATUS,
    ThreadStatus,
    closing_count,
)
from skymarshal.contracts import THREAD_STATUS_INDEX_SORT, TTL_ATTRIBUTE

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.serde.base import SerializerProtocol

    Saver = BaseCheckpointSaver[int]
else:
    Saver = object

__all__ = ["MaintenanceMethods"]

_DAY: Final = 86_400
_DELTA_COUNTERS: Final = "counters_since_delta_snapshot"


class MaintenanceMethods(Saver):
    """Keeps, deletes, copies and prunes threads."""

    store: Store
    retention: Retention
    _payloads: Payloads
    _reader: CheckpointReader
    _encoder: Encoder

    def renew(self, thread_id: str) -> None:
        """Keep everything of a thread that is not gone yet as long as if it were written now."""
        expires, later = self.retention.expires, int(LONGEST_WAIT.total_seconds())
        stale = False
        for item in self._items(thread_id):
            key = _key(item)
            until = expires + later if _is_shared(key.sort) else expires
            known = item.get(TTL_ATTRIBUTE)
            if not self.retention.is_live(item) or not isinstance(known, int) or known > until - _DAY:
                continue
            stale = True
            still_there = AllOf((Live(self.retention.now), Below(TTL_ATTRIBUTE, until)))
            with contextlib.suppress(ConditionFailed):
                self.store.write([Update(key=key, set={TTL_ATTRIBUTE: until}, condition=still_there)])
        if stale:
            for name in self.store.list_objects(object_prefix(thread_id)):
                self.store.copy_object(name, name)

    def delete_thread(self, thread_id: str) -> None:
        """Delete everything of a thread: checkpoints, writes, agent runs, payloads and the thread itself."""
        keys = [_key(item) for item in self._items(thread_id)]
        own = thread_key(thread_id)
        thread = self.store.get(own)
        if thread is not None and thread.get(STATUS) in set(CLOSED_STATUSES):
            status = ThreadStatus(str(thread[STATUS]))
            day = str(thread[THREAD_STATUS_INDEX_SORT])[:10]
            self.store.write(
                [Delete(key=own), closing_count(thread_id, status, day, self.retention, amount=-1)]
            )
        self.store.write_many([Delete(key=key) for key in keys])
        self.store.delete_objects(list(self.store.list_objects(object_prefix(thread_id))))
        self._payloads.forget(thread_id)
        self._encoder.forget(thread_id)

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that these runs made, with their writes. Reads the whole table."""
        wanted = set(run_ids)
        if not wanted:
            return
        for thread in list(self.store.scan("THREAD")):
            thread_id = thread_of(str(thread[PARTITION]))
            kept: dict[str, Loaded] = {}
            doomed: list[CheckpointAddress] = []
            for loaded in self._reader.load_range(thread_id, None, self.serde):
                metadata: dict[str, Any] = dict(loaded.body.decode_metadata(self.serde))
                if metadata.get("run_id") in wanted:
                    doomed.append(loaded.address)
                else:
                    kept.setdefault(loaded.address.namespace, loaded)
            if doomed:
                self._delete_checkpoints(doomed)
                for namespace in {address.namespace for address in doomed}:
                    self._reset_head(thread_id, namespace, kept.get(namespace))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy everything of a thread to another id that has no checkpoints yet.

        Raises:
            ThreadConflict: the target already has checkpoints.
        """
        partition = thread_partition(target_thread_id)
        if next(self.store.query(partition, "CHECKPOINT#", f"CHECKPOINT#{HIGH}", page=1), None) is not None:
            raise ThreadConflict(f"thread {target_thread_id!r} already has checkpoints; copy to an unused id")
        items = list(self._items(source_thread_id))
        prefix = object_prefix(source_thread_id)
        for name in self.store.list_objects(prefix):
            self.store.copy_object(name, object_name(target_thread_id, name.removeprefix(prefix)))
        chains: dict[tuple[str, str], bytes] = {}
        copies = [self._copy(item, target_thread_id, partition, chains) for item in items]
        self.store.write_many([copy for copy in copies if copy.key.sort != "THREAD"])
        self.store.write_many([copy for copy in copies if copy.key.sort == "THREAD"])

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete old checkpoints of threads, or all of them.

        With `keep_latest`, each namespace keeps its latest checkpoint, the ancestors from which its delta
        channels are rebuilt, and every payload and agent run, which are evidence.

        Raises:
            ValueError: the strategy is neither `keep_latest` nor `delete`.
        """
        chosen = _strategy(strategy)
        for thread_id in thread_ids:
            if chosen == "delete":
                self.delete_thread(thread_id)
                continue
            by_namespace: dict[str, list[Loaded]] = {}
            for loaded in self._reader.load_range(thread_id, None, self.serde):
                by_namespace.setdefault(loaded.address.namespace, []).append(loaded)
            for history in by_namespace.values():
                kept = _delta_chain(history, self.serde)
                self._delete_checkpoints(
                    [each.address for each in history if each.address.checkpoint_id not in kept]
                )

    def _items(self, thread_id: str) -> Iterator[Item]:
        return self.store.query(thread_partition(thread_id), " ", HIGH)

    def _copy(self, item: Item, thread_id: str, partition: str, chains: dict[tuple[str, str], bytes]) -> Put:
        attributes: dict[str, Value] = {k: v for k, v in item.items() if k not in {PARTITION, SORT}}
        sort = str(item[SORT])
        if sort.startswith("CHECKPOINT#") and sort.endswith("#S"):
            address = CheckpointAddress(thread_id, namespace_of(sort), checkpoint_id_of(sort))
            parent = str(item[PARENT]) if PARENT in item else None
            writes = item.get(WRITES)
            body = item.get(BODY)
            chain = chain_link(
                address,
                parent,
                chains.get((address.namespace, parent or ""), b""),
                body if isinstance(body, bytes) else b"",
                writes if isinstance(writes, bytes) else None,
            )
            chains[(address.namespace, address.checkpoint_id)] = chain
            attributes[CHAIN] = chain
        return Put(key=Key(partition, sort), attributes=attributes)

    def _delete_checkpoints(self, addresses: Sequence[CheckpointAddress]) -> None:
        for address in addresses:
            items = self.store.query(address.partition, address.key.sort, address.writes_high)
            self.store.write_many([Delete(key=_key(item)) for item in items])

    def _reset_head(self, thread_id: str, namespace: str, latest: Loaded | None) -> None:
        key = head_key(thread_id, namespace)
        if latest is None:
            self.store.write([Update(key=key, remove=(HEAD,))])
        else:
            self.store.write([Update(key=key, set={HEAD: latest.address.checkpoint_id})])


def _key(item: Item) -> Key:
    return Key(str(item[PARTITION]), str(item[SORT]))


def _is_shared(sort: str) -> bool:
    """Return whether later checkpoints may refer to an item: an agent's run, a payload, a recovery."""
    return "#X#" in sort or sort.startswith(("PAYLOAD#", "RECOVERY#"))


def _strategy(name: str) -> Literal["keep_latest", "delete"]:
    if name == "keep_latest":
        return "keep_latest"
    if name == "delete":
        return "delete"
    raise ValueError(f"strategy is {name!r}; it must be keep_latest or delete")


def _delta_chain(history: Sequence[Loaded], serde: SerializerProtocol) -> set[str]:
    """Return the ids to keep of a namespace's checkpoints, newest first.

    The metadata counts the steps since each delta channel's last snapshot; its value is rebuilt from the
    writes of that many ancestors, up to and including the one that holds a value.
    """
    by_id = {loaded.address.checkpoint_id: loaded for loaded in history}
    latest = history[0]
    metadata: dict[str, Any] = dict(latest.body.decode_metadata(serde))
    waiting = set(metadata.get(_DELTA_COUNTERS) or {})
    kept = {latest.address.checkpoint_id}
    at: Loaded | None = latest
    while at is not None and (waiting := waiting - _stored_channels(at)):
        at = by_id.get(at.parent_id or "")
        if at is not None:
            kept.add(at.address.checkpoint_id)
    return kept


def _stored_channels(loaded: Loaded) -> set[str]:
    inline = {write.channel for write in loaded.body.inline}
    return inline | {channel.name for channel in loaded.body.external}
