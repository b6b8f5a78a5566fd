"""Every alarm fires once on the embedded AWS, and its message reaches who subscribes to the topic."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"

pytestmark = pytest.mark.embedded_aws


def _messages(sqs, queue: str) -> dict[str, dict[str, str]]:
    """Return what lies on the queue, by the alarm that it tells of."""
    found = {}
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            told = json.loads(json.loads(message["Body"])["Message"])
            found[told["AlarmName"]] = told
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_every_alarm_fires_and_says_what_happened_and_what_to_do(system) -> None:
    cloudwatch, sns, sqs = (system.client(service) for service in ("cloudwatch", "sns", "sqs"))
    alarms = cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
    (topic,) = {topic for alarm in alarms for topic in alarm["AlarmActions"]}
    queue = sqs.create_queue(QueueName="who-is-on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for alarm in alarms:
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", alarm["AlarmName"]
        cloudwatch.put_metric_data(
            Namespace=alarm["Namespace"],
            MetricData=[
                {
                    "MetricName": alarm["MetricName"],
                    "Dimensions": alarm["Dimensions"],
                    "Value": alarm["Threshold"],
                }
            ],
        )
    told: dict[str, dict[str, str]] = {}

    def all_told() -> bool:
        cloudwatch.describe_alarms(MaxRecords=100)
        told.update(_messages(sqs, queue))
        return set(told) == {alarm["AlarmName"] for alarm in alarms}

    system.wait("the message of every alarm", all_told, seconds=30)
    headings = set(re.findall(r"^## (\S+)$", RUNBOOK.read_text(), re.MULTILINE))
    for name, message in told.items():
        assert message["NewStateValue"] == "ALARM"
        what, _, where = message["AlarmDescription"].partition(" Runbook: ")
        assert len(what.split()) >= 8, name
        assert what.endswith("."), name
        assert where.partition("#")[2] in headings, name
