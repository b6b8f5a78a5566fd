"""The one place where AWS clients are made.

Clients take endpoint, region and credentials from boto3's ordinary environment. Those of the checkpoint
store retry nothing themselves: the store decides what is worth repeating, and how often.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

__all__ = ["dynamodb_client", "s3_client"]


def dynamodb_client() -> DynamoDBClient:
    """Return a DynamoDB client with timeouts and without retries."""
    client: DynamoDBClient = _session().client("dynamodb", config=_without_retries())
    return client


def s3_client() -> S3Client:
    """Return an S3 client with timeouts and without retries."""
    client: S3Client = _session().client("s3", config=_without_retries())
    return client


@cache
def _session() -> boto3.Session:
    return boto3.Session()


def _without_retries() -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
        max_pool_connections=32,
    )
