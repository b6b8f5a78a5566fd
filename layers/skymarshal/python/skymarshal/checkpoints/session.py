"""One phase advance as one transaction.

Inside a session, what LangGraph puts is held back: the new checkpoints with their writes, the writes on
the checkpoint the advance started from, and the move of the thread's head land together or not at all.
An advance that lost a race leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypedDict

import msgspec
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.encoding import Ancestry, Encoded, Encoder
from skymarshal.checkpoints.errors import (
    ClockBehind,
    HeadMoved,
    IllegalTransition,
    SessionError,
    StoreUnavailable,
)
from skymarshal.checkpoints.held import Held
from skymarshal.checkpoints.keys import CheckpointAddress, thread_key
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader
from skymarshal.checkpoints.records import (
    BODY,
    SCHEMA,
    SCHEMA_VERSION,
    WRITES,
    TaskWrites,
    merge_writes,
    unsaved,
)
from skymarshal.checkpoints.retention import Retention, format_time
from skymarshal.checkpoints.run_items import AgentRun, run_of
from skymarshal.checkpoints.sealing import cipher_of
from skymarshal.checkpoints.store import (
    SORT,
    Absent,
    ConditionFailed,
    Equals,
    Operation,
    Put,
    Store,
    Value,
)
from skymarshal.checkpoints.thread_items import (
    CHANGE,
    CLOSED_STATUSES,
    HEAD,
    STATUS,
    ThreadStatus,
    advance,
    change,
    closing_count,
    write_over_expired,
)
from skymarshal.contracts import TTL_ATTRIBUTE
from skymarshal.ports import IdSource

__all__ = ["Session"]

_MOST_CHECKPOINTS: Final = 40


class ThreadChanges(TypedDict):
    """What a session changes on the thread beside its head."""

    extra: dict[str, Value]
    status: ThreadStatus | None
    remove: tuple[str, ...]


class Session(Held):
    """Holds back the puts of one advance of one thread. Made by `CheckpointSaver.session`.

    Attributes:
        thread_id: the thread that advances.
        store: where it lands.
    """

    def __init__(
        self,
        thread_id: str,
        *,
        at: str | None,
        store: Store,
        reader: CheckpointReader,
        encoder: Encoder,
        payloads: Payloads,
        retention: Retention,
        serde: Callable[[], SerializerProtocol],
        new_id: IdSource,
    ) -> None:
        super().__init__(
            thread_id,
            at=at,
            store=store,
            reader=reader,
            encoder=encoder,
            payloads=payloads,
            retention=retention,
            serde=serde,
        )
        self._new_id = new_id
        self._extra: dict[str, Value] = {}
        self._removed: tuple[str, ...] = ()
        self._status: ThreadStatus | None = None
        self._change = ""
        self._changes: set[str] = set()
        self._chains: dict[CheckpointAddress, bytes] = {}
        self._closed = False
        self._unresolved = False

    @property
    def head(self) -> str | None:
        """The root checkpoint the thread will stand at once the session has landed."""
        with self._lock:
            last = self._last_put("")
            if last is not None:
                return last.address.checkpoint_id
            base = self._base("")
            return None if base is None else base.address.checkpoint_id

    def runs(self) -> tuple[AgentRun, ...]:
        """Return the agent runs at the checkpoint the advance starts from, read with it."""
        with self._lock:
            base = self._base("")
            return () if base is None else tuple(run_of(item) for item in base.claims)

    def set(
        self,
        *,
        status: ThreadStatus | None = None,
        remove: tuple[str, ...] = (),
        **attributes: str | int | datetime | None,
    ) -> None:
        """Change the thread in the same transaction.

        Args:
            status: status to go to; the present one must allow it.
            remove: names of attributes to remove.
            **attributes: text, whole numbers or aware UTC times. None is left out.

        Raises:
            SessionError: the session has ended, or a value is of another type.
        """
        with self._lock:
            self._require_open()
            if status is not None:
                self._status = ThreadStatus(status)
            self._removed += remove
            for name, value in attributes.items():
                if isinstance(value, datetime):
                    self._extra[name] = format_time(value)
                elif isinstance(value, str | int):
                    self._extra[name] = value
                elif value is not None:
                    raise SessionError(f"{name} is {value!r}; it must be text, a whole number or a time")

    def flush(self) -> None:
        """Land what the session holds, all or nothing. The session goes on from there.

        Raises:
            HeadMoved: the thread advanced meanwhile; nothing was written.
            IllegalTransition: the thread's status does not allow the change; nothing was written.
            StoreUnavailable: the store did not answer; whether it landed is unknown, and flushing again
                is harmless.
        """
        with self._lock:
            try:
                operations = self._operations()
                if not operations:
                    return
                self._changes.add(self._change)
                write_over_expired(self.store, operations, self._retention)
            except ConditionFailed as error:
                conflict = self._conflict(operations, error)
                if conflict is not None:
                    raise conflict from error
            except StoreUnavailable:
                self._unresolved = True
                raise
            self._advance_bases()

    def close(self) -> None:
        """End the session without landing what is left."""
        self._closed = True

    def put(
        self, encode: Callable[[Ancestry | None], Encoded], address: CheckpointAddress, parent: str | None
    ) -> None:
        """Hold back a checkpoint."""
        with self._lock:
            self._require_open()
            base = self._base(address.namespace)
            last = self._last_put(address.namespace)
            head = last.address if last is not None else None if base is None else base.address
            if head is not None and address.checkpoint_id <= head.checkpoint_id:
                raise ClockBehind(self.thread_id, head=head.checkpoint_id, new=address.checkpoint_id)
            if len(self._puts) >= _MOST_CHECKPOINTS:
                self.flush()
            self._puts.append(encode(self._ancestry(address.namespace, parent)))

    def put_writes(self, address: CheckpointAddress, task: TaskWrites) -> None:
        """Hold back a task's writes."""
        with self._lock:
            self._require_open()
            fresh = unsaved(task, self._pin(address))
            if fresh.writes:
                self._writes[address] = merge_writes(self._writes.get(address, {}), fresh)

    def get(self, namespace: str, checkpoint_id: str | None) -> CheckpointTuple | None:
        """Return a checkpoint as the thread would show it once the session has landed."""
        with self._lock:
            loaded = self._find(namespace, checkpoint_id)
        return None if loaded is None else self._reader.tuple_of(loaded, self._serde())

    def _blob(self, tasks: Mapping[str, TaskWrites]) -> bytes:
        data = msgspec.msgpack.encode(list(tasks.values()))
        return self._payloads.blob(
            self.thread_id, data, cipher_of(self._serde()), expires=self._retention.expires
        )

    def _operations(self) -> list[Operation]:
        """Build the one transaction: checkpoints, writes on the base, heads, counters."""
        self._change = self._new_id().replace("-", "")[:16]
        expires = self._retention.expires
        operations: list[Operation] = []
        self._chains = {}
        for encoded in self._puts:
            parent = CheckpointAddress(
                self.thread_id, encoded.address.namespace, encoded.parent_id or encoded.address.checkpoint_id
            )
            chained = replace(encoded, parent_chain=self._chains.get(parent, encoded.parent_chain))
            tasks = self._writes.get(encoded.address)
            writes = self._blob(tasks) if tasks else None
            self._chains[encoded.address] = chained.chain(writes)
            operations.append(chained.put(expires=expires, writes=writes))
        operations.extend(
            self._bundle(address, tasks, expires)
            for address, tasks in self._writes.items()
            if address not in self._chains and tasks
        )
        operations.extend(self._heads())
        if operations and self._status in CLOSED_STATUSES:
            day = self._retention.timestamp()[:10]
            operations.append(closing_count(self.thread_id, self._status, day, self._retention))
        return operations

    def _bundle(self, address: CheckpointAddress, tasks: Mapping[str, TaskWrites], expires: int) -> Put:
        return Put(
            key=address.bundle_key(self._bundles[address]),
            attributes={
                SCHEMA: SCHEMA_VERSION,
                WRITES: self._blob(tasks),
                CHANGE: self._change,
                TTL_ATTRIBUTE: expires,
            },
            condition=Absent(),
        )

    def _heads(self) -> list[Operation]:
        operations: list[Operation] = []
        root = self._thread_changes()
        for namespace in dict.fromkeys(encoded.address.namespace for encoded in self._puts):
            first = next(encoded for encoded in self._puts if encoded.address.namespace == namespace)
            last = self._last_put(namespace)
            base = self._bases.get(namespace)
            parent = first.parent_id if base is None else base.address.checkpoint_id
            if first.guarded and first.parent_id != parent:
                raise HeadMoved(self.thread_id, expected=first.parent_id, found=parent)
            operations.append(
                advance(
                    self.thread_id,
                    namespace,
                    parent=parent,
                    new=first.address.checkpoint_id if last is None else last.address.checkpoint_id,
                    guarded=first.guarded or base is not None,
                    retention=self._retention,
                    extra=None if namespace else root["extra"],
                    status=None if namespace else root["status"],
                    remove=() if namespace else root["remove"],
                )
            )
        if self._last_put("") is None and (self._writes or self._extra or self._status or self._removed):
            base = self._bases.get("")
            at = self._at if base is None else base.address.checkpoint_id
            operations.append(
                change(
                    thread_key(self.thread_id),
                    self.thread_id,
                    condition=None if at is None else Equals(HEAD, at),
                    retention=self._retention,
                    **root,
                )
            )
        return operations

    def _thread_changes(self) -> ThreadChanges:
        return {
            "extra": {**self._extra, CHANGE: self._change},
            "status": self._status,
            "remove": self._removed,
        }

    def _conflict(self, operations: Sequence[Operation], error: ConditionFailed) -> Exception | None:
        """Return what went wrong, None where the session had landed before and the answer was lost."""
        found = [item for item in error.failures.values() if item is not None]
        if any(item.get(CHANGE) in self._changes for item in found):
            return None
        for place, item in error.failures.items():
            sent = operations[place]
            if item is None or not isinstance(sent, Put) or BODY not in sent.attributes:
                continue
            if item.get(BODY) == sent.attributes[BODY]:
                return None
        thread = next((item for item in found if item.get(SORT) == "THREAD"), None)
        base = self._bases.get("")
        expected = self._at if base is None else base.address.checkpoint_id
        if thread is not None and thread.get(HEAD) == expected and self._status is not None:
            return IllegalTransition(
                f"thread {self.thread_id!r} is {thread.get(STATUS)!r}"
                f" and cannot become {self._status.value!r}"
            )
        head = None if thread is None else thread.get(HEAD)
        return HeadMoved(self.thread_id, expected=expected, found=None if head is None else str(head))

    def _advance_bases(self) -> None:
        for encoded in self._puts:
            chain = self._chains[encoded.address]
            self._encoder.remember(encoded.address, Ancestry(chain, encoded.external))
            loaded = encoded.loaded(self._writes.get(encoded.address, {}))
            self._bases[encoded.address.namespace] = replace(loaded, chain=chain)
        for address in self._writes:
            if address in self._chains:
                self._bundles[address] = 0
                continue
            self._bundles[address] += 1
            base = self._bases.get(address.namespace)
            if base is not None and base.address == address:
                self._bases[address.namespace] = self._with_writes(base)
        self._puts, self._writes, self._extra = [], {}, {}
        self._status, self._removed, self._changes = None, (), set()
        self._unresolved = False

    def _require_open(self) -> None:
        """Take nothing more in before it is known whether what was sent last has landed."""
        if self._closed:
            raise SessionError(f"the session on thread {self.thread_id!r} has ended")
        if self._unresolved:
            self.flush()
