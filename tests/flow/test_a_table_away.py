"""A table is away for a while, and somebody resumes once it is back: the decision is that of a good day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skymarshal.contracts import AGENT_NAMES
from skymarshal.operations import InMemoryTables, TableAwayError
from tests.flow.boundary import Fault
from tests.flow.deployed import DeployedFlow, UndisturbedRun

APPROVAL = "Approval"
EVERY_WORK = frozenset(
    {(agent, phase) for agent in AGENT_NAMES for phase in ("initial", "revision")}
    | {("arbitrator", "arbitration")}
)


class Outage:
    """Tables of which some do not answer for now."""

    def __init__(self, tables: InMemoryTables) -> None:
        self._tables = tables
        self.away: set[str] = set()

    def __getattr__(self, name: str):
        method = getattr(self._tables, name)

        def read(table, *given, **named):
            if getattr(table, "name", None) in self.away:
                raise TableAwayError(table=table.name, reason="ProvisionedThroughputExceededException")
            return method(table, *given, **named)

        return read


@pytest.fixture
def outage(flow: DeployedFlow, undisturbed: UndisturbedRun, tables: InMemoryTables) -> Iterator[Outage]:
    flow.work.tables, flow.work.anew = Outage(tables), EVERY_WORK
    flow.begin()
    flow.boundary.begin()
    yield flow.work.tables
    flow.work.tables, flow.work.anew = tables, frozenset()


def reviewed(flow: DeployedFlow, outage: Outage, table: str, state: str = "intake") -> None:
    """Bring the flow to its approval with a table away from a state on."""
    if state != "intake":
        flow.until(state)
    outage.away = {table}
    flow.until(APPROVAL)
    outage.away = set()


def decided_as(flow: DeployedFlow, undisturbed: UndisturbedRun) -> None:
    flow.finish()
    outcome, expected = flow.outcome(), undisturbed.outcome
    assert (outcome.execution, outcome.status, outcome.outcome) == ("SUCCEEDED", "completed", "approved")
    assert list(outcome.records.values()) == list(expected.records.values())
    assert outcome.problems == ()


@pytest.mark.parametrize("table", ["Weather", "CrewRoster", "MelItems"])
def test_a_safety_table_that_was_away_and_is_back_leads_to_the_decision_of_a_good_day(
    flow, undisturbed, outage, table
) -> None:
    reviewed(flow, outage, table)
    review = flow.finding("arbitration", "arbitrator")
    assert review.manual_review
    assert f"{table} does not answer" in review.justification
    flow.resume()
    decided_as(flow, undisturbed)


def test_a_table_that_only_the_arbitrator_missed_lets_it_alone_arbitrate_again(
    flow, undisturbed, outage
) -> None:
    reviewed(flow, outage, "Weather", "Phase 3 - arbitration")
    assert flow.finding("arbitration", "arbitrator").manual_review
    before = flow.outcome().runs
    flow.resume()
    decided_as(flow, undisturbed)
    assert len(flow.outcome().runs) == len(before) + 1


def test_the_execution_whose_approval_was_withdrawn_ends_by_itself(flow, undisturbed, outage) -> None:
    reviewed(flow, outage, "Weather")
    first = flow.execution
    flow.resume()
    flow.until(APPROVAL)
    while first.status == "RUNNING":
        if first.waits_on is None or first.answer is not None:
            flow.machine.step(first)
        else:
            flow.machine.time_out(first)
    assert first.status == "SUCCEEDED"
    assert "superseded" in str(first.data)
    decided_as(flow, undisturbed)


def test_while_what_failed_runs_again_a_decision_is_refused_with_the_reason(
    flow, undisturbed, outage
) -> None:
    reviewed(flow, outage, "Weather")
    flow.resume()
    for state in ("Phase 1 - dispatch", "Phase 3 - arbitration"):
        flow.until(state)
        answer = flow.ask_to_decide()
        assert answer["statusCode"] == 409
        assert "recovery 1 lets what failed run again" in answer["body"]
    decided_as(flow, undisturbed)


def test_whatever_dies_after_the_resume_the_decision_is_that_of_a_good_day(flow, undisturbed, outage) -> None:
    """The process ends after each call of the step that forks the thread, and the flow goes on."""
    reviewed(flow, outage, "Weather")
    flow.work.anew = frozenset()
    flow.resume()
    position = flow.position()
    flow.boundary.begin()
    flow.step()
    calls = len(flow.boundary.calls)
    assert calls >= 3
    for number in range(calls):
        for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER):
            flow.begin(position)
            flow.boundary.begin(fault, number)
            decided_as(flow, undisturbed)
            assert flow.boundary.struck
