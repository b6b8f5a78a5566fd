"""Puts a disruption event on the bus, as any other source would."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.api.routing import Api, Asked
from lambdas.observability import about, audit, observed
from skymarshal.checkpoints import thread_id_for
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.http_api import DisruptionBody, DisruptionReceipt
from skymarshal.intake import check_event

api = Api()
bus = wiring.disruption_bus()


@api.serves("reportDisruption")
def report(asked: Asked[DisruptionBody]) -> DisruptionReceipt:
    disruption_id = asked.given.disruption_id
    thread_id = thread_id_for(disruption_id)
    about(disruption_id, thread_id)
    check_event(asked.raw, wiring.clock(), most_ahead=wiring.most_ahead())
    bus.announce(DISRUPTION_DETAIL_TYPE, asked.raw)
    audit("report", actor=asked.caller.name, role=asked.caller.deciding_role())
    return DisruptionReceipt(disruption_id=disruption_id, thread_id=thread_id)


@observed("requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
