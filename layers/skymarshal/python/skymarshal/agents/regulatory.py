"""Regulatory: when the airports, the weather, the slots and the route let the flight move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from skymarshal.agents.case import (
    AssessmentRequest,
    Findings,
    flight_over,
    flight_unknown,
)
from skymarshal.agents.departure import expected_departure
from skymarshal.agents.movement_findings import MovementFindings
from skymarshal.calculators.alternates import MARGIN, EndWeather, end_weather
from skymarshal.calculators.movement_windows import WIND_LIMITS, End
from skymarshal.domain.assessment import (
    AgentName,
    Window,
)
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, AirportCurfew, Flight, Notam, WeatherForecast
from skymarshal.operations.statements import Rows

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
    airport_rows, slots, aircraft = operations.gather(
        lambda: operations.airports((flight.origin, flight.destination)),
        lambda: operations.slot(flight.flight_id, flight.origin),
        lambda: operations.aircraft(expected.registration),
    )
    airports = {one.airport: one for one in airport_rows}
    ends: tuple[tuple[End, str], ...] = (("origin", flight.origin), ("destination", flight.destination))
    read = operations.gather(*(partial(_rows, operations, flight, end, code, span) for end, code in ends))
    weather = operations.gather(
        *(
            partial(_weather, operations, flight, airports.get(code), rows[2], end=end, span=span, now=now)
            for (end, code), rows in zip(ends, read, strict=True)
        )
    )
    slot = slots[0] if slots else None
    state = MovementFindings(
        flight=flight,
        expected=expected,
        now=now,
        span=span,
        exemptions=request.disruption.details.exemptions,
    )
    for (end, code), rows, told in zip(ends, read, weather, strict=True):
        state.look_at(end, code, airports.get(code), *rows, told, slot)
        state.look_at_runways(end, airports.get(code), rows[1], aircraft)
    state.note(f"Wind is checked against a crosswind of {WIND_LIMITS.crosswind_kt} kt, gusts included.")
    state.look_at_report(request, slot)
    state.look_at_slot(slots)
    state.look_at_route(aircraft, airports)
    return state.findings()


def _rows(
    operations: Operations, flight: Flight, end: End, code: str, span: Window
) -> tuple[Rows[AirportCurfew], Rows[Notam], list[WeatherForecast]]:
    shift = flight.block if end == "destination" else timedelta(0)
    return operations.gather(
        lambda: operations.curfews(code),
        lambda: operations.notams(code),
        lambda: operations.forecasts(code, span.start + shift - MARGIN, span.end + shift + MARGIN),
    )


def _weather(
    operations: Operations,
    flight: Flight,
    airport: Airport | None,
    forecasts: Sequence[WeatherForecast],
    *,
    end: End,
    span: Window,
    now: datetime,
) -> EndWeather | None:
    if airport is None:
        return None
    return end_weather(operations, flight, airport, forecasts, end=end, span=span, now=now)
