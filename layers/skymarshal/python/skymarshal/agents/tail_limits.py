"""The limits of the planned tail: its arrival, its release, its deferred defects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest
from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.agents.wording import instant_text, listed, minutes
from skymarshal.calculators.airworthiness import MEL_ARTICLE, MelState, TailArrival
from skymarshal.calculators.return_to_service import RELEASE_ARTICLE, ReturnToService
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
from skymarshal.domain.mel import MEL_ARTICLES
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Flight, GroundEquipment, MelItem

__all__ = [
    "ETOPS_FIGURE",
    "TailFindings",
    "add_availability",
    "add_deferred_defects",
    "add_etops",
    "add_ground_start",
    "add_unknown",
    "ground_equipment_at_ends",
    "needs_etops_approval",
    "tail_of",
]


ETOPS_FIGURE: Final = "etops_minutes_required"
"""The regulatory agent's figure of how far the route lies from an adequate airport, in minutes."""


SINGLE_ENGINE_HOUR_KM: Final = 700
"""What a twin flies in an hour on one engine, on the low side."""


NON_ETOPS_MINUTES: Final = 60


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
    *,
    orders_cover: set[str],
    answer: TailFindings,
) -> None:
    tail = tail_of(flight)
    first_chance = max(flight.std, expected.scheduled)
    if not state.defects:
        answer.notes.append(
            f"No deferred defect of {flight.registration} is open in MelItems; a defect without a row there "
            "is not deferred and has to be put right before departure."
        )
    for one in state.defects:
        item = one.item
        answer.known += 1
        name = f"MEL item {item.item_id} ({item.title}, category {item.category})"
        if item.operational_limits:
            answer.notes.append(f"{name} limits the operation: {'; '.join(item.operational_limits)}.")
        if one.expires_at <= first_chance:
            if item.ata[:2] in orders_cover:
                answer.notes.append(f"{name} has run out; a work order on ATA {item.ata} puts it right.")
                continue
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
            latest = one.last_dispatch
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


def needs_etops_approval(request: AssessmentRequest, flight: Flight) -> tuple[bool | None, TakenOver | None]:
    """Return whether the route needs ETOPS: by its length, else by what the regulatory agent found."""
    if flight.distance_km <= 2 * SINGLE_ENGINE_HOUR_KM:
        return False, None
    for one in request.initial:
        for figure in one.figures:
            if figure.name == ETOPS_FIGURE and figure.likely is not None:
                value = f"{figure.likely} {figure.unit}"
                source = TakenOver(source=one.agent, fact=ETOPS_FIGURE, value=value)
                return figure.likely > NON_ETOPS_MINUTES, source
    return None, None


def add_etops(
    flight: Flight, aircraft: Aircraft, state: MelState, needed: bool | None, answer: TailFindings
) -> None:
    items = state.etops_removed_by
    if not items or aircraft.etops_minutes is None or needed is False:
        return
    names = listed([f"MEL item {one.item_id}" for one in items])
    evidence = tuple(_etops_evidence(one) for one in items)
    if needed is None:
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
) -> tuple[list[GroundEquipment], list[GroundEquipment]]:
    """Return the equipment at both ends where the tail depends on it, else none."""
    if _without_auxiliary_power(state) is None:
        return [], []
    return operations.gather(
        lambda: operations.ground_equipment(flight.origin),
        lambda: operations.ground_equipment(flight.destination),
    )


def add_ground_start(
    flight: Flight,
    state: MelState,
    ends: tuple[list[GroundEquipment], list[GroundEquipment]],
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
        elif airport == flight.destination:
            answer.notes.append(f"{text} It could not leave {airport} again.")
        elif not units:
            why = (
                f"The ground equipment of {airport} is unknown, and {flight.registration} cannot start alone."
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
