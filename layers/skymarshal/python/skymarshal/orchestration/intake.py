"""From a message on the queue to a running flow, or to the dead-letter queue with the reason."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from skymarshal.checkpoints import thread_id_for
from skymarshal.contracts import MAX_EVENT_BYTES, MOST_DELIVERIES
from skymarshal.intake import CLOCK_SKEW, InvalidDisruption, parse_event
from skymarshal.json_input import UnreadableJson, read_json
from skymarshal.operations import Operations, TableReader
from skymarshal.orchestration.flow_control import StepFunctionsFlow
from skymarshal.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

__all__ = ["DeadLetters", "Intake", "QueueOfDeadLetters"]

logger = logging.getLogger(__name__)

_LONGEST_REASON = 1_000
_LONGEST_ID = 64


class DeadLetters(Protocol):
    """Keeps what intake refused, with the reason."""

    def keep(self, body: str, reason: str, field: str = "") -> None:
        """Keep a message with the reason, and the field of the event that is wrong where it is one."""
        ...


class QueueOfDeadLetters:
    """The dead-letter queue; the reason travels as attributes beside the untouched message."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def keep(self, body: str, reason: str, field: str = "") -> None:
        """Send the message with `reason` and `field` as attributes."""
        said = {"reason": reason[:_LONGEST_REASON], "field": field}
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": text} for name, text in said.items() if text
            },
        )


class Intake:
    """Accepts disruption events: each disruption starts one execution, however often it is delivered.

    Args:
        tables: the operational tables, with the schedule.
        flow: starts executions.
        dead_letters: keeps what is refused.
        clock: supplies the present.
        most_ahead: by how much a report may be ahead of the present.
        on_known: told the disruption's id and its thread's as soon as a message says them, for the log.
    """

    def __init__(
        self,
        tables: TableReader,
        flow: StepFunctionsFlow,
        dead_letters: DeadLetters,
        clock: Clock,
        *,
        most_ahead: timedelta = CLOCK_SKEW,
        on_known: Callable[[str, str], None] | None = None,
    ) -> None:
        self._tables = tables
        self._flow = flow
        self._dead_letters = dead_letters
        self._clock = clock
        self._most_ahead = most_ahead
        self._on_known = on_known

    def receive(self, body: str, deliveries: int = 1) -> str | None:
        """Start the flow of the event in `body`, an EventBridge envelope; return its thread id.

        What is refused goes to the dead letters with the reason, and None is returned. Any other error is
        raised, for the queue to deliver the message again, but for the last delivery: the queue itself
        would move the message without a word.

        Args:
            body: the message.
            deliveries: how often it has been delivered, this time included.
        """
        try:
            return self._accept(body)
        except Exception as error:
            if deliveries < MOST_DELIVERIES:
                raise
            logger.exception("given up after %d deliveries", deliveries)
            self._dead_letters.keep(body, f"{type(error).__name__}: {error}")
            return None

    def _accept(self, body: str) -> str | None:
        try:
            detail = _detail(body)
            self._tell_known(detail)
            operations, now = Operations(self._tables), self._clock()
            disruption = parse_event(detail, operations, now, most_ahead=self._most_ahead)
        except InvalidDisruption as refused:
            logger.warning("refused: %s", refused)
            self._dead_letters.keep(body, str(refused), refused.field)
            return None
        thread_id = thread_id_for(disruption.disruption_id)
        started = self._flow.start(disruption.disruption_id, thread_id, msgspec.to_builtins(disruption))
        logger.info(
            "%s: thread %s %s", disruption.disruption_id, thread_id, "started" if started else "known"
        )
        return thread_id

    def _tell_known(self, detail: object) -> None:
        disruption_id = detail.get("disruption_id") if isinstance(detail, dict) else None
        if self._on_known is not None and isinstance(disruption_id, str):
            shown = disruption_id[:_LONGEST_ID]
            self._on_known(shown, thread_id_for(shown))


def _detail(body: str) -> Any:  # noqa: ANN401 whatever the event holds; parsing judges it
    size = len(body.encode())
    if size > MAX_EVENT_BYTES:
        raise InvalidDisruption("event", f"{size} bytes", f"at most {MAX_EVENT_BYTES} bytes")
    try:
        envelope = read_json(body)
    except UnreadableJson as error:
        raise InvalidDisruption("event", body, error.expected) from None
    if not isinstance(envelope, dict) or "detail" not in envelope:
        raise InvalidDisruption("detail", None, "an EventBridge event with a detail")
    return envelope["detail"]
