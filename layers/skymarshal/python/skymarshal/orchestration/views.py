"""Threads as the API and the command line show them: plain JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from skymarshal.checkpoints import HistoryEntry, Thread, ThreadManager, ThreadPage
from skymarshal.orchestration.approvals import Approval

__all__ = ["approval_view", "history_view", "page_view", "thread_view"]

_SHOWN: Final = (
    "disruption",
    "flight",
    "airport",
    "phase",
    "outcome",
    "approver",
    "decided_at",
    "error",
    "record",
)

_PHASES: Final = {
    "phase1_start": "initial",
    "phase1_complete": "initial",
    "phase2_start": "revision",
    "phase2_complete": "revision",
    "phase3_start": "arbitration",
    "phase3_complete": "arbitration",
    "decided": "approval",
}


def thread_view(thread: Thread) -> dict[str, Any]:
    """Return what a thread is about and where it stands; references and tokens stay inside."""
    details: Mapping[str, str | int] = thread.details
    return {
        "thread_id": thread.thread_id,
        "status": str(thread.status),
        "status_since": thread.status_since.isoformat(),
        "created_at": thread.created_at.isoformat(),
        "advanced_at": thread.advanced_at.isoformat(),
        "head": thread.head,
        **{name: details[name] for name in _SHOWN if name in details},
    }


def page_view(page: ThreadPage) -> dict[str, Any]:
    """Return one page of threads and the cursor of the next."""
    return {"threads": [thread_view(thread) for thread in page.threads], "cursor": page.cursor}


def approval_view(approval: Approval) -> dict[str, Any]:
    """Return what a duty manager has to decide on, whole."""
    view: dict[str, Any] = msgspec.to_builtins(approval)
    return view


def history_view(threads: ThreadManager, thread_id: str) -> dict[str, Any]:
    """Return a thread with its checkpoints in order of time and its agents' runs."""
    entries = threads.get_thread_history(thread_id)
    return {
        "thread": thread_view(threads.get_thread(thread_id)),
        "checkpoints": [_entry_view(entry) for entry in entries],
        "runs": _runs(entries),
    }


def _entry_view(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "time": entry.time.isoformat(),
        "checkpoint_id": entry.checkpoint_id,
        "stage": entry.stage,
        "phase": entry.phase or _PHASES.get(entry.stage or ""),
        "agent": entry.agent,
        "confidence": None if entry.confidence is None else float(entry.confidence),
        "size": entry.size,
    }


def _runs(entries: Iterable[HistoryEntry]) -> list[dict[str, Any]]:
    runs: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        if entry.agent is None or entry.phase is None:
            continue
        run = runs.setdefault(
            (entry.phase, entry.agent),
            {"phase": entry.phase, "agent": entry.agent, "started_at": None, "ended_at": None},
        )
        run["state"] = entry.stage
        run["started_at" if entry.stage == "started" else "ended_at"] = entry.time.isoformat()
        run["attempt"] = entry.metadata.get("attempt")
        said = entry.metadata.get("headline") or {}
        run["verdict"], run["headline"] = said.get("verdict", ""), said.get("text", "")
        run["confidence"] = float(entry.confidence or 0)
        run["error"] = entry.metadata.get("error")
    return list(runs.values())
