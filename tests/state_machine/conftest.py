"""The synthesized state machine on moto's interpreter, with our handlers over moto's DynamoDB and S3."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any

import boto3
import msgspec
import pytest

from skymarshal import aws
from skymarshal.checkpoints import AgentRuns, CheckpointSaver, ThreadManager, thread_id_for
from skymarshal.checkpoints.backends import aws_store
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import DecisionRecord
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import generate, scenario_event
from skymarshal.orchestration.announcements import SilentAnnouncer
from skymarshal.orchestration.approvals import Approvals, NoFlow
from tests.flow.boundary import Died
from tests.flow.clock import VirtualTime
from tests.flow.deployed import ACCOUNT, BUCKET, BUS, CLAIMS, REGION, TABLE, moto_aws
from tests.flow.functions import Functions, Remembered
from tests.flow.synthesis import Synthesis, synthesized
from tests.state_machine.moto_lambda import lambda_calls

TODAY = date(2026, 11, 23)
_MOTO = {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}
_LONGEST_WAIT_SECONDS = 120


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesized(tmp_path_factory.mktemp("synthesis"))


@pytest.fixture(scope="session")
def tables() -> InMemoryTables:
    return InMemoryTables(generate("small", TODAY, Random(7)))


@pytest.fixture(scope="session")
def found(tables: InMemoryTables):
    """What the agents find, remembered from test to test."""
    return Remembered(tables)


class Deployment:
    """The deployed flow: disruptions in, executions and threads to look at, a duty manager's requests."""

    def __init__(self, synthesis: Synthesis, tables: InMemoryTables, found) -> None:
        self.time = VirtualTime()
        self.failures: dict[tuple[AgentName, Phase], int] = {}
        self.attempts: dict[tuple[AgentName, Phase], int] = {}
        self.before: dict[str, list[Any]] = {}
        self.called: list[str] = []
        self.notices: list[dict[str, str]] = []
        self.dies_once: tuple[AgentName, Phase] | None = None
        self._meanwhile: list[Callable[[], object]] = []
        self._one_at_a_time = threading.Lock()
        self._found = found
        self._functions = Functions(synthesis.handlers, self.time, self._provide)
        self._definition = copy.deepcopy(dict(synthesis.definition))
        self._tables = tables
        self._stepfunctions = boto3.client("stepfunctions")
        self._s3 = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        boto3.client("dynamodb").create_table(TableName=TABLE, **synthesis.table)
        boto3.client("events").create_event_bus(Name=BUS)
        boto3.client("sns").create_topic(Name="approvals")
        aws.attach(self)
        self.store = aws_store(TABLE, BUCKET, sleep=self.time.sleep)
        self.threads = ThreadManager(self.store, self.time)
        self.runs = AgentRuns(self.store, self.time)
        self.saver = CheckpointSaver(self.store, clock=self.time)
        self._functions.start()

    @property
    def states(self) -> dict[str, Any]:
        """The definition's states, which a test may change before it reports a disruption."""
        return self._definition["States"]

    def report(self, name: str = "fog") -> str:
        """Start the execution of a disruption as intake does, and return its ARN."""
        event, operations = scenario_event(name, TODAY), Operations(self._tables)
        disruption = parse_event(event, operations, self.time(), most_ahead=SAMPLE_AHEAD)
        self.thread_id = thread_id_for(disruption.disruption_id)
        machine = self._stepfunctions.create_state_machine(
            name="disruptions",
            definition=_with_arns(self._definition),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
        )
        started = self._stepfunctions.start_execution(
            stateMachineArn=machine["stateMachineArn"],
            name=disruption.disruption_id,
            input=json.dumps({"thread_id": self.thread_id, "disruption": msgspec.to_builtins(disruption)}),
        )
        self._arn: str = started["executionArn"]
        return self._arn

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function; one at a time, since all of them share this process."""
        with self._one_at_a_time:
            self.called.append(function)
            for each in self.before.pop(function, ()):
                each()
            return self._functions.invoke(function, event)

    def decide(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/v1/threads/{self.thread_id}/{action}"
        answer = self.invoke(
            "skymarshal-api-decisions",
            {
                "version": "2.0",
                "routeKey": "$default",
                "rawPath": path,
                "rawQueryString": "",
                "headers": {"content-type": "application/json"},
                "requestContext": {
                    "requestId": "request",
                    "stage": "$default",
                    "http": {"method": "POST", "path": path, "sourceIp": "127.0.0.1"},
                    "authorizer": {"jwt": {"claims": CLAIMS}},
                },
                "body": json.dumps(body),
                "isBase64Encoded": False,
            },
        )
        assert answer["statusCode"] == 200, answer
        return json.loads(answer["body"])

    def until_waiting(self) -> None:
        """Let the execution come to its approval."""
        self._until(lambda: self.thread is not None and self.thread.status == "awaiting_approval")

    def until_told(self, notice: str) -> None:
        """Let the execution come to tell somebody that a decision is awaited."""
        self._until(lambda: notice in [each["notice"] for each in self.notices])

    def ended(self, arn: str) -> dict[str, Any]:
        """Let the execution end, and return its description."""
        self._until(lambda: self._described(arn)["status"] != "RUNNING")
        return self._described(arn)

    @property
    def thread(self):
        try:
            return self.threads.get_thread(self.thread_id)
        except LookupError:
            return None

    def findings(self) -> dict[str, Any]:
        return self.saver.read_state(self.thread_id, self.thread.head).values["findings"]

    def arbitration(self) -> Arbitration:
        """What the duty manager has to decide on."""
        approvals = Approvals(self.threads, self.runs, NoFlow(), SilentAnnouncer(), self.time)
        return approvals.view(self.thread_id).arbitration

    def before_write(self, meanwhile) -> None:
        """Let something else happen just before the next transaction is sent."""
        self._meanwhile.append(meanwhile)

    def attach(self, events) -> None:
        self._events = events
        events.register("before-call.dynamodb.TransactWriteItems", self._interfere)
        events.register("before-parameter-build.sns.Publish", self._noticed)

    def close(self) -> None:
        """End an execution that still waits: its thread would go on into the next test."""
        if self._described(self._arn)["status"] == "RUNNING":
            self.decide("reject", {"reason": "the test is over"})
            self.ended(self._arn)
        self._events.unregister("before-call.dynamodb.TransactWriteItems", self._interfere)
        self._events.unregister("before-parameter-build.sns.Publish", self._noticed)

    def _noticed(self, params, **_) -> None:
        said = {name: each["StringValue"] for name, each in params["MessageAttributes"].items()}
        self.notices.append({**said, "subject": params["Subject"], "message": params["Message"]})

    def _interfere(self, **_) -> None:
        while self._meanwhile:
            self._meanwhile.pop()()

    def record(self) -> DecisionRecord:
        stored = self._s3.get_object(Bucket=BUCKET, Key=self.thread.details["record"])
        return msgspec.json.decode(stored["Body"].read(), type=DecisionRecord)

    def history(self, arn: str) -> list[dict[str, Any]]:
        pages = self._stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def _described(self, arn: str) -> dict[str, Any]:
        return self._stepfunctions.describe_execution(executionArn=arn)

    def _until(self, happened) -> None:
        """moto interprets in threads of its own: there is nothing to wait on but what they bring about."""
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not happened():
            assert time.monotonic() < deadline, (self.called, self._functions.errors)
            time.sleep(0.01)

    def _provide(self, wiring) -> None:
        self._found(wiring)
        assessment, arbitration = wiring.assessment, wiring.arbitration
        wiring.assessment = lambda: self._troubled(assessment())
        wiring.arbitration = lambda: self._troubled(arbitration())

    def _troubled(self, work):
        def done(item, state):
            key = item.agent, item.phase
            self.attempts[key] = self.attempts.get(key, 0) + 1
            if key == self.dies_once:
                self.dies_once = None
                raise Died
            if self.failures.get(key, 0) > 0:
                self.failures[key] -= 1
                raise ValueError(f"{item.agent} has no rows")
            return work(item, state)

        return done


def _with_arns(definition: dict[str, Any]) -> str:
    text = json.dumps(definition)
    return text.replace('"skymarshal-', f'"arn:aws:lambda:{REGION}:{ACCOUNT}:function:skymarshal-')


@pytest.fixture
def deployment(synthesis: Synthesis, tables: InMemoryTables, found) -> Iterator[Deployment]:
    with moto_aws(_MOTO):
        deployed = Deployment(synthesis, tables, found)
        with lambda_calls(deployed.invoke, deployed.time.sleep):
            yield deployed
            deployed.close()
