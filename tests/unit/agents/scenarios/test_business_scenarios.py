"""What the business agents must say in thirty situations, five or more for each kind of disruption.

Each test names the situation; its comment argues the verdict. `business_rows` describes the flights: EY283
leaves Abu Dhabi at 04:00Z for London (11:00Z) and its tail flies back at 14:00Z; EY205 brings passengers from
Mumbai at 01:30Z; connections need 60 minutes in Abu Dhabi and 75 in London. It is 03:00Z.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

import pytest

from skymarshal.agents import AGENTS, AssessmentRequest, assess, failed_assessment
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    Change,
    ConstraintKind,
    Figure,
    OptionKind,
    Phase,
    Verdict,
)
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import InMemoryTables
from skymarshal.operations.records import Flight, Record
from tests.unit.agents import business_rows, rows
from tests.unit.agents.business_rows import (
    cold_store,
    loaded,
    minimum,
    mumbai,
    partner,
    passenger,
    people,
    rates,
    shipment,
    travellers,
)
from tests.unit.agents.conftest import fixed_clock
from tests.unit.agents.rows import FLIGHT_ID, TAIL, aircraft, disruption, flight, leg, outbound_return, z

NETWORK, GUESTS = AgentName.NETWORK, AgentName.GUEST_EXPERIENCE
CARGO, FINANCE = AgentName.CARGO, AgentName.FINANCE
BUSINESS = (NETWORK, GUESTS, CARGO, FINANCE)

Answers = dict[AgentName, Assessment]


class Both(Protocol):
    def __call__(self, reported: Disruption, **changes: Iterable[Record]) -> tuple[Answers, Answers]: ...


LONDON = leg("EY284", "LHR", "AUH", z(14), 7, distance_km=5500)
FRANKFURT = leg("EY122", "FRA", "AUH", z(20, 45), 6, distance_km=4840)


def blind(reported: Disruption, tables: InMemoryTables) -> Answers:
    request = AssessmentRequest(disruption=reported, phase=Phase.INITIAL)
    return {name: assess(name, request, tables, fixed_clock) for name in AGENTS}


def revised(reported: Disruption, tables: InMemoryTables, first: Answers) -> Answers:
    return {
        name: assess(
            name,
            AssessmentRequest(
                disruption=reported,
                phase=Phase.REVISION,
                others=tuple(one for agent, one in first.items() if agent is not name),
                before=first[name],
            ),
            tables,
            fixed_clock,
        )
        for name in BUSINESS
    }


@pytest.fixture
def both() -> Both:
    """Asks all seven agents, and the business agents again with what the others found."""
    return ask_twice


def ask_twice(reported: Disruption, **changes: Iterable[Record]) -> tuple[Answers, Answers]:
    tables = business_rows.tables(**changes)
    first = blind(reported, tables)
    return first, revised(reported, tables, first)


def late(
    minutes: int, type_: DisruptionType = DisruptionType.LATE_INBOUND, *, of: Flight | None = None
) -> Disruption:
    reported = disruption(type_, details=DisruptionDetails(delay=timedelta(minutes=minutes)))
    if of is None:
        return reported
    return replace(reported, flight_id=of.flight_id, reported_at=of.std - timedelta(hours=1))


def figure(assessment: Assessment, name: str) -> Figure:
    return next(one for one in assessment.figures if one.name == name)


def likely(assessment: Assessment, name: str) -> Decimal | None:
    return figure(assessment, name).likely


def names(assessment: Assessment) -> set[str]:
    return {one.name for one in assessment.figures}


# Technical


def test_a_fault_on_a_flight_to_london_owes_no_compensation_and_feeds_everyone(both: Both) -> None:
    # From a third country on a carrier of a third country: neither EU261 nor UK261 (Art 3(1), C-173/07).
    # Five hours of waiting on a long flight: meals for all ten.
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(5, 6, 6)))
    first, _ = both(fault)
    assert first[GUESTS].verdict is Verdict.CONSTRAINED
    assert not any(name.startswith("compensation") for name in names(first[GUESTS]))
    assert likely(first[GUESTS], "meals") == 10


def test_a_fault_in_london_owes_each_passenger_520_pounds_from_four_hours(both: Both) -> None:
    # Departure from the UK, 5,500 km, technical defects are inherent (C-549/07): 520 GBP, half below 4 h.
    first, _ = both(
        late(240, DisruptionType.TECHNICAL, of=LONDON), Flights=[LONDON], Bookings=travellers(10, LONDON)
    )
    assert likely(first[GUESTS], "compensation UK261") == 5200
    first, _ = both(
        late(239, DisruptionType.TECHNICAL, of=LONDON), Flights=[LONDON], Bookings=travellers(10, LONDON)
    )
    assert likely(first[GUESTS], "compensation UK261") == 2600


def test_a_long_repair_delays_the_return_by_what_the_ground_time_does_not_absorb(both: Both) -> None:
    # 180 minutes in London, 75 needed: of 240 minutes 135 are left for EY286.
    first, _ = both(late(240, DisruptionType.TECHNICAL))
    assert first[NETWORK].verdict is Verdict.CONSTRAINED
    assert (likely(first[NETWORK], "downstream_flights"), likely(first[NETWORK], "downstream_delay")) == (
        1,
        135,
    )
    (keeps,) = [one for one in first[NETWORK].constraints if one.subject.key == TAIL]
    assert (keeps.kind, keeps.at, keeps.binding) == (ConstraintKind.LATEST_OFF_BLOCK, z(5, 45), False)


def test_a_short_repair_is_absorbed_and_leaves_the_network_clear(both: Both) -> None:
    first, _ = both(late(105, DisruptionType.TECHNICAL))
    assert first[NETWORK].verdict is Verdict.CLEAR
    assert likely(first[NETWORK], "downstream_delay") == 0


def test_parts_that_maintenance_waits_for_move_everyone_in_the_second_phase(both: Both) -> None:
    # The report names no repair; maintenance finds parts at 09:00Z and three hours of work: 12:00Z, eight
    # hours late. Network, guests and finance compute again with it and say so.
    fault = disruption(details=DisruptionDetails(ata="29"))
    order = rows.work_order(parts_required=True, parts_eta=z(9), clears=(fault.disruption_id,))
    first, second = both(fault, MaintenanceWorkOrders=[order])
    assert first[NETWORK].verdict is Verdict.CLEAR
    for agent in (NETWORK, GUESTS, FINANCE):
        revision = second[agent].revision
        assert revision is not None and revision.change is Change.TIGHTENED
        assert any(one.source is AgentName.MAINTENANCE for one in revision.taken_over)
    assert likely(second[NETWORK], "downstream_delay") == 8 * 60 - 105
    assert (likely(first[FINANCE], "cost"), likely(second[FINANCE], "cost")) != (None, None)
    before, after = likely(first[FINANCE], "cost"), likely(second[FINANCE], "cost")
    assert before is not None and after is not None and before < after


def test_a_repair_that_nobody_estimates_leaves_every_figure_open(both: Both) -> None:
    # Maintenance does not know when the tail is back, so the schedule that they compute with may not hold.
    _, second = both(disruption(details=DisruptionDetails(ata="29")))
    for agent in BUSINESS:
        assert any(note.startswith("Still open") for note in second[agent].notes)
    assert second[NETWORK].verdict is Verdict.CONSTRAINED


def test_the_range_of_a_repair_is_the_range_of_what_follows(both: Both) -> None:
    # Likely two hours from 03:00Z: one hour late and absorbed. At most six: five hours late, 195 minutes on.
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(1, 2, 6)))
    first, _ = both(fault)
    found = figure(first[NETWORK], "downstream_delay")
    assert (found.likely, found.low, found.high) == (0, 0, 195)


def test_a_spare_tail_is_priced_and_its_flights_followed_in_the_second_phase(both: Both) -> None:
    # Ready at 04:15Z after its turnaround: 15 minutes late for 2,000 USD of change, and no later flight hit.
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(5, 6, 8)))
    first, second = both(fault, Aircraft=[aircraft(), aircraft("A6-BLZ", status="spare")])
    (spare,) = [one for one in first[AgentName.MAINTENANCE].options if one.usable]
    assert spare.key == "A6-BLZ"
    with_spare, without = likely(second[FINANCE], "cost with A6-BLZ"), likely(second[FINANCE], "cost")
    assert with_spare is not None and without is not None and with_spare < without
    assert any("With A6-BLZ" in note and "no later flight is hit" in note for note in second[NETWORK].notes)


# Crew


def test_sick_crew_is_no_excuse(both: Both) -> None:
    # Lipton v BA Cityflyer [2024] UKSC 24: illness of crew is inherent in operating an airline.
    first, _ = both(
        late(300, DisruptionType.CREW, of=LONDON), Flights=[LONDON], Bookings=travellers(10, LONDON)
    )
    found = figure(first[GUESTS], "compensation UK261")
    assert (found.low, found.likely, found.high) == (5200, 5200, 5200)


def test_a_crew_that_must_rest_longer_is_named_with_its_next_flight(both: Both) -> None:
    # EY283 would leave two hours late; the captain goes off duty at 13:30Z after 10:45 h and needs 12 h.
    next_duty = leg("EY31", "AUH", "FRA", z(1, day=11), 7, registration="A6-BLX")
    again = rows.assignment("CPT1", "captain", flight_id=next_duty.flight_id, report=z(0, day=11))
    roster = [
        *rows.roster(next_report=None)[1:],
        rows.assignment("CPT1", "captain", next_report=z(0, day=11)),
        again,
    ]
    first, _ = both(
        late(120, DisruptionType.CREW),
        CrewRoster=roster,
        Flights=[rows.inbound(), flight(), outbound_return(), next_duty],
    )
    assert likely(first[NETWORK], "crew_rest_shortfalls") == 1
    assert any("CPT1" in note and "EY31" in note and "minimum rest" in note for note in first[NETWORK].notes)
    assert figure(first[NETWORK], "downstream_flights").high == 2


def test_a_crew_that_must_be_replaced_costs_the_reserves_and_goes_home_to_rest(both: Both) -> None:
    # Six hours late at 10:00Z, after the crew's 08:45Z: all four are replaced in the second phase, so none of
    # them comes back too late for a next duty, and four reserves are called out for 250 USD each.
    roster = rows.roster(next_report=z(2, day=11))
    first, second = both(late(360, DisruptionType.CREW), CrewRoster=roster)
    assert likely(first[NETWORK], "crew_rest_shortfalls") == len(rows.CREW)
    assert likely(second[NETWORK], "crew_rest_shortfalls") == 0
    assert likely(second[FINANCE], "cost: reserve crew") == 250 * len(rows.CREW)
    for agent in (NETWORK, FINANCE):
        revision = second[agent].revision
        assert revision is not None
        assert any(one.source is AgentName.CREW_COMPLIANCE for one in revision.taken_over)


def test_a_crew_without_rows_is_unknown_to_the_network(both: Both) -> None:
    first, _ = both(late(120, DisruptionType.CREW), CrewRoster=[])
    assert ("CrewRoster", FLIGHT_ID) in [(one.table, one.key) for one in first[NETWORK].unknowns]
    assert first[NETWORK].confidence < 1


def test_a_cancellation_for_want_of_crew_moves_everyone_who_can_be_moved(both: Both) -> None:
    # BA has six seats at 10:00Z; four have no way and get their fares back: 4 x 400 USD.
    first, _ = both(
        disruption(DisruptionType.CREW),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7, {"economy": 6})],
    )
    guests = first[GUESTS]
    assert (
        likely(guests, "if_cancelled needing_reprotection"),
        likely(guests, "if_cancelled reprotected"),
    ) == (10, 6)
    assert likely(guests, "if_cancelled refunds USD") == 1600
    (offer,) = [one for one in guests.options if one.kind is OptionKind.REPROTECTION]
    assert (offer.key, offer.quantity) == ("BA74-2026-03-10", 6)


def test_finance_prices_the_cancellation_with_what_the_others_found(both: Both) -> None:
    # In the second phase: 35,000 USD of fuel saved, 60,000 for EY286 that has no aircraft, six rebooked.
    first, second = both(
        disruption(DisruptionType.CREW),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7, {"economy": 6})],
    )
    assert any(
        one.startswith("Left out of the sums: later flights and rebooking") for one in first[FINANCE].notes
    )
    assert not any(one.startswith("Left out") for one in second[FINANCE].notes)
    cost = likely(second[FINANCE], "if_cancelled cost")
    kilometres = likely(first[GUESTS], "if_cancelled partner_seat_km economy")
    meals = likely(first[GUESTS], "if_cancelled meals")
    assert kilometres is not None and meals is not None
    assert cost == -35_000 + 60_000 + 6 * 20 + kilometres / 10 + meals * 15 + 1600


# Weather


def test_fog_is_extraordinary_and_still_feeds_and_houses(both: Both) -> None:
    # Weather: Art 5(3), likely nothing, at most 600 EUR each if measures were not reasonable; care in any
    # case (C-12/11). Nine hours from 21:45 in Frankfurt: a night in a hotel.
    first, _ = both(
        late(540, DisruptionType.WEATHER, of=FRANKFURT),
        Flights=[FRANKFURT],
        Bookings=travellers(10, FRANKFURT),
    )
    found = figure(first[GUESTS], "compensation EU261")
    assert (found.low, found.likely, found.high) == (0, 0, 6000)
    assert likely(first[GUESTS], "hotel_nights") == 10


def test_a_closed_destination_moves_the_business_agents_through_the_regulator(both: Both) -> None:
    # A NOTAM closes London from 10:00Z to 15:00Z: off-block after 08:15Z
    # for a landing after 15:00Z, four and a quarter hours late. Only the
    # regulatory agent reads notices; the others take its window over.
    first, second = both(
        disruption(DisruptionType.WEATHER), Notams=[rows.notam("LHR", "airport_closed", z(10), z(15))]
    )
    assert (first[GUESTS].verdict, second[GUESTS].verdict) == (Verdict.CLEAR, Verdict.CONSTRAINED)
    assert likely(second[GUESTS], "mean_delay_at_final_destination") == 255
    for agent in (NETWORK, GUESTS, CARGO, FINANCE):
        revision = second[agent].revision
        assert revision is not None
        assert any(one.source is AgentName.REGULATORY for one in revision.taken_over)


def test_an_arrival_six_hours_late_in_new_york_offers_the_fare_back(both: Both) -> None:
    # 14 CFR 260: a change of six hours on an international journey.
    to_new_york = leg("EY101", "AUH", "JFK", z(6), 14, distance_km=11_000)
    for minutes, offers in ((359, 0), (360, 10)):
        reported = late(minutes, DisruptionType.WEATHER, of=to_new_york)
        first, _ = both(reported, Flights=[to_new_york], Bookings=travellers(10, to_new_york))
        assert likely(first[GUESTS], "refund_offers") == offers


def test_vaccines_that_would_thaw_are_sent_on_another_flight_or_stored(both: Both) -> None:
    # Packed for 14 hours at midnight; four hours late they arrive at 15:00Z, an hour after that. BA lands at
    # 13:00Z with room, and the store keeps 2 to 8 C.
    vaccines = shipment(
        "607-1", shcs=("PIL", "COL"), temperature_min_c=2.0, temperature_max_c=8.0, hours_left=14.0
    )
    first, _ = both(
        late(240, DisruptionType.WEATHER),
        CargoShipments=[vaccines],
        CargoFlightAssignments=loaded("607-1"),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(6), 7)],
        ColdChainFacilities=[cold_store(2, 8)],
    )
    answer = first[CARGO]
    assert (answer.verdict, likely(answer, "shipments_at_risk")) == (Verdict.CONSTRAINED, 1)
    (latest,) = answer.constraints
    assert (latest.kind, latest.at, latest.binding) == (ConstraintKind.LATEST_OFF_BLOCK, z(7), False)
    assert [one.key for one in answer.options] == ["AUH-COLD-1"]
    assert any("BA74" in note for note in answer.notes)
    assert likely(answer, "value_at_risk USD") == 50_000


def test_a_controlled_shipment_without_hours_is_a_question_and_not_an_answer(both: Both) -> None:
    first, _ = both(
        late(240, DisruptionType.WEATHER),
        CargoShipments=[shipment("607-2", shcs=("CRT",))],
        CargoFlightAssignments=loaded("607-2"),
    )
    assert ("CargoShipments", "607-2", "hours_left") in [
        (one.table, one.key, one.field) for one in first[CARGO].unknowns
    ]
    found = figure(first[CARGO], "value_at_risk USD")
    assert (found.likely, found.high) == (0, 50_000)


# Late inbound


@pytest.mark.parametrize(("minutes", "missed"), [(90, 0), (91, 5)])
def test_connections_hold_to_the_minute(minutes: int, missed: int, both: Both) -> None:
    # EY205 lands at 01:30Z, EY283 leaves at 04:00Z and needs 60 minutes: 90 minutes of slack.
    first, _ = both(
        late(minutes, of=mumbai()), Flights=[mumbai(), flight()], Bookings=travellers(5, mumbai(), flight())
    )
    assert likely(first[NETWORK], "missed_connections") == missed
    assert likely(first[GUESTS], "missed_connections") == missed
    (curve,) = [one for one in first[NETWORK].curves if one.name == "missed_connections"]
    assert curve.points == ((0, Decimal(0)), (91, Decimal(5)))


def test_a_short_hold_is_offered_and_a_long_one_is_not(both: Both) -> None:
    def notes(minutes: int) -> str:
        first, _ = both(
            late(minutes, of=mumbai()),
            Flights=[mumbai(), flight()],
            Bookings=travellers(5, mumbai(), flight()),
        )
        return " ".join(first[NETWORK].notes)

    assert "5 passengers miss EY283-2026-03-10 AUH-LHR; holding it 20 min keeps them." in notes(110)
    assert "holding" not in notes(111)


def test_no_published_minimum_is_not_sixty_minutes(both: Both) -> None:
    first, _ = both(
        late(30, of=mumbai()),
        Flights=[mumbai(), flight()],
        Bookings=travellers(5, mumbai(), flight()),
        MinimumConnectionTimes=[minimum("LHR", 75)],
    )
    for agent in (NETWORK, GUESTS):
        found = figure(first[agent], "missed_connections")
        assert (found.likely, found.low, found.high) == (None, 0, 5)
        assert ("MinimumConnectionTimes", "minutes") in [(u.table, u.field) for u in first[agent].unknowns]


def test_the_only_seat_goes_to_the_child_who_travels_alone(both: Both) -> None:
    bookings = travellers(3, mumbai(), flight())
    first, _ = both(
        late(100, of=mumbai()),
        Flights=[mumbai(), flight()],
        Bookings=bookings,
        Passengers=people(bookings, passenger("P001", "platinum"), passenger("P003", "none", "UMNR")),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7, {"economy": 1})],
    )
    answer = first[GUESTS]
    assert (likely(answer, "needing_reprotection"), likely(answer, "reprotected")) == (3, 1)
    assert any("P003 (UMNR)" in note and "BA74" in note for note in answer.notes)
    assert likely(answer, "SSR UMNR") == 1


def test_bags_follow_those_who_are_rebooked(both: Both) -> None:
    first, _ = both(
        late(100, of=mumbai()),
        Flights=[mumbai(), flight()],
        Bookings=travellers(3, mumbai(), flight()),
        Baggage=[replace(business_rows.bag("0607100001", "PNRP001"), flight_id=mumbai().flight_id)],
    )
    assert likely(first[GUESTS], "bags_to_reroute") == 1


def test_from_bangkok_over_abu_dhabi_to_london_nothing_is_owed_by_london(both: Both) -> None:
    # The case that a recorded run got wrong: third-country departure, third-country carrier. What the law of
    # Thailand grants is not held, and is a range instead of nothing.
    to_hub = leg("EY401", "BKK", "AUH", z(20, day=9), 5)
    first, second = both(
        late(300, of=to_hub), Flights=[to_hub, flight()], Bookings=travellers(5, to_hub, flight())
    )
    for answer in (first[GUESTS], second[GUESTS], second[FINANCE]):
        assert {name for name in names(answer) if "compensation" in name} <= {
            "compensation law not held",
            "if_cancelled compensation law not held",
            "cost: compensation law not held",
        }
    open_ = figure(first[GUESTS], "compensation law not held")
    assert (open_.low, open_.likely, open_.high) == (0, 1500, 3000)
    assert any(one.table == "passenger rights" and one.key == "TH" for one in first[GUESTS].unknowns)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"dg_class": "6.1"}, {"shcs": ("AVI",), "live_animals": True}, "toxic substances from live animals"),
        ({"shcs": ("RRY",)}, {"live_animals": True}, "radioactive material from live animals"),
        ({"shcs": ("HUM",)}, {"shcs": ("EAT",)}, "human remains from food"),
    ],
)
def test_the_cargo_agent_keeps_apart_what_the_tables_of_loads_do(both: Both, first, second, reason) -> None:
    assigned = [replace(one, uld="AKE1EY") for one in loaded("607-3", "607-6")]
    answer, _ = both(
        late(60),
        CargoShipments=[shipment("607-3", **first), shipment("607-6", **second)],
        CargoFlightAssignments=assigned,
    )
    (note,) = [one for one in answer[CARGO].notes if one.startswith("Keep 607-3 and 607-6 apart")]
    assert reason in note
    assert "AKE1EY together" in note


# Curfew and slot


def test_a_flight_caught_by_the_night_owes_six_hundred_euros_each_unless_it_proves_its_excuse(
    both: Both,
) -> None:
    first, _ = both(
        late(65, DisruptionType.CURFEW_SLOT, of=FRANKFURT),
        Flights=[FRANKFURT],
        Bookings=travellers(10, FRANKFURT),
    )
    found = figure(first[GUESTS], "if_cancelled compensation EU261")
    assert (found.low, found.likely, found.high) == (0, 6000, 6000)
    assert "compensation EU261" not in names(first[GUESTS])


def test_a_lost_slot_costs_by_the_minute(both: Both) -> None:
    # 60 minutes: 3,000 for the aircraft and 1,200 for the crew, nothing for passengers on so long a flight.
    first, second = both(late(60, DisruptionType.CURFEW_SLOT))
    assert likely(first[FINANCE], "cost") == likely(second[FINANCE], "cost") == 4200


def test_euros_without_a_dollar_rate_stay_euros(both: Both) -> None:
    first, _ = both(
        late(240, DisruptionType.TECHNICAL, of=FRANKFURT),
        Flights=[FRANKFURT],
        Bookings=travellers(10, FRANKFURT),
        CostParameters=rates("EUR-USD"),
    )
    answer = first[FINANCE]
    assert likely(answer, "cost in EUR") == 6000
    assert likely(answer, "cost") is None
    assert ("CostParameters", "fx/EUR-USD") in [(one.table, one.key) for one in answer.unknowns]
    assert answer.confidence < 1


def test_cargo_aircraft_only_goes_off_a_passenger_flight_whatever_the_delay(both: Both) -> None:
    # DGR 9.3.1.1. The advice stands even when the flight is on time.
    first, _ = both(
        disruption(DisruptionType.CURFEW_SLOT),
        CargoShipments=[shipment("607-5", cargo_aircraft_only=True)],
        CargoFlightAssignments=loaded("607-5"),
    )
    (off,) = first[CARGO].constraints
    assert (off.kind, off.subject.key, off.binding) == (ConstraintKind.OFFLOAD_REQUIRED, "607-5", False)
    assert first[CARGO].verdict is Verdict.CONSTRAINED


def test_live_animals_are_never_what_a_small_hold_leaves_behind(both: Both) -> None:
    # 1,000 kg of room on the tail that flies: the general cargo goes off, the falcons stay.
    falcons = shipment("607-3", shcs=("AVI",), live_animals=True, weight_kg=300.0)
    general = shipment("607-4", weight_kg=900.0)
    first, _ = both(
        disruption(DisruptionType.CURFEW_SLOT),
        Aircraft=[aircraft(hold_kg=1_000)],
        CargoShipments=[falcons, general],
        CargoFlightAssignments=loaded("607-3", "607-4"),
    )
    assert [one.subject.key for one in first[CARGO].constraints] == ["607-4"]


def test_dry_ice_beside_live_animals_is_looked_at_by_a_person(both: Both) -> None:
    first, _ = both(
        disruption(DisruptionType.CURFEW_SLOT),
        CargoShipments=[
            shipment("607-3", shcs=("AVI",), live_animals=True),
            shipment("607-6", shcs=("ICE",)),
        ],
        CargoFlightAssignments=loaded("607-3", "607-6"),
    )
    assert any("dry ice with live animals" in note for note in first[CARGO].notes)


# Whatever the kind


def test_an_unknown_flight_is_unknown_to_everyone(both: Both) -> None:
    first, _ = both(replace(disruption(), flight_id="EY999-2026-03-10"))
    for agent in BUSINESS:
        assert first[agent].verdict is Verdict.UNKNOWN
        assert first[agent].confidence == 0


def test_finance_says_what_it_leaves_out_when_the_guest_agent_failed(both: Both) -> None:
    reported, tables = late(240), business_rows.tables()
    first, _ = both(reported)
    first[GUESTS] = failed_assessment(GUESTS, Phase.INITIAL, "out of memory", fixed_clock(), fixed_clock)
    second = revised(reported, tables, first)
    assert any("rebooking; the agents that know did not answer" in note for note in second[FINANCE].notes)
    assert likely(second[FINANCE], "cost: later flights delayed") == 13_500


def test_advice_never_binds(both: Both) -> None:
    first, second = both(late(240))
    for answers in (first, second):
        assert not any(one.binding for agent in BUSINESS for one in answers[agent].constraints)
