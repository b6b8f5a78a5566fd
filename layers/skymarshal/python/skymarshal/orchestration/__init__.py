"""The flow: one graph, driven in process or by Step Functions.

    graph         the one definition of the flow
    coordinator   drives it from barrier to barrier
    worker        does what a barrier waits for: `assessing` for agents, `arbitrating` for the arbitrator
    approvals     asks a duty manager, and takes one decision
    finalising    the decision record, and the end of the thread
    failing       threads that cannot go on by themselves
    runner        all of it in one process
    intake        from a queued event to a running flow

Only what is light is handed on here: the graph costs a second to import, which an agent's function must
not pay.
"""

from __future__ import annotations

from skymarshal.orchestration.dispatch import Advance, PendingItem
from skymarshal.orchestration.errors import FlowError, InvalidDecision, MalformedItem, NothingPending
from skymarshal.orchestration.state import Finding, Findings, ThreadState

__all__ = [
    "Advance",
    "Finding",
    "Findings",
    "FlowError",
    "InvalidDecision",
    "MalformedItem",
    "NothingPending",
    "PendingItem",
    "ThreadState",
]
