"""What a duty manager does to a thread: decides, tells the outcome, resumes it."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import measures, wiring
from lambdas.api.requests import Caller
from lambdas.api.routing import Api, Asked
from lambdas.observability import about, audit, logger, observed
from skymarshal.checkpoints import DamagedCheckpoint, DecisionTaken
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.http_api import (
    ApproveBody,
    DecisionReceipt,
    OutcomeBody,
    OutcomeReceipt,
    OverrideBody,
    RejectBody,
    ResumeBody,
)
from skymarshal.orchestration.outcomes import observed_outcome
from skymarshal.orchestration.resuming import Resumption

api = Api()
approvals = wiring.approvals()


@api.serves("approve")
def approve(asked: Asked[ApproveBody], thread_id: str) -> DecisionReceipt:
    body = asked.given
    recommended = approvals.view(thread_id).arbitration.recommended
    chosen = recommended if body.solution_id is None else body.solution_id
    return _decide(
        asked.caller,
        thread_id,
        DecisionOutcome.APPROVED if chosen == recommended else DecisionOutcome.SELECTED,
        solution_id=chosen,
        reason=body.comment or "",
        acknowledged_unverified=body.acknowledged_unverified,
    )


@api.serves("reject")
def reject(asked: Asked[RejectBody], thread_id: str) -> DecisionReceipt:
    return _decide(asked.caller, thread_id, DecisionOutcome.REJECTED, reason=asked.given.reason)


@api.serves("override")
def override(asked: Asked[OverrideBody], thread_id: str) -> DecisionReceipt:
    said = asked.given
    return _decide(
        asked.caller,
        thread_id,
        DecisionOutcome.OVERRIDDEN,
        instruction=said.instruction,
        reason=said.reason,
    )


@api.serves("recordOutcome")
def record_outcome(asked: Asked[OutcomeBody], thread_id: str) -> OutcomeReceipt:
    told = observed_outcome(asked.raw, recorded_at=wiring.clock(), recorded_by=asked.caller.name)
    _tell_thread(thread_id)
    kept = wiring.outcomes().add(thread_id, told)
    _audit("outcome", asked.caller, status=told.status.value, record=kept.name)
    return OutcomeReceipt(thread_id=thread_id, record=kept.record, name=kept.name, observed=kept.observed)


@api.serves("resume")
def resume(asked: Asked[ResumeBody], thread_id: str) -> Resumption:
    _tell_thread(thread_id)
    resumed = wiring.resumer().resume(thread_id, by=asked.caller.name)
    measures.recovered()
    _audit("resume", asked.caller, attempt=resumed.attempt)
    return resumed


@observed("requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)


def _decide(
    caller: Caller,
    thread_id: str,
    outcome: DecisionOutcome,
    **details: Any,  # noqa: ANN401 fields of a decision
) -> DecisionReceipt:
    _tell_thread(thread_id)
    decision = Decision(
        outcome=outcome,
        approver=caller.name,
        role=caller.deciding_role(),
        decided_at=wiring.clock(),
        **details,
    )
    try:
        resumed = approvals.decide(thread_id, decision)
    except DecisionTaken:
        # Whoever decided may have died before the flow went on.
        _revive(thread_id, decision.approver)
        raise
    _audit("decide", caller, decision=outcome.value, choice=decision.solution_id, flow_resumed=resumed)
    return DecisionReceipt(
        thread_id=thread_id,
        outcome=outcome,
        solution_id=decision.solution_id,
        approver=decision.approver,
        decided_at=decision.decided_at,
        flow_resumed=resumed or _revive(thread_id, decision.approver),
    )


def _tell_thread(thread_id: str) -> None:
    """Let every line of the log say which disruption the thread is about."""
    about(str(wiring.threads().get_thread(thread_id).details.get("disruption")), thread_id)


def _audit(action: str, caller: Caller, **what: object) -> None:
    audit(action, actor=caller.name, role=caller.deciding_role(), **what)


def _revive(thread_id: str, by: str) -> bool:
    try:
        revived = wiring.resumer().revive(thread_id, by=by)
    except DamagedCheckpoint:
        # The decision stands all the same; the flow cannot go on from what is damaged.
        logger.exception("the thread is decided and cannot be resumed")
        return False
    if revived:
        measures.recovered()
    return revived
