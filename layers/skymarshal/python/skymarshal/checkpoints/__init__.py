"""The checkpoint store: a LangGraph saver on AWS, threads, agent runs at a barrier.

What needs LangGraph is imported when first used, so that a function that only lists threads or claims an
agent run starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skymarshal.checkpoints.errors import (
    BufferNotFlushed,
    CheckpointError,
    CheckpointNotFound,
    ClaimLost,
    ClockBehind,
    DamagedCheckpoint,
    DecisionTaken,
    HeadMoved,
    IllegalTransition,
    InvalidIdentifier,
    ItemTooLarge,
    PayloadMissing,
    SessionError,
    StoreUnavailable,
    ThreadConflict,
    ThreadNotFound,
    UnknownSchema,
)
from skymarshal.checkpoints.store import Store

if TYPE_CHECKING:
    from skymarshal.checkpoints.backends import open_checkpointer, open_store
    from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
    from skymarshal.checkpoints.history import HistoryEntry
    from skymarshal.checkpoints.inspection import Problem, Verification
    from skymarshal.checkpoints.memory_store import MemoryStore
    from skymarshal.checkpoints.recoveries import RecoveryAttempt, RecoveryOutcome
    from skymarshal.checkpoints.run_items import AgentRun, Reference, RunState
    from skymarshal.checkpoints.runs import AgentRuns, Claim
    from skymarshal.checkpoints.saver import CheckpointSaver, StateView
    from skymarshal.checkpoints.session import Session
    from skymarshal.checkpoints.thread_items import ThreadStatus
    from skymarshal.checkpoints.thread_pages import Thread, ThreadPage
    from skymarshal.checkpoints.threads import ThreadManager, thread_id_for

__all__ = [
    "AgentRun",
    "AgentRuns",
    "BufferNotFlushed",
    "CheckpointError",
    "CheckpointNotFound",
    "CheckpointSaver",
    "Claim",
    "ClaimLost",
    "ClockBehind",
    "DamagedCheckpoint",
    "DecisionTaken",
    "DynamoDBStore",
    "HeadMoved",
    "HistoryEntry",
    "IllegalTransition",
    "InvalidIdentifier",
    "ItemTooLarge",
    "MemoryStore",
    "PayloadMissing",
    "Problem",
    "RecoveryAttempt",
    "RecoveryOutcome",
    "Reference",
    "RunState",
    "Session",
    "SessionError",
    "StateView",
    "Store",
    "StoreUnavailable",
    "Thread",
    "ThreadConflict",
    "ThreadManager",
    "ThreadNotFound",
    "ThreadPage",
    "ThreadStatus",
    "UnknownSchema",
    "Verification",
    "open_checkpointer",
    "open_store",
    "thread_id_for",
]

_HOMES = {
    "AgentRun": "run_items",
    "AgentRuns": "runs",
    "CheckpointSaver": "saver",
    "Claim": "runs",
    "DynamoDBStore": "dynamodb_store",
    "HistoryEntry": "history",
    "MemoryStore": "memory_store",
    "Problem": "inspection",
    "RecoveryAttempt": "recoveries",
    "RecoveryOutcome": "recoveries",
    "Reference": "run_items",
    "RunState": "run_items",
    "Session": "session",
    "StateView": "saver",
    "Thread": "thread_pages",
    "ThreadManager": "threads",
    "ThreadPage": "thread_pages",
    "ThreadStatus": "thread_items",
    "Verification": "inspection",
    "open_checkpointer": "backends",
    "open_store": "backends",
    "thread_id_for": "threads",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
