"""The operators' role may do what the operators' commands do, and nothing else that matters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.access import Deployment
from skymarshal import aws
from skymarshal.checkpoints import CheckpointSaver, ThreadManager
from skymarshal.cli.main import main
from skymarshal.ports import system_clock
from tests.end_to_end.companion import calls_of
from tests.infra.policies import ACCOUNT, REGION, Names, Policies, Request, Statement
from tests.infra.recorded import recorded_calls, with_uses_of_key
from tests.store.backends import BUCKET, create_table

HERE, TABLE = "eu-west-1", "SkyMarshalCheckpoints"


class Listener:
    """Hears of the calls that the commands make."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []

    def attach(self, events) -> None:
        self._events = events
        events.register("before-parameter-build", self._note)

    def detach(self) -> None:
        self._events.unregister("before-parameter-build", self._note)

    def _note(self, params, model, **_) -> None:
        self.calls.extend(calls_of(str(model.service_model.service_name), model.name, params))


@pytest.fixture
def commanded(monkeypatch, capsys) -> Iterator[Listener]:
    """The calls of every command that reads or takes in again, on AWS as moto plays it."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", HERE),
        ("CHECKPOINT_MODE", "production"),
        ("CHECKPOINT_TABLE_NAME", TABLE),
        ("CHECKPOINT_S3_BUCKET", BUCKET),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(boto3.client("dynamodb"), TABLE)
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HERE}
        )
        sqs = boto3.client("sqs")
        for name, variable in (
            ("skymarshal-disruptions-dead-letters", "DEAD_LETTER_QUEUE_URL"),
            ("skymarshal-disruptions", "QUEUE_URL"),
        ):
            monkeypatch.setenv(variable, sqs.create_queue(QueueName=name)["QueueUrl"])
        sqs.send_message(QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"], MessageBody="{}")
        saver = CheckpointSaver.from_aws(table_name=TABLE, bucket_name=BUCKET)
        thread = ThreadManager(saver.store, system_clock).create_thread("D-1").thread_id
        listener = Listener()
        aws.attach(listener)
        for command in (
            ["threads"],
            ["show", thread],
            ["history", thread],
            ["verify", thread],
            ["redrive", "--list"],
            ["redrive"],
        ):
            assert main(command) == 0, command
        listener.detach()
        yield listener


@pytest.fixture(scope="module")
def role(deployment: Deployment) -> str:
    names = Names(deployment)
    (found,) = [
        names.arn(stack, logical_id)
        for stack, logical_id, each in deployment.resources("AWS::IAM::Role")
        if each["Properties"].get("RoleName") == "skymarshal-operators"
    ]
    return found


@pytest.fixture(scope="module")
def policies(deployment: Deployment) -> Policies:
    return Policies.of(deployment)


def _grants(policies: Policies, role: str) -> list[Statement]:
    return [statement for statement in policies.statements if statement.owner == role]


def test_the_commands_may_do_what_they_do(
    commanded: Listener, deployment: Deployment, policies: Policies, role: str
) -> None:
    named = f"skymarshal-checkpoints-{ACCOUNT}-{REGION}"
    calls = [
        Request(principal=role, action=action, resource=resource.replace(BUCKET, named), context=context)
        for action, resource, context in commanded.calls
    ]
    assert {call.action for call in calls} >= {
        "dynamodb:Query",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    }
    wanted = [each for call in calls for each in with_uses_of_key(deployment, call)]
    safe = [each.within(aws__SecureTransport="true", s3__TlsVersion="1.3") for each in wanted]
    assert [refusal for each in safe if (refusal := policies.refusal(each))] == []


def test_a_thread_may_be_resumed_as_the_api_resumes_it(
    deployment: Deployment, policies: Policies, role: str
) -> None:
    resuming = [
        replace(call, principal=role)
        for call in recorded_calls(deployment)
        if "ApiDecisions" in call.principal
        and call.action.partition(":")[0] in ("dynamodb", "states")
        and call.action != "states:SendTaskSuccess"
    ]
    assert {call.action for call in resuming} >= {"dynamodb:PutItem", "states:StartExecution"}
    assert [refusal for call in resuming if (refusal := policies.refusal(call))] == []


def test_operators_decide_nothing_and_delete_nothing(policies: Policies, role: str) -> None:
    actions = {action for statement in _grants(policies, role) for action in statement.actions}
    assert actions
    assert not {each for each in actions if "Delete" in each} - {"sqs:DeleteMessage"}
    assert "states:SendTaskSuccess" not in actions
    reached = {each for statement in _grants(policies, role) for each in statement.resources}
    assert not {each for each in reached if "decisions/" in each or "outcomes/" in each}
    opened = [each for each in _grants(policies, role) if "kms:Decrypt" in each.actions]
    assert all(any(key == "kms:ViaService" for _, key, _ in each.conditions) for each in opened)


def test_only_the_account_itself_lets_anybody_be_an_operator(policies: Policies, role: str) -> None:
    (trust,) = [each for each in policies.statements if each.owner == f"trust {role}"]
    assert trust.principals == {f"arn:aws:iam::{ACCOUNT}:root"}
