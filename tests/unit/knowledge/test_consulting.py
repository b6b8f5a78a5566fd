"""Guidance and precedent are attached to a decision, and never change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TypeVar

import pytest

from skymarshal.domain.arbitration import Arbitration, Citation
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.outcome import ObservedStatus, PastDecision
from skymarshal.knowledge import EmbeddedKnowledge, KnowledgeUnavailable, MemoryPrecedents, consult
from skymarshal.knowledge.consulting import in_time, questions
from tests.unit.knowledge.cases import FOG_AT_LAHORE, arbitration, disruption, observed, past, solution

T = TypeVar("T")


class Down:
    name = "library"

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        raise KnowledgeUnavailable("library: closed")


class Empty:
    name = "library"

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        return ()


class Broken:
    name = "library"

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        raise ZeroDivisionError


class Forgetful(MemoryPrecedents):
    def latest(self, kind: DisruptionType, airport: str, fleet: str) -> tuple[PastDecision, ...]:
        raise KnowledgeUnavailable("past decisions: throttled")


def too_slow(work: Callable[[], T], budget: timedelta) -> T:
    raise TimeoutError


def bare(one: Arbitration) -> Arbitration:
    return replace(one, citations=(), knowledge="", precedent=None)


def test_a_decision_on_fog_cites_what_is_written_on_fog() -> None:
    made = consult(arbitration(), disruption(), FOG_AT_LAHORE, EmbeddedKnowledge(), MemoryPrecedents())
    assert "Fog" in {citation.section for citation in made.citations}
    assert made.knowledge == (
        f"{len(made.citations)} passages from the shipped corpus; no past decision on weather at LHE on A320"
    )


@pytest.mark.parametrize(
    ("knowledge", "said"),
    [
        (Down(), "library is unavailable"),
        (Empty(), "library holds nothing on this"),
        (Broken(), "library failed"),
    ],
)
def test_without_guidance_the_decision_says_so_and_goes_on(knowledge: Down, said: str) -> None:
    made = consult(arbitration(), disruption(), FOG_AT_LAHORE, knowledge, MemoryPrecedents([past(1)]))
    assert made.citations == ()
    assert made.knowledge == f"{said}; 1 past decision on weather at LHE on A320"


def test_guidance_that_takes_too_long_is_not_waited_for() -> None:
    made = consult(
        arbitration(),
        disruption(),
        FOG_AT_LAHORE,
        EmbeddedKnowledge(),
        MemoryPrecedents([past(1)]),
        within=too_slow,
    )
    assert made.citations == ()
    assert made.knowledge == (
        "shipped corpus did not answer within 2 s; past decisions did not come within 2 s"
    )


def test_work_that_does_not_end_is_left_behind() -> None:
    released = Event()
    with pytest.raises(TimeoutError):
        in_time(released.wait, timedelta())
    released.set()


def test_past_decisions_that_cannot_be_read_leave_the_guidance() -> None:
    made = consult(arbitration(), disruption(), FOG_AT_LAHORE, EmbeddedKnowledge(), Forgetful())
    assert made.citations
    assert made.knowledge.endswith("; past decisions are unavailable")
    assert made.precedent is not None
    assert made.precedent.considered == 0


def test_a_flight_that_is_not_known_has_no_precedent() -> None:
    made = consult(arbitration(), disruption(), None, EmbeddedKnowledge(), MemoryPrecedents([past(1)]))
    assert made.precedent is None
    assert made.knowledge.endswith("past decisions not looked up: the flight is not known")


@pytest.mark.parametrize("knowledge", [EmbeddedKnowledge(), Down(), Empty(), Broken()])
def test_no_guidance_and_no_precedent_changes_what_is_offered(knowledge: Down) -> None:
    before = arbitration(solution("S1"), solution("S2", CandidateKind.CANCEL))
    failed = past(1, outcome=observed(ObservedStatus.FAILED))
    made = consult(before, disruption(), FOG_AT_LAHORE, knowledge, MemoryPrecedents([failed]))
    assert bare(made) == bare(before)


def test_the_recommended_option_decides_what_is_asked() -> None:
    delayed = questions(arbitration(), disruption())
    cancelled = questions(arbitration(solution(kind=CandidateKind.CANCEL)), disruption())
    assert delayed[0] == cancelled[0]
    assert delayed[1] != cancelled[1]


def test_every_kind_of_disruption_and_of_option_has_its_question() -> None:
    for kind in DisruptionType:
        for choice in CandidateKind:
            asked = questions(arbitration(solution(kind=choice)), replace(disruption(), type=kind))
            assert all(EmbeddedKnowledge().search(question, limit=1) for question in asked)


def test_a_long_report_is_not_searched_whole() -> None:
    asked = questions(arbitration(), disruption("fog " * 5_000))
    assert max(map(len, asked)) < 300


def test_precedent_tells_how_often_each_choice_went_as_planned() -> None:
    kept = MemoryPrecedents(
        [
            past(1, outcome=observed()),
            past(2, outcome=observed(ObservedStatus.FAILED)),
            past(3),
            past(4, CandidateKind.CANCEL),
            past(5, airport="KHI", outcome=observed()),
        ]
    )
    made = consult(arbitration(), disruption(), FOG_AT_LAHORE, EmbeddedKnowledge(), kept)
    assert made.precedent is not None
    assert made.precedent.considered == 4
    assert [one.disruption_id for one in made.precedent.decisions] == ["past-4", "past-3", "past-2"]
    rates = {one.choice: (one.decided, one.observed, one.success_rate) for one in made.precedent.choices}
    assert rates == {CandidateKind.DELAY: (3, 2, 0.5), CandidateKind.CANCEL: (1, 0, None)}
