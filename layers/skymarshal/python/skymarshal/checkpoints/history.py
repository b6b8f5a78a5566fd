"""What happened on a thread, in order: its named checkpoints and its agents' runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.keys import HIGH, thread_partition
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded
from skymarshal.checkpoints.records import decode_value
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.run_items import AgentRun, Reference, RunState, run_of
from skymarshal.checkpoints.store import SORT, Store

__all__ = ["HistoryEntry", "thread_checkpoints", "thread_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One named point in a thread's history.

    Attributes:
        thread_id: the thread.
        checkpoint_id: the checkpoint, or the barrier at which the agent ran.
        namespace: of the checkpoint, empty for the root.
        time: when.
        stage: its name: start, phase1_start and so on; of an agent started, decided, completed or failed.
        phase: the phase it belongs to, where it says so.
        agent: which agent, None for a checkpoint of the flow itself.
        confidence: as stated by the agent or the arbitrator.
        reference: to the assessment, of a decision.
        size: bytes of a checkpoint's content, or of the assessment; 0 for what has none of its own.
        metadata: LangGraph's metadata of a checkpoint; worker, attempt, headline and error of an agent run.
    """

    thread_id: str
    checkpoint_id: str
    namespace: str
    time: datetime
    stage: str | None
    phase: str | None
    agent: str | None
    confidence: Decimal | None
    reference: Reference | None
    size: int
    metadata: Mapping[str, Any]


def thread_checkpoints(
    store: Store, retention: Retention, thread_id: str, serde: SerializerProtocol
) -> list[HistoryEntry]:
    """Return the checkpoints of a thread, oldest first."""
    reader = CheckpointReader(store, Payloads(store), retention)
    found = [_of_checkpoint(loaded, serde) for loaded in reader.load_range(thread_id, None, serde)]
    return sorted(found, key=lambda entry: (entry.time, entry.checkpoint_id))


def thread_history(
    store: Store,
    retention: Retention,
    thread_id: str,
    serde: SerializerProtocol,
    *,
    phase: str | None = None,
    agent: str | None = None,
) -> list[HistoryEntry]:
    """Return checkpoints and agent runs of a thread in the order of time, those that match."""
    entries = thread_checkpoints(store, retention, thread_id, serde)
    items = store.query(thread_partition(thread_id), "CHECKPOINT#", f"CHECKPOINT#{HIGH}")
    for item in items:
        if "#X#C#" in str(item[SORT]) and retention.is_live(item):
            entries.extend(_of_run(run_of(item)))
    return sorted(
        (
            entry
            for entry in entries
            if (phase is None or entry.phase == phase) and (agent is None or entry.agent == agent)
        ),
        key=lambda entry: (entry.time, entry.checkpoint_id, entry.agent or ""),
    )


def _of_checkpoint(loaded: Loaded, serde: SerializerProtocol) -> HistoryEntry:
    metadata: dict[str, Any] = dict(loaded.body.decode_metadata(serde))
    checkpoint: Mapping[str, Any] = decode_value(serde, *loaded.body.checkpoint)
    named = {
        name: _named(loaded, name, metadata, serde) for name in ("stage", "phase", "agent", "confidence")
    }
    confidence = named["confidence"]
    return HistoryEntry(
        thread_id=loaded.address.thread_id,
        checkpoint_id=loaded.address.checkpoint_id,
        namespace=loaded.address.namespace,
        time=datetime.fromisoformat(str(checkpoint["ts"])),
        stage=_text(named["stage"]),
        phase=_text(named["phase"]),
        agent=_text(named["agent"]),
        confidence=None if confidence is None else Decimal(str(confidence)),
        reference=None,
        size=loaded.size,
        metadata=metadata,
    )


def _named(loaded: Loaded, name: str, metadata: Mapping[str, Any], serde: SerializerProtocol) -> object:
    """Return a value of the metadata or, where it has none, of the channel of that name."""
    if name in metadata:
        return metadata[name]
    for write in loaded.body.inline:
        if write.channel == name:
            value: object = decode_value(serde, write.type, write.data)
            return value
    return None


def _of_run(run: AgentRun) -> Iterator[HistoryEntry]:
    ended = RunState.COMPLETED.value if run.state is RunState.COMPLETED else RunState.FAILED.value
    for stage, time in (("started", run.started_at), ("decided", run.decided_at), (ended, run.ended_at)):
        if time is not None:
            yield HistoryEntry(
                thread_id=run.thread_id,
                checkpoint_id=run.checkpoint_id,
                namespace="",
                time=time,
                stage=stage,
                phase=run.phase,
                agent=run.agent,
                confidence=None if stage == "started" else run.confidence,
                reference=None if stage == "started" else run.reference,
                size=run.reference.size if run.reference is not None and stage == "decided" else 0,
                metadata={
                    "worker": run.worker,
                    "attempt": run.attempt,
                    **({"headline": run.headline} if run.headline and stage == "completed" else {}),
                    **({"error": run.error} if run.error and stage == "failed" else {}),
                },
            )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
