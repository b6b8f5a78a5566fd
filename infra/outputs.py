"""Names of the stacks and of what they put out, for whoever deploys or drives them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from aws_cdk import CfnOutput, Stack

__all__ = ["STACK_NAMES", "Output", "StackName", "put_out"]


class StackName(StrEnum):
    """The stacks, in the order in which they are deployed."""

    CHECKPOINT = "SkyMarshalCheckpoint"
    OPERATIONS = "SkyMarshalOperations"
    WORKFLOW = "SkyMarshalWorkflow"
    API = "SkyMarshalApi"
    MONITORING = "SkyMarshalMonitoring"


STACK_NAMES: Final = tuple(str(name) for name in StackName)


class Output(StrEnum):
    """The stacks' outputs."""

    TABLE_NAME = "TableName"
    BUCKET_NAME = "BucketName"
    BUS_NAME = "BusName"
    QUEUE_URL = "QueueUrl"
    DEAD_LETTER_QUEUE_URL = "DeadLetterQueueUrl"
    STATE_MACHINE_ARN = "StateMachineArn"
    TOPIC_ARN = "TopicArn"
    API_ID = "ApiId"
    API_URL = "ApiUrl"
    USER_POOL_ID = "UserPoolId"
    USER_POOL_CLIENT_ID = "UserPoolClientId"


def put_out(stack: Stack, name: Output, value: str) -> None:
    """Add an output called `name` to the stack."""
    CfnOutput(stack, name, value=value)
