"""The sample airline: generated from a seed around a day, physically possible, and checked to be so."""

from __future__ import annotations

from skymarshal.operations.airline.events import SCENARIOS, scenario_event
from skymarshal.operations.airline.generator import SIZES, Size, generate

__all__ = ["SCENARIOS", "SIZES", "Size", "generate", "scenario_event"]
