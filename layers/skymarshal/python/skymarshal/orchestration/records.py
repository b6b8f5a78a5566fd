"""Where decision records go: one JSON object each, under the day of the decision.

    decisions/2026/11/24/{disruption_id}.json                        what was decided, never written again
    outcomes/2026/11/24/{disruption_id}/20261125T091500000000Z.json  what became of it, one for each report

Outcomes lie under a prefix of their own, so that whoever adds them cannot touch a decision.
"""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

import msgspec

from skymarshal.contracts import DECISION_PREFIX, OUTCOME_PREFIX
from skymarshal.domain.decision import DecisionRecord, ObservedOutcome

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = [
    "DecisionRecords",
    "MemoryDecisionRecords",
    "S3DecisionRecords",
    "decision_name",
    "outcome_folder",
    "outcome_name",
    "record_name",
]


def record_name(record: DecisionRecord) -> str:
    """Return the record's name, `decisions/YYYY/MM/DD/{disruption_id}.json`."""
    return decision_name(record.decision.decided_at.date(), record.disruption.disruption_id)


def decision_name(day: date, disruption_id: str) -> str:
    """Return the name of the record of a disruption that was decided on `day` (UTC)."""
    return f"{DECISION_PREFIX}{day:%Y/%m/%d}/{disruption_id}.json"


def outcome_folder(name: str) -> str:
    """Return where the outcomes of the record called `name` lie."""
    inside = PurePosixPath(name).relative_to(DECISION_PREFIX)
    return f"{OUTCOME_PREFIX}{inside.with_suffix('')}/"


def outcome_name(name: str, observed: ObservedOutcome) -> str:
    """Return the name of an outcome of the record called `name`; names sort by time."""
    return f"{outcome_folder(name)}{observed.recorded_at:%Y%m%dT%H%M%S%fZ}.json"


class DecisionRecords(Protocol):
    """Keeps decision records, and the outcomes beside them."""

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`, replacing an identical earlier one, and return its name."""
        ...

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`, as it was decided."""
        ...

    def find(self, name: str) -> DecisionRecord | None:
        """Return the record called `name`, or None where there is none."""
        ...

    def add_outcome(self, name: str, observed: ObservedOutcome) -> str:
        """Keep an outcome beside the record called `name`, and return the outcome's own name."""
        ...

    def outcomes(self, name: str) -> tuple[ObservedOutcome, ...]:
        """Return the outcomes of the record called `name`, oldest first."""
        ...


class MemoryDecisionRecords:
    """Keeps records for as long as the process lives."""

    def __init__(self) -> None:
        self.by_name: dict[str, DecisionRecord] = {}
        self.outcomes_by_name: dict[str, ObservedOutcome] = {}

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`."""
        name = record_name(record)
        self.by_name[name] = record
        return name

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`."""
        return self.by_name[name]

    def find(self, name: str) -> DecisionRecord | None:
        """Return the record called `name`, or None."""
        return self.by_name.get(name)

    def add_outcome(self, name: str, observed: ObservedOutcome) -> str:
        """Keep an outcome beside its record."""
        own = outcome_name(name, observed)
        self.outcomes_by_name[own] = observed
        return own

    def outcomes(self, name: str) -> tuple[ObservedOutcome, ...]:
        """Return the outcomes of a record, oldest first."""
        folder = outcome_folder(name)
        return tuple(one for own, one in sorted(self.outcomes_by_name.items()) if own.startswith(folder))


class S3DecisionRecords:
    """Keeps records in the bucket, encrypted as the bucket says."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`; an S3 error reaches the caller, who must not count the thread as decided."""
        name = record_name(record)
        self._put(name, msgspec.json.encode(record))
        return name

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`."""
        return msgspec.json.decode(self._get(name), type=DecisionRecord)

    def find(self, name: str) -> DecisionRecord | None:
        """Return the record called `name`, or None.

        It is looked for by its name: who may list only what lies under a prefix is told of a missing object
        that it is denied.
        """
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=name, MaxKeys=1)
        exists = any(each["Key"] == name for each in found.get("Contents", []))
        return self.load(name) if exists else None

    def add_outcome(self, name: str, observed: ObservedOutcome) -> str:
        """Keep an outcome beside its record."""
        own = outcome_name(name, observed)
        self._put(own, msgspec.json.encode(observed))
        return own

    def outcomes(self, name: str) -> tuple[ObservedOutcome, ...]:
        """Return the outcomes of a record, oldest first."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=outcome_folder(name)
        )
        found = sorted(each["Key"] for page in pages for each in page.get("Contents", []))
        return tuple(msgspec.json.decode(self._get(own), type=ObservedOutcome) for own in found)

    def _put(self, name: str, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=name, Body=body, ContentType="application/json")

    def _get(self, name: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
