"""Written answers to findings of cdk-nag, kept beside the construct that each one is about."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

__all__ = ["accept", "why_wildcard", "wildcard_finding"]


def accept(construct: IConstruct, finding: str, *, because: str) -> None:
    """Accept one finding on a construct and what is below it.

    Args:
        construct: What the finding is about.
        finding: The rule, and where a rule reports several things, which: `AwsSolutions-IAM5[Resource::*]`.
        because: Why it is right here.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=because))


def wildcard_finding(construct: IConstruct, resource: str) -> str:
    """Return cdk-nag's name for the finding that a role covers `resource`, an ARN with a wildcard."""
    resolved = Stack.of(construct).resolve(resource)
    parts = resolved["Fn::Join"][1] if isinstance(resolved, dict) else [resolved]
    named = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)
    return f"AwsSolutions-IAM5[Resource::{named}]"


def why_wildcard(resource: str) -> str:
    """Return why a role covers `resource`, an ARN with a wildcard."""
    if ":bedrock:" in resource:
        return "An inference profile takes a call to its model in any of its regions; no other way is open."
    if ":states:" in resource:
        return "Executions are named by their machine and, last, by what they were started for."
    return "A bucket's objects are named by their prefix, which a thread's id goes on."
