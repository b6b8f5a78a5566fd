"""Whether both ends of a candidate's flight take it at its times: night, closure, weather, slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from skymarshal.calculators.alternates import MARGIN, AlternatesNeeded, alternates_required, end_weather
from skymarshal.calculators.movement_windows import (
    End,
    MovementWindow,
    closure_windows,
    gap_text,
    runway_shift,
    slot_limits,
)
from skymarshal.calculators.night_windows import curfew_windows, night_gaps
from skymarshal.calculators.runways import runway_limits
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Subject,
    SubjectKind,
    Window,
)
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Airport, AirportCurfew, Flight, Notam, WeatherForecast
from skymarshal.operations.statements import Rows
from skymarshal.recovery.situation import Situation

__all__ = ["MovementEvaluation"]

_ENDS: Final[tuple[End, ...]] = ("origin", "destination")


class MovementEvaluation:
    """The movement limits of both ends as off-block windows; rows are read once.

    `slot_confirmed` says that someone reported the slot of the departure, so that no row is needed for it.
    """

    def __init__(
        self,
        situation: Situation,
        operations: Operations,
        latest: datetime,
        *,
        slot_confirmed: bool = False,
    ) -> None:
        flight, now = situation.flight, situation.now
        exempt = situation.disruption.details.exemptions
        self._flight = flight
        span = Window(start=min(flight.std, now), end=latest + timedelta(minutes=1))
        self._windows: list[MovementWindow] = []
        self._unknown: list[tuple[str, tuple[Window, ...], End]] = []
        self._needed: list[AlternatesNeeded] = []
        ends, slots = operations.gather(
            lambda: operations.gather(*(partial(_rows, operations, flight, end, span) for end in _ENDS)),
            lambda: operations.slot(flight.flight_id, flight.origin),
        )
        slot = slots[0] if slots else None
        if not slots and not slots.speak(flight.std) and not slot_confirmed:
            text = f"The slot of {flight.flight_id}: AirportSlots {slots.silence()} at {flight.origin}."
            self._unknown.append((text, (), "origin"))
        self._ends = ends
        for rows in ends:
            if rows.airport is None:
                text = f"{rows.code} has no row, so its night hours and its minima are not known."
                self._unknown.append((text, (), rows.end))
                continue
            weather = end_weather(
                operations, flight, rows.airport, rows.forecasts, end=rows.end, span=span, now=now
            )
            self._windows += curfew_windows(
                flight, rows.airport, rows.curfews, end=rows.end, span=span, slot=slot, exemptions=exempt
            )
            nights = night_gaps(
                flight, rows.airport, rows.curfews, end=rows.end, span=span, slot=slot, exemptions=exempt
            )
            self._unknown += [(night.text, (night.window,), night.end) for night in nights]
            at = flight.std + runway_shift(flight, rows.end)
            if not rows.notams.speak(at):
                text = f"Whether a notice closes {rows.code}: Notams {rows.notams.silence()}."
                self._unknown.append((text, (), rows.end))
            self._windows += closure_windows(flight, rows.notams, end=rows.end, span=span)
            self._windows += weather.forbidden
            self._unknown += [(gap_text(gap), (gap.window,), gap.end) for gap in weather.unknown]
            self._needed += weather.needed
        self._runways: dict[str | None, list[tuple[AgentName, Constraint]]] = {}
        self._slot = None if slot is None else slot_limits(flight, slot)

    def limits(self) -> list[tuple[AgentName, Constraint]]:
        """Return what binds the movements of the flight at both ends."""
        subject = Subject(kind=SubjectKind.FLIGHT, key=self._flight.flight_id)
        found = [
            Constraint(
                kind=ConstraintKind.FORBIDDEN_OFF_BLOCK,
                subject=subject,
                text=f"{one.reason}.",
                binding=True,
                article=one.article,
                verified=one.verified,
                windows=(one.window,),
                evidence=one.evidence,
                at_destination=one.end == "destination",
                exemption_from=one.exemption_from,
            )
            for one in self._windows
        ]
        found += [
            Constraint(
                kind=ConstraintKind.UNKNOWN_FACT,
                subject=subject,
                text=text,
                binding=True,
                windows=windows,
                at_destination=end == "destination",
            )
            for text, windows, end in self._unknown
        ]
        found += [alternates_required(one, subject) for one in self._needed]
        if self._slot is not None and self._slot.issued:
            found.append(
                Constraint(
                    kind=ConstraintKind.EARLIEST_DEPARTURE,
                    subject=subject,
                    text=f"The calculated take-off time allows no off-block before "
                    f"{self._slot.earliest:%Y-%m-%d %H:%MZ}.",
                    binding=True,
                    article=self._slot.article,
                    at=self._slot.earliest,
                    evidence=self._slot.evidence,
                )
            )
        return [(AgentName.REGULATORY, constraint) for constraint in found]

    def runways(self, aircraft: Aircraft | None) -> list[tuple[AgentName, Constraint]]:
        """Return what the runways of both ends forbid a tail; without one, whether there is any."""
        tail = None if aircraft is None else aircraft.registration
        if tail not in self._runways:
            self._runways[tail] = [
                (AgentName.REGULATORY, constraint)
                for rows in self._ends
                if rows.airport is not None
                for constraint in runway_limits(
                    self._flight, aircraft, rows.airport, rows.notams, end=rows.end
                )
            ]
        return self._runways[tail]


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndRows:
    end: End
    code: str
    airport: Airport | None
    curfews: Rows[AirportCurfew]
    notams: Rows[Notam]
    forecasts: list[WeatherForecast]


def _rows(operations: Operations, flight: Flight, end: End, span: Window) -> _EndRows:
    code = flight.origin if end == "origin" else flight.destination
    shift = timedelta(0) if end == "origin" else flight.block
    airport, curfews, notams, forecasts = operations.gather(
        lambda: operations.airport(code),
        lambda: operations.curfews(code),
        lambda: operations.notams(code),
        lambda: operations.forecasts(code, span.start + shift - MARGIN, span.end + shift + MARGIN),
    )
    return _EndRows(end=end, code=code, airport=airport, curfews=curfews, notams=notams, forecasts=forecasts)
