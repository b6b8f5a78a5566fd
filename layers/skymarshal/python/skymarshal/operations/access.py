"""Typed access to the operational tables: one method for each way they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeVar, cast, overload

from skymarshal.operations import tables as t
from skymarshal.operations.bounds import violation
from skymarshal.operations.errors import MalformedRowError
from skymarshal.operations.reader import AccessLog, BeginsWith, Between, SortCondition, TableReader
from skymarshal.operations.records import (
    Aircraft,
    Airport,
    AirportCurfew,
    AirportSlot,
    Bag,
    Booking,
    CargoAssignment,
    CargoShipment,
    ColdChainFacility,
    CostParameter,
    CrewAssignment,
    CrewMember,
    CrewRole,
    Flight,
    GroundEquipment,
    MaintenanceStaffMember,
    MelItem,
    MinimumConnectionTime,
    Notam,
    PartnerFlight,
    Passenger,
    Record,
    ReserveCrewMember,
    WeatherForecast,
    WorkOrder,
)
from skymarshal.operations.statements import NIL, STATEMENT_HOLDS, NoneAsOf, Rows
from skymarshal.operations.tables import Key, RecordTable

__all__ = ["LONGEST_FORECAST", "LONGEST_SHIFT", "Operations"]

LONGEST_FORECAST: Final = timedelta(hours=30)
"""No forecast period is longer, so one that covers an instant began within this time before it."""

LONGEST_SHIFT: Final = timedelta(hours=14)
"""No engineer's shift is longer."""

LATER_ORDERS: Final = timedelta(days=30)
"""How far ahead of a period a work order still shows that the table is kept for its tail."""

_OWNERS: Final = ("registration", "crew_id", "airport", "flight_id")
"""The fields that say of what a row is."""

R = TypeVar("R", bound=Record)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Operations:
    """The operational tables as the agents read them.

    Each method is one access by key or index, recorded in `log`. Periods are [start, end). A row that
    does not exist is None or missing from the list: unknown, never a default. So is one that cannot be read
    or holds what cannot be: `malformed` keeps why, and who answers with the rest says so. Lists are ascending
    by the key that they are read by. Where a table may rightly have none for a tail or an airport, the
    list is a `Rows` that tells whether the table says so.
    """

    def __init__(self, tables: TableReader, log: AccessLog | None = None) -> None:
        self._tables = tables
        self.log = AccessLog() if log is None else log
        self.malformed: dict[str, MalformedRowError] = {}
        """The rows met so far that could not be taken, by what is wrong with them."""

    @overload
    def gather(self, a: Callable[[], A], /) -> tuple[A]: ...
    @overload
    def gather(self, a: Callable[[], A], b: Callable[[], B], /) -> tuple[A, B]: ...
    @overload
    def gather(self, a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], /) -> tuple[A, B, C]: ...
    @overload
    def gather(
        self, a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], d: Callable[[], D], /
    ) -> tuple[A, B, C, D]: ...
    @overload
    def gather(self, *thunks: Callable[[], A]) -> tuple[A, ...]: ...
    def gather(self, *thunks: Callable[[], object]) -> tuple[object, ...]:
        """Make independent accesses together and return their results in order.

        A thunk may make several accesses, one after another; the whole counts as its longest thunk.
        """
        wrapped, joined = self.log.together(thunks)
        try:
            return tuple(self._tables.run_together(wrapped))
        finally:
            joined()

    # Flights and aircraft

    def flight(self, flight_id: str) -> Flight | None:
        """The flight with this id."""
        return self._get("flight", t.FLIGHTS, {"flight_id": flight_id})

    def flights(self, flight_ids: Iterable[str]) -> list[Flight]:
        """Those of the flights that are the airline's own."""
        return self._batch("flights", t.FLIGHTS, ({"flight_id": id_} for id_ in flight_ids))

    def flights_by_number(self, flight_number: str, flight_date: date) -> list[Flight]:
        """The flights with this number whose scheduled departure is on this UTC date."""
        day = flight_date.isoformat()
        return self._query(
            "flights_by_number", t.FLIGHTS, flight_number, "flight-number-date", Between(day, day)
        )

    def rotation(self, registration: str, start: datetime, end: datetime) -> list[Flight]:
        """The tail's flights with a scheduled departure in the period."""
        return self._period("rotation", t.FLIGHTS, registration, "aircraft-rotation", start, end)

    def arrivals(self, airport: str, start: datetime, end: datetime) -> list[Flight]:
        """The flights with a scheduled arrival at the airport in the period."""
        return self._period("arrivals", t.FLIGHTS, airport, "airport-arrivals", start, end)

    def departures(self, airport: str, start: datetime, end: datetime) -> list[Flight]:
        """The flights with a scheduled departure from the airport in the period."""
        return self._period("departures", t.FLIGHTS, airport, "airport-departures", start, end)

    def aircraft(self, registration: str) -> Aircraft | None:
        """The tail with this registration."""
        return self._get("aircraft", t.AIRCRAFT, {"registration": registration})

    def aircraft_of_type(
        self,
        aircraft_type: str,
        status: Literal["in_service", "spare", "maintenance", "aog"] | None = None,
    ) -> list[Aircraft]:
        """The tails of a type, all of them or those in one status."""
        condition = None if status is None else Between(status, status)
        return self._query("aircraft_of_type", t.AIRCRAFT, aircraft_type, "type-status", condition)

    # Maintenance

    def open_mel_items(self, registration: str) -> Rows[MelItem]:
        """The tail's deferred defects that are not rectified."""
        items = _stated(t.MEL_ITEMS, self._query("open_mel_items", t.MEL_ITEMS, registration))
        still_open = (item for item in items if item.rectified_at is None)
        return Rows(still_open, none_as_of=items.none_as_of, kept=items.kept, holds=items.holds)

    def work_orders(self, registration: str, start: datetime, end: datetime) -> Rows[WorkOrder]:
        """The tail's work orders with a scheduled start in the period.

        What is planned up to `LATER_ORDERS` after it is read too: it shows that the table is kept.
        """
        orders = _stated(
            t.MAINTENANCE_WORK_ORDERS,
            self._period(
                "work_orders",
                t.MAINTENANCE_WORK_ORDERS,
                registration,
                "aircraft-date",
                start,
                end + LATER_ORDERS,
            ),
        )
        due = (order for order in orders if order.scheduled_start < end)
        return Rows(due, none_as_of=orders.none_as_of, kept=orders.kept, holds=orders.holds)

    def staff_on_shift(self, base: str, start: datetime, end: datetime) -> list[MaintenanceStaffMember]:
        """The engineers at a base whose shift overlaps the period."""
        staff = self._period(
            "staff_on_shift", t.MAINTENANCE_STAFF, base, "base-shift", start - LONGEST_SHIFT, end
        )
        return [member for member in staff if member.shift_end > start]

    def ground_equipment(self, airport: str) -> Rows[GroundEquipment]:
        """The ground equipment at an airport, serviceable or not."""
        return _stated(t.GROUND_EQUIPMENT, self._query("ground_equipment", t.GROUND_EQUIPMENT, airport))

    # Airports

    def airport(self, airport: str) -> Airport | None:
        """The airport with this IATA code."""
        return self._get("airport", t.AIRPORTS, {"airport": airport})

    def airports(self, airports: Iterable[str]) -> list[Airport]:
        """Those of the airports that the table holds."""
        return self._batch("airports", t.AIRPORTS, ({"airport": code} for code in airports))

    def curfews(self, airport: str) -> Rows[AirportCurfew]:
        """Every night restriction of an airport, in force or not."""
        return _stated(t.AIRPORT_CURFEWS, self._query("curfews", t.AIRPORT_CURFEWS, airport))

    def slot(self, flight_id: str, airport: str) -> Rows[AirportSlot]:
        """The slot of a flight at the airport it leaves, or whether that airport gives out none."""
        keys = ({"flight_id": flight_id}, {"flight_id": f"{NIL}#{airport}"})
        found = _stated(t.AIRPORT_SLOTS, self._batch("slot", t.AIRPORT_SLOTS, keys))
        at_airport = (one for one in found if one.airport == airport)
        return Rows(at_airport, none_as_of=found.none_as_of, holds=found.holds)

    def slots(self, airport: str, start: datetime, end: datetime) -> Rows[AirportSlot]:
        """The departure slots given out at an airport in the period."""
        return _stated(
            t.AIRPORT_SLOTS,
            self._period("slots", t.AIRPORT_SLOTS, airport, "airport-date", start, end),
        )

    def forecasts(self, airport: str, start: datetime, end: datetime) -> list[WeatherForecast]:
        """The forecasts for an airport whose validity overlaps the period."""
        found = self._period("forecasts", t.WEATHER, airport, None, start - LONGEST_FORECAST, end)
        return [forecast for forecast in found if forecast.valid_to > start]

    def notams(self, airport: str) -> Rows[Notam]:
        """Every notice about an airport, in force or not."""
        return _stated(t.NOTAMS, self._query("notams", t.NOTAMS, airport))

    # Crew

    def crew_of_flight(self, flight_id: str, role: CrewRole | None = None) -> list[CrewAssignment]:
        """The crew rostered on a flight, all of them or those in one role."""
        condition = None if role is None else Between(role, role)
        return self._query("crew_of_flight", t.CREW_ROSTER, flight_id, "flight-crew", condition)

    def crew_members(self, crew_ids: Iterable[str]) -> list[CrewMember]:
        """Those of the crew members that the table holds."""
        return self._batch("crew_members", t.CREW_MEMBERS, ({"crew_id": id_} for id_ in crew_ids))

    def crew_based_at(self, base: str, role: CrewRole) -> list[CrewMember]:
        """The crew members of a role who are based at an airport."""
        return self._query("crew_based_at", t.CREW_MEMBERS, base, "base-role", Between(role, role))

    def duties(self, crew_id: str, start: datetime, end: datetime) -> list[CrewAssignment]:
        """The sectors of a crew member's duties that report in the period."""
        return self._period("duties", t.CREW_ROSTER, crew_id, None, start, end)

    def reserves(self, base: str) -> list[ReserveCrewMember]:
        """Every crew member on standby or reserve at a base, whenever it is."""
        return self._query("reserves", t.RESERVE_CREW, base)

    # Passengers and their bags

    def passengers(self, passenger_ids: Iterable[str]) -> list[Passenger]:
        """Those of the passengers that the table holds."""
        keys = ({"passenger_id": id_} for id_ in passenger_ids)
        return self._batch("passengers", t.PASSENGERS, keys)

    def bookings_of_flight(self, flight_id: str) -> list[Booking]:
        """The bookings on a flight, one for each passenger."""
        return self._query("bookings_of_flight", t.BOOKINGS, flight_id, "flight-passengers")

    def bookings_of_pnr(self, pnr: str, segment: int | None = None) -> list[Booking]:
        """The segments of a PNR for each of its passengers, all of them or one segment."""
        condition = None if segment is None else BeginsWith(f"{segment}#")
        return self._query("bookings_of_pnr", t.BOOKINGS, pnr, None, condition)

    def bags_of_flight(self, flight_id: str) -> list[Bag]:
        """The checked bags on a flight."""
        return self._query("bags_of_flight", t.BAGGAGE, flight_id, "flight-bags")

    def minimum_connections(self, airport: str) -> list[MinimumConnectionTime]:
        """Every minimum connection time published for an airport, in force or not."""
        return self._query("minimum_connections", t.MINIMUM_CONNECTION_TIMES, airport)

    def partner_flights(
        self, origin: str, destination: str, start: datetime, end: datetime
    ) -> list[PartnerFlight]:
        """The partners' flights on a route with a scheduled departure in the period."""
        return self._period("partner_flights", t.PARTNER_FLIGHTS, f"{origin}-{destination}", None, start, end)

    # Cargo

    def cargo_of_flight(self, flight_id: str) -> list[CargoAssignment]:
        """The shipments planned or loaded on a flight."""
        return self._query("cargo_of_flight", t.CARGO_FLIGHT_ASSIGNMENTS, flight_id)

    def flights_of_shipment(self, awb: str) -> list[CargoAssignment]:
        """The flights that a shipment is planned or loaded on."""
        return self._query("flights_of_shipment", t.CARGO_FLIGHT_ASSIGNMENTS, awb, "awb-flights")

    def shipments(self, awbs: Iterable[str]) -> list[CargoShipment]:
        """Those of the shipments that the table holds."""
        return self._batch("shipments", t.CARGO_SHIPMENTS, ({"awb": awb} for awb in awbs))

    def cold_stores(self, airport: str) -> list[ColdChainFacility]:
        """The temperature-controlled stores of an airport."""
        return self._query("cold_stores", t.COLD_CHAIN_FACILITIES, airport)

    # Cost

    def costs(self, category: str) -> list[CostParameter]:
        """Every rate of a category, in force or not."""
        return self._query("costs", t.COST_PARAMETERS, category)

    def _get(self, name: str, table: RecordTable[R], key: Key) -> R | None:
        self.log.record(name, table.name, None, "get")
        return next(iter(self._sound(table, lambda: [self._tables.get(table, key)])), None)

    def _batch(self, name: str, table: RecordTable[R], keys: Iterable[Key]) -> list[R]:
        wanted = list(keys)
        if not wanted:
            return []
        self.log.record(name, table.name, None, "batch_get")
        return self._sound(table, lambda: self._tables.batch_get(table, wanted))

    def _query(
        self,
        name: str,
        table: RecordTable[R],
        partition: str,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        self.log.record(name, table.name, index, "query")
        return self._sound(table, lambda: self._tables.query(table, partition, index=index, sort=sort))

    def _sound(self, table: RecordTable[R], ask: Callable[[], Sequence[R | None]]) -> list[R]:
        """Return the rows asked for without those that are malformed, which are kept by their words."""
        try:
            rows = ask()
        except MalformedRowError as error:
            for one in (error, *error.others):
                self.malformed[str(one)] = one
            rows = cast("Sequence[R]", error.readable)
        sound: list[R] = []
        for row in rows:
            wrong = None if row is None else violation(row)
            if row is None:
                continue
            if wrong is None:
                sound.append(row)
                continue
            field, value, expected = wrong
            wrong_row = MalformedRowError(
                table=table.name,
                key=table.key_of(row),
                field=field,
                problem=f"{value!r} is not valid; expected {expected}",
                row={name: getattr(row, name) for name in _OWNERS if hasattr(row, name)},
            )
            self.malformed[str(wrong_row)] = wrong_row
        return sound

    def _period(
        self,
        name: str,
        table: RecordTable[R],
        partition: str,
        index: str | None,
        start: datetime,
        end: datetime,
    ) -> list[R]:
        low, high = t.instant_text(start), t.instant_text(end)
        sort_name = table.key_names(index)[1]
        if sort_name is None:
            raise TypeError(f"{table.name} has no sort key to range over")
        found = self._query(name, table, partition, index, Between(low, high))
        return [record for record in found if t.key_text(getattr(record, sort_name)) < high]


def _stated(table: RecordTable[R], found: Iterable[R]) -> Rows[R]:
    """Return the rows without the statements among them, and the latest of those."""
    rows = list(found)
    statements = [row for row in rows if isinstance(row, NoneAsOf)]
    return Rows(
        (row for row in rows if not isinstance(row, NoneAsOf)),
        none_as_of=max((one.as_of for one in statements), default=None),
        holds=STATEMENT_HOLDS[table.name],
    )
