"""Names of the stacks and of what they put out, for whoever deploys or drives them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from aws_cdk import CfnOutput, Stack

__all__ = ["STACK_NAMES", "KnowledgeOutput", "Output", "StackName", "put_out"]


class StackName(StrEnum):
    """The stacks, in the order in which they are deployed. Knowledge is an option."""

    CHECKPOINT = "SkyMarshalCheckpoint"
    OPERATIONS = "SkyMarshalOperations"
    KNOWLEDGE = "SkyMarshalKnowledge"
    WORKFLOW = "SkyMarshalWorkflow"
    API = "SkyMarshalApi"
    MONITORING = "SkyMarshalMonitoring"


STACK_NAMES: Final = tuple(str(name) for name in StackName if name is not StackName.KNOWLEDGE)
"""The stacks of a deployment without options."""


class Output(StrEnum):
    """The stacks' outputs."""

    TABLE_NAME = "TableName"
    BUCKET_NAME = "BucketName"
    BUS_NAME = "BusName"
    QUEUE_URL = "QueueUrl"
    DEAD_LETTER_QUEUE_URL = "DeadLetterQueueUrl"
    STATE_MACHINE_ARN = "StateMachineArn"
    TOPIC_ARN = "TopicArn"
    OPERATORS_ROLE_ARN = "OperatorsRoleArn"
    API_ID = "ApiId"
    API_URL = "ApiUrl"
    USER_POOL_ID = "UserPoolId"
    USER_POOL_CLIENT_ID = "UserPoolClientId"
    SIGN_IN_URL = "SignInUrl"
    SIGN_IN_COMMAND = "SignInCommand"


class KnowledgeOutput(StrEnum):
    """The outputs of the optional knowledge base."""

    KNOWLEDGE_BASE_ID = "KnowledgeBaseId"
    DATA_SOURCE_ID = "DataSourceId"
    GUIDANCE_BUCKET_NAME = "GuidanceBucketName"


def put_out(stack: Stack, name: Output | KnowledgeOutput, value: str) -> None:
    """Add an output called `name` to the stack."""
    CfnOutput(stack, name, value=value)
