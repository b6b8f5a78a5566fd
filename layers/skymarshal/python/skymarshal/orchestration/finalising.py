"""The end of a thread: the decision record first, then the thread counts as decided, then it is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

import msgspec

from skymarshal.checkpoints import (
    AgentRuns,
    CheckpointSaver,
    DamagedCheckpoint,
    RecoveryOutcome,
    StateView,
    Thread,
    ThreadManager,
    ThreadStatus,
)
from skymarshal.contracts import PACKAGE_VERSION
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import Assessment, Phase
from skymarshal.domain.decision import DecisionOutcome, DecisionRecord
from skymarshal.domain.disruption import Disruption
from skymarshal.knowledge import KnowledgeUnavailable, Precedents, past_decision
from skymarshal.orchestration.announcements import Announcer
from skymarshal.orchestration.approvals import Approvals, decision_reference
from skymarshal.orchestration.assessing import assessments_of, disruption_in
from skymarshal.orchestration.coordinator import Coordinator
from skymarshal.orchestration.errors import NothingPending
from skymarshal.orchestration.events import DecisionReached, detail_of
from skymarshal.orchestration.failing import end_recovery
from skymarshal.orchestration.findings import references
from skymarshal.orchestration.records import DecisionRecords
from skymarshal.recovery import DEFAULT_POLICY
from skymarshal.recovery.manual_review import manual_review

__all__ = ["Finaliser"]

logger = logging.getLogger(__name__)

_STATUSES: Final = {
    DecisionOutcome.REJECTED: ThreadStatus.REJECTED,
    DecisionOutcome.EXPIRED: ThreadStatus.EXPIRED,
}
_PHASES: Final = (Phase.INITIAL, Phase.REVISION)


class Finaliser:
    """Ends threads: decided, or expired."""

    def __init__(
        self,
        saver: CheckpointSaver,
        runs: AgentRuns,
        threads: ThreadManager,
        coordinator: Coordinator,
        approvals: Approvals,
        records: DecisionRecords,
        announcer: Announcer,
        precedents: Precedents | None = None,
    ) -> None:
        self._saver = saver
        self._runs = runs
        self._threads = threads
        self._coordinator = coordinator
        self._approvals = approvals
        self._records = records
        self._announcer = announcer
        self._precedents = precedents

    def conclude(self, thread_id: str, *, expired: bool = False) -> DecisionRecord:
        """Write the decision record, resume the approval and close the thread; done twice it changes nothing.

        Raises:
            NothingPending: nobody has decided, and the deadline has not passed.
        """
        if expired:
            self._approvals.expire(thread_id)
        thread = self._threads.get_thread(thread_id)
        record = self._record(thread)
        name = self._records.save(record)
        self._remember(record)
        if thread.status in (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL):
            outcome = record.decision.outcome
            with self._saver.session(thread_id, at=thread.head) as session:
                self._coordinator.decide(session, msgspec.to_builtins(record.decision))
                session.set(
                    status=_STATUSES.get(outcome, ThreadStatus.COMPLETED),
                    outcome=_thread_outcome(record),
                    phase="decided",
                    record=name,
                )
        end_recovery(self._threads, thread, RecoveryOutcome.CONCLUDED)
        reached = DecisionReached(
            thread_id=thread_id,
            disruption_id=record.disruption.disruption_id,
            flight_id=record.disruption.flight_id,
            outcome=record.decision.outcome,
            solution_id=record.decision.solution_id,
            approver=record.decision.approver,
            record=name,
        )
        self._announcer.announce("DecisionReached", detail_of(reached))
        return record

    def _remember(self, record: DecisionRecord) -> None:
        """Keep the decision in short for later ones; without it they only have one precedent less."""
        past = past_decision(record)
        if self._precedents is None or past is None:
            return
        try:
            self._precedents.keep(past)
        except KnowledgeUnavailable as error:
            logger.warning("%s is not kept as a precedent: %s", past.disruption_id, error)

    def _record(self, thread: Thread) -> DecisionRecord:
        decision, decided_at = self._approvals.decision_of(thread), decision_reference(thread)
        if decision is None or decided_at is None:
            raise NothingPending(f"thread {thread.thread_id!r} is not decided")
        state = self._saver.read_state(thread.thread_id, decided_at.checkpoint_id)
        disruption = disruption_in(state)
        try:
            arbitration = self._approvals.offered(thread)
            assessments = self._assessments(state, disruption)
        except DamagedCheckpoint as damage:
            # What takes a solution must show what it rests on; what takes none must still end the thread.
            if decision.outcome.takes_solution:
                raise
            logger.exception("the record of thread %s is without what is damaged", thread.thread_id)
            arbitration, assessments = _unreadable(disruption, damage), ()
        return DecisionRecord(
            disruption=disruption,
            thread_id=thread.thread_id,
            checkpoint_id=decided_at.checkpoint_id,
            assessments=assessments,
            arbitration=arbitration,
            decision=decision,
            human_override=decision.outcome is not DecisionOutcome.APPROVED,
            versions=_versions(arbitration),
        )

    def _assessments(self, state: StateView, disruption: Disruption) -> tuple[Assessment, ...]:
        contents = self._runs.hydrate_all(references(state.values.get("findings", {}), _PHASES))
        known = {reference.digest: content for reference, content in contents.items()}
        seen = replace(state, assessments=known)
        return tuple(each for phase in _PHASES for each in assessments_of(seen, phase, disruption))


def _unreadable(disruption: Disruption, damage: DamagedCheckpoint) -> Arbitration:
    """Return what stands in a record for an arbitration that cannot be read, or whose grounds cannot."""
    return manual_review(
        disruption,
        DEFAULT_POLICY,
        why="What was offered, or what it rests on, is damaged and cannot be shown.",
        blockers=(str(damage),),
        rule_profile="unknown",
        rule_profile_verified=False,
    )


def _versions(arbitration: Arbitration) -> dict[str, str]:
    return {
        "skymarshal": PACKAGE_VERSION,
        "scoring": arbitration.policy_version,
        "rules": arbitration.rule_profile,
        "narrator": arbitration.narrated_by,
    }


def _thread_outcome(record: DecisionRecord) -> str:
    if record.arbitration.manual_review and record.decision.outcome is DecisionOutcome.APPROVED:
        return "manual_review"
    return str(record.decision.outcome)
