from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from skymarshal.calculators.cost_drivers import CargoLoss, LaterFlights, Rebooking, cargo_loss
from skymarshal.calculators.costs import CostEstimate, cost_of
from skymarshal.calculators.impact import business_impact, load_business_facts
from skymarshal.calculators.owed import Due, Owed
from skymarshal.calculators.rates import RateTable, rate_table
from skymarshal.calculators.shipments import RiskLevel, ShipmentRisk
from skymarshal.operations import Operations
from skymarshal.operations.records import CostParameter, Record
from tests.unit.agents.business_rows import delayed, partner, rate, rates, shipment, tables, travellers
from tests.unit.agents.rows import aircraft, disruption, flight, inbound, leg, outbound_return, z
from tests.unit.calculators.builders import cancelled, late

DAY = date(2026, 3, 10)


def table(rows: Iterable[Record]) -> RateTable:
    return rate_table((row for row in rows if isinstance(row, CostParameter)), DAY)


def line(estimate: CostEstimate, name: str) -> tuple[Decimal | None, ...]:
    return next(one.usd for one in estimate.lines if one.name == name)


def compensation(currency: str, low: int, likely: int, high: int) -> Due:
    return Due(
        regime="EU261",
        currency=currency,
        low=Decimal(low),
        likely=Decimal(likely),
        high=Decimal(high),
        passengers=10,
        basis="",
    )


def test_an_hour_on_the_ground_costs_the_aircraft_and_the_crew() -> None:
    estimate = cost_of(table(rates()), flight(), late(flight(), 60))
    assert estimate.usd == (Decimal("4200.00"),) * 3
    assert line(estimate, "aircraft on the ground")[1] == Decimal(3000)
    assert line(estimate, "crew")[1] == Decimal(1200)


def test_a_flight_on_time_costs_nothing() -> None:
    estimate = cost_of(table(rates()), flight(), late(flight(), 0))
    assert (estimate.lines, estimate.usd) == ((), (Decimal("0.00"),) * 3)


def test_amounts_stay_in_their_currency_and_are_summed_at_the_dated_rate() -> None:
    owed = Owed(compensation=(compensation("EUR", 0, 6000, 6000), compensation("GBP", 5200, 5200, 5200)))
    estimate = cost_of(table(rates()), flight(), late(flight(), 0), owed=owed)
    assert estimate.by_currency == {"EUR": Decimal("6000.00"), "GBP": Decimal("5200.00")}
    assert estimate.usd == (Decimal("6500.00"), Decimal("13100.00"), Decimal("13100.00"))


def test_without_an_exchange_rate_the_euros_are_known_and_the_dollars_are_not() -> None:
    owed = Owed(compensation=(compensation("EUR", 6000, 6000, 6000),))
    estimate = cost_of(table(rates("EUR-USD")), flight(), late(flight(), 60), owed=owed)
    assert estimate.by_currency["EUR"] == Decimal("6000.00")
    assert (estimate.low, estimate.likely, estimate.high) == (Decimal("4200.00"), None, None)
    assert [(one.table, one.key) for one in estimate.unknowns] == [("CostParameters", "fx/EUR-USD")]


def test_a_rate_out_of_date_is_no_rate() -> None:
    old = rate("care", "meal", "15", valid_to=date(2026, 3, 9))
    estimate = cost_of(table([*rates("meal"), old]), flight(), late(flight(), 0), owed=Owed(meals=10))
    assert estimate.likely is None
    assert estimate.unknowns[0].key == "care/meal"


def test_a_missing_rate_of_a_type_is_bounded_by_the_other_types() -> None:
    others = [rate("aircraft", "ground_minute#A320", "20"), rate("aircraft", "ground_minute#A35K", "60")]
    estimate = cost_of(table([*rates("ground_minute#B789"), *others]), flight(), late(flight(), 60))
    assert line(estimate, "aircraft on the ground") == (Decimal(1200), None, Decimal(3600))
    assert (estimate.low, estimate.likely, estimate.high) == (Decimal("2400.00"), None, Decimal("4800.00"))
    assert estimate.usd is None


def test_a_cancellation_at_the_hub_saves_the_fuel_and_elsewhere_only_puts_it_off() -> None:
    estimate = cost_of(table(rates()), flight(), cancelled(flight()))
    assert line(estimate, "fuel not burnt")[1] == Decimal(-35_000)
    away = cost_of(table(rates()), flight(), cancelled(flight()), from_hub=False)
    assert away.lines == ()


def test_another_tail_costs_the_change_and_the_other_types_fuel() -> None:
    more = rate("fuel", "fuel_per_block_hour#B77W", "7000")
    swap = late(flight(), 0, tail="A6-ETA")
    estimate = cost_of(table([*rates(), more]), flight(), swap, aircraft_type="B77W")
    assert estimate.likely == Decimal(2000 + 7 * (7000 - 5000))


def test_later_flights_and_rebooking_are_priced_by_their_own_rates() -> None:
    later = LaterFlights(minutes={"B789": Decimal(90)}, without_aircraft={"B789": 1}, crew_replaced=4)
    rebooking = Rebooking(passengers=3, partner_seat_km={"economy": Decimal(16_500)})
    estimate = cost_of(table(rates()), flight(), late(flight(), 0), later=later, rebooking=rebooking)
    assert estimate.likely == Decimal(9_000 + 60_000 + 4 * 250 + 60 + 1_650)


def test_a_spoilt_shipment_costs_the_liability_and_at_most_its_value() -> None:
    def loss(level: RiskLevel, value: int) -> CargoLoss:
        one = shipment("607-1", weight_kg=100.0, value=Decimal(value))
        risk = ShipmentRisk(shipment=one, level=level, reasons=())
        return cargo_loss([risk], late(flight(), 600), table(rates()))

    # 26 SDR for each of 100 kg at 1.30 USD: 3,380 USD.
    (spoilt,) = loss(RiskLevel.LOST, 50_000).spoilt
    assert (spoilt.low, spoilt.likely, spoilt.high) == (Decimal(3380), Decimal(3380), Decimal(50_000))
    (cheap,) = loss(RiskLevel.LOST, 1_000).spoilt
    assert cheap.likely == Decimal(1_000)
    (endangered,) = loss(RiskLevel.AT_RISK, 50_000).spoilt
    assert (endangered.likely, endangered.high) == (Decimal(0), Decimal(50_000))
    assert loss(RiskLevel.ATTEND, 50_000).spoilt == ()


def test_cargo_left_behind_is_rebooked_and_what_must_keep_cold_is_stored() -> None:
    chilled = shipment("607-1", shcs=("PIL", "COL"), weight_kg=200.0)
    general = shipment("607-2", weight_kg=300.0)
    risks = [ShipmentRisk(shipment=one, level=RiskLevel.NONE, reasons=()) for one in (chilled, general)]
    loss = cargo_loss(risks, cancelled(flight()), table(rates()))
    assert (loss.rebooked_kg, loss.stored_kg) == (Decimal(500), Decimal(200))
    estimate = cost_of(table(rates()), flight(), cancelled(flight()), cargo=loss)
    assert line(estimate, "cargo rebooked")[1] == Decimal(250)
    assert line(estimate, "cold store")[1] == Decimal(40)


def test_three_hours_from_london_cost_some_hundred_thousand_dollars() -> None:
    # 280 passengers, 180 minutes: 9,000 for the aircraft, 3,600 for the crew, 280 x 260 GBP = 91,000 USD.
    # Meals are due on so long a flight from four hours on.
    home = leg("EY284", "LHR", "AUH", z(4), 7, distance_km=5500)
    rows = tables(Flights=[home], Bookings=travellers(280, home))
    facts = load_business_facts(Operations(rows), home, disruption=disruption())
    impact = business_impact(facts, late(home, 180), disruption())
    assert impact.cost.likely == Decimal(9_000 + 3_600 + 91_000)
    assert impact.owed.meals == 0


def test_the_whole_impact_of_a_cancellation_is_read_in_four_steps() -> None:
    rows = tables(
        Flights=[inbound(), flight(), outbound_return()],
        Bookings=travellers(10, flight()),
        PartnerFlights=[partner("BA74", "AUH-LHR", z(10), 7, {"economy": 6})],
        Aircraft=[aircraft()],
    )
    operations = Operations(rows)
    facts = load_business_facts(operations, flight(), disruption=disruption())
    assert operations.log.sequence <= 4
    impact = business_impact(facts, cancelled(flight()), disruption())
    assert (impact.reprotection.needing, impact.reprotection.reprotected) == (10, 6)
    assert [one.flight_id for one in impact.knock_on.cancelled] == [outbound_return().flight_id]
    assert impact.cost.usd is not None
    assert business_impact(facts, late(flight(), 30), disruption()).cost.likely == Decimal(
        delayed(30).total_seconds() / 60 * 50 + 600
    )
