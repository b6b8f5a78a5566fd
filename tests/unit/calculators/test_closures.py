"""What a closure takes away: the airline's other flights and the partners', for passengers and shipments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from skymarshal.calculators.closures import noticed_closures, reported_closures
from skymarshal.calculators.connections import connection_facts, missed_by_delay, missed_connections
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
        },
        {},
    )
    both = shut | reported_closures(reported(DisruptionType.AIRPORT_CLOSURE, z(3), z(4)), rows.flight())
    assert both.closed("LHR", z(12)) and both.closed("AUH", z(3, 30))
    assert not both.closed("AUH", z(12))


def test_an_airport_of_whose_notices_nothing_is_said_is_not_known_to_be_open() -> None:
    silent = noticed_closures({"LHR": Rows()}, {})
    assert silent.closed("LHR", z(12)) is None
    assert silent.closed("AUH", z(12)) is False


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


@pytest.mark.parametrize(("runways", "closed"), [(1, True), (2, False), (None, None)])
def test_a_notice_that_closes_the_only_runway_closes_the_airport(
    runways: int | None, closed: bool | None
) -> None:
    shut = noticed_closures(
        {"LHR": Rows([rows.notam("LHR", "runway_closed", z(10), z(13))])},
        {"LHR": rows.airport("LHR", runways=runways)},
    )
    assert shut.closed("LHR", z(12)) is closed
    assert shut.closed("LHR", z(13)) is False


@pytest.mark.parametrize(
    ("departs", "own", "flies"),
    [
        # A partner's taxi is not known: 20 minutes. An own flight's is 15, half of block less flight time.
        (z(9, 39), False, True),
        (z(9, 40), False, False),
        (z(9, 44), True, True),
        (z(9, 45), True, False),
        (z(10, 59), False, False),
        (z(11), False, True),
    ],
)
def test_who_would_still_taxi_when_a_closure_begins_does_not_leave(
    departs: datetime, own: bool, flies: bool
) -> None:
    flight = rows.flight()
    others = [rows.leg("EY15", "AUH", "LHR", departs, 7, registration="A6-AEB", seats_sold={"economy": 9})]
    tables = business_rows.tables(
        Flights=[rows.inbound(), flight, rows.outbound_return(), *(others if own else [])],
        Aircraft=[rows.aircraft(), rows.aircraft("A6-AEB")],
        PartnerFlights=[] if own else [business_rows.partner("BA74", "AUH-LHR", departs, 7)],
        Notams=[rows.notam("AUH", "airport_closed", z(10), z(11))],
    )
    facts = load_business_facts(
        Operations(tables), flight, disruption=reported(DisruptionType.CREW, None, None)
    )
    assert bool(facts.passengers.alternatives.get(("AUH", "LHR"))) is flies
    assert bool(facts.cargo.alternatives) is flies


@pytest.mark.parametrize(
    ("notams", "silent", "missed", "unknown"),
    [
        ([], [], 0, 0),
        ([rows.notam("LHR", "airport_closed", z(13), z(14))], [], 5, 0),
        ([rows.notam("EDI", "airport_closed", z(13, 30), z(14, 30))], [], 5, 0),
        ([rows.notam("EDI", "airport_closed", z(15), z(16))], [], 0, 0),
        # Without a word on how many runways Edinburgh has, nobody knows.
        ([rows.notam("EDI", "runway_closed", z(13, 30), z(14, 30))], [], 0, 5),
        ([rows.no_notams("AUH"), rows.no_notams("LHR")], ["Notams"], 0, 5),
    ],
)
def test_a_connection_as_sold_that_a_closure_stops_is_missed(
    notams: list[Record], silent: list[str], missed: int, unknown: int
) -> None:
    """EY611 leaves London at 13:00Z, long after EY283 is in, and lands at Edinburgh at 14:00Z."""
    flight = rows.flight()
    onward = rows.leg("EY611", "LHR", "EDI", z(13), 1)
    tables = business_rows.tables(
        silent=silent,
        Flights=[rows.inbound(), flight, rows.outbound_return(), onward],
        Bookings=business_rows.travellers(5, flight, onward),
        Notams=notams,
    )
    told = reported(DisruptionType.CREW, None, None)
    facts = load_business_facts(Operations(tables), flight, disruption=told)
    found = missed_connections(facts.passengers.connections, flight.sta)
    assert (len(found.missed), len(found.unknown)) == (missed, unknown)
    assert missed_by_delay(facts.passengers.connections).points[0] == (0, missed)


def test_a_closure_stops_the_third_flight_of_a_journey_too() -> None:
    flight = rows.flight()
    onward = rows.leg("EY611", "LHR", "EDI", z(13), 1)
    last = rows.leg("EY613", "EDI", "LHR", z(16), 1)
    facts = connection_facts(
        flight,
        business_rows.travellers(2, flight, onward, last),
        [onward],
        [business_rows.minimum("LHR", 75)],
    )
    shut = reported_closures(
        replace(reported(DisruptionType.AIRPORT_CLOSURE, z(15), z(18)), airport="EDI"), flight
    )
    assert all(one.stopped for one in shut.for_connections(facts).connections)
