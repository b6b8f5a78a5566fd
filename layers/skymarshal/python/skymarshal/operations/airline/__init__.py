"""The sample airline: generated from a seed around a day, physically possible, and checked to be so."""

from __future__ import annotations

from skymarshal.operations.airline.checker import check, require_possible
from skymarshal.operations.airline.events import SCENARIOS, scenario_event
from skymarshal.operations.airline.generator import SIZES, Size, generate
from skymarshal.operations.airline.violations import Fault, Violation

__all__ = [
    "SCENARIOS",
    "SIZES",
    "Fault",
    "Size",
    "Violation",
    "check",
    "generate",
    "require_possible",
    "scenario_event",
]
