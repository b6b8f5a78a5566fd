"""Maintenance: is the tail dispatchable, when is it back, and which other tail could go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_over, flight_unknown
from skymarshal.agents.departure import expected_departure
from skymarshal.agents.spare_options import spare_options
from skymarshal.agents.tail_limits import (
    ETOPS_FIGURE,
    TailFindings,
    add_availability,
    add_deferred_defects,
    add_etops,
    add_ground_start,
    add_unknown,
    diversion_of_route,
    ground_equipment_at_ends,
    tail_of,
)
from skymarshal.agents.wording import duration_text, instant_text
from skymarshal.calculators.airworthiness import TailArrival, mel_state, tail_arrival, unsaid_of_tail
from skymarshal.calculators.return_to_service import Fault, ReturnToService, return_to_service
from skymarshal.domain.assessment import (
    AgentName,
    ConstraintKind,
    Option,
    TakenOver,
    Unknown,
    Verdict,
)
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.records import Flight

__all__ = ["ETOPS_FIGURE", "maintenance"]


ROTATION_SPAN: Final = timedelta(days=2)
ORDERS_BACK: Final = timedelta(days=30)


_KEEPS_THE_TAIL_OFF: Final = (ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, ConstraintKind.UNKNOWN_FACT)
"""What another agent says of the tail when no departure with it may be offered."""

_DAMAGED: Final = (DisruptionType.TECHNICAL, DisruptionType.BIRD_STRIKE, DisruptionType.GROUND_DAMAGE)


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
    over = flight_over(AgentName.MAINTENANCE, flight)
    if over is not None:
        return over
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
    diversion, etops_source = diversion_of_route(request, flight)
    if aircraft is None:
        spares = spare_options(operations, flight, None, rotation, now, diversion=diversion)
        return _tail_unknown(
            flight, spares, (*expected.taken_over, *(() if etops_source is None else (etops_source,)))
        )
    state = mel_state(mel_items, orders)
    until = max(now, expected.at_worst) + ROTATION_SPAN
    staff, equipment = operations.gather(
        lambda: operations.staff_on_shift(flight.origin, now, until),
        lambda: ground_equipment_at_ends(operations, flight, state),
    )
    answer = TailFindings(known=3)
    arrival = tail_arrival(flight, aircraft, rotation)
    for missing in (*unsaid_of_tail(flight.registration, mel_items, orders, now), *state.unknowns):
        add_unknown(answer, tail_of(flight), missing)
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
    figures = add_availability(flight, arrival, release, answer)
    _late_by_how_much(disruption, flight, arrival, answer)
    add_deferred_defects(flight, expected, state, rotation, aircraft.minimum_turnaround, answer=answer)
    add_etops(flight, aircraft, state, diversion, answer)
    add_ground_start(flight, state, equipment, now, answer)

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
    refused = _refused_by_another(request, flight)
    if refused is not None:
        answer.taken_over.append(refused)
    if verdict is not Verdict.CLEAR or refused is not None:
        options = spare_options(operations, flight, aircraft, rotation, now, diversion=diversion)
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


def _refused_by_another(request: AssessmentRequest, flight: Flight) -> TakenOver | None:
    """Return that another agent asks for another tail, as for a route that this one may not fly."""
    for one in request.initial:
        for limit in one.constraints:
            if (
                one.agent is not AgentName.MAINTENANCE
                and limit.binding
                and limit.kind in _KEEPS_THE_TAIL_OFF
                and limit.subject == tail_of(flight)
            ):
                return TakenOver(source=one.agent, fact=limit.kind.value, value=limit.text)
    return None


def _late_by_how_much(
    disruption: Disruption, flight: Flight, arrival: TailArrival, answer: TailFindings
) -> None:
    """Add that a late inbound flight is unknown where neither the report nor its row says when it comes."""
    if disruption.type is not DisruptionType.LATE_INBOUND or disruption.details.delay is not None:
        return
    previous = arrival.previous
    if arrival.missing is not None or (previous is not None and previous.eta is not None):
        return
    key = disruption.details.inbound_flight_id or (
        flight.registration if previous is None else previous.flight_id
    )
    why = f"The inbound flight {key} is reported late and nothing says by how much."
    add_unknown(answer, tail_of(flight), Unknown(table="Flights", key=key, field="eta", why=why))


def _fault(disruption: Disruption) -> Fault | None:
    details = disruption.details
    if disruption.type in _DAMAGED or details.repair is not None:
        return Fault(ata=details.ata, repair=details.repair, reported_in=disruption.disruption_id)
    return None


def _verdict(answer: TailFindings, *, late: bool) -> Verdict:
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
    answer: TailFindings,
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


def _tail_unknown(flight: Flight, spares: tuple[Option, ...], taken_over: tuple[TakenOver, ...]) -> Findings:
    answer = TailFindings(known=1)
    why = f"{flight.registration} has no row, so nothing shows that it is airworthy."
    missing = Unknown(table="Aircraft", key=flight.registration, field="registration", why=why)
    add_unknown(answer, tail_of(flight), missing)
    return Findings(
        verdict=Verdict.UNKNOWN,
        recommendation=f"Do not dispatch {flight.registration} before this is known: {why}",
        facts_known=answer.known,
        constraints=tuple(answer.constraints),
        options=spares,
        unknowns=tuple(answer.unknowns),
        taken_over=taken_over,
    )


def _latest(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)
