"""Each function reaches what it needs and nothing else, as the templates themselves say."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.access import Deployment, Principal
from infra.security_report import REPORT, render
from skymarshal.contracts import AGENT_NAMES, OPERATIONS_TABLES, OPERATIONS_TABLES_BY_AGENT

BUCKET = "skymarshal-checkpoints-{account}-{region}"
TABLE = "table SkyMarshalCheckpoints"
PAYLOADS = f"objects {BUCKET}/checkpoints/*"
DECISIONS = f"objects {BUCKET}/decisions/*"
OUTCOMES = f"objects {BUCKET}/outcomes/*"
KEY = "key of the store"
BUS = "bus skymarshal"
MACHINE = "state machine skymarshal-disruption"
EXECUTIONS = "executions skymarshal-disruption:*"

READ_ITEMS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
WRITE_ITEMS = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
WRITE_OBJECTS = {"s3:PutObject"}
DECRYPT = {"kms:Decrypt"}
ENCRYPT = {"kms:GenerateDataKey"}

Access = dict[str, set[str]]

READ_THREADS: Access = {
    TABLE: READ_ITEMS,
    PAYLOADS: {"s3:GetObject"},
    f"bucket {BUCKET}": {"s3:ListBucket"},
    KEY: DECRYPT,
}
WRITE_THREADS: Access = {
    TABLE: READ_ITEMS | WRITE_ITEMS,
    PAYLOADS: {"s3:GetObject"} | WRITE_OBJECTS,
    f"bucket {BUCKET}": {"s3:ListBucket"},
    KEY: DECRYPT | ENCRYPT,
}
PUT_EVENTS: Access = {BUS: {"events:PutEvents"}}


def _operations(*names: str) -> Access:
    access = {f"table SkyMarshal-{name}": READ_ITEMS for name in names}
    for name in names:
        for index in OPERATIONS_TABLES[name].indexes:
            access[f"index SkyMarshal-{name}/{index.name}"] = READ_ITEMS
    return access


NEEDED: dict[str, Access] = {
    "intake": {
        **_operations("Flights", "Airports"),
        MACHINE: {"states:StartExecution"},
        "queue skymarshal-disruptions-dead-letters": {"sqs:SendMessage"},
        "queue skymarshal-disruptions": {
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
        },
    },
    "execution-ended": {
        TABLE: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        KEY: DECRYPT,
        "queue skymarshal-ends-unheard": {
            "sqs:SendMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
        },
    }
    | PUT_EVENTS,
    "phase-initial": WRITE_THREADS | PUT_EVENTS,
    "phase-revision": WRITE_THREADS | PUT_EVENTS,
    "phase-arbitration": WRITE_THREADS | PUT_EVENTS | _operations(*OPERATIONS_TABLES),
    "phase-approval": WRITE_THREADS
    | PUT_EVENTS
    | {
        "topic skymarshal-approvals": {"sns:Publish"},
        MACHINE: {"states:SendTaskSuccess"},
        KEY: DECRYPT | ENCRYPT | {"kms:Encrypt"},
    },
    "phase-finalise": WRITE_THREADS | PUT_EVENTS | {DECISIONS: {"s3:GetObject"} | WRITE_OBJECTS},
    "api-threads": READ_THREADS
    | {
        "index SkyMarshalCheckpoints/thread-status-index": {"dynamodb:Query"},
    },
    "api-decisions": WRITE_THREADS
    | {
        MACHINE: {"states:SendTaskSuccess", "states:StartExecution"},
        EXECUTIONS: {"states:DescribeExecution"},
        DECISIONS: {"s3:GetObject"},
        OUTCOMES: {"s3:PutObject"},
    },
    "api-disruptions": PUT_EVENTS,
    "api-reports": {
        TABLE: {"dynamodb:GetItem"},
        DECISIONS: {"s3:GetObject"},
        OUTCOMES: {"s3:GetObject"},
        f"bucket {BUCKET}": {"s3:ListBucket"},
        KEY: DECRYPT,
    },
    **{
        f"agent-{agent.replace('_', '-')}": WRITE_THREADS | _operations(*OPERATIONS_TABLES_BY_AGENT[agent])
        for agent in AGENT_NAMES
    },
}


def _allowed(principal: Principal) -> Access:
    access: Access = {}
    for grant in principal.grants:
        for resource in grant.resources:
            access.setdefault(resource, set()).update(grant.actions)
    return access


def test_every_function_is_in_the_table_of_needs(deployment: Deployment) -> None:
    assert {function.name.removeprefix("skymarshal-") for function in deployment.functions()} == set(NEEDED)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_function_reaches_what_it_needs_and_nothing_else(deployment: Deployment, name: str) -> None:
    (function,) = [f for f in deployment.functions() if f.name == f"skymarshal-{name}"]
    own_log = {f"log group /aws/lambda/{function.name}": {"logs:CreateLogStream", "logs:PutLogEvents"}}
    traces = {"*": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}}
    assert _allowed(function) == NEEDED[name] | own_log | traces
    assert function.managed_policies == ()


def test_the_state_machine_calls_agents_and_phases_and_nothing_else(deployment: Deployment) -> None:
    (machine,) = deployment.state_machines()
    called = {
        resource
        for grant in machine.grants
        if grant.actions == ("lambda:InvokeFunction",)
        for resource in grant.resources
    }
    assert called == {
        f"function skymarshal-{name}" for name in NEEDED if name.startswith(("agent-", "phase-"))
    }


def test_nothing_may_scan_or_delete(deployment: Deployment) -> None:
    forbidden = {
        (principal.name, action)
        for principal in [*deployment.functions(), *deployment.state_machines()]
        for grant in principal.grants
        for action in grant.actions
        if "Scan" in action or action.startswith(("dynamodb:Delete", "s3:Delete", "kms:Schedule"))
    }
    assert forbidden == set()


def test_no_action_holds_a_wildcard(deployment: Deployment) -> None:
    wild = {
        (principal.name, action)
        for principal in [*deployment.functions(), *deployment.state_machines()]
        for grant in principal.grants
        for action in grant.actions
        if "*" in action
    }
    assert wild == set()


def test_only_x_ray_log_delivery_executions_and_object_prefixes_go_without_a_full_name(
    deployment: Deployment,
) -> None:
    wild = {
        (resource, action.partition(":")[0])
        for principal in [*deployment.functions(), *deployment.state_machines()]
        for grant in principal.grants
        for resource in grant.resources
        for action in grant.actions
        if "*" in resource
    }
    assert wild == {
        ("*", "xray"),
        ("*", "logs"),
        (PAYLOADS, "s3"),
        (DECISIONS, "s3"),
        (OUTCOMES, "s3"),
        (EXECUTIONS, "states"),
    }


def test_a_function_can_pass_off_no_event_as_one_of_the_airline(deployment: Deployment) -> None:
    sources = {
        function.name: grant.condition
        for function in deployment.functions()
        for grant in function.grants
        if "events:PutEvents" in grant.actions
    }
    assert sources.pop("skymarshal-api-disruptions") == "events:source: airline.operations"
    assert set(sources.values()) == {"events:source: skymarshal"}


def test_the_key_is_used_only_through_the_services_whose_data_it_encrypts(deployment: Deployment) -> None:
    conditions = {
        grant.condition
        for function in deployment.functions()
        for grant in function.grants
        if KEY in grant.resources
    }
    tokens = "kms:EncryptionContext:purpose: approval-token"
    assert conditions == {
        tokens,
        "kms:ViaService: dynamodb.{region}.amazonaws.com, s3.{region}.amazonaws.com",
        "kms:ViaService: dynamodb.{region}.amazonaws.com",
        "kms:ViaService: sns.{region}.amazonaws.com",
    }


def test_who_asks_seals_task_tokens_and_only_who_decides_opens_them(deployment: Deployment) -> None:
    uses = {
        (function.name, grant.actions)
        for function in deployment.functions()
        for grant in function.grants
        if grant.condition == "kms:EncryptionContext:purpose: approval-token"
    }
    assert uses == {
        ("skymarshal-phase-approval", ("kms:Encrypt",)),
        ("skymarshal-api-decisions", ("kms:Decrypt",)),
    }


def test_who_renders_reports_sees_the_names_of_decisions_and_outcomes_and_of_nothing_else(
    deployment: Deployment,
) -> None:
    (reports,) = [f for f in deployment.functions() if f.name == "skymarshal-api-reports"]
    (listing,) = [grant for grant in reports.grants if grant.actions == ("s3:ListBucket",)]
    assert listing.condition == "s3:prefix: decisions/*, outcomes/*"


def test_the_security_report_is_current(assembly: Path) -> None:
    assert REPORT.read_text() == render(assembly), "run `make docs`"
