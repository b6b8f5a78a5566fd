"""The one place where AWS clients are made.

Clients take endpoint, region and credentials from boto3's ordinary environment, and the region from
AWS_REGION first, as the other tools of AWS do and boto3 does not. Those of the checkpoint store retry
nothing themselves: the store decides what is worth repeating, and how often.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

import boto3
from botocore.config import Config

from skymarshal.rows import pass_rows_on

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from mypy_boto3_bedrock_agent_runtime import AgentsforBedrockRuntimeClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

__all__ = [
    "Listener",
    "attach",
    "bedrock_client",
    "dynamodb_client",
    "events_client",
    "kms_client",
    "knowledge_client",
    "operations_client",
    "records_client",
    "s3_client",
    "sns_client",
    "sqs_client",
    "stepfunctions_client",
    "users_client",
]


class Listener(Protocol):
    """Hears of every call of AWS, as a meter does."""

    def attach(self, events: BaseEventHooks) -> None:
        """Register for the events of clients made with `events`."""
        ...


def attach(listener: Listener) -> None:
    """Let `listener` hear of the calls of every client that is made from now on."""
    listener.attach(_session().events)


def dynamodb_client() -> DynamoDBClient:
    """Return a DynamoDB client with timeouts and without retries."""
    client: DynamoDBClient = _session().client("dynamodb", config=_without_retries())
    return client


def s3_client() -> S3Client:
    """Return an S3 client with timeouts and without retries."""
    client: S3Client = _session().client("s3", config=_without_retries())
    return client


def records_client() -> S3Client:
    """Return an S3 client for the records that a person asks for, which retries by itself."""
    client: S3Client = _session().client("s3", config=_with_retries())
    return client


def operations_client() -> DynamoDBClient:
    """Return a DynamoDB client for the operational tables, which retries by itself."""
    client: DynamoDBClient = _session().client("dynamodb", config=_with_retries())
    pass_rows_on(client.meta.events)
    return client


def bedrock_client() -> BedrockRuntimeClient:
    """Return a client of Bedrock's models."""
    client: BedrockRuntimeClient = _session().client("bedrock-runtime", config=_with_retries())
    return client


def users_client() -> CognitoIdentityProviderClient:
    """Return a client of the user pool."""
    client: CognitoIdentityProviderClient = _session().client("cognito-idp", config=_with_retries())
    return client


def knowledge_client() -> AgentsforBedrockRuntimeClient:
    """Return a client of Bedrock's knowledge bases that gives up early: guidance is not worth a wait."""
    client: AgentsforBedrockRuntimeClient = _session().client(
        "bedrock-agent-runtime",
        config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}),
    )
    return client


def events_client() -> EventBridgeClient:
    """Return an EventBridge client."""
    client: EventBridgeClient = _session().client("events", config=_with_retries())
    return client


def kms_client() -> KMSClient:
    """Return a KMS client."""
    client: KMSClient = _session().client("kms", config=_with_retries())
    return client


def sns_client() -> SNSClient:
    """Return an SNS client."""
    client: SNSClient = _session().client("sns", config=_with_retries())
    return client


def sqs_client() -> SQSClient:
    """Return an SQS client."""
    client: SQSClient = _session().client("sqs", config=_with_retries())
    return client


def stepfunctions_client() -> SFNClient:
    """Return a Step Functions client."""
    client: SFNClient = _session().client("stepfunctions", config=_with_retries())
    return client


_USER_AGENT: Final = f"skymarshal boto3/{boto3.__version__}"
"""Given outright, since botocore otherwise composes its own, of a dozen parts, for every single request."""


@cache
def _session() -> boto3.Session:
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def _without_retries() -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
        max_pool_connections=32,
        user_agent=_USER_AGENT,
    )


def _with_retries() -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"total_max_attempts": 5, "mode": "standard"},
        tcp_keepalive=True,
        max_pool_connections=32,
        user_agent=_USER_AGENT,
    )
