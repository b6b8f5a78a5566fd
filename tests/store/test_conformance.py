"""LangGraph's own conformance suite, with proof that each part of it really ran."""

from __future__ import annotations

import asyncio

from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability

from skymarshal.checkpoints import CheckpointSaver, Store

LEAST_TESTS = {
    "put": 17,
    "put_writes": 10,
    "get_tuple": 8,
    "list": 16,
    "delete_thread": 5,
    "delete_for_runs": 7,
    "copy_thread": 8,
    "prune": 8,
}


def test_every_capability_is_tested_and_passes(store: Store) -> None:
    @checkpointer_test(name="CheckpointSaver")
    async def saver():
        yield CheckpointSaver(store)

    report = asyncio.run(validate(saver))

    assert set(report.results) == {capability.value for capability in Capability}
    for name, result in report.results.items():
        assert result.failures == [], name
        assert result.detected, name
        assert result.tests_passed >= LEAST_TESTS[name], name
