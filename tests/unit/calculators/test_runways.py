"""Whether an airport has a runway, and one that is long enough for the tail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from skymarshal.calculators.movement_windows import runway_shift
from skymarshal.calculators.runways import runway_limits, runway_needed_m
from skymarshal.domain.aircraft_types import type_data
from skymarshal.domain.assessment import Constraint, ConstraintKind, SubjectKind
from skymarshal.operations.records import Notam
from tests.unit.agents import rows
from tests.unit.agents.rows import aircraft, z


def closing(notam_id: str, start: datetime, end: datetime, effect: Any = "runway_closed") -> Notam:
    return Notam(
        airport="LHR", notam_id=notam_id, effect=effect, valid_from=start, valid_to=end, text="RWY CLSD"
    )


def limits(*notams: Notam, tail: Any = None, **airport: Any) -> list[Constraint]:
    at = rows.airport("LHR", **({"runways": 1} | airport))
    return list(
        runway_limits(rows.flight(), aircraft() if tail is None else tail, at, notams, end="destination")
    )


def test_the_only_runway_closed_is_no_runway_at_all() -> None:
    # A closure from 12:00Z to 14:00Z bars the off blocks with which the flight would land in it.
    shift = runway_shift(rows.flight(), "destination")
    (found,) = limits(closing("A1/26", z(12), z(14)))
    assert (found.kind, found.subject.kind) == (ConstraintKind.FORBIDDEN_OFF_BLOCK, SubjectKind.FLIGHT)
    assert (found.windows[0].start, found.windows[0].end) == (z(12) - shift, z(14) - shift)
    assert found.at_destination and found.article == "NOTAM A1/26"


def test_how_many_runways_there_are_is_unknown_where_no_row_says_and_only_while_one_is_closed() -> None:
    (found,) = limits(closing("A1/26", z(12), z(14)), runways=None)
    assert found.kind is ConstraintKind.UNKNOWN_FACT and len(found.windows) == 1
    assert limits(runways=None) == []
    assert limits(closing("A1/26", z(12), z(14), "information"), runways=None) == []


def test_with_another_runway_its_length_decides_and_is_unknown_where_no_row_says() -> None:
    notice = closing("A1/26", z(12), z(14))
    assert limits(notice, runways=2, next_runway_m=3_660) == []
    (short,) = limits(notice, runways=2, next_runway_m=1_200)
    assert (short.kind, short.subject.key) == (ConstraintKind.FORBIDDEN_OFF_BLOCK, rows.TAIL)
    (unknown,) = limits(notice, runways=2)
    assert (unknown.kind, unknown.subject.key) == (ConstraintKind.UNKNOWN_FACT, rows.TAIL)


def test_as_many_notices_at_once_as_runways_close_them_all_and_for_that_time_only() -> None:
    notices = closing("A1/26", z(10), z(14)), closing("A2/26", z(13), z(16))
    (found,) = limits(*notices, runways=2, next_runway_m=3_660)
    shift = runway_shift(rows.flight(), "destination")
    assert (found.windows[0].start, found.windows[0].end) == (z(13) - shift, z(14) - shift)


def test_a_runway_shorter_than_the_type_needs_keeps_that_tail_away() -> None:
    (found,) = limits(runway_m=1_700)
    assert (found.kind, found.subject.key) == (ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, rows.TAIL)
    assert not found.verified
    assert limits(runway_m=1_750) == []


def test_a_type_of_which_no_length_is_on_record_is_unknown() -> None:
    (found,) = limits(tail=aircraft("A6-XXX", aircraft_type="ZZZZ"))
    assert (found.kind, found.subject.key) == (ConstraintKind.UNKNOWN_FACT, "A6-XXX")


@pytest.mark.parametrize(
    ("distance", "needed"), [(0, 1_750), (7_000, 2_250), (14_000, 2_750), (20_000, 2_750)]
)
def test_the_farther_the_flight_the_longer_the_runway_to_take_off(distance: int, needed: int) -> None:
    data = type_data("B789")
    assert data is not None
    flight = rows.flight(distance_km=distance)
    assert runway_needed_m(data, flight, aircraft(range_km=14_000), "origin") == needed
    assert runway_needed_m(data, flight, aircraft(range_km=14_000), "destination") == data.landing_m


def test_a_notice_that_ends_before_it_begins_closes_nothing() -> None:
    assert limits(closing("A1/26", z(12), z(12) - timedelta(hours=1))) == []
