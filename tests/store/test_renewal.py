"""A thread that is taken up again is kept from then on, with everything that it rests on."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest

from skymarshal.checkpoints import AgentRuns, CheckpointNotFound, CheckpointSaver
from skymarshal.checkpoints.objects import ObjectBucket
from skymarshal.checkpoints.retries import Retries
from skymarshal.ports import system_clock
from tests.store.backends import BUCKET, never_sleep
from tests.store.test_large_values import LARGE, MEDIUM, noise, put

LEASE = timedelta(minutes=5)


def checkpoint_of(config) -> str:
    return config["configurable"]["checkpoint_id"]


@pytest.mark.parametrize("size", [MEDIUM, LARGE])
def test_what_was_renewed_outlives_the_retention_that_it_had(saver: CheckpointSaver, clock, size) -> None:
    runs = AgentRuns(saver.store, clock)
    config = put(saver, {"noise": noise(size)}, ["noise"])
    saver.put_writes(config, [("other", noise(MEDIUM, 2))], "task")
    claim = runs.claim("t", checkpoint_of(config), "cargo", phase="initial", worker="w", lease=LEASE)
    found = runs.decide(claim, b"assessed")
    clock.advance(timedelta(days=80))
    saver.renew("t")
    clock.advance(timedelta(days=80))
    again = CheckpointSaver(saver.store, clock=clock).get_tuple(config)
    assert again.checkpoint["channel_values"] == {"noise": noise(size)}
    assert [(channel, value) for _, channel, value in again.pending_writes] == [("other", noise(MEDIUM, 2))]
    assert [run.agent for run in runs.read("t", checkpoint_of(config))] == ["cargo"]
    assert runs.hydrate(found) == b"assessed"


def test_what_has_expired_stays_gone(saver: CheckpointSaver, clock) -> None:
    config = put(saver, {"a": 1}, ["a"])
    clock.advance(timedelta(days=91))
    saver.renew("t")
    assert saver.get_tuple(config) is None
    with pytest.raises(CheckpointNotFound):
        saver.read_state("t", checkpoint_of(config))


def test_what_was_written_lately_is_left_as_it_is(saver: CheckpointSaver, clock) -> None:
    put(saver, {"noise": noise(LARGE)}, ["noise"])
    before = sorted(map(str, saver.store.scan()))
    clock.advance(timedelta(hours=12))
    saver.renew("t")
    assert sorted(map(str, saver.store.scan())) == before


@pytest.mark.parametrize(("store", "age", "written"), [("moto", 0, 1), ("moto", 31, 2)], indirect=["store"])
def test_an_object_is_written_again_once_the_bucket_would_delete_it_before_its_pointer(
    store, age, written
) -> None:
    """A bucket counts from when an object was written, whoever points at it since."""
    client, puts = boto3.client("s3"), []
    client.meta.events.register("before-call.s3.PutObject", lambda **_: puts.append(1))
    for later in (0, age):
        clock = lambda later=later: system_clock() + timedelta(days=later)  # noqa: E731
        bucket = ObjectBucket(client, BUCKET, Retries(never_sleep), clock=clock)
        bucket.put("checkpoints/t/x", [b"x"], digest=bytes.fromhex("2d711642b726b04401627ca9fbac32f5" * 2))
    assert len(puts) == written
