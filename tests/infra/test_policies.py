"""The policies are read as IAM reads them; what is not understood is never taken for allowed."""

from __future__ import annotations

import pytest

from infra.access import Deployment
from tests.infra.policies import ACCOUNT, NotUnderstood, Policies, Request

QUEUE = f"arn:aws:sqs:{{region}}:{ACCOUNT}:q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Worker"
KEY = f"arn:aws:kms:{{region}}:{ACCOUNT}:key/Key"
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}


def _policies(*identity: dict, queue: list[dict] | None = None, key: list[dict] | None = None) -> Policies:
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Statement": []}},
    }
    attached = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"Roles": [{"Ref": "Worker"}], "PolicyDocument": {"Statement": list(identity)}},
    }
    resources = {
        "Worker": role,
        "Attached": attached,
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
        "QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": queue or []}},
        },
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": key or []}}},
    }
    return Policies.of(Deployment({"Stack": {"Resources": resources}}))


def _sends(principal: str = ROLE, **context: str) -> Request:
    found = {name.replace("__", ":"): value for name, value in context.items()}
    return Request(principal=principal, action="sqs:SendMessage", resource=QUEUE, context=found)


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert "nothing allows it" in str(_policies().refusal(_sends()))
    assert _policies(SEND).refusal(_sends()) is None
    assert _policies({**SEND, "Action": "sqs:Receive*"}).refusal(_sends()) is not None


def test_a_denial_goes_before_whatever_allows() -> None:
    plain = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Resource": QUEUE,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policies = _policies(SEND, queue=[plain])
    assert policies.refusal(_sends(aws__SecureTransport="true")) is None
    assert "denies" in str(policies.refusal(_sends(aws__SecureTransport="false")))


def test_a_service_needs_the_resource_to_name_it() -> None:
    let = {**SEND, "Principal": {"Service": "events.amazonaws.com"}}
    narrowed = {**let, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    assert _policies(queue=[let]).refusal(_sends("events.amazonaws.com")) is None
    assert _policies(queue=[let]).refusal(_sends("sns.amazonaws.com")) is not None
    # A condition on what is not said does not hold.
    assert _policies(queue=[narrowed]).refusal(_sends("events.amazonaws.com")) is not None


def test_a_key_is_used_only_where_its_own_policy_leaves_that_to_roles() -> None:
    decrypt = Request(principal=ROLE, action="kms:Decrypt", resource=KEY)
    own = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}
    to_account = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    assert _policies(own).refusal(decrypt) is not None
    assert _policies(own, key=[to_account]).refusal(decrypt) is None
    assert _policies(key=[to_account]).refusal(decrypt) is not None


def test_every_attribute_of_a_request_must_be_among_those_that_are_let() -> None:
    held = {**SEND, "Condition": {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["a", "b"]}}}
    call = _sends()
    for written, refused in ((["a"], False), (["a", "b"], False), (["a", "c"], True)):
        given = Request(
            principal=call.principal,
            action=call.action,
            resource=call.resource,
            context={"dynamodb:Attributes": written},
        )
        assert (_policies(held).refusal(given) is not None) is refused


@pytest.mark.parametrize(
    "statement",
    [
        {**SEND, "NotAction": "sqs:ReceiveMessage"},
        {**SEND, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}},
    ],
)
def test_what_is_not_understood_is_refused(statement: dict) -> None:
    with pytest.raises(NotUnderstood):
        _policies(statement).refusal(_sends(aws__CurrentTime="now"))
