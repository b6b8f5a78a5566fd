"""Dead letters, sent to intake again once what was wrong with them is put right."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Final

from skymarshal.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

__all__ = ["UNSAID_REASON", "DeadLetter", "DeadLetterQueue"]

logger = logging.getLogger(__name__)

UNSAID_REASON: Final = "intake died over it; its log says more"
_A_BATCH: Final = 10
_KEPT_ASIDE_SECONDS: Final = 120
# A receive that does not wait asks some of SQS's servers only, and may miss what lies there.
_WAIT_SECONDS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that was refused, or that intake could not take in.

    Attributes:
        message_id: of the dead letter itself.
        body: the message as it came.
        reason: why it is here.
        field: the field of the event that is wrong; empty where the reason is another.
        since: when it came here.
    """

    message_id: str
    body: str
    reason: str
    field: str
    since: datetime


class DeadLetterQueue:
    """The dead letters, and the queue that they go back to.

    A dead letter is sent before it is deleted here: one that is sent twice makes one thread all the same.
    """

    def __init__(self, client: SQSClient, url: str, intake_url: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._intake_url = intake_url
        self._clock = clock

    def letters(self) -> Iterator[DeadLetter]:
        """Yield what lies here now, and leave it so: once all are shown, they can be read again."""
        received: list[MessageTypeDef] = []
        try:
            for batch in self._batches():
                received += batch
                yield from map(_letter, batch)
        finally:
            self._release(received)

    def redrive(self) -> Iterator[DeadLetter]:
        """Send every dead letter that lies here now to intake again, and yield it.

        What is refused again comes back with its reason, and is left for the next time.
        """
        for message in chain.from_iterable(self._batches()):
            letter = _letter(message)
            self._client.send_message(QueueUrl=self._intake_url, MessageBody=letter.body)
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            logger.info("dead letter %s sent again; it was here for: %s", letter.message_id, letter.reason)
            yield letter

    def _release(self, messages: Sequence[MessageTypeDef]) -> None:
        """Let others read messages at once; one that is not released comes back by itself."""
        for start in range(0, len(messages), _A_BATCH):
            self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                    for number, message in enumerate(messages[start : start + _A_BATCH])
                ],
            )

    def _batches(self) -> Iterator[list[MessageTypeDef]]:
        began = self._clock()
        seen: set[str] = set()
        while True:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_A_BATCH,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
                VisibilityTimeout=_KEPT_ASIDE_SECONDS,
                WaitTimeSeconds=_WAIT_SECONDS,
            )
            new = [
                message
                for message in answer.get("Messages", [])
                if message["MessageId"] not in seen and _sent(message) <= began
            ]
            if not new:
                return
            seen |= {message["MessageId"] for message in new}
            yield new


def _letter(message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    # EventBridge keeps its reason under a name of its own when it can't reach the queue.
    reason = attributes.get("reason") or attributes.get("ERROR_MESSAGE")
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        reason=UNSAID_REASON if reason is None else reason.get("StringValue", UNSAID_REASON),
        field=attributes["field"].get("StringValue", "") if "field" in attributes else "",
        since=_sent(message),
    )


def _sent(message: MessageTypeDef) -> datetime:
    return datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
