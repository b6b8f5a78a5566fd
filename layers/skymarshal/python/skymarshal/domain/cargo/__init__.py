"""Cargo: temperature, air waybills, dangerous goods, live animals."""

from __future__ import annotations

from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.cargo.awb import AwbCheck, awb_check_digit, check_awb
from skymarshal.domain.cargo.items import LoadItem
from skymarshal.domain.cargo.loading import (
    AircraftUse,
    LoadingReview,
    OffloadDecision,
    check_offload,
    review_loading,
)
from skymarshal.domain.cargo.segregation import (
    LITHIUM_BATTERIES,
    SEGREGATION_CODES,
    SegregationCheck,
    check_segregation,
    must_be_apart,
)
from skymarshal.domain.cargo.temperature import (
    TEMPERATURE_CODES,
    PharmaCodes,
    TemperatureCheck,
    TemperatureRange,
    TemperatureSource,
    check_pharma_codes,
    check_temperature,
    temperature_range,
    temperature_source,
)

__all__ = [
    "CARGO_ARTICLES",
    "LITHIUM_BATTERIES",
    "SEGREGATION_CODES",
    "TEMPERATURE_CODES",
    "AircraftUse",
    "AwbCheck",
    "LoadItem",
    "LoadingReview",
    "OffloadDecision",
    "PharmaCodes",
    "SegregationCheck",
    "TemperatureCheck",
    "TemperatureRange",
    "TemperatureSource",
    "awb_check_digit",
    "check_awb",
    "check_offload",
    "check_pharma_codes",
    "check_segregation",
    "check_temperature",
    "must_be_apart",
    "review_loading",
    "temperature_range",
    "temperature_source",
]
