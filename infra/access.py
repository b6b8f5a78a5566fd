"""What a synthesized deployment allows, read from its templates alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

__all__ = ["Deployment", "Grant", "Principal"]

Template: TypeAlias = Mapping[str, Any]

# What stands for a resource where a template refers to one whose name is not in the template.
_NAME_PROPERTIES: Final = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
_KINDS: Final = {
    "AWS::DynamoDB::Table": "table",
    "AWS::Events::EventBus": "bus",
    "AWS::KMS::Key": "key",
    "AWS::Lambda::Function": "function",
    "AWS::Logs::LogGroup": "log group",
    "AWS::S3::Bucket": "bucket",
    "AWS::SNS::Topic": "topic",
    "AWS::SQS::Queue": "queue",
    "AWS::StepFunctions::StateMachine": "state machine",
}
_PSEUDO: Final = {
    "AWS::AccountId": "{account}",
    "AWS::Partition": "aws",
    "AWS::Region": "{region}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One permission of a role.

    Attributes:
        sid: The statement's own name; empty where the CDK wrote it.
        actions: What is allowed, sorted.
        resources: On what, sorted; a kind and a name, as in `table SkyMarshalCheckpoints`.
        condition: The key and the values that narrow it; empty for none.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A principal of the deployment: a function, the state machine, or a role that people assume.

    Attributes:
        name: Its physical name.
        handler: The function's entry point; empty for the others.
        properties: Its properties in the template.
        grants: What its role allows.
        managed_policies: Policies of AWS that its role has as well.
    """

    name: str
    handler: str
    properties: Mapping[str, Any]
    grants: tuple[Grant, ...]
    managed_policies: tuple[str, ...]


class Deployment:
    """The templates of an assembly, with what they say about access resolved to names."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self.templates = templates
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    @classmethod
    def read(cls, assembly: Path) -> Deployment:
        """Read the templates of a synthesized assembly."""
        suffix = ".template.json"
        return cls(
            {
                path.name.removesuffix(suffix): json.loads(path.read_text())
                for path in sorted(assembly.glob(f"*{suffix}"))
            }
        )

    def resources(self, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield stack, logical id and definition of each resource of a CloudFormation type."""
        for stack, template in self.templates.items():
            for logical_id, resource in template.get("Resources", {}).items():
                if resource["Type"] == kind:
                    yield stack, logical_id, resource

    def functions(self) -> list[Principal]:
        """Return the functions, by name."""
        found = [
            self._principal(stack, resource["Properties"], "FunctionName", "Role")
            for stack, _, resource in self.resources("AWS::Lambda::Function")
        ]
        return sorted(found, key=lambda principal: principal.name)

    def state_machines(self) -> list[Principal]:
        """Return the state machines, by name."""
        found = [
            self._principal(stack, resource["Properties"], "StateMachineName", "RoleArn")
            for stack, _, resource in self.resources("AWS::StepFunctions::StateMachine")
        ]
        return sorted(found, key=lambda principal: principal.name)

    def named_roles(self) -> list[Principal]:
        """Return the roles that have a name of their own, since people assume them, by name."""
        found = [
            self._with_role(stack, role_id, role["Properties"], role["Properties"]["RoleName"])
            for stack, role_id, role in self.resources("AWS::IAM::Role")
            if "RoleName" in role["Properties"]
        ]
        return sorted(found, key=lambda principal: principal.name)

    def name(self, stack: str, value: object) -> str:
        """Return a value of a template as text, with what it refers to by kind and name."""
        match value:
            case str():
                return _shorten(value)
            case {"Ref": str(target)} if target in _PSEUDO:
                return _PSEUDO[target]
            case {"Ref": str(target)} | {"Fn::GetAtt": [str(target), *_]}:
                return self._resource_name(stack, target)
            case {"Fn::ImportValue": str(export)}:
                return self.name(*self._exports[export])
            case {"Fn::Join": [str(separator), list(parts)]}:
                return _shorten(separator.join(self._part(stack, part) for part in parts))
            case _:
                return json.dumps(value, sort_keys=True)

    def _part(self, stack: str, part: object) -> str:
        return part if isinstance(part, str) else self.name(stack, part)

    def _resource_name(self, stack: str, logical_id: str) -> str:
        resource = self.templates[stack]["Resources"][logical_id]
        kind = resource["Type"]
        if kind == "AWS::Lambda::Alias":
            return self.name(stack, resource["Properties"]["FunctionName"])
        named = resource.get("Properties", {}).get(_NAME_PROPERTIES.get(kind, ""), logical_id)
        plain = named if isinstance(named, str) else self.name(stack, named)
        label = _KINDS.get(kind, kind)
        return f"{label} of the store" if kind == "AWS::KMS::Key" else f"{label} {plain}"

    def _principal(self, stack: str, properties: Mapping[str, Any], name: str, role: str) -> Principal:
        return self._with_role(stack, properties[role]["Fn::GetAtt"][0], properties, properties[name])

    def _with_role(self, stack: str, role_id: str, properties: Mapping[str, Any], name: str) -> Principal:
        role_properties = self.templates[stack]["Resources"][role_id]["Properties"]
        statements = [
            statement
            for _, _, policy in self.resources("AWS::IAM::Policy")
            if {"Ref": role_id} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]
        statements += [
            statement
            for policy in role_properties.get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        return Principal(
            name=name,
            handler=properties.get("Handler", ""),
            properties=properties,
            grants=tuple(self._grant(stack, statement) for statement in statements),
            managed_policies=tuple(
                self.name(stack, policy) for policy in role_properties.get("ManagedPolicyArns", [])
            ),
        )

    def _grant(self, stack: str, statement: Mapping[str, Any]) -> Grant:
        if statement["Effect"] != "Allow":
            raise ValueError(f"a role's statement with effect {statement['Effect']!r} is not understood")
        return Grant(
            sid=statement.get("Sid", ""),
            actions=tuple(sorted(_several(statement["Action"]))),
            resources=tuple(sorted(self.name(stack, r) for r in _several(statement["Resource"]))),
            condition="; ".join(
                f"{key}: {', '.join(self.name(stack, value) for value in _several(values))}"
                for test in statement.get("Condition", {}).values()
                for key, values in test.items()
            ),
        )


def _several(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shorten(arn: str) -> str:
    """Return an ARN as a kind and a name; anything else as it is."""
    match arn.split(":", 5):
        case ["arn", _, "dynamodb", _, _, resource]:
            table, _, index = resource.removeprefix("table/").partition("/index/")
            return f"index {table}/{index}" if index else f"table {table}"
        case ["arn", _, "s3", _, _, resource]:
            return f"objects {resource}"
        case ["arn", _, "states", _, _, resource] if resource.startswith("execution:"):
            return f"executions {resource.removeprefix('execution:')}"
        case ["arn", _, "states", _, _, resource] if resource.startswith("stateMachine:"):
            return f"state machine {resource.removeprefix('stateMachine:')}"
        case _:
            head, _, index = arn.partition("/index/")
            return f"index {head.removeprefix('table ')}/{index}" if index else arn
