"""The other flights that a closure takes away from passengers and shipments.

An airport that is closed is closed to every flight: to the airline's others and to its partners' as well. It
takes neither a take-off or landing nor an aircraft that taxies, as for the disrupted flight itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from skymarshal.calculators.connections import Connection, ConnectionFacts
from skymarshal.calculators.passengers import Alternative, PassengerFacts
from skymarshal.calculators.runways import without_runway
from skymarshal.calculators.shipments import CargoAlternative, CargoFacts
from skymarshal.domain.assessment import Unknown, Window
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations.records import Airport, Flight, Notam
from skymarshal.operations.statements import Rows

__all__ = ["Closures", "noticed_closures", "reported_closures"]

_SHUTS: Final = (
    DisruptionType.AIRPORT_CLOSURE,
    DisruptionType.SECURITY,
    DisruptionType.STRIKE,
    DisruptionType.WEATHER,
    DisruptionType.ATC,
)
"""What a report of these says of an airport it says of every flight there."""

_NO_END: Final = datetime.max.replace(tzinfo=UTC)

_TAXI: Final = timedelta(minutes=20)
"""How long a flight rolls whose flight time is not known: as at a large airport in a busy hour."""


@dataclass(frozen=True, slots=True)
class Closures:
    """When airports take no movement, by code, and those of which it is not known.

    `doubtful` is when an airport may have no runway. `notices` are what the table says of each airport that
    was looked at; where it is silent nothing is moved to a flight.
    """

    shut: Mapping[str, tuple[Window, ...]]
    notices: Mapping[str, Rows[Notam]] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)

    def __or__(self, other: Closures) -> Closures:
        """Return both together."""
        return Closures(
            _together(self.shut, other.shut),
            {**self.notices, **other.notices},
            _together(self.doubtful, other.doubtful),
        )

    def closed(self, airport: str, first: datetime, last: datetime | None = None) -> bool | None:
        """Return whether the airport is closed at some time from `first` to `last`; None if not known."""
        end = last or first

        def meet(windows: Mapping[str, tuple[Window, ...]]) -> bool:
            return any(first < one.end and end >= one.start for one in windows.get(airport, ()))

        if meet(self.shut):
            return True
        silent = airport in self.notices and not self.notices[airport].speak(first)
        return None if silent or meet(self.doubtful) else False

    def for_connections(self, facts: ConnectionFacts) -> ConnectionFacts:
        """Return the onward connections with those that a closure stops, be it on a later flight."""
        if not self.shut and not self.notices:
            return facts
        found = tuple(replace(one, stopped=self._stops(one)) for one in facts.connections)
        return replace(facts, connections=found, onward={one.onward.flight_id: one for one in found})

    def for_passengers(self, facts: PassengerFacts) -> PassengerFacts:
        """Return the facts without the other flights that would leave or land in a closure."""
        if not self.shut and not self.notices:
            return facts
        left = {
            route: tuple(one for one in found if self._flies(one, *route))
            for route, found in facts.alternatives.items()
        }
        silent = tuple(
            Unknown(
                table="Notams",
                key=code,
                field="effect",
                why="whether a notice closes the airport is not known, so nobody is moved to a flight there",
            )
            for code, notices in self.notices.items()
            if not notices.speak(facts.flight.std)
        )
        return replace(
            facts,
            alternatives={route: found for route, found in left.items() if found},
            connections=self.for_connections(facts.connections),
            unknowns=(*facts.unknowns, *silent),
        )

    def for_shipments(self, facts: CargoFacts) -> CargoFacts:
        """Return the facts without the other flights that would leave or land in a closure."""
        if facts.alternatives is None:
            return facts
        origin, destination = facts.flight.origin, facts.flight.destination
        left = (one for one in facts.alternatives if self._flies(one, origin, destination))
        return replace(facts, alternatives=tuple(left))

    def _flies(self, one: Alternative | CargoAlternative, origin: str, destination: str) -> bool:
        return self._stopped(origin, one.departs, destination, one.arrives, one.taxi) is False

    def _stops(self, connection: Connection) -> bool | None:
        onward, booking = connection.onward, connection.booking
        found = [
            self._stopped(
                onward.origin, connection.departs, onward.destination, connection.arrives, connection.taxi
            )
        ]
        found += [
            self._stopped(one.origin, one.std, one.destination, one.sta, None)
            for one in booking.segments[booking.segment + 1 :]
        ]
        return True if True in found else None if None in found else False

    def _stopped(
        self, origin: str, departs: datetime, destination: str, arrives: datetime, taxi: timedelta | None
    ) -> bool | None:
        """Return whether a closure keeps a flight from leaving or landing; None if not known."""
        rolls = _TAXI if taxi is None else taxi
        found = (
            self.closed(origin, departs, departs + rolls),
            self.closed(destination, arrives - rolls, arrives),
        )
        return True if True in found else None if None in found else False


def _together(
    one: Mapping[str, tuple[Window, ...]], other: Mapping[str, tuple[Window, ...]]
) -> dict[str, tuple[Window, ...]]:
    return {code: (*one.get(code, ()), *other.get(code, ())) for code in sorted(one.keys() | other.keys())}


def reported_closures(disruption: Disruption, flight: Flight) -> Closures:
    """Return what the disruption itself reports shut: without an end, it is not known to open again."""
    details = disruption.details
    told = details.window_start is not None or details.window_end is not None
    shuts = disruption.type in _SHUTS and (told or disruption.type is DisruptionType.AIRPORT_CLOSURE)
    if not shuts:
        return Closures({})
    start = details.window_start or disruption.reported_at
    end = details.window_end or _NO_END
    if end <= start:
        return Closures({})
    return Closures({disruption.airport or flight.origin: (Window(start=start, end=end),)})


def noticed_closures(notices: Mapping[str, Rows[Notam]], airports: Mapping[str, Airport]) -> Closures:
    """Return when notices close airports or all their runways, from what the table says of each.

    How many runways there are stands in `airports`; where it does not, one that is closed leaves it unknown
    whether another is left.
    """
    shut: dict[str, tuple[Window, ...]] = {}
    doubtful: dict[str, tuple[Window, ...]] = {}
    for code, found in notices.items():
        none, unknown = without_runway(airports.get(code), found)
        closing = (one for one in found if one.effect == "airport_closed")
        shut[code] = (*(Window(start=one.valid_from, end=one.valid_to) for one in closing), *none)
        doubtful[code] = unknown
    return Closures(shut, notices, doubtful)
