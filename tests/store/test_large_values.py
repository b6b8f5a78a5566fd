"""Where values go by size, and what happens when what is stored is not what was written."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from skymarshal.checkpoints import (
    AgentRuns,
    CheckpointSaver,
    DamagedCheckpoint,
    MemoryStore,
    PayloadMissing,
    Reference,
    Store,
    StoreUnavailable,
    UnknownSchema,
)
from skymarshal.checkpoints.store import Key, Put
from tests.store.faults import Fault, FaultyStore

SMALL, MEDIUM, LARGE = 100, 60_000, 600_000


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def put(
    saver: CheckpointSaver, values: dict[str, Any], new: Sequence[str], parent: dict | None = None
) -> dict:
    config = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    versions = dict.fromkeys(values, 1)
    step = 0
    if parent is not None:
        config = parent
        found = saver.get_tuple(parent)
        step = found.metadata["step"] + 1
        versions = {**found.checkpoint["channel_versions"], **dict.fromkeys(new, step + 1)}
    checkpoint = {**empty_checkpoint(), "channel_values": values, "channel_versions": versions}
    metadata = {"source": "loop", "step": step, "parents": {}}
    return saver.put(config, checkpoint, metadata, {name: versions[name] for name in new})


def sorts(store: Store) -> list[str]:
    return [str(item["SK"]) for item in store.scan()]


@pytest.mark.parametrize("size", [0, SMALL, MEDIUM, LARGE, 3_000_000])
def test_a_value_of_any_size_comes_back_as_it_was(saver: CheckpointSaver, size: int) -> None:
    values = {"noise": noise(size), "text": "a" * size, "nothing": None}
    config = put(saver, values, list(values))
    saver.put_writes(config, [("noise", noise(size, 2)), ("nothing", None)], "task")
    found = CheckpointSaver(saver.store, clock=saver.clock).get_tuple(config)
    assert found.checkpoint["channel_values"] == values
    assert [value for _, _, value in found.pending_writes] == [noise(size, 2), None]


def test_values_go_to_the_item_a_payload_item_or_s3_by_their_packed_size(saver: CheckpointSaver) -> None:
    put(saver, {"small": noise(SMALL)}, ["small"])
    assert not [sort for sort in sorts(saver.store) if sort.startswith("PAYLOAD")]
    assert list(saver.store.list_objects("checkpoints/")) == []
    put(saver, {"medium": noise(MEDIUM)}, ["medium"], saver.get_tuple(_latest()).config)
    assert len([sort for sort in sorts(saver.store) if sort.startswith("PAYLOAD")]) == 1
    put(saver, {"large": noise(LARGE)}, ["large"], saver.get_tuple(_latest()).config)
    assert len(list(saver.store.list_objects("checkpoints/t/"))) == 1
    put(saver, {"text": "a" * LARGE}, ["text"], saver.get_tuple(_latest()).config)
    assert len(list(saver.store.list_objects("checkpoints/t/"))) == 1, "what packs small stays small"


def test_a_large_channel_is_stored_once_per_version_and_shared_by_later_checkpoints(
    saver: CheckpointSaver,
) -> None:
    values = {"big": noise(LARGE), "medium": noise(MEDIUM), "step": 0}
    config = put(saver, values, list(values))
    for step in range(1, 6):
        config = put(saver, {**values, "step": step}, ["step"], config)
    assert len(list(saver.store.list_objects("checkpoints/"))) == 1
    assert len([sort for sort in sorts(saver.store) if sort.startswith("PAYLOAD")]) == 1
    fresh = CheckpointSaver(saver.store, clock=saver.clock)
    config = put(fresh, {**values, "step": 6}, ["step"], config)
    assert len(list(saver.store.list_objects("checkpoints/"))) == 1
    assert fresh.get_tuple(config).checkpoint["channel_values"]["big"] == values["big"]


def test_a_retry_writes_no_payload_twice() -> None:
    store = FaultyStore()
    saver = CheckpointSaver(store)
    values = {"big": noise(LARGE)}
    checkpoint = {**empty_checkpoint(), "channel_values": values, "channel_versions": {"big": 1}}
    config = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    metadata = {"source": "input", "step": -1, "parents": {}}
    store.next_faults = [Fault.NONE, Fault.LOST_REQUEST]
    with pytest.raises(StoreUnavailable):
        saver.put(config, checkpoint, metadata, {"big": 1})
    before = store.writes
    config = saver.put(config, checkpoint, metadata, {"big": 1})
    assert store.writes == before + 1, "the payload was written again"
    assert saver.get_tuple(config).checkpoint["channel_values"] == values


def test_a_failure_on_s3_leaves_no_pointer() -> None:
    store = FaultyStore()
    saver = CheckpointSaver(store)
    store.next_faults = [Fault.LOST_REQUEST]
    with pytest.raises(StoreUnavailable):
        put(saver, {"big": noise(LARGE)}, ["big"])
    assert list(store.scan()) == []


def test_a_lost_payload_is_named_and_the_newest_intact_checkpoint_offered(saver: CheckpointSaver) -> None:
    first = put(saver, {"small": 1}, ["small"])
    second = put(saver, {"small": 1, "big": noise(LARGE)}, ["big"], first)
    identifier = second["configurable"]["checkpoint_id"]
    saver.store.delete_objects(list(saver.store.list_objects("checkpoints/")))
    reader = CheckpointSaver(saver.store, clock=saver.clock)
    with pytest.raises(PayloadMissing, match=identifier) as damaged:
        reader.get_tuple(_latest())
    assert damaged.value.newest_intact == first["configurable"]["checkpoint_id"]
    assert not reader.verify("t").is_intact


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
@pytest.mark.parametrize("harm", ["truncated", "flipped", "foreign"])
def test_an_altered_item_is_refused_by_name(saver: CheckpointSaver, size: int, harm: str) -> None:
    config = put(saver, {"value": noise(size)}, ["value"])
    identifier = config["configurable"]["checkpoint_id"]
    kind = "PAYLOAD" if size == MEDIUM else "CHECKPOINT"
    (item,) = [item for item in saver.store.scan() if str(item["SK"]).startswith(kind)]
    content = item["b"]
    harmed = {
        "truncated": content[: len(content) // 2],
        "flipped": content[:-1] + bytes([content[-1] ^ 1]),
        "foreign": b"hello",
    }[harm]
    overwrite(saver.store, item, b=harmed)
    reader = CheckpointSaver(saver.store, clock=saver.clock)
    with pytest.raises(DamagedCheckpoint, match=identifier):
        reader.get_tuple(_latest())
    (problem,) = reader.verify("t").problems
    assert problem.checkpoint_id == identifier


def test_a_newer_schema_version_is_refused_by_name(saver: CheckpointSaver) -> None:
    config = put(saver, {"value": 1}, ["value"])
    (item,) = [item for item in saver.store.scan() if str(item["SK"]).startswith("CHECKPOINT")]
    overwrite(saver.store, item, v=2)
    with pytest.raises(UnknownSchema, match=config["configurable"]["checkpoint_id"]):
        saver.get_tuple(config)


def test_verification_finds_a_checkpoint_that_was_replaced_whole(saver: CheckpointSaver) -> None:
    first = put(saver, {"value": 1}, ["value"])
    put(saver, {"value": 2}, ["value"], first)
    other = CheckpointSaver(MemoryStore(), clock=saver.clock)
    put(other, {"value": 99}, ["value"])
    (forged,) = [item for item in other.store.scan() if str(item["SK"]).startswith("CHECKPOINT")]
    target = [item for item in saver.store.scan() if str(item["SK"]).startswith("CHECKPOINT")]
    target = min(target, key=lambda item: str(item["SK"]))
    assert saver.verify("t").is_intact
    overwrite(saver.store, target, b=forged["b"])
    (problem,) = saver.verify("t").problems
    assert "does not match the chain" in problem.what


def test_an_assessment_that_was_altered_or_lost_is_found(saver: CheckpointSaver, clock) -> None:
    from datetime import timedelta

    config = put(saver, {"value": 1}, ["value"])
    runs = AgentRuns(saver.store, clock)
    barrier = config["configurable"]["checkpoint_id"]
    claim = runs.claim("t", barrier, "cargo", phase="initial", worker="w", lease=timedelta(minutes=1))
    reference = runs.decide(claim, b'{"verdict": "acceptable"}')
    runs.complete(claim, reference)
    assert saver.verify("t").assessments == 1
    (item,) = [item for item in saver.store.scan() if "#X#D#" in str(item["SK"])]
    saver.store.write_many([])
    content = item["cargo:b"]
    overwrite(saver.store, item, **{"cargo:b": content[:-1] + bytes([content[-1] ^ 1])})
    with pytest.raises(DamagedCheckpoint):
        runs.hydrate(reference)
    assert not saver.verify("t").is_intact
    with pytest.raises(PayloadMissing):
        runs.hydrate(replace(reference, digest="0" * 32))
    assert Reference.from_dict(reference.as_dict()) == reference


def overwrite(store: Store, item: Any, **changes: Any) -> None:
    key = Key(str(item["PK"]), str(item["SK"]))
    attributes = {name: value for name, value in item.items() if name not in {"PK", "SK"}}
    store.write([Put(key=key, attributes={**attributes, **changes})])


def _latest() -> dict:
    return {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
