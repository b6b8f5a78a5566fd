"""The dated cost and exchange rates of the sample airline. They are made up to be plausible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from skymarshal.operations.records import CostParameter

__all__ = ["cost_parameters"]

_SOURCE: Final = "sample"

_BY_TYPE: Final = {
    # type: ground minute, reactionary minute, cancelled flight, fuel per block hour, crew per duty hour
    "A320": ("24", "62", "21000", "2300", "610"),
    "A321": ("27", "70", "25000", "2550", "690"),
    "B789": ("46", "118", "68000", "4900", "1280"),
    "B77W": ("58", "146", "92000", "7000", "1560"),
    "A35K": ("55", "140", "88000", "6100", "1560"),
    "B77F": ("52", "128", "74000", "6600", "720"),
}

_RATES: Final = (
    ("aircraft", "tail_swap", "2400", "USD", "per change of tail"),
    ("crew", "reserve_call_out", "260", "USD", "per crew member"),
    ("care", "meal", "16", "USD", "per passenger"),
    ("care", "hotel_night", "145", "USD", "per passenger and night"),
    ("reprotection", "partner_seat_km#economy", "0.085", "USD", "per passenger-kilometre"),
    ("reprotection", "partner_seat_km#business", "0.31", "USD", "per passenger-kilometre"),
    ("reprotection", "partner_seat_km#first", "0.52", "USD", "per passenger-kilometre"),
    ("reprotection", "rebooking", "22", "USD", "per passenger"),
    ("cargo", "rebooking_kg", "0.42", "USD", "per kilogram"),
    ("cargo", "cold_store_kg", "0.18", "USD", "per kilogram and day"),
    ("fx", "EUR-USD", "1.0845", "USD", "US dollars for one euro"),
    ("fx", "GBP-USD", "1.2710", "USD", "US dollars for one pound sterling"),
    ("fx", "AED-USD", "0.2723", "USD", "US dollars for one dirham"),
    ("fx", "XDR-USD", "1.3290", "USD", "US dollars for one special drawing right"),
    ("fx", "CAD-USD", "0.7200", "USD", "US dollars for one Canadian dollar"),
    ("fx", "INR-USD", "0.0117", "USD", "US dollars for one Indian rupee"),
    ("fx", "ILS-USD", "0.2700", "USD", "US dollars for one new shekel"),
)


def cost_parameters(today: date) -> Iterator[CostParameter]:
    """Yield the rates in force in the year of `today`."""
    for type_, (ground, reactionary, cancelled, fuel, crew) in _BY_TYPE.items():
        yield _rate("aircraft", f"ground_minute#{type_}", ground, "USD", "per minute at the gate", today)
        yield _rate("aircraft", f"reactionary_minute#{type_}", reactionary, "USD", "per minute", today)
        yield _rate("aircraft", f"cancelled_flight#{type_}", cancelled, "USD", "per flight", today)
        yield _rate("fuel", f"fuel_per_block_hour#{type_}", fuel, "USD", "per block hour", today)
        yield _rate("crew", f"crew_per_duty_hour#{type_}", crew, "USD", "per hour of a whole crew", today)
    for category, name, value, currency, unit in _RATES:
        yield _rate(category, name, value, currency, unit, today)


def _rate(category: str, name: str, value: str, currency: str, unit: str, today: date) -> CostParameter:
    return CostParameter(
        category=category,
        name=name,
        value=Decimal(value),
        unit=unit,
        currency=currency,
        valid_from=date(today.year - 1, 1, 1),
        valid_to=date(today.year + 1, 12, 31),
        source=_SOURCE,
    )
