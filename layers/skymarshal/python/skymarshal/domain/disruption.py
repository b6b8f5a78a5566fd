"""The disruption: what broke the day, as reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

__all__ = [
    "Disruption",
    "DisruptionDetails",
    "DisruptionType",
    "Position",
    "RepairEstimate",
    "ReportedAlternate",
]


class DisruptionType(StrEnum):
    """Kinds of disruption that an event may report."""

    TECHNICAL = "technical"
    CREW = "crew"
    WEATHER = "weather"
    AIRPORT_CLOSURE = "airport_closure"
    CURFEW_SLOT = "curfew_slot"
    LATE_INBOUND = "late_inbound"
    ATC = "atc"
    DIVERSION = "diversion"
    SECURITY = "security"
    STRIKE = "strike"
    MEDICAL = "medical"
    BIRD_STRIKE = "bird_strike"
    GROUND_DAMAGE = "ground_damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairEstimate:
    """Hands-on time to return the tail to service: least, most likely and most."""

    least: timedelta
    likely: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAlternate:
    """What the reporter knows of an airport at which the flight could land, and no table holds.

    A diversion there is offered only if every field is given and none stands against it.

    Attributes:
        airport: IATA code.
        runway_suits: whether its runway takes the type.
        traffic_rights: whether the flight may land there and go on.
        handling_start: from when customs and ground handling are confirmed, with a slot where the airport
            asks for one.
        handling_end: until when they are.
        charges_usd: what landing, parking and handling cost there in US dollars.
    """

    airport: str
    runway_suits: bool | None = None
    traffic_rights: bool | None = None
    handling_start: datetime | None = None
    handling_end: datetime | None = None
    charges_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a flight under way is, in degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionDetails:
    """What the reporter knows besides; every field may be missing.

    Attributes:
        ata: ATA chapter of a technical fault, such as "29" for hydraulics.
        repair: the reporter's estimate of the repair.
        delay: the departure delay that is already certain (a late inbound, a slot).
        unavailable_crew: ids of crew members who cannot operate.
        inbound_flight_id: the flight that comes in late.
        window_start: from when an airport or an airspace is limited.
        window_end: until when.
        alternates: airports at which the flight could land instead of its destination.
        position: where the flight is, if it is under way.
        endurance: how long its fuel lasts from the report on, without the final reserve.
        cause: what caused it, by a code of passenger rights such as "airport_refuelling_failure".
        delay_codes: IATA delay codes (AHM 730) of the delay, two digits each.
        exemptions: airports that have granted the flight an exemption from their night restriction for the
            movement to come.
    """

    ata: str | None = None
    repair: RepairEstimate | None = None
    delay: timedelta | None = None
    unavailable_crew: tuple[str, ...] = ()
    inbound_flight_id: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    alternates: tuple[ReportedAlternate, ...] = ()
    position: Position | None = None
    endurance: timedelta | None = None
    cause: str | None = None
    delay_codes: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disruption:
    """A disruption of one flight, as accepted at intake.

    `reported_at` is the instant at which everything is decided: the only "now" that agents and
    the arbitrator know. `description` is text from outside: data, never instructions.
    """

    disruption_id: str
    type: DisruptionType
    flight_id: str
    reported_at: datetime
    airport: str | None = None
    description: str = ""
    details: DisruptionDetails = field(default_factory=DisruptionDetails)
