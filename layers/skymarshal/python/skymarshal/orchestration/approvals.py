"""The duty manager's decision: asked for, validated, recorded once, answered for.

Needs neither LangGraph nor the agents, so that the API answers quickly.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import msgspec

from skymarshal.checkpoints import (
    AgentRuns,
    DamagedCheckpoint,
    DecisionTaken,
    Reference,
    Thread,
    ThreadManager,
    ThreadStatus,
)
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.domain.wording import says_something
from skymarshal.orchestration.announcements import Announcer
from skymarshal.orchestration.errors import InvalidDecision, NothingPending, Superseded
from skymarshal.orchestration.events import ApprovalRequested, detail_of
from skymarshal.orchestration.findings import pack_reference, unpack_reference
from skymarshal.orchestration.reopening import REOPENED
from skymarshal.orchestration.token_seal import NoSeal, TokenSeal
from skymarshal.ports import Clock

__all__ = [
    "Approval",
    "Approvals",
    "FlowControl",
    "NoFlow",
    "Notice",
    "decision_reference",
]

logger = logging.getLogger(__name__)

DECISION: Final = "decision"
TOKEN: Final = "token"  # noqa: S105 the name that a task token is deposited under
_LONGEST_TEXT: Final = 2_000
_NOBODY: Final = "nobody"

T = TypeVar("T")


class Notice(StrEnum):
    """How urgently a decision is asked for.

    REQUEST: for the first time. REMINDER: nobody has decided yet. ESCALATION: nobody has, and the next role
    is told.
    """

    REQUEST = "request"
    REMINDER = "reminder"
    ESCALATION = "escalation"

    @property
    def role(self) -> str:
        """The role that is told."""
        return "admin" if self is Notice.ESCALATION else "duty-manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a duty manager has to decide on."""

    thread_id: str
    status: ThreadStatus
    deadline: str | None
    arbitration: Arbitration
    decision: Decision | None


class FlowControl(Protocol):
    """Wakes the flow that waits for a decision."""

    def decided(self, token: str, thread_id: str) -> bool:
        """Tell the flow that the thread is decided; False where no flow waits on `token` any more."""
        ...


class NoFlow:
    """For a run in one process: the runner goes on by itself."""

    def decided(self, token: str, thread_id: str) -> bool:  # noqa: ARG002
        """Do nothing."""
        return True


class Approvals:
    """Asks for decisions and takes them. The first one stands."""

    def __init__(
        self,
        threads: ThreadManager,
        runs: AgentRuns,
        flow: FlowControl,
        announcer: Announcer,
        clock: Clock,
        seal: TokenSeal | None = None,
    ) -> None:
        self._threads = threads
        self._runs = runs
        self._flow = flow
        self._announcer = announcer
        self._clock = clock
        self._seal = seal or NoSeal()

    def ask(
        self,
        thread_id: str,
        task_token: str,
        patience: timedelta,
        notice: Notice = Notice.REQUEST,
        *,
        execution: str | None = None,
    ) -> Approval:
        """Record that the thread waits for a decision until `patience` has passed, and tell who decides.

        Asking again, as after a retry or a resume, replaces the token; a request sets the deadline, a
        reminder and an escalation leave it. On a thread that is decided already nobody is asked: the flow is
        woken at once.

        Args:
            thread_id: the thread.
            task_token: wakes the flow.
            patience: how long a decision is awaited from the request on.
            notice: how urgently it is asked for.
            execution: the execution that asks, where one does.

        Raises:
            Superseded: another execution drives the thread by now; the one that asks is woken to its end.
            NothingPending: the thread has no arbitration to decide on.
            IllegalTransition: the thread has ended, or was handed over in this moment.
        """
        thread = self._threads.get_thread(thread_id)
        driver = thread.details.get("execution")
        if None not in (driver, execution) and driver != execution:
            self._flow.decided(task_token, thread_id)
            raise Superseded(f"execution {execution!r} asks, and {driver!r} drives thread {thread_id!r}")
        if thread.head is None:
            raise NothingPending(f"thread {thread_id!r} has no checkpoint to decide at")
        if self.decision_of(thread) is not None:
            self._flow.decided(task_token, thread_id)
            return self.view(thread_id)
        self._arbitration_reference(thread)
        sealed = self._seal.seal(thread_id, task_token)
        token = self._runs.deposit(thread_id, thread.head, TOKEN, sealed)
        asked_at, deadline = self._times(thread, patience, notice)
        self._threads.awaiting_approval(
            thread_id,
            token=pack_reference(token),
            deadline=deadline,
            execution=None if driver is None else execution,
            approval_asked_at=asked_at,
        )
        approval = self.view(thread_id)
        if approval.decision is not None:
            self._flow.decided(task_token, thread_id)
            return approval
        requested = ApprovalRequested(
            thread_id=thread_id,
            flight_id=approval.arbitration.flight_id,
            deadline=deadline,
            recommended=approval.arbitration.recommended,
            final_decision=approval.arbitration.final_decision,
            notice=notice.value,
            role=notice.role,
        )
        self._announcer.announce("ApprovalRequested", detail_of(requested))
        return approval

    def view(self, thread_id: str) -> Approval:
        """Return what is to be decided, or was.

        Raises:
            NothingPending: the thread has not come to its approval.
        """
        return self.view_of(self._threads.get_thread(thread_id))

    def view_of(self, thread: Thread) -> Approval:
        """Return what is to be decided on a thread that has just been read, or was.

        Raises:
            NothingPending: the thread has not come to its approval.
        """
        offered, taken = self._arbitration_reference(thread), decision_reference(thread)
        contents = self._runs.hydrate_all((offered,) if taken is None else (offered, taken))
        decision = None if taken is None else _decoded(contents[taken], Decision, thread.thread_id)
        deadline = thread.details.get("approval_deadline")
        return Approval(
            thread_id=thread.thread_id,
            status=thread.status,
            deadline=None if deadline is None else str(deadline),
            arbitration=_decoded(contents[offered], Arbitration, thread.thread_id),
            decision=decision,
        )

    def decide(self, thread_id: str, decision: Decision) -> bool:
        """Take a decision, and wake the flow. Return whether a flow was waiting.

        The same decision taken again changes nothing and wakes the flow again, in case nobody has.

        What takes none of the solutions can be decided even where they cannot be read any more.

        Raises:
            InvalidDecision: the decision is not among what may be decided.
            DecisionTaken: somebody has decided before.
            IllegalTransition: the thread does not wait for a decision.
            DamagedCheckpoint: a solution is taken, and what was offered is not what was written.
        """
        thread = self._threads.get_thread(thread_id)
        _check_words(decision)
        try:
            _check_choice(decision, self.offered(thread))
        except DamagedCheckpoint:
            if decision.outcome.takes_solution:
                raise
            logger.exception("thread %s is decided although what was offered is damaged", thread_id)
        try:
            self._record(thread, decision)
        except DecisionTaken:
            # Whoever was first may have died before waking the flow.
            self._wake(self._threads.get_thread(thread_id))
            raise
        # Read anew: another asking may have replaced the token meanwhile.
        thread = self._threads.get_thread(thread_id)
        woken = self._wake(thread)
        _require_same(decision, self.decision_of(thread), thread_id)
        return woken

    def expire(self, thread_id: str) -> Decision:
        """Decide that nobody did: nothing is done. A decision taken meanwhile stands and is returned."""
        thread = self._threads.get_thread(thread_id)
        taken = self.decision_of(thread)
        if taken is not None:
            return taken
        expired = Decision(
            outcome=DecisionOutcome.EXPIRED,
            approver=_NOBODY,
            role="",
            decided_at=self._clock(),
            reason="nobody decided before the deadline; no action is taken",
        )
        try:
            self._record(thread, expired)
        except DecisionTaken:
            taken = self.decision_of(self._threads.get_thread(thread_id))
            if taken is None:
                raise
            return taken
        return expired

    def offered(self, thread: Thread) -> Arbitration:
        """Return what is to be decided on.

        Raises:
            NothingPending: the thread has not come to its approval.
            DamagedCheckpoint: it is not what was written.
        """
        return self._hydrated(self._arbitration_reference(thread), Arbitration)

    def decision_of(self, thread: Thread) -> Decision | None:
        """Return the decision taken on a thread, None where there is none."""
        reference = decision_reference(thread)
        return None if reference is None else self._hydrated(reference, Decision)

    def _record(self, thread: Thread, decision: Decision) -> None:
        if thread.head is None:
            raise NothingPending(f"thread {thread.thread_id!r} has no checkpoint to decide at")
        standing = self.decision_of(thread)
        if standing is not None:
            _require_same(decision, standing, thread.thread_id)
            return
        reference = self._runs.deposit(thread.thread_id, thread.head, DECISION, msgspec.json.encode(decision))
        self._threads.record_decision(
            thread.thread_id,
            decision=str(decision.outcome),
            approver=decision.approver,
            decision_reference=pack_reference(reference),
        )

    def _times(self, thread: Thread, patience: timedelta, notice: Notice) -> tuple[datetime, datetime]:
        """Return when the decision was asked for, and until when it is awaited."""
        known = [thread.details.get(name) for name in ("approval_asked_at", "approval_deadline")]
        if notice is Notice.REQUEST or None in known:
            now = self._clock()
            return now, now + patience
        asked_at, deadline = (datetime.fromisoformat(str(instant)) for instant in known)
        return asked_at, deadline

    def _wake(self, thread: Thread) -> bool:
        packed = thread.details.get("approval_token")
        if packed is None or thread.status is not ThreadStatus.AWAITING_APPROVAL:
            return False
        try:
            sealed = self._runs.hydrate(unpack_reference(thread.thread_id, TOKEN, str(packed)))
        except DamagedCheckpoint:
            # The decision stands, and the flow finds it when it gives up waiting.
            logger.exception("thread %s is decided, and the token of its flow is damaged", thread.thread_id)
            return False
        return self._flow.decided(self._seal.open(thread.thread_id, sealed), thread.thread_id)

    def _arbitration_reference(self, thread: Thread) -> Reference:
        packed = thread.details.get("arbitration")
        if packed is None or REOPENED in thread.details:
            attempt = thread.details.get("recoveries")
            why = (
                ""
                if attempt is None
                else f": recovery {attempt} lets what failed run again, and asks anew then"
            )
            raise NothingPending(f"thread {thread.thread_id!r} has not come to its approval{why}")
        return unpack_reference(thread.thread_id, AgentName.ARBITRATOR, str(packed))

    def _hydrated(self, reference: Reference, kind: type[T]) -> T:
        return _decoded(self._runs.hydrate(reference), kind, reference.thread_id)


def decision_reference(thread: Thread) -> Reference | None:
    """Return where the decision on a thread is kept, None where nobody has decided."""
    packed = thread.details.get("decision_reference")
    return None if packed is None else unpack_reference(thread.thread_id, DECISION, str(packed))


def _require_same(decision: Decision, standing: Decision | None, thread_id: str) -> None:
    """Refuse `decision` where another stands; the same one sent again differs in its time only."""
    if standing is not None and replace(decision, decided_at=standing.decided_at) != standing:
        raise DecisionTaken(
            f"thread {thread_id!r}: {standing.approver!r} decided {str(standing.outcome)!r}"
            f" at {standing.decided_at.isoformat()!r}"
        )


def _decoded(content: bytes, kind: type[T], thread_id: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        what = f"its {kind.__name__.lower()} does not decode: {error}"
        raise DamagedCheckpoint(f"thread {thread_id!r}: {what}") from error


def _check_choice(decision: Decision, arbitration: Arbitration) -> None:
    """Refuse a choice that was not offered, or whose rules the approver has to acknowledge first."""
    offered = [solution.solution_id for solution in arbitration.solutions]
    if decision.solution_id is not None and decision.solution_id not in offered:
        raise InvalidDecision("solution_id", decision.solution_id, f"one of {', '.join(offered)}")
    if decision.outcome is DecisionOutcome.SELECTED and decision.solution_id is None:
        raise InvalidDecision("solution_id", decision.solution_id, f"one of {', '.join(offered)}")
    if decision.outcome is DecisionOutcome.APPROVED and decision.solution_id not in (
        None,
        arbitration.recommended,
    ):
        raise InvalidDecision("solution_id", decision.solution_id, f"{arbitration.recommended}, or SELECTED")
    takes = decision.outcome.takes_solution
    if takes and not arbitration.rule_profile_verified and not decision.acknowledged_unverified:
        raise InvalidDecision(
            "acknowledged_unverified",
            decision.acknowledged_unverified,
            f"true: the approver must acknowledge that rule profile {arbitration.rule_profile} is unverified",
        )


def _check_words(decision: Decision) -> None:
    """Refuse a decision without the words that it takes, or with more than are kept."""
    if decision.outcome is DecisionOutcome.OVERRIDDEN and not says_something(decision.instruction or ""):
        raise InvalidDecision("instruction", decision.instruction, "what is to be done instead, in words")
    needs_reason = decision.outcome in (DecisionOutcome.OVERRIDDEN, DecisionOutcome.REJECTED)
    if needs_reason and not says_something(decision.reason):
        raise InvalidDecision("reason", decision.reason, "why, in words")
    for name, text in (("reason", decision.reason), ("instruction", decision.instruction or "")):
        if len(text) > _LONGEST_TEXT:
            raise InvalidDecision(name, f"{len(text)} characters", f"at most {_LONGEST_TEXT} characters")
