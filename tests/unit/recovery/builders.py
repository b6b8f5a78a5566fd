"""Flights, assessments and a scripted evaluator for the tests of the arbitration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from skymarshal.domain.arbitration import ConstraintCheck, RejectedCandidate
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    AssessmentStatus,
    Constraint,
    ConstraintKind,
    Option,
    OptionKind,
    Phase,
    Subject,
    SubjectKind,
    Verdict,
    Window,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations.records import Flight
from skymarshal.recovery.impact import CostRange, Impact
from skymarshal.recovery.situation import SPECIALISTS, Situation

STD = datetime(2026, 2, 5, 12, 0, tzinfo=UTC)
NOW = STD - timedelta(hours=2)
TAIL = "A6-BLA"
SPARE = "A6-BLC"
CREW = {"C101": "captain", "C102": "first_officer", "C103": "purser"}


def at(hour: int, minute: int = 0, *, day: int = 5) -> datetime:
    return datetime(2026, 2, day, hour, minute, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def flight(**changes: object) -> Flight:
    scheduled = Flight(
        flight_id="EY283-2026-02-05",
        flight_number="EY283",
        flight_date=date(2026, 2, 5),
        carrier="EY",
        origin="AUH",
        destination="LHR",
        std=STD,
        sta=STD + timedelta(hours=7),
        etd=None,
        eta=None,
        block=timedelta(hours=7),
        flight_time=timedelta(hours=6, minutes=30),
        status="scheduled",
        registration=TAIL,
        aircraft_type="B789",
        service="passenger",
        terminal="A",
        gate="A12",
        stand="612",
        distance_km=5500,
        seats_sold=None,
    )
    return replace(scheduled, **changes)


def disruption(**changes: object) -> Disruption:
    reported = Disruption(
        disruption_id="D-1",
        type=DisruptionType.TECHNICAL,
        flight_id="EY283-2026-02-05",
        reported_at=NOW,
    )
    return replace(reported, **changes)


def assessment(agent: AgentName, **changes: object) -> Assessment:
    clear = Assessment(
        agent=agent,
        phase=Phase.REVISION,
        verdict=Verdict.CLEAR,
        recommendation="Nothing stands in the way.",
        status=AssessmentStatus.COMPLETED,
        confidence=1.0,
        started_at=NOW,
        duration=timedelta(seconds=1),
    )
    return replace(clear, **changes)


def failed(agent: AgentName, error: str = "timed out") -> Assessment:
    return assessment(
        agent, status=AssessmentStatus.FAILED, verdict=Verdict.UNKNOWN, confidence=0.0, error=error
    )


def situation(*changed: Assessment, **changes: object) -> Situation:
    """All seven agents clear, but for those given."""
    found = {name: assessment(name) for name in SPECIALISTS}
    found.update({one.agent: one for one in changed})
    built = Situation(disruption=disruption(), flight=flight(), crew=dict(CREW), assessments=found)
    return replace(built, **changes)


def subject(kind: SubjectKind, key: str) -> Subject:
    return Subject(kind=kind, key=key)


FLIGHT = subject(SubjectKind.FLIGHT, "EY283-2026-02-05")
OWN_TAIL = subject(SubjectKind.TAIL, TAIL)


def crew(crew_id: str = "C101") -> Subject:
    return subject(SubjectKind.CREW_MEMBER, crew_id)


def earliest(instant: datetime, about: Subject = OWN_TAIL, **changes: object) -> Constraint:
    made = Constraint(
        kind=ConstraintKind.EARLIEST_DEPARTURE,
        subject=about,
        text=f"{about.key} is ready at {instant:%H:%MZ}.",
        binding=True,
        at=instant,
    )
    return replace(made, **changes)


def latest(instant: datetime, about: Subject = FLIGHT, **changes: object) -> Constraint:
    made = Constraint(
        kind=ConstraintKind.LATEST_OFF_BLOCK,
        subject=about,
        text=f"{about.key} leaves by {instant:%H:%MZ}.",
        binding=True,
        at=instant,
    )
    return replace(made, **changes)


def forbidden(start: datetime, end: datetime, **changes: object) -> Constraint:
    made = Constraint(
        kind=ConstraintKind.FORBIDDEN_OFF_BLOCK,
        subject=FLIGHT,
        text=f"No departure from {start:%H:%MZ} to {end:%H:%MZ}.",
        binding=True,
        windows=(Window(start=start, end=end),),
    )
    return replace(made, **changes)


def required(kind: ConstraintKind, about: Subject, **changes: object) -> Constraint:
    made = Constraint(kind=kind, subject=about, text=f"{about.key}: {kind.value}.", binding=True)
    return replace(made, **changes)


def spare(registration: str = SPARE, **changes: object) -> Option:
    made = Option(
        kind=OptionKind.SPARE_TAIL, key=registration, replaces=TAIL, usable=True, available_from=STD
    )
    return replace(made, **changes)


def reserve(crew_id: str, replaces: str = "C101", **changes: object) -> Option:
    made = Option(
        kind=OptionKind.RESERVE_CREW,
        key=crew_id,
        replaces=replaces,
        usable=True,
        available_from=at(11, 30),
        latest_off_block=at(20),
    )
    return replace(made, **changes)


def candidate(off_block: datetime | None = STD, **changes: object) -> Candidate:
    return replace(situation().operating(off_block or STD), off_block=off_block, **changes)


def impact(**changes: object) -> Impact:
    none = Impact(
        cancelled=False,
        passenger_delay=timedelta(0),
        cost=cost(0),
        affected_passengers=0,
        needing_reprotection=0,
        reprotected=0,
        downstream_flights=0,
        connections=0,
        missed_connections=0,
    )
    return replace(none, **changes)


def cost(likely: int, low: int | None = None, high: int | None = None) -> CostRange:
    return CostRange(
        low=Decimal(likely if low is None else low),
        likely=Decimal(likely),
        high=Decimal(likely if high is None else high),
    )


class ScriptedEvaluator:
    """Costs a delay by the minute and a cancellation at once, unless told otherwise."""

    def __init__(
        self,
        *,
        reprotected: int = 100,
        price: Callable[[Candidate], Impact] | None = None,
        checks: Callable[[Candidate], Iterable[ConstraintCheck]] | None = None,
    ) -> None:
        self._reprotected = reprotected
        self._price = price or self._by_delay
        self._checks = checks or (lambda _: ())

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        return tuple(self._checks(candidate))

    def impact(self, candidate: Candidate) -> Impact:
        return self._price(candidate)

    def diversions(self) -> tuple[Candidate, ...]:
        return ()

    def under_way(self) -> tuple[RejectedCandidate, ...]:
        return ()

    def variants(self, candidate: Candidate) -> tuple[Candidate, ...]:
        return ()

    def refined(self, candidate: Candidate) -> Impact | None:
        return None

    def _by_delay(self, candidate: Candidate) -> Impact:
        if candidate.off_block is None:
            return impact(
                cancelled=True,
                passenger_delay=timedelta(hours=9),
                cost=cost(250_000),
                affected_passengers=100,
                needing_reprotection=100,
                reprotected=self._reprotected,
            )
        late = candidate.off_block - STD
        extra = 15_000 * (candidate.registration != TAIL) + 800 * len(candidate.replaced_crew)
        return impact(
            passenger_delay=late,
            cost=cost(round(late / minutes(1)) * 100 + extra),
            affected_passengers=100 if late else 0,
        )
