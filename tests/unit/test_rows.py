"""Rows handed on as they come over the wire are what botocore would have made of them."""

from __future__ import annotations

import io
import json

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from skymarshal.rows import pass_rows_on

ROW = {
    "text": {"S": "Etihad \u00e9"},
    "number": {"N": "12.50"},
    "flag": {"BOOL": False},
    "nothing": {"NULL": True},
    "words": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "list": {"L": [{"S": "x"}, {"M": {"deep": {"N": "3"}}}]},
    "map": {"M": {"S": {"S": "named like a kind"}, "empty": {"L": []}}},
}
CAPACITY = {"TableName": "Flights", "CapacityUnits": 0.5}
KEY = {"id": {"S": "EY1"}}

READS = {
    "get_item": ({"TableName": "Flights", "Key": KEY}, {"Item": ROW, "ConsumedCapacity": CAPACITY}),
    "query": (
        {"TableName": "Flights", "KeyConditionExpression": "id = :id"},
        {"Items": [ROW, {}], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": KEY},
    ),
    "batch_get_item": (
        {"RequestItems": {"Flights": {"Keys": [KEY]}}},
        {
            "Responses": {"Flights": [ROW], "Airports": []},
            "UnprocessedKeys": {"Flights": {"Keys": [KEY]}},
            "ConsumedCapacity": [CAPACITY],
        },
    ),
}


def client_answered(body: dict, *, status: int = 200):
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    raw = io.BytesIO(json.dumps(body).encode())
    raw.stream = lambda **_: iter([raw.read()])
    client.meta.events.register(
        "before-send.dynamodb", lambda request, **_: AWSResponse(request.url, status, {}, raw)
    )
    return client


def answer_of(operation: str, asked: dict, body: dict, *, passing: bool) -> dict:
    client = client_answered(body)
    if passing:
        pass_rows_on(client.meta.events)
    return getattr(client, operation)(**asked)


@pytest.mark.parametrize("operation", READS)
def test_a_read_answers_the_same_whether_its_rows_are_passed_on_or_parsed(operation) -> None:
    asked, body = READS[operation]
    passed, parsed = (answer_of(operation, asked, body, passing=passing) for passing in (True, False))
    assert passed == parsed
    assert ROW in (
        passed.get("Item"),
        *passed.get("Items", ()),
        *passed.get("Responses", {}).get("Flights", ()),
    )


def test_a_missing_row_is_missing() -> None:
    asked, _ = READS["get_item"]
    assert "Item" not in answer_of("get_item", asked, {}, passing=True)


@pytest.mark.parametrize("held", [{"B": "AAE="}, {"BS": ["AAE="]}, {"L": [{"M": {"x": {"B": "AAE="}}}]}])
def test_a_row_with_something_binary_is_left_to_botocore(held) -> None:
    asked, _ = READS["get_item"]
    passed, parsed = (
        answer_of("get_item", asked, {"Item": {"held": held}}, passing=passing) for passing in (True, False)
    )
    assert passed == parsed
    assert "b'\\x00\\x01'" in str(passed)


def test_a_refusal_is_raised_as_ever() -> None:
    asked, _ = READS["query"]
    body = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table"}
    client = client_answered(body, status=400)
    pass_rows_on(client.meta.events)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="no table") as raised:
        client.query(**asked)
    assert isinstance(raised.value, ClientError)
