"""What a closure takes away: the airline's other flights and the partners', for passengers and shipments."""

from __future__ import annotations

from datetime import datetime

import pytest

from skymarshal.calculators.closures import noticed_closures, reported_closures
from skymarshal.calculators.impact import load_business_facts
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import Operations
from skymarshal.operations.records import Record
from skymarshal.operations.statements import Rows
from tests.unit.agents import business_rows, rows
from tests.unit.agents.rows import z


def reported(type_: DisruptionType, start: datetime | None, end: datetime | None) -> Disruption:
    details = DisruptionDetails(window_start=start, window_end=end)
    return rows.disruption(type_, airport="AUH", details=details)


@pytest.mark.parametrize(
    "type_",
    [DisruptionType.AIRPORT_CLOSURE, DisruptionType.STRIKE, DisruptionType.ATC, DisruptionType.WEATHER],
)
def test_an_airport_that_is_reported_shut_is_shut_to_every_flight(type_: DisruptionType) -> None:
    shut = reported_closures(reported(type_, z(3), z(18)), rows.flight())
    assert [shut.closed("AUH", at) for at in (z(2, 59), z(3), z(8, 50), z(17, 59), z(18))] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert not shut.closed("LHR", z(8, 50))


def test_a_closure_without_an_end_is_not_known_to_end() -> None:
    shut = reported_closures(reported(DisruptionType.AIRPORT_CLOSURE, z(3), None), rows.flight())
    assert shut.closed("AUH", z(8, day=12))


def test_what_concerns_the_flight_alone_shuts_no_airport() -> None:
    shut = reported_closures(reported(DisruptionType.CURFEW_SLOT, z(3), z(18)), rows.flight())
    assert not shut.closed("AUH", z(8, 50))


def test_a_notice_that_closes_an_airport_counts_and_another_does_not() -> None:
    shut = noticed_closures(
        {
            "LHR": Rows([rows.notam("LHR", "airport_closed", z(10), z(13))]),
            "AUH": Rows([rows.notam("AUH", "information", z(10), z(13))]),
        }
    )
    both = shut | reported_closures(reported(DisruptionType.AIRPORT_CLOSURE, z(3), z(4)), rows.flight())
    assert both.closed("LHR", z(12)) and both.closed("AUH", z(3, 30))
    assert not both.closed("AUH", z(12))


def test_an_airport_of_whose_notices_nothing_is_said_is_not_known_to_be_open() -> None:
    silent = noticed_closures({"LHR": Rows()})
    assert silent.closed("LHR", z(12)) and not silent.closed("AUH", z(12))


@pytest.mark.parametrize(
    ("notams", "told", "left"),
    [
        ([], reported(DisruptionType.CREW, None, None), ["BA74-2026-03-10", "BA76-2026-03-10"]),
        ([], reported(DisruptionType.AIRPORT_CLOSURE, z(3), z(18)), ["BA76-2026-03-10"]),
        (
            [rows.notam("AUH", "airport_closed", z(3), z(18))],
            reported(DisruptionType.CREW, None, None),
            ["BA76-2026-03-10"],
        ),
        # It would land at 01:30Z of the 11th.
        (
            [rows.notam("LHR", "airport_closed", z(1, day=11), z(2, day=11))],
            reported(DisruptionType.CREW, None, None),
            ["BA74-2026-03-10"],
        ),
    ],
)
def test_nobody_and_nothing_is_moved_to_a_flight_that_a_closure_stops(
    notams: list[Record], told: Disruption, left: list[str]
) -> None:
    flight = rows.flight()
    tables = business_rows.tables(
        Bookings=business_rows.travellers(10, flight),
        PartnerFlights=[
            business_rows.partner("BA74", "AUH-LHR", z(8, 50), 7, {"economy": 40}),
            business_rows.partner("BA76", "AUH-LHR", z(18, 30), 7, {"economy": 40}),
        ],
        Notams=notams,
    )
    facts = load_business_facts(Operations(tables), flight, disruption=told)
    partners = [one for one in facts.passengers.alternatives[("AUH", "LHR")] if not one.own]
    assert [one.flight_id for one in partners] == left
    assert facts.cargo.alternatives is not None
    assert [one.flight_id for one in facts.cargo.alternatives if not one.own] == left
