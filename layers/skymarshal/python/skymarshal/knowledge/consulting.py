"""Attaches guidance and precedent to an arbitration that is already made. Nothing in it changes for them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol, TypeVar

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, Citation, ConstraintCheck
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.outcome import PastDecision
from skymarshal.domain.wording import counted
from skymarshal.knowledge.precedents import Precedents, weigh
from skymarshal.knowledge.retrieval import Knowledge, KnowledgeUnavailable

__all__ = ["BUDGET", "Case", "Within", "consult", "in_time", "questions"]

logger = logging.getLogger(__name__)

BUDGET: Final = timedelta(seconds=2)
"""How long guidance and precedent are waited for, each."""

_MOST_CITED: Final = 6
_PER_QUESTION: Final = 2
_LONGEST_REPORT: Final = 200
_NEAR: Final = 1.0
_MOST_LIMITS: Final = 2
_FIGURES: Final = re.compile(r"\S*\d\S*")

_ABOUT: Final[dict[DisruptionType, str]] = {
    DisruptionType.TECHNICAL: "technical defect, repair time and deferred items",
    DisruptionType.CREW: "crew member not available, reserve crew",
    DisruptionType.WEATHER: "weather below minima at the airport",
    DisruptionType.AIRPORT_CLOSURE: "airport closure, runway closed until reopening",
    DisruptionType.CURFEW_SLOT: "curfew at night and airport slots",
    DisruptionType.LATE_INBOUND: "late inbound, minimum turnaround",
    DisruptionType.ATC: "calculated take-off time, flow management slot",
    DisruptionType.DIVERSION: "diversion, whether the crew can continue",
    DisruptionType.SECURITY: "security alert stops the turnaround",
    DisruptionType.STRIKE: "strike announced, programme of the day",
    DisruptionType.MEDICAL: "medical case on board, medical diversion",
    DisruptionType.BIRD_STRIKE: "bird strike inspection",
    DisruptionType.GROUND_DAMAGE: "ground damage inspection",
}
_OPTION: Final[dict[CandidateKind, str]] = {
    CandidateKind.DELAY: "publish a delay with a margin to the tightest limit",
    CandidateKind.TAIL_SWAP: "swap the tail or wait for the repair",
    CandidateKind.RESERVE_CREW: "reserve crew called out from standby",
    CandidateKind.FEWER_CREW: "minimum crew, fly with fewer cabin crew or pilots",
    CandidateKind.SWAP_AND_RESERVE: "swap the tail with reserve crew",
    CandidateKind.CANCEL: "cancel early, notice of cancellation, order of reprotection",
    CandidateKind.REROUTE: "another journey, order of reprotection",
    CandidateKind.PARTNER: "partner capacity, seats on other airlines",
    CandidateKind.DIVERT: "diversion to an alternate",
    CandidateKind.MANUAL_REVIEW: "who decides when a fact is not known",
}

T = TypeVar("T")


class Within(Protocol):
    """Calls `work`, and raises TimeoutError where it takes longer than `budget`."""

    def __call__(self, work: Callable[[], T], budget: timedelta, /) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What past decisions are looked up by; `airport` is where the disruption is."""

    kind: DisruptionType
    airport: str
    fleet: str


def in_time(work: Callable[[], T], budget: timedelta) -> T:
    """Return what `work` returns.

    Raises:
        TimeoutError: It takes longer than `budget`. It goes on in its thread; nobody waits for it.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="knowledge")
    try:
        return pool.submit(work).result(timeout=budget.total_seconds())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def consult(
    arbitration: Arbitration,
    disruption: Disruption,
    case: Case | None,
    knowledge: Knowledge,
    precedents: Precedents,
    *,
    within: Within = in_time,
) -> Arbitration:
    """Return `arbitration` with citations, precedent and a word on whether they could be had.

    Args:
        arbitration: the decision as it stands; its solutions, scores and ranking are left as they are.
        disruption: what it is about.
        case: what past decisions are looked up by; None where the flight is not known.
        knowledge: where guidance is searched.
        precedents: where past decisions are kept.
        within: keeps to the time budget.
    """
    citations, guidance = _cited(arbitration, disruption, knowledge, within)
    past: tuple[PastDecision, ...] = ()
    history = "past decisions not looked up: the flight is not known"
    if case is not None:
        past, history = _remembered(case, precedents, within)
    return replace(
        arbitration,
        citations=citations,
        knowledge=f"{guidance}; {history}",
        precedent=None if case is None else weigh(case.kind, case.airport, case.fleet, past),
    )


def questions(arbitration: Arbitration, disruption: Disruption) -> tuple[str, ...]:
    """Return what is asked: on the disruption, the recommended option and the limits that press."""
    best = arbitration.solutions[0]
    pressing = " ".join(_limits(arbitration, best.checks))
    asked = (
        f"{_ABOUT[disruption.type]}. {disruption.description[:_LONGEST_REPORT]}",
        _OPTION[best.candidate.kind],
        pressing,
    )
    return tuple(one for one in asked if one.strip())


def _cited(
    arbitration: Arbitration, disruption: Disruption, knowledge: Knowledge, within: Within
) -> tuple[tuple[Citation, ...], str]:
    def search() -> tuple[Citation, ...]:
        found: dict[tuple[str, str], Citation] = {}
        for question in questions(arbitration, disruption):
            for citation in knowledge.search(question, limit=_PER_QUESTION):
                found.setdefault((citation.document, citation.section), citation)
        return tuple(found.values())[:_MOST_CITED]

    try:
        citations = within(search, BUDGET)
    except TimeoutError:
        return (), f"{knowledge.name} did not answer within {BUDGET.total_seconds():g} s"
    except KnowledgeUnavailable as error:
        logger.warning("guidance is unavailable: %s", error)
        return (), f"{knowledge.name} is unavailable"
    except Exception:
        # A defect in what only advises must not stop a decision.
        logger.exception("guidance failed")
        return (), f"{knowledge.name} failed"
    if not citations:
        return (), f"{knowledge.name} holds nothing on this"
    return citations, f"{counted(len(citations), 'passage')} from the {knowledge.name}"


def _remembered(case: Case, precedents: Precedents, within: Within) -> tuple[tuple[PastDecision, ...], str]:
    try:
        past = within(lambda: precedents.latest(case.kind, case.airport, case.fleet), BUDGET)
    except TimeoutError:
        return (), f"past decisions did not come within {BUDGET.total_seconds():g} s"
    except KnowledgeUnavailable as error:
        logger.warning("precedent is unavailable: %s", error)
        return (), "past decisions are unavailable"
    except Exception:
        logger.exception("precedent failed")
        return (), "past decisions could not be read"
    kind = case.kind.replace("_", " ")
    where = f"{kind} at {case.airport} on {case.fleet}"
    if not past:
        return (), f"no past decision on {where}"
    return past, f"{counted(len(past), 'past decision')} on {where}"


def _limits(arbitration: Arbitration, checks: Iterable[ConstraintCheck]) -> Iterator[str]:
    """Yield what a margin is small against, and what other candidates broke, without the figures in it."""
    near = [one for one in checks if one.share is not None and one.share < _NEAR]
    broken = [
        one for fallen in arbitration.rejected for one in fallen.broken if one.outcome is CheckOutcome.BROKEN
    ]
    seen: dict[str, None] = {}
    for check in (*sorted(near, key=lambda one: one.share or 0.0), *broken):
        words = f"{check.article or ''} {check.text}"
        seen[" ".join(_FIGURES.sub(" ", words).split())] = None
    yield from list(seen)[:_MOST_LIMITS]
