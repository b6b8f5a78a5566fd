"""POST routes by which a duty manager decides, tells the outcome, and resumes a stuck thread."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.problems import BadRequest, answer_problems
from lambdas.api.requests import body_of, caller_of, text_in
from lambdas.observability import logger, metered, metrics
from skymarshal.checkpoints import DecisionTaken
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.orchestration.outcomes import FIELDS, observed_outcome

app = APIGatewayHttpResolver()
answer_problems(app)
approvals = wiring.approvals()


@app.post("/v1/threads/<thread_id>/approve")
def approve(thread_id: str) -> dict[str, Any]:
    role = caller_of(app).deciding_role()
    body = body_of(app, "solution_id", "comment", "acknowledged_unverified")
    acknowledged = body.get("acknowledged_unverified", False)
    if not isinstance(acknowledged, bool):
        raise BadRequest(f"acknowledged_unverified is {acknowledged!r}: expected true or false")
    recommended = approvals.view(thread_id).arbitration.recommended
    chosen = text_in(body, "solution_id") or recommended
    outcome = DecisionOutcome.APPROVED if chosen == recommended else DecisionOutcome.SELECTED
    reason = text_in(body, "comment") or ""
    return _decide(
        thread_id, outcome, role, solution_id=chosen, reason=reason, acknowledged_unverified=acknowledged
    )


@app.post("/v1/threads/<thread_id>/reject")
def reject(thread_id: str) -> dict[str, Any]:
    role = caller_of(app).deciding_role()
    body = body_of(app, "reason")
    return _decide(thread_id, DecisionOutcome.REJECTED, role, reason=text_in(body, "reason") or "")


@app.post("/v1/threads/<thread_id>/override")
def override(thread_id: str) -> dict[str, Any]:
    role = caller_of(app).deciding_role()
    body = body_of(app, "instruction", "reason")
    instruction, reason = text_in(body, "instruction"), text_in(body, "reason") or ""
    return _decide(thread_id, DecisionOutcome.OVERRIDDEN, role, instruction=instruction, reason=reason)


@app.post("/v1/threads/<thread_id>/outcome")
def add_outcome(thread_id: str) -> tuple[dict[str, Any], int]:
    caller_of(app).deciding_role()
    report = body_of(app, *FIELDS)
    observed = observed_outcome(report, recorded_at=wiring.clock(), recorded_by=caller_of(app).name)
    recorded = wiring.outcomes().add(thread_id, observed)
    return {"thread_id": thread_id, **msgspec.to_builtins(recorded)}, 201


@app.post("/v1/threads/<thread_id>/resume")
def resume(thread_id: str) -> tuple[dict[str, Any], int]:
    caller_of(app).deciding_role()
    body_of(app, "comment")
    return asdict(wiring.resumer().resume(thread_id, by=caller_of(app).name)), 202


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
@metrics.log_metrics
@metered
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)


def _decide(thread_id: str, outcome: DecisionOutcome, role: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401
    decision = Decision(
        outcome=outcome, approver=caller_of(app).name, role=role, decided_at=wiring.clock(), **details
    )
    try:
        resumed = approvals.decide(thread_id, decision)
    except DecisionTaken:
        # Whoever decided may have died before the flow went on.
        wiring.resumer().revive(thread_id, by=decision.approver)
        raise
    resumed = resumed or wiring.resumer().revive(thread_id, by=decision.approver)
    return {
        "thread_id": thread_id,
        "outcome": str(outcome),
        "solution_id": decision.solution_id,
        "approver": decision.approver,
        "decided_at": decision.decided_at.isoformat(),
        "flow_resumed": resumed,
    }
