"""Takes disruption events from the queue and starts one execution for each disruption."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas import wiring
from lambdas.observability import about_nothing, logger, observed
from skymarshal.orchestration.intake import Intake

processor = BatchProcessor(event_type=EventType.SQS)
intake: Intake = wiring.intake()


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    answer = process_partial_response(
        event=event, record_handler=_accept, processor=processor, context=context
    )
    return dict(answer)


def _accept(record: SQSRecord) -> None:
    about_nothing()
    logger.append_keys(message_id=record.message_id)
    intake.receive(record.body, deliveries=int(record.attributes.approximate_receive_count))
