"""What is stored can be damaged or gone: it is said by name, and what can still be done is done."""

from __future__ import annotations

import json

import boto3
import pytest

from skymarshal.checkpoints import ThreadStatus
from tests.flow.deployed import BUCKET
from tests.store.backends import TABLE

DAMAGED = "urn:skymarshal:problem:damaged-checkpoint"


@pytest.fixture
def call(gateway):
    def called(method, path, body=None, user="duty-manager"):
        content = b"" if body is None else json.dumps(body).encode()
        answer = gateway.answer(method, path, "", content, f"Bearer {user}")
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return called


def items(thread_id: str, part: str) -> list[dict]:
    table = boto3.resource("dynamodb").Table(TABLE)
    found = table.query(
        KeyConditionExpression="PK = :pk", ExpressionAttributeValues={":pk": f"THREAD#{thread_id}"}
    )["Items"]
    return [item for item in found if part in item["SK"]]


def damage(thread_id: str, part: str) -> int:
    """Alter one byte of every blob of the items whose key holds `part`."""
    table = boto3.resource("dynamodb").Table(TABLE)
    damaged = items(thread_id, part)
    for item in damaged:
        for name, value in item.items():
            if hasattr(value, "value") and len(value.value) > 20:
                item[name] = value.value[:-1] + bytes([value.value[-1] ^ 1])
        table.put_item(Item=item)
    return len(damaged)


def finalised(threads, thread_id: str):
    threads.wiring.finaliser().conclude(thread_id)
    return threads.wiring.threads().get_thread(thread_id)


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("reject", {"reason": "None of these"}, ThreadStatus.REJECTED),
        ("override", {"reason": "None of these", "instruction": "Ferry it"}, ThreadStatus.COMPLETED),
    ],
)
def test_of_a_damaged_arbitration_nothing_is_approved_and_all_else_is_decided(
    call, threads, verb, body, status
) -> None:
    thread_id = threads.asked(f"damaged-{verb}")
    assert damage(thread_id, "#X#D#arbitrator#") == 1
    path = f"/v1/threads/{thread_id}"
    for method, what, given in (
        ("POST", "approve", {}),
        ("POST", "approve", {"solution_id": "S1"}),
        ("GET", "approval", None),
    ):
        answered, problem, headers = call(method, f"{path}/{what}", given)
        assert (answered, problem["type"]) == (409, DAMAGED)
        assert headers["Content-Type"] == "application/problem+json"
        assert "checksum" in problem["detail"]
    answered, receipt, _ = call("POST", f"{path}/{verb}", body)
    assert (answered, receipt["approver"]) == (200, "duty.manager@skymarshal.example")
    assert finalised(threads, thread_id).status is status
    answered, report, _ = call("GET", f"{path}/report")
    assert answered == 200
    assert "damaged and cannot be shown" in report["record"]["arbitration"]["justification"]


def test_a_damaged_assessment_keeps_nobody_from_rejecting(call, threads) -> None:
    thread_id = threads.asked("damaged-assessment")
    assert damage(thread_id, "#X#D#cargo#") >= 1
    assert call("POST", f"/v1/threads/{thread_id}/reject", {"reason": "None of these"})[0] == 200
    assert finalised(threads, thread_id).status is ThreadStatus.REJECTED


def test_a_damaged_token_keeps_nobody_from_deciding(call, threads) -> None:
    thread_id = threads.asked("damaged-token")
    assert damage(thread_id, "#X#D#token#") == 1
    answered, receipt, _ = call("POST", f"/v1/threads/{thread_id}/approve", {})
    assert (answered, receipt["outcome"]) == (200, "approved")
    assert finalised(threads, thread_id).status is ThreadStatus.COMPLETED


def test_a_damaged_decision_is_a_problem_with_a_name(call, threads) -> None:
    thread_id = threads.asked("damaged-decision")
    assert call("POST", f"/v1/threads/{thread_id}/reject", {"reason": "None"})[0] == 200
    assert damage(thread_id, "#X#D#decision#") == 1
    for verb, body in (("approve", {}), ("reject", {"reason": "None"})):
        answered, problem, _ = call("POST", f"/v1/threads/{thread_id}/{verb}", body)
        assert (answered, problem["type"]) == (409, DAMAGED)


def test_a_damaged_checkpoint_is_a_problem_with_a_name_and_the_thread_is_decided(call, threads) -> None:
    thread_id = threads.asked("damaged-checkpoint")
    assert damage(thread_id, "#S") > 1
    assert call("GET", f"/v1/threads/{thread_id}")[0] == 200
    (head, *_) = [item["SK"].split("#")[2] for item in items(thread_id, "#S")]
    answered, problem, _ = call("GET", f"/v1/threads/{thread_id}/checkpoints/{head}")
    assert (answered, problem["type"]) == (409, DAMAGED)
    words = {"reason": "No", "instruction": "Go"}
    assert call("POST", f"/v1/threads/{thread_id}/override", words)[0] == 200


def test_a_damaged_thread_is_a_problem_and_hides_no_other(call, threads) -> None:
    thread_id, other = threads.begun("damaged-thread"), threads.begun("whole-thread")
    table = boto3.resource("dynamodb").Table(TABLE)
    (item,) = [each for each in items(thread_id, "THREAD") if each["SK"] == "THREAD"]
    item["status"] = "torn"
    table.put_item(Item=item)
    answered, problem, _ = call("GET", f"/v1/threads/{thread_id}")
    assert (answered, problem["type"]) == (409, DAMAGED)
    answered, page, _ = call("GET", "/v1/threads")
    assert answered == 200
    assert other in {thread["thread_id"] for thread in page["threads"]}


def test_a_record_that_is_gone_or_damaged_is_said_to_be_so(call, threads) -> None:
    thread_id = threads.decided("gone-record")
    name = threads.wiring.threads().get_thread(thread_id).details["record"]
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key=name, Body=b"{")
    told = {"status": "as_planned"}
    for method, what, body in (("GET", "report", None), ("POST", "outcome", told)):
        answered, problem, _ = call(method, f"/v1/threads/{thread_id}/{what}", body)
        assert (answered, problem["type"]) == (409, "urn:skymarshal:problem:damaged-record")
        assert name in problem["detail"]
    s3.delete_object(Bucket=BUCKET, Key=name)
    for method, what, body in (("GET", "report", None), ("POST", "outcome", told)):
        answered, problem, _ = call(method, f"/v1/threads/{thread_id}/{what}", body)
        assert (answered, problem["type"]) == (410, "urn:skymarshal:problem:record-gone")
        assert f"{name!r} is gone" in problem["detail"]


def test_every_problem_has_a_type(call, threads) -> None:
    assert call("GET", "/v1/threads/none")[1]["type"] == "urn:skymarshal:problem:thread-not-found"
    refused = call("POST", f"/v1/threads/{threads.begun('typed')}/reject", {})
    assert refused[1]["type"] == "urn:skymarshal:problem:bad-request"
