"""Which alternates a departure has where the weather at one of its ends asks for them.

A destination below its minima, or without information, is planned for with two destination alternates; an
origin below its landing minima with a take-off alternate. An alternate counts if its forecast keeps the
minima from an hour before to an hour after the arrival there, and no notice closes it then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Final, Literal

from skymarshal.calculators.movement_windows import (
    End,
    ForecastGap,
    MovementWindow,
    forecast_edges,
    forecast_evidence,
    forecast_in_force,
    forecast_windows,
    judged,
)
from skymarshal.domain.assessment import Constraint, ConstraintKind, Evidence, Subject, Window
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.weather import ALTERNATE_ARTICLE
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, Flight, Notam, WeatherForecast

__all__ = ["MARGIN", "AlternatesNeeded", "EndWeather", "alternates_required", "end_weather"]

MARGIN: Final = timedelta(hours=1)
"""Before and after the arrival; CAT.OP.MPA.185 had it, and the AMC to CAT.OP.MPA.182 keeps it."""

_SERVED_WITHIN: Final = timedelta(hours=12)
_FARTHEST_KM: Final = 1_500
_TAKE_OFF_KM: Final = 700
"""What a twin flies in an hour on one engine, on the low side."""

_LOOKED_AT: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternatesNeeded:
    """Off-block times that keep the weather minima only with the alternates named."""

    end: End
    airport: str
    window: Window
    reason: str
    alternates: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        kind = "take-off alternate" if self.end == "origin" else "destination alternates"
        return f"Planned with {' and '.join(self.alternates)} as {kind}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWeather:
    """What the weather at one end of a flight says to its off-block times.

    Attributes:
        forbidden: when it does not let the flight go.
        unknown: when it is not known and no alternates stand in for it.
        later: when no forecast reaches so far yet; one that does has to be read before departure.
        needed: when the flight may go with alternates.
    """

    forbidden: tuple[MovementWindow, ...]
    unknown: tuple[ForecastGap, ...]
    later: tuple[ForecastGap, ...]
    needed: tuple[AlternatesNeeded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alternate:
    code: str
    usable: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """Off-block times that need alternates, and what stands if there are too few."""

    window: Window
    reason: str
    evidence: tuple[Evidence, ...]
    otherwise: MovementWindow | ForecastGap


def end_weather(
    operations: Operations,
    flight: Flight,
    airport: Airport,
    forecasts: Sequence[WeatherForecast],
    *,
    end: End,
    span: Window,
    now: datetime,
) -> EndWeather:
    """Return what the weather at one end says; where it asks for alternates, three reads look for them.

    Args:
        operations: the operational tables.
        flight: the flight.
        airport: the airport at this end.
        forecasts: its forecasts over the period, and `MARGIN` more on either side.
        end: which end it is.
        span: the off-block times looked at.
        now: the instant of the report.
    """
    looked_at = span
    if end == "destination":
        looked_at = Window(start=span.start - MARGIN, end=span.end + MARGIN)
    below, gaps = forecast_windows(flight, airport, forecasts, end=end, span=looked_at, now=now)
    later = tuple(gap for gap in gaps if gap.beyond)
    known = [gap for gap in gaps if not gap.beyond]
    if end == "destination":
        forbidden = [one for one in below if not one.too_low]
        unknown = [gap for gap in known if not gap.visual]
        needs = [
            *(_need(one, one.reason, one.evidence, span) for one in below if one.too_low),
            *(
                _need(gap, f"the weather at {gap.airport} is unknown, {gap.why}", (), span)
                for gap in known
                if gap.visual
            ),
        ]
    else:
        forbidden, unknown = list(below), known
        needs = _take_off_needs(airport, forecasts, span, now)
    if not needs:
        return EndWeather(forbidden=tuple(forbidden), unknown=tuple(unknown), later=later, needed=())
    alternates = _alternates(operations, flight, airport, end, span, now)
    needed: list[AlternatesNeeded] = []
    for need in needs:
        for window, codes in _with_enough(need.window, alternates, 1 if end == "origin" else 2):
            if codes:
                needed.append(
                    AlternatesNeeded(
                        end=end,
                        airport=airport.airport,
                        window=window,
                        reason=need.reason,
                        alternates=codes,
                        evidence=need.evidence,
                    )
                )
            elif isinstance(need.otherwise, MovementWindow):
                forbidden.append(_without(need.otherwise, window, end))
            else:
                unknown.append(_unknown(need.otherwise, window))
    return EndWeather(forbidden=tuple(forbidden), unknown=tuple(unknown), later=later, needed=tuple(needed))


def alternates_required(needed: AlternatesNeeded, subject: Subject) -> Constraint:
    """Return the need for alternates as what binds the flight."""
    return Constraint(
        kind=ConstraintKind.ALTERNATES_REQUIRED,
        subject=subject,
        text=needed.text,
        binding=True,
        article=ALTERNATE_ARTICLE.article,
        verified=ALTERNATE_ARTICLE.status == "verified",
        windows=(needed.window,),
        evidence=needed.evidence,
        at_destination=needed.end == "destination",
    )


def _need(
    found: MovementWindow | ForecastGap, reason: str, evidence: tuple[Evidence, ...], span: Window
) -> _Need:
    start, end = found.window.start - MARGIN, found.window.end + MARGIN
    window = Window(start=max(start, span.start), end=min(end, span.end))
    return _Need(window=window, reason=reason, evidence=evidence, otherwise=found)


def _take_off_needs(
    airport: Airport, forecasts: Sequence[WeatherForecast], span: Window, now: datetime
) -> list[_Need]:
    """Return when a take-off is within its minima but a return for landing would not be."""
    found: list[_Need] = []
    for opens, closes in pairwise(forecast_edges(forecasts, span.start, span.end)):
        forecast = forecast_in_force(forecasts, opens, now)
        if forecast is None or not judged(forecast, airport, "departure").within_minima:
            continue
        landing = judged(forecast, airport, "arrival")
        if landing.within_minima:
            continue
        window = Window(start=opens, end=closes)
        reason = f"{airport.airport} is forecast below its landing minima"
        if landing.breaches:
            reason += f": {'; '.join(landing.breaches)}"
        evidence = (forecast_evidence(forecast),)
        otherwise = MovementWindow(
            end="origin",
            airport=airport.airport,
            reason=reason,
            window=window,
            article=ALTERNATE_ARTICLE.article,
            verified=False,
            evidence=evidence,
        )
        found.append(_Need(window=window, reason=reason, evidence=evidence, otherwise=otherwise))
    return found


def _without(found: MovementWindow, window: Window, end: End) -> MovementWindow:
    lacking = "no take-off alternate is" if end == "origin" else "no two destination alternates are"
    return MovementWindow(
        end=found.end,
        airport=found.airport,
        reason=f"{found.reason}, and {lacking} known with the weather for it",
        window=window,
        article=ALTERNATE_ARTICLE.article,
        verified=False,
        evidence=found.evidence,
    )


def _unknown(found: ForecastGap, window: Window) -> ForecastGap:
    why = f"{found.why}, and no two destination alternates are known with the weather for it"
    return ForecastGap(end=found.end, airport=found.airport, window=window, why=why)


def _with_enough(
    window: Window, alternates: Iterable[_Alternate], count: int
) -> list[tuple[Window, tuple[str, ...]]]:
    """Return the parts of a window with the first `count` alternates usable then; none if they are fewer."""
    known = list(alternates)
    edges = {window.start, window.end}
    for one in known:
        for usable in one.usable:
            edges |= {at for at in (usable.start, usable.end) if window.start < at < window.end}
    found: list[tuple[Window, tuple[str, ...]]] = []
    for opens, closes in pairwise(sorted(edges)):
        usable_now = [one.code for one in known if any(usable.holds(opens) for usable in one.usable)]
        codes = tuple(usable_now[:count]) if len(usable_now) >= count else ()
        if found and found[-1][1] == codes:
            found[-1] = (Window(start=found[-1][0].start, end=closes), codes)
        else:
            found.append((Window(start=opens, end=closes), codes))
    return found


def _alternates(
    operations: Operations, flight: Flight, airport: Airport, end: End, span: Window, now: datetime
) -> list[_Alternate]:
    """Return airports that the airline serves near one end, the nearest first, with when each is usable."""
    around = flight.std - _SERVED_WITHIN, flight.std + _SERVED_WITHIN
    served = operations.gather(
        lambda: operations.departures(flight.origin, *around),
        lambda: operations.departures(flight.destination, *around),
    )
    other = flight.destination if end == "origin" else flight.origin
    codes = {one.destination for found in served for one in found} | {other}
    rows = operations.airports(sorted(codes - {airport.airport}))
    farthest = _TAKE_OFF_KM if end == "origin" else _FARTHEST_KM
    away = {one.airport: great_circle_km(airport.lat, airport.lon, one.lat, one.lon) for one in rows}
    near = sorted(
        (one for one in rows if away[one.airport] <= farthest),
        key=lambda one: (away[one.airport], one.airport),
    )[:_LOOKED_AT]
    speed = flight.distance_km / (flight.flight_time / timedelta(hours=1))
    after = {
        one.airport: timedelta(minutes=math.ceil(away[one.airport] / speed * 60))
        + (flight.block if end == "destination" else timedelta(0))
        for one in near
    }
    read = operations.gather(
        *(
            partial(
                _rows,
                operations,
                one.airport,
                Window(
                    start=span.start + after[one.airport] - MARGIN,
                    end=span.end + after[one.airport] + MARGIN,
                ),
            )
            for one in near
        )
    )
    return [
        _Alternate(
            code=one.airport,
            usable=_usable(one, forecasts, notams, after[one.airport], end=end, span=span, now=now),
        )
        for one, (forecasts, notams) in zip(near, read, strict=True)
    ]


def _rows(operations: Operations, code: str, period: Window) -> tuple[list[WeatherForecast], list[Notam]]:
    return operations.gather(
        lambda: operations.forecasts(code, period.start, period.end),
        lambda: operations.notams(code),
    )


def _usable(
    airport: Airport,
    forecasts: Sequence[WeatherForecast],
    notams: Iterable[Notam],
    after: timedelta,
    *,
    end: End,
    span: Window,
    now: datetime,
) -> tuple[Window, ...]:
    """Return the off-block times whose arrival there, an hour more on either side, keeps the minima."""
    closed = [one for one in notams if one.effect == "airport_closed"]
    first, last = span.start + after - MARGIN, span.end + after + MARGIN
    edges = forecast_edges(
        forecasts, first, last, *(at for one in closed for at in (one.valid_from, one.valid_to))
    )
    good: list[Window] = []
    for opens, closes in pairwise(edges):
        forecast = forecast_in_force(forecasts, opens, now)
        shut = any(one.valid_from <= opens < one.valid_to for one in closed)
        movement: Literal["arrival", "alternate"] = "arrival" if end == "origin" else "alternate"
        if shut or forecast is None or not judged(forecast, airport, movement).within_minima:
            continue
        if good and good[-1].end == opens:
            opens = good.pop().start
        good.append(Window(start=opens, end=closes))
    return tuple(
        Window(start=one.start - after + MARGIN, end=one.end - after - MARGIN + timedelta(minutes=1))
        for one in good
        if one.end - one.start >= 2 * MARGIN
    )
