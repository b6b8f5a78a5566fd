"""Stores on emulated AWS, made the way production makes them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import boto3
from botocore.config import Config
from moto import mock_aws

from skymarshal.checkpoints import DynamoDBStore
from skymarshal.checkpoints.objects import ObjectBucket
from skymarshal.checkpoints.retries import Retries
from tests.moto_answers import brief_answers

TABLE = "SkyMarshalCheckpoints"
BUCKET = "skymarshal-checkpoints"
REGION = "eu-west-1"
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
}


@contextmanager
def use_moto() -> Iterator[None]:
    with mock.patch.dict(os.environ, _CREDENTIALS), mock_aws(), brief_answers():
        yield


def create_table(dynamodb, table: str = TABLE) -> None:
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("PK", "SK", "status_shard", "updated_at")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "thread-status-index",
                "KeySchema": [
                    {"AttributeName": "status_shard", "KeyType": "HASH"},
                    {"AttributeName": "updated_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def never_sleep(seconds: float) -> None:
    pass


class OneAtATime:
    """A client whose calls wait for each other: moto copies whole tables and is not safe among threads."""

    _lock = threading.RLock()

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                return value(*arguments, **named)

        return call


def aws_store_at(endpoint: str | None, *, table: str = TABLE, wrap=lambda client: client) -> DynamoDBStore:
    """A store on the DynamoDB at an endpoint, moto's where there is none, with a bucket on moto."""
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    dynamodb = boto3.client("dynamodb", region_name=REGION, endpoint_url=endpoint, config=config)
    s3 = boto3.client("s3", region_name=REGION, config=config)
    create_table(dynamodb, table)
    if BUCKET not in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    if endpoint is None:
        dynamodb = OneAtATime(dynamodb)
    retries = Retries(never_sleep)
    bucket = ObjectBucket(wrap(s3), BUCKET, retries)
    return DynamoDBStore(wrap(dynamodb), table, bucket=bucket, retries=retries)
