"""Which flights make a journey that people would book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final

from skymarshal.operations.airline.connections import minimum_connection
from skymarshal.operations.airline.world import AIRPORTS, CARRIER, HUB
from skymarshal.operations.records import Flight, PartnerFlight, Segment

__all__ = ["connects", "partner_segments", "segment_of"]

_LONGEST_CONNECTION: Final = timedelta(hours=5)
_REGION_OF_ZONE: Final = {
    "Europe": "europe",
    "America": "america",
    "Australia": "far_east",
    "Africa": "africa",
    "Indian": "subcontinent",
}
_SUBCONTINENT: Final = frozenset({"IN", "PK", "LK", "BD", "NP", "MV"})
_MIDDLE_EAST: Final = frozenset({"AE", "SA", "KW", "BH", "QA", "OM", "JO", "LB", "EG"})
_BACKTRACKS: Final = frozenset({frozenset({"europe", "america"}), frozenset({"far_east", "subcontinent"})})


def segment_of(flight: Flight) -> Segment:
    """Return the flight as a segment of a journey."""
    return Segment(
        flight_id=flight.flight_id,
        carrier=flight.carrier,
        origin=flight.origin,
        destination=flight.destination,
        std=flight.std,
        sta=flight.sta,
    )


def connects(inbound: Flight, outbound: Flight) -> bool:
    """Return whether a journey would go on with `outbound` from the hub after `inbound`."""
    ready = inbound.sta + minimum_connection(HUB, CARRIER, outbound.terminal)
    in_time = ready <= outbound.std <= inbound.sta + _LONGEST_CONNECTION
    return in_time and _sensible(inbound.origin, outbound.destination)


def partner_segments(flight: Flight, partners: Sequence[PartnerFlight]) -> Iterator[Segment]:
    """Yield those of the partners' flights that a journey could go on with after `flight`."""
    for partner in partners:
        earliest = flight.sta + minimum_connection(flight.destination, partner.carrier, None)
        if earliest <= partner.std <= flight.sta + _LONGEST_CONNECTION:
            origin, destination = partner.route.split("-")
            yield Segment(
                flight_id=f"{partner.flight_number}-{partner.std.date().isoformat()}",
                carrier=partner.carrier,
                origin=origin,
                destination=destination,
                std=partner.std,
                sta=partner.sta,
            )


@lru_cache(maxsize=256)
def _region(airport: str) -> str:
    row = AIRPORTS[airport]
    if row.country in _SUBCONTINENT:
        return "subcontinent"
    if row.country in _MIDDLE_EAST:
        return "middle_east"
    return _REGION_OF_ZONE.get(row.zone.split("/")[0], "far_east")


@lru_cache(maxsize=4096)
def _sensible(origin: str, destination: str) -> bool:
    """Whether a journey between two airports over the hub is one that people would book."""
    regions = frozenset({_region(origin), _region(destination)})
    return len(regions) == 2 and regions not in _BACKTRACKS
