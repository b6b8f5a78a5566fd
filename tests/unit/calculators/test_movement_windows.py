"""Off-block windows: night restrictions, closures, weather and slots; and the route's distance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from skymarshal.calculators.etops_route import ADEQUATE_AERODROMES, diversion_minutes
from skymarshal.calculators.movement_windows import (
    closure_windows,
    forecast_in_force,
    forecast_windows,
    slot_limits,
)
from skymarshal.calculators.night_windows import curfew_windows, night_gaps
from skymarshal.domain.assessment import Window
from skymarshal.operations.statements import Rows
from tests.unit.agents import rows
from tests.unit.agents.rows import NOW, curfew, forecast, hours, notam, z

SPAN = Window(start=z(3), end=z(4, day=12))


def to(destination: str, std: datetime, **changes: Any) -> Any:
    return rows.flight(destination=destination, std=std, sta=std + hours(7), **changes)


def windows(found: Any) -> list[Window]:
    return [one.window for one in found]


def test_a_night_at_the_destination_is_shifted_by_the_block_time() -> None:
    night = curfew("FRA", "NIGHT", "00:00-05:00", "both", "hard")
    found = curfew_windows(to("FRA", z(4)), rows.airport("FRA"), Rows([night]), end="destination", span=SPAN)
    # Block is 7 h, of which 15 min are the taxi in: the landing is held, not the arrival at the stand.
    assert windows(found) == [
        Window(start=z(16, 15), end=z(21, 15)),
        Window(start=z(16, 15, day=11), end=z(21, 15, day=11)),
    ]


def test_the_night_begins_an_hour_earlier_in_utc_once_summer_time_is_in_force() -> None:
    # On 29 March 2026 Frankfurt goes from UTC+1 to UTC+2 at 01:00Z: the night is an hour shorter.
    night = curfew("FRA", "NIGHT", "00:00-05:00", "departure", "hard")
    std = datetime(2026, 3, 28, 18, tzinfo=UTC)
    span = Window(start=std, end=std + hours(36))
    flight = rows.flight(origin="FRA", std=std, sta=std + hours(7))
    found = curfew_windows(flight, rows.airport("FRA"), Rows([night]), end="origin", span=span)
    assert windows(found) == [
        Window(start=datetime(2026, 3, 28, 22, 45, tzinfo=UTC), end=datetime(2026, 3, 29, 2, 45, tzinfo=UTC)),
        Window(start=datetime(2026, 3, 29, 21, 45, tzinfo=UTC), end=datetime(2026, 3, 30, 2, 45, tzinfo=UTC)),
    ]


def test_a_rule_for_arrivals_does_not_hold_a_departure() -> None:
    rule = curfew("FRA", "LATE", "00:00-05:00", "arrival", "hard")
    flight = rows.flight(origin="FRA")
    assert not curfew_windows(flight, rows.airport("FRA"), Rows([rule]), end="origin", span=SPAN)


def test_grace_lets_a_delayed_movement_pass_and_not_one_scheduled_then() -> None:
    rule = curfew("FRA", "LATE", "23:00-00:00", "arrival", "delay_grace", 30)
    late = curfew_windows(to("FRA", z(4)), rows.airport("FRA"), Rows([rule]), end="destination", span=SPAN)
    assert windows(late)[0] == Window(start=z(15, 45), end=z(16, 15))
    planned = curfew_windows(
        to("FRA", z(15, 30)), rows.airport("FRA"), Rows([rule]), end="destination", span=SPAN
    )
    assert windows(planned)[0] == Window(start=z(15, 15), end=z(16, 15))


def test_frankfurt_is_left_at_take_off_and_not_at_off_block() -> None:
    # 21:50Z off block is 22:50 local and 12.5 min of taxi before a take-off at 23:02.
    rule = curfew("FRA", "LATE", "23:00-00:00", "departure", "dispensation")
    std = z(20, 45)
    flight = rows.flight(
        origin="FRA", std=std, sta=std + hours(7), flight_time=hours(7) - timedelta(minutes=25)
    )
    found = curfew_windows(flight, rows.airport("FRA"), Rows([rule]), end="origin", span=SPAN)
    begins = windows(found)[0].start
    assert begins == z(21, 47) + timedelta(seconds=30)
    assert windows(found)[0].holds(z(21, 50))


def test_a_quota_opens_the_night_to_who_holds_it_and_an_exemption_to_who_was_granted_one() -> None:
    rule = curfew("SYD", "SHOULDER", "05:00-06:00", "arrival", "quota")
    flight = to("SYD", z(6))
    airport = rows.airport("SYD")

    def closed(slot: Any = None, *exemptions: str) -> int:
        found = curfew_windows(
            flight, airport, Rows([rule]), end="destination", span=SPAN, slot=slot, exemptions=exemptions
        )
        return len(found)

    assert closed() == closed(rows.slot()) == 2
    assert closed(rows.slot(night_quotas=("AUH",))) == 2
    assert closed(rows.slot(night_quotas=("SYD",))) == 0
    assert closed(rows.slot(night_exemptions=("SYD",))) == 0
    assert closed(None, "SYD") == 0
    assert closed(None, "AUH") == 2


def test_a_night_of_which_nothing_is_said_is_unknown_and_the_day_is_not() -> None:
    flight, airport = to("FRA", z(4)), rows.airport("FRA")

    def gaps(**said: Any) -> list[Window]:
        night = Rows(said.pop("rules", ()), holds=timedelta(days=366), **said)
        return windows(night_gaps(flight, airport, night, end="destination", span=SPAN))

    # The landing falls between 22:00 and 07:00 local, 21:00Z and 06:00Z; it is 6:45 after off-block.
    nights = [Window(start=z(14, 15), end=z(23, 15)), Window(start=z(14, 15, day=11), end=z(23, 15, day=11))]
    assert gaps() == nights
    assert gaps(none_as_of=z(0)) == []
    granted = night_gaps(flight, airport, Rows(), end="destination", span=SPAN, exemptions=("FRA",))
    assert granted == ()
    assert gaps(none_as_of=datetime(2024, 1, 1, tzinfo=UTC)) == nights
    over = replace(curfew("FRA", "OLD", "23:00-05:00", "both", "hard"), valid_to=date(2026, 3, 11))
    assert gaps(rules=[over]) == [Window(start=z(16, 15, day=11), end=z(23, 15, day=11))]
    assert gaps(rules=[over], none_as_of=z(0)) == []


def test_only_a_notice_that_closes_the_airport_forbids() -> None:
    closed = notam("LHR", "airport_closed", z(10), z(13))
    others = [notam("LHR", effect, z(10), z(13)) for effect in ("runway_closed", "limit", "information")]
    found = closure_windows(rows.flight(), [closed, *others], end="destination", span=SPAN)
    # LHR is reached 7 h after off-block and landed at a quarter of an hour before.
    assert windows(found) == [Window(start=z(3), end=z(6, 15))]


def test_a_closure_keeps_out_who_would_still_be_taxiing_when_it_begins() -> None:
    """Off block at 13:40 for a take-off at 13:55 is no way out of an airport that closes at 13:50."""
    closed = [notam("AUH", "airport_closed", z(5), z(7))]
    found = closure_windows(rows.flight(), closed, end="origin", span=SPAN)
    assert windows(found) == [Window(start=z(4, 45), end=z(7))]


def test_the_newest_forecast_that_was_issued_by_now_counts() -> None:
    old = forecast("LHR", z(6), z(12), issued_at=z(20, day=9), rvr_m=100)
    new = forecast("LHR", z(6), z(18), issued_at=z(2), rvr_m=1500)
    coming = forecast("LHR", z(6), z(12), issued_at=z(5), rvr_m=50)
    assert forecast_in_force([old, new, coming], z(11), NOW) is new
    assert forecast_in_force([coming], z(11), NOW) is None


def test_hours_without_a_forecast_are_told_apart_from_good_ones() -> None:
    covered = [forecast("LHR", z(9), z(15)), forecast("LHR", z(18), z(0, day=11))]
    below, gaps = forecast_windows(
        rows.flight(),
        rows.airport("LHR"),
        covered,
        end="destination",
        span=Window(start=z(3), end=z(14)),
        now=NOW,
    )
    assert not below
    assert windows(gaps) == [Window(start=z(8), end=z(11))]


@pytest.mark.parametrize(
    ("approach", "rvr", "forbidden"),
    [
        ("CAT I", 550, False),
        ("CAT I", 549, True),
        ("CAT II", 300, False),
        ("CAT II", 299, True),
        ("CAT III", 75, False),
    ],
)
def test_minima_follow_the_best_approach(approach: str, rvr: int, forbidden: bool) -> None:
    weather = [forecast("LHR", z(0), z(0, day=13), rvr_m=rvr, visibility_m=rvr)]
    airport = rows.airport("LHR", precision_approach=approach)
    below, _ = forecast_windows(rows.flight(), airport, weather, end="destination", span=SPAN, now=NOW)
    assert bool(below) is forbidden


def test_an_airport_slot_is_kept_off_block_and_a_take_off_time_after_taxi() -> None:
    plain = slot_limits(rows.flight(), rows.slot())
    assert (plain.earliest, plain.latest, plain.issued) == (z(3, 45), z(6), False)
    issued = slot_limits(
        rows.flight(),
        rows.slot(ctot=z(5), tolerance_before=timedelta(minutes=5), tolerance_after=timedelta(minutes=10)),
    )
    assert (issued.earliest, issued.latest, issued.issued) == (z(4, 40), z(4, 55), True)


def position(code: str) -> tuple[float, float]:
    airport = rows.airport(code)
    return airport.lat, airport.lon


def test_london_is_reached_within_an_hour_of_an_aerodrome_and_new_york_is_not() -> None:
    assert diversion_minutes(position("AUH"), position("LHR")) <= 60
    assert 60 < diversion_minutes(position("AUH"), position("JFK")) <= 180


def test_the_way_back_is_as_far_and_a_faster_tail_is_nearer() -> None:
    out, back = (position("AUH"), position("JFK")), (position("JFK"), position("AUH"))
    assert abs(diversion_minutes(*out) - diversion_minutes(*back)) <= 1
    assert diversion_minutes(*out, 900.0) < diversion_minutes(*out, 600.0)


def test_every_aerodrome_lies_on_the_globe() -> None:
    assert all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in ADEQUATE_AERODROMES.values())
