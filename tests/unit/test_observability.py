"""Every line of a function's log says what it belongs to, the package's own lines among them."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import random
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lambdas import observability
from lambdas.observability import about, about_nothing, logger, observed
from skymarshal.checkpoints import thread_id_for
from skymarshal.orchestration.intake import Intake
from tests.flow.functions import Context


@pytest.fixture
def lines():
    stream, handler = io.StringIO(), logger.registered_handler
    before, level = handler.setStream(stream), logger.log_level
    logger.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)
    logger.setLevel(level)


def test_a_dispatched_call_is_known_by_thread_execution_agent_and_phase(lines) -> None:
    @observed("thread_id")
    def handler(event, context) -> None:
        logger.info("working")
        logging.getLogger(f"{logger.name}.orchestration.worker").info("half way")

    item = {"thread_id": "T", "execution": "D-1", "agent": "cargo", "phase": "initial", "checkpoint_id": "C"}
    handler(item, Context("agent-cargo", 7))
    said = lines()
    assert [line["message"] for line in said] == ["working", "half way", "used"]
    for line in said:
        assert line["correlation_id"] == "T"
        assert line["function_request_id"] == "request-7"
        assert {name: line[name] for name in ("thread_id", "execution", "agent", "phase")} == {
            name: item[name] for name in ("thread_id", "execution", "agent", "phase")
        }


def test_nothing_of_one_invocation_is_said_of_the_next(lines) -> None:
    @observed("thread_id")
    def handler(event, context) -> None:
        if event["thread_id"] == "T":
            logger.append_keys(disruption_id="D-1")

    handler({"thread_id": "T", "agent": "cargo"}, Context("f", 1))
    handler({"thread_id": "U"}, Context("f", 2))
    last = lines()[-1]
    assert last["thread_id"] == "U"
    assert not {"agent", "disruption_id"} & last.keys()


def test_what_a_failed_call_used_is_told_all_the_same(lines) -> None:
    @observed()
    def handler(event, context) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        handler({"Records": []}, Context("intake", 1))
    assert lines()[-1]["message"] == "used"


@pytest.mark.parametrize(
    ("execution", "disruption_id"), [("D-1", "D-1"), ("_2-D-1", "D-1"), ("_12-_x", "_x")]
)
def test_every_line_of_a_phase_says_which_disruption_it_belongs_to(lines, execution, disruption_id) -> None:
    @observed("thread_id")
    def handler(event, context) -> None:
        logger.info("working")

    handler({"thread_id": "T", "execution": execution}, Context("f", 1))
    assert {line["disruption_id"] for line in lines()} == {disruption_id}


def test_every_line_of_intake_says_which_message_disruption_and_thread_it_belongs_to(lines) -> None:
    """What is refused before it is read in full says so too, and no message speaks for the next."""

    class NoTables:
        def get(self, table, key):
            logging.getLogger(f"{logger.name}.operations").info("reading")
            raise ConnectionError("no table answers")

        query = get_many = get

    class Letters:
        def keep(self, body, reason, field="") -> None:
            pass

    taken = Intake(NoTables(), None, Letters(), lambda: datetime(2026, 11, 23, 8, tzinfo=UTC), on_known=about)

    @observed()
    def handler(event, context) -> None:
        for number, body in enumerate(event["Records"]):
            about_nothing()
            logger.append_keys(message_id=str(number))
            taken.receive(body, deliveries=5)

    wrong = {"detail": {"disruption_id": "D-1", "type": "gremlins"}}
    right = {"detail": {"disruption_id": "D-2", "type": "technical", "flight_id": "EY1-2026-11-24"}}
    handler({"Records": [json.dumps(wrong), json.dumps(right), "{"]}, Context("intake", 1))
    said = [line for line in lines() if line["message"] != "used"]
    assert [(line["message_id"], line.get("disruption_id"), line.get("thread_id")) for line in said] == [
        ("0", "D-1", thread_id_for("D-1")),
        *[("1", "D-2", thread_id_for("D-2"))] * 2,
        ("2", None, None),
    ]


def test_environments_that_start_from_one_snapshot_draw_their_own_numbers(monkeypatch) -> None:
    restored = []
    runtime = SimpleNamespace(register_after_restore=restored.append)
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime)
    spec = importlib.util.spec_from_file_location("observability_on_lambda", observability.__file__)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    snapshot, drawn = random.getstate(), []
    for _ in range(2):
        random.setstate(snapshot)
        for hook in restored:
            hook()
        drawn.append(random.random())
    assert len(set(drawn)) == 2


def test_the_waits_before_repeated_calls_hang_on_no_snapshot() -> None:
    from skymarshal.checkpoints.errors import StoreUnavailable
    from skymarshal.checkpoints.retries import Retries, Unfinished
    from skymarshal.operations import DynamoDBTables

    def waits() -> list[float]:
        random.seed(7)
        slept: list[float] = []

        def call() -> None:
            raise Unfinished

        with pytest.raises(StoreUnavailable):
            Retries(slept.append)(call, what="a call")
        return slept

    assert len(waits()) == 5
    assert waits() != waits()
    assert isinstance(DynamoDBTables(None, "")._random, random.SystemRandom)
