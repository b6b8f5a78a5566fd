"""The whole system on an embedded AWS: deployed from the synthesized stacks, seeded and warm."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

import boto3
from botocore.config import Config

from local.assembly import embedded_assembly
from local.deployment import DeployedStack
from local.embedded import EmbeddedAws
from local.portal import Portal
from skymarshal.checkpoints import thread_id_for
from skymarshal.cli.run import SAMPLE_SEED
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE, DISRUPTION_SOURCE
from skymarshal.operations import Dataset, load
from skymarshal.operations.airline import generate

__all__ = ["OPERATIONS_PREFIX", "StillRunning", "System", "running_system"]

OPERATIONS_PREFIX: Final = "SkyMarshal-"
"""What the names of the operational tables begin with."""

_POLL_SECONDS: Final = 0.05

_ENVIRONMENTS_OF: Final = {"skymarshal-phase-arbitration": 2}
"""A burst of disruptions ends with one arbitration after another, when no agent has anything left to do."""

Report = Callable[[str], None]


class StillRunning(Exception):
    """Something did not come about in the time given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A deployed system that takes disruptions."""

    aws: EmbeddedAws
    outputs: Mapping[str, str]
    today: date
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def client(self, service: str) -> Any:  # noqa: ANN401 boto3 clients have no common type
        """Return a boto3 client of the embedded AWS, made once: making one takes longer than many calls."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = boto3.client(service, **self.aws.connection)  # type: ignore[call-overload]
            return self._clients[service]

    def portal(self, user: str, group: str | None) -> Portal:
        """Return the API as `user` sees it, a member of `group`."""
        return Portal.sign_in(self.aws, user, group)

    def publish(self, detail: Mapping[str, Any] | str) -> str:
        """Put a disruption event on the bus and return the id of the thread that it will have."""
        body = detail if isinstance(detail, str) else json.dumps(detail)
        answer = self.client("events").put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["BusName"],
                    "Source": DISRUPTION_SOURCE,
                    "DetailType": DISRUPTION_DETAIL_TYPE,
                    "Detail": body,
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise ValueError(f"the bus refused the event: {answer['Entries'][0]}")
        return thread_id_for(str(json.loads(body).get("disruption_id")))

    def execution(self, disruption_id: str) -> Mapping[str, Any]:
        """Return the execution of a disruption."""
        arn = self.outputs["StateMachineArn"].replace(":stateMachine:", ":execution:")
        answer: Mapping[str, Any] = self.client("stepfunctions").describe_execution(
            executionArn=f"{arn}:{disruption_id}"
        )
        return answer

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return what lies on the dead-letter queue, with its attributes."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.outputs["DeadLetterQueueUrl"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=0,
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def wait(
        self, what: str, until: Callable[[], Any], seconds: float = 60.0, every: float = _POLL_SECONDS
    ) -> Any:  # noqa: ANN401
        """Return the first true answer of `until`, which is asked for after every `every` seconds.

        Raises:
            StillRunning: there was none in `seconds`; the message says where the logs are.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if answer := until():
                return answer
            time.sleep(every)
        raise StillRunning(f"{what}: not within {seconds:.0f} s. Logs: {self.aws.logs}")


@contextmanager
def running_system(
    today: date, report: Report = lambda _: None, *, companion: Path | None = None
) -> Iterator[System]:
    """Bring up the system for as long as the block runs: assembly, emulator, stacks, airline, warm functions.

    Args:
        today: the day around which the sample airline is generated.
        report: told of each step in words as it begins.
        companion: a script that rides along in the functions' processes.

    Raises:
        Exception: the failing step's own error, which names its log.
    """
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="system") as pool:
        airline = pool.submit(_sample_airline, today)
        report("building layers and synthesizing the stacks")
        assembly = embedded_assembly()
        report("starting the embedded AWS")
        with EmbeddedAws.start(companion=companion, environments_of=_ENVIRONMENTS_OF) as aws:
            seeding: list[Future[int]] = []

            def on_stack(stack: DeployedStack) -> None:
                if stack.name == "SkyMarshalOperations":
                    seeding.append(pool.submit(_seed, aws, airline))

            report("deploying the stacks")
            stacks = aws.deploy(assembly, on_stack=on_stack)
            report("loading the sample airline and starting the functions")
            aws.prewarm()
            for future in seeding:
                future.result()
            outputs = {name: value for stack in stacks.values() for name, value in stack.outputs.items()}
            yield System(aws=aws, outputs=outputs, today=today)


def _sample_airline(today: date) -> Dataset:
    return generate("small", today, Random(SAMPLE_SEED))  # noqa: S311 a sample, not a secret


def _seed(aws: EmbeddedAws, airline: Future[Dataset]) -> int:
    # The emulator validates every item; botocore's own validation takes a third of the load's time.
    client = boto3.client("dynamodb", config=Config(parameter_validation=False), **aws.connection)
    return load(airline.result(), client, OPERATIONS_PREFIX)
