"""Threads as the API and the command line show them: plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from skymarshal.checkpoints import Thread, ThreadPage
from skymarshal.orchestration.approvals import Approval

__all__ = ["approval_view", "page_view", "thread_view"]

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
