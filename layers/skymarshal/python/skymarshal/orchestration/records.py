"""Where decision records go: one JSON object each, under the day of the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from skymarshal.contracts import DECISION_PREFIX
from skymarshal.domain.decision import DecisionRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["DecisionRecords", "MemoryDecisionRecords", "S3DecisionRecords", "record_name"]


def record_name(record: DecisionRecord) -> str:
    """Return the record's name, `decisions/YYYY/MM/DD/{disruption_id}.json`."""
    day = record.decision.decided_at.strftime("%Y/%m/%d")
    return f"{DECISION_PREFIX}{day}/{record.disruption.disruption_id}.json"


class DecisionRecords(Protocol):
    """Keeps decision records."""

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`, replacing an identical earlier one, and return its name."""
        ...


class MemoryDecisionRecords:
    """Keeps records for as long as the process lives."""

    def __init__(self) -> None:
        self.by_name: dict[str, DecisionRecord] = {}

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`."""
        name = record_name(record)
        self.by_name[name] = record
        return name


class S3DecisionRecords:
    """Keeps records in the bucket, encrypted as the bucket says."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`; an S3 error reaches the caller, who must not count the thread as decided."""
        name = record_name(record)
        self._client.put_object(
            Bucket=self._bucket,
            Key=name,
            Body=msgspec.json.encode(record),
            ContentType="application/json",
        )
        return name
