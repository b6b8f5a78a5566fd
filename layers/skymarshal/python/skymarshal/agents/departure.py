"""When the flight is expected to leave, as every agent agrees on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from skymarshal.agents.case import AssessmentRequest
from skymarshal.calculators.evidence import instant_value
from skymarshal.calculators.movement_windows import End, closed_off_block
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    Constraint,
    ConstraintKind,
    Option,
    OptionKind,
    SubjectKind,
    TakenOver,
)
from skymarshal.operations.records import Flight

__all__ = ["ExpectedDeparture", "expected_departure"]

_SAY_WHEN = (AgentName.MAINTENANCE, AgentName.REGULATORY)
"""The agents whose missing facts leave the time of departure open."""

_WINDOW_KINDS = (ConstraintKind.FORBIDDEN_OFF_BLOCK, ConstraintKind.AIRPORT_CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDeparture:
    """The off-block that an assessment computes with.

    Attributes:
        scheduled: the scheduled off-block.
        off_block: the likely one.
        at_worst: the one if every reported range ends at its far end; never before `off_block`.
        registration: the tail expected to fly, a spare where the planned one cannot.
        open: what could still move it because it is not known; empty when all of it is.
        taken_over: the other agents' facts that moved it.
    """

    scheduled: datetime
    off_block: datetime
    at_worst: datetime
    registration: str
    open: tuple[str, ...] = ()
    taken_over: tuple[TakenOver, ...] = ()

    @property
    def delay(self) -> timedelta:
        """How much later than scheduled the flight leaves; zero when it leaves early."""
        return max(self.off_block - self.scheduled, timedelta(0))

    @property
    def delay_at_worst(self) -> timedelta:
        """The delay at the far end of the range."""
        return max(self.at_worst - self.scheduled, timedelta(0))


def expected_departure(request: AssessmentRequest, flight: Flight) -> ExpectedDeparture:
    """Return the expected off-block of `flight`.

    In the initial phase it follows from the report alone: the estimate or the schedule, the reported
    delay, the reported repair counted from the report, the end of a reported closure. In the revision
    phase it is moved by the typed constraints of every initial assessment, so that all agents compute
    with the same instant: the earliest departure of the tail and of the flight, a spare tail or a
    reserve where one must be changed, and the end of any forbidden window. A window that rests on no
    row is a time of which nothing is known: waiting for its end makes nothing known, so it moves nothing.
    Nor does a latest departure: the agent that set it says whether it holds.
    """
    likely, worst = _as_reported(request, flight)
    registration = flight.registration
    if flight.status in ("departed", "arrived"):
        return ExpectedDeparture(
            scheduled=flight.std, off_block=likely, at_worst=likely, registration=registration
        )
    initial = request.initial
    own = None if request.before is None else request.before.agent
    taken: list[TakenOver] = []
    open_: list[str] = []

    def take(source: AgentName, fact: str, value: str) -> None:
        if source is not own:
            taken.append(TakenOver(source=source, fact=fact, value=value))

    for source, constraint in _constraints(initial):
        if constraint.kind is ConstraintKind.UNKNOWN_FACT and source in _SAY_WHEN:
            open_.append(constraint.text)
        if constraint.kind is ConstraintKind.AIRCRAFT_CHANGE_REQUIRED and (
            constraint.subject.key == flight.registration
        ):
            spare = _earliest(initial, OptionKind.SPARE_TAIL, flight.registration)
            if spare is None:
                open_.append(constraint.text)
            else:
                registration = spare.key
                likely = max(likely, spare.available_from or likely)
                take(source, f"spare tail for {flight.registration}", _option_text(spare))
        if constraint.kind is ConstraintKind.CREW_CHANGE_REQUIRED:
            reserve = _earliest(initial, OptionKind.RESERVE_CREW, constraint.subject.key)
            if reserve is None and _earliest(initial, OptionKind.FEWER_CREW, constraint.subject.key):
                take(source, f"the flight without {constraint.subject.key}", instant_value(likely))
            elif reserve is None:
                open_.append(constraint.text)
            else:
                likely = max(likely, reserve.available_from or likely)
                take(source, f"reserve for {constraint.subject.key}", _option_text(reserve))

    worst = max(worst, likely)
    for source, constraint in _constraints(initial, advisory=True):
        if constraint.kind is not ConstraintKind.EARLIEST_DEPARTURE or constraint.at is None:
            continue
        if not _concerns(constraint, registration):
            continue
        if constraint.binding and constraint.at > likely:
            likely = constraint.at
            take(source, f"earliest departure of {constraint.subject.key}", instant_value(constraint.at))
        elif not constraint.binding and constraint.at > worst:
            take(
                source,
                f"earliest departure of {constraint.subject.key} at worst",
                instant_value(constraint.at),
            )
        worst = max(worst, constraint.at)

    windows = [
        (source, constraint)
        for source, constraint in _constraints(initial)
        if constraint.kind in _WINDOW_KINDS and constraint.evidence and _concerns(constraint, registration)
    ]
    moved = _after_windows(likely, windows)
    if moved.source is not None and moved.at > likely:
        take(moved.source, moved.text, instant_value(moved.at))
    return ExpectedDeparture(
        scheduled=flight.std,
        off_block=moved.at,
        at_worst=max(moved.at, _after_windows(worst, windows).at),
        registration=registration,
        open=tuple(dict.fromkeys(open_)),
        taken_over=tuple(dict.fromkeys(taken)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    at: datetime
    source: AgentName | None = None
    text: str = ""


def _after_windows(at: datetime, windows: Iterable[tuple[AgentName, Constraint]]) -> _Moved:
    found = _Moved(at=at)
    spans = [(source, c, window) for source, c in windows for window in c.windows]
    while hit := next((span for span in spans if span[2].holds(found.at)), None):
        source, constraint, window = hit
        found = _Moved(at=window.end, source=source, text=_named(constraint))
    return found


def _named(constraint: Constraint) -> str:
    what = constraint.kind.replace("_", " ")
    return what if constraint.article is None else f"{what} ({constraint.article})"


def _as_reported(request: AssessmentRequest, flight: Flight) -> tuple[datetime, datetime]:
    likely = flight.etd or flight.std
    if flight.status in ("departed", "arrived"):
        return likely, likely
    details, now = request.disruption.details, request.disruption.reported_at
    likely = max(likely, now)
    if details.delay is not None:
        likely = max(likely, flight.std + details.delay)
    start, end = details.window_start, details.window_end
    if end is not None and request.disruption.airport in (flight.origin, flight.destination):
        where: End = "origin" if request.disruption.airport == flight.origin else "destination"
        closed = closed_off_block(flight, where, start or now, max(end, start or now))
        if closed.holds(likely):
            likely = closed.end
    worst = likely
    if details.repair is not None:
        likely = max(likely, now + details.repair.likely)
        worst = max(likely, now + details.repair.most)
    return likely, worst


def _constraints(
    initial: Iterable[Assessment], *, advisory: bool = False
) -> list[tuple[AgentName, Constraint]]:
    return [
        (one.agent, constraint)
        for one in initial
        for constraint in one.constraints
        if constraint.binding or advisory
    ]


def _concerns(constraint: Constraint, registration: str) -> bool:
    if constraint.subject.kind is SubjectKind.TAIL:
        return constraint.subject.key == registration
    return constraint.subject.kind in (SubjectKind.FLIGHT, SubjectKind.CREW_MEMBER)


def _earliest(initial: Iterable[Assessment], kind: OptionKind, replaces: str) -> Option | None:
    usable = [
        option
        for one in initial
        for option in one.options
        if option.kind is kind and option.usable and option.replaces == replaces
    ]
    return min(usable, key=lambda o: (o.available_from is not None, o.available_from, o.key), default=None)


def _option_text(option: Option) -> str:
    if option.available_from is None:
        return option.key
    return f"{option.key} from {instant_value(option.available_from)}"
