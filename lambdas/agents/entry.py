"""What the seven agents' entry points have in common: everything but the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import observed
from skymarshal.domain.assessment import AgentName
from skymarshal.orchestration.dispatch import PendingItem

__all__ = ["agent_handler"]

Handler: TypeAlias = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def agent_handler(agent: AgentName) -> Handler:
    """Return the entry point of `agent`."""
    worker = wiring.agents()

    @observed("thread_id")
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        item = PendingItem.parse(event, expected_agent=agent)
        finding = worker.run(item, worker=context.aws_request_id)
        return {"agent": finding["agent"], "status": finding["status"], "verdict": finding["verdict"]}

    return handler
