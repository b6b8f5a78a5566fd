"""Past decisions in short, kept by kind of disruption, airport and fleet.

    PK  PRECEDENT#weather#LHE#A320
    SK  2026-11-24T15:31:02.000000+00:00#{disruption_id}

They lie in the checkpoint table beside the threads, in partitions of their own, and outlive them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.decision import DecisionRecord
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.outcome import (
    ObservedOutcome,
    ObservedStatus,
    PastChoice,
    PastDecision,
    Precedent,
)
from skymarshal.knowledge.retrieval import KnowledgeUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

__all__ = [
    "MOST_CONSIDERED",
    "DynamoDBPrecedents",
    "MemoryPrecedents",
    "Precedents",
    "past_decision",
    "weigh",
]

MOST_CONSIDERED: Final = 50
"""How many past decisions one precedent rests on, the latest."""

_SHOWN: Final = 3


class Precedents(Protocol):
    """Keeps past decisions, and finds those of a like case."""

    def latest(self, kind: DisruptionType, airport: str, fleet: str) -> tuple[PastDecision, ...]:
        """Return the latest decisions of like cases, newest first, at most `MOST_CONSIDERED`.

        Raises:
            KnowledgeUnavailable: they could not be read.
        """
        ...

    def keep(self, past: PastDecision) -> None:
        """Keep a decision, and what is known of its outcome; keeping it again changes nothing else.

        Raises:
            KnowledgeUnavailable: it could not be kept.
        """
        ...


class MemoryPrecedents:
    """Past decisions for as long as the process lives."""

    def __init__(self, past: Iterable[PastDecision] = ()) -> None:
        self._kept: dict[str, PastDecision] = {}
        for one in past:
            self.keep(one)

    def latest(self, kind: DisruptionType, airport: str, fleet: str) -> tuple[PastDecision, ...]:
        """Return the latest decisions of like cases, newest first."""
        alike = [
            one for one in self._kept.values() if (one.kind, one.airport, one.fleet) == (kind, airport, fleet)
        ]
        return tuple(sorted(alike, key=_sort_key, reverse=True)[:MOST_CONSIDERED])

    def keep(self, past: PastDecision) -> None:
        """Keep a decision."""
        before = self._kept.get(past.disruption_id)
        if before is not None and past.observed is None:
            past = replace(past, observed=before.observed)
        self._kept[past.disruption_id] = past


class DynamoDBPrecedents:
    """Past decisions as small items of a table: one Query finds them, no scan."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def latest(self, kind: DisruptionType, airport: str, fleet: str) -> tuple[PastDecision, ...]:
        """Return the latest decisions of like cases, newest first.

        Raises:
            KnowledgeUnavailable: the table did not answer.
        """
        try:
            answer = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="PK = :case",
                ExpressionAttributeValues={":case": {"S": _partition(kind, airport, fleet)}},
                ScanIndexForward=False,
                Limit=MOST_CONSIDERED,
            )
        except (ClientError, BotoCoreError) as error:
            raise KnowledgeUnavailable(f"past decisions: {error}") from error
        return tuple(_from_item(item) for item in answer["Items"])

    def keep(self, past: PastDecision) -> None:
        """Keep a decision.

        Raises:
            KnowledgeUnavailable: the table did not answer.
        """
        # Two attributes, so that a decision kept once more leaves what was observed since as it is.
        changes = "SET decision = :decision"
        values = {":decision": _text(replace(past, observed=None))}
        if past.observed is not None:
            changes += ", observed = :observed"
            values[":observed"] = _text(past.observed)
        try:
            self._client.update_item(
                TableName=self._table_name,
                Key={
                    "PK": {"S": _partition(past.kind, past.airport, past.fleet)},
                    "SK": {"S": "#".join(_sort_key(past))},
                },
                UpdateExpression=changes,
                ExpressionAttributeValues=values,
            )
        except (ClientError, BotoCoreError) as error:
            raise KnowledgeUnavailable(f"past decisions: {error}") from error


def past_decision(record: DecisionRecord, observed: ObservedOutcome | None = None) -> PastDecision | None:
    """Return a decision in short; None where the record does not tell the airport and the fleet."""
    case = record.arbitration.precedent
    if case is None:
        return None
    chosen = record.chosen
    return PastDecision(
        disruption_id=record.disruption.disruption_id,
        kind=case.kind,
        airport=case.airport,
        fleet=case.fleet,
        decided_at=record.decision.decided_at,
        outcome=record.decision.outcome,
        choice=None if chosen is None else chosen.candidate.kind,
        title=chosen.title if chosen else record.decision.instruction or "no action",
        expected_delay=None if chosen is None else chosen.delay,
        expected_cost_usd=None if chosen is None or chosen.cost_usd is None else chosen.cost_usd[1],
        observed=observed,
    )


def weigh(kind: DisruptionType, airport: str, fleet: str, past: Sequence[PastDecision]) -> Precedent:
    """Return what past decisions of a like case say, newest first."""
    return Precedent(
        kind=kind,
        airport=airport,
        fleet=fleet,
        considered=len(past),
        decisions=tuple(past[:_SHOWN]),
        choices=tuple(
            _choice(choice, past) for choice in CandidateKind if any(one.choice is choice for one in past)
        ),
    )


def _choice(choice: CandidateKind, past: Iterable[PastDecision]) -> PastChoice:
    taken = [one for one in past if one.choice is choice]
    known = [one.observed.status for one in taken if one.observed is not None]
    return PastChoice(
        choice=choice,
        decided=len(taken),
        observed=len(known),
        succeeded=known.count(ObservedStatus.AS_PLANNED),
    )


def _partition(kind: DisruptionType, airport: str, fleet: str) -> str:
    return f"PRECEDENT#{kind}#{airport}#{fleet}"


def _sort_key(past: PastDecision) -> tuple[str, str]:
    return past.decided_at.isoformat(timespec="microseconds"), past.disruption_id


def _text(value: PastDecision | ObservedOutcome) -> AttributeValueTypeDef:
    return {"S": msgspec.json.encode(value).decode()}


def _from_item(item: Mapping[str, AttributeValueTypeDef]) -> PastDecision:
    past = msgspec.json.decode(item["decision"]["S"], type=PastDecision)
    if "observed" not in item:
        return past
    return replace(past, observed=msgspec.json.decode(item["observed"]["S"], type=ObservedOutcome))
