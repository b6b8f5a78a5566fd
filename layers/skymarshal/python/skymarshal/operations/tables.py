"""Which record each operational table holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Generic, TypeAlias, TypeVar

from skymarshal.contracts.operations_tables import OPERATIONS_TABLES, Index, Table
from skymarshal.operations import records as r

__all__ = [
    "AIRCRAFT",
    "AIRPORTS",
    "AIRPORT_CURFEWS",
    "AIRPORT_SLOTS",
    "ALL_TABLES",
    "BAGGAGE",
    "BOOKINGS",
    "CARGO_FLIGHT_ASSIGNMENTS",
    "CARGO_SHIPMENTS",
    "COLD_CHAIN_FACILITIES",
    "COST_PARAMETERS",
    "CREW_MEMBERS",
    "CREW_ROSTER",
    "FLIGHTS",
    "GROUND_EQUIPMENT",
    "MAINTENANCE_STAFF",
    "MAINTENANCE_WORK_ORDERS",
    "MEL_ITEMS",
    "MINIMUM_CONNECTION_TIMES",
    "NOTAMS",
    "PARTNER_FLIGHTS",
    "PASSENGERS",
    "RESERVE_CREW",
    "WEATHER",
    "Dataset",
    "Key",
    "RecordTable",
    "instant_text",
    "key_text",
]

R = TypeVar("R", bound=r.Record)

Key: TypeAlias = Mapping[str, str]
"""The key attributes of one row by name."""

Dataset: TypeAlias = Mapping[str, Sequence[r.Record]]
"""Rows by table name; a table that is absent has no rows."""


@dataclass(frozen=True, slots=True)
class RecordTable(Generic[R]):
    """A table and the record that one of its rows is."""

    table: Table
    record: type[R]

    @property
    def name(self) -> str:
        """The table's name without the deployment's prefix."""
        return self.table.name

    def index(self, name: str) -> Index:
        """Return the index called `name`.

        Raises:
            KeyError: The table has no such index.
        """
        for index in self.table.indexes:
            if index.name == name:
                return index
        raise KeyError(f"{self.name} has no index {name!r}")

    def key_names(self, index: str | None = None) -> tuple[str, str | None]:
        """Return the partition and sort attribute of the table, or of one of its indexes."""
        if index is None:
            return self.table.partition, self.table.sort
        found = self.index(index)
        return found.partition, found.sort

    def key_of(self, record: R) -> Key:
        """Return the primary key of `record`."""
        names = (self.table.partition, self.table.sort)
        return {name: key_text(getattr(record, name)) for name in names if name is not None}


def instant_text(instant: datetime) -> str:
    """Return an aware UTC instant as it stands in a key: `2026-02-05T14:30:00Z`.

    Raises:
        ValueError: The instant is naive or not in UTC, so it would sort wrongly among the keys.
    """
    offset = instant.utcoffset()
    if offset is None or offset:
        raise ValueError(f"a key needs an aware UTC instant, got {instant!r}")
    return instant.replace(tzinfo=None).isoformat() + "Z"


def key_text(value: object) -> str:
    """Return a key attribute's value as the string that the table holds."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a key attribute is a string, a date or an instant, got {value!r}")


def _table(name: str, record: type[R]) -> RecordTable[R]:
    return RecordTable(OPERATIONS_TABLES[name], record)


FLIGHTS: Final = _table("Flights", r.Flight)
AIRCRAFT: Final = _table("Aircraft", r.Aircraft)
MEL_ITEMS: Final = _table("MelItems", r.MelItem)
MAINTENANCE_WORK_ORDERS: Final = _table("MaintenanceWorkOrders", r.WorkOrder)
MAINTENANCE_STAFF: Final = _table("MaintenanceStaff", r.MaintenanceStaffMember)
GROUND_EQUIPMENT: Final = _table("GroundEquipment", r.GroundEquipment)
AIRPORTS: Final = _table("Airports", r.Airport)
AIRPORT_CURFEWS: Final = _table("AirportCurfews", r.AirportCurfew)
AIRPORT_SLOTS: Final = _table("AirportSlots", r.AirportSlot)
WEATHER: Final = _table("Weather", r.WeatherForecast)
NOTAMS: Final = _table("Notams", r.Notam)
CREW_MEMBERS: Final = _table("CrewMembers", r.CrewMember)
CREW_ROSTER: Final = _table("CrewRoster", r.CrewAssignment)
RESERVE_CREW: Final = _table("ReserveCrew", r.ReserveCrewMember)
PASSENGERS: Final = _table("Passengers", r.Passenger)
BOOKINGS: Final = _table("Bookings", r.Booking)
BAGGAGE: Final = _table("Baggage", r.Bag)
CARGO_SHIPMENTS: Final = _table("CargoShipments", r.CargoShipment)
CARGO_FLIGHT_ASSIGNMENTS: Final = _table("CargoFlightAssignments", r.CargoAssignment)
COLD_CHAIN_FACILITIES: Final = _table("ColdChainFacilities", r.ColdChainFacility)
MINIMUM_CONNECTION_TIMES: Final = _table("MinimumConnectionTimes", r.MinimumConnectionTime)
PARTNER_FLIGHTS: Final = _table("PartnerFlights", r.PartnerFlight)
COST_PARAMETERS: Final = _table("CostParameters", r.CostParameter)

ALL_TABLES: Final[Mapping[str, RecordTable[r.Record]]] = MappingProxyType(
    {
        name: RecordTable(OPERATIONS_TABLES[name], record)
        for name, record in (
            (table.name, table.record)
            for table in (
                FLIGHTS,
                AIRCRAFT,
                MEL_ITEMS,
                MAINTENANCE_WORK_ORDERS,
                MAINTENANCE_STAFF,
                GROUND_EQUIPMENT,
                AIRPORTS,
                AIRPORT_CURFEWS,
                AIRPORT_SLOTS,
                WEATHER,
                NOTAMS,
                CREW_MEMBERS,
                CREW_ROSTER,
                RESERVE_CREW,
                PASSENGERS,
                BOOKINGS,
                BAGGAGE,
                CARGO_SHIPMENTS,
                CARGO_FLIGHT_ASSIGNMENTS,
                COLD_CHAIN_FACILITIES,
                MINIMUM_CONNECTION_TIMES,
                PARTNER_FLIGHTS,
                COST_PARAMETERS,
            )
        )
    }
)
