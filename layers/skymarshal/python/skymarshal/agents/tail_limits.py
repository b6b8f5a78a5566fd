"""The limits of the planned tail: its arrival, its release, its deferred defects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest
from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.agents.wording import instant_text, listed, minutes
from skymarshal.calculators.airworthiness import MEL_ARTICLE, MelState, TailArrival
from skymarshal.calculators.return_to_service import RELEASE_ARTICLE, ReturnToService
from skymarshal.calculators.spare_tails import runs_out_before_return
from skymarshal.domain.aircraft_types import type_data
from skymarshal.domain.assessment import (
    Constraint,
    ConstraintKind,
    Evidence,
    Figure,
    Subject,
    SubjectKind,
    TakenOver,
    Unknown,
)
from skymarshal.domain.etops import NON_ETOPS_LIMIT
from skymarshal.domain.mel import MEL_ARTICLES
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Flight, GroundEquipment, MelItem
from skymarshal.operations.statements import Rows

__all__ = [
    "ETOPS_FIGURE",
    "TailFindings",
    "add_availability",
    "add_deferred_defects",
    "add_etops",
    "add_ground_start",
    "add_unknown",
    "diversion_of_route",
    "ground_equipment_at_ends",
    "tail_of",
]


ETOPS_FIGURE: Final = "etops_minutes_required"
"""The regulatory agent's figure of how far the route lies from an adequate airport, in minutes."""


SINGLE_ENGINE_HOUR_KM: Final = 700
"""What a twin flies in an hour on one engine, on the low side."""


MEL_HORIZON: Final = timedelta(hours=48)
"""An item that runs out later than this after the expected departure limits nothing here."""


APU_CHAPTER: Final = "49"


GROUND_START: Final = ("ground power unit", "air starter")
"""What starts an aircraft whose auxiliary power unit is inoperative."""


@dataclass(slots=True)
class TailFindings:
    """What is gathered on the way to the findings."""

    constraints: list[Constraint] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    taken_over: list[TakenOver] = field(default_factory=list)
    known: int = 0
    blocked: list[str] = field(default_factory=list)
    latest: datetime | None = None


def tail_of(flight: Flight) -> Subject:
    return Subject(kind=SubjectKind.TAIL, key=flight.registration)


def add_availability(
    flight: Flight, arrival: TailArrival, release: ReturnToService | None, answer: TailFindings
) -> tuple[Figure, ...]:
    """Add what the tail's arrival and its release say, and return the delay that they make."""
    tail = tail_of(flight)
    if arrival.missing is not None:
        add_unknown(answer, tail, arrival.missing)
    elif arrival.ready_at is not None:
        answer.known += 1
        if arrival.ready_at > flight.std:
            source = arrival.previous.flight_id if arrival.previous is not None else "its release"
            answer.constraints.append(
                Constraint(
                    kind=ConstraintKind.EARLIEST_DEPARTURE,
                    subject=tail,
                    text=(
                        f"{flight.registration} arrives with {source} and is turned round by "
                        f"{instant_text(arrival.ready_at)}."
                    ),
                    binding=True,
                    at=arrival.ready_at,
                    evidence=arrival.evidence,
                )
            )
    if release is None:
        return ()
    for missing in release.unknowns:
        add_unknown(answer, tail, missing)
    if release.low is None or release.likely is None or release.high is None:
        return (Figure(name="return_to_service_delay", unit="min", likely=None, basis=release.driver),)
    answer.known += 2
    spread = f"likely {instant_text(release.likely)}, between {instant_text(release.low)} and "
    spread += instant_text(release.high)
    answer.constraints.append(
        Constraint(
            kind=ConstraintKind.EARLIEST_DEPARTURE,
            subject=tail,
            text=f"{flight.registration} is released after {release.driver}: {spread}.",
            binding=True,
            article=RELEASE_ARTICLE,
            verified=False,
            at=release.likely,
            evidence=release.evidence,
        )
    )
    if release.high > release.likely:
        answer.constraints.append(
            Constraint(
                kind=ConstraintKind.EARLIEST_DEPARTURE,
                subject=tail,
                text=f"If the work takes its longest, {flight.registration} is released at "
                f"{instant_text(release.high)}; a plan that holds until then is robust.",
                binding=False,
                at=release.high,
                evidence=release.evidence,
            )
        )
    low, likely, high = (
        Decimal(max(0, minutes(one - flight.std))) for one in (release.low, release.likely, release.high)
    )
    return (
        Figure(
            name="return_to_service_delay",
            unit="min",
            likely=likely,
            low=low,
            high=high,
            basis=release.driver,
        ),
    )


def add_deferred_defects(
    flight: Flight,
    expected: ExpectedDeparture,
    state: MelState,
    rotation: Sequence[Flight],
    turnaround: timedelta,
    *,
    answer: TailFindings,
) -> None:
    """Add what the deferred defects of the planned tail allow, and what runs out before the way back."""
    tail = tail_of(flight)
    first_chance = max(flight.std, expected.scheduled)
    limiting = state.limiting(flight.std)
    if not state.defects:
        answer.notes.append(
            f"No deferred defect of {flight.registration} is open in MelItems; a defect without a row there "
            "is not deferred and has to be put right before departure."
        )
    answer.notes += [
        f"{one[0].upper()}{one[1:]}."
        for one in runs_out_before_return(
            flight, rotation, state, expected.off_block + flight.block + turnaround
        )
    ]
    for one in state.defects:
        item = one.item
        answer.known += 1
        name = f"MEL item {item.item_id} ({item.title}, category {item.category})"
        if item.operational_limits:
            answer.notes.append(f"{name} limits the operation: {'; '.join(item.operational_limits)}.")
        latest = one.last_dispatch(flight.block)
        if one not in limiting and one.cleared_by is not None:
            answer.notes.append(f"Work order {one.cleared_by.workorder_id} names {name} and puts it right.")
            continue
        if latest < first_chance:
            text = f"{name} ran out at {instant_text(one.expires_at)}: {flight.registration} may not go."
            answer.constraints.append(
                Constraint(
                    kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
                    subject=tail,
                    text=text,
                    binding=True,
                    article=MEL_ARTICLE,
                    evidence=(one.evidence,),
                )
            )
            answer.blocked.append(text)
        elif one.expires_at <= max(expected.at_worst, flight.std) + MEL_HORIZON:
            answer.latest = latest if answer.latest is None else min(answer.latest, latest)
            answer.constraints.append(
                Constraint(
                    kind=ConstraintKind.LATEST_OFF_BLOCK,
                    subject=tail,
                    text=f"{name} lets {flight.registration} leave until {instant_text(latest)}.",
                    binding=True,
                    article=MEL_ARTICLE,
                    at=latest,
                    evidence=(one.evidence,),
                )
            )


def diversion_of_route(
    request: AssessmentRequest, flight: Flight
) -> tuple[timedelta | None, TakenOver | None]:
    """Return how far the route lies from an aerodrome: an hour at most by its length, else as found.

    The regulatory agent finds it; None while nobody has.
    """
    if flight.distance_km <= 2 * SINGLE_ENGINE_HOUR_KM:
        return NON_ETOPS_LIMIT, None
    for one in request.initial:
        for figure in one.figures:
            if figure.name == ETOPS_FIGURE and figure.likely is not None:
                value = f"{figure.likely} {figure.unit}"
                source = TakenOver(source=one.agent, fact=ETOPS_FIGURE, value=value)
                return timedelta(minutes=float(figure.likely)), source
    return None, None


def add_etops(
    flight: Flight, aircraft: Aircraft, state: MelState, diversion: timedelta | None, answer: TailFindings
) -> None:
    """Add that a defect takes the approval away that the route needs, or may need."""
    items = state.etops_removed_by
    data = type_data(aircraft.aircraft_type)
    four_engines = data is not None and data.engines > 2
    if not items or four_engines or (diversion is not None and diversion <= NON_ETOPS_LIMIT):
        return
    names = listed([f"MEL item {one.item_id}" for one in items])
    evidence = tuple(_etops_evidence(one) for one in items)
    if diversion is None:
        add_unknown(
            answer,
            tail_of(flight),
            Unknown(
                table="Airports",
                key=f"{flight.origin}-{flight.destination}",
                field="lat/lon",
                why=f"{names} removes ETOPS and it is not yet known whether the route needs it.",
            ),
        )
        return
    text = f"{names} removes the ETOPS approval that {flight.origin}-{flight.destination} needs."
    answer.constraints.append(
        Constraint(
            kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
            subject=tail_of(flight),
            text=text,
            binding=True,
            article="SPA.ETOPS.105",
            verified=False,
            evidence=evidence,
        )
    )
    answer.blocked.append(text)


def _without_auxiliary_power(state: MelState) -> MelItem | None:
    return next((one.item for one in state.defects if one.item.ata[:2] == APU_CHAPTER), None)


def ground_equipment_at_ends(
    operations: Operations, flight: Flight, state: MelState
) -> tuple[Rows[GroundEquipment], Rows[GroundEquipment]]:
    """Return the equipment at both ends where the tail depends on it, else none."""
    if _without_auxiliary_power(state) is None:
        return Rows(), Rows()
    return operations.gather(
        lambda: operations.ground_equipment(flight.origin),
        lambda: operations.ground_equipment(flight.destination),
    )


def add_ground_start(
    flight: Flight,
    state: MelState,
    ends: tuple[Rows[GroundEquipment], Rows[GroundEquipment]],
    now: datetime,
    answer: TailFindings,
) -> None:
    """Add what a tail without its auxiliary power unit needs on the ground at both ends."""
    item = _without_auxiliary_power(state)
    if item is None:
        return
    for airport, units in zip((flight.origin, flight.destination), ends, strict=True):
        here = {one.equipment_type for one in units if one.serviceable}
        lacking = [one for one in GROUND_START if one not in here]
        text = (
            f"MEL item {item.item_id} leaves {flight.registration} without auxiliary power and "
            f"{airport} has no serviceable {listed(lacking)}."
        )
        if not lacking:
            answer.known += 1
        elif not units.speak(now) and airport == flight.destination:
            answer.notes.append(
                f"GroundEquipment {units.silence()} for {airport}: whether {flight.registration} could leave "
                "again is unknown."
            )
        elif airport == flight.destination:
            answer.notes.append(f"{text} It could not leave {airport} again.")
        elif not units.speak(now):
            why = (
                f"GroundEquipment {units.silence()} for {airport}, and {flight.registration} cannot start "
                "alone."
            )
            missing = Unknown(table="GroundEquipment", key=airport, field="equipment_type", why=why)
            add_unknown(answer, tail_of(flight), missing)
        else:
            answer.blocked.append(text)
            answer.constraints.append(
                Constraint(
                    kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
                    subject=tail_of(flight),
                    text=text,
                    binding=True,
                    article=MEL_ARTICLES["not_less_restrictive"].article,
                    evidence=tuple(
                        Evidence(
                            table="GroundEquipment",
                            key=f"{airport} {unit.equipment_id}",
                            field="serviceable",
                            value="false",
                        )
                        for unit in units
                        if unit.equipment_type in lacking
                    ),
                )
            )


def _etops_evidence(item: MelItem) -> Evidence:
    key = f"{item.registration} {item.item_id}"
    return Evidence(table="MelItems", key=key, field="removes_etops", value="true")


def add_unknown(answer: TailFindings, subject: Subject, missing: Unknown) -> None:
    answer.unknowns.append(missing)
    answer.constraints.append(
        Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=subject, text=missing.why, binding=True)
    )
