"""Which onward connections a later arrival breaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.assessment import Curve, Evidence, Unknown
from skymarshal.operations import Operations
from skymarshal.operations.records import Booking, Flight, MinimumConnectionTime, Segment

__all__ = [
    "Connection",
    "ConnectionFacts",
    "MissedConnections",
    "connection_facts",
    "load_connection_facts",
    "minimum_connection",
    "missed_by_delay",
    "missed_connections",
]

_CURVE_HORIZON: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One passenger who changes from the flight to `onward`.

    `departs` and `arrives` are the expected times of the onward flight and `taxi` how long it rolls at either
    end, None where that is not known. `minimum` is None where no minimum connection time is published: then
    it is unknown whether the connection holds. `stopped` says whether a closure stops what is left of the
    journey; None where that is unknown.
    """

    booking: Booking
    onward: Segment
    departs: datetime
    arrives: datetime
    minimum: timedelta | None
    taxi: timedelta | None = None
    stopped: bool | None = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def latest_on_block(self) -> datetime | None:
        """The latest arrival that still makes the connection."""
        return None if self.minimum is None else self.departs - self.minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFacts:
    """The onward connections of everyone on a flight; `onward` has one for each onward flight."""

    flight: Flight
    connections: tuple[Connection, ...]
    onward: Mapping[str, Connection]
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedConnections:
    """What an arrival does to the connections; `unknown` are those without a minimum connection time."""

    total: int
    missed: tuple[Connection, ...]
    unknown: tuple[Connection, ...]

    @property
    def share(self) -> float:
        """The missed connections as a share of all, 0 where nobody connects."""
        return len(self.missed) / self.total if self.total else 0.0


def load_connection_facts(
    operations: Operations, flight: Flight, bookings: Sequence[Booking] | None = None
) -> ConnectionFacts:
    """Read the onward connections of a flight: at most two accesses in sequence."""
    if bookings is None:
        bookings = operations.bookings_of_flight(flight.flight_id)
    onward_ids = sorted({onward.flight_id for booking in bookings if (onward := booking.onward) is not None})
    onward_flights, minimums = operations.gather(
        lambda: operations.flights(onward_ids),
        lambda: operations.minimum_connections(flight.destination),
    )
    return connection_facts(flight, bookings, onward_flights, minimums)


def connection_facts(
    flight: Flight,
    bookings: Iterable[Booking],
    onward_flights: Iterable[Flight],
    minimums: Sequence[MinimumConnectionTime],
) -> ConnectionFacts:
    """Put together the onward connections of a flight from rows.

    `minimums` are the rows of the flight's destination, `onward_flights` the airline's own flights
    among the onward segments; a partner's flight is expected as it was sold.
    """
    own = {onward.flight_id: onward for onward in onward_flights}
    connections: list[Connection] = []
    missing: set[str] = set()
    for booking in bookings:
        onward = booking.onward
        if onward is None or not booking.single_ticket:
            continue
        leg = own.get(onward.flight_id)
        row = minimum_connection(
            minimums,
            on=onward.std.date(),
            carrier_from=flight.carrier,
            carrier_to=onward.carrier,
            terminal_to=leg.terminal if leg else None,
        )
        if row is None:
            missing.add(f"{flight.destination} {flight.carrier}-{onward.carrier}")
        connections.append(
            Connection(
                booking=booking,
                onward=onward,
                departs=(leg.etd or leg.std) if leg else onward.std,
                arrives=(leg.eta or leg.sta) if leg else onward.sta,
                taxi=leg.taxi if leg else None,
                minimum=None if row is None else timedelta(minutes=row.minutes),
                evidence=() if row is None else (_minimum_evidence(row),),
            )
        )
    unknowns = tuple(
        Unknown(
            table="MinimumConnectionTimes",
            key=key,
            field="minutes",
            why="no minimum connection time is published: whether these connections hold is unknown",
        )
        for key in sorted(missing)
    )
    return ConnectionFacts(
        flight=flight,
        connections=tuple(connections),
        onward={connection.onward.flight_id: connection for connection in connections},
        unknowns=unknowns,
    )


def minimum_connection(
    rows: Iterable[MinimumConnectionTime],
    *,
    on: date,
    carrier_from: str,
    carrier_to: str,
    terminal_from: str | None = None,
    terminal_to: str | None = None,
) -> MinimumConnectionTime | None:
    """Return the published row that governs a connection, or None.

    The row that names most of the carriers and terminals governs; among equals the longest. A
    terminal that is not known may be any, so every row about one still applies.
    """
    applicable = [
        row
        for row in rows
        if row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
        and row.carrier_from in (None, carrier_from)
        and row.carrier_to in (None, carrier_to)
        and (terminal_from is None or row.terminal_from in (None, terminal_from))
        and (terminal_to is None or row.terminal_to in (None, terminal_to))
    ]
    return max(applicable, key=_specificity, default=None)


def missed_connections(
    facts: ConnectionFacts, on_block: datetime, departures: Mapping[str, datetime] | None = None
) -> MissedConnections:
    """Return the connections that an arrival at `on_block` misses.

    `departures` gives the new departure of onward flights that are themselves moved, by flight id. A
    connection to a flight that a closure stops is missed whenever one arrives.
    """
    departures = departures or {}
    missed: list[Connection] = []
    unknown: list[Connection] = []
    for connection in facts.connections:
        departs = departures.get(connection.onward.flight_id, connection.departs)
        if connection.stopped or on_block >= departs:
            missed.append(connection)
        elif connection.minimum is None or connection.stopped is None:
            unknown.append(connection)
        elif on_block + connection.minimum > departs:
            missed.append(connection)
    return MissedConnections(total=len(facts.connections), missed=tuple(missed), unknown=tuple(unknown))


def missed_by_delay(facts: ConnectionFacts) -> Curve:
    """Return the missed connections by minute of departure delay, a point where the number changes.

    The block time is kept. Connections without a minimum count from when their flight has left.
    """
    breaks: dict[int, int] = {}
    for connection in facts.connections:
        latest = connection.latest_on_block
        slack = (connection.departs if latest is None else latest) - facts.flight.sta
        if connection.stopped:
            slack = -_CURVE_HORIZON
        if slack >= _CURVE_HORIZON:
            continue
        minutes = slack / timedelta(minutes=1)
        first_missed = math.ceil(minutes) if latest is None else math.floor(minutes) + 1
        first_missed = max(0, first_missed)
        breaks[first_missed] = breaks.get(first_missed, 0) + 1
    missed = breaks.pop(0, 0)
    points = [(0, Decimal(missed))]
    for minute in sorted(breaks):
        missed += breaks[minute]
        points.append((minute, Decimal(missed)))
    return Curve(name="missed_connections", unit="passengers", points=tuple(points))


def _specificity(row: MinimumConnectionTime) -> tuple[int, int]:
    named = (row.carrier_from, row.carrier_to, row.terminal_from, row.terminal_to)
    return sum(value is not None for value in named), row.minutes


def _minimum_evidence(row: MinimumConnectionTime) -> Evidence:
    return Evidence(
        table="MinimumConnectionTimes",
        key=f"{row.airport}/{row.connection_type}",
        field="minutes",
        value=str(row.minutes),
    )
