"""The same thing delivered many times at once, from processes of their own, happens once."""

from __future__ import annotations

import json
import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import boto3
import msgspec
import pytest

from local.portal import Portal
from skymarshal.checkpoints import thread_id_for
from skymarshal.contracts import AGENT_NAMES, DISRUPTION_DETAIL_TYPE, DISRUPTION_SOURCE
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import DynamoDBTables, Operations
from skymarshal.operations.airline import SCENARIOS
from skymarshal.ports import system_clock
from tests.end_to_end.steps import approval_of, ended, event

pytestmark = pytest.mark.embedded_aws

SCENARIO = next(iter(SCENARIOS))
PROCESSES = 4
THREAD = {"execution": "out-of-order", "attempt": 1}


@pytest.fixture(scope="module")
def at_once():
    """Do work for several arguments, as many at once as there are processes."""
    with ProcessPoolExecutor(max_workers=PROCESSES, mp_context=get_context("spawn")) as pool:
        yield lambda work, arguments: list(pool.map(work, arguments))


def shuffled(things):
    return random.Random(1).sample(things, len(things))


def _publish(given):
    connection, bus, details = given
    events = boto3.client("events", **connection)
    for detail in details:
        events.put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": DISRUPTION_SOURCE,
                    "DetailType": DISRUPTION_DETAIL_TYPE,
                    "Detail": json.dumps(detail),
                }
            ]
        )


def _decide(given):
    url, token, path, body = given
    portal = Portal(url, token)
    return portal.request("POST", path, body).status_code


def _invoke(given):
    connection, function, payload = given
    answer = boto3.client("lambda", **connection).invoke(FunctionName=function, Payload=json.dumps(payload))
    return "FunctionError" in answer, json.loads(answer["Payload"].read())


def test_events_published_by_several_processes_in_any_order_make_one_thread_each(
    system, duty_manager, today, at_once
) -> None:
    details = [event(today, SCENARIO, f"storm-{number}") for number in range(3)]
    deliveries = []
    for seed in range(PROCESSES):
        shuffled = [*details, *details]
        random.Random(seed).shuffle(shuffled)
        deliveries.append((dict(system.aws.connection), system.outputs["BusName"], shuffled))
    at_once(_publish, deliveries)
    machine = system.outputs["StateMachineArn"]
    for detail in details:
        thread_id = system.publish(detail)
        approval_of(system, duty_manager, thread_id)
        history = duty_manager.get(f"/v1/threads/{thread_id}/history")
        assert len(history["runs"]) == 2 * len(AGENT_NAMES) + 1
        assert all(run["attempt"] == 1 for run in history["runs"])
    executions = system.client("stepfunctions").list_executions(stateMachineArn=machine, maxResults=1000)
    names = [each["name"] for each in executions["executions"] if each["name"].startswith("storm-")]
    assert sorted(names) == ["storm-0", "storm-1", "storm-2"]


def test_of_decisions_at_once_one_is_taken_and_the_others_are_told(
    system, duty_manager, today, at_once
) -> None:
    detail = event(today, SCENARIO, "all-decide")
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    users = [system.portal(f"manager{number}@skymarshal.example", "duty-manager") for number in range(4)]
    url = system.aws.api_url(system.outputs["ApiId"])
    asked = [
        (url, user.token, f"/v1/threads/{thread_id}/reject", {"reason": f"by {number}"})
        for number, user in enumerate(users)
    ]
    assert sorted(at_once(_decide, asked)) == [200, 409, 409, 409]
    assert ended(system, detail["disruption_id"])["status"] == "SUCCEEDED"
    decision = duty_manager.get(f"/v1/threads/{thread_id}/approval")["decision"]
    assert decision["approver"].startswith("manager")


def test_agents_and_joins_called_at_once_count_once(system, duty_manager, today, at_once) -> None:
    connection = dict(system.aws.connection)
    tables = DynamoDBTables(system.client("dynamodb"), "SkyMarshal-")
    detail = event(today, SCENARIO, "called-twice")
    reported = parse_event(detail, Operations(tables), system_clock(), most_ahead=SAMPLE_AHEAD)
    disruption = msgspec.to_builtins(reported)
    begin = {"thread_id": "", "execution": "called-twice", "disruption": disruption}
    begun = at_once(_invoke, [(connection, "skymarshal-phase-initial", begin)] * PROCESSES)
    (advance, *_) = [answer for failed, answer in begun if not failed]
    calls = [
        (connection, f"skymarshal-agent-{item['agent'].replace('_', '-')}", item)
        for item in advance["items"]
        for _ in range(2)
    ]
    at_once(_invoke, shuffled(calls))
    join = {"thread_id": advance["thread_id"], "execution": "called-twice", "attempt": 1}
    joined = at_once(_invoke, [(connection, "skymarshal-phase-revision", join)] * PROCESSES)
    assert {failed or answer["complete"] for failed, answer in joined} <= {True}
    assert any(not failed for failed, _ in joined)
    history = duty_manager.get(f"/v1/threads/{advance['thread_id']}/history")
    stages = [entry["stage"] for entry in history["checkpoints"] if entry["agent"] is None]
    assert [stage for stage in stages if stage] == [
        "start",
        "phase1_start",
        "phase1_complete",
        "phase2_start",
    ]
    initial = [run for run in history["runs"] if run["phase"] == "initial"]
    assert {run["agent"] for run in initial} == set(AGENT_NAMES)
    assert all(run["attempt"] == 1 for run in initial)


def test_agents_and_joins_that_come_early_late_and_out_of_order_change_nothing(
    system, duty_manager, today, at_once
) -> None:
    connection = dict(system.aws.connection)
    detail = event(today, SCENARIO, "out-of-order")
    tables = DynamoDBTables(system.client("dynamodb"), "SkyMarshal-")
    reported = parse_event(detail, Operations(tables), system_clock(), most_ahead=SAMPLE_AHEAD)
    disruption = msgspec.to_builtins(reported)
    begin = {"thread_id": "", "execution": "out-of-order", "disruption": disruption}
    _, begun = _invoke((connection, "skymarshal-phase-initial", begin))
    thread_id = begun["thread_id"]

    def join(phase: str):
        return connection, f"skymarshal-phase-{phase}", {**THREAD, "thread_id": thread_id}

    def agents(items):
        return [(connection, f"skymarshal-agent-{item['agent'].replace('_', '-')}", item) for item in items]

    def history():
        found = duty_manager.get(f"/v1/threads/{thread_id}/history")
        return found["checkpoints"], found["runs"], [run for run in found["runs"] if run["attempt"] != 1]

    # The join of phase 2 comes before anything of phase 1 is joined.
    first = shuffled([*agents(begun["items"]), *agents(begun["items"]), *[join("arbitration")] * 3])
    answers = dict(zip(map(repr, first), at_once(_invoke, first), strict=True))
    failed, answer = answers[repr(join("arbitration"))]
    assert (failed, answer["errorType"]) == (True, "NothingPending")
    at_once(_invoke, [join("revision")] * PROCESSES)
    _, joined = _invoke(join("revision"))
    # Everything of phase 1 comes again while phase 2 is at work.
    second = shuffled(
        [*agents(joined["items"]), *agents(joined["items"]), *agents(begun["items"]), *[join("revision")] * 3]
    )
    at_once(_invoke, second)
    at_once(_invoke, [join("arbitration")] * PROCESSES)
    _, arbitrated = _invoke(join("arbitration"))
    assert arbitrated["complete"] is True
    before = history()
    late = [*agents(begun["items"]), *agents(joined["items"]), join("revision"), join("arbitration")]
    at_once(_invoke, shuffled([*late, *late]))
    assert history() == before
    checkpoints, runs, again = before
    stages = [entry["stage"] for entry in checkpoints if entry["agent"] is None and entry["stage"]]
    assert stages == [
        "start",
        "phase1_start",
        "phase1_complete",
        "phase2_start",
        "phase2_complete",
        "phase3_start",
        "phase3_complete",
    ]
    assert {run["state"] for run in runs} == {"completed"}
    assert len(runs) == 2 * len(AGENT_NAMES) + 1
    assert [run for run in again if run["agent"] != "arbitrator"] == []


def test_a_decision_that_comes_early_many_times_and_late_counts_once(
    system, duty_manager, today, at_once
) -> None:
    detail = event(today, SCENARIO, "decided-often")
    url, token = system.aws.api_url(system.outputs["ApiId"]), duty_manager.token
    path = f"/v1/threads/{thread_id_for(detail['disruption_id'])}"
    approve = (url, token, f"{path}/approve", {"acknowledged_unverified": True})
    reject = (url, token, f"{path}/reject", {"reason": "none of these"})
    assert set(at_once(_decide, [approve, reject])) == {404}
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    assert at_once(_decide, [approve] * PROCESSES) == [200] * PROCESSES
    assert ended(system, detail["disruption_id"])["status"] == "SUCCEEDED"
    late = shuffled([approve, reject, approve, reject])
    assert [status for status, one in zip(at_once(_decide, late), late, strict=True) if one is reject] == [
        409,
        409,
    ]
    history = duty_manager.get(f"{path}/history")
    stages = [entry["stage"] for entry in history["checkpoints"] if entry["agent"] is None]
    assert stages.count("decided") == 1
    assert (history["thread"]["outcome"], history["recoveries"]) == ("approved", [])
