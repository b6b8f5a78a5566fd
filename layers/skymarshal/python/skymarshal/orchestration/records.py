"""Where decision records go: one JSON object each, under the day of the decision.

    decisions/2026/11/24/{disruption_id}.json                                 what was decided
    outcomes/2026/11/24/{disruption_id}/20261125T091500000000Z-1f9a03c2.json  what became of it, one a report

Outcomes lie under a prefix of their own, so that whoever adds them cannot touch a decision. Each object is
written once: the bucket refuses a second write of a name. An outcome's name holds a digest of what it says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec
from botocore.exceptions import ClientError

from skymarshal.contracts import DECISION_PREFIX, OUTCOME_PREFIX
from skymarshal.domain.decision import DecisionRecord, ObservedOutcome
from skymarshal.orchestration.errors import DamagedRecord, RecordConflict, RecordGone

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


T = TypeVar("T")

_STANDS: Final = "PreconditionFailed"
_AT_ONCE: Final = "ConditionalRequestConflict"
_MISSING: Final = ("NoSuchKey", "AccessDenied")
_MOST_ATTEMPTS: Final = 3


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
    digest = sha256(msgspec.json.encode(observed)).hexdigest()[:8]
    return f"{outcome_folder(name)}{observed.recorded_at:%Y%m%dT%H%M%S%fZ}-{digest}.json"


class DecisionRecords(Protocol):
    """Keeps decision records, and the outcomes beside them."""

    def save(self, record: DecisionRecord) -> str:
        """Keep `record`, unless it is kept already, and return its name.

        Raises:
            RecordConflict: another record of that name stands.
        """
        ...

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`, as it was decided.

        Raises:
            RecordGone: there is none.
            DamagedRecord: it is not what was written.
        """
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
        _require_same(record, self.by_name.setdefault(name, record), name)
        return name

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`."""
        found = self.by_name.get(name)
        if found is None:
            raise RecordGone(f"the decision record {name!r} is gone")
        return found

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
        """Keep `record`; an S3 error reaches the caller, who must not count the thread as decided.

        Where one of its name stands, that is what an earlier attempt wrote whose answer was lost, or another
        writer's.
        """
        name = record_name(record)
        if not self._put(name, msgspec.json.encode(record)):
            _require_same(record, self.load(name), name)
        return name

    def load(self, name: str) -> DecisionRecord:
        """Return the record called `name`."""
        try:
            content = self._get(name)
        except ClientError as error:
            # Who may list nothing is told of a missing object that it is denied.
            if error.response["Error"]["Code"] in _MISSING:
                raise RecordGone(f"the decision record {name!r} is gone, or may not be read") from error
            raise
        return _decoded(content, DecisionRecord, name)

    def find(self, name: str) -> DecisionRecord | None:
        """Return the record called `name`, or None.

        It is looked for by its name: who may list only what lies under a prefix is told of a missing object
        that it is denied.
        """
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=name, MaxKeys=1)
        exists = any(each["Key"] == name for each in found.get("Contents", []))
        return self.load(name) if exists else None

    def add_outcome(self, name: str, observed: ObservedOutcome) -> str:
        """Keep an outcome beside its record; what stands under its name already says the same."""
        own = outcome_name(name, observed)
        self._put(own, msgspec.json.encode(observed))
        return own

    def outcomes(self, name: str) -> tuple[ObservedOutcome, ...]:
        """Return the outcomes of a record, oldest first."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=outcome_folder(name)
        )
        found = sorted(each["Key"] for page in pages for each in page.get("Contents", []))
        return tuple(_decoded(self._get(own), ObservedOutcome, own) for own in found)

    def _put(self, name: str, body: bytes) -> bool:
        """Write an object; False where one of its name stands, which is left as it is."""
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=name, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == _STANDS:
                    return False
                # S3 could not tell which of two writes at once was first, and asks to try again.
                if code != _AT_ONCE or attempt == _MOST_ATTEMPTS:
                    raise
            else:
                break
        return True

    def _get(self, name: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()


def _decoded(content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise DamagedRecord(f"{name!r} is not what was written: {error}") from error


def _require_same(record: DecisionRecord, standing: DecisionRecord, name: str) -> None:
    """Refuse `record` where another stands. Which versions wrote it may differ, after an upgrade between."""
    same = replace(standing, versions=record.versions)
    if msgspec.json.encode(same) != msgspec.json.encode(record):
        raise RecordConflict(
            f"{name}: another record stands, of {standing.decision.approver!r}, who decided"
            f" {str(standing.decision.outcome)!r} at {standing.decision.decided_at.isoformat()};"
            " nothing was written over it"
        )
