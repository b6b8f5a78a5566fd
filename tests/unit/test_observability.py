"""Every line of a function's log says what it belongs to, the package's own lines among them."""

from __future__ import annotations

import io
import json
import logging

import pytest

from lambdas.observability import logger, metrics, observed
from tests.flow.functions import Context


@pytest.fixture
def lines(monkeypatch):
    stream, handler = io.StringIO(), logger.registered_handler
    before, level = handler.setStream(stream), logger.log_level
    monkeypatch.setattr(metrics.provider, "namespace", "SkyMarshal")
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
