"""What LangGraph relies on beyond its conformance suite."""

from __future__ import annotations

import asyncio
import itertools
import operator
import subprocess
import sys
from typing import Annotated, TypedDict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.base import CipherProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from skymarshal.checkpoints import (
    CheckpointNotFound,
    CheckpointSaver,
    DamagedCheckpoint,
    HeadMoved,
    InvalidIdentifier,
    MemoryStore,
    Store,
    ThreadConflict,
)
from tests.store.graphs import config, flow_graph, pending

IDENTIFIERS = [
    "a",
    "a#b",
    "THREAD#a",
    "a/b",
    "..",
    "../a",
    "a b",
    "\u2708\ufe0f",
    "x" * 2041,
    "a%23b",
    "~a",
    "a\n",
]


class Xor(CipherProtocol):
    """A cipher good enough to see whether anything is left in the clear."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "xor", bytes(byte ^ 0x5A for byte in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        assert ciphername == "xor"
        return self.encrypt(ciphertext)[1]


def put(saver: CheckpointSaver, thread_id: str, namespace: str = "", **values: object) -> dict:
    checkpoint = {
        **empty_checkpoint(),
        "channel_values": values,
        "channel_versions": dict.fromkeys(values, 1),
    }
    here = {"configurable": {"thread_id": thread_id, "checkpoint_ns": namespace}}
    return saver.put(here, checkpoint, {"source": "input", "step": -1, "parents": {}}, {})


def test_thread_ids_of_any_shape_are_kept_apart(saver: CheckpointSaver) -> None:
    for identifier in IDENTIFIERS:
        put(saver, identifier, value=identifier, noise="".join(map(chr, range(32, 900))) * 20)
    for identifier in IDENTIFIERS:
        assert saver.get_tuple(config(identifier)).checkpoint["channel_values"]["value"] == identifier
    saver.delete_thread("a")
    assert saver.get_tuple(config("a")) is None
    assert saver.get_tuple(config("a#b")) is not None


@pytest.mark.parametrize("identifier", ["", "a\0b", "x" * 2042, "\ud800", 7, None])
def test_a_thread_id_that_cannot_be_a_key_is_refused_by_name(saver: CheckpointSaver, identifier) -> None:
    for call in (
        lambda: put(saver, identifier),
        lambda: saver.get_tuple(config(identifier)),
        lambda: saver.put_writes(config(identifier, checkpoint_id="x"), [("a", 1)], "task"),
        lambda: saver.delete_thread(identifier),
    ):
        with pytest.raises(InvalidIdentifier, match="thread_id"):
            call()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(names=st.lists(st.text(max_size=30), min_size=2, max_size=6, unique=True))
def test_namespaces_match_exactly(names: list[str]) -> None:
    saver = CheckpointSaver(MemoryStore())
    kept = []
    for name in names:
        try:
            put(saver, "t", name, value=name)
            kept.append(name)
        except InvalidIdentifier:
            continue
    for name in kept:
        found = saver.get_tuple(config("t", checkpoint_ns=name))
        assert found.checkpoint["channel_values"]["value"] == name
        assert len(list(saver.list(config("t", checkpoint_ns=name)))) == 1
    assert len(list(saver.list(config("t")))) == len(kept)


def test_the_latest_checkpoint_of_the_root_is_not_a_subgraphs(saver: CheckpointSaver) -> None:
    put(saver, "t", value="root")
    put(saver, "t", "child:1", value="child")
    assert saver.get_tuple(config("t")).checkpoint["channel_values"] == {"value": "root"}


def test_a_put_that_is_repeated_changes_nothing(saver: CheckpointSaver) -> None:
    checkpoint = {**empty_checkpoint(), "channel_values": {"a": 1}, "channel_versions": {"a": 1}}
    here = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    metadata = {"source": "input", "step": -1, "parents": {}}
    assert saver.put(here, checkpoint, metadata, {}) == saver.put(here, checkpoint, metadata, {})
    with pytest.raises(ThreadConflict, match="other content"):
        saver.put(here, {**checkpoint, "channel_values": {"a": 2}}, metadata, {})


def test_two_runs_of_one_thread_at_once_leave_no_sibling(saver: CheckpointSaver) -> None:
    first = put(saver, "t", value=1)
    following = {"source": "loop", "step": 0, "parents": {}}
    checkpoint = {**empty_checkpoint(), "channel_values": {}, "channel_versions": {"a": 1}}
    saver.put(first, checkpoint, following, {})
    with pytest.raises(HeadMoved):
        saver.put(first, {**checkpoint, "id": empty_checkpoint()["id"]}, following, {})
    with pytest.raises(HeadMoved):
        put(saver, "t", value=2)
    assert len(list(saver.list(config("t")))) == 2


def test_forks_and_updates_start_from_any_checkpoint(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    graph.invoke({"disruption": {"number": 1}}, config("t"), durability="sync")
    first = list(graph.get_state_history(config("t")))[-2].config
    graph.update_state(first, {"plan": "another"})
    assert graph.get_state(config("t")).values["plan"] == "another"
    graph.invoke(None, config("t"), durability="sync")
    assert len(pending(graph.get_state(config("t")))) == 7
    graph.invoke(None, first, durability="sync")
    assert saver.verify("t").is_intact


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_graph_runs_to_its_end_in_every_durability(saver: CheckpointSaver, durability: str) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    graph.invoke({"disruption": {}}, config("t"), durability=durability)
    for _ in range(2):
        resumes = dict.fromkeys(pending(graph.get_state(config("t"))), "done")
        assert len(resumes) == 7
        graph.invoke(Command(resume=resumes), config("t"), durability=durability)
    graph.invoke(Command(resume="yes"), config("t"), durability=durability)
    assert graph.get_state(config("t")).values["final"] == "plan of 7: yes"


def test_the_asynchronous_methods_do_what_the_others_do(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)

    async def run() -> str:
        with saver.session("t"):
            await graph.ainvoke({"disruption": {}}, config("t"), durability="sync")
        for _ in range(2):
            state = await graph.aget_state(config("t"))
            resumes = dict.fromkeys(pending(state), "done")
            with saver.session("t"):
                await graph.ainvoke(Command(resume=resumes), config("t"), durability="sync")
        await graph.ainvoke(Command(resume="yes"), config("t"))
        assert len([each async for each in saver.alist(config("t"), limit=3)]) == 3
        return (await graph.aget_state(config("t"))).values["final"]

    assert asyncio.run(run()) == "plan of 7: yes"


def test_a_subgraph_that_waits_is_resumed_where_it_was(saver: CheckpointSaver) -> None:
    class State(TypedDict, total=False):
        answers: Annotated[list, operator.add]

    inner = StateGraph(State)
    inner.add_node("first", lambda state: {"answers": [interrupt("one?")]})
    inner.add_node("second", lambda state: {"answers": [interrupt("two?")]})
    inner.add_edge(START, "first")
    inner.add_edge("first", "second")
    outer = StateGraph(State)
    outer.add_node("inner", inner.compile())
    outer.add_edge(START, "inner")
    outer.add_edge("inner", END)
    graph = outer.compile(checkpointer=saver)
    for answer in (None, "yes", "no"):
        with saver.session("t"):
            given_ = {"answers": []} if answer is None else Command(resume=answer)
            graph.invoke(given_, config("t"), durability="sync")
    assert graph.get_state(config("t")).values["answers"] == ["yes", "no"]
    assert saver.verify("t").is_intact


def extended(old: list | None, new: list[list]) -> list:
    return [*(old or []), *itertools.chain.from_iterable(new)]


class _Log(TypedDict, total=False):
    log: Annotated[list, DeltaChannel(extended, list)]
    turn: int


def _delta_graph(saver):
    graph = StateGraph(_Log)
    graph.add_node("say", lambda state: {"log": [f"turn {state['turn']}"]})
    graph.add_edge(START, "say")
    return graph.compile(checkpointer=saver)


@pytest.mark.parametrize("strategy", [None, "keep_latest"])
def test_delta_channels_are_rebuilt_from_few_reads_and_survive_pruning(
    saver: CheckpointSaver, strategy: str | None
) -> None:
    ours, theirs = _delta_graph(saver), _delta_graph(InMemorySaver())
    for turn in range(12):
        for graph in (ours, theirs):
            graph.invoke({"turn": turn}, config("t"), durability="sync")
    if strategy is not None:
        saver.prune(["t"], strategy=strategy)
    expected = theirs.get_state(config("t")).values
    assert ours.get_state(config("t")).values == expected
    ours.invoke({"turn": 12}, config("t"))
    theirs.invoke({"turn": 12}, config("t"))
    assert ours.get_state(config("t")).values == theirs.get_state(config("t")).values
    assert len(expected["log"]) == 12


def test_pruning_an_ordinary_thread_keeps_one_checkpoint_that_can_go_on(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    graph.invoke({"disruption": {"text": "x" * 100_000}}, config("t"), durability="sync")
    saver.prune(["t"])
    assert len(list(saver.list(config("t")))) == 1
    resumes = dict.fromkeys(pending(graph.get_state(config("t"))), "done")
    graph.invoke(Command(resume=resumes), config("t"), durability="sync")
    assert graph.get_state(config("t")).values["disruption"]["text"] == "x" * 100_000
    with pytest.raises(ValueError, match="keep_latest or delete"):
        saver.prune(["t"], strategy="newest")


def test_a_copied_thread_goes_on_by_itself(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    big = "".join(map(chr, range(32, 55_000))) * 20
    graph.invoke({"disruption": {"text": big}}, config("source"), durability="sync")
    saver.copy_thread("source", "target")
    assert saver.verify("target").is_intact
    with pytest.raises(ThreadConflict):
        saver.copy_thread("source", "target")
    saver.delete_thread("source")
    resumes = dict.fromkeys(pending(graph.get_state(config("target"))), "done")
    graph.invoke(Command(resume=resumes), config("target"), durability="sync")
    assert graph.get_state(config("target")).values["disruption"]["text"] == big


def test_an_encrypted_thread_holds_nothing_in_the_clear_and_still_shrinks(store: Store) -> None:
    saver = CheckpointSaver(store, serde=EncryptedSerializer(Xor()))
    graph = flow_graph().compile(checkpointer=saver)
    secret = "passenger manifest " * 5_000
    graph.invoke({"disruption": {"text": secret}}, config("t"), durability="sync")
    assert graph.get_state(config("t")).values["disruption"]["text"] == secret
    contents = [value for item in store.scan() for value in item.values() if isinstance(value, bytes)]
    assert not [content for content in contents if b"manifest" in content]
    assert sum(map(len, contents)) < 20_000
    assert saver.verify("t").is_intact
    with pytest.raises(DamagedCheckpoint, match="cipher"):
        CheckpointSaver(store).get_tuple(config("t"))


def test_an_agent_reads_state_without_what_was_written_since(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    graph.invoke({"disruption": {"number": 1}}, config("t"), durability="sync")
    barrier = graph.get_state(config("t")).config["configurable"]["checkpoint_id"]
    view = saver.read_state("t", barrier)
    assert view.values["disruption"] == {"number": 1, "checked": True}
    with pytest.raises(CheckpointNotFound, match="thread 't'"):
        saver.read_state("t", "1f000000-0000-6000-8000-000000000000")


@pytest.mark.parametrize(
    ("needed", "unwanted"),
    [
        ("CheckpointSaver, AgentRuns, open_checkpointer", {"langgraph.graph", "langgraph.types"}),
        ("ThreadManager, open_store", {"langgraph.graph", "langgraph.types", "langchain_core"}),
    ],
)
def test_a_function_imports_only_what_it_needs(needed: str, unwanted: set[str]) -> None:
    program = f"import sys\nfrom skymarshal.checkpoints import {needed}\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not unwanted & set(loaded.stdout.split())
