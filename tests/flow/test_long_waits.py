"""A thread that nobody worked on for weeks finishes as if it had never waited.

What the table's time to live has run out for is gone by then, and so is the history of ended executions.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flow.deployed import DeployedFlow, Outcome, UndisturbedRun

EIGHTY_DAYS = timedelta(days=80)


@pytest.fixture(autouse=True)
def from_the_event(flow: DeployedFlow) -> None:
    flow.begin()
    flow.boundary.begin()


def assert_same_decision(outcome: Outcome, undisturbed: UndisturbedRun) -> None:
    expected = undisturbed.outcome
    assert (outcome.execution, outcome.status, outcome.outcome) == ("SUCCEEDED", "completed", "approved")
    assert list(outcome.records.values()) == list(expected.records.values())
    assert outcome.findings == expected.findings
    assert outcome.problems == ()


def test_an_approval_that_has_waited_for_eighty_days_is_decided(flow, undisturbed) -> None:
    flow.until("Approval")
    flow.stop()
    flow.let_pass(EIGHTY_DAYS)
    assert flow.machine.executions == {}
    flow.finish_decided()
    assert_same_decision(flow.outcome(), undisturbed)


def test_a_thread_stopped_among_the_agents_resumed_after_weeks_may_wait_for_eighty_days_more(
    flow, undisturbed
) -> None:
    """What the first agents found is older by then than anything is kept that nobody came back to."""
    flow.until("Phase 1 - join")
    flow.stop()
    flow.let_pass(timedelta(days=60))
    flow.resume()
    flow.until("Approval")
    flow.stop()
    flow.let_pass(EIGHTY_DAYS)
    flow.finish_decided()
    assert_same_decision(flow.outcome(), undisturbed)
