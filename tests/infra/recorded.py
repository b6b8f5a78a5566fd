"""Every kind of call that the functions made in the end-to-end tests, as IAM is asked about it on AWS.

`recorded_calls.jsonl` is added to by `RECORD_CALLS=1 make test ARGS="tests/end_to_end --numprocesses 0"`. The
end-to-end tests hold each of their own calls against the roles too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from infra.access import Deployment
from tests.infra.deliveries import key_of_topic, role_of
from tests.infra.policies import REGION, Names, NotUnderstood, Request

RECORDED = Path(__file__).with_name("recorded_calls.jsonl")

# The sample airline's values are all smaller than the 350 KB from which on one is an object, so these stand
# for what `tests/store/test_large_values.py` does. S3 says that an object is missing to who may list.
_LARGE_VALUES = {
    r"skymarshal-(agent|phase)-.*|skymarshal-api-decisions": ("GetObject", "PutObject", "ListBucket"),
    r"skymarshal-api-threads": ("GetObject", "ListBucket"),
}


def as_written(lines: str) -> frozenset[str]:
    """Return the calls of a recording, without those of parts that tests deploy for themselves."""
    return frozenset(line for line in lines.splitlines() if '"unknown"' not in line)


def recorded_calls(deployment: Deployment) -> Iterator[Request]:
    """Yield each recorded call in the role that makes it, and what it takes of the customer key."""
    yield from calls_in(deployment, as_written(RECORDED.read_text()))


def calls_in(deployment: Deployment, lines: Iterable[str]) -> Iterator[Request]:
    """Yield the calls of a recording, and those that a large value would take."""
    names = Names(deployment)
    (machine,) = (names.arn(s, i) for s, i, _ in deployment.resources("AWS::StepFunctions::StateMachine"))
    stands_for = {"state machine": machine, "key": _key(deployment, names)}
    calls = [json.loads(line) for line in sorted(lines)]
    for call in [*calls, *_large_values(deployment, names)]:
        made = Request(
            principal=role_of(deployment, names, "", call["function"]),
            action=call["action"],
            resource=stands_for.get(call["resource"], call["resource"]),
            context={"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", **call["context"]},
        )
        yield from with_uses_of_key(deployment, made)


def with_uses_of_key(deployment: Deployment, call: Request) -> Iterator[Request]:
    """Yield a call, and what the service that it goes to asks of the customer key in the caller's name."""
    names = Names(deployment)
    encrypted = {
        names.arn(stack, logical_id)
        for stack, logical_id, table in deployment.resources("AWS::DynamoDB::Table")
        if "KMSMasterKeyId" in table["Properties"].get("SSESpecification", {})
    }
    yield call
    for service, use in _uses_of_key(deployment, names, call.action, call.resource, encrypted):
        through = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
        key = _key(deployment, names)
        yield Request(principal=call.principal, action=f"kms:{use}", resource=key, context=through)


def _key(deployment: Deployment, names: Names) -> str:
    (key,) = (names.arn(stack, logical_id) for stack, logical_id, _ in deployment.resources("AWS::KMS::Key"))
    return key


def _large_values(deployment: Deployment, names: Names) -> Iterator[dict[str, Any]]:
    (bucket,) = (
        names.arn(stack, logical_id)
        for stack, logical_id, found in deployment.resources("AWS::S3::Bucket")
        if "checkpoints" in names.name(stack, logical_id)
    )
    for function in deployment.functions():
        for pattern, actions in _LARGE_VALUES.items():
            if re.fullmatch(pattern, function.name):
                for action in actions:
                    resource = bucket if action == "ListBucket" else f"{bucket}/checkpoints/one"
                    yield {
                        "function": function.name,
                        "action": f"s3:{action}",
                        "resource": resource,
                        "context": {},
                    }


def _uses_of_key(
    deployment: Deployment, names: Names, action: str, resource: str, encrypted: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield what a service asks of the customer key in the caller's name.

    DynamoDB decrypts the table's own key for each principal; S3 makes a data key for an object that is put
    and opens it for one that is read; SNS does both for a message.
    """
    service = action.partition(":")[0]
    if service == "dynamodb" and resource.partition("/index/")[0] in encrypted:
        yield "dynamodb", "Decrypt"
    elif action == "s3:GetObject":
        yield "s3", "Decrypt"
    elif action == "s3:PutObject":
        yield "s3", "GenerateDataKey"
    elif service == "sns":
        if key_of_topic(deployment, names, resource) is None:
            raise NotUnderstood(f"{resource} has no key of its own")
        yield "sns", "GenerateDataKey"
        yield "sns", "Decrypt"
