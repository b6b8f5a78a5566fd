"""What lies behind the ports: a knowledge base of Bedrock, and past decisions in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from mypy_boto3_bedrock_agent_runtime import AgentsforBedrockRuntimeClient

from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.outcome import DecisionOutcome, ObservedStatus
from skymarshal.knowledge import (
    BedrockKnowledgeBase,
    DynamoDBPrecedents,
    KnowledgeUnavailable,
    MemoryPrecedents,
    Precedents,
    past_decision,
)
from skymarshal.knowledge.precedents import MOST_CONSIDERED
from tests.unit.knowledge.cases import observed, past, record

ASKED = {
    "knowledgeBaseId": "KB12345678",
    "retrievalQuery": {"text": "fog"},
    "retrievalConfiguration": {"vectorSearchConfiguration": {"numberOfResults": 2}},
}


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> AgentsforBedrockRuntimeClient:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("bedrock-agent-runtime", region_name="eu-central-1")


def test_a_knowledge_base_is_cited_by_document_and_section_best_first(
    bedrock: AgentsforBedrockRuntimeClient,
) -> None:
    results = [
        {
            "content": {"text": "Sea fog stays\n with the wind."},
            "location": {"type": "S3", "s3Location": {"uri": "s3://guidance/manual.md"}},
            "score": 0.4,
        },
        {
            "content": {"text": "Radiation fog lifts after sunrise."},
            "metadata": {"document": "Weather", "section": "Fog", "source": "practice"},
            "score": 0.87654,
        },
        {"content": {"text": " "}, "score": 0.99},
    ]
    with Stubber(bedrock) as stub:
        stub.add_response("retrieve", {"retrievalResults": results}, ASKED)
        first, second = BedrockKnowledgeBase(bedrock, "KB12345678").search("fog", limit=2)
    assert (first.document, first.section, first.score) == ("Weather", "Fog", 0.88)
    assert (second.document, second.section) == ("manual.md", "unnamed section")
    assert second.text == "Sea fog stays with the wind."


def test_a_knowledge_base_that_refuses_is_unavailable(bedrock: AgentsforBedrockRuntimeClient) -> None:
    with Stubber(bedrock) as stub:
        stub.add_client_error("retrieve", "AccessDeniedException")
        with pytest.raises(KnowledgeUnavailable, match="KB12345678"):
            BedrockKnowledgeBase(bedrock, "KB12345678").search("fog", limit=2)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBPrecedents]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        client.create_table(
            TableName="Checkpoints",
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDBPrecedents(client, "Checkpoints")


@pytest.fixture(params=["memory", "table"])
def precedents(request: pytest.FixtureRequest) -> Precedents:
    made: Callable[[], Precedents] = {
        "memory": MemoryPrecedents,
        "table": lambda: request.getfixturevalue("table"),
    }[request.param]
    return made()


def test_like_cases_come_back_newest_first(precedents: Precedents) -> None:
    for number in (2, 1, 3):
        precedents.keep(past(number))
    precedents.keep(past(4, airport="KHI"))
    found = precedents.latest(DisruptionType.WEATHER, "LHE", "A320")
    assert [one.disruption_id for one in found] == ["past-3", "past-2", "past-1"]


def test_only_the_latest_are_read(precedents: Precedents) -> None:
    for number in range(MOST_CONSIDERED + 5):
        precedents.keep(past(number))
    found = precedents.latest(DisruptionType.WEATHER, "LHE", "A320")
    assert len(found) == MOST_CONSIDERED
    assert found[0].disruption_id == f"past-{MOST_CONSIDERED + 4}"


def test_an_outcome_joins_the_decision_and_survives_keeping_it_again(precedents: Precedents) -> None:
    decided = past(1)
    precedents.keep(decided)
    precedents.keep(replace(decided, observed=observed(ObservedStatus.PARTLY)))
    precedents.keep(decided)
    (found,) = precedents.latest(DisruptionType.WEATHER, "LHE", "A320")
    assert found == replace(decided, observed=observed(ObservedStatus.PARTLY))


def test_a_table_that_does_not_answer_is_unavailable(table: DynamoDBPrecedents) -> None:
    missing = DynamoDBPrecedents(boto3.client("dynamodb", region_name="eu-central-1"), "Missing")
    with pytest.raises(KnowledgeUnavailable, match="past decisions"):
        missing.latest(DisruptionType.WEATHER, "LHE", "A320")
    with pytest.raises(KnowledgeUnavailable, match="past decisions"):
        missing.keep(past(1))


def test_a_decision_in_short_names_what_was_chosen() -> None:
    short = past_decision(record())
    assert short is not None
    assert (short.kind, short.airport, short.fleet) == (DisruptionType.WEATHER, "LHE", "A320")
    assert short.choice is CandidateKind.DELAY
    assert short.expected_cost_usd == 37_784


def test_a_rejected_decision_chose_nothing() -> None:
    short = past_decision(record(DecisionOutcome.REJECTED))
    assert short is not None
    assert (short.choice, short.title) == (None, "no action")
