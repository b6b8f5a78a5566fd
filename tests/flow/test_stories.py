"""Threads that nobody works on for weeks, and workers that work at the same time: all end as if nothing were.

After weeks, what the table's time to live has run out for is gone, and so is the history of ended executions.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.checkpoints import ClaimLost
from tests.flow.deployed import DeployedFlow, Outcome, UndisturbedRun
from tests.flow.step_functions import TaskError

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


def test_agents_at_work_at_the_same_time_count_once_each(flow, undisturbed, record_property) -> None:
    """At each call of one agent another runs from end to end, and the same one is delivered again."""
    (segment,) = [each for each in undisturbed.segments if each.state == "Phase 1 - agents"]

    def run(agent: str) -> None:
        (item,) = [each for each in flow.execution.data["items"] if each["agent"] == agent]
        flow.functions.invoke(f"skymarshal-agent-{agent}", {**item, "execution": flow.execution.name})

    def meanwhile() -> None:
        run("finance")
        again.append(delivered_again(lambda: run("cargo")))

    flow.begin(segment.position)
    flow.boundary.begin()
    run("cargo")
    calls = len(flow.boundary.calls)
    assert calls >= 4
    again: list[str] = []
    for number in range(calls):
        flow.begin(segment.position)
        flow.boundary.begin(number=number, meanwhile=meanwhile)
        lost = delivered_again(lambda: run("cargo"))
        flow.finish()
        assert flow.outcome() == undisturbed.outcome, number
        assert sorted([lost, again[-1]]) == ["", ClaimLost.__name__] or lost == again[-1] == ""
    assert ClaimLost.__name__ in again
    record_property("runs with workers side by side", calls)


def delivered_again(run) -> str:
    """Return the error with which a delivery ended, empty for none."""
    try:
        run()
    except TaskError as error:
        return error.name
    return ""
