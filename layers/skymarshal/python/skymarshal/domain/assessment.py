"""The assessment: what one agent returns in one phase, and the constraints in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from skymarshal.domain.candidate import Candidate

__all__ = [
    "ASSESSMENT_SCHEMA_VERSION",
    "AgentName",
    "Assessment",
    "AssessmentStatus",
    "Change",
    "Constraint",
    "ConstraintKind",
    "Curve",
    "Evidence",
    "Figure",
    "Option",
    "OptionKind",
    "Phase",
    "Revision",
    "Subject",
    "SubjectKind",
    "TakenOver",
    "Unknown",
    "Verdict",
    "Window",
]

ASSESSMENT_SCHEMA_VERSION: Final = 1


class AgentName(StrEnum):
    """The seven specialists and the arbitrator."""

    CREW_COMPLIANCE = "crew_compliance"
    MAINTENANCE = "maintenance"
    REGULATORY = "regulatory"
    NETWORK = "network"
    GUEST_EXPERIENCE = "guest_experience"
    CARGO = "cargo"
    FINANCE = "finance"
    ARBITRATOR = "arbitrator"

    @property
    def is_safety(self) -> bool:
        """Whether this agent's constraints bind."""
        return self in (AgentName.CREW_COMPLIANCE, AgentName.MAINTENANCE, AgentName.REGULATORY)


class Phase(StrEnum):
    """The three phases in order."""

    INITIAL = "initial"
    REVISION = "revision"
    ARBITRATION = "arbitration"


class Verdict(StrEnum):
    """What an agent concludes about the flight as planned.

    CLEAR: nothing stands in the way. CONSTRAINED: it can go within the constraints given.
    BLOCKED: it cannot go unless something is changed (crew, tail, day). UNKNOWN: a needed fact is
    missing; for a safety agent that blocks.
    """

    CLEAR = "clear"
    CONSTRAINED = "constrained"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class AssessmentStatus(StrEnum):
    """Whether the agent finished."""

    COMPLETED = "completed"
    FAILED = "failed"


class ConstraintKind(StrEnum):
    """Machine-checkable kinds of limit."""

    EARLIEST_DEPARTURE = "earliest_departure"
    LATEST_OFF_BLOCK = "latest_off_block"
    FORBIDDEN_OFF_BLOCK = "forbidden_off_block"
    AIRPORT_CLOSED = "airport_closed"
    CREW_CHANGE_REQUIRED = "crew_change_required"
    AIRCRAFT_CHANGE_REQUIRED = "aircraft_change_required"
    OFFLOAD_REQUIRED = "offload_required"
    MINIMUM_CREW = "minimum_crew"
    UNKNOWN_FACT = "unknown_fact"
    ALTERNATES_REQUIRED = "alternates_required"


_NARROWED: Final = (ConstraintKind.UNKNOWN_FACT, ConstraintKind.ALTERNATES_REQUIRED)


class SubjectKind(StrEnum):
    """What a constraint is about: it binds only a candidate that uses the subject."""

    FLIGHT = "flight"
    CREW_MEMBER = "crew_member"
    TAIL = "tail"
    SHIPMENT = "shipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A flight, a crew member, a tail or a shipment, by its key."""

    kind: SubjectKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A value read from an operational table, or from the event (table `FlightDisruption`)."""

    table: str
    key: str
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span [start, end) of instants."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        """Return whether `instant` lies inside."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A limit on the candidates, checkable by computing.

    Attributes:
        kind: what is limited; it says which of the fields below it uses.
        subject: what the limit is about.
        text: one sentence for a person.
        binding: True for a safety limit, False for advice.
        article: the rule it rests on, such as "ORO.FTL.205(b)(1) Table 2", or None for a plain fact.
        verified: whether the rule was read at its source.
        at: the instant of an EARLIEST_DEPARTURE or a LATEST_OFF_BLOCK.
        windows: the off-block windows of FORBIDDEN_OFF_BLOCK and AIRPORT_CLOSED; of an UNKNOWN_FACT the
            departures that need it, all of them where there are none; of ALTERNATES_REQUIRED those that have
            to be planned with the alternates that `text` names. A limit at the destination is given
            already shifted to off-block time.
        at_destination: whether the windows are those of the destination. A candidate that lands elsewhere
            first keeps them if a direct flight that arrives when it does keeps them.
        limit: for a limit on a duration (an FDP), its whole length, so that a margin can be given
            as a share of it; None for a clock limit.
        least: how many of `members`, or of those who replace them, MINIMUM_CREW asks for.
        members: the crew members who count for it.
        evidence: the rows that it rests on.
        only_with: the tail with which it binds, for what another tail takes; None for every tail.
        exemption_from: whom an exemption from it can be asked for; None where nobody is known to grant one.
    """

    kind: ConstraintKind
    subject: Subject
    text: str
    binding: bool
    article: str | None = None
    verified: bool = True
    at: datetime | None = None
    windows: tuple[Window, ...] = ()
    limit: timedelta | None = None
    evidence: tuple[Evidence, ...] = ()
    at_destination: bool = False
    only_with: str | None = None
    least: int = 0
    members: tuple[str, ...] = ()
    exemption_from: str | None = None

    def counted_off_block(self, candidate: Candidate) -> datetime | None:
        """Return the off-block of `candidate` that this constraint looks at; None if it does not depart."""
        return candidate.as_if_direct if self.at_destination else candidate.off_block

    def aboard(self, candidate: Candidate) -> int:
        """Return how many of `members` fly, or someone in their place."""
        return sum(1 for member in self.members if member not in candidate.flies_without)

    def applies_to(self, candidate: Candidate) -> bool:
        """Return whether `candidate` operates and uses the subject of this constraint.

        What concerns certain departures only does not apply to one outside their windows.
        """
        off_block = self.counted_off_block(candidate)
        if off_block is None or self.only_with not in (None, candidate.registration):
            return False
        elsewhere = self.windows and not any(window.holds(off_block) for window in self.windows)
        if self.kind in _NARROWED and elsewhere:
            return False
        match self.subject.kind:
            case SubjectKind.CREW_MEMBER:
                return self.subject.key not in candidate.taken_off
            case SubjectKind.TAIL:
                return candidate.registration == self.subject.key
            case SubjectKind.SHIPMENT:
                return self.subject.key not in candidate.offloaded_awbs
            case SubjectKind.FLIGHT:
                return True

    def admits(self, candidate: Candidate) -> bool:
        """Return whether `candidate` keeps this constraint; one that does not apply is kept."""
        if not self.applies_to(candidate):
            return True
        off_block = self.counted_off_block(candidate)
        if off_block is None:
            return True
        match self.kind:
            case ConstraintKind.EARLIEST_DEPARTURE:
                return self.at is not None and off_block >= self.at
            case ConstraintKind.LATEST_OFF_BLOCK:
                return self.at is not None and off_block <= self.at
            case ConstraintKind.FORBIDDEN_OFF_BLOCK | ConstraintKind.AIRPORT_CLOSED:
                return not any(window.holds(off_block) for window in self.windows)
            case ConstraintKind.ALTERNATES_REQUIRED:
                return True
            case ConstraintKind.MINIMUM_CREW:
                return self.aboard(candidate) >= self.least
            case (
                ConstraintKind.CREW_CHANGE_REQUIRED
                | ConstraintKind.AIRCRAFT_CHANGE_REQUIRED
                | ConstraintKind.OFFLOAD_REQUIRED
                | ConstraintKind.UNKNOWN_FACT
            ):
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A computed impact with its range; `likely` is None where it is unknown."""

    name: str
    unit: str
    likely: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A figure by departure delay: (minutes of delay, value) in rising order of delay."""

    name: str
    unit: str
    points: tuple[tuple[int, Decimal], ...]


class OptionKind(StrEnum):
    """What an agent can offer in place of what broke."""

    SPARE_TAIL = "spare_tail"
    RESERVE_CREW = "reserve_crew"
    FEWER_CREW = "fewer_crew"
    REPROTECTION = "reprotection"
    COLD_STORE = "cold_store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A substitute. `usable` False keeps one that was looked at, with the reasons why not.

    `replaces` is the crew member, tail or flight in whose place it stands; `latest_off_block` is
    until when it could depart. FEWER_CREW is the flight without a crew member, who is its key too.
    """

    kind: OptionKind
    key: str
    replaces: str
    usable: bool
    available_from: datetime | None = None
    latest_off_block: datetime | None = None
    quantity: int | None = None
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A fact that was needed and is missing: which table and key should have held it, and why it matters."""

    table: str
    key: str
    field: str
    why: str


class Change(StrEnum):
    """How phase 2 changed an agent's answer."""

    UNCHANGED = "unchanged"
    TIGHTENED = "tightened"
    RELAXED = "relaxed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """A fact of another agent that this one computed with."""

    source: AgentName
    fact: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an agent took over in phase 2 and what that changed."""

    change: Change
    reason: str
    taken_over: tuple[TakenOver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one agent found in one phase.

    `confidence` (0 to 1) is computed from the share of needed facts that are known and from the
    margin to the nearest limit. `sources` are the tables read. `started_at` and `duration` are the
    only fields that differ between two runs on the same inputs.
    """

    agent: AgentName
    phase: Phase
    verdict: Verdict
    recommendation: str
    status: AssessmentStatus
    confidence: float
    started_at: datetime
    duration: timedelta
    constraints: tuple[Constraint, ...] = ()
    figures: tuple[Figure, ...] = ()
    curves: tuple[Curve, ...] = ()
    options: tuple[Option, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rule_profile: str = "EASA"
    revision: Revision | None = None
    error: str | None = None
    schema_version: int = ASSESSMENT_SCHEMA_VERSION
