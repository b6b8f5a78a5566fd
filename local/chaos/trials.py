"""Takes one disruption from its event to its end, whatever dies on the way, as those outside would."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError

from local.chaos.calls import Call, Notes, Strike
from local.chaos.outcome import Outcome, read_outcome
from local.portal import Portal
from local.system import System
from skymarshal.checkpoints import Store, Thread, ThreadManager, ThreadNotFound, ThreadStatus, thread_id_for
from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
from skymarshal.checkpoints.objects import ObjectBucket
from skymarshal.checkpoints.retries import Retries
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE, DISRUPTION_SOURCE
from skymarshal.operations.airline import scenario_event
from skymarshal.orchestration.records import S3DecisionRecords
from skymarshal.ports import system_clock, system_sleep

__all__ = ["Trial", "Trials"]

_MANAGER: Final = "duty.manager@skymarshal.example"
_PATIENCE: Final = 400.0
_LOOK_SECONDS: Final = 0.1
_LOOKS_A_TURN: Final = 10
_REDELIVERY_SECONDS: Final = 5
_OPEN: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run to its end.

    Attributes:
        struck: whether the process died that was to die.
        calls: what the functions asked of AWS for it.
        outcome: what it came to; None where it did not end.
        resumed: how often the API had to be asked to resume it.
        stuck: where it stands, where it did not end.
    """

    struck: bool
    calls: tuple[Call, ...]
    outcome: Outcome | None
    resumed: int
    stuck: str = ""


@dataclass(kw_only=True)
class _Progress:
    """What those outside have done for a run."""

    stopped: bool = False
    decided: bool = False
    resumed: int = 0
    refused: list[str] = field(default_factory=list)


class Trials:
    """Runs one scenario again and again, each time as a disruption of its own. Several may run at once.

    Args:
        system: a running system whose functions `rider` accompanies.
        scenario: the name of a shipped disruption.
    """

    def __init__(self, system: System, scenario: str) -> None:
        self._system = system
        self._event = scenario_event(scenario, system.today)
        self._portal = self._signed_in()
        self._signing_in = Lock()
        several = Config(max_pool_connections=64, retries={"total_max_attempts": 3})
        connection = system.aws.connection
        s3 = boto3.client("s3", config=several, **connection)
        dynamodb = boto3.client("dynamodb", config=several, **connection)
        self._events = boto3.client("events", config=several, **connection)
        self._stepfunctions = boto3.client("stepfunctions", config=several, **connection)
        retries = Retries(system_sleep)
        bucket = system.outputs["BucketName"]
        self.store: Store = DynamoDBStore(
            dynamodb,
            system.outputs["TableName"],
            bucket=ObjectBucket(s3, bucket, retries),
            retries=retries,
        )
        self.threads = ThreadManager(self.store, system_clock)
        self._records = S3DecisionRecords(s3, bucket)
        # What a killed intake had in hand is delivered again after this, and not after minutes.
        system.client("sqs").set_queue_attributes(
            QueueUrl=system.outputs["QueueUrl"], Attributes={"VisibilityTimeout": str(_REDELIVERY_SECONDS)}
        )

    def run(self, disruption_id: str, strike: Strike | None = None) -> Trial:
        """Publish the disruption under an id of its own, approve what is recommended, and await the end."""
        thread_id = thread_id_for(disruption_id)
        notes = Notes.open(self._system.aws.companion_notes, thread_id, disruption_id, strike)
        self._publish(disruption_id)
        progress = _Progress()
        ended = self._await_end(disruption_id, thread_id, notes, strike, progress)
        return Trial(
            struck=notes.struck,
            calls=notes.calls(),
            outcome=None if ended is None else read_outcome(self.store, ended, self._records.load),
            resumed=progress.resumed,
            stuck="" if ended else f"{self._standing(disruption_id, thread_id)} {progress.refused[-3:]}",
        )

    def _await_end(
        self, disruption_id: str, thread_id: str, notes: Notes, strike: Strike | None, progress: _Progress
    ) -> Thread | None:
        """Return the thread once it has ended; None where it does not."""
        deadline = time.monotonic() + _PATIENCE
        for look in itertools.count():
            if strike is not None and strike.stops and notes.struck and not progress.stopped:
                self._stop(disruption_id)
                progress.stopped = True
            if look % _LOOKS_A_TURN == 0:
                ended = self._help_on(disruption_id, thread_id, progress)
                if ended is not None or time.monotonic() > deadline:
                    return ended
            time.sleep(_LOOK_SECONDS)
        raise AssertionError("counting has no end")

    def _publish(self, disruption_id: str) -> None:
        detail = json.dumps({**self._event, "disruption_id": disruption_id})
        answer = self._events.put_events(
            Entries=[
                {
                    "EventBusName": self._system.outputs["BusName"],
                    "Source": DISRUPTION_SOURCE,
                    "DetailType": DISRUPTION_DETAIL_TYPE,
                    "Detail": detail,
                }
            ]
        )
        assert not answer["FailedEntryCount"], answer  # noqa: S101

    def _help_on(self, disruption_id: str, thread_id: str, progress: _Progress) -> Thread | None:
        """Do what the run waits for, if it waits; return the thread once it has ended."""
        try:
            thread = self.threads.get_thread(thread_id)
        except ThreadNotFound:
            return None
        execution = self._execution(str(thread.details.get("execution", disruption_id)))
        if execution == "RUNNING":
            if thread.status is ThreadStatus.AWAITING_APPROVAL and not progress.decided:
                body = {"acknowledged_unverified": True}
                progress.decided = self._ask(thread_id, "approve", body, progress)
            return None
        if thread.status in (*_OPEN, ThreadStatus.FAILED):
            progress.resumed += self._ask(thread_id, "resume", {}, progress)
            return None
        return thread

    def _ask(self, thread_id: str, action: str, body: Mapping[str, Any], progress: _Progress) -> bool:
        portal = self._portal
        path = f"/v1/threads/{thread_id}/{action}"
        try:
            answer = portal.request("POST", path, body)
        except httpx.TransportError as error:
            progress.refused.append(f"{action}: {error!r}")
            return False
        if answer.status_code == 401:
            with self._signing_in:
                if self._portal is portal:
                    self._portal = self._signed_in()
        if not answer.is_success:
            progress.refused.append(f"{action}: {answer.status_code} {answer.text}")
        return answer.is_success

    def _stop(self, name: str) -> None:
        self._stepfunctions.stop_execution(executionArn=self._arn(name), cause="it dies with its function")

    def _execution(self, name: str) -> str:
        try:
            return str(self._stepfunctions.describe_execution(executionArn=self._arn(name))["status"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return "UNKNOWN"
            raise

    def _arn(self, execution: str) -> str:
        machine = self._system.outputs["StateMachineArn"]
        return f"{machine.replace(':stateMachine:', ':execution:')}:{execution}"

    def _standing(self, disruption_id: str, thread_id: str) -> str:
        try:
            thread = self.threads.get_thread(thread_id)
        except ThreadNotFound:
            return f"there is no thread; the execution is {self._execution(disruption_id)}"
        execution = str(thread.details.get("execution", disruption_id))
        return f"the thread is {thread.status}, its execution {execution} {self._execution(execution)}"

    def _signed_in(self) -> Portal:
        return self._system.portal(_MANAGER, "duty-manager")
