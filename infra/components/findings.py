"""Written answers to findings of cdk-nag, kept beside the construct that each one is about."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

__all__ = ["accept"]


def accept(construct: IConstruct, finding: str, *, because: str) -> None:
    """Accept one finding on a construct and what is below it.

    Args:
        construct: What the finding is about.
        finding: The rule, and where a rule reports several things, which: `AwsSolutions-IAM5[Resource::*]`.
        because: Why it is right here.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=because))
