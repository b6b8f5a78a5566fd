"""Every way in which the tables are read, once each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from skymarshal.operations import Operations

FLIGHT_ID = "EY283-2026-11-24"
START = datetime(2026, 11, 24, tzinfo=UTC)
END = START + timedelta(days=1)


def every_access(operations: Operations) -> dict[str, object]:
    """Return what each access answers, by its name."""
    flight = operations.flight(FLIGHT_ID)
    assert flight is not None
    crew = operations.crew_of_flight(FLIGHT_ID)
    bookings = operations.bookings_of_flight(FLIGHT_ID)
    cargo = operations.cargo_of_flight(FLIGHT_ID)
    (in_work,) = operations.aircraft_of_type("B789", "maintenance")
    return {
        "flight": flight,
        "flights": operations.flights([FLIGHT_ID, "EY284-2026-11-24", "EY999-2026-11-24"]),
        "flights_by_number": operations.flights_by_number("EY283", date(2026, 11, 24)),
        "rotation": operations.rotation(flight.registration, START, END),
        "arrivals": operations.arrivals("AUH", START, END),
        "departures": operations.departures("AUH", START, END),
        "aircraft": operations.aircraft(flight.registration),
        "aircraft_of_type": operations.aircraft_of_type("B789", "spare"),
        "open_mel_items": operations.open_mel_items(flight.registration),
        "work_orders": operations.work_orders(in_work.registration, START - timedelta(days=3), END),
        "staff_on_shift": operations.staff_on_shift("AUH", START, END),
        "ground_equipment": operations.ground_equipment("AUH"),
        "airport": operations.airport("LHR"),
        "airports": operations.airports(["LHR", "FRA", "XXX"]),
        "curfews": operations.curfews("FRA"),
        "slot": operations.slot(FLIGHT_ID, "AUH"),
        "slots": operations.slots("AUH", START, END),
        "forecasts": operations.forecasts("LHR", START, END),
        "notams": operations.notams("LHR"),
        "crew_of_flight": crew,
        "crew_members": operations.crew_members(one.crew_id for one in crew),
        "crew_based_at": operations.crew_based_at("AUH", "captain"),
        "duties": operations.duties(crew[0].crew_id, START, END),
        "reserves": operations.reserves("AUH"),
        "bookings_of_flight": bookings,
        "passengers": operations.passengers(one.passenger_id for one in bookings),
        "bookings_of_pnr": operations.bookings_of_pnr(bookings[0].pnr, 1),
        "bags_of_flight": operations.bags_of_flight(FLIGHT_ID),
        "minimum_connections": operations.minimum_connections("AUH"),
        "partner_flights": operations.partner_flights("AUH", "LHR", START, END),
        "cargo_of_flight": cargo,
        "flights_of_shipment": operations.flights_of_shipment(cargo[0].awb),
        "shipments": operations.shipments(one.awb for one in cargo),
        "cold_stores": operations.cold_stores("AUH"),
        "costs": operations.costs("fx"),
    }
