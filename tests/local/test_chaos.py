"""Which calls are struck, and what a run is held to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from local.chaos.__main__ import strikes
from local.chaos.calls import Call, Course, Notes, Strike, When, read_calls
from local.chaos.outcome import differences, read_outcome
from skymarshal.checkpoints import CheckpointSaver, MemoryStore, ThreadManager, thread_id_for
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import generate, scenario_event
from skymarshal.orchestration.records import MemoryDecisionRecords
from skymarshal.orchestration.runner import InProcessRunner
from skymarshal.ports import system_clock

TODAY = date(2026, 11, 23)
LINES = """\
skymarshal-phase-initial begun
skymarshal-phase-initial:1:1 dynamodb.PutItem SkyMarshalCheckpoints
skymarshal-phase-initial:1:1 dynamodb.TransactWriteItems
skymarshal-phase-initial:1 ended
skymarshal-agent-cargo begun
skymarshal-agent-cargo:2:11 dynamodb.BatchGetItem SkyMarshal-Flights
"""


def test_calls_are_read_from_what_the_rider_notes() -> None:
    calls = read_calls(LINES.splitlines())
    assert [call.place for call in calls] == [
        "phase-initial:1:dynamodb.PutItem/SkyMarshalCheckpoints:1",
        "phase-initial:1:dynamodb.TransactWriteItems:1",
        "agent-cargo:2:dynamodb.BatchGetItem/SkyMarshal-Flights:11",
    ]
    assert [call.reads_operations for call in calls] == [False, False, True]


def test_each_call_is_struck_before_it_and_after_it() -> None:
    found = [str(strike) for strike in strikes(read_calls(LINES.splitlines()), Course.ALONE)]
    assert found == [
        "phase-initial:1:dynamodb.PutItem/SkyMarshalCheckpoints:1 before, alone",
        "phase-initial:1:dynamodb.PutItem/SkyMarshalCheckpoints:1 after, alone",
        "phase-initial:1:dynamodb.TransactWriteItems:1 before, alone",
        "phase-initial:1:dynamodb.TransactWriteItems:1 after, alone",
        "agent-cargo:2:dynamodb.BatchGetItem/SkyMarshal-Flights:11 before, alone",
        "agent-cargo:2:dynamodb.BatchGetItem/SkyMarshal-Flights:11 after, alone",
    ]


def test_an_execution_is_stopped_with_a_process_where_a_thread_has_something_to_lose() -> None:
    found = [str(strike) for strike in strikes(read_calls(LINES.splitlines()), Course.STOPPED)]
    assert found == [
        "phase-initial:1:dynamodb.PutItem/SkyMarshalCheckpoints:1 after, stopped",
        "phase-initial:1:dynamodb.TransactWriteItems:1 before, stopped",
        "phase-initial:1:dynamodb.TransactWriteItems:1 after, stopped",
    ]


def test_a_strike_is_told_to_the_rider_by_the_thread_and_by_the_disruption(tmp_path) -> None:
    call = Call(function="skymarshal-intake", invocation=1, number=1, name="stepfunctions.StartExecution")
    strike = Strike(call=call, when=When.BEFORE)
    notes = Notes.open(tmp_path, "thread", strike.disruption_id, strike)
    assert (
        tmp_path / strike.disruption_id / "strike"
    ).read_text() == "skymarshal-intake:1:1 stepfunctions.StartExecution before"
    assert not notes.struck
    (tmp_path / "thread" / "calls").write_text(LINES)
    assert notes.count_ended("skymarshal-phase-initial", "skymarshal-agent-cargo") == 1


@pytest.fixture(scope="module")
def run():
    tables = InMemoryTables(generate("small", TODAY, Random(7)))

    def run_to_its_end(disruption_id, outcome):
        store = MemoryStore()
        records = MemoryDecisionRecords()
        runner = InProcessRunner(
            saver=CheckpointSaver(store, clock=system_clock),
            tables=tables,
            clock=system_clock,
            records=records,
        )

        def decide(arbitration):
            return Decision(
                outcome=outcome,
                approver="tests",
                role="duty-manager",
                decided_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
                solution_id=arbitration.recommended if outcome is DecisionOutcome.APPROVED else None,
                reason="the tests say so",
                acknowledged_unverified=True,
            )

        event = {**scenario_event("fog", TODAY), "disruption_id": disruption_id}
        runner.run(parse_event(event, Operations(tables), system_clock(), most_ahead=SAMPLE_AHEAD), decide)
        thread = ThreadManager(store, system_clock).get_thread(thread_id_for(disruption_id))
        return read_outcome(store, thread, records.load)

    return run_to_its_end


@pytest.fixture(scope="module")
def first(run):
    return run("fog-1", DecisionOutcome.APPROVED)


def test_two_runs_of_one_disruption_under_ids_of_their_own_are_alike(run, first) -> None:
    assert differences(first, run("fog-2", DecisionOutcome.APPROVED)) == []
    assert len(first.runs) == len(first.findings) == 15
    assert first.in_line
    twice = replace(first, findings=(*first.findings, first.findings[0]))
    (counted_twice,) = differences(first, twice)
    assert counted_twice.startswith("findings is ")


def test_a_run_that_is_decided_otherwise_is_found_out(run, first) -> None:
    found = differences(first, run("fog-3", DecisionOutcome.REJECTED))
    assert "status is 'rejected' instead of 'completed'" in found
    assert "the record has another decision, another human_override" in found
