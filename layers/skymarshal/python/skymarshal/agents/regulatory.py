"""Regulatory: when the airports, the weather, the slots and the route let the flight move."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from skymarshal.agents.case import (
    AssessmentRequest,
    Findings,
    flight_over,
    flight_unknown,
)
from skymarshal.agents.departure import expected_departure
from skymarshal.agents.movement_findings import MovementFindings
from skymarshal.calculators.movement_windows import (
    End,
)
from skymarshal.domain.assessment import (
    AgentName,
    Window,
)
from skymarshal.operations import Operations

__all__ = ["regulatory"]

HORIZON: Final = timedelta(hours=30)
"""How long after the schedule the windows are worked out: the next night and the morning after it."""

LEAST_AHEAD: Final = timedelta(hours=12)
"""How long after the expected departure they are worked out at least."""


def regulatory(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return the off-block windows that are forbidden at either end, and whether the route is allowed.

    An issued take-off time binds as an earliest departure. Missing it does not ground the flight, since a
    new one is asked for, so its end is advice. What a NOTAM's text says is never read: its coded effect is.
    """
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.REGULATORY, request)
    over = flight_over(AgentName.REGULATORY, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)
    now = request.disruption.reported_at
    span = Window(
        start=min(flight.std, expected.off_block),
        end=max(max(flight.std, now) + HORIZON, expected.at_worst + LEAST_AHEAD),
    )
    airport_rows, slot, aircraft = operations.gather(
        lambda: operations.airports((flight.origin, flight.destination)),
        lambda: operations.slot(flight.flight_id),
        lambda: operations.aircraft(expected.registration),
    )
    airports = {one.airport: one for one in airport_rows}
    ends: tuple[tuple[End, str], ...] = (("origin", flight.origin), ("destination", flight.destination))
    curfews = operations.gather(*(lambda code=code: operations.curfews(code) for _, code in ends))
    notams = operations.gather(*(lambda code=code: operations.notams(code) for _, code in ends))
    forecasts = operations.gather(
        *(
            lambda end=end, code=code: operations.forecasts(
                code, span.start, span.end + (flight.block if end == "destination" else timedelta(0))
            )
            for end, code in ends
        )
    )
    state = MovementFindings(flight=flight, expected=expected, now=now, span=span)
    for (end, code), curfew, notices, weather in zip(ends, curfews, notams, forecasts, strict=True):
        state.look_at(end, code, airports.get(code), curfew, notices, weather)
    state.note("Not checked: wind against the operator's limits, since no row holds them.")
    state.look_at_report(request, slot)
    state.look_at_slot(slot)
    state.look_at_route(aircraft, airports)
    return state.findings()
