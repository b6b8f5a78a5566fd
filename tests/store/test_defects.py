"""What another saver on DynamoDB gets wrong, each shown on both: it fails there and holds here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver, empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph_checkpoint_aws import DynamoDBSaver

from skymarshal.checkpoints import CheckpointSaver, ItemTooLarge
from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
from skymarshal.checkpoints.retries import Retries
from tests.store.backends import BUCKET, REGION, TABLE, aws_store_at, never_sleep, use_moto

PEER = pytest.param("peer", marks=pytest.mark.xfail(strict=True, reason="a defect of the other saver"))


class Crash(BaseException):
    """The process dies."""


@dataclass
class Subject:
    """A saver under test and the clients it uses."""

    saver: BaseCheckpointSaver
    clients: list[Any]

    @contextmanager
    def crash(self, *operations: str, after: int = 0) -> Iterator[None]:
        """Die at one of these operations, once `after` of them have gone through."""
        left = [after]

        def die(**_: Any) -> None:
            if left[0] <= 0:
                raise Crash
            left[0] -= 1

        hooks = [
            (client, f"before-parameter-build.{service}.{operation}")
            for client in self.clients
            for service in ("dynamodb", "s3")
            for operation in operations
        ]
        for client, hook in hooks:
            client.meta.events.register(hook, die)
        try:
            yield
        except Crash:
            pass
        finally:
            for client, hook in hooks:
                client.meta.events.unregister(hook, die)


WRITES = ("PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem")


@pytest.fixture(params=["ours", PEER])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with use_moto():
        clients: list[Any] = []
        store = aws_store_at(None, wrap=lambda client: clients.append(client) or client)
        if request.param == "ours":
            yield Subject(CheckpointSaver(store), clients)
        else:
            peer = DynamoDBSaver(
                table_name=TABLE, region_name=REGION, s3_offload_config={"bucket_name": BUCKET}
            )
            yield Subject(peer, [peer.client, peer.storage.s3_client])


def put(saver: BaseCheckpointSaver, thread_id: str, parent: dict | None = None, step: int = 1) -> dict:
    here = {"thread_id": thread_id, "checkpoint_ns": ""}
    if parent is not None:
        here["checkpoint_id"] = parent["configurable"]["checkpoint_id"]
    metadata = {"source": "loop", "step": step, "parents": {}}
    return saver.put({"configurable": here}, empty_checkpoint(), metadata, {})


def stored_keys() -> set[tuple[str, str]]:
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName=TABLE)["Items"]
    return {(item["PK"]["S"], item["SK"]["S"]) for item in items}


def written(saver: BaseCheckpointSaver, config: dict) -> list:
    found = saver.get_tuple(config)
    return [] if found is None else [value for _, _, value in found.pending_writes or []]


def test_more_than_nine_writes_of_one_task_come_back_in_order(subject: Subject) -> None:
    config = put(subject.saver, "t")
    subject.saver.put_writes(config, [("x", number) for number in range(12)], "task", "~1")
    assert written(subject.saver, config) == list(range(12))


def test_writes_come_back_in_the_order_of_task_paths(subject: Subject) -> None:
    config = put(subject.saver, "t")
    subject.saver.put_writes(config, [("x", "second")], "aaa", "~2")
    subject.saver.put_writes(config, [("x", "first")], "zzz", "~1")
    assert written(subject.saver, config) == ["first", "second"]


def test_a_crash_between_two_writes_of_a_task_leaves_none_of_them(subject: Subject) -> None:
    config = put(subject.saver, "t")
    for survived in range(3):
        with subject.crash(*WRITES, after=survived):
            subject.saver.put_writes(config, [("result", 1), ("branch:to:join", None)], f"task{survived}")
    by_task: dict[str, int] = {}
    for task, _, _ in subject.saver.get_tuple(config).pending_writes:
        by_task[task] = by_task.get(task, 0) + 1
    assert set(by_task.values()) <= {2}, "a task is taken as finished without the write that triggers"


def test_a_crash_in_a_put_leaves_nothing_half_written(subject: Subject) -> None:
    for survived in range(3):
        thread_id = f"t{survived}"
        first = put(subject.saver, thread_id, step=1)
        before = stored_keys()
        with subject.crash(*WRITES, after=survived):
            put(subject.saver, thread_id, first, step=2)
        latest = subject.saver.get_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
        assert latest.metadata["step"] == 2 or stored_keys() == before, "half a checkpoint stays unseen"


def test_two_deliveries_with_different_results_are_never_mixed(subject: Subject) -> None:
    config = put(subject.saver, "t")
    subject.saver.put_writes(config, [("a", "run 1")], "task")
    subject.saver.put_writes(config, [("a", "run 2"), ("b", "run 2")], "task")
    assert written(subject.saver, config) in (["run 1"], ["run 2", "run 2"])


def test_a_small_result_is_kept_after_a_large_one_died_on_its_way_to_s3(subject: Subject) -> None:
    config = put(subject.saver, "t")
    with subject.crash("PutObject"):
        subject.saver.put_writes(config, [("a", os.urandom(400_000))], "task")
    subject.saver.put_writes(config, [("a", "small")], "task")
    assert written(subject.saver, config) == ["small"]


def test_a_serializer_assigned_to_the_saver_is_used(subject: Subject) -> None:
    class Loud(JsonPlusSerializer):
        def loads_typed(self, data: tuple[str, bytes]) -> Any:
            value = super().loads_typed(data)
            return value.upper() if isinstance(value, str) else value

    config = put(subject.saver, "t")
    subject.saver.put_writes(config, [("a", "quiet")], "task")
    subject.saver.serde = Loud()
    assert written(subject.saver, config) == ["QUIET"]


def test_an_allow_list_reaches_what_is_read(subject: Subject) -> None:
    strict = JsonPlusSerializer(allowed_msgpack_modules=None)
    subject.saver.serde = strict
    config = put(subject.saver, "t")
    subject.saver.put_writes(config, [("a", Subject(None, []))], "task")  # type: ignore[arg-type]
    assert not isinstance(written(subject.saver, config)[0], Subject)
    clone = subject.saver.with_allowlist({(Subject.__module__, "Subject")})
    assert isinstance(written(clone, config)[0], Subject)
    assert not isinstance(written(subject.saver, config)[0], Subject)


def test_every_thread_can_be_listed(subject: Subject) -> None:
    put(subject.saver, "one")
    put(subject.saver, "two")
    found = {each.config["configurable"]["thread_id"] for each in subject.saver.list(None)}
    assert found == {"one", "two"}


def test_deleting_a_thread_leaves_no_writes_behind(subject: Subject) -> None:
    absent = {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": "1f000000-0000-6000-8000-000000000000"}
    subject.saver.put_writes({"configurable": absent}, [("a", 1)], "task")
    subject.saver.delete_thread("t")
    assert stored_keys() == set()


def test_a_value_too_large_for_a_table_without_a_bucket_is_refused_by_name_and_leaves_nothing() -> None:
    with use_moto():
        aws_store_at(None)
        client = boto3.client("dynamodb", region_name=REGION)
        store = DynamoDBStore(client, TABLE, bucket=None, retries=Retries(never_sleep))
        saver = CheckpointSaver(store)
        config = put(saver, "t")
        before = client.scan(TableName=TABLE)["Items"]
        with pytest.raises(ItemTooLarge, match="bucket"):
            saver.put_writes(config, [("a", os.urandom(400_000))], "task")
        assert client.scan(TableName=TABLE)["Items"] == before
