"""Maintenance: is the tail dispatchable, when is it back, and which other tail could go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.wording import duration_text, instant_text, listed, minutes
from skymarshal.calculators.airworthiness import (
    MEL_ARTICLE,
    RELEASE_ARTICLE,
    Fault,
    MelState,
    ReturnToService,
    TailArrival,
    mel_state,
    return_to_service,
    tail_arrival,
)
from skymarshal.calculators.spare_tails import SpareTail, TailRows, rating_family, spare_tail
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Evidence,
    Figure,
    Option,
    OptionKind,
    Subject,
    SubjectKind,
    TakenOver,
    Unknown,
    Verdict,
)
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.mel import MEL_ARTICLES
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Flight, GroundEquipment, MelItem

__all__ = ["ETOPS_FIGURE", "maintenance"]

ETOPS_FIGURE: Final = "etops_minutes_required"
"""The regulatory agent's figure of how far the route lies from an adequate airport, in minutes."""

SINGLE_ENGINE_HOUR_KM: Final = 700
"""What a twin flies in an hour on one engine, on the low side."""

NON_ETOPS_MINUTES: Final = 60
MEL_HORIZON: Final = timedelta(hours=48)
"""An item that runs out later than this after the expected departure limits nothing here."""

ROTATION_SPAN: Final = timedelta(days=2)
ORDERS_BACK: Final = timedelta(days=30)
MAX_SPARES: Final = 16
MAX_UNFIT: Final = 5
"""How many tails are looked at, and how many of those that do not fit are kept with their reasons."""

APU_CHAPTER: Final = "49"
GROUND_START: Final = ("ground power unit", "air starter")
"""What starts an aircraft whose auxiliary power unit is inoperative."""

_DAMAGED: Final = (DisruptionType.TECHNICAL, DisruptionType.BIRD_STRIKE, DisruptionType.GROUND_DAMAGE)


@dataclass(slots=True)
class _Answer:
    """What is gathered on the way to the findings."""

    constraints: list[Constraint] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    taken_over: list[TakenOver] = field(default_factory=list)
    known: int = 0
    blocked: list[str] = field(default_factory=list)
    latest: datetime | None = None


def maintenance(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return whether the tail may be dispatched and what else could fly.

    The binding earliest departure is the LIKELY end of the work, and an advisory one gives the far end
    of its range. Binding the far end would ground the tail for hours on most days; binding the near end
    would promise what rarely holds. A tail that is released later than likely is late, not unsafe: it
    leaves only with its release, so what the range decides is how robust a plan is.
    """
    disruption = request.disruption
    flight = operations.flight(disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.MAINTENANCE, request)
    expected = expected_departure(request, flight)
    now = disruption.reported_at
    aircraft, rotation, mel_items, orders = operations.gather(
        lambda: operations.aircraft(flight.registration),
        lambda: operations.rotation(
            flight.registration, flight.std - ROTATION_SPAN, flight.std + ROTATION_SPAN
        ),
        lambda: operations.open_mel_items(flight.registration),
        lambda: operations.work_orders(flight.registration, now - ORDERS_BACK, flight.std),
    )
    if aircraft is None:
        return _tail_unknown(flight)
    state = mel_state(mel_items)
    until = max(now, expected.at_worst) + ROTATION_SPAN
    staff, equipment = operations.gather(
        lambda: operations.staff_on_shift(flight.origin, now, until),
        lambda: _ground_equipment(operations, flight, state),
    )
    answer = _Answer(known=3)
    arrival = tail_arrival(flight, aircraft, rotation)
    release = return_to_service(
        aircraft=aircraft,
        fault=_fault(disruption),
        work_orders=orders,
        staff=staff,
        station=flight.origin,
        now=now,
        arrival=arrival.arrival,
        before=flight.std,
    )
    needs_etops, etops_source = _needs_etops(request, flight)
    figures = _availability(flight, arrival, release, answer)
    _deferred_defects(flight, expected, state, orders_cover={one.ata[:2] for one in orders}, answer=answer)
    _etops(flight, aircraft, state, needs_etops, answer)
    _ground_start(flight, state, equipment, answer)

    ready = _latest(arrival.ready_at, None if release is None else release.likely)
    off_block = max(expected.off_block, ready) if ready is not None else expected.off_block
    if answer.latest is not None and off_block > answer.latest:
        answer.blocked.append(
            f"it would leave at {instant_text(off_block)}, after {instant_text(answer.latest)}"
        )
    verdict = _verdict(answer, late=ready is not None and ready > flight.std)
    options: tuple[Option, ...] = ()
    if etops_source is not None and (verdict is not Verdict.CLEAR or state.etops_removed_by):
        answer.taken_over.append(etops_source)
    if verdict is not Verdict.CLEAR:
        options = _spares(operations, flight, aircraft, rotation, now, needs_etops=needs_etops is not False)
    margin = None if answer.latest is None else clock_share(answer.latest - off_block)
    return Findings(
        verdict=verdict,
        recommendation=_recommendation(verdict, flight, off_block, ready, release, options, answer),
        facts_known=answer.known,
        constraints=tuple(answer.constraints),
        figures=figures,
        options=options,
        unknowns=tuple(answer.unknowns),
        notes=tuple(answer.notes),
        margin=margin,
        taken_over=(*expected.taken_over, *answer.taken_over),
    )


def _fault(disruption: Disruption) -> Fault | None:
    details = disruption.details
    if disruption.type in _DAMAGED or details.repair is not None:
        return Fault(ata=details.ata, repair=details.repair, reported_in=disruption.disruption_id)
    return None


def _tail(flight: Flight) -> Subject:
    return Subject(kind=SubjectKind.TAIL, key=flight.registration)


def _availability(
    flight: Flight, arrival: TailArrival, release: ReturnToService | None, answer: _Answer
) -> tuple[Figure, ...]:
    """Add what the tail's arrival and its release say, and return the delay that they make."""
    tail = _tail(flight)
    if arrival.missing is not None:
        _unknown(answer, tail, arrival.missing)
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
        _unknown(answer, tail, missing)
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


def _deferred_defects(
    flight: Flight, expected: ExpectedDeparture, state: MelState, *, orders_cover: set[str], answer: _Answer
) -> None:
    tail = _tail(flight)
    first_chance = max(flight.std, expected.scheduled)
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


def _needs_etops(request: AssessmentRequest, flight: Flight) -> tuple[bool | None, TakenOver | None]:
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


def _etops(flight: Flight, aircraft: Aircraft, state: MelState, needed: bool | None, answer: _Answer) -> None:
    items = state.etops_removed_by
    if not items or aircraft.etops_minutes is None or needed is False:
        return
    names = listed([f"MEL item {one.item_id}" for one in items])
    evidence = tuple(_etops_evidence(one) for one in items)
    if needed is None:
        _unknown(
            answer,
            _tail(flight),
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
            subject=_tail(flight),
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


def _ground_equipment(
    operations: Operations, flight: Flight, state: MelState
) -> tuple[list[GroundEquipment], list[GroundEquipment]]:
    """Return the equipment at both ends where the tail depends on it, else none."""
    if _without_auxiliary_power(state) is None:
        return [], []
    return operations.gather(
        lambda: operations.ground_equipment(flight.origin),
        lambda: operations.ground_equipment(flight.destination),
    )


def _ground_start(
    flight: Flight,
    state: MelState,
    ends: tuple[list[GroundEquipment], list[GroundEquipment]],
    answer: _Answer,
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
            _unknown(answer, _tail(flight), missing)
        else:
            answer.blocked.append(text)
            answer.constraints.append(
                Constraint(
                    kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
                    subject=_tail(flight),
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


def _spares(
    operations: Operations,
    flight: Flight,
    planned: Aircraft,
    rotation: Sequence[Flight],
    now: datetime,
    *,
    needs_etops: bool,
) -> tuple[Option, ...]:
    family = rating_family(flight.aircraft_type)
    tails = operations.gather(*(lambda kind=kind: operations.aircraft_of_type(kind) for kind in family))
    others = [
        tail
        for group in tails
        for tail in group
        if tail.registration != planned.registration and tail.status in ("spare", "in_service")
    ]
    others.sort(
        key=lambda one: (
            one.status != "spare",
            one.location != flight.origin,
            one.available_from,
            one.registration,
        )
    )
    looked_at = others[:MAX_SPARES]
    marks = [tail.registration for tail in looked_at]
    since, to = now - ROTATION_SPAN, flight.std + 2 * ROTATION_SPAN
    defects, rotations, orders = operations.gather(
        lambda: operations.gather(*(lambda mark=mark: operations.open_mel_items(mark) for mark in marks)),
        lambda: operations.gather(
            *(lambda mark=mark: operations.rotation(mark, since, to) for mark in marks)
        ),
        lambda: operations.gather(
            *(lambda mark=mark: operations.work_orders(mark, now - ORDERS_BACK, flight.sta) for mark in marks)
        ),
    )
    found = [
        TailRows(aircraft=tail, mel_items=tuple(a), rotation=tuple(b), work_orders=tuple(c))
        for tail, a, b, c in zip(looked_at, defects, rotations, orders, strict=True)
    ]
    spares = [spare_tail(flight, planned, rotation, one, now=now, needs_etops=needs_etops) for one in found]
    spares.sort(key=lambda one: (not one.usable, one.available_from, -one.total_seats, one.registration))
    fitting = [one for one in spares if one.usable]
    return tuple(_option(one, flight) for one in (*fitting, *spares[len(fitting) :][:MAX_UNFIT]))


def _option(spare: SpareTail, flight: Flight) -> Option:
    return Option(
        kind=OptionKind.SPARE_TAIL,
        key=spare.registration,
        replaces=flight.registration,
        usable=spare.usable,
        available_from=spare.available_from,
        latest_off_block=spare.latest_off_block,
        quantity=spare.total_seats,
        reasons=spare.reasons,
        evidence=spare.evidence,
    )


def _verdict(answer: _Answer, *, late: bool) -> Verdict:
    if answer.unknowns:
        return Verdict.UNKNOWN
    if answer.blocked:
        return Verdict.BLOCKED
    return Verdict.CONSTRAINED if late or answer.latest is not None else Verdict.CLEAR


def _recommendation(
    verdict: Verdict,
    flight: Flight,
    off_block: datetime,
    ready: datetime | None,
    release: ReturnToService | None,
    options: Sequence[Option],
    answer: _Answer,
) -> str:
    tail = flight.registration
    usable = [one for one in options if one.usable]
    swap = ""
    if usable and usable[0].available_from is not None:
        swap = f" {usable[0].key} could go from {instant_text(usable[0].available_from)}."
    elif verdict is not Verdict.CLEAR:
        swap = f" No other tail at {flight.origin} fits."
    if verdict is Verdict.UNKNOWN:
        return f"Do not dispatch {tail} before this is known: {answer.unknowns[0].why}{swap}"
    if verdict is Verdict.BLOCKED:
        return f"Take {tail} off the flight: {answer.blocked[0]}{swap}"
    if verdict is Verdict.CLEAR:
        return f"{tail} is dispatchable for a departure at {instant_text(off_block)}."
    if ready is None or ready <= flight.std:
        until = "" if answer.latest is None else f" until {instant_text(answer.latest)}"
        return f"{tail} is dispatchable{until}.{swap}"
    span = ""
    if release is not None and release.low is not None and release.high is not None:
        span = f" (range {instant_text(release.low)} to {instant_text(release.high)})"
    late = duration_text(ready - flight.std)
    return f"Plan {tail} for {instant_text(ready)}, {late} late{span}.{swap}"


def _unknown(answer: _Answer, subject: Subject, missing: Unknown) -> None:
    answer.unknowns.append(missing)
    answer.constraints.append(
        Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=subject, text=missing.why, binding=True)
    )


def _tail_unknown(flight: Flight) -> Findings:
    answer = _Answer(known=1)
    why = f"{flight.registration} has no row, so nothing shows that it is airworthy."
    missing = Unknown(table="Aircraft", key=flight.registration, field="registration", why=why)
    _unknown(answer, _tail(flight), missing)
    return Findings(
        verdict=Verdict.UNKNOWN,
        recommendation=f"Do not dispatch {flight.registration} before this is known: {why}",
        facts_known=answer.known,
        constraints=tuple(answer.constraints),
        unknowns=tuple(answer.unknowns),
    )


def _latest(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)
