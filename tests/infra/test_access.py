"""What the templates let services and roles do, held against what services and functions do."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from infra.access import Deployment
from skymarshal.contracts import AGENT_NAMES, attributes_of_agent
from tests.infra.deliveries import deliveries, role_of
from tests.infra.policies import ACCOUNT, Names, Policies, Request, Statement
from tests.infra.recorded import recorded_calls

ABROAD = "{another account}"
_OF_CLAIM = {name for name in attributes_of_agent("any") if ":" not in name}


@pytest.fixture(scope="module")
def policies(deployment: Deployment) -> Policies:
    return Policies.of(deployment)


@pytest.fixture(scope="module")
def delivered(deployment: Deployment) -> list[Request]:
    return [call for delivery in deliveries(deployment) for call in delivery.calls]


@pytest.fixture(scope="module")
def recorded(deployment: Deployment) -> list[Request]:
    return list(recorded_calls(deployment))


def _refused(policies: Policies, calls: list[Request]) -> list[str]:
    return [refusal for call in calls if (refusal := policies.refusal(call))]


def test_every_service_may_deliver_what_the_templates_have_it_deliver(
    policies: Policies, delivered: list[Request]
) -> None:
    assert _refused(policies, delivered) == []


def test_the_deliveries_of_every_kind_are_known(deployment: Deployment) -> None:
    assert {delivery.kind for delivery in deliveries(deployment)} == {
        "API to function",
        "alarm to topic",
        "function to its log and traces",
        "function to where its failures go",
        "queue to function",
        "rule to dead letters",
        "rule to target",
        "service to its role",
        "state machine to function",
        "state machine to its log",
        "traces",
    }


def test_every_rule_has_somewhere_for_what_it_cannot_deliver(deployment: Deployment) -> None:
    without = [
        rule["Properties"]["Name"]
        for _, _, rule in deployment.resources("AWS::Events::Rule")
        for target in rule["Properties"]["Targets"]
        if "DeadLetterConfig" not in target
    ]
    assert without == []


def test_every_queue_of_dead_letters_has_an_alarm(deployment: Deployment) -> None:
    watched = {
        deployment.name(stack, dimension["Value"])
        for stack, _, alarm in deployment.resources("AWS::CloudWatch::Alarm")
        for dimension in alarm["Properties"].get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    queues = {
        f"queue {queue['Properties']['QueueName']}" for _, _, queue in deployment.resources("AWS::SQS::Queue")
    }
    assert watched == queues


def test_every_call_that_was_recorded_is_allowed_to_its_role(
    policies: Policies, recorded: list[Request]
) -> None:
    assert len(recorded) > 200
    assert _refused(policies, recorded) == []


def test_no_service_may_deliver_on_behalf_of_another_account(
    policies: Policies, delivered: list[Request]
) -> None:
    open_to_all = set()
    for call in delivered:
        if call.is_role or call.principal == "lambda.amazonaws.com":
            continue
        source = str(call.context.get("aws:SourceArn", "")).replace(ACCOUNT, ABROAD)
        foreign = call.within(aws__SourceAccount=ABROAD, aws__SourceArn=source)
        if policies.refusal(foreign) is None:
            open_to_all.add(str(foreign))
    assert open_to_all == set()


def test_nothing_is_taken_without_encryption_on_the_way(
    policies: Policies, delivered: list[Request], recorded: list[Request]
) -> None:
    plain = [call.within(aws__SecureTransport="false") for call in [*delivered, *recorded]]
    kept = ("arn:aws:s3:", "arn:aws:sqs:", "arn:aws:sns:")
    assert [
        str(call) for call in plain if call.resource.startswith(kept) and not policies.refusal(call)
    ] == []
    old = [call.within(s3__TlsVersion="1.1") for call in recorded if call.resource.startswith("arn:aws:s3:")]
    assert [str(call) for call in old if not policies.refusal(call)] == []


KINDS = {
    "the alarms' grant on the key": r"key/.* allows cloudwatch",
    "the account's own hold on the key": r"key/.* allows arn:aws:iam",
    "the alarms' grant on their topic": r"sns:skymarshal-alarms allows",
    "a rule's grant on a queue": r"sqs:skymarshal-disruptions allows",
    "a rule's grant on dead letters": r"sqs:skymarshal-(disruptions-dead-letters|ends-unheard) allows",
    "a rule's grant on a function": r"execution-ended:live allows events",
    "the API's grant on a function": r"api-.*:live allows apigateway",
    "a service's trust in a role": r"trust .*role/(?!Operators).* sts:AssumeRole",
    "a function's grant": r"^iam::.*role/(Agent|Api|Execution|Intake|Phase).* allows",
    "the state machine's grant": r"^iam::.*role/Disruption.* allows",
    "what refuses plain HTTP": r"denies .* on arn:aws:(s3|sns|sqs)",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_gap_of_any_kind_is_noticed(
    policies: Policies, delivered: list[Request], recorded: list[Request], kind: str
) -> None:
    """Each statement of the kind is forgotten in turn."""
    planted = [statement for statement in policies.statements if re.search(KINDS[kind], str(statement))]
    assert planted
    calls = [*delivered, *recorded]
    unnoticed = [str(each) for each in planted if not _noticed(policies.without(each), each, calls)]
    assert unnoticed == []


def test_every_statement_is_of_a_kind_that_is_planted(policies: Policies) -> None:
    other = [
        str(statement)
        for statement in policies.statements
        if not any(re.search(kind, str(statement)) for kind in KINDS.values())
        # Theirs are held against their commands in `test_operators`.
        and "role/Operators" not in statement.owner
    ]
    assert other == []


def test_no_role_is_granted_an_action_that_it_never_uses(
    policies: Policies, delivered: list[Request], recorded: list[Request]
) -> None:
    calls = [*delivered, *recorded]
    # The CDK grants these to whoever reads from or sends to a queue.
    idle = {"sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    unused = {
        (statement.owner.rpartition("/")[2], action)
        for statement in policies.statements
        if statement.owner.startswith("arn:aws:iam:") and "role/Operators" not in statement.owner
        for action in statement.actions
        if action not in idle
        and not any(statement.applies(call) and fnmatchcase(call.action, action) for call in calls)
    }
    assert unused == set()


def test_no_agent_can_write_what_another_found_or_what_was_decided(
    deployment: Deployment, policies: Policies, recorded: list[Request]
) -> None:
    """Every write of the flow, tried in the role of every agent that does not make it itself."""
    names = Names(deployment)
    roles = {
        agent: role_of(deployment, names, "", f"skymarshal-agent-{agent.replace('_', '-')}")
        for agent in AGENT_NAMES
    }
    writes = [call for call in recorded if call.action in ("dynamodb:PutItem", "dynamodb:UpdateItem")]
    assert {call.principal for call in writes} > set(roles.values())
    let = set()
    for agent, role in roles.items():
        for write in writes:
            tried = replace(write, principal=role)
            # Claiming a run is written alike for every agent. It finds nothing: a claim that names no digest
            # of its own agent was completed by nobody.
            claims = set(write.context["dynamodb:Attributes"]) <= _OF_CLAIM
            if write.principal != role and not claims and policies.refusal(tried) is None:
                let.add(f"{agent} may: {write}")
    assert let == set()


def test_no_agent_reaches_a_decision_record(policies: Policies) -> None:
    agents = [each for each in policies.statements if re.search(r"role/Agent", each.owner)]
    assert agents
    for statement in agents:
        assert not any(
            "decisions/" in resource or "outcomes/" in resource for resource in statement.resources
        )


def _noticed(policies: Policies, forgotten: Statement, calls: list[Request]) -> bool:
    if forgotten.allows:
        return any(policies.refusal(call) for call in calls)
    if any(key == "s3:TlsVersion" for _, key, _ in forgotten.conditions):
        unsafe = [call.within(s3__TlsVersion="1.1") for call in calls]
    else:
        unsafe = [call.within(aws__SecureTransport="false") for call in calls]
    return any(forgotten.applies(call) and not policies.refusal(call) for call in unsafe)
