"""Passengers, connections, cargo and rates around the flights of `rows`, for tests to bend.

EY283 leaves Abu Dhabi at 04:00Z for London (11:00Z) and flies back as EY286 at 14:00Z, so that three hours
lie between; 75 minutes of them are the turnaround. EY205 comes from Mumbai at 01:30Z.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from skymarshal.operations.records import (
    Bag,
    Booking,
    CargoAssignment,
    CargoShipment,
    ColdChainFacility,
    CostParameter,
    Flight,
    MinimumConnectionTime,
    PartnerFlight,
    Passenger,
    Record,
    Segment,
)
from tests.unit.agents import rows
from tests.unit.agents.rows import FLIGHT_ID, airport, flight, inbound, leg, outbound_return, z

AIRPORTS = {
    "BOM": {"icao": "VABB", "zone": "Asia/Kolkata", "lat": 19.089, "lon": 72.868, "country": "IN"},
    "BKK": {"icao": "VTBS", "zone": "Asia/Bangkok", "lat": 13.681, "lon": 100.747, "country": "TH"},
    "EDI": {
        "icao": "EGPH",
        "zone": "Europe/London",
        "lat": 55.950,
        "lon": -3.373,
        "country": "GB",
        "uk": True,
    },
}


def airports() -> list[Record]:
    known = [airport(code) for code in ("AUH", "LHR", "FRA", "JFK", "SYD")]
    return [*known, *(rows.Airport(**(_defaults(code) | values)) for code, values in AIRPORTS.items())]


def _defaults(code: str) -> dict[str, Any]:
    return {
        "airport": code,
        "name": code,
        "hub": False,
        "eu": False,
        "uk": False,
        "runway_m": 4000,
        "precision_approach": "CAT III",
    }


def segment(one: Flight) -> Segment:
    return Segment(
        flight_id=one.flight_id,
        carrier=one.carrier,
        origin=one.origin,
        destination=one.destination,
        std=one.std,
        sta=one.sta,
    )


def booked(passenger_id: str, *legs: Flight | Segment, on: int = 1, **changes: Any) -> Booking:
    """One passenger on the `on`-th leg of a journey."""
    segments = tuple(one if isinstance(one, Segment) else segment(one) for one in legs)
    values: dict[str, Any] = {
        "pnr": f"PNR{passenger_id}",
        "segment_passenger": f"{on}#{passenger_id}",
        "flight_id": segments[on - 1].flight_id,
        "passenger_id": passenger_id,
        "segment": on,
        "segments": segments,
        "journey_origin": segments[0].origin,
        "final_destination": segments[-1].destination,
        "final_sta": segments[-1].sta,
        "cabin": "economy",
        "fare": Decimal(400),
        "currency": "USD",
        "seat": "21A",
        "single_ticket": True,
        "carrier": segments[on - 1].carrier,
    }
    return Booking(**(values | changes))


def travellers(
    count: int, *legs: Flight | Segment, on: int = 1, first: int = 1, **changes: Any
) -> list[Booking]:
    return [booked(f"P{n:03d}", *legs, on=on, **changes) for n in range(first, first + count)]


def passenger(passenger_id: str, tier: str = "none", *ssrs: str) -> Passenger:
    values: dict[str, Any] = {"tier": tier}
    return Passenger(
        passenger_id=passenger_id, name=passenger_id, ssrs=ssrs, contact="", remarks="", **values
    )


def people(bookings: Iterable[Record], *known: Passenger) -> list[Record]:
    """A row for everyone who is booked, as in `known` where it names them."""
    found = {one.passenger_id: one for one in known}
    ids = dict.fromkeys(one.passenger_id for one in bookings if isinstance(one, Booking))
    return [found.get(id_, passenger(id_)) for id_ in ids]


def minimum(code: str, minutes: int, **changes: Any) -> MinimumConnectionTime:
    values: dict[str, Any] = {
        "airport": code,
        "connection_type": "INT-INT",
        "terminal_from": None,
        "terminal_to": None,
        "carrier_from": None,
        "carrier_to": None,
        "minutes": minutes,
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        "source": "test",
    }
    return MinimumConnectionTime(**(values | changes))


def partner(
    number: str, route: str, std: datetime, block: float, seats: dict[str, int] | None = None, **changes: Any
) -> PartnerFlight:
    values: dict[str, Any] = {
        "route": route,
        "std": std,
        "sta": std + rows.hours(block),
        "flight_number": number,
        "carrier": number[:2],
        "seats_available": {"economy": 50} if seats is None else seats,
        "interline": True,
        "hold_free_kg": 2_000.0,
    }
    return PartnerFlight(**(values | changes))


def shipment(awb: str, **changes: Any) -> CargoShipment:
    values: dict[str, Any] = {
        "awb": awb,
        "origin": "AUH",
        "destination": "LHR",
        "commodity": "General",
        "shcs": (),
        "temperature_min_c": None,
        "temperature_max_c": None,
        "un_number": None,
        "dg_class": None,
        "cargo_aircraft_only": False,
        "pieces": 1,
        "weight_kg": 100.0,
        "value": Decimal(50_000),
        "currency": "USD",
        "packed_at": z(0),
        "hours_left": None,
        "live_animals": False,
    }
    return CargoShipment(**(values | changes))


def loaded(*awbs: str, flight_id: str = FLIGHT_ID) -> list[Record]:
    return [
        CargoAssignment(flight_id=flight_id, awb=awb, uld=None, position=None, loading_state="planned")
        for awb in awbs
    ]


def cold_store(low: float, high: float, free: float = 5_000.0) -> ColdChainFacility:
    return ColdChainFacility(
        airport="AUH",
        facility_id="AUH-COLD-1",
        temperature_min_c=low,
        temperature_max_c=high,
        free_capacity_kg=free,
    )


def bag(tag: str, pnr: str) -> Bag:
    return Bag(bag_tag=tag, flight_id=FLIGHT_ID, pnr=pnr, status="checked", location="AUH")


RATES = {
    ("aircraft", "ground_minute#B789"): "50",
    ("aircraft", "reactionary_minute#B789"): "100",
    ("aircraft", "cancelled_flight#B789"): "60000",
    ("aircraft", "tail_swap"): "2000",
    ("fuel", "fuel_per_block_hour#B789"): "5000",
    ("crew", "crew_per_duty_hour#B789"): "1200",
    ("crew", "reserve_call_out"): "250",
    ("care", "meal"): "15",
    ("care", "hotel_night"): "150",
    ("reprotection", "partner_seat_km#economy"): "0.1",
    ("reprotection", "rebooking"): "20",
    ("cargo", "rebooking_kg"): "0.5",
    ("cargo", "cold_store_kg"): "0.2",
    ("fx", "EUR-USD"): "1.10",
    ("fx", "GBP-USD"): "1.25",
    ("fx", "XDR-USD"): "1.30",
}


def rate(category: str, name: str, value: str, **changes: Any) -> CostParameter:
    values: dict[str, Any] = {
        "category": category,
        "name": name,
        "value": Decimal(value),
        "unit": "",
        "currency": "USD",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "source": "test",
    }
    return CostParameter(**(values | changes))


def rates(*without: str, **changes: str) -> list[Record]:
    return [
        rate(category, name, changes.get(name, value))
        for (category, name), value in RATES.items()
        if name not in without
    ]


def mumbai() -> Flight:
    """The flight from Mumbai that feeds EY283."""
    return leg("EY205", "BOM", "AUH", z(22, day=9), 3.5, registration="A6-AEA", aircraft_type="B789")


def tables(*, silent: Collection[str] = (), **changes: Iterable[Record]) -> rows.Tables:
    """Everything that all seven agents read; `changes` replace whole tables."""
    bookings = list(changes.get("Bookings", travellers(10, flight())))
    business: dict[str, Iterable[Record]] = {
        "Flights": [inbound(), flight(), outbound_return()],
        "Airports": airports(),
        "Passengers": people(bookings),
        "Baggage": [],
        "MinimumConnectionTimes": [minimum("AUH", 60), minimum("LHR", 75), minimum("FRA", 45)],
        "PartnerFlights": [],
        "CargoShipments": [],
        "CargoFlightAssignments": [],
        "ColdChainFacilities": [],
        "CostParameters": rates(),
    }
    return rows.tables(silent=silent, **(business | changes | {"Bookings": bookings}))


def delayed(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)
