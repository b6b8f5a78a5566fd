"""The LangGraph checkpoint saver."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from skymarshal.checkpoints.async_saver import AsyncMethods
from skymarshal.checkpoints.encoding import Ancestry, Encoded, Encoder
from skymarshal.checkpoints.errors import (
    CheckpointNotFound,
    ClockBehind,
    DamagedCheckpoint,
    HeadMoved,
    InvalidIdentifier,
    SessionError,
    ThreadConflict,
)
from skymarshal.checkpoints.inspection import InspectionMethods
from skymarshal.checkpoints.keys import CheckpointAddress, decided_low, is_decided, thread_partition
from skymarshal.checkpoints.maintenance import MaintenanceMethods
from skymarshal.checkpoints.payloads import DEFAULT_LIMITS, Limits, Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded, addressed, config_of, describe
from skymarshal.checkpoints.records import BODY, TaskWrites, decode_body
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.sealing import cipher_of
from skymarshal.checkpoints.seen import SeenAssessments
from skymarshal.checkpoints.session import Session
from skymarshal.checkpoints.store import SORT, ConditionFailed, Item, Operation, Store
from skymarshal.checkpoints.thread_items import HEAD, advance, write_over_expired
from skymarshal.checkpoints.write_items import task_update
from skymarshal.ports import Clock, IdSource, new_id, system_clock

__all__ = ["CheckpointSaver", "StateView"]

_RETENTION: Final = timedelta(days=90)
_reading: ContextVar[Session | None] = ContextVar("checkpoint_session", default=None)
"""The session whose unlanded changes this context sees. LangGraph saves some writes from callbacks that run
in no such context, so puts find their session by thread id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """Graph state at one checkpoint, as an agent may see it.

    Attributes:
        values: channel values, without anything written since.
        assessments: by digest, those from the earlier barrier on that was asked for.
    """

    values: Mapping[str, Any]
    assessments: Mapping[str, bytes]


class CheckpointSaver(AsyncMethods, InspectionMethods, MaintenanceMethods, BaseCheckpointSaver[int]):
    """Keeps the checkpoints of LangGraph threads in a store.

    A thread has one head. A checkpoint that a run makes (`input` or `loop`) must follow it; the loser of
    a race is told by `HeadMoved` and leaves nothing behind. Forks and updates start from any checkpoint.

    Args:
        store: where everything is kept.
        serde: serializer; strict by default: only types that LangGraph allow-lists, and those added by
            `with_allowlist`, are ever constructed.
        clock: supplies the present.
        retention: how long a checkpoint is kept, from when it was written.
        new_id: supplies marks by which a session recognises its own writes.
        limits: from which size on content leaves its item.
    """

    def __init__(
        self,
        store: Store,
        *,
        serde: SerializerProtocol | None = None,
        clock: Clock = system_clock,
        retention: timedelta = _RETENTION,
        new_id: IdSource = new_id,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(serde=serde or JsonPlusSerializer(allowed_msgpack_modules=None))
        self.store = store
        self.clock = clock
        self.retention = Retention(clock, retention)
        self._new_id = new_id
        self._sessions: dict[str, Session] = {}
        self._payloads = Payloads(store, limits)
        self._reader = CheckpointReader(store, self._payloads, self.retention)
        self._encoder = Encoder(self._reader, self._payloads)

    def __repr__(self) -> str:
        return f"CheckpointSaver({self.store!r})"

    @classmethod
    def from_aws(
        cls,
        *,
        table_name: str,
        bucket_name: str | None,
        ttl_days: int = 90,
        serde: SerializerProtocol | None = None,
    ) -> CheckpointSaver:
        """Return a saver on DynamoDB and S3, from boto3's ordinary environment.

        Args:
            table_name: the table.
            bucket_name: the bucket for payloads of 350 KB or more; None refuses them.
            ttl_days: retention of a checkpoint.
            serde: serializer; strict by default.
        """
        from skymarshal.checkpoints.backends import aws_store

        return cls(aws_store(table_name, bucket_name), serde=serde, retention=timedelta(days=ttl_days))

    @contextmanager
    def session(self, thread_id: str, *, at: str | None = None) -> Iterator[Session]:
        """Hold back what this thread's next advance puts, and land it in one transaction at the end.

        Applies to whatever this saver, or a clone of it, puts for the thread while the block runs; only
        this context, and threads and tasks started from it, can read it before. If the block raises,
        nothing lands.

        Args:
            thread_id: the thread that advances.
            at: the checkpoint it advances from, where the caller knows it: saves a read, and the session
                fails if it is no longer the head.

        Raises:
            HeadMoved: the thread advanced meanwhile; nothing was written.
            SessionError: a session on this thread is already open on this saver.
        """
        thread_partition(thread_id)
        session = Session(
            thread_id,
            at=at,
            store=self.store,
            reader=self._reader,
            encoder=self._encoder,
            payloads=self._payloads,
            retention=self.retention,
            serde=lambda: self.serde,
            new_id=self._new_id,
        )
        if self._sessions.setdefault(thread_id, session) is not session:
            raise SessionError(f"a session on thread {thread_id!r} is already open in this process")
        token = _reading.set(session)
        try:
            yield session
            session.flush()
        finally:
            session.close()
            del self._sessions[thread_id]
            _reading.reset(token)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the addressed checkpoint, or the latest of exactly this namespace.

        Raises:
            DamagedCheckpoint: what is stored is not what was written.
        """
        thread_id, namespace, checkpoint_id = addressed(config)
        session = self._read_session(thread_id)
        if session is not None:
            return session.get(namespace, checkpoint_id)
        try:
            loaded = self._load(thread_id, namespace, checkpoint_id)
            return None if loaded is None else self._reader.tuple_of(loaded, self.serde)
        except DamagedCheckpoint as error:
            error.newest_intact = self.newest_intact(thread_id, namespace=namespace, before=checkpoint_id)
            raise

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint and move the head of its namespace to it, or neither.

        Raises:
            HeadMoved: the head is no longer the checkpoint this one was made from.
        """
        thread_id, namespace, parent_id = addressed(config)
        address = CheckpointAddress(thread_id, namespace, checkpoint["id"])

        def encode(parent: Ancestry | None) -> Encoded:
            return self._encoder.encode(
                address,
                parent_id,
                checkpoint,
                get_checkpoint_metadata(config, metadata),
                new_versions,
                self.serde,
                expires=self.retention.expires,
                parent=parent,
            )

        session = self._sessions.get(thread_id)
        if session is not None:
            session.put(encode, address, parent_id)
        else:
            self._put_now(encode(None))
        return config_of(address)

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store a task's writes, whole or not at all. A task's first regular writes stand."""
        thread_id, namespace, checkpoint_id = addressed(config)
        if checkpoint_id is None:
            raise InvalidIdentifier("checkpoint_id is missing; writes belong to a checkpoint")
        if not writes:
            return
        address = CheckpointAddress(thread_id, namespace, checkpoint_id)
        task = TaskWrites.encode(self.serde, writes, task_id, task_path)
        session = self._sessions.get(thread_id)
        if session is not None:
            session.put_writes(address, task)
            return
        expires = self.retention.expires
        self.store.write([task_update(address, task, self._payloads, cipher_of(self.serde), expires=expires)])

    def read_state(
        self, thread_id: str, checkpoint_id: str, *, assessments_of: str | None = None
    ) -> StateView:
        """Return graph state at one root checkpoint, without anything written on it since.

        An agent that runs at a barrier sees through this what it may: not its siblings' results, and no
        interrupts, whose types are slow to import.

        Args:
            thread_id: the thread.
            checkpoint_id: the barrier.
            assessments_of: an earlier barrier from which on to read assessments too, in the same call.

        Raises:
            CheckpointNotFound: there is no such checkpoint.
            DamagedCheckpoint: what is stored is not what was written.
        """
        address = CheckpointAddress(thread_id, "", checkpoint_id)
        assessments = SeenAssessments(thread_id, self._payloads, cipher_of(self.serde))
        if assessments_of is None:
            loaded = self._reader.load(address, self.serde, writes=False)
        else:
            earlier = CheckpointAddress(thread_id, "", assessments_of)
            items = self.store.query(
                address.partition, decided_low(earlier), address.key.sort, consistent=False
            )
            own: deque[Item] = deque()
            for item in items:
                sort = str(item[SORT])
                if is_decided(sort) and self.retention.is_live(item):
                    assessments.add(item)
                elif sort == address.key.sort:
                    own.append(item)
            loaded = self._reader.assemble(address, own, self.serde, writes=False)
            if loaded is None:
                loaded = self._reader.load(address, self.serde, writes=False)
        if loaded is None:
            raise CheckpointNotFound(f"there is no {describe(address)}")
        values = self._reader.values(loaded, self.serde)["channel_values"]
        return StateView(values=values, assessments=assessments)

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> CheckpointSaver:
        """Return a saver on the same store that also constructs these types."""
        clone = super().with_allowlist(extra_allowlist)
        assert isinstance(clone, CheckpointSaver)  # noqa: S101 - the base class copies self
        return clone

    def _read_session(self, thread_id: str) -> Session | None:
        session = _reading.get()
        return session if session is not None and session is self._sessions.get(thread_id) else None

    def _load(self, thread_id: str, namespace: str, checkpoint_id: str | None) -> Loaded | None:
        if checkpoint_id is None:
            loaded = self._reader.load_latest(thread_id, namespace, self.serde)
        else:
            loaded = self._reader.load(CheckpointAddress(thread_id, namespace, checkpoint_id), self.serde)
        if loaded is not None:
            self._encoder.remember_loaded(loaded)
        return loaded

    def _put_now(self, encoded: Encoded) -> None:
        address = encoded.address
        operations: Sequence[Operation] = [
            encoded.put(expires=self.retention.expires),
            advance(
                address.thread_id,
                address.namespace,
                parent=encoded.parent_id,
                new=address.checkpoint_id,
                guarded=encoded.guarded,
                retention=self.retention,
            ),
        ]
        try:
            write_over_expired(self.store, operations, self.retention)
        except ConditionFailed as error:
            self._settle(encoded, error)
        self._encoder.remember(address, Ancestry(encoded.chain(None), encoded.external))

    def _settle(self, encoded: Encoded, error: ConditionFailed) -> None:
        """Return quietly where this very checkpoint is already stored; otherwise say who won."""
        stored = error.failures.get(0)
        address = encoded.address
        if stored is not None:
            blob = stored.get(BODY)
            content = self._payloads.open_blob(
                address.thread_id, blob if isinstance(blob, bytes) else b"", cipher_of(self.serde)
            )
            if decode_body(content, describe(address)) == encoded.body:
                return
            raise ThreadConflict(f"{describe(address)} is already stored with other content") from error
        item = error.failures.get(1)
        head = None if item is None or HEAD not in item else str(item[HEAD])
        if head is not None and head == encoded.parent_id:
            raise ClockBehind(address.thread_id, head=head, new=address.checkpoint_id) from error
        raise HeadMoved(address.thread_id, expected=encoded.parent_id, found=head) from error
