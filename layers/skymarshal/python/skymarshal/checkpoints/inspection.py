"""Reading whole histories: listing, delta channels, and proof that nothing was altered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple, DeltaChannelHistory, PendingWrite

from skymarshal.checkpoints.errors import CheckpointError, DamagedCheckpoint
from skymarshal.checkpoints.integrity import chain_link
from skymarshal.checkpoints.keys import (
    HIGH,
    CheckpointAddress,
    checkpoint_id_of,
    namespace_of,
    thread_of,
    thread_partition,
)
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded, addressed, describe
from skymarshal.checkpoints.records import BODY, CHAIN, PARENT, WRITES, decode_value, pending_writes
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.run_items import RunState, run_of
from skymarshal.checkpoints.runs import assessment_in
from skymarshal.checkpoints.sealing import cipher_of
from skymarshal.checkpoints.store import PARTITION, SORT, Item, Store

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    Saver = BaseCheckpointSaver[int]
else:
    Saver = object

__all__ = ["InspectionMethods", "Problem", "Verification"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it was written.

    Attributes:
        checkpoint_id: where; None for the thread as a whole.
        namespace: of the checkpoint.
        what: in words.
    """

    checkpoint_id: str | None
    namespace: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome of walking a thread's integrity chain.

    Attributes:
        thread_id: the thread.
        checkpoints: how many were checked.
        assessments: how many were checked.
        starts: checkpoints whose parent is no longer kept, so that the chain begins anew with them.
        problems: everything found wrong, empty where all is as written.
    """

    thread_id: str
    checkpoints: int
    assessments: int
    starts: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


class InspectionMethods(Saver):
    """Lists, walks and verifies threads."""

    store: Store
    retention: Retention
    _payloads: Payloads
    _reader: CheckpointReader

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Yield checkpoints, newest first: of a thread, or of every thread where `config` is None."""
        left = limit
        if left is not None and left <= 0:
            return
        for loaded in self._listed(config, before):
            metadata: Mapping[str, Any] = loaded.body.decode_metadata(self.serde)
            if filter and any(metadata.get(name) != value for name, value in filter.items()):
                continue
            yield self._reader.tuple_of(loaded, self.serde)
            if left is not None:
                left -= 1
                if left <= 0:
                    return

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """Return the writes from which delta channels are rebuilt, and where they start.

        The ancestors are read in pages of one descending range, not one by one.
        """
        thread_id, namespace, checkpoint_id = addressed(config)
        collected: dict[str, list[PendingWrite]] = {channel: [] for channel in channels}
        seeds: dict[str, Any] = {}
        waiting = set(channels)
        target = self.get_tuple(config) if waiting else None
        wanted = _parent_of(target)
        if wanted is not None and checkpoint_id is None and target is not None:
            checkpoint_id = str(target.config["configurable"]["checkpoint_id"])
        ancestors: Iterator[Loaded] = iter(())
        if wanted is not None:
            ancestors = self._reader.load_range(thread_id, namespace, self.serde, before=checkpoint_id)
        for loaded in ancestors:
            if loaded.address.checkpoint_id != wanted:
                continue
            for write in reversed(pending_writes(self.serde, loaded.tasks.values())):
                if write[1] in waiting:
                    collected[write[1]].append(write)
            for channel, value in self._channels(loaded, waiting).items():
                seeds[channel] = value
                waiting.discard(channel)
            wanted = loaded.parent_id
            if wanted is None or not waiting:
                break
        history: dict[str, DeltaChannelHistory] = {}
        for channel, writes in collected.items():
            entry: DeltaChannelHistory = {"writes": writes[::-1]}
            if channel in seeds:
                entry["seed"] = seeds[channel]
            history[channel] = entry
        return history

    def newest_intact(self, thread_id: str, *, namespace: str = "", before: str | None = None) -> str | None:
        """Return the id of the newest checkpoint that reads back whole, None where there is none."""
        partition = thread_partition(thread_id)
        prefix = CheckpointAddress(thread_id, namespace, "0").prefix[:-1]
        sorts = [
            str(item[SORT])
            for item in self.store.query(partition, prefix, f"{prefix}{HIGH}", descending=True)
            if str(item[SORT]).endswith("#S")
        ]
        for sort in sorts:
            found = checkpoint_id_of(sort)
            if before is not None and found >= before:
                continue
            address = CheckpointAddress(thread_id, namespace, found)
            try:
                loaded = self._reader.load(address, self.serde)
                if loaded is not None:
                    self._reader.tuple_of(loaded, self.serde)
                    return found
            except DamagedCheckpoint:
                continue
        return None

    def verify(self, thread_id: str) -> Verification:
        """Check every checkpoint and assessment of a thread against what was written.

        The chain is recomputed from the stored content, every payload is read and compared with its
        checksum, and every completed agent run must have its assessment.
        """
        problems: list[Problem] = []
        starts: list[str] = []
        chains: dict[tuple[str, str], bytes] = {}
        checked = assessments = 0
        items = self.store.query(thread_partition(thread_id), "CHECKPOINT#", f"CHECKPOINT#{HIGH}")
        for item in items:
            sort = str(item[SORT])
            address = CheckpointAddress(thread_id, namespace_of(sort), checkpoint_id_of(sort))
            try:
                if sort.endswith("#S"):
                    checked += 1
                    self._verify_checkpoint(address, item, chains, starts)
                elif "#X#D#" in sort:
                    assessments += 1
                    assessment_in(item, thread_id, self._payloads, cipher_of(self.serde))
                elif "#X#C#" in sort and run_of(item).state is RunState.COMPLETED:
                    self._verify_run(item)
            except CheckpointError as error:
                problems.append(
                    Problem(checkpoint_id=address.checkpoint_id, namespace=address.namespace, what=str(error))
                )
        problems.extend(self._verify_head(thread_id, chains))
        return Verification(
            thread_id=thread_id,
            checkpoints=checked,
            assessments=assessments,
            starts=tuple(starts),
            problems=tuple(problems),
        )

    def _verify_checkpoint(
        self,
        address: CheckpointAddress,
        item: Item,
        chains: dict[tuple[str, str], bytes],
        starts: MutableSequence[str],
    ) -> None:
        parent = str(item[PARENT]) if PARENT in item else None
        known = chains.get((address.namespace, parent or ""))
        stored = item.get(CHAIN)
        chains[(address.namespace, address.checkpoint_id)] = stored if isinstance(stored, bytes) else b""
        loaded = self._reader.load(address, self.serde)
        if loaded is not None:
            self._reader.tuple_of(loaded, self.serde)
        if parent is not None and known is None:
            starts.append(address.checkpoint_id)
            return
        body, writes = item.get(BODY), item.get(WRITES)
        chain = chain_link(
            address,
            parent,
            known or b"",
            body if isinstance(body, bytes) else b"",
            writes if isinstance(writes, bytes) else None,
        )
        if chain != stored:
            raise DamagedCheckpoint(f"{describe(address)} does not match the chain from its parent {parent}")

    def _verify_run(self, item: Item) -> None:
        run = run_of(item)
        if run.reference is None:
            raise DamagedCheckpoint(f"run of {run.agent} is completed without an assessment")
        sort = str(item[SORT]).replace("#X#C#", "#X#D#", 1) + f"#{run.reference.digest}"
        if next(self.store.query(str(item[PARTITION]), sort, sort), None) is None:
            raise DamagedCheckpoint(f"assessment {run.reference.digest} of {run.agent} is gone")

    def _verify_head(self, thread_id: str, chains: Mapping[tuple[str, str], bytes]) -> Iterator[Problem]:
        head = self._reader.head(thread_id, "")
        newest = max((identifier for namespace, identifier in chains if not namespace), default=None)
        if head != newest:
            yield Problem(
                checkpoint_id=head,
                namespace="",
                what=f"head of thread {thread_id!r} is {head}; its newest checkpoint is {newest}",
            )

    def _channels(self, loaded: Loaded, wanted: set[str]) -> dict[str, Any]:
        found = {
            write.channel: decode_value(self.serde, write.type, write.data)
            for write in loaded.body.inline
            if write.channel in wanted
        }
        for channel in loaded.body.external:
            if channel.name in wanted:
                data = self._payloads.load(loaded.address.thread_id, channel.pointer, cipher_of(self.serde))
                found[channel.name] = decode_value(self.serde, channel.type, data)
        return found

    def _listed(self, config: RunnableConfig | None, before: RunnableConfig | None) -> Iterator[Loaded]:
        before_id = before["configurable"].get("checkpoint_id") if before else None
        if config is None:
            threads = [thread_of(str(item[PARTITION])) for item in self.store.scan("THREAD")]
            for thread_id in threads:
                yield from self._reader.load_range(thread_id, None, self.serde, before=before_id)
            return
        thread_id, _, checkpoint_id = addressed(config)
        namespace = config["configurable"].get("checkpoint_ns")
        if checkpoint_id is not None and namespace is not None:
            loaded = self._reader.load(CheckpointAddress(thread_id, namespace, checkpoint_id), self.serde)
            if loaded is not None and (before_id is None or checkpoint_id < before_id):
                yield loaded
            return
        for loaded in self._reader.load_range(thread_id, namespace, self.serde, before=before_id):
            if checkpoint_id in (None, loaded.address.checkpoint_id):
                yield loaded


def _parent_of(target: CheckpointTuple | None) -> str | None:
    if target is None or target.parent_config is None:
        return None
    return str(target.parent_config["configurable"]["checkpoint_id"])
