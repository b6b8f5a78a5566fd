"""The disruption: what broke the day, as reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["Disruption", "DisruptionDetails", "DisruptionType", "RepairEstimate"]


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
    """

    ata: str | None = None
    repair: RepairEstimate | None = None
    delay: timedelta | None = None
    unavailable_crew: tuple[str, ...] = ()
    inbound_flight_id: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None


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
