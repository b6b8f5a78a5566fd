"""What rides along in the functions' processes numbers their calls, and ends a process at the one named."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.chaos import rider

# A function's process: two calls for each event, of a service that knows one answer.
PROCESS = """
import http.server, json, runpy, sys, threading
import boto3

class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open(f"{notes}/made", "a") as made:
            made.write(".")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
script, notes, events = sys.argv[1:]
wrap = runpy.run_path(script)["accompany"]("skymarshal-agent-cargo", notes)
client = boto3.client(
    "dynamodb",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    region_name="eu-west-1",
    aws_access_key_id="a",
    aws_secret_access_key="b",
)

def handler(event, context):
    client.get_item(TableName="SkyMarshal-Flights", Key={"flight_id": {"S": "F"}})
    client.list_tables()

for event in json.loads(events):
    wrap(handler)(event, None)
"""

CARGO = "skymarshal-agent-cargo"


def process(notes: Path, events: Sequence[Mapping[str, Any]]) -> int:
    command = [sys.executable, "-c", PROCESS, str(rider.__file__), str(notes), json.dumps(events)]
    return subprocess.run(command, check=False, timeout=60).returncode


@pytest.fixture
def watched(tmp_path):
    folder = tmp_path / "thread"
    folder.mkdir()
    (tmp_path / "fog-1").symlink_to("thread", target_is_directory=True)
    return folder


def test_the_calls_for_a_watched_thread_are_numbered_and_others_are_not(tmp_path, watched) -> None:
    message = {"body": json.dumps({"detail": {"disruption_id": "fog-1"}})}
    decision = {"rawPath": "/v1/threads/thread/approve", "requestContext": {"http": {"method": "POST"}}}
    look = {**decision, "requestContext": {"http": {"method": "GET"}}}
    of_nobody = [{"thread_id": "another"}, {"Records": [message, message]}, look, {}]
    assert process(tmp_path, [{"thread_id": "thread"}, *of_nobody, {"Records": [message]}, decision]) == 0
    expected = []
    for invocation in (1, 2, 3):
        expected += [
            f"{CARGO} begun",
            f"{CARGO}:{invocation}:1 dynamodb.GetItem SkyMarshal-Flights",
            f"{CARGO}:{invocation}:1 dynamodb.ListTables",
            f"{CARGO}:{invocation} ended",
        ]
    assert (watched / "calls").read_text().splitlines() == expected


@pytest.mark.parametrize(("when", "made"), [("before", 3), ("after", 4)])
def test_a_process_is_killed_at_the_call_that_is_named_and_once_only(tmp_path, watched, when, made) -> None:
    (watched / "strike").write_text(f"{CARGO}:2:1 dynamodb.ListTables {when}")
    events = [{"thread_id": "thread"}, {"thread_id": "thread"}, {"thread_id": "thread"}]
    assert process(tmp_path, events) == -signal.SIGKILL
    assert (watched / "calls").read_text().splitlines()[-1].startswith(f"{CARGO}:2:1 dynamodb.ListTables")
    assert (watched / "struck").exists()
    assert len((tmp_path / "made").read_text()) == made
    (watched / "calls").unlink()
    assert process(tmp_path, events) == 0
