"""Intake: a structured event or a free text becomes a disruption, or is refused by name."""

from __future__ import annotations

from skymarshal.intake.errors import AmbiguousDisruption, InvalidDisruption
from skymarshal.intake.events import CLOCK_SKEW, SAMPLE_AHEAD, check_event, parse_event
from skymarshal.intake.flights import FlightLookup

__all__ = [
    "CLOCK_SKEW",
    "SAMPLE_AHEAD",
    "AmbiguousDisruption",
    "FlightLookup",
    "InvalidDisruption",
    "check_event",
    "parse_event",
]
