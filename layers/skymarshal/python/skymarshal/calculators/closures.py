"""The other flights that a closure takes away from passengers and shipments.

An airport that is closed is closed to every flight: to the airline's others and to its partners' as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from skymarshal.calculators.passengers import Alternative, PassengerFacts
from skymarshal.calculators.shipments import CargoAlternative, CargoFacts
from skymarshal.domain.assessment import Unknown, Window
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations.records import Flight, Notam
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


@dataclass(frozen=True, slots=True)
class Closures:
    """When airports take no movement, by code, and those of which it is not known.

    `notices` are what the table says of each airport that was looked at; where it is silent nothing is moved
    to a flight.
    """

    shut: Mapping[str, tuple[Window, ...]]
    notices: Mapping[str, Rows[Notam]] = field(default_factory=dict)

    def __or__(self, other: Closures) -> Closures:
        """Return both together."""
        codes = self.shut.keys() | other.shut.keys()
        shut = {one: (*self.shut.get(one, ()), *other.shut.get(one, ())) for one in sorted(codes)}
        return Closures(shut, {**self.notices, **other.notices})

    def closed(self, airport: str, at: datetime) -> bool:
        """Return whether the airport is closed at an instant, or not known to be open."""
        if airport in self.notices and not self.notices[airport].speak(at):
            return True
        return any(window.holds(at) for window in self.shut.get(airport, ()))

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
        return not self.closed(origin, one.departs) and not self.closed(destination, one.arrives)


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


def noticed_closures(notices: Mapping[str, Rows[Notam]]) -> Closures:
    """Return when notices close airports, from what the table says of each."""
    shut = {
        airport: tuple(
            Window(start=one.valid_from, end=one.valid_to) for one in found if one.effect == "airport_closed"
        )
        for airport, found in notices.items()
    }
    return Closures(shut, notices)
