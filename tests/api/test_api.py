"""What the API answers, to whom, and how it refuses."""

from __future__ import annotations

import base64
import importlib
import io
import json

import pytest

from lambdas.api.requests import groups_in
from skymarshal.contracts import MAX_EVENT_BYTES


@pytest.fixture(scope="module")
def asked(threads) -> str:
    return threads.asked("asked", flight="EY1-2026-11-24", airport="AUH")


@pytest.fixture(scope="module")
def many(threads, asked) -> list[str]:
    begun = [threads.begun(f"begun-{number}", flight=f"EY{number % 3}-2026-11-25") for number in range(9)]
    return [asked, *begun, threads.decided("decided", flight="EY1-2026-11-24")]


@pytest.fixture
def call(gateway):
    def called(method, path, body=None, query="", user="duty-manager"):
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = gateway.answer(method, path, query, content, f"Bearer {user}" if user else None)
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return called


def listed(call, query) -> list[str]:
    found, cursor = [], None
    while True:
        status, page, _ = call("GET", "/v1/threads", query=query + (f"&cursor={cursor}" if cursor else ""))
        assert status == 200, page
        found += [thread["thread_id"] for thread in page["threads"]]
        cursor = page["cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_every_thread_once_what_is_urgent_first(call, many, asked, limit) -> None:
    found = listed(call, f"limit={limit}")
    assert sorted(found) == sorted(many)
    assert found[0] == asked
    assert found[-1] == many[-1]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_threads_are_found_by_flight_and_airport_in_any_status(call, many, asked, limit) -> None:
    assert listed(call, f"flight=EY1-2026-11-24&limit={limit}") == [asked, many[-1]]
    assert len(listed(call, f"flight=EY0-2026-11-25&limit={limit}")) == 3
    assert listed(call, f"airport=AUH&limit={limit}") == [asked]
    assert listed(call, f"airport=AUH&status=completed&limit={limit}") == []


@pytest.mark.parametrize(
    "query", ["status=happy", "limit=0", "limit=101", "limit=x", "cursor=x", "cursor=%C3%A9", "colour=red"]
)
def test_a_wrong_question_is_a_problem(call, many, query) -> None:
    status, problem, headers = call("GET", "/v1/threads", query=query)
    assert status == 400
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["detail"]
    assert problem["request_id"] == headers["x-request-id"]


def test_a_thread_is_shown_with_the_agents_of_its_phase(call, threads) -> None:
    thread_id = threads.begun("at-work")
    _, thread, headers = call("GET", f"/v1/threads/{thread_id}")
    assert headers["x-request-id"].startswith("request-")
    assert (thread["status"], thread["phase"], thread["execution"]) == ("active", "initial", "at-work")
    assert len(thread["agents"]) == 7
    assert {run["state"] for run in thread["agents"]} == {"completed"}


def test_every_checkpoint_of_the_history_is_shown_with_its_assessments(call, asked) -> None:
    _, history, _ = call("GET", f"/v1/threads/{asked}/history")
    ids = [entry["checkpoint_id"] for entry in history["checkpoints"] if entry["agent"] is None]
    seen = []
    for checkpoint_id in ids:
        status, shown, _ = call("GET", f"/v1/threads/{asked}/checkpoints/{checkpoint_id}")
        assert status == 200
        seen.append(len(shown["assessments"]))
    assert seen == sorted(seen)
    assert seen[-1] == 14
    status, problem, _ = call("GET", f"/v1/threads/{asked}/checkpoints/1f1e720c-e3a5-6571-8006-000000000000")
    assert status == 404
    assert problem["title"] == "Not Found"


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("POST", "/threads/{}/approve", {}),
        ("POST", "/threads/{}/reject", {"reason": "no"}),
        ("POST", "/threads/{}/override", {"instruction": "this", "reason": "no"}),
        ("POST", "/threads/{}/resume", {}),
        ("POST", "/threads/{}/outcome", {"status": "as_planned"}),
        ("POST", "/disruptions", {"disruption_id": "D"}),
    ],
)
def test_who_may_not_decide_is_refused(call, asked, method, action, body) -> None:
    path = f"/v1{action.format(asked)}"
    assert call(method, path, body, user="observer")[0] == 403
    assert call(method, path, body, user="nobody")[0] == 403
    assert call(method, path, body, user="an-access-token")[0] == 403
    assert call(method, path, body, user=None)[0] == 401
    assert call(method, path, body, user="a-forged-token")[0] == 401


def test_who_decides_is_known_from_the_token_and_never_from_the_body(call, threads) -> None:
    thread_id = threads.asked("by-token")
    path = f"/v1/threads/{thread_id}/approve"
    status, problem, _ = call("POST", path, {"approver": "somebody else"})
    assert (status, "approver is not known here" in problem["detail"]) == (400, True)
    status, receipt, _ = call("POST", path, {"comment": "go"})
    assert (status, receipt["approver"]) == (200, "duty.manager@skymarshal.example")
    status, problem, _ = call("POST", f"/v1/threads/{thread_id}/reject", {"reason": "late"})
    assert status == 409
    assert "duty.manager@skymarshal.example" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"disruption_id": "\\ud800"}', 400),
        (b"[" * 5_000, 400),
        (b'{"disruption_id": "D", "details": ' + b'{"a": ' * 3_000 + b"1" + b"}" * 3_001, 400),
        (b'{"disruption_id": "D", "details": ' + b'{"a": ' * 40 + b"1" + b"}" * 41, 400),
        (b'{"disruption_id": "D", "details": {"delay": ' + b"7" * 5_000 + b"}}", 400),
        (b'{"disruption_id": "D", "details": {"delay": NaN}}', 400),
        ({}, 400),
        ({"disruption_id": 7}, 400),
        ({"disruption_id": "not an id"}, 400),
        ({"disruption_id": "D", "type": "gremlins"}, 400),
        ({"disruption_id": "D", "description": "x" * MAX_EVENT_BYTES}, 413),
        ({"disruption_id": "D", "text": "EY283 has a leak"}, 202),
    ],
)
def test_a_disruption_is_read_before_it_is_accepted(call, body, status) -> None:
    assert call("POST", "/v1/disruptions", body)[0] == status


def test_a_token_that_does_not_say_who_it_is_shows_nothing(call, asked) -> None:
    status, problem, _ = call("GET", f"/v1/threads/{asked}", user="an-access-token")
    assert (status, problem["detail"]) == (403, "the token is for 'access': expected one for 'id'")


def test_an_address_that_is_not_verified_is_nobodys_name(call, asked) -> None:
    """A user may change the address of the own account, and so to a colleague's."""
    status, problem, _ = call("POST", f"/v1/threads/{asked}/approve", {}, user="an-unverified-address")
    assert status == 403
    assert "duty.manager@skymarshal.example is not verified" in problem["detail"]


def test_health_needs_no_token(call) -> None:
    assert call("GET", "/v1/health", user=None)[:2] == (200, {"status": "ok"})


READS = ["/threads", "/threads/{}", "/threads/{}/history", "/threads/{}/approval", "/threads/{}/report"]


@pytest.mark.parametrize("action", READS)
@pytest.mark.parametrize("user", ["no-group", "another-group", "nobody"])
def test_who_is_in_no_group_that_reads_sees_nothing(call, asked, action, user) -> None:
    status, problem, _ = call("GET", f"/v1{action.format(asked)}", user=user)
    assert status == 403
    assert "may not read: that takes a duty-manager or admin or observer" in problem["detail"]


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("[duty-manager]", ("duty-manager",)),
        ("[observer duty-manager]", ("observer", "duty-manager")),
        ("[x,duty-manager]", ("x,duty-manager",)),
        ("[[duty-manager]]", ("[duty-manager]",)),
        ("[duty-manager]]", ("duty-manager]",)),
        ("[x;duty-manager]", ("x;duty-manager",)),
        ("[x\u00a0duty-manager]", ("x\u00a0duty-manager",)),
        ("[]", ()),
        ("", ()),
        ("duty-manager", ()),
        (["duty-manager", "admin"], ("'duty-manager',", "'admin'")),
    ],
)
def test_groups_are_read_as_api_gateway_writes_them_and_no_name_makes_two(claim, groups) -> None:
    """Cognito allows letters, marks, symbols, numbers and punctuation in a name, and so no blank."""
    assert groups_in({"cognito:groups": claim}) == groups


def test_an_empty_solution_is_none_and_not_the_recommended_one(call, threads) -> None:
    thread_id = threads.asked("empty-solution")
    status, problem, _ = call("POST", f"/v1/threads/{thread_id}/approve", {"solution_id": ""})
    assert (status, "solution_id" in problem["detail"]) == (400, True)
    assert call("GET", f"/v1/threads/{thread_id}/approval")[1]["decision"] is None


@pytest.mark.parametrize(
    "nothing", ["", " ", "\u200b\u200b", "\u00a0\t\n", "\u0007", "\u202e", "\u3164", "...", "\ufeff\u2060"]
)
def test_a_reason_that_says_nothing_is_refused(call, asked, nothing) -> None:
    for action, body in (
        ("reject", {"reason": nothing}),
        ("override", {"reason": nothing, "instruction": "Ferry it"}),
        ("override", {"reason": "as agreed", "instruction": nothing}),
    ):
        status, problem, _ = call("POST", f"/v1/threads/{asked}/{action}", body)
        assert status == 400, problem


def test_a_cursor_without_end_is_a_wrong_question(call, many) -> None:
    inner = base64.urlsafe_b64encode(b"[" * 3_000).decode()
    for place in (b"[" * 3_000, json.dumps({"inner": inner}).encode(), b'{"a":' * 3_000):
        cursor = base64.urlsafe_b64encode(place).decode()
        assert call("GET", "/v1/threads", query=f"cursor={cursor}")[0] == 400


@pytest.fixture
def lines():
    """The lines of the log, as the functions write them."""
    observability = importlib.import_module("lambdas.observability")
    stream, handler = io.StringIO(), observability.logger.registered_handler
    before, level = handler.setStream(stream), observability.logger.log_level
    observability.logger.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)
    observability.logger.setLevel(level)


def test_the_log_says_who_decided_what_and_nothing_that_was_said_in_words(call, threads, lines) -> None:
    thread_id = threads.asked("audited")
    path = f"/v1/threads/{thread_id}"
    assert call("POST", f"{path}/approve", {"solution_id": "S2", "comment": "Confidential words"})[0] == 200
    assert call("POST", f"{path}/reject", {"reason": "Confidential words"})[0] == 409
    said = lines()
    (decided,) = [line for line in said if line["message"] == "audit"]
    assert {name: decided[name] for name in ("action", "actor", "role", "decision", "choice")} == {
        "action": "decide",
        "actor": "duty.manager@skymarshal.example",
        "role": "duty-manager",
        "decision": "selected",
        "choice": "S2",
    }
    assert (decided["thread_id"], decided["disruption_id"]) == (thread_id, "audited")
    (refused,) = [line for line in said if line["message"] == "refused"]
    assert (refused["actor"], refused["status"]) == ("duty.manager@skymarshal.example", 409)
    assert "Confidential" not in json.dumps(said)


def test_the_log_says_who_reported_and_who_resumed(call, threads, lines) -> None:
    assert call("POST", "/v1/disruptions", {"disruption_id": "told", "text": "EY283 has a leak"})[0] == 202
    assert call("POST", f"/v1/threads/{threads.begun('stuck')}/resume", {})[0] in (202, 409)
    actions = {line["action"]: line for line in lines() if line["message"] == "audit"}
    assert actions["report"]["disruption_id"] == "told"
    assert actions.get("resume", actions["report"])["actor"] == "duty.manager@skymarshal.example"
