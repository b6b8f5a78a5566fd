"""Keys and indexes of the 23 operational tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["OPERATIONS_TABLES", "Index", "Table"]


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index that projects every attribute."""

    name: str
    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class Table:
    """One operational table: string keys only."""

    name: str
    partition: str
    sort: str | None = None
    indexes: tuple[Index, ...] = ()


OPERATIONS_TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "Flights",
            "flight_id",
            indexes=(
                Index("flight-number-date", "flight_number", "flight_date"),
                Index("aircraft-rotation", "registration", "std"),
                Index("airport-arrivals", "destination", "sta"),
                Index("airport-departures", "origin", "std"),
            ),
        ),
        Table("Aircraft", "registration", indexes=(Index("type-status", "aircraft_type", "status"),)),
        Table("MelItems", "registration", "item_id", (Index("category-expiry", "category", "expires_at"),)),
        Table(
            "MaintenanceWorkOrders",
            "workorder_id",
            indexes=(Index("aircraft-date", "registration", "scheduled_start"),),
        ),
        Table("MaintenanceStaff", "staff_id", indexes=(Index("base-shift", "base", "shift_start"),)),
        Table("GroundEquipment", "airport", "equipment_id"),
        Table("Airports", "airport"),
        Table("AirportCurfews", "airport", "rule_id"),
        Table("AirportSlots", "flight_id", indexes=(Index("airport-date", "airport", "slot_time"),)),
        Table("Weather", "airport", "valid_from"),
        Table("Notams", "airport", "notam_id"),
        Table("CrewMembers", "crew_id", indexes=(Index("base-role", "base", "role"),)),
        Table("CrewRoster", "crew_id", "duty_start", (Index("flight-crew", "flight_id", "role"),)),
        Table("ReserveCrew", "base", "crew_id"),
        Table("Passengers", "passenger_id"),
        Table("Bookings", "pnr", "segment_passenger", (Index("flight-passengers", "flight_id", "pnr"),)),
        Table("Baggage", "bag_tag", indexes=(Index("flight-bags", "flight_id", "bag_tag"),)),
        Table("CargoShipments", "awb"),
        Table("CargoFlightAssignments", "flight_id", "awb", (Index("awb-flights", "awb", "flight_id"),)),
        Table("ColdChainFacilities", "airport", "facility_id"),
        Table("MinimumConnectionTimes", "airport", "connection_type"),
        Table("PartnerFlights", "route", "std"),
        Table("CostParameters", "category", "name"),
    )
}
