"""A client's view of the deployed system: events in, decisions out."""

from __future__ import annotations

import json

import pytest

from skymarshal.checkpoints import thread_id_for
from skymarshal.contracts import AGENT_NAMES
from skymarshal.operations.airline import SCENARIOS
from tests.end_to_end.steps import approval_of, ended, event, record_of, without_times

pytestmark = pytest.mark.embedded_aws


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_both_ways_give_the_same_decision(system, duty_manager, today, in_process, name) -> None:
    detail = event(today, name, f"same-{name}")
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    answer = duty_manager.post(f"/v1/threads/{thread_id}/approve", {"acknowledged_unverified": True})
    assert answer["flow_resumed"] is True
    assert ended(system, detail["disruption_id"])["status"] == "SUCCEEDED"
    deployed = record_of(system, duty_manager, thread_id)
    assert without_times(deployed) == without_times(in_process(detail))


def test_every_step_is_in_the_history(system, duty_manager, today) -> None:
    thread_id = system.publish(event(today, next(iter(SCENARIOS)), "history"))
    approval_of(system, duty_manager, thread_id)
    history = duty_manager.get(f"/v1/threads/{thread_id}/history")
    stages = [entry["stage"] for entry in history["checkpoints"] if entry["agent"] is None]
    assert [stage for stage in stages if stage] == [
        "start",
        "phase1_start",
        "phase1_complete",
        "phase2_start",
        "phase2_complete",
        "phase3_start",
        "phase3_complete",
    ]
    runs = {(run["phase"], run["agent"]): run["state"] for run in history["runs"]}
    expected = {(phase, agent) for phase in ("initial", "revision") for agent in AGENT_NAMES}
    assert runs.keys() == expected | {("arbitration", "arbitrator")}
    assert set(runs.values()) == {"completed"}


def test_an_event_delivered_twice_makes_one_thread(system, duty_manager, today) -> None:
    detail = event(today, next(iter(SCENARIOS)), "twice")
    first, second = system.publish(detail), system.publish(detail)
    assert first == second
    approval_of(system, duty_manager, first)
    history = duty_manager.get(f"/v1/threads/{first}/history")
    assert all(run["attempt"] == 1 for run in history["runs"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"flight_id": "EY404-2026-01-01"}, "flight_id"),
        ({"type": "gremlins"}, "type"),
        ({"details": {"delay": "soon"}}, "details.delay"),
    ],
)
def test_a_refused_event_lies_on_the_dead_letter_queue_with_its_reason(system, today, change, field) -> None:
    disruption_id = f"refused-{field.replace('.', '-')}"
    detail = {**event(today, next(iter(SCENARIOS)), disruption_id), **change}
    system.publish(detail)

    def refused():
        for message in system.dead_letters():
            if json.loads(message["Body"])["detail"]["disruption_id"] == disruption_id:
                return message
        return None

    message = system.wait("the dead letter", refused)
    assert message["MessageAttributes"]["field"]["StringValue"] == field
    assert "expected" in message["MessageAttributes"]["reason"]["StringValue"]
    table = system.client("dynamodb").query(
        TableName=system.outputs["TableName"],
        KeyConditionExpression="PK = :thread",
        ExpressionAttributeValues={":thread": {"S": f"THREAD#{thread_id_for(disruption_id)}"}},
    )
    assert table["Items"] == []


def test_only_a_duty_manager_decides_and_only_once(system, duty_manager, observer, today) -> None:
    detail = event(today, next(iter(SCENARIOS)), "who-decides")
    thread_id = system.publish(detail)
    approval = approval_of(system, duty_manager, thread_id)
    anonymous = type(duty_manager)(system.aws.api_url(system.outputs["ApiId"]), token=None)
    assert anonymous.request("GET", "/v1/threads").status_code == 401
    assert observer.request("GET", f"/v1/threads/{thread_id}").status_code == 200
    assert observer.request("POST", f"/v1/threads/{thread_id}/approve", {}).status_code == 403
    unknown = duty_manager.request("POST", f"/v1/threads/{thread_id}/approve", {"solution_id": "S99"})
    assert unknown.status_code == 400
    assert approval["arbitration"]["recommended"] in unknown.json()["detail"]
    no_reason = duty_manager.request("POST", f"/v1/threads/{thread_id}/reject", {})
    assert no_reason.status_code == 400
    rejected = duty_manager.post(f"/v1/threads/{thread_id}/reject", {"reason": "crew bus stuck"})
    assert rejected["outcome"] == "rejected"
    second = duty_manager.request("POST", f"/v1/threads/{thread_id}/approve", {})
    assert second.status_code == 409
    assert "duty.manager@skymarshal.example" in second.json()["detail"]
    assert ended(system, detail["disruption_id"])["status"] == "SUCCEEDED"
    thread = duty_manager.get(f"/v1/threads/{thread_id}")
    assert (thread["status"], thread["outcome"]) == ("rejected", "rejected")


def test_the_api_takes_disruptions_too(system, duty_manager, observer, today) -> None:
    detail = event(today, next(iter(SCENARIOS)), "by-api")
    assert observer.request("POST", "/v1/disruptions", detail).status_code == 403
    accepted = duty_manager.request("POST", "/v1/disruptions", detail)
    assert accepted.status_code == 202
    approval_of(system, duty_manager, accepted.json()["thread_id"])
    listed = duty_manager.get("/v1/threads", status="awaiting_approval")
    assert accepted.json()["thread_id"] in {thread["thread_id"] for thread in listed["threads"]}


def test_a_body_over_the_limit_is_refused_as_too_large(system, duty_manager, today) -> None:
    detail = {**event(today, next(iter(SCENARIOS)), "large"), "description": "x" * 70_000}
    answer = duty_manager.request("POST", "/v1/disruptions", detail)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/threads/no-such-thread", 404), ("/v1/threads?status=happy", 400), ("/v1/threads?limit=0", 400)],
)
def test_a_wrong_request_is_a_problem_with_its_reason(system, duty_manager, path, status) -> None:
    answer = duty_manager.request("GET", path)
    assert answer.status_code == status
    assert answer.json()["detail"]
