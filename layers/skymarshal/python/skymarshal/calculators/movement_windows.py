"""When a flight may move: closures, weather and slots as off-block windows.

A limit at the destination is shifted by the scheduled block time, so that every window is one of
off-block times at the origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.assessment import Evidence, Window
from skymarshal.domain.slots import CTOT_ARTICLE
from skymarshal.domain.weather import WEATHER_ARTICLE, Observation, WeatherCheck, WindLimits, check_weather
from skymarshal.operations.access import LONGEST_FORECAST
from skymarshal.operations.records import (
    Airport,
    AirportSlot,
    Flight,
    Notam,
    WeatherForecast,
)

__all__ = [
    "STALE_AFTER",
    "WIND_LIMITS",
    "End",
    "ForecastGap",
    "MovementWindow",
    "SlotLimits",
    "closed_off_block",
    "closure_windows",
    "forecast_edges",
    "forecast_evidence",
    "forecast_in_force",
    "forecast_windows",
    "gap_text",
    "judged",
    "runway_shift",
    "slot_limits",
]

STALE_AFTER: Final = LONGEST_FORECAST + timedelta(hours=6)
"""A forecast issued longer ago than this is older than any forecast is valid, so it says nothing."""

WIND_LIMITS: Final = WindLimits(crosswind_kt=30)
"""Less than the crosswind that any type of the fleets known here was shown to land in, 33 kt and more, so
that a type's own limit is not needed below it."""

End = Literal["origin", "destination"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementWindow:
    """Off-block times that a rule forbids, with its words, article and rows.

    `exemption_from` is whom an exemption can be asked for; None where there is nobody to ask.
    """

    end: End
    airport: str
    reason: str
    window: Window
    article: str | None
    verified: bool
    evidence: tuple[Evidence, ...]
    too_low: bool = False
    """Whether it is the visibility or the ceiling alone that forbids it."""
    exemption_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastGap:
    """Off-block times for which the weather at one end of the flight cannot be told.

    `beyond` says that no forecast reaches so far yet: then a later one will tell.
    """

    end: End
    airport: str
    window: Window
    why: str
    beyond: bool = False
    visual: bool = True
    """Whether it is how far one can see, rather than the crosswind, that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotLimits:
    """Off-block times that keep the slot. `issued` says whether it is a calculated take-off time."""

    earliest: datetime
    latest: datetime
    issued: bool
    article: str
    evidence: tuple[Evidence, ...]


def closure_windows(
    flight: Flight, notams: Iterable[Notam], *, end: End, span: Window
) -> tuple[MovementWindow, ...]:
    """Return the off-block times at which a notice closes the airport at one end."""
    found: list[MovementWindow] = []
    for notam in notams:
        if notam.effect != "airport_closed":
            continue
        window = _cut(closed_off_block(flight, end, notam.valid_from, notam.valid_to), span)
        if window is None:
            continue
        found.append(
            MovementWindow(
                end=end,
                airport=notam.airport,
                reason=f"{notam.airport} is closed by NOTAM {notam.notam_id}",
                window=window,
                article=f"NOTAM {notam.notam_id}",
                verified=True,
                evidence=(
                    Evidence(
                        table="Notams",
                        key=f"{notam.airport} {notam.notam_id}",
                        field="valid_from-valid_to",
                        value=f"{instant_value(notam.valid_from)}/{instant_value(notam.valid_to)}",
                    ),
                ),
            )
        )
    return tuple(found)


def forecast_in_force(
    forecasts: Iterable[WeatherForecast], at: datetime, now: datetime
) -> WeatherForecast | None:
    """Return the newest forecast that covers `at`, was issued by `now` and is not stale; None if none."""
    covering = [
        one
        for one in forecasts
        if one.valid_from <= at < one.valid_to and now - STALE_AFTER <= one.issued_at <= now
    ]
    return max(covering, key=lambda one: (one.issued_at, one.valid_from), default=None)


def forecast_windows(
    flight: Flight,
    airport: Airport,
    forecasts: Sequence[WeatherForecast],
    *,
    end: End,
    span: Window,
    now: datetime,
) -> tuple[tuple[MovementWindow, ...], tuple[ForecastGap, ...]]:
    """Return the off-block times with weather below minima at one end, and those with no forecast.

    No forecast is not good weather, and a stale one is none.
    """
    # Forecasts are hours long and alternates keep an hour on either side: off-block and on-block will do.
    shift = timedelta(0) if end == "origin" else flight.block
    movement: Literal["departure", "arrival"] = "departure" if end == "origin" else "arrival"
    first, last = span.start + shift, span.end + shift
    horizon = now + LONGEST_FORECAST
    below: list[MovementWindow] = []
    gaps: list[ForecastGap] = []
    for opens, closes in pairwise(forecast_edges(forecasts, first, last, horizon)):
        forecast = forecast_in_force(forecasts, opens, now)
        window = Window(start=opens - shift, end=closes - shift)
        if forecast is None:
            why = _why_no_forecast(forecasts, opens, now)
            beyond = opens >= horizon
            if beyond:
                why = "no forecast reaches so far yet"
            _add_gap(
                gaps,
                ForecastGap(end=end, airport=airport.airport, window=window, why=why, beyond=beyond),
            )
            continue
        check = judged(forecast, airport, movement)
        if check.within_minima:
            continue
        if check.within_minima is None:
            visual = "rvr_m" in check.unknowns
            why = (
                f"no RVR is forecast, which {airport.precision_approach} needs"
                if visual
                else "the crosswind cannot be told, since no row gives the wind's direction or the runways'"
            )
            _add_gap(
                gaps,
                ForecastGap(end=end, airport=airport.airport, window=window, why=why, visual=visual),
            )
            continue
        reason = f"{airport.airport} is forecast below {airport.precision_approach} minima: "
        reason += "; ".join(check.breaches)
        last_found = below[-1] if below else None
        if last_found is not None and last_found.window.end == window.start and last_found.reason == reason:
            window = Window(start=last_found.window.start, end=window.end)
            below.pop()
        below.append(
            MovementWindow(
                end=end,
                airport=airport.airport,
                reason=reason,
                window=window,
                article=WEATHER_ARTICLE.article,
                verified=WEATHER_ARTICLE.status == "verified",
                evidence=(forecast_evidence(forecast),),
                too_low=not forecast.ground_stop and not any("wind" in one for one in check.breaches),
            )
        )
    return tuple(below), tuple(gaps)


def forecast_edges(
    forecasts: Iterable[WeatherForecast], first: datetime, last: datetime, *others: datetime
) -> list[datetime]:
    """Return the instants from `first` to `last` between which one forecast is in force, or none is."""
    found = {one.valid_from for one in forecasts} | {one.valid_to for one in forecasts} | {*others}
    return sorted({first, last} | {at for at in found if first < at < last})


def judged(
    forecast: WeatherForecast, airport: Airport, movement: Literal["departure", "arrival", "alternate"]
) -> WeatherCheck:
    """Return whether a forecast lets a movement take place at an airport."""
    observation = Observation(
        visibility_m=forecast.visibility_m,
        rvr_m=forecast.rvr_m,
        ceiling_ft=forecast.ceiling_ft,
        wind_kt=forecast.wind_kt,
        gust_kt=forecast.gust_kt,
        thunderstorm=forecast.thunderstorm,
        ground_stop=forecast.ground_stop,
        wind_from_deg=forecast.wind_from_deg,
    )
    return check_weather(
        observation,
        movement=movement,
        approach=airport.precision_approach,
        wind_limits=WIND_LIMITS,
        runways_deg=airport.runway_headings,
    )


def forecast_evidence(forecast: WeatherForecast) -> Evidence:
    """Return the row that says how far one will see."""
    return Evidence(
        table="Weather",
        key=f"{forecast.airport} {instant_value(forecast.valid_from)}",
        field="rvr_m/visibility_m/ceiling_ft",
        value=f"{forecast.rvr_m}/{forecast.visibility_m}/{forecast.ceiling_ft}",
    )


def gap_text(gap: ForecastGap) -> str:
    """Return in words for which departures the weather at one end is not known, and why."""
    start, end = (f"{at:%Y-%m-%d %H:%MZ}" for at in (gap.window.start, gap.window.end))
    return f"For an off-block {start} to {end} the weather at {gap.airport} is unknown: {gap.why}."


def slot_limits(flight: Flight, slot: AirportSlot) -> SlotLimits:
    """Return the off-block times that keep a slot.

    A calculated take-off time is kept at take-off: taxi time comes off it. An airport slot is kept off-block.
    """
    if slot.ctot is not None:
        at, issued, article, name = slot.ctot - flight.taxi, True, CTOT_ARTICLE.article, "ctot"
        value = slot.ctot
    else:
        at, issued, article, name = slot.slot_time, False, "Regulation (EEC) 95/93 Art 14", "slot_time"
        value = slot.slot_time
    seen = Evidence(table="AirportSlots", key=slot.flight_id, field=name, value=instant_value(value))
    return SlotLimits(
        earliest=at - slot.tolerance_before,
        latest=at + slot.tolerance_after,
        issued=issued,
        article=article,
        evidence=(seen,),
    )


def runway_shift(flight: Flight, end: End) -> timedelta:
    """Return how long after off-block the flight takes off at its origin or lands at its destination."""
    return flight.taxi if end == "origin" else flight.block - flight.taxi


def closed_off_block(flight: Flight, end: End, start: datetime, stop: datetime) -> Window:
    """Return the off-block times that a closure of one end keeps out.

    An airport that is closed takes neither the aircraft on its runway nor on the way between runway and
    stand, so that taxiing counts as well as the take-off or the landing.
    """
    on_runway = runway_shift(flight, end)
    at_stand = timedelta(0) if end == "origin" else flight.block
    return Window(start=start - max(on_runway, at_stand), end=stop - min(on_runway, at_stand))


def _add_gap(gaps: list[ForecastGap], gap: ForecastGap) -> None:
    if gaps and replace(gap, window=gaps[-1].window) == gaps[-1] and gaps[-1].window.end == gap.window.start:
        gap = replace(gap, window=Window(start=gaps.pop().window.start, end=gap.window.end))
    gaps.append(gap)


def _why_no_forecast(forecasts: Iterable[WeatherForecast], at: datetime, now: datetime) -> str:
    old = [one for one in forecasts if one.valid_from <= at < one.valid_to and one.issued_at <= now]
    if not old:
        return "no forecast covers it"
    issued = max(one.issued_at for one in old)
    return f"the forecast of {issued:%Y-%m-%d %H:%MZ} is stale"


def _cut(window: Window, span: Window) -> Window | None:
    start, end = max(window.start, span.start), min(window.end, span.end)
    return Window(start=start, end=end) if start < end else None
