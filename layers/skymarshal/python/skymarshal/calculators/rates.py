"""The dated cost rates and exchange rates of the table CostParameters, and what each is called there.

| category | name | unit |
|---|---|---|
| fx | `EUR-USD` | US dollars for one unit |
| aircraft | `ground_minute#B789` | per minute of delay at the gate, without fuel and crew |
| aircraft | `reactionary_minute#B789` | per minute of delay of a later flight, all in |
| aircraft | `cancelled_flight#B789` | per later flight cancelled, all in |
| aircraft | `tail_swap` | per change of tail |
| fuel | `fuel_per_block_hour#B789` | per block hour |
| crew | `crew_per_duty_hour#B789` | per hour of a whole crew |
| crew | `reserve_call_out` | per crew member called from reserve |
| care | `meal`, `hotel_night` | per passenger |
| reprotection | `partner_seat_km#economy` | per passenger and kilometre |
| reprotection | `rebooking` | per passenger rebooked |
| cargo | `rebooking_kg` | per kilogram |
| cargo | `cold_store_kg` | per kilogram and day |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.operations import Operations
from skymarshal.operations.records import CostParameter

__all__ = ["COST_CATEGORIES", "Rate", "RateTable", "load_rates", "rate_table"]

COST_CATEGORIES: Final = ("aircraft", "care", "cargo", "crew", "fuel", "fx", "reprotection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate as a range. A published one has no width; `likely` is None where only its bounds are known."""

    low: Decimal
    likely: Decimal | None
    high: Decimal
    currency: str
    evidence: tuple[Evidence, ...]
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTable:
    """The rates in force on `on`, by category and name."""

    on: date
    rows: Mapping[tuple[str, str], CostParameter]

    def rate(self, category: str, name: str) -> Rate | None:
        """Return a rate.

        Where the rate of one aircraft type or cabin (`name#B789`) is missing, the range of the others
        under that name in the same currency bounds it and its likely value is unknown. None where
        nothing bounds it.
        """
        row = self.rows.get((category, name))
        if row is not None:
            return Rate(
                low=row.value,
                likely=row.value,
                high=row.value,
                currency=row.currency,
                evidence=(_evidence(row),),
            )
        stem, separator, _ = name.partition("#")
        siblings = [
            found
            for (other_category, other), found in self.rows.items()
            if separator and other_category == category and other.startswith(stem + separator)
        ]
        if not siblings or len({found.currency for found in siblings}) > 1:
            return None
        lowest = min(siblings, key=lambda found: found.value)
        highest = max(siblings, key=lambda found: found.value)
        return Rate(
            low=lowest.value,
            likely=None,
            high=highest.value,
            currency=lowest.currency,
            evidence=(_evidence(lowest), _evidence(highest)),
            unknown=self.missing(category, name),
        )

    def to_usd(self, amount: Decimal, currency: str) -> Decimal | None:
        """Return an amount in US dollars at the dated rate, None where there is none."""
        if currency == "USD":
            return amount
        row = self.rows.get(("fx", f"{currency}-USD"))
        return None if row is None else amount * row.value

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal | None:
        """Return an amount in another currency over the US dollar, None where a rate is missing."""
        in_usd, one = self.to_usd(amount, source), self.to_usd(Decimal(1), target)
        return None if in_usd is None or one is None else in_usd / one

    def missing(self, category: str, name: str) -> Unknown:
        """Return the fact that a rate is missing on the day."""
        return Unknown(
            table="CostParameters",
            key=f"{category}/{name}",
            field="value",
            why=f"no rate is in force on {self.on.isoformat()}, so what rests on it is not known",
        )


def load_rates(operations: Operations, on: date) -> RateTable:
    """Read the rates in force on a day: one access in sequence."""
    found = operations.gather(*(partial(operations.costs, category) for category in COST_CATEGORIES))
    return rate_table((row for rows in found for row in rows), on)


def rate_table(rows: Iterable[CostParameter], on: date) -> RateTable:
    """Return the rates among `rows` that are in force on a day."""
    return RateTable(
        on=on,
        rows={
            (row.category, row.name): row
            for row in rows
            if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
        },
    )


def _evidence(row: CostParameter) -> Evidence:
    return Evidence(
        table="CostParameters",
        key=f"{row.category}/{row.name}",
        field="value",
        value=f"{row.value} {row.currency} {row.unit}".strip(),
    )
