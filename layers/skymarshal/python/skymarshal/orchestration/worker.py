"""The work that a thread waits for: claimed, done outside the graph, stored once, fenced.

A second delivery of a completed item finds its result and computes nothing; a worker that was taken
over cannot complete.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from skymarshal.checkpoints import AgentRuns, CheckpointSaver, ClaimLost, RunState, StateView
from skymarshal.orchestration.dispatch import PendingItem
from skymarshal.orchestration.findings import completed_finding, headline
from skymarshal.orchestration.state import Finding

__all__ = ["LEASE", "Result", "Work", "Worker"]

LEASE: Final = timedelta(seconds=20)
"""After this a worker that has not completed may be taken over; the work takes well under a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a piece of work gave: the stored content, and what is shown of it."""

    content: bytes
    verdict: str
    headline: str
    confidence: float


Work: TypeAlias = Callable[[PendingItem, StateView], Result]


class Worker:
    """Does the work of dispatched items."""

    def __init__(self, saver: CheckpointSaver, runs: AgentRuns, work: Work) -> None:
        self._saver = saver
        self._runs = runs
        self._work = work

    def run(self, item: PendingItem, worker: str) -> Finding:
        """Do the work of `item`, unless it is done, and return the finding.

        Args:
            item: what to do.
            worker: who does it; an id that no other attempt shares.

        Raises:
            ClaimLost: another worker is at it, or has taken this one over.
            Exception: whatever the work raised, once it is noted on the run.
        """
        try:
            claim = self._runs.claim(
                item.thread_id, item.checkpoint_id, item.agent, phase=item.phase, worker=worker, lease=LEASE
            )
        except ClaimLost as lost:
            if lost.run is not None and lost.run.state is RunState.COMPLETED:
                return completed_finding(lost.run)
            raise
        try:
            state = self._saver.read_state(
                item.thread_id, item.checkpoint_id, assessments_of=item.earlier_checkpoint_id
            )
            result = self._work(item, state)
        except Exception as error:
            self._runs.fail(claim, f"{type(error).__name__}: {error}")
            raise
        reference = self._runs.decide(claim, result.content)
        shown = headline(result.verdict, result.headline)
        self._runs.complete(
            claim, reference, headline=shown, confidence=Decimal(str(round(result.confidence, 3)))
        )
        return Finding(
            agent=str(item.agent),
            phase=str(item.phase),
            status="completed",
            verdict=result.verdict,
            confidence=result.confidence,
            headline=shown["text"],
            reference=dict(reference.as_dict()),
            error=None,
        )
