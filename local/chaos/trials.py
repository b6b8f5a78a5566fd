"""Takes one disruption from its event to its end, whatever dies on the way, as those outside would."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError

from local.chaos.calls import Call, Course, Notes, Strike
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
_PATIENCE: Final = 600.0
_LOOK_SECONDS: Final = 0.1
_LOOKS_A_TURN: Final = 30
_AWAITED: Final = ("skymarshal-phase-approval", "skymarshal-phase-finalise")
"""What those outside wait for."""

_OPEN: Final = (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run to its end.

    Attributes:
        struck: whether the process died that was to die.
        calls: what the functions asked of AWS for it.
        later_calls: those of invocations that began after its execution was stopped; none where it was not.
        outcome: what it came to; None where it did not end.
        resumed: how often the API had to be asked to resume it.
        stuck: where it stands, where it did not end.
    """

    struck: bool
    calls: tuple[Call, ...]
    later_calls: tuple[Call, ...]
    outcome: Outcome | None
    resumed: int
    stuck: str = ""


@dataclass(kw_only=True)
class _Run:
    """A run under way, and what those outside have done for it."""

    disruption_id: str
    thread_id: str
    course: Course
    notes: Notes
    calls_until_stopped: int | None = None
    decided: bool = False
    resumed: int = 0
    refused: list[str] = field(default_factory=list)


class Trials:
    """Runs one scenario again and again, each time as a disruption of its own. Several may run at once.

    Args:
        system: a running system whose functions `rider` accompanies.
        scenario: the name of a shipped disruption.

    Attributes:
        published: how many disruptions there have been.
    """

    def __init__(self, system: System, scenario: str) -> None:
        self._system = system
        self._event = scenario_event(scenario, system.today)
        self._portal = self._signed_in()
        self._signing_in = Lock()
        self._counting = Lock()
        self.published = 0
        several = Config(max_pool_connections=64, retries={"total_max_attempts": 3})
        connection = system.aws.connection
        s3 = boto3.client("s3", config=several, **connection)
        dynamodb = boto3.client("dynamodb", config=several, **connection)
        self._events = boto3.client("events", config=several, **connection)
        self._stepfunctions = boto3.client("stepfunctions", config=several, **connection)
        retries = Retries(system_sleep)
        bucket = system.outputs["BucketName"]
        self._store: Store = DynamoDBStore(
            dynamodb,
            system.outputs["TableName"],
            bucket=ObjectBucket(s3, bucket, retries),
            retries=retries,
        )
        self.threads = ThreadManager(self._store, system_clock)
        self._records = S3DecisionRecords(s3, bucket)

    def run(self, disruption_id: str, course: Course = Course.ALONE, strike: Strike | None = None) -> Trial:
        """Publish the disruption under an id of its own, approve what is recommended, and await the end.

        Args:
            disruption_id: the id.
            course: what befalls the run.
            strike: where a process dies; nowhere where none is given.
        """
        thread_id = thread_id_for(disruption_id)
        notes = Notes.open(self._system.aws.companion_notes, thread_id, disruption_id, strike)
        self._publish(disruption_id)
        run = _Run(disruption_id=disruption_id, thread_id=thread_id, course=course, notes=notes)
        ended = self._await_end(run)
        calls = notes.calls()
        return Trial(
            struck=notes.struck,
            calls=calls,
            later_calls=_begun_after(calls, run.calls_until_stopped),
            outcome=None if ended is None else read_outcome(self._store, ended, self._records.load),
            resumed=run.resumed,
            stuck="" if ended else f"{self._standing(run)} {run.refused[-3:]}",
        )

    def _await_end(self, run: _Run) -> Thread | None:
        """Return the thread once it has ended; None where it does not."""
        deadline = time.monotonic() + _PATIENCE
        seen = looks = 0
        while True:
            if run.course is Course.STOPPED and run.notes.struck and run.calls_until_stopped is None:
                self._stop(run)
            # Asking AWS at every look would be a third of all that it is asked.
            if (stands := run.notes.count_ended(*_AWAITED)) != seen or looks % _LOOKS_A_TURN == 0:
                seen = stands
                ended = self._help_on(run)
                if ended is not None or time.monotonic() > deadline:
                    return ended
            time.sleep(_LOOK_SECONDS)
            looks += 1

    def _publish(self, disruption_id: str) -> None:
        with self._counting:
            self.published += 1
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

    def _help_on(self, run: _Run) -> Thread | None:
        """Do what the run waits for, if it waits; return the thread once it has ended."""
        try:
            thread = self.threads.get_thread(run.thread_id)
        except ThreadNotFound:
            return None
        execution = self._execution(str(thread.details.get("execution", run.disruption_id)))
        if execution == "RUNNING":
            if thread.status is not ThreadStatus.AWAITING_APPROVAL:
                return None
            if run.course is Course.RESUMED and run.calls_until_stopped is None:
                self._stop(run)
            elif not run.decided:
                run.decided = self._ask(run, "approve", {"acknowledged_unverified": True})
            return None
        if thread.status in (*_OPEN, ThreadStatus.FAILED):
            run.resumed += self._ask(run, "resume", {})
            return None
        return thread

    def _ask(self, run: _Run, action: str, body: Mapping[str, Any]) -> bool:
        portal = self._portal
        path = f"/v1/threads/{run.thread_id}/{action}"
        try:
            answer = portal.request("POST", path, body)
        except httpx.TransportError as error:
            run.refused.append(f"{action}: {error!r}")
            return False
        if answer.status_code == 401:
            with self._signing_in:
                if self._portal is portal:
                    self._portal = self._signed_in()
        if not answer.is_success:
            run.refused.append(f"{action}: {answer.status_code} {answer.text}")
        return answer.is_success

    def _stop(self, run: _Run) -> None:
        self._stepfunctions.stop_execution(executionArn=self._arn(run.disruption_id), cause="chaos")
        run.calls_until_stopped = len(run.notes.calls())

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

    def _standing(self, run: _Run) -> str:
        try:
            thread = self.threads.get_thread(run.thread_id)
        except ThreadNotFound:
            return f"there is no thread; the execution is {self._execution(run.disruption_id)}"
        execution = str(thread.details.get("execution", run.disruption_id))
        return f"the thread is {thread.status}, its execution {execution} {self._execution(execution)}"

    def _signed_in(self) -> Portal:
        return self._system.portal(_MANAGER, "duty-manager")


def _begun_after(calls: Sequence[Call], until: int | None) -> tuple[Call, ...]:
    if until is None:
        return ()
    begun = {(call.function, call.invocation) for call in calls[:until]}
    return tuple(call for call in calls[until:] if (call.function, call.invocation) not in begun)
