"""Knowledge: guidance and precedent for an arbitration, cited and never decisive.

    consulting    attaches what was found to an arbitration, within a time budget
    embedded      the shipped corpus in SQLite's full-text index; the default
    bedrock       a knowledge base of Amazon Bedrock
    precedents    what became of past decisions, by kind of disruption, airport and fleet

KnowledgeUnavailable
    no guidance or no precedent could be reached; the decision says so and goes on
"""

from __future__ import annotations

from skymarshal.knowledge.bedrock import BedrockKnowledgeBase
from skymarshal.knowledge.consulting import Case, consult
from skymarshal.knowledge.embedded import EmbeddedKnowledge
from skymarshal.knowledge.passages import Passage, shipped_passages
from skymarshal.knowledge.precedents import (
    DynamoDBPrecedents,
    MemoryPrecedents,
    Precedents,
    past_decision,
)
from skymarshal.knowledge.retrieval import Knowledge, KnowledgeUnavailable

__all__ = [
    "BedrockKnowledgeBase",
    "Case",
    "DynamoDBPrecedents",
    "EmbeddedKnowledge",
    "Knowledge",
    "KnowledgeUnavailable",
    "MemoryPrecedents",
    "Passage",
    "Precedents",
    "consult",
    "past_decision",
    "shipped_passages",
]
