"""What one service delivers to another in the templates, each as the calls that must be allowed for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.access import Deployment
from tests.infra.policies import ACCOUNT, REGION, Names, NotUnderstood, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edge between two resources, with the calls that it takes."""

    kind: str
    what: str
    calls: tuple[Request, ...]


def deliveries(deployment: Deployment) -> Iterator[Delivery]:
    """Yield every delivery of the templates; a kind that is not known raises."""
    names = Names(deployment)
    for stack, template in deployment.templates.items():
        for logical_id, resource in template.get("Resources", {}).items():
            properties = resource.get("Properties", {})
            match resource["Type"]:
                case "AWS::CloudWatch::Alarm":
                    yield from _alarm(deployment, names, stack, logical_id, properties)
                case "AWS::Events::Rule":
                    yield from _rule(names, stack, logical_id, properties)
                case "AWS::SNS::Subscription":
                    yield from _subscription(names, stack, properties)
                case "AWS::Lambda::EventSourceMapping":
                    yield _event_source(deployment, names, stack, properties)
                case "AWS::Lambda::EventInvokeConfig":
                    yield from _failures_of(deployment, names, stack, properties)
                case "AWS::ApiGatewayV2::Route":
                    yield _route(deployment, names, stack, properties)
                case "AWS::StepFunctions::StateMachine":
                    yield from _machine(deployment, names, stack, properties)
                case "AWS::Lambda::Function":
                    yield _function(deployment, names, stack, properties)
                case "AWS::Logs::LogGroup" if "KmsKeyId" in properties:
                    yield _encrypted_log(names, stack, logical_id, properties)
                case "AWS::S3::Bucket" if "NotificationConfiguration" in properties:
                    raise NotUnderstood(f"{stack}: notifications of {logical_id}")
                case "AWS::Bedrock::KnowledgeBase":
                    yield _assumed(names, stack, properties["RoleArn"], "bedrock.amazonaws.com", logical_id)


def _by(service: str, action: str, resource: str, source: str = "", **more: str) -> Request:
    context = {"aws:SecureTransport": "true", "aws:SourceAccount": ACCOUNT, **more}
    if source:
        context["aws:SourceArn"] = source
    return Request(principal=service, action=action, resource=resource, context=context)


def role_of(deployment: Deployment, names: Names, stack: str, function: str) -> str:
    """Return the ARN of the role of a function, given its name or the ARN of it or of its alias."""
    name = function.removeprefix(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:").partition(":")[0]
    for where, _, resource in deployment.resources("AWS::Lambda::Function"):
        if resource["Properties"]["FunctionName"] == name:
            return names.text(where, resource["Properties"]["Role"])
    raise NotUnderstood(f"{stack}: no function {name}")


def key_of_topic(deployment: Deployment, names: Names, topic: str) -> str | None:
    """Return the ARN of the customer key of a topic."""
    for stack, logical_id, resource in deployment.resources("AWS::SNS::Topic"):
        if names.arn(stack, logical_id) == topic:
            key = resource["Properties"].get("KmsMasterKeyId")
            return None if key is None else names.text(stack, key)
    raise NotUnderstood(f"no topic {topic}")


def _alarm(
    deployment: Deployment, names: Names, stack: str, logical_id: str, properties: Mapping[str, Any]
) -> Iterator[Delivery]:
    alarm, service = names.arn(stack, logical_id), "cloudwatch.amazonaws.com"
    for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for action in properties.get(kind, []):
            topic = names.text(stack, action)
            if not topic.startswith("arn:aws:sns:"):
                raise NotUnderstood(f"{alarm} tells {topic}")
            calls = [_by(service, "sns:Publish", topic, alarm)]
            key = key_of_topic(deployment, names, topic)
            if key is not None:
                # SNS encrypts with the topic's key in the name of who publishes.
                calls += [_by(service, f"kms:{each}", key, alarm) for each in ("Decrypt", "GenerateDataKey")]
            yield Delivery(kind="alarm to topic", what=properties["AlarmName"], calls=tuple(calls))


def _rule(names: Names, stack: str, logical_id: str, properties: Mapping[str, Any]) -> Iterator[Delivery]:
    rule, service = names.arn(stack, logical_id), "events.amazonaws.com"
    for target in properties["Targets"]:
        arn = names.text(stack, target["Arn"])
        if arn.startswith("arn:aws:sqs:"):
            calls = [_by(service, "sqs:SendMessage", arn, rule)]
        elif arn.startswith("arn:aws:lambda:"):
            calls = [_by(service, "lambda:InvokeFunction", arn, rule)]
        else:
            raise NotUnderstood(f"{rule} delivers to {arn}")
        yield Delivery(kind="rule to target", what=f"{rule} to {arn}", calls=tuple(calls))
        if "DeadLetterConfig" in target:
            queue = names.text(stack, target["DeadLetterConfig"]["Arn"])
            yield Delivery(
                kind="rule to dead letters",
                what=f"{rule} to {queue}",
                calls=(_by(service, "sqs:SendMessage", queue, rule),),
            )


def _subscription(names: Names, stack: str, properties: Mapping[str, Any]) -> Iterator[Delivery]:
    if properties["Protocol"] not in ("email", "email-json"):
        raise NotUnderstood(f"{stack}: a subscription by {properties['Protocol']}")
    yield Delivery(kind="topic to e-mail", what=str(properties["Endpoint"]), calls=())


def _event_source(
    deployment: Deployment, names: Names, stack: str, properties: Mapping[str, Any]
) -> Delivery:
    queue = names.text(stack, properties["EventSourceArn"])
    function = names.text(stack, properties["FunctionName"])
    role = role_of(deployment, names, stack, function)
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    return Delivery(
        kind="queue to function",
        what=f"{queue} to {function}",
        calls=tuple(_by(role, f"sqs:{action}", queue) for action in actions),
    )


def _failures_of(
    deployment: Deployment, names: Names, stack: str, properties: Mapping[str, Any]
) -> Iterator[Delivery]:
    function = names.text(stack, properties["FunctionName"])
    for destination in properties["DestinationConfig"].values():
        queue = names.text(stack, destination["Destination"])
        if not queue.startswith("arn:aws:sqs:"):
            raise NotUnderstood(f"{function} fails to {queue}")
        role = role_of(deployment, names, stack, function)
        yield Delivery(
            kind="function to where its failures go",
            what=f"{function} to {queue}",
            calls=(_by(role, "sqs:SendMessage", queue),),
        )


def _route(deployment: Deployment, names: Names, stack: str, properties: Mapping[str, Any]) -> Delivery:
    integration = deployment.templates[stack]["Resources"][properties["Target"]["Fn::Join"][1][-1]["Ref"]]
    function = names.text(stack, integration["Properties"]["IntegrationUri"])
    method, _, path = properties["RouteKey"].partition(" ")
    api = names.text(stack, properties["ApiId"])
    # Lambda is told of the stage, the method and the path, of which $default stands for any stage.
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/$default/{method}{path}"
    return Delivery(
        kind="API to function",
        what=f"{properties['RouteKey']} to {function}",
        calls=(_by("apigateway.amazonaws.com", "lambda:InvokeFunction", function, source),),
    )


def _machine(
    deployment: Deployment, names: Names, stack: str, properties: Mapping[str, Any]
) -> Iterator[Delivery]:
    role, machine = names.text(stack, properties["RoleArn"]), properties["StateMachineName"]
    yield _assumed(names, stack, properties["RoleArn"], "states.amazonaws.com", machine)
    definition = json.loads(names.text(stack, properties["DefinitionString"]))
    for function in sorted(set(_functions_in(definition))):
        yield Delivery(
            kind="state machine to function",
            what=f"{machine} to {function}",
            calls=(_by(role, "lambda:InvokeFunction", function),),
        )
    # As Step Functions documents them for logs to CloudWatch, and for traces.
    logs = [
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    ]
    xray = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
    yield Delivery(
        kind="state machine to its log",
        what=machine,
        calls=tuple(_by(role, f"logs:{action}", "*") for action in logs),
    )
    yield Delivery(
        kind="traces", what=machine, calls=tuple(_by(role, f"xray:{action}", "*") for action in xray)
    )


def _functions_in(definition: object) -> Iterator[str]:
    match definition:
        case {"Type": "Task", "Resource": str(resource)} as state:
            given = state.get("Parameters", {}).get("FunctionName")
            yield given if given is not None else resource
        case dict():
            for each in definition.values():
                yield from _functions_in(each)
        case list():
            for each in definition:
                yield from _functions_in(each)


def _function(deployment: Deployment, names: Names, stack: str, properties: Mapping[str, Any]) -> Delivery:
    role, name = names.text(stack, properties["Role"]), properties["FunctionName"]
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{name}:*"
    return Delivery(
        kind="function to its log and traces",
        what=name,
        calls=(
            *_assumed(names, stack, properties["Role"], "lambda.amazonaws.com", name).calls,
            _by(role, "logs:CreateLogStream", log),
            _by(role, "logs:PutLogEvents", log),
            _by(role, "xray:PutTraceSegments", "*"),
            _by(role, "xray:PutTelemetryRecords", "*"),
        ),
    )


def _encrypted_log(names: Names, stack: str, logical_id: str, properties: Mapping[str, Any]) -> Delivery:
    key, log = names.text(stack, properties["KmsKeyId"]), names.arn(stack, logical_id).removesuffix(":*")
    return Delivery(
        kind="log to its key",
        what=log,
        calls=tuple(
            _by(
                f"logs.{REGION}.amazonaws.com",
                f"kms:{action}",
                key,
                **{"kms:EncryptionContext:aws:logs:arn": log},
            )
            for action in (
                "Encrypt",
                "Decrypt",
                "GenerateDataKey",
                "ReEncryptFrom",
                "ReEncryptTo",
                "DescribeKey",
            )
        ),
    )


_SOURCES = {
    "bedrock.amazonaws.com": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:knowledge-base/guidance",
    "states.amazonaws.com": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:disruption",
}


def _assumed(names: Names, stack: str, role: object, service: str, what: str) -> Delivery:
    call = _by(service, "sts:AssumeRole", names.text(stack, role), _SOURCES.get(service, ""))
    return Delivery(kind="service to its role", what=what, calls=(call,))
