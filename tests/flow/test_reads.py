"""A read of the airline's rows or of past decisions is struck, in every worker.

A worker keeps nothing before its work is done, so of its reads one is as good as another: each worker is
struck once, at a different place and in a different way. All else is recalled, as test_lost_answers tells.
"""

from __future__ import annotations

import json

import pytest

from skymarshal.contracts import AGENT_NAMES
from tests.flow.boundary import Fault
from tests.flow.deployed import DeployedFlow, Segment, UndisturbedRun
from tests.flow.operations import ReadRows, tables_on_aws

WORKERS = [
    *((agent, "initial", "Phase 1 - agents", "Phase 2 - agents") for agent in AGENT_NAMES),
    *((agent, "revision", "Phase 2 - agents", "Approval") for agent in AGENT_NAMES),
    ("arbitrator", "arbitration", "Phase 3 - arbitration", "Approval"),
]


@pytest.fixture(scope="module")
def expected(flow: DeployedFlow, undisturbed: UndisturbedRun) -> dict[tuple[str, str], object]:
    """What each worker finds in memory; from here on the rows that they read are on AWS."""
    read = ReadRows(flow.work.tables)
    flow.work.tables = read
    flow.work.anew = frozenset((agent, phase) for agent, phase, *_ in WORKERS)
    flow.begin()
    flow.finish()
    flow.work.tables = tables_on_aws(read)
    return {(agent, phase): flow.finding(phase, agent) for agent, phase, *_ in WORKERS}


def before(undisturbed: UndisturbedRun, state: str) -> Segment:
    return next(segment for segment in undisturbed.segments if segment.state == state)


def of_operations(body: object) -> bool:
    if not isinstance(body, bytes) or b"SkyMarshalCheckpoints" in body:
        return False
    return b'"TableName"' in body or b'"RequestItems"' in body


def of_past_decisions(body: object) -> bool:
    return isinstance(body, bytes) and b"PRECEDENT#" in body


@pytest.mark.parametrize("place", range(len(WORKERS)), ids=lambda place: " ".join(WORKERS[place][:2]))
def test_a_worker_whose_read_is_struck_finds_the_same(
    flow, undisturbed, expected, place, record_property
) -> None:
    agent, phase, state, following = WORKERS[place]
    flow.work.anew = frozenset({(agent, phase)})
    flow.begin(before(undisturbed, state).position)
    flow.boundary.begin(list(Fault)[place % len(Fault)], place % 4, among=of_operations)
    flow.until(following)
    assert flow.boundary.struck
    assert flow.finding(phase, agent) == expected[agent, phase]
    record_property("runs with faults", 1)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_intake_whose_read_is_struck_takes_the_same_disruption_in(
    flow, undisturbed, expected, fault, record_property
) -> None:
    flow.begin()
    flow.boundary.begin(fault, list(Fault).index(fault) % 2, among=of_operations)
    while flow.queue:
        flow.step()
    assert flow.boundary.struck
    assert json.loads(flow.execution.given) == json.loads(
        before(undisturbed, "Phase 1 - dispatch").position.executions[flow.execution.name].given
    )
    record_property("runs with faults", 1)


@pytest.mark.parametrize("fault", [Fault.FAILED, Fault.TIMED_OUT], ids=lambda fault: fault.name)
def test_arbitration_whose_past_decisions_are_out_of_reach_decides_the_same_and_says_so(
    flow, undisturbed, expected, fault, record_property
) -> None:
    segment = before(undisturbed, "Phase 3 - arbitration")
    flow.work.anew = frozenset({("arbitrator", "arbitration")})
    flow.begin(segment.position)
    flow.boundary.begin(fault, among=of_past_decisions)
    flow.finish()
    assert flow.boundary.struck
    (record,) = flow.outcome().records.values()
    (undisturbed_record,) = undisturbed.outcome.records.values()
    assert record.decision == undisturbed_record.decision
    assert record.arbitration.solutions == undisturbed_record.arbitration.solutions
    assert "past decisions" in record.arbitration.knowledge
    record_property("runs with faults", 1)
