"""Who may do what, decided from the synthesized policies as IAM decides it.

It knows the policies of roles and of resources, the permissions of functions, and the condition operators
that the templates use; anything else raises, so that nothing is taken for allowed that was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from infra.access import Deployment

ACCOUNT, REGION = "{account}", "{region}"
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": REGION}
_NAMED_BY = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
_ARNS = {
    "AWS::Bedrock::KnowledgeBase": "bedrock:{region}:{account}:knowledge-base/",
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/",
    "AWS::IAM::Role": "iam::{account}:role/",
    "AWS::KMS::Key": "kms:{region}:{account}:key/",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:",
    "AWS::S3::Bucket": "s3:::",
    "AWS::SNS::Topic": "sns:{region}:{account}:",
    "AWS::SQS::Queue": "sqs:{region}:{account}:",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:",
}
_REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy"}

Context = Mapping[str, str | Sequence[str]]


class NotUnderstood(Exception):
    """A template or a policy holds what is not known here."""


class Names:
    """What the values of the templates come to: names and ARNs, with placeholders for account and region."""

    def __init__(self, deployment: Deployment) -> None:
        self._templates = deployment.templates
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, template in deployment.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def text(self, stack: str, value: object) -> str:
        match value:
            case bool():
                return str(value).lower()
            case str() | int() | float():
                return str(value)
            case {"Ref": str(target)}:
                return _PSEUDO.get(target) or self._ref(stack, target)
            case {"Fn::GetAtt": [str(target), str(attribute)]}:
                return self._attribute(stack, target, attribute)
            case {"Fn::ImportValue": str(export)}:
                return self.text(*self._exports[export])
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.text(stack, part) for part in parts)
            case {"Fn::Select": [int(place), {"Fn::Split": [str(separator), whole]}]}:
                return self.text(stack, whole).split(separator)[place]
        raise NotUnderstood(f"{stack}: {value!r}")

    def arn(self, stack: str, logical_id: str) -> str:
        resource = self._templates[stack]["Resources"][logical_id]
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == "AWS::Lambda::Alias":
            function = self.text(stack, properties["FunctionName"])
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:{properties['Name']}"
        if kind == "AWS::Logs::LogGroup":
            return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{self.name(stack, logical_id)}:*"
        if kind == "AWS::Events::Rule":
            bus = self.text(stack, properties["EventBusName"]) + "/" if "EventBusName" in properties else ""
            return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{bus}{self.name(stack, logical_id)}"
        if kind not in _ARNS:
            raise NotUnderstood(f"{stack}: the ARN of a {kind}")
        return f"arn:aws:{_ARNS[kind]}{self.name(stack, logical_id)}"

    def name(self, stack: str, logical_id: str) -> str:
        resource = self._templates[stack]["Resources"][logical_id]
        named = resource.get("Properties", {}).get(_NAMED_BY.get(resource["Type"], ""))
        return logical_id if named is None else self.text(stack, named)

    def _ref(self, stack: str, logical_id: str) -> str:
        kind = self._templates[stack]["Resources"][logical_id]["Type"]
        if kind in _REF_IS_ARN or kind == "AWS::Lambda::Alias":
            return self.arn(stack, logical_id)
        return self.name(stack, logical_id)

    def _attribute(self, stack: str, logical_id: str, attribute: str) -> str:
        if attribute in ("Arn", "KnowledgeBaseArn"):
            return self.arn(stack, logical_id)
        if attribute in ("QueueName", "TopicName", "Name"):
            return self.name(stack, logical_id)
        return f"{logical_id}.{attribute}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one policy; `owner` is the role or the resource that the policy is of."""

    owner: str
    sid: str
    allows: bool
    principals: frozenset[str] | None
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        kind = self.owner.removeprefix("arn:aws:").replace(f"{REGION}:{ACCOUNT}:", "")
        effect = "allows" if self.allows else "denies"
        whom = "" if self.principals is None else f" {'/'.join(sorted(self.principals))}"
        return f"{kind} {effect}{whom} {','.join(self.actions)} on {','.join(self.resources)}"

    def applies(self, request: Request) -> bool:
        return (
            (self.principals is None or bool(self.principals & request.identities))
            and any(fnmatchcase(request.action.lower(), action.lower()) for action in self.actions)
            and any(_like(request.resource, resource) for resource in self.resources)
            and all(
                _holds(operator, request.context.get(key), wanted)
                for operator, key, wanted in self.conditions
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: by a service or a role, of an action, on a resource, in circumstances."""

    principal: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    @property
    def is_role(self) -> bool:
        return self.principal.startswith("arn:")

    @property
    def identities(self) -> frozenset[str]:
        return frozenset({"*", self.principal})

    def within(self, **circumstances: str) -> Request:
        """Return the same call in other circumstances; `__` stands for the colon of a key."""
        changed = {key.replace("__", ":"): value for key, value in circumstances.items()}
        return Request(
            principal=self.principal,
            action=self.action,
            resource=self.resource,
            context={**self.context, **changed},
        )

    def __str__(self) -> str:
        circumstances = ", ".join(f"{key}={value}" for key, value in sorted(self.context.items()))
        return f"{self.principal} {self.action} {self.resource} ({circumstances})"


class Policies:
    """Every statement of the templates."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements = tuple(statements)
        self._by_owner: dict[str, list[Statement]] = {}
        for statement in self.statements:
            self._by_owner.setdefault(statement.owner, []).append(statement)

    @classmethod
    def of(cls, deployment: Deployment) -> Policies:
        return cls(_read(deployment, Names(deployment)))

    def without(self, statement: Statement) -> Policies:
        """Return the policies as they would be if one statement had been forgotten."""
        return Policies(each for each in self.statements if each is not statement)

    def refusal(self, request: Request) -> str | None:
        """Return why a call would be refused, None where it is allowed."""
        resource = self._by_owner.get(_policy_holder(request), [])
        identity = self._by_owner.get(request.principal, []) if request.is_role else []
        applying = [each for each in [*resource, *identity] if each.applies(request)]
        for statement in applying:
            if not statement.allows:
                return f"{request}: {statement}"
        by_identity = any(each.allows and each.principals is None for each in applying)
        by_resource = any(each.allows and each.principals is not None for each in applying)
        if request.is_role and ":kms:" in request.resource:
            # A key's policy alone decides, unless it leaves the account's principals to their own policies.
            root = Request(
                principal=f"arn:aws:iam::{ACCOUNT}:root",
                action=request.action,
                resource=request.resource,
                context=request.context,
            )
            by_identity = by_identity and any(each.allows and each.applies(root) for each in resource)
        if by_resource or by_identity:
            return None
        return f"{request}: nothing allows it"


def _policy_holder(request: Request) -> str:
    """Return whose policy speaks for a resource: a bucket's for its objects, a role's trust for the role."""
    if request.action == "sts:AssumeRole":
        return f"trust {request.resource}"
    if request.resource.startswith("arn:aws:s3:::"):
        return request.resource.partition("/")[0]
    return request.resource


def _read(deployment: Deployment, names: Names) -> Iterator[Statement]:
    for stack, template in deployment.templates.items():
        for logical_id, resource in template.get("Resources", {}).items():
            properties = resource.get("Properties", {})
            match resource["Type"]:
                case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                    for role in properties.get("Roles", []):
                        owner = names.arn(stack, role["Ref"])
                        yield from _statements(names, stack, owner, properties["PolicyDocument"])
                case "AWS::IAM::Role":
                    owner = names.arn(stack, logical_id)
                    for policy in properties.get("Policies", []):
                        yield from _statements(names, stack, owner, policy["PolicyDocument"])
                    trust = properties["AssumeRolePolicyDocument"]
                    yield from _statements(names, stack, f"trust {owner}", trust, resources=(owner,))
                case "AWS::KMS::Key":
                    owner = names.arn(stack, logical_id)
                    yield from _statements(names, stack, owner, properties["KeyPolicy"])
                case "AWS::SQS::QueuePolicy":
                    for queue in properties["Queues"]:
                        owner = _queue_arn(names, stack, queue)
                        yield from _statements(names, stack, owner, properties["PolicyDocument"])
                case "AWS::SNS::TopicPolicy":
                    for topic in properties["Topics"]:
                        owner = names.text(stack, topic)
                        yield from _statements(names, stack, owner, properties["PolicyDocument"])
                case "AWS::S3::BucketPolicy":
                    owner = f"arn:aws:s3:::{names.text(stack, properties['Bucket'])}"
                    yield from _statements(names, stack, owner, properties["PolicyDocument"])
                case "AWS::Lambda::Permission":
                    yield _permission(names, stack, properties)
                case "AWS::Events::EventBusPolicy" | "AWS::Logs::ResourcePolicy":
                    raise NotUnderstood(f"{stack}: {resource['Type']}")


def _queue_arn(names: Names, stack: str, reference: Mapping[str, Any]) -> str:
    return names.arn(stack, reference["Ref"])


def _permission(names: Names, stack: str, properties: Mapping[str, Any]) -> Statement:
    function = names.text(stack, properties["FunctionName"])
    conditions = [
        (operator, key, (names.text(stack, properties[name]),))
        for name, operator, key in (
            ("SourceArn", "ArnLike", "aws:SourceArn"),
            ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        )
        if name in properties
    ]
    return Statement(
        owner=function,
        sid="",
        allows=True,
        principals=frozenset({names.text(stack, properties["Principal"])}),
        actions=(properties["Action"],),
        resources=(function,),
        conditions=tuple(conditions),
    )


def _statements(
    names: Names, stack: str, owner: str, document: Mapping[str, Any], resources: tuple[str, ...] = ()
) -> Iterator[Statement]:
    for given in document["Statement"]:
        unknown = given.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
        if unknown:
            raise NotUnderstood(f"{owner}: {', '.join(sorted(unknown))}")
        of_key = owner.startswith("arn:aws:kms:")
        named = tuple(names.text(stack, each) for each in _several(given.get("Resource", [])))
        yield Statement(
            owner=owner,
            sid=given.get("Sid", ""),
            allows=given["Effect"] == "Allow",
            principals=_principals(names, stack, given["Principal"]) if "Principal" in given else None,
            actions=tuple(_several(given["Action"])),
            # In a key's own policy, * is that key.
            resources=(owner,) if of_key else named or resources,
            conditions=tuple(
                (operator, key, tuple(names.text(stack, value) for value in _several(values)))
                for operator, tests in given.get("Condition", {}).items()
                for key, values in tests.items()
            ),
        )


def _principals(names: Names, stack: str, given: str | Mapping[str, Any]) -> frozenset[str]:
    if isinstance(given, str):
        return frozenset({given})
    return frozenset(
        names.text(stack, each)
        for kind in given
        for each in _several(given[kind])
        if kind in ("AWS", "Service")
    )


def _holds(operator: str, found: str | Sequence[str] | None, wanted: Sequence[str]) -> bool:
    if operator.endswith("IfExists"):
        return found is None or _holds(operator.removesuffix("IfExists"), found, wanted)
    if operator.startswith("ForAllValues:"):
        return all(
            _holds(operator.removeprefix("ForAllValues:"), each, wanted) for each in _several(found or [])
        )
    if operator.startswith("ForAnyValue:"):
        return any(
            _holds(operator.removeprefix("ForAnyValue:"), each, wanted) for each in _several(found or [])
        )
    if not isinstance(found, str | None):
        raise NotUnderstood(f"{operator} of several values")
    match operator:
        case "StringEquals":
            return found is not None and found in wanted
        case "StringNotEquals":
            return found not in wanted
        case "Bool":
            return found is not None and found.lower() in [each.lower() for each in wanted]
        case "StringLike" | "ArnLike" | "ArnEquals":
            return found is not None and any(_like(found, each) for each in wanted)
        case "NumericLessThan":
            return found is not None and any(float(found) < float(each) for each in wanted)
    raise NotUnderstood(f"condition operator {operator}")


def _like(text: str, pattern: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _several(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
