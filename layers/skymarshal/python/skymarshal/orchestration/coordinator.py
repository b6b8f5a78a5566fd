"""Drives the graph from barrier to barrier. It decides nothing: it dispatches, joins and resumes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from skymarshal.checkpoints import AgentRun, CheckpointSaver, RunState, Session
from skymarshal.contracts import DEFAULT_RULE_PROFILE
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.disruption import Disruption
from skymarshal.orchestration.dispatch import MOST_ATTEMPTS, Advance, Joined, PendingItem
from skymarshal.orchestration.errors import NothingPending
from skymarshal.orchestration.findings import completed_finding, failed_finding, pack_reference
from skymarshal.orchestration.graph import APPROVAL, build_graph, opening
from skymarshal.orchestration.reopening import (
    OPENED,
    REOPENED,
    WITHDRAWN,
    carried_over,
    finished,
    phase_to_reopen,
)
from skymarshal.orchestration.state import Finding, Findings

__all__ = ["Coordinator"]


_PHASE_BEFORE: Final = {Phase.REVISION: Phase.INITIAL, Phase.ARBITRATION: Phase.REVISION}
_PHASE_AFTER: Final = {before: phase for phase, before in _PHASE_BEFORE.items()}


class Coordinator:
    """Advances threads. Every advance is one session: all of it lands, or nothing."""

    def __init__(
        self,
        saver: CheckpointSaver,
        *,
        most_attempts: int = MOST_ATTEMPTS,
        rule_profile: str = DEFAULT_RULE_PROFILE,
    ) -> None:
        self._saver = saver
        self._rule_profile = rule_profile
        self._graph = build_graph(saver)
        self._most_attempts = most_attempts

    def begin(self, thread_id: str, disruption: Disruption) -> Advance:
        """Start the thread, unless it has started, and return what phase 1 waits for.

        The rule profile in force now is the thread's to its end, whatever is set later.

        A thread that is past phase 1 has nothing left to do in it: whoever drives it goes on to the join.

        Raises:
            HeadMoved: another delivery started it meanwhile; doing this again is harmless.
        """
        with self._saver.session(thread_id) as session:
            snapshot = self._snapshot(thread_id)
            if not _has_begun(snapshot):
                state = {
                    "disruption": msgspec.to_builtins(disruption),
                    "rule_profile": self._rule_profile,
                    "stage": "start",
                }
                self._invoke(thread_id, state)
                session.set(phase=str(Phase.INITIAL))
                snapshot = self._snapshot(thread_id)
        items = _pending(thread_id, snapshot, Phase.INITIAL)
        return Advance(thread_id=thread_id, attempt=1, complete=False, items=items)

    def reopen(self, thread_id: str, head: str) -> None:
        """Fork a thread before the first phase that failed, and withdraw the approval that followed from it.

        What agents had completed is carried over as long as it rests on the same inputs. What the thread had
        come to until now stays in its history. Where nothing failed the thread stands as it stood.

        Args:
            thread_id: the thread.
            head: the checkpoint at which it was to be reopened.

        Raises:
            HeadMoved: the thread has gone on from there.
        """
        with self._saver.session(thread_id, at=head) as session:
            session.set(remove=(REOPENED,))
            snapshot = self._snapshot(thread_id)
            phase = phase_to_reopen(snapshot.values)
            if phase is None:
                return
            carried = carried_over(snapshot.values, session.runs())
            while snapshot.values.get("stage") != OPENED[phase]:
                if snapshot.parent_config is None:
                    raise NothingPending(f"thread {thread_id!r} never came to its phase {phase}")
                snapshot = self._graph.get_state(snapshot.parent_config)
            self._graph.update_state(snapshot.config, {"carried": carried}, as_node=opening(phase))
            self._invoke(thread_id, None)
            self._carry_over(thread_id, phase)
            session.set(phase=str(phase), remove=WITHDRAWN)

    def join(self, thread_id: str, phase: Phase, attempt: int) -> Advance:
        """Resume `phase` with its results if they are in, and return what the next phase waits for.

        While a result is missing and attempts are left, nothing changes and the missing items are
        returned. After the last attempt the missing ones are joined as failed.

        Args:
            thread_id: the thread.
            phase: the phase whose results are joined.
            attempt: how often its items have been dispatched, from 1.

        Raises:
            HeadMoved: another join was faster; doing this again is harmless.
            NothingPending: the thread has not come to this phase.
        """
        with self._saver.session(thread_id) as session:
            snapshot = before = self._snapshot(thread_id)
            waiting = _pending(thread_id, snapshot, phase) if _has_begun(snapshot) else ()
            if not waiting and phase not in snapshot.values.get("findings", {}):
                raise NothingPending(f"thread {thread_id!r} has not come to its phase {phase}")
            if waiting:
                runs = {run.agent: run for run in session.runs()}
                missing = tuple(item for item in waiting if not _is_complete(runs.get(item.agent)))
                # Without an arbitration there is nothing to approve, so that one is never joined as failed.
                if missing and (attempt < self._most_attempts or phase is Phase.ARBITRATION):
                    return Advance(thread_id=thread_id, attempt=attempt + 1, complete=False, items=missing)
                snapshot = self._resume(session, thread_id, waiting, runs)
        items = _pending(thread_id, snapshot, _PHASE_AFTER.get(phase))
        return Advance(
            thread_id=thread_id,
            attempt=1,
            complete=True,
            items=items,
            joined=_joined(phase, before, snapshot),
        )

    def decide(self, session: Session, decision: Mapping[str, Any]) -> None:
        """Resume the approval with `decision` within `session`; one already resumed is left as it is.

        Raises:
            NothingPending: the thread does not wait for an approval.
        """
        snapshot = self._snapshot(session.thread_id)
        if snapshot.values.get("decision") is not None:
            return
        waiting = [one.id for one in snapshot.interrupts if one.value["agent"] == APPROVAL]
        if not waiting:
            raise NothingPending(f"thread {session.thread_id!r} does not wait for an approval")
        self._invoke(session.thread_id, Command(resume={waiting[0]: dict(decision)}))

    def _resume(
        self, session: Session, thread_id: str, items: tuple[PendingItem, ...], runs: Mapping[str, AgentRun]
    ) -> StateSnapshot:
        findings = {item.interrupt_id: _finding(item, runs.get(item.agent)) for item in items}
        self._invoke(thread_id, Command(resume=findings))
        after = _PHASE_AFTER.get(items[0].phase)
        if after is not None:
            after = self._carry_over(thread_id, after)
        snapshot = self._snapshot(thread_id)
        session.set(phase=APPROVAL if after is None else str(after))
        arbitrator = runs.get(AgentName.ARBITRATOR)
        if arbitrator is not None and arbitrator.reference is not None:
            session.set(arbitration=pack_reference(arbitrator.reference))
        return snapshot

    def _carry_over(self, thread_id: str, phase: Phase) -> Phase:
        """Resume in `phase` what was found before from the same inputs; return the phase then open."""
        snapshot = self._snapshot(thread_id)
        waiting = _pending(thread_id, snapshot, phase)
        found = finished(snapshot.values, phase)
        carried = {item.interrupt_id: found[item.agent] for item in waiting if item.agent in found}
        if carried:
            self._invoke(thread_id, Command(resume=carried))
        return _PHASE_AFTER[phase] if waiting and len(carried) == len(waiting) else phase

    def _invoke(self, thread_id: str, given: Any) -> None:  # noqa: ANN401 input or command
        self._graph.invoke(given, _config(thread_id), durability="sync")

    def _snapshot(self, thread_id: str) -> StateSnapshot:
        return self._graph.get_state(_config(thread_id))


def _has_begun(snapshot: StateSnapshot) -> bool:
    return "checkpoint_id" in snapshot.config.get("configurable", {})


def _pending(thread_id: str, snapshot: StateSnapshot, phase: Phase | None) -> tuple[PendingItem, ...]:
    """Return the open work of `phase`; there is none after the last."""
    if phase is None:
        return ()
    findings: Findings = snapshot.values.get("findings", {})
    barrier = str(snapshot.config["configurable"]["checkpoint_id"])
    earlier = _barrier_of(findings.get(_PHASE_BEFORE.get(phase, ""), {}))
    return tuple(
        PendingItem(
            thread_id=thread_id,
            agent=AgentName(interrupt.value["agent"]),
            phase=phase,
            interrupt_id=interrupt.id,
            checkpoint_id=barrier,
            earlier_checkpoint_id=earlier,
        )
        for task in snapshot.tasks
        if task.result is None
        for interrupt in task.interrupts
        if interrupt.value["phase"] == phase
    )


def _joined(phase: Phase, before: StateSnapshot, after: StateSnapshot) -> Joined:
    duration = None
    if before is not after and before.created_at and after.created_at:
        duration = datetime.fromisoformat(after.created_at) - datetime.fromisoformat(before.created_at)
    findings: Findings = after.values.get("findings", {})
    return Joined(phase=phase, findings=tuple(findings.get(phase, {}).values()), duration=duration)


def _barrier_of(by_agent: Mapping[str, Finding]) -> str | None:
    """Return the earliest barrier at which one of these was found; what was carried over lies at its own."""
    found = (finding["reference"] for finding in by_agent.values() if finding["reference"] is not None)
    return min((str(reference["checkpoint_id"]) for reference in found), default=None)


def _is_complete(run: AgentRun | None) -> bool:
    return run is not None and run.state is RunState.COMPLETED


def _finding(item: PendingItem, run: AgentRun | None) -> Finding:
    if run is not None and run.state is RunState.COMPLETED:
        return completed_finding(run)
    return failed_finding(item.agent, item.phase, run)


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}
