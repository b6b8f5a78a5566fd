"""Until when a crew member's rating, medical and recency hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.operations.records import CrewMember, Flight

__all__ = ["CARRIED", "FLIGHT_DECK", "RATING_OF_TYPE", "Validity", "rated_until", "validity_limit"]


FLIGHT_DECK: Final = ("captain", "first_officer")


RATING_OF_TYPE: Final[Mapping[str, str]] = {
    "A318": "A320",
    "A319": "A320",
    "A320": "A320",
    "A321": "A320",
    "A20N": "A320",
    "A21N": "A320",
    "A332": "A330",
    "A333": "A330",
    "A359": "A350",
    "A35K": "A350",
    "B77L": "B777",
    "B77W": "B777",
    "B77F": "B777",
    "B788": "B787",
    "B789": "B787",
    "B78X": "B787",
}
"""The type rating that covers an ICAO type; a type that is not here is its own rating."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """How long a crew member's papers hold for a flight. `out` says which have already lapsed."""

    at: datetime | None
    driver: str
    article: str
    out: tuple[str, ...]
    unknowns: tuple[Unknown, ...]
    evidence: tuple[Evidence, ...]


CARRIED: Final = Validity(at=None, driver="", article="", out=(), unknowns=(), evidence=())
"""Of a crew member who is a passenger on the flight: no papers are asked for."""


def validity_limit(member: CrewMember, flight: Flight, role: str) -> Validity:
    """Return the last off-block at which rating, medical and recency still hold until the landing."""
    until = rated_until(member, flight.aircraft_type)
    out: list[str] = []
    unknowns: list[Unknown] = []
    held: list[tuple[datetime, str, str]] = []
    evidence: list[Evidence] = []

    def hold(field: str, name: str, article: str, instant: datetime) -> None:
        value = instant_value(instant)
        evidence.append(Evidence(table="CrewMembers", key=member.crew_id, field=field, value=value))
        if instant < flight.sta:
            out.append(f"{member.crew_id}: {name} lapses at {value}, before the landing")
        else:
            held.append((instant - flight.block, f"{name} until {value}", article))

    if until is None:
        out.append(f"{member.crew_id} holds no rating on {flight.aircraft_type}")
        rated = ", ".join(one.aircraft_type for one in member.ratings) or "none"
        evidence.append(Evidence(table="CrewMembers", key=member.crew_id, field="ratings", value=rated))
    else:
        hold("ratings", f"rating on {flight.aircraft_type}", "ORO.FC.100", until)
    hold("medical_valid_until", "medical", "MED.A.030", member.medical_valid_until)
    if role in FLIGHT_DECK:
        if member.recency_until is None:
            why = f"{member.crew_id} has no recency on record."
            unknowns.append(Unknown(table="CrewMembers", key=member.crew_id, field="recency_until", why=why))
        else:
            hold("recency_until", "recency", "FCL.060(b)", member.recency_until)
    first = min(held, default=None)
    return Validity(
        at=None if first is None else first[0],
        driver="" if first is None else first[1],
        article="" if first is None else first[2],
        out=tuple(out),
        unknowns=tuple(unknowns),
        evidence=tuple(evidence),
    )


def rated_until(member: CrewMember, aircraft_type: str) -> datetime | None:
    """Return until when a crew member may operate a type, or None without a rating that covers it."""
    rating = RATING_OF_TYPE.get(aircraft_type, aircraft_type)
    covering = [
        one.valid_until
        for one in member.ratings
        if one.aircraft_type in (aircraft_type, rating)
        or RATING_OF_TYPE.get(one.aircraft_type, one.aircraft_type) == rating
    ]
    return max(covering, default=None)
