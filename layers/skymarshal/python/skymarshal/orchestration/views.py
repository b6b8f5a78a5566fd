"""Threads as the API and the command line show them; references and tokens stay inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from skymarshal.checkpoints import (
    AgentRun,
    AgentRuns,
    CheckpointSaver,
    HistoryEntry,
    RecoveryAttempt,
    Thread,
    ThreadManager,
    ThreadStatus,
)
from skymarshal.domain.assessment import Assessment
from skymarshal.orchestration.findings import decode_assessment, references

__all__ = [
    "CheckpointEntry",
    "CheckpointView",
    "HistoryView",
    "RanAgain",
    "RecoveryView",
    "RunView",
    "ThreadDetail",
    "ThreadList",
    "ThreadView",
    "checkpoint_view",
    "history_view",
    "thread_detail",
    "thread_view",
]

_PHASES: Final = {
    "phase1_start": "initial",
    "phase1_complete": "initial",
    "phase2_start": "revision",
    "phase2_complete": "revision",
    "phase3_start": "arbitration",
    "phase3_complete": "arbitration",
    "decided": "approval",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """What a thread is about and where it stands.

    `status_since` is when it came to its status, `advanced_at` when it last changed. `execution` is the
    execution that drives it, `recoveries` how often it was resumed, `record` the name of its decision record.
    """

    thread_id: str
    status: ThreadStatus
    status_since: datetime
    created_at: datetime
    advanced_at: datetime
    head: str | None
    disruption: str | None = None
    flight: str | None = None
    airport: str | None = None
    phase: str | None = None
    outcome: str | None = None
    approver: str | None = None
    decided_at: datetime | None = None
    approval_deadline: datetime | None = None
    execution: str | None = None
    recoveries: int = 0
    record: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadList:
    """Some threads, and where the next ones begin; None after the last."""

    threads: tuple[ThreadView, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One agent's run in one phase: its latest attempt."""

    phase: str
    agent: str
    state: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    verdict: str
    headline: str
    confidence: float
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadDetail(ThreadView):
    """A thread with the runs of the phase that it is in."""

    agents: tuple[RunView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointEntry:
    """One point in a thread's history: a checkpoint of the flow, or a step of an agent's run at one."""

    time: datetime
    checkpoint_id: str
    stage: str | None
    phase: str | None
    agent: str | None
    confidence: float | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RanAgain:
    """A run that began after a recovery."""

    phase: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryView:
    """One attempt at recovering the thread: who, when, from where, what ran again and what came of it.

    `outcome` is concluded, failed, not_started, under_way, or superseded where a later attempt took over.
    `stages` are the checkpoints that it came to.
    """

    attempt: int
    by: str
    at: datetime
    execution: str
    from_checkpoint: str | None
    status_before: str
    outcome: str
    ended_at: datetime | None
    error: str | None
    ran_again: tuple[RanAgain, ...]
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """Everything that happened on a thread, each part in the order of time."""

    thread: ThreadView
    checkpoints: tuple[CheckpointEntry, ...]
    runs: tuple[RunView, ...]
    recoveries: tuple[RecoveryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointView:
    """The state at one checkpoint: its channels, and the assessments that its findings refer to."""

    thread_id: str
    checkpoint_id: str
    stage: str | None
    values: dict[str, Any]
    assessments: tuple[Assessment, ...]


_DETAILS: Final = tuple(
    field.name
    for field in fields(ThreadView)
    if field.name not in {"thread_id", "status", "status_since", "created_at", "advanced_at", "head"}
)
_INSTANTS: Final = frozenset({"decided_at", "approval_deadline"})


def thread_view(thread: Thread) -> ThreadView:
    """Return a thread as it is shown in a list."""
    return ThreadView(**_shown(thread))


def thread_detail(thread: Thread, runs: AgentRuns) -> ThreadDetail:
    """Return a thread with the runs at its latest checkpoint."""
    found = () if thread.head is None else runs.read(thread.thread_id, thread.head)
    return ThreadDetail(**_shown(thread), agents=tuple(_run_view(run) for run in found))


def history_view(threads: ThreadManager, thread_id: str) -> HistoryView:
    """Return a thread with its checkpoints, its agents' runs and its recoveries."""
    entries = threads.get_thread_history(thread_id)
    return HistoryView(
        thread=thread_view(threads.get_thread(thread_id)),
        checkpoints=tuple(_entry_view(entry) for entry in entries),
        runs=_runs(entries),
        recoveries=_recoveries(threads.recoveries(thread_id), entries),
    )


def checkpoint_view(
    saver: CheckpointSaver, runs: AgentRuns, thread_id: str, checkpoint_id: str
) -> CheckpointView:
    """Return the state at a checkpoint.

    Raises:
        CheckpointNotFound: the thread has no such checkpoint.
    """
    values = dict(saver.read_state(thread_id, checkpoint_id).values)
    findings = values.get("findings", {})
    known = runs.hydrate_all(references(findings, (phase for phase in findings if phase != "arbitration")))
    stage = values.get("stage")
    return CheckpointView(
        thread_id=thread_id,
        checkpoint_id=checkpoint_id,
        stage=None if stage is None else str(stage),
        values=values,
        assessments=tuple(decode_assessment(content) for content in known.values()),
    )


def _shown(thread: Thread) -> dict[str, Any]:
    details: Mapping[str, str | int] = thread.details
    shown: dict[str, Any] = {name: details[name] for name in _DETAILS if name in details}
    for name in _INSTANTS & shown.keys():
        shown[name] = datetime.fromisoformat(str(shown[name]))
    return {
        "thread_id": thread.thread_id,
        "status": thread.status,
        "status_since": thread.status_since,
        "created_at": thread.created_at,
        "advanced_at": thread.advanced_at,
        "head": thread.head,
        **shown,
    }


def _run_view(run: AgentRun) -> RunView:
    said = run.headline or {}
    return RunView(
        phase=run.phase,
        agent=run.agent,
        state=str(run.state),
        attempt=run.attempt,
        started_at=run.started_at,
        ended_at=run.ended_at,
        verdict=str(said.get("verdict", "")),
        headline=str(said.get("text", "")),
        confidence=float(run.confidence or 0),
        error=run.error,
    )


def _entry_view(entry: HistoryEntry) -> CheckpointEntry:
    return CheckpointEntry(
        time=entry.time,
        checkpoint_id=entry.checkpoint_id,
        stage=entry.stage,
        phase=entry.phase or _PHASES.get(entry.stage or ""),
        agent=entry.agent,
        confidence=None if entry.confidence is None else float(entry.confidence),
        size=entry.size,
    )


def _runs(entries: Iterable[HistoryEntry]) -> tuple[RunView, ...]:
    runs: dict[tuple[str, str], RunView] = {}
    for entry in entries:
        if entry.agent is None or entry.phase is None:
            continue
        said = entry.metadata.get("headline") or {}
        before = runs.get((entry.phase, entry.agent))
        run = RunView(
            phase=entry.phase,
            agent=entry.agent,
            state=str(entry.stage),
            attempt=int(entry.metadata.get("attempt", 1)),
            # A run that began again, at another barrier, is that of now.
            started_at=entry.time if before is None or entry.stage == "started" else before.started_at,
            ended_at=None if entry.stage == "started" else entry.time,
            verdict=str(said.get("verdict", "")),
            headline=str(said.get("text", "")),
            confidence=float(entry.confidence or 0),
            error=entry.metadata.get("error"),
        )
        runs[entry.phase, entry.agent] = run
    return tuple(runs.values())


def _recoveries(
    attempts: Sequence[RecoveryAttempt], entries: Sequence[HistoryEntry]
) -> tuple[RecoveryView, ...]:
    ends = (each.at for each in attempts[1:])
    views = [_recovery_view(attempt, entries, end) for attempt, end in zip_longest(attempts, ends)]
    # Only the last attempt can still be under way.
    return tuple(
        replace(view, outcome="superseded") if view.outcome == "under_way" and number < len(views) else view
        for number, view in enumerate(views, start=1)
    )


def _recovery_view(
    attempt: RecoveryAttempt, entries: Sequence[HistoryEntry], end: datetime | None
) -> RecoveryView:
    since = [entry for entry in entries if entry.time >= attempt.at and (end is None or entry.time < end)]
    return RecoveryView(
        attempt=attempt.attempt,
        by=attempt.by,
        at=attempt.at,
        execution=attempt.execution,
        from_checkpoint=attempt.from_checkpoint,
        status_before=attempt.status_before,
        outcome="under_way" if attempt.outcome is None else str(attempt.outcome),
        ended_at=attempt.ended_at,
        error=attempt.error,
        ran_again=tuple(
            RanAgain(phase=entry.phase, agent=entry.agent)
            for entry in since
            if entry.stage == "started" and entry.agent is not None and entry.phase is not None
        ),
        stages=tuple(entry.stage for entry in since if entry.agent is None and entry.stage),
    )
