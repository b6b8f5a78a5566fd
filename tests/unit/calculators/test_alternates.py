"""Alternates that stand in for the weather at one end, and the time beyond every forecast."""

from __future__ import annotations

import pytest

from skymarshal.calculators.alternates import EndWeather, end_weather
from skymarshal.domain.assessment import Window
from skymarshal.operations import Operations
from skymarshal.operations.records import Notam, WeatherForecast
from tests.unit.agents import rows
from tests.unit.agents.rows import NOW, airport, forecast, z

SPAN = Window(start=z(3), end=z(9))
FOG = {"rvr_m": 200, "visibility_m": 150, "ceiling_ft": 100}


PARIS = {"airport": "CDG", "lat": 49.010, "lon": 2.550}
DUBAI = {"airport": "DXB", "lat": 25.253, "lon": 55.366}


def leg(number: str, destination: str):
    return rows.leg(number, "AUH", destination, z(5), 7)


def weather(
    destination: list[WeatherForecast],
    *others: WeatherForecast,
    notams: tuple[Notam, ...] = (),
    end: str = "destination",
    approach: str = "CAT I",
    now=NOW,
) -> EndWeather:
    """What the weather says with Frankfurt and Amsterdam in the network besides."""
    code = "LHR" if end == "destination" else "AUH"
    there = airport(code, precision_approach=approach)
    tables = rows.tables(
        Flights=[rows.flight(), leg("EY1", "FRA"), leg("EY2", "CDG"), leg("EY3", "DXB")],
        Airports=[
            airport("AUH"),
            airport("LHR"),
            airport("FRA"),
            airport("FRA", **PARIS),
            airport("AUH", **DUBAI),
        ],
        Weather=[*destination, *others],
        Notams=notams,
    )
    operations = Operations(tables)
    return end_weather(operations, rows.flight(), there, destination, end=end, span=SPAN, now=now)


def fair(*codes: str) -> list[WeatherForecast]:
    return [forecast(code, z(0), z(6, day=11)) for code in codes]


def test_a_destination_below_its_minima_is_planned_with_two_alternates() -> None:
    found = weather([forecast("LHR", z(0), z(6, day=11), **FOG)], *fair("FRA", "CDG"))
    assert (found.forbidden, found.unknown) == ((), ())
    (needed,) = found.needed
    assert needed.alternates == ("CDG", "FRA")
    assert needed.window == SPAN


def test_one_alternate_is_not_two() -> None:
    found = weather([forecast("LHR", z(0), z(6, day=11), **FOG)], *fair("FRA"))
    assert found.needed == ()
    assert [one.window for one in found.forbidden] == [SPAN]
    assert "no two destination alternates" in found.forbidden[0].reason


def test_a_destination_without_information_is_planned_with_two_alternates_too() -> None:
    found = weather([], *fair("FRA", "CDG"))
    assert (found.forbidden, found.unknown) == ((), ())
    assert [one.window for one in found.needed] == [SPAN]


def test_without_them_it_stays_unknown() -> None:
    found = weather([])
    assert [one.window for one in found.unknown] == [SPAN]


@pytest.mark.parametrize(
    ("ceiling", "visibility", "fit"), [(400, 1350, True), (399, 1350, False), (400, 1349, False)]
)
def test_an_alternate_keeps_the_minima_with_a_margin(ceiling: int, visibility: int, fit: bool) -> None:
    low = forecast("CDG", z(0), z(6, day=11), ceiling_ft=ceiling, visibility_m=visibility)
    found = weather([forecast("LHR", z(0), z(6, day=11), **FOG)], *fair("FRA"), low)
    assert bool(found.needed) is fit


def test_a_closed_alternate_is_none() -> None:
    shut = rows.notam("CDG", "airport_closed", z(0), z(0, day=12))
    found = weather([forecast("LHR", z(0), z(6, day=11), **FOG)], *fair("FRA", "CDG"), notams=(shut,))
    assert found.needed == ()


def test_the_minima_hold_from_an_hour_before_to_an_hour_after_the_arrival() -> None:
    morning = [forecast("LHR", z(0), z(12), **FOG), forecast("LHR", z(12), z(6, day=11))]
    found = weather(morning)
    # The fog ends at 12:00Z and the block is 7 h: from 06:00Z the arrival is an hour clear of it.
    assert [one.window for one in found.forbidden] == [Window(start=z(3), end=z(6))]


def test_a_ground_stop_is_a_stop_whatever_alternates_there_are() -> None:
    stopped = forecast("LHR", z(0), z(6, day=11), ground_stop=True)
    found = weather([stopped], *fair("FRA", "CDG"))
    assert found.needed == ()
    assert found.forbidden


def test_beyond_the_horizon_of_any_forecast_the_weather_forbids_nothing() -> None:
    early = z(0, day=8)
    found = weather([], now=early)
    assert (found.forbidden, found.unknown, found.needed) == ((), (), ())
    assert [one.window.end for one in found.later][-1] >= SPAN.end


def test_thirty_hours_ahead_is_where_it_begins() -> None:
    # Arrivals from 10:00Z; the horizon of a report at 05:30Z the day before is 11:30Z.
    found = weather([], now=z(5, 30, day=9))
    assert found.later[0].window.start == z(4, 30)
    assert found.unknown[0].window.start == SPAN.start


def test_an_origin_that_could_not_take_it_back_needs_a_take_off_alternate() -> None:
    low = [forecast("AUH", z(0), z(6, day=11), rvr_m=200, visibility_m=200)]
    found = weather(low, *fair("DXB"), end="origin")
    assert [one.alternates for one in found.needed] == [("DXB",)]
    alone = weather(low, end="origin")
    assert [one.window for one in alone.forbidden] == [SPAN]
    assert "no take-off alternate" in alone.forbidden[0].reason


def test_an_origin_below_its_take_off_minima_waits() -> None:
    low = [forecast("AUH", z(0), z(6), rvr_m=100, visibility_m=100), forecast("AUH", z(6), z(6, day=11))]
    found = weather(low, *fair("DXB"), end="origin")
    assert [one.window for one in found.forbidden] == [Window(start=z(3), end=z(6))]


def test_fog_without_an_rvr_is_not_known_to_be_fit_for_category_three() -> None:
    thick = [forecast("LHR", z(0), z(6, day=11), rvr_m=None, visibility_m=100)]
    found = weather(thick, approach="CAT III")
    assert [one.window for one in found.unknown] == [SPAN]
    assert "RVR" in found.unknown[0].why


@pytest.mark.parametrize(
    ("gust", "wind_from", "headings", "open_"),
    [(30, None, None, False), (31, None, None, True), (50, 270, (270,), False), (50, 180, (270, 180), False)],
)
def test_crosswind_matters_only_where_the_wind_could_exceed_the_limit(
    gust, wind_from, headings, open_
) -> None:
    windy = forecast("LHR", z(0), z(6, day=11), gust_kt=gust, wind_from_deg=wind_from)
    there = airport("LHR", runway_headings=headings)
    found = end_weather(
        Operations(rows.tables()), rows.flight(), there, [windy], end="destination", span=SPAN, now=NOW
    )
    assert bool(found.unknown) is open_
    assert not found.forbidden


def test_a_crosswind_above_the_limit_is_no_matter_of_alternates() -> None:
    windy = forecast("LHR", z(0), z(6, day=11), wind_kt=35, wind_from_deg=180)
    there = airport("LHR", runway_headings=(270,))
    found = end_weather(
        Operations(rows.tables()), rows.flight(), there, [windy], end="destination", span=SPAN, now=NOW
    )
    assert "crosswind 35 kt above 30 kt" in found.forbidden[0].reason
    assert found.forbidden[0].window.start <= SPAN.start
