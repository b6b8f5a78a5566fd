"""What the business agents name their figures and curves, and how one reads another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest
from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.domain.assessment import (
    AgentName,
    ConstraintKind,
    Curve,
    Figure,
    OptionKind,
    SubjectKind,
    TakenOver,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations.records import Flight

__all__ = [
    "AT_LEAST",
    "AT_MOST",
    "COMPENSATION",
    "CONNECTIONS",
    "DELAY_STEPS",
    "DOWNSTREAM_DELAY",
    "DOWNSTREAM_FLIGHTS",
    "FINE_STEPS",
    "HOTEL_NIGHTS",
    "IF_CANCELLED",
    "LONGEST_DELAY",
    "MEALS",
    "MISSED_CONNECTIONS",
    "PARTNER_SEAT_KM",
    "REBOOKED",
    "REFUNDS",
    "REST_SHORTFALLS",
    "VALUE_AT_RISK",
    "as_delayed",
    "cancelled",
    "count",
    "crew_taken_over",
    "crew_to_replace",
    "curve_of",
    "figure_of",
    "step_curve",
    "still_open",
    "value_at",
]

DOWNSTREAM_FLIGHTS: Final = "downstream_flights"
DOWNSTREAM_DELAY: Final = "downstream_delay"
REST_SHORTFALLS: Final = "crew_rest_shortfalls"
CONNECTIONS: Final = "connections"
MISSED_CONNECTIONS: Final = "missed_connections"
REBOOKED: Final = "rebooked"
PARTNER_SEAT_KM: Final = "partner_seat_km"
MEALS: Final = "meals"
HOTEL_NIGHTS: Final = "hotel_nights"
COMPENSATION: Final = "compensation"
"""Followed by the regime, such as `compensation EU261`; the unit is the currency."""

REFUNDS: Final = "refunds"
"""Followed by the currency."""

VALUE_AT_RISK: Final = "value_at_risk"
"""Followed by the currency: what the airline may have to pay for spoilt shipments."""

AT_LEAST: Final = " at least"
AT_MOST: Final = " at most"
"""After the name of a curve for the bounds of its value."""

IF_CANCELLED: Final = "if_cancelled"
"""Before the name of a figure that holds if the flight is cancelled."""

LONGEST_DELAY: Final = 16 * 60
"""Minutes of departure delay up to which curves are computed."""

DELAY_STEPS: Final = tuple(range(0, LONGEST_DELAY + 1, 60))
"""Minutes of delay at which passenger figures are computed: every threshold of care and compensation is
a full hour. Where connections break they are computed as well."""

FINE_STEPS: Final = tuple(range(0, LONGEST_DELAY + 1, 5))
"""Minutes of delay for figures that grow with every minute."""

_MINUTE: Final = timedelta(minutes=1)


def crew_to_replace(request: AssessmentRequest, off_block: datetime) -> dict[str, str]:
    """Return the crew members who may not leave at `off_block`, with the first reserve offered for each.

    A crew member without one is replaced by "a reserve": someone has to fly.
    """
    taken_off = {
        constraint.subject.key
        for one in request.initial
        for constraint in one.constraints
        if constraint.binding
        and constraint.subject.kind is SubjectKind.CREW_MEMBER
        and (
            constraint.kind is ConstraintKind.CREW_CHANGE_REQUIRED
            or (
                constraint.kind is ConstraintKind.LATEST_OFF_BLOCK
                and constraint.at is not None
                and constraint.at < off_block
            )
        )
    }
    reserves = {
        option.replaces: option.key
        for one in reversed(request.initial)
        for option in reversed(one.options)
        if option.kind is OptionKind.RESERVE_CREW and option.usable
    }
    return {crew_id: reserves.get(crew_id, "a reserve") for crew_id in sorted(taken_off)}


def crew_taken_over(replaced: Mapping[str, str]) -> tuple[TakenOver, ...]:
    """Return the crew members taken off as what was taken over from crew compliance."""
    if not replaced:
        return ()
    return (TakenOver(source=AgentName.CREW_COMPLIANCE, fact="crew to replace", value=", ".join(replaced)),)


def as_delayed(
    flight: Flight,
    delay: timedelta,
    registration: str | None = None,
    replaced_crew: Mapping[str, str] | None = None,
) -> Candidate:
    """Return the flight leaving `delay` after its schedule, on its own tail or on another."""
    tail = registration or flight.registration
    off_block = flight.std + delay
    return Candidate(
        kind=CandidateKind.DELAY if tail == flight.registration else CandidateKind.TAIL_SWAP,
        flight_id=flight.flight_id,
        off_block=off_block,
        on_block=off_block + flight.block,
        registration=tail,
        replaced_crew=dict(replaced_crew or {}),
        destination=flight.destination,
    )


def cancelled(flight: Flight, *, partners: bool = True) -> Candidate:
    """Return the flight cancelled, its passengers moved to own flights and, if wanted, to partners'."""
    return Candidate(
        kind=CandidateKind.PARTNER if partners else CandidateKind.CANCEL,
        flight_id=flight.flight_id,
        off_block=None,
        on_block=None,
        registration=None,
    )


def count(name: str, unit: str, values: Sequence[int | Decimal | None], basis: str = "") -> Figure:
    """Return a figure of one value, or of (likely, at worst) as a range between them."""
    known = [Decimal(value) for value in values if value is not None]
    if len(known) < len(values):
        return Figure(name=name, unit=unit, likely=None, basis=basis)
    return Figure(name=name, unit=unit, likely=known[0], low=min(known), high=max(known), basis=basis)


def still_open(expected: ExpectedDeparture) -> tuple[str, ...]:
    """Return what could still move the departure that the figures rest on."""
    return tuple(f"Still open, and it may move every figure here: {text}" for text in expected.open)


def step_curve(name: str, unit: str, values: Iterable[tuple[int, Decimal]]) -> Curve:
    """Return a curve with a point where the value changes."""
    points: list[tuple[int, Decimal]] = []
    for minute, value in values:
        if not points or points[-1][1] != value:
            points.append((minute, value))
    return Curve(name=name, unit=unit, points=tuple(points))


def value_at(curve: Curve, delay: timedelta) -> Decimal:
    """Return a curve's value at a delay: that of the last point not after it."""
    minutes = delay / _MINUTE
    found = curve.points[0][1]
    for minute, value in curve.points:
        if minute > minutes:
            break
        found = value
    return found


def curve_of(request: AssessmentRequest, agent: AgentName, name: str) -> Curve | None:
    """Return the curve of another agent's initial assessment."""
    for one in request.initial:
        if one.agent is agent:
            return next((curve for curve in one.curves if curve.name == name), None)
    return None


def figure_of(request: AssessmentRequest, agent: AgentName, name: str) -> Figure | None:
    """Return the figure of another agent's initial assessment."""
    for one in request.initial:
        if one.agent is agent:
            return next((figure for figure in one.figures if figure.name == name), None)
    return None
