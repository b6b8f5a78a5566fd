"""The table stops answering: nothing is hidden, nothing is lost, and the caller learns the truth."""

from __future__ import annotations

import json
import logging

import pytest
from langgraph.types import Command

from skymarshal.checkpoints import (
    BufferNotFlushed,
    CheckpointSaver,
    StoreUnavailable,
    ThreadManager,
)
from skymarshal.checkpoints.outage import BufferedStore
from skymarshal.checkpoints.store import Key, Update
from tests.store.faults import FaultyStore
from tests.store.graphs import config, flow_graph, pending


class Table(FaultyStore):
    """A table that can be switched off."""

    down = False

    def _answer(self) -> None:
        if self.down:
            raise StoreUnavailable("the table does not answer")

    def write(self, operations):
        self._answer()
        super().write(operations)

    def put_object(self, name, chunks, *, digest):
        self._answer()
        super().put_object(name, chunks, digest=digest)

    def get(self, key, *, consistent=True):
        self._answer()
        return super().get(key)

    def query(self, partition, low, high, **how):
        self._answer()
        return super().query(partition, low, high, **how)


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def buffered(table: Table, tmp_path, ids) -> BufferedStore:
    return BufferedStore(table, tmp_path / "outage", new_id=ids)


def begin(store, clock) -> tuple:
    saver = CheckpointSaver(store, clock=clock)
    thread_id = ThreadManager(store, clock).create_thread("d").thread_id
    graph = flow_graph().compile(checkpointer=saver)
    with saver.session(thread_id):
        graph.invoke({"disruption": {"text": "x"}}, config(thread_id), durability="sync")
    return saver, graph, thread_id


def join(saver, graph, thread_id) -> None:
    with saver.session(thread_id):
        resumes = dict.fromkeys(pending(graph.get_state(config(thread_id))), "done")
        graph.invoke(Command(resume=resumes), config(thread_id), durability="sync")


def test_without_a_buffer_the_error_reaches_the_caller_and_nothing_is_kept_in_memory(table: Table, clock):
    saver, graph, thread_id = begin(table, clock)
    table.down = True
    with pytest.raises(StoreUnavailable):
        join(saver, graph, thread_id)
    table.down = False
    assert len(graph.get_state(config(thread_id)).values.get("order", [])) == 0


def test_a_buffer_goes_on_says_so_and_writes_back_in_order(table, buffered, clock, caplog) -> None:
    saver, graph, thread_id = begin(buffered, clock)
    table.down = True
    with caplog.at_level(logging.ERROR):
        join(saver, graph, thread_id)
        join(saver, graph, thread_id)
    assert "does not answer" in caplog.text
    assert buffered.is_buffering
    assert graph.get_state(config(thread_id)).values["plan"] == "plan of 7"
    table.down = False
    buffered.flush()
    assert not buffered.is_buffering
    elsewhere = CheckpointSaver(table, clock=clock)
    assert elsewhere.get_tuple(config(thread_id)).checkpoint["channel_values"]["plan"] == "plan of 7"
    assert elsewhere.verify(thread_id).is_intact
    assert "outage" in ThreadManager(table, clock).get_thread(thread_id).details["buffered"]


def test_the_next_change_writes_back_first(table, buffered, clock) -> None:
    saver, graph, thread_id = begin(buffered, clock)
    table.down = True
    join(saver, graph, thread_id)
    table.down = False
    join(saver, graph, thread_id)
    assert not buffered.is_buffering
    assert CheckpointSaver(table, clock=clock).verify(thread_id).is_intact


def test_what_cannot_be_written_back_is_kept_in_a_file_that_the_error_names(
    table, buffered, clock, tmp_path
) -> None:
    saver, graph, thread_id = begin(buffered, clock)
    table.down = True
    join(saver, graph, thread_id)
    table.down = False
    table.inner.write([Update(key=Key(f"THREAD#{thread_id}", "THREAD"), set={"head": "2" * 36})])
    with pytest.raises(BufferNotFlushed) as lost:
        buffered.flush()
    (kept,) = (tmp_path / "outage").iterdir()
    assert str(kept) in str(lost.value)
    entries = [json.loads(line) for line in kept.read_text().splitlines()]
    assert any("CHECKPOINT##" in operation["sort"] for entry in entries for operation in entry)


def test_a_full_disk_is_told_and_the_buffer_is_not_thrown_away(table, clock, tmp_path, ids) -> None:
    (tmp_path / "outage").write_text("a file where the folder should be")
    store = BufferedStore(table, tmp_path / "outage", new_id=ids)
    saver, graph, thread_id = begin(store, clock)
    table.down = True
    join(saver, graph, thread_id)
    table.down = False
    table.inner.write([Update(key=Key(f"THREAD#{thread_id}", "THREAD"), set={"head": "2" * 36})])
    with pytest.raises(BufferNotFlushed, match="lost when this process ends"):
        store.flush()
    assert store.is_buffering


def test_a_thread_this_process_does_not_know_whole_is_not_guessed(table, buffered, clock) -> None:
    _, _, thread_id = begin(table, clock)
    table.down = True
    with pytest.raises(StoreUnavailable):
        CheckpointSaver(buffered, clock=clock).get_tuple(config(thread_id))
    with pytest.raises(StoreUnavailable):
        ThreadManager(buffered, clock).mark_complete(thread_id, outcome="approved")
