"""The situation that is arbitrated: the flight as planned and what the agents found about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

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
    Unknown,
    Verdict,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.ftl import EASA, FtlProfile
from skymarshal.operations.records import CrewRole, Flight
from skymarshal.recovery.policy import ArbitrationPolicy, StepDurations

__all__ = ["SPECIALISTS", "Situation", "counted_assessments"]

_UNKNOWN: Final = ConstraintKind.UNKNOWN_FACT
SPECIALISTS: Final = tuple(name for name in AgentName if name is not AgentName.ARBITRATOR)

FORECAST_AHEAD: Final = timedelta(hours=24)
"""How long before a movement every airport has a forecast for it: the shorter TAF covers 24 hours."""

_TAIL_BOUND_DELAYS: Final = (
    DisruptionType.LATE_INBOUND,
    DisruptionType.TECHNICAL,
    DisruptionType.BIRD_STRIKE,
    DisruptionType.GROUND_DAMAGE,
)
"""Types whose reported delay is the tail's: another tail need not wait for it."""


def counted_assessments(assessments: Iterable[Assessment]) -> dict[AgentName, Assessment]:
    """Return the assessment that counts for each agent: its revision, or its initial one without it."""
    order = (Phase.INITIAL, Phase.REVISION)
    counted: dict[AgentName, Assessment] = {}
    for one in sorted(
        (one for one in assessments if one.agent in SPECIALISTS and one.phase in order),
        key=lambda one: (SPECIALISTS.index(one.agent), order.index(one.phase)),
    ):
        counted[one.agent] = one
    return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The flight as planned, its crew and the assessments that count.

    `crew` maps the crew rostered on the flight to their roles. `law` are the limits that bind whatever the
    business agents advise, and that hold when they do not answer. `profile` are the flight time limitations
    in force. `unbound` are facts that a safety agent lacks without saying which departures need them: none
    may do without. `steps` are the durations of a plan's steps with each tail, by registration.
    """

    disruption: Disruption
    flight: Flight
    crew: Mapping[str, CrewRole]
    assessments: Mapping[AgentName, Assessment]
    law: tuple[Constraint, ...] = ()
    steps: Mapping[str, StepDurations] = field(default_factory=dict)
    profile: FtlProfile = EASA
    unbound: tuple[tuple[AgentName, Constraint], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = [
            (name, constraint)
            for name, assessment in self.assessments.items()
            if name.is_safety and assessment.status is AssessmentStatus.COMPLETED
            for constraint in _unbound(assessment, self.flight)
        ]
        object.__setattr__(self, "unbound", tuple(found))

    @property
    def now(self) -> datetime:
        """The instant at which everything is decided."""
        return self.disruption.reported_at

    @property
    def as_planned(self) -> Candidate:
        """The flight as it was to operate before the disruption."""
        return self.operating(self.flight.std)

    def durations(self, registration: str | None, policy: ArbitrationPolicy) -> StepDurations:
        """Return how long the steps of a plan take with a tail; as the policy has it where no row tells."""
        return self.steps.get(registration or self.flight.registration, policy.steps)

    def operating(self, off_block: datetime) -> Candidate:
        """Return the flight on its own tail with its own crew, leaving at `off_block`."""
        return Candidate(
            kind=CandidateKind.DELAY,
            flight_id=self.flight.flight_id,
            off_block=off_block,
            on_block=off_block + self.flight.block,
            registration=self.flight.registration,
            destination=self.flight.destination,
        )

    @property
    def binding(self) -> tuple[tuple[AgentName, Constraint], ...]:
        """Every binding constraint with the agent that set it, the law and the reported delay included."""
        found = [
            (name, constraint)
            for name, assessment in self.assessments.items()
            if assessment.status is AssessmentStatus.COMPLETED
            for constraint in assessment.constraints
            if constraint.binding
        ]
        found += self.unbound
        found += [(AgentName.ARBITRATOR, constraint) for constraint in self.law]
        reported = self._reported_delay()
        return tuple(found) if reported is None else (*found, (AgentName.ARBITRATOR, reported))

    @property
    def advisory(self) -> tuple[tuple[AgentName, Constraint], ...]:
        """Every advisory constraint with the agent that set it."""
        return tuple(
            (name, constraint)
            for name, assessment in self.assessments.items()
            if assessment.status is AssessmentStatus.COMPLETED
            for constraint in assessment.constraints
            if not constraint.binding
        )

    def alternates_for(self, candidate: Candidate) -> tuple[Constraint, ...]:
        """Return with which alternates `candidate` has to be planned for the weather."""
        kind = ConstraintKind.ALTERNATES_REQUIRED
        return tuple(one for _, one in self.binding if one.kind is kind and one.applies_to(candidate))

    def weather_to_check(self, candidate: Candidate) -> tuple[tuple[str, datetime], ...]:
        """Return the airports whose weather no forecast reaches yet, and when to look at each again."""
        found = []
        for _, one in self.advisory:
            if (
                one.kind is not ConstraintKind.UNKNOWN_FACT
                or not one.windows
                or not one.applies_to(candidate)
            ):
                continue
            movement = candidate.on_block if one.at_destination else candidate.off_block
            if movement is not None:
                airport = self.flight.destination if one.at_destination else self.flight.origin
                found.append((airport, max(self.now, movement - FORECAST_AHEAD)))
        return tuple(dict.fromkeys(found))

    @property
    def silent(self) -> tuple[AgentName, ...]:
        """The agents that failed or did not answer."""
        return tuple(name for name in SPECIALISTS if not self.answered(name))

    def answered(self, name: AgentName) -> bool:
        """Return whether an agent completed its assessment."""
        assessment = self.assessments.get(name)
        return assessment is not None and assessment.status is AssessmentStatus.COMPLETED

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Every fact that an agent needed and did not find, each once."""
        return tuple(dict.fromkeys(unknown for one in self.assessments.values() for unknown in one.unknowns))

    @property
    def silent_safety(self) -> tuple[str, ...]:
        """Why nothing may be offered at all: the safety agents that failed or did not answer."""
        found: list[str] = []
        for name in SPECIALISTS:
            assessment = self.assessments.get(name)
            if not name.is_safety or self.answered(name):
                continue
            if assessment is None:
                found.append(f"{name} did not answer")
            else:
                found.append(f"{name} failed: {assessment.error or 'no reason was recorded'}")
        return tuple(found)

    def options(self, kind: OptionKind, *, usable: bool = True) -> tuple[Option, ...]:
        """Return the options of a kind that the agents found, each once, by key."""
        found = {
            (option.key, option.replaces): option
            for one in self.assessments.values()
            for option in one.options
            if option.kind is kind and option.usable is usable
        }
        return tuple(found[key] for key in sorted(found))

    def _reported_delay(self) -> Constraint | None:
        delay = self.disruption.details.delay
        if delay is None or delay <= timedelta(0):
            return None
        tail = self.disruption.type in _TAIL_BOUND_DELAYS
        subject = (
            Subject(kind=SubjectKind.TAIL, key=self.flight.registration)
            if tail
            else Subject(kind=SubjectKind.FLIGHT, key=self.flight.flight_id)
        )
        at = self.flight.std + delay
        return Constraint(
            kind=ConstraintKind.EARLIEST_DEPARTURE,
            subject=subject,
            text=f"The report says that {subject.key} cannot leave before {at:%H:%MZ}.",
            binding=True,
            at=at,
        )


def _unbound(assessment: Assessment, flight: Flight) -> list[Constraint]:
    """Return a constraint on every departure for each missing fact that no constraint binds to its own."""
    bound = {one.text for one in assessment.constraints if one.binding and one.kind is _UNKNOWN}
    texts = [one.why for one in assessment.unknowns if one.why not in bound]
    if assessment.verdict is Verdict.UNKNOWN and not bound and not texts:
        texts = [f"{assessment.agent} could not answer and does not say what it lacks."]
    subject = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    return [Constraint(kind=_UNKNOWN, subject=subject, text=text, binding=True) for text in texts]
