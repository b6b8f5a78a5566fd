"""What is repeated, how long it waits, and what the caller is told when it was in vain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber

from skymarshal import aws
from skymarshal.checkpoints import AgentRuns, CheckpointSaver, StoreUnavailable, ThreadManager, ThreadStatus
from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
from skymarshal.checkpoints.retries import Retries
from skymarshal.checkpoints.store import Absent, ConditionFailed, Delete, Key, Put
from tests.store.backends import REGION, TABLE, aws_store_at, use_moto
from tests.store.graphs import config


class Waits:
    """Remembers how long it was asked to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def refusal(code: str, status: int = 400, operation: str = "PutItem", **more: Any) -> ClientError:
    details = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(details, operation)


TRANSIENT = [
    refusal("ProvisionedThroughputExceededException"),
    refusal("ThrottlingException"),
    refusal("RequestLimitExceeded"),
    refusal("SlowDown", 503),
    refusal("InternalServerError", 500),
    refusal("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}]),
    refusal("TransactionCanceledException", CancellationReasons=[{"Code": "ThrottlingError"}]),
    ReadTimeoutError(endpoint_url="http://table"),
    ConnectTimeoutError(endpoint_url="http://table"),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: str(error)[:60])
def test_a_transient_error_is_repeated_five_times_with_growing_waits(error: Exception) -> None:
    waits = Waits()
    calls = []

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(StoreUnavailable, match="write something"):
        Retries(waits, jitter=lambda: 1.0)(call, what="write something")
    assert len(calls) == 6
    assert waits.seconds == [0.1, 0.2, 0.4, 0.8, 1.6]


def test_jitter_spreads_the_whole_wait() -> None:
    waits = Waits()
    jitters = iter([0.0, 0.5, 1.0, 0.25, 0.75])

    def call() -> None:
        raise TRANSIENT[0]

    with pytest.raises(StoreUnavailable):
        Retries(waits, jitter=lambda: next(jitters))(call, what="x")
    assert waits.seconds == pytest.approx([0.0, 0.1, 0.4, 0.2, 1.2])


@pytest.mark.parametrize(
    "error",
    [refusal("ExpiredTokenException"), refusal("AccessDeniedException"), NoCredentialsError()],
    ids=lambda error: str(error)[:40],
)
def test_credentials_that_do_not_work_are_told_at_once(error: Exception) -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(StoreUnavailable):
        Retries(Waits())(call, what="x")
    assert len(calls) == 1


def test_a_mistake_of_ours_is_not_repeated() -> None:
    def call() -> None:
        raise refusal("ValidationException")

    with pytest.raises(ClientError):
        Retries(Waits())(call, what="x")


def test_success_after_two_refusals_is_success() -> None:
    answers: Iterator[Any] = iter([TRANSIENT[0], TRANSIENT[4], "done"])

    def call() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert Retries(Waits())(call, what="x") == "done"


def test_what_a_batch_left_over_is_sent_again_and_only_that() -> None:
    with use_moto():
        client = boto3.client("dynamodb", region_name=REGION)
    store = DynamoDBStore(client, TABLE, bucket=None, retries=Retries(Waits()))
    one = {"DeleteRequest": {"Key": {"PK": {"S": "p"}, "SK": {"S": "1"}}}}
    two = {"DeleteRequest": {"Key": {"PK": {"S": "p"}, "SK": {"S": "2"}}}}
    with Stubber(client) as stub:
        stub.add_response(
            "batch_write_item",
            {"UnprocessedItems": {TABLE: [two]}},
            {"RequestItems": {TABLE: [one, two]}},
        )
        stub.add_response("batch_write_item", {}, {"RequestItems": {TABLE: [two]}})
        store.write_many([Delete(key=Key("p", "1")), Delete(key=Key("p", "2"))])
        stub.assert_no_pending_responses()


def test_a_write_whose_answer_was_lost_is_recognised_as_ones_own() -> None:
    lost = [True]

    def lose_answer(http_response: AWSResponse, **_: Any) -> None:
        if lost.pop() if lost else False:
            raise ReadTimeoutError(endpoint_url="http://table")

    clients = []
    with use_moto():
        store = aws_store_at(None, wrap=lambda client: clients.append(client) or client)
        clients[-1].meta.events.register("after-call.dynamodb.PutItem", lose_answer)
        put = Put(key=Key("p", "1"), attributes={"a": 1}, condition=Absent())
        store.write([put])
        with pytest.raises(ConditionFailed):
            store.write([put])


def test_a_thread_whose_resume_was_not_answered_is_resumed_once_and_nobody_is_told_otherwise(clock) -> None:
    answers = ["lost"]

    def lose_answer(**_: Any) -> None:
        if answers:
            answers.pop()
            raise ReadTimeoutError(endpoint_url="http://table")

    clients = []
    with use_moto():
        store = aws_store_at(None, wrap=lambda client: clients.append(client) or client)
        threads = ThreadManager(store, clock)
        thread_id = threads.create_thread("d").thread_id
        threads.awaiting_approval(thread_id, token="token", deadline=clock())
        before = threads.get_thread(thread_id)
        clients[-1].meta.events.register("after-call.dynamodb.UpdateItem", lose_answer)
        threads.resume(thread_id)
        after = threads.get_thread(thread_id)
    assert answers == []
    assert (after.status, after.version) == (ThreadStatus.ACTIVE, before.version + 1)


def test_the_clients_that_production_makes_retry_nothing_themselves_and_do_not_wait_for_ever() -> None:
    with use_moto():
        for client in (aws.dynamodb_client(), aws.s3_client()):
            assert client.meta.config.retries["total_max_attempts"] == 1
            assert client.meta.config.connect_timeout <= 5
            assert client.meta.config.read_timeout <= 15


def test_an_agent_run_goes_through_a_throttled_table(clock) -> None:
    refusals = {"GetItem": 2, "Query": 2, "PutItem": 2, "UpdateItem": 2, "TransactWriteItems": 2}

    def refuse(model: Any, **_: Any) -> None:
        if refusals.get(model.name, 0) > 0:
            refusals[model.name] -= 1
            raise refusal("ProvisionedThroughputExceededException", operation=model.name)

    clients = []
    with use_moto():
        store = aws_store_at(None, wrap=lambda client: clients.append(client) or client)
        clients[-1].meta.events.register("before-call.dynamodb.*", refuse)
        saver = CheckpointSaver(store, clock=clock)
        checkpoint = {
            "v": 4,
            "id": "1f000000-0000-6000-8000-000000000000",
            "ts": "",
            "channel_values": {"a": 1},
            "channel_versions": {"a": 1},
            "versions_seen": {},
        }
        metadata = {"source": "input", "step": -1, "parents": {}}
        here = saver.put(config("t", checkpoint_ns=""), checkpoint, metadata, {"a": 1})
        assert saver.get_tuple(here).checkpoint["channel_values"] == {"a": 1}
        runs = AgentRuns(store, clock)
        claim = runs.claim("t", checkpoint["id"], "cargo", phase="p", worker="w", lease=timedelta(minutes=1))
        runs.complete(claim, runs.decide(claim, b"{}"))
        assert saver.read_state("t", checkpoint["id"]).values == {"a": 1}
    assert set(refusals.values()) == {0}
