from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from skymarshal.domain.assessment import Phase
from skymarshal.orchestration.finalising import Finaliser
from skymarshal.orchestration.worker import Worker
from tests.api.gateway import Gateway
from tests.flow.deployed import BUCKET, BUS, REGION, moto_aws
from tests.flow.functions import forget_handlers
from tests.store.backends import create_table
from tests.unit.orchestration.flow import DISRUPTION, Work, decision


class Threads:
    """Threads on the store of the handlers, each as far as a test needs it."""

    def __init__(self) -> None:
        self.wiring = importlib.import_module("lambdas.wiring")
        self._worker = Worker(self.wiring.saver(), self.wiring.runs(), Work())

    def begun(self, disruption_id: str, **details: str) -> str:
        details = {"flight": DISRUPTION.flight_id, "execution": disruption_id, **details}
        thread_id: str = self.wiring.threads().create_thread(disruption_id, **details).thread_id
        disruption = replace(DISRUPTION, disruption_id=disruption_id)
        self._work(self.wiring.coordinator().begin(thread_id, disruption))
        return thread_id

    def asked(self, disruption_id: str, **details: str) -> str:
        thread_id = self.begun(disruption_id, **details)
        for phase in Phase:
            self._work(self.wiring.coordinator().join(thread_id, phase, 1))
        self.wiring.approvals().ask(thread_id, f"token of {disruption_id}", timedelta(hours=4))
        return thread_id

    def decided(self, disruption_id: str, **details: str) -> str:
        thread_id = self.asked(disruption_id, **details)
        self.wiring.approvals().decide(thread_id, decision())
        finaliser: Finaliser = self.wiring.finaliser()
        finaliser.conclude(thread_id)
        return thread_id

    def _work(self, advance) -> None:
        for item in advance.items:
            self._worker.run(item, f"worker of {item.agent}")


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS as moto plays it, with what the handlers need of it."""
    with moto_aws():
        create_table(boto3.client("dynamodb"))
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        boto3.client("events").create_event_bus(Name=BUS)
        boto3.client("sns").create_topic(Name="approvals")
        boto3.client("stepfunctions").create_state_machine(
            name="disruptions",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/any",
        )
        forget_handlers()
        yield
        forget_handlers()


@pytest.fixture(scope="module")
def threads(aws: None) -> Threads:
    return Threads()


@pytest.fixture(scope="module")
def gateway(aws: None) -> Gateway:
    return Gateway()
