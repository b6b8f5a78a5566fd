"""The commands that read and tidy the store, against the store as production opens it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from unittest import mock

import pytest

from skymarshal.checkpoints import CheckpointSaver, ThreadManager
from skymarshal.cli import main
from skymarshal.ports import system_clock
from tests.store.backends import BUCKET, TABLE, aws_store_at, use_moto
from tests.store.graphs import config, flow_graph

PRODUCTION = {
    "CHECKPOINT_MODE": "production",
    "CHECKPOINT_TABLE_NAME": TABLE,
    "CHECKPOINT_S3_BUCKET": BUCKET,
}


@pytest.fixture
def thread_id() -> Iterator[str]:
    with use_moto(), mock.patch.dict(os.environ, PRODUCTION):
        store = aws_store_at(None)
        thread = ThreadManager(store, system_clock).create_thread("d-1", flight="SM101").thread_id
        graph = flow_graph().compile(checkpointer=CheckpointSaver(store))
        graph.invoke({"disruption": {"flight": "SM101"}}, config(thread), durability="sync")
        yield thread


def run(capsys, *arguments: str) -> tuple[int, str]:
    status = main(arguments)
    return status, capsys.readouterr().out


def test_threads_are_listed_as_a_table_and_as_json(thread_id: str, capsys) -> None:
    status, table = run(capsys, "threads")
    assert (status, thread_id in table, "SM101" in table) == (0, True, True)
    _, text = run(capsys, "threads", "--json")
    assert [each["thread_id"] for each in json.loads(text)["threads"]] == [thread_id]
    _, text = run(capsys, "threads", "--status", "failed", "--json")
    assert json.loads(text) == {"threads": [], "cursor": None}


def test_history_and_state_of_a_thread_are_shown(thread_id: str, capsys) -> None:
    _, text = run(capsys, "history", thread_id, "--json")
    assert len(json.loads(text)) == 3
    assert run(capsys, "history", thread_id)[0] == 0
    _, text = run(capsys, "show", thread_id, "--json")
    assert json.loads(text)["state"]["disruption"] == {"flight": "SM101", "checked": True}
    assert "SM101" in run(capsys, "show", thread_id)[1]


def test_verification_says_what_it_checked(thread_id: str, capsys) -> None:
    assert run(capsys, "verify", thread_id) == (
        0,
        f"{thread_id}: intact; 3 checkpoints and 0 assessments checked\n",
    )
    assert json.loads(run(capsys, "verify", thread_id, "--json")[1])["is_intact"] is True


def test_a_pruned_thread_keeps_its_latest_checkpoint_and_a_deleted_one_nothing(thread_id, capsys) -> None:
    assert run(capsys, "prune", thread_id)[0] == 0
    assert len(json.loads(run(capsys, "history", thread_id, "--json")[1])) == 1
    assert run(capsys, "verify", thread_id)[0] == 0
    assert run(capsys, "prune", thread_id, "--delete")[0] == 0
    assert run(capsys, "show", thread_id)[0] == 2


def test_an_unknown_thread_and_a_store_in_memory_are_named(thread_id: str, capsys) -> None:
    assert main(["show", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
    with mock.patch.dict(os.environ, {"CHECKPOINT_MODE": "development"}):
        assert main(["threads"]) == 2
    assert "CHECKPOINT_MODE" in capsys.readouterr().err
