"""What became of a decision is kept beside it, and told to whoever decides next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from skymarshal.checkpoints import ThreadNotFound
from skymarshal.domain.decision import ObservedStatus
from skymarshal.domain.disruption import DisruptionType
from skymarshal.knowledge import KnowledgeUnavailable, MemoryPrecedents, past_decision
from skymarshal.orchestration.errors import NothingPending, RecordConflict
from skymarshal.orchestration.outcomes import InvalidOutcome, Outcomes, observed_outcome
from skymarshal.orchestration.records import MemoryDecisionRecords, S3DecisionRecords
from tests.unit.knowledge.cases import observed, record

AT = datetime(2026, 11, 26, 9, 15, tzinfo=UTC)


def reported(**fields: object):
    return observed_outcome({"status": "as_planned", **fields}, recorded_at=AT, recorded_by="a.analyst")


@pytest.fixture
def concluded(world):
    world.decided()
    world.finaliser.conclude(world.thread_id)
    return world


def test_an_outcome_lies_beside_a_record_that_stays_as_it_was(concluded) -> None:
    before = dict(concluded.records.by_name)
    outcomes = Outcomes(concluded.threads, concluded.records, MemoryPrecedents())
    kept = outcomes.add(concluded.thread_id, reported(actual_delay_minutes=45, lessons="It held."))
    assert concluded.records.by_name == before
    assert kept.record in before
    folder = kept.record.replace("decisions/", "outcomes/").removesuffix(".json")
    assert re.fullmatch(rf"{folder}/20261126T091500000000Z-[0-9a-f]{{8}}\.json", kept.name)
    assert outcomes.of(concluded.thread_id) == (before[kept.record], (kept.observed,))


def test_a_later_outcome_corrects_an_earlier_one_and_both_stay(concluded) -> None:
    outcomes = Outcomes(concluded.threads, concluded.records, MemoryPrecedents())
    second, first = observed(ObservedStatus.FAILED, hours_later=20), observed(hours_later=10)
    for one in (second, first):
        outcomes.add(concluded.thread_id, one)
    assert outcomes.of(concluded.thread_id)[1] == (first, second)


def test_an_outcome_is_shown_to_the_next_who_decides(concluded) -> None:
    precedents = MemoryPrecedents()
    decided = record()
    past = past_decision(decided)
    assert past is not None
    precedents.keep(past)
    name = str(concluded.thread.details["record"])
    concluded.records.by_name[name] = decided
    Outcomes(concluded.threads, concluded.records, precedents).add(concluded.thread_id, observed())
    (found,) = precedents.latest(DisruptionType.WEATHER, "LHE", "A320")
    assert found.observed == observed()


def test_an_outcome_is_kept_even_where_precedents_are_not(concluded) -> None:
    class Full(MemoryPrecedents):
        def keep(self, past) -> None:
            raise KnowledgeUnavailable("past decisions: throttled")

    name = str(concluded.thread.details["record"])
    concluded.records.by_name[name] = record()
    outcomes = Outcomes(concluded.threads, concluded.records, Full())
    outcomes.add(concluded.thread_id, observed())
    assert outcomes.of(concluded.thread_id)[1] == (observed(),)


def test_a_thread_that_is_not_decided_has_no_outcome(world) -> None:
    world.asked()
    outcomes = Outcomes(world.threads, world.records, MemoryPrecedents())
    with pytest.raises(NothingPending, match="no decision record yet"):
        outcomes.add(world.thread_id, observed())
    with pytest.raises(ThreadNotFound):
        outcomes.add("00000000-0000-0000-0000-000000000000", observed())


def test_a_report_says_how_it_went_how_late_and_at_what_cost() -> None:
    outcome = reported(actual_delay_minutes=380, actual_cost_usd=41_000.5, lessons=" Fog held on. ")
    assert outcome.status is ObservedStatus.AS_PLANNED
    assert outcome.actual_delay == timedelta(hours=6, minutes=20)
    assert outcome.actual_cost_usd == Decimal("41000.5")
    assert outcome.lessons == "Fog held on."
    assert (outcome.recorded_at, outcome.recorded_by) == (AT, "a.analyst")


def test_only_the_status_must_be_told() -> None:
    outcome = reported()
    assert (outcome.actual_delay, outcome.actual_cost_usd, outcome.lessons) == (None, None, "")


@pytest.mark.parametrize(
    ("report", "field"),
    [
        ({"status": "fine"}, "status"),
        ({"status": None}, "status"),
        ({"actual_delay_minutes": -1}, "actual_delay_minutes"),
        ({"actual_delay_minutes": 1.5}, "actual_delay_minutes"),
        ({"actual_delay_minutes": True}, "actual_delay_minutes"),
        ({"actual_delay_minutes": "45"}, "actual_delay_minutes"),
        ({"actual_delay_minutes": 10**9}, "actual_delay_minutes"),
        ({"actual_cost_usd": "much"}, "actual_cost_usd"),
        ({"actual_cost_usd": -5}, "actual_cost_usd"),
        ({"actual_cost_usd": "NaN"}, "actual_cost_usd"),
        ({"actual_cost_usd": "1e400"}, "actual_cost_usd"),
        ({"actual_cost_usd": [1]}, "actual_cost_usd"),
        ({"lessons": 7}, "lessons"),
        ({"lessons": "x" * 2_001}, "lessons"),
    ],
)
def test_a_report_that_cannot_be_kept_is_refused_with_its_field(report: dict, field: str) -> None:
    with pytest.raises(InvalidOutcome) as refused:
        reported(**report)
    assert refused.value.field == field


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3DecisionRecords]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="records")
        yield S3DecisionRecords(client, "records")


def test_records_and_outcomes_come_back_from_s3_as_they_went(bucket: S3DecisionRecords) -> None:
    name = bucket.save(record())
    first, second = observed(hours_later=10), observed(ObservedStatus.PARTLY, hours_later=20)
    assert bucket.outcomes(name) == ()
    for one in (second, first):
        bucket.add_outcome(name, one)
    assert bucket.load(name) == record()
    assert bucket.outcomes(name) == (first, second)


def test_a_record_is_written_once_and_its_own_retry_is_recognised(bucket: S3DecisionRecords) -> None:
    name = bucket.save(record())
    assert bucket.save(record()) == name
    after_an_upgrade = replace(record(), versions={**record().versions, "skymarshal": "later"})
    assert bucket.save(after_an_upgrade) == name
    assert bucket.load(name) == record()


@pytest.mark.parametrize("kind", ["s3", "memory"])
def test_another_record_of_the_same_name_is_a_conflict_and_the_first_stands(bucket, kind) -> None:
    records = bucket if kind == "s3" else MemoryDecisionRecords()
    name = records.save(record())
    other = replace(record(), decision=replace(record().decision, approver="somebody.else"))
    with pytest.raises(RecordConflict, match="nothing was written over it"):
        records.save(other)
    assert records.load(name) == record()


def test_two_outcomes_of_one_instant_are_both_kept_and_one_told_twice_once(bucket) -> None:
    name = bucket.save(record())
    first, second = observed(), replace(observed(), lessons="another")
    for one in (first, second, first):
        bucket.add_outcome(name, one)
    assert sorted(one.lessons for one in bucket.outcomes(name)) == sorted([first.lessons, second.lessons])


class Contended:
    """S3 in the moment in which it cannot tell which of two writes was first."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.puts: list[dict] = []

    def put_object(self, **given) -> None:
        self.puts.append(given)
        if len(self.puts) <= self.times:
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")


def test_a_write_that_met_another_is_tried_again_and_not_for_ever() -> None:
    client = Contended(times=2)
    S3DecisionRecords(client, "records").save(record())
    assert [put["IfNoneMatch"] for put in client.puts] == ["*"] * 3
    with pytest.raises(ClientError):
        S3DecisionRecords(Contended(times=3), "records").save(record())
