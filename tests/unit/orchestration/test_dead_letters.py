"""What cannot be taken in is kept with its reason, and is sent again when somebody says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from skymarshal.orchestration.intake import Intake, QueueOfDeadLetters
from skymarshal.orchestration.redriving import UNSAID_REASON, DeadLetterQueue
from tests.store.backends import REGION, use_moto

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class NoTables:
    """Operational tables that do not answer."""

    def get(self, table, key):
        raise ConnectionError(f"{table} does not answer")

    query = get_many = get


@pytest.fixture
def sqs():
    with use_moto():
        yield boto3.client("sqs", region_name=REGION)


@pytest.fixture
def dead(sqs) -> str:
    return sqs.create_queue(QueueName="dead-letters")["QueueUrl"]


@pytest.fixture
def incoming(sqs) -> str:
    return sqs.create_queue(QueueName="disruptions")["QueueUrl"]


@pytest.fixture
def queue(sqs, dead, incoming) -> DeadLetterQueue:
    return DeadLetterQueue(sqs, dead, incoming, lambda: datetime.now(UTC) + timedelta(seconds=1))


@pytest.fixture
def intake(sqs, dead) -> Intake:
    return Intake(NoTables(), None, QueueOfDeadLetters(sqs, dead), lambda: NOW)


def bodies(sqs, url) -> list[str]:
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]


ENVELOPE = json.dumps(
    {
        "detail": {
            "disruption_id": "D-1",
            "type": "technical",
            "flight_id": "EY283-2026-11-24",
            "details": {"delay": "PT2H"},
        }
    }
)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ("{", "event", "JSON"),
        ('{"source": "x"}', "detail", "EventBridge"),
        ('{"detail": {"disruption_id": "D 1"}}', "disruption_id", "letters"),
        ('{"detail": ' + '{"a": ' * 3_000 + "1" + "}" * 3_001, "event", "at most 32 levels"),
        ('{"detail": {"delay": ' + "7" * 5_000 + "}}", "event", "at most 64 characters"),
        ('{"detail": {"delay": -Infinity}}', "event", "JSON"),
        ('{"detail": {"text": "\\ud800"}}', "event", "UTF-8"),
    ],
)
def test_what_is_refused_is_kept_untouched_with_its_field_and_its_reason(
    sqs, intake, queue, body, field, said
) -> None:
    assert intake.receive(body) is None
    (letter,) = queue.letters()
    assert (letter.body, letter.field) == (body, field)
    assert said in letter.reason


def test_what_fails_for_another_reason_is_left_to_the_queue_to_deliver_again(sqs, intake, dead) -> None:
    with pytest.raises(ConnectionError):
        intake.receive(ENVELOPE, deliveries=4)
    assert bodies(sqs, dead) == []


def test_the_last_delivery_that_fails_is_kept_with_the_reason(sqs, intake, queue) -> None:
    assert intake.receive(ENVELOPE, deliveries=5) is None
    (letter,) = queue.letters()
    assert letter.reason.startswith("ConnectionError: ")
    assert (letter.body, letter.field) == (ENVELOPE, "")


def test_dead_letters_are_sent_again_and_are_gone_from_here(sqs, queue, dead, incoming) -> None:
    for number in range(23):
        sqs.send_message(QueueUrl=dead, MessageBody=f"event {number}")
    sent = {letter.body for letter in queue.redrive()}
    assert sent == {f"event {number}" for number in range(23)}
    assert (
        sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessages"
        ]
        == "0"
    )
    assert bodies(sqs, dead) == []
    assert len(bodies(sqs, incoming)) > 0


def test_a_letter_without_a_word_says_where_to_look(sqs, queue, dead) -> None:
    sqs.send_message(QueueUrl=dead, MessageBody="died over")
    (letter,) = queue.letters()
    assert letter.reason == UNSAID_REASON


def test_what_is_refused_again_meanwhile_is_left_for_the_next_time(sqs, dead, incoming) -> None:
    queue = DeadLetterQueue(sqs, dead, incoming, lambda: datetime.now(UTC) - timedelta(minutes=1))
    sqs.send_message(QueueUrl=dead, MessageBody="came back a moment ago")
    assert list(queue.redrive()) == []


def test_a_letter_is_sent_before_it_is_deleted(sqs, dead, incoming) -> None:
    """Whoever dies between the two sends it twice, which makes one thread."""
    sqs.send_message(QueueUrl=dead, MessageBody="event")
    calls: list[str] = []
    sqs.meta.events.register("before-call.sqs", lambda model, **_: calls.append(model.name))
    list(DeadLetterQueue(sqs, dead, incoming, lambda: datetime.now(UTC) + timedelta(seconds=1)).redrive())
    assert calls == ["ReceiveMessage", "SendMessage", "DeleteMessage", "ReceiveMessage"]


def test_what_was_listed_is_sent_again_at_once(sqs, queue, dead, incoming) -> None:
    """As the runbook has it: first look, then send."""
    for number in range(23):
        sqs.send_message(QueueUrl=dead, MessageBody=f"event {number}")
    assert len(list(queue.letters())) == 23
    assert len(list(queue.letters())) == 23
    assert len(list(queue.redrive())) == 23


def test_a_listing_that_is_broken_off_hides_nothing(sqs, queue, dead, incoming) -> None:
    for number in range(3):
        sqs.send_message(QueueUrl=dead, MessageBody=f"event {number}")
    listing = queue.letters()
    next(listing)
    listing.close()
    assert len(list(queue.redrive())) == 3
