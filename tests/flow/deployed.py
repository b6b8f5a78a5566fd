"""The whole flow in one process: event, executions, functions, duty manager, on AWS as moto plays it."""

from __future__ import annotations

import copy
import gc
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from unittest import mock

import boto3
import msgspec
from moto import mock_aws
from moto.core.config import DefaultConfig

from skymarshal import aws
from skymarshal.checkpoints import (
    AgentRuns,
    CheckpointSaver,
    MemoryStore,
    Reference,
    RunState,
    ThreadManager,
    ThreadStatus,
    thread_id_for,
)
from skymarshal.checkpoints.expressions import from_attributes
from skymarshal.checkpoints.store import PARTITION, SORT, Key, Put
from skymarshal.contracts import SAMPLE_REPORTS_AHEAD_SECONDS
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import Assessment
from skymarshal.domain.decision import DecisionRecord
from skymarshal.operations import TableReader
from tests.flow.boundary import Boundary, Fault, Refused
from tests.flow.clock import VirtualTime
from tests.flow.functions import Functions, Remembered
from tests.flow.step_functions import Execution, StepFunctions, TaskError
from tests.flow.synthesis import Synthesis
from tests.moto_answers import brief_answers

TABLE, BUCKET, BUS = "SkyMarshalCheckpoints", "skymarshal-checkpoints", "skymarshal"
REGION, ACCOUNT = "eu-west-1", "123456789012"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:disruptions"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:approvals"
PATIENCE = timedelta(hours=4)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
CLAIMS = {
    "email": "duty.manager@skymarshal.example",
    "email_verified": "true",
    "token_use": "id",
    "cognito:groups": "[duty-manager]",
}
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "CHECKPOINT_MODE": "production",
    "REPORTS_AHEAD_SECONDS": str(SAMPLE_REPORTS_AHEAD_SECONDS),
    "CHECKPOINT_TABLE_NAME": TABLE,
    "CHECKPOINT_S3_BUCKET": BUCKET,
    "OPERATIONS_TABLE_PREFIX": "",
    "EVENT_BUS_NAME": BUS,
    "DEAD_LETTER_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/dead-letters",
    "APPROVAL_TOPIC_ARN": TOPIC,
    "APPROVAL_TIMEOUT_SECONDS": str(int(PATIENCE.total_seconds())),
    "STATE_MACHINE_ARN": MACHINE,
    "POWERTOOLS_SERVICE_NAME": "skymarshal",
    "POWERTOOLS_METRICS_NAMESPACE": "SkyMarshal",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "LOG_LEVEL": "CRITICAL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a run stands between two steps: everything that outlives a process."""

    items: list[dict[str, Any]]
    objects: dict[str, bytes]
    queue: list[str]
    executions: dict[str, Execution]
    decided: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to, without what differs from one run to the next."""

    execution: str
    status: str
    outcome: str
    stages: tuple[str | None, ...]
    checkpoints: int
    parents_are_in_line: bool
    problems: tuple[str, ...]
    runs: tuple[tuple[str, str, RunState], ...]
    findings: tuple[tuple[str, str, str, str], ...]
    completed_threads: int
    records: dict[str, DecisionRecord]


_CLIENTS = (
    "dynamodb_client",
    "events_client",
    "kms_client",
    "operations_client",
    "s3_client",
    "sns_client",
    "sqs_client",
    "stepfunctions_client",
)


@contextmanager
def moto_aws(config: DefaultConfig | None = None) -> Iterator[None]:
    """AWS as moto plays it, with clients that outlive the processes of a run.

    A client knows nothing of a thread, and making them anew is a fifth of what a run costs.
    """
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict("os.environ", _ENVIRONMENT))
        stack.enter_context(mock_aws(config=config))
        stack.enter_context(brief_answers())
        os.environ["APPROVAL_KEY_ID"] = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
        for name in _CLIENTS:
            stack.enter_context(mock.patch.object(aws, name, cache(getattr(aws, name))))
        yield


class DeployedFlow:
    """Takes one disruption from its event to its record, a step at a time.

    A step is what the outside world does next: SQS delivers, Step Functions runs a state, or the duty
    manager answers. Between two steps the run can be set down and taken up again, by new processes.
    """

    def __init__(self, synthesis: Synthesis, tables: TableReader, event: Mapping[str, Any]) -> None:
        self._synthesis = synthesis
        self._event = event
        self.thread_id = thread_id_for(event["disruption_id"])
        self.time = VirtualTime()
        self.boundary = Boundary(
            {
                ("sfn", "StartExecution"): self._start_execution,
                ("sfn", "DescribeExecution"): self._describe_execution,
                ("sfn", "SendTaskSuccess"): self._send_task_success,
            }
        )
        self.work = Remembered(tables)
        self.functions = Functions(synthesis.handlers, self.time, self.work)
        self.functions.on_end = self.boundary.function_ended
        self.machine = StepFunctions(synthesis.definition, self.functions.invoke, self.time)
        self._dynamodb = boto3.client("dynamodb")
        self._s3 = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        boto3.client("events").create_event_bus(Name=BUS)
        boto3.client("sns").create_topic(Name="approvals")
        aws.attach(self.boundary)
        self._has_table = False
        self._at_start = Position(
            items=[],
            objects={},
            queue=[json.dumps({"detail": dict(event)})],
            executions={},
            decided=False,
            now=self.time.now,
        )
        self.begin()

    def close(self) -> None:
        self.boundary.detach()

    @property
    def execution(self) -> Execution:
        """The execution that has the say: the last one that was started."""
        return list(self.machine.executions.values())[-1]

    def begin(self, position: Position | None = None) -> None:
        """Take the run up at a position, from the event where none is given, in a new process."""
        found = position or self._at_start
        self.queue, self.decided = list(found.queue), found.decided
        self.machine.executions = copy.deepcopy(found.executions)
        self.time.now = found.now
        self._restore(found)
        self.functions.start()

    def position(self) -> Position:
        scanned = self._dynamodb.scan(TableName=TABLE, ConsistentRead=True)
        assert "LastEvaluatedKey" not in scanned
        listed = self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return Position(
            items=scanned["Items"],
            objects={
                each["Key"]: self._s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
                for each in listed
            },
            queue=list(self.queue),
            executions=copy.deepcopy(self.machine.executions),
            decided=self.decided,
            now=self.time.now,
        )

    def step(self) -> bool:
        """Let the next thing happen; False where nothing more will."""
        if self.queue:
            self._deliver()
            return True
        if self.execution.status != "RUNNING":
            return False
        if self.execution.waits_on is None or self.execution.answer is not None:
            self.machine.step(self.execution)
        elif not self.decided:
            self._decide()
        else:
            # Nobody wakes it any more: only its deadline ends the wait.
            self.machine.time_out(self.execution)
        return True

    def finish(self) -> None:
        for _ in range(100):
            if not self.step():
                return
        raise AssertionError(f"no end after 100 steps: {self.functions.errors}")

    def until(self, state: str) -> None:
        """Let things happen until the execution stands before `state`, or waits in it."""
        while self.queue or self.execution.state != state or self.execution.status != "RUNNING":
            assert self.step()
        if "waitForTaskToken" in self._synthesis.definition["States"][state].get("Resource", ""):
            self.machine.step(self.execution)

    def stop(self) -> None:
        """Stop the execution from outside, and tell of it as Step Functions does."""
        self.execution.status = "ABORTED"
        detail = {"name": self.execution.name, "status": "ABORTED", "input": self.execution.given}
        self.functions.invoke("skymarshal-execution-ended", {"detail": detail})

    def let_pass(self, time: timedelta) -> None:
        """Let time pass: what the table would have expired and the histories that are forgotten are gone."""
        self.time.now += time
        found, now = self.position(), int(self.time.now.timestamp())
        self.begin(
            replace(
                found,
                items=[item for item in found.items if int(item["ttl"]["N"]) > now],
                executions={
                    name: each for name, each in found.executions.items() if each.status == "RUNNING"
                },
            )
        )

    def resume(self) -> None:
        """Resume the thread as an operator does."""
        answer = self.functions.invoke("skymarshal-api-decisions", self._request("POST", "resume", "{}"))
        assert answer["statusCode"] == 202, answer

    def ask_to_decide(self) -> dict[str, Any]:
        """Approve what is recommended, and return the API's answer."""
        body = json.dumps({"acknowledged_unverified": True})
        return self.functions.invoke("skymarshal-api-decisions", self._request("POST", "approve", body))

    def finish_decided(self) -> None:
        """Let the duty manager decide although no execution is known any more, and go on to the end."""
        self._decide()
        self.finish()

    def outcome(self) -> Outcome:
        """Read what the run came to."""
        position = self.position()
        store = _in_memory(position)
        threads = ThreadManager(store, self.time)
        saver = CheckpointSaver(store, clock=self.time)
        thread = threads.get_thread(self.thread_id)
        config = {"configurable": {"thread_id": self.thread_id}}
        checkpoints = list(saver.list(config))[::-1]
        ids = [each.config["configurable"]["checkpoint_id"] for each in checkpoints]
        parents = [
            None if each.parent_config is None else each.parent_config["configurable"]["checkpoint_id"]
            for each in checkpoints
        ]
        findings = saver.read_state(self.thread_id, str(thread.head)).values.get("findings", {})
        runs = AgentRuns(store, self.time)
        found = [run for barrier in ids for run in runs.read(self.thread_id, barrier)]
        return Outcome(
            execution=f"{self.execution.status}{self.execution.error}",
            status=str(thread.status),
            outcome=str(thread.details.get("outcome")),
            stages=tuple(each.stage for each in threads.list_checkpoints(self.thread_id)),
            checkpoints=len(checkpoints),
            parents_are_in_line=parents == [None, *ids[:-1]] and ids[-1] == thread.head,
            problems=tuple(problem.what for problem in saver.verify(self.thread_id).problems),
            runs=tuple(sorted((run.phase, run.agent, run.state) for run in found)),
            findings=tuple(
                sorted(
                    (phase, agent, finding["status"], str((finding["reference"] or {}).get("digest")))
                    for phase, by_agent in findings.items()
                    for agent, finding in by_agent.items()
                )
            ),
            completed_threads=threads.get_thread_count(ThreadStatus.COMPLETED),
            records={
                name: _without_times(msgspec.json.decode(stored, type=DecisionRecord))
                for name, stored in position.objects.items()
            },
        )

    def finding(self, phase: str, agent: str) -> Assessment | Arbitration:
        """Return what a worker found, without its times."""
        store = _in_memory(self.position())
        head = ThreadManager(store, self.time).get_thread(self.thread_id).head
        found = CheckpointSaver(store, clock=self.time).read_state(self.thread_id, str(head)).values
        reference = Reference.from_dict(found["findings"][phase][agent]["reference"])
        content = AgentRuns(store, self.time).hydrate(reference)
        if phase == "arbitration":
            return msgspec.json.decode(content, type=Arbitration)
        return replace(msgspec.json.decode(content, type=Assessment), started_at=_EPOCH, duration=timedelta())

    def _deliver(self) -> None:
        records = [
            {
                "messageId": str(number),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:disruptions",
                "awsRegion": REGION,
            }
            for number, body in enumerate(self.queue)
        ]
        try:
            answer = self.functions.invoke("skymarshal-intake", {"Records": records})
        except TaskError:
            return
        failed = {int(each["itemIdentifier"]) for each in answer["batchItemFailures"]}
        self.queue = [body for number, body in enumerate(self.queue) if number in failed]

    def _decide(self) -> None:
        """The duty manager presses the button until there is an answer."""
        for _ in range(5):
            try:
                answer = self.ask_to_decide()
            except TaskError:
                continue
            if answer["statusCode"] == 200:
                self.decided = True
                return
            assert answer["statusCode"] >= 500, answer
        raise AssertionError(f"no answer to the decision: {answer}")

    def _request(self, method: str, action: str, body: str) -> dict[str, Any]:
        path = f"/v1/threads/{self.thread_id}/{action}"
        return {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {
                "accountId": ACCOUNT,
                "requestId": "request",
                "stage": "$default",
                "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
                "authorizer": {"jwt": {"claims": CLAIMS}},
            },
            "body": body,
            "isBase64Encoded": False,
        }

    def _start_execution(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if not self.machine.start(request["name"], request["input"]):
            raise Refused("ExecutionAlreadyExists")
        return {"executionArn": f"{MACHINE}:{request['name']}", "startDate": self.time.now}

    def _describe_execution(self, request: Mapping[str, Any]) -> dict[str, Any]:
        known = self.machine.executions.get(request["executionArn"].rpartition(":")[2])
        if known is None:
            raise Refused("ExecutionDoesNotExist")
        return {"status": known.status, "input": known.given}

    def _send_task_success(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if not self.machine.succeed(request["taskToken"], request["output"]):
            raise Refused("TaskTimedOut")
        return {}

    def _restore(self, position: Position) -> None:
        if self._has_table:
            self._dynamodb.delete_table(TableName=TABLE)
        self._dynamodb.create_table(TableName=TABLE, **self._synthesis.table)
        self._has_table = True
        for start in range(0, len(position.items), 25):
            requests = [{"PutRequest": {"Item": item}} for item in position.items[start : start + 25]]
            self._dynamodb.batch_write_item(RequestItems={TABLE: requests})
        for each in self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self._s3.delete_object(Bucket=BUCKET, Key=each["Key"])
        for name, content in position.objects.items():
            self._s3.put_object(Bucket=BUCKET, Key=name, Body=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The calls of one step of the undisturbed run, and where it began."""

    position: Position
    calls: tuple[tuple[str, str], ...]
    state: str


class UndisturbedRun:
    """The run that every disturbed one is held to: its calls, step by step, and its outcome."""

    def __init__(self, flow: DeployedFlow) -> None:
        flow.finish()  # Fills the memory of what the agents find.
        flow.begin()
        self.segments: list[Segment] = []
        more = True
        while more:
            position = flow.position()
            state = "intake" if flow.queue else str(flow.execution.state)
            flow.boundary.begin()
            more = flow.step()
            if flow.boundary.calls:
                calls = tuple(flow.boundary.calls)
                self.segments.append(Segment(position=position, calls=calls, state=state))
        self.outcome = flow.outcome()
        assert self.outcome.execution == "SUCCEEDED", (self.outcome.execution, flow.functions.errors)

    def calls(self) -> Iterator[tuple[Segment, int]]:
        """Yield every call, as its segment and its number there."""
        for segment in self.segments:
            for number in range(len(segment.calls)):
                yield segment, number

    def disturb(self, flow: DeployedFlow, fault: Fault, *, only: str | None = None) -> tuple[int, list[str]]:
        """Let `fault` strike every call in turn. Return how many runs that took, and what went wrong.

        Args:
            flow: what runs.
            fault: what strikes.
            only: the state whose calls it strikes; those of every state where none is given.
        """
        runs, wrong = 0, []
        for segment, number in self.calls():
            if only not in (None, segment.state):
                continue
            runs += 1
            if runs % 20 == 0:
                gc.collect()
            struck = f"{fault.value}: call {number} of {segment.state}, {'.'.join(segment.calls[number])}"
            try:
                outcome = disturbed(flow, segment, number, fault)
            except AssertionError as stuck:
                wrong.append(f"{struck}: {stuck}")
                continue
            wrong += [
                f"{struck}: {each.name} is {getattr(outcome, each.name)!r}"[:600]
                for each in fields(Outcome)
                if getattr(outcome, each.name) != getattr(self.outcome, each.name)
            ]
        return runs, wrong


def disturbed(flow: DeployedFlow, segment: Segment, number: int, fault: Fault) -> Outcome:
    """Run from `segment` on with one fault, as Step Functions, SQS and the duty manager would go on."""
    flow.begin(segment.position)
    flow.boundary.begin(fault, number)
    flow.finish()
    assert flow.boundary.struck
    return flow.outcome()


def _in_memory(position: Position) -> MemoryStore:
    """Return the table's items as a store that is read quickly."""
    store = MemoryStore()
    for item in position.items:
        attributes = from_attributes(item)
        key = Key(str(attributes.pop(PARTITION)), str(attributes.pop(SORT)))
        store.write([Put(key=key, attributes=attributes)])
    return store


def _without_times(record: DecisionRecord) -> DecisionRecord:
    return replace(
        record,
        checkpoint_id="",
        decision=replace(record.decision, decided_at=_EPOCH),
        assessments=tuple(
            replace(each, started_at=_EPOCH, duration=timedelta()) for each in record.assessments
        ),
    )
