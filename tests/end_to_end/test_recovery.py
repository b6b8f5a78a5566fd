"""Whatever dies, the thread goes on and ends in the same decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from skymarshal.checkpoints import thread_id_for
from skymarshal.operations.airline import SCENARIOS
from skymarshal.orchestration.resuming import successor_of
from tests.end_to_end.steps import approval_of, ended, event, record_of, without_times

pytestmark = pytest.mark.embedded_aws

SCENARIO = next(iter(SCENARIOS))


def stop(system, disruption_id) -> None:
    arn = system.execution(disruption_id)["executionArn"]
    system.client("stepfunctions").stop_execution(executionArn=arn, cause="a test")
    ended(system, disruption_id)


def told_of_its_end(system, portal, thread_id):
    """Wait until the thread says that its execution was stopped, and return it."""

    def left():
        thread = portal.get(f"/v1/threads/{thread_id}")
        return thread if thread.get("error") else None

    thread = system.wait(f"the end of the execution of {thread_id}", left)
    assert thread["error"].startswith("execution ABORTED")
    return thread


def skymarshal(system, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as an operator does, with what the stacks put out."""
    environment = {
        **system.aws.environment,
        "PATH": os.environ["PATH"],
        "CHECKPOINT_MODE": "production",
        "CHECKPOINT_TABLE_NAME": system.outputs["TableName"],
        "CHECKPOINT_S3_BUCKET": system.outputs["BucketName"],
        "STATE_MACHINE_ARN": system.outputs["StateMachineArn"],
        "DEAD_LETTER_QUEUE_URL": system.outputs["DeadLetterQueueUrl"],
        "QUEUE_URL": system.outputs["QueueUrl"],
    }
    command = [str(Path(sys.executable).with_name("skymarshal")), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_thread_whose_execution_was_stopped_at_the_approval_is_resumed_by_the_api(
    system, duty_manager, observer, today, in_process
) -> None:
    detail = event(today, SCENARIO, "stopped-asking")
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    running = duty_manager.request("POST", f"/v1/threads/{thread_id}/resume", {})
    assert running.status_code == 409
    assert "is running" in running.json()["detail"]
    stop(system, detail["disruption_id"])
    assert told_of_its_end(system, duty_manager, thread_id)["status"] == "awaiting_approval"
    assert observer.request("POST", f"/v1/threads/{thread_id}/resume", {}).status_code == 403
    resumed = duty_manager.post(f"/v1/threads/{thread_id}/resume", {})
    assert resumed["execution"] == successor_of(detail["disruption_id"], 1)
    approval_of(system, duty_manager, thread_id)
    answer = duty_manager.post(f"/v1/threads/{thread_id}/approve", {"acknowledged_unverified": True})
    assert answer["flow_resumed"] is True
    assert ended(system, resumed["execution"])["status"] == "SUCCEEDED"
    decided = record_of(system, duty_manager, thread_id)
    assert without_times(decided) == without_times(in_process(detail))
    history = duty_manager.get(f"/v1/threads/{thread_id}/history")
    (recovery,) = history["recoveries"]
    assert recovery["by"] == "duty.manager@skymarshal.example"
    assert recovery["outcome"] == "concluded"
    assert recovery["from_checkpoint"] == resumed["from_checkpoint"]
    assert recovery["ran_again"] == []
    assert all(run["attempt"] == 1 for run in history["runs"])


def test_a_thread_whose_execution_was_stopped_among_the_agents_is_resumed_by_the_command_line(
    system, duty_manager, today, in_process
) -> None:
    detail = event(today, SCENARIO, "stopped-working")
    thread_id = system.publish(detail)
    path = f"/v1/threads/{thread_id}"
    system.wait("the thread", lambda: duty_manager.request("GET", path).status_code == 200)
    stop(system, detail["disruption_id"])
    assert told_of_its_end(system, duty_manager, thread_id)["status"] == "failed"
    assert thread_id in json.dumps(duty_manager.get("/v1/threads", status="failed"))
    done = skymarshal(system, "resume", thread_id, "--by", "olga")
    assert done.returncode == 0, done.stderr
    assert successor_of(detail["disruption_id"], 1) in done.stdout
    approval_of(system, duty_manager, thread_id)
    duty_manager.post(f"{path}/approve", {"acknowledged_unverified": True})
    assert ended(system, successor_of(detail["disruption_id"], 1))["status"] == "SUCCEEDED"
    decided = record_of(system, duty_manager, thread_id)
    assert without_times(decided) == without_times(in_process(detail))
    (recovery,) = duty_manager.get(f"{path}/history")["recoveries"]
    assert (recovery["by"], recovery["outcome"]) == ("olga", "concluded")
    nothing = skymarshal(system, "resume", thread_id)
    assert nothing.returncode == 2
    assert "has ended as completed" in nothing.stderr


def test_a_decision_counts_and_starts_a_successor_although_the_execution_has_died(
    system, duty_manager, today
) -> None:
    detail = event(today, SCENARIO, "died-waiting")
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    stop(system, detail["disruption_id"])
    answer = duty_manager.post(f"/v1/threads/{thread_id}/reject", {"reason": "handled by phone"})
    assert answer["flow_resumed"] is True
    assert ended(system, successor_of(detail["disruption_id"], 1))["status"] == "SUCCEEDED"
    thread = duty_manager.get(f"/v1/threads/{thread_id}")
    assert (thread["status"], thread["recoveries"]) == ("rejected", 1)


def test_a_dead_letter_is_sent_again_once_what_was_wrong_is_put_right(system, duty_manager, today) -> None:
    detail = event(today, SCENARIO, "redriven")
    flights = "SkyMarshal-Flights"
    dynamodb = system.client("dynamodb")
    key = {"flight_id": {"S": detail["flight_id"]}}
    flight = dynamodb.get_item(TableName=flights, Key=key)["Item"]
    dynamodb.delete_item(TableName=flights, Key=key)
    try:
        system.publish(detail)
        letters = lambda: "redriven" in json.dumps(system.dead_letters())  # noqa: E731
        system.wait("the dead letter", letters)
    finally:
        dynamodb.put_item(TableName=flights, Item=flight)
    done = skymarshal(system, "redrive")
    assert done.returncode == 0, done.stderr
    assert "flight_id: " in done.stdout
    approval_of(system, duty_manager, thread_id_for("redriven"))
