"""The shipped corpus, and what a duty manager finds in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skymarshal.knowledge import EmbeddedKnowledge, KnowledgeUnavailable, Passage, shipped_passages
from skymarshal.knowledge.passages import MalformedDocument, parse_document

QUESTIONS = [
    json.loads(line)
    for line in Path(__file__).with_name("questions.jsonl").read_text(encoding="utf-8").splitlines()
]
LEAST_RIGHT = 18


def test_every_question_asks_for_a_passage_that_exists() -> None:
    sections = {(passage.document, passage.section) for passage in shipped_passages()}
    assert len(QUESTIONS) == 20
    assert {(one["document"], one["section"]) for one in QUESTIONS} <= sections


def test_the_right_passage_comes_first_for_at_least_18_of_20_questions() -> None:
    knowledge = EmbeddedKnowledge()
    missed = []
    for one in QUESTIONS:
        found = knowledge.search(one["question"], limit=1)
        if [(best.document, best.section) for best in found] != [(one["document"], one["section"])]:
            missed.append((one["question"], [best.section for best in found]))
    assert len(QUESTIONS) - len(missed) >= LEAST_RIGHT, missed


def test_every_passage_names_its_source_and_is_short() -> None:
    for passage in shipped_passages():
        assert passage.source
        assert 20 <= len(passage.text.split()) <= 120, passage.section
    assert len({(one.document, one.section) for one in shipped_passages()}) == len(shipped_passages())


def test_two_indexes_of_one_corpus_give_the_same_answer() -> None:
    question = "Is it better to swap the aircraft or to wait for the repair?"
    assert EmbeddedKnowledge().search(question, limit=5) == EmbeddedKnowledge().search(question, limit=5)


@pytest.mark.parametrize("query", ["", "   ", "the of and", "sourdough bread", '" OR NOT( * ^ :', "'; DROP"])
def test_what_the_corpus_does_not_speak_of_is_not_answered(query: str) -> None:
    assert EmbeddedKnowledge().search(query, limit=5) == ()


def test_a_passage_that_shares_only_common_words_is_not_cited() -> None:
    found = EmbeddedKnowledge().search("Frankfurt flight delay", limit=5)
    assert [one.section for one in found] == ["Frankfurt"]


def test_another_corpus_may_be_searched() -> None:
    own = Passage(document="Manual", section="Ramp", text="Chocks stay in place.", source="Part A")
    more = Passage(document="Manual", section="Hangar", text="Doors stay closed.", source="Part A")
    far = Passage(document="Manual", section="Office", text="Lights are switched off.", source="Part A")
    knowledge = EmbeddedKnowledge(lambda: (own, more, far))
    (found,) = knowledge.search("chocks in place on the ramp", limit=3)
    assert (found.document, found.section, found.source) == ("Manual", "Ramp", "Part A")


def test_a_corpus_that_cannot_be_read_is_unavailable_and_no_crash() -> None:
    def torn() -> list[Passage]:
        raise OSError("the disk is gone")

    with pytest.raises(KnowledgeUnavailable, match="the disk is gone"):
        EmbeddedKnowledge(torn).search("anything", limit=1)


@pytest.mark.parametrize(
    ("content", "lacking"),
    [
        ("## A\n\ntext", "no front matter"),
        ("---\ntitle: T\n---\n\n## A\n\ntext", "no source"),
        ("---\nsource: S\n---\n\n## A\n\ntext", "no title"),
        ("---\ntitle: T\nsource: S\n---\n\ntext", "must hold sections"),
        ("---\ntitle: T\nsource: S\n---\n\n## A\n\n## B\n\ntext", "section 'A' is empty"),
    ],
)
def test_a_document_that_cannot_be_cited_is_refused(content: str, lacking: str) -> None:
    with pytest.raises(MalformedDocument, match=lacking):
        list(parse_document("one.md", content))
