"""What the airline owes the passengers of a disrupted flight: care, compensation, refunds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from skymarshal.calculators.passengers import PassengerFacts
from skymarshal.calculators.reprotection import PassengerOutcome, Reprotection
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption

__all__ = ["Due", "Owed", "owed"]

FIRST_MEAL_AFTER: Final = timedelta(hours=2)
MEAL_EVERY: Final = timedelta(hours=5)
HOTEL_AFTER: Final = timedelta(hours=6)
"""A wait into another local day is slept in a hotel when it is at least this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An amount in the currency of its regime, summed over `passengers`.

    `low` and `high` differ where it is open whether it is due: whether the circumstances were
    extraordinary, or when a passenger arrives.
    """

    regime: str
    currency: str
    low: Decimal
    likely: Decimal
    high: Decimal
    passengers: int
    basis: str
    articles: tuple[str, ...] = ()
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Care, compensation and refunds under one candidate.

    Attributes:
        meals: meals and refreshments, one for each passenger and period of waiting.
        hotel_nights: nights in a hotel.
        compensation: fixed compensation by regime and currency.
        refunds: fares to be paid back by currency.
        refund_offers: how many may choose their money back instead of travelling.
        unknowns: what was missing.
    """

    meals: int = 0
    hotel_nights: int = 0
    compensation: tuple[Due, ...] = ()
    refunds: tuple[Due, ...] = ()
    refund_offers: int = 0
    unknowns: tuple[Unknown, ...] = ()


def owed(
    facts: PassengerFacts, candidate: Candidate, reprotection: Reprotection, disruption: Disruption
) -> Owed:
    """Return what falls due under `candidate` when passengers fare as in `reprotection`.

    Care is given to everyone who waits, whether or not a regime asks for it.
    """
    meals, nights, unknowns = _care(facts, reprotection.outcomes)
    return Owed(meals=meals, hotel_nights=nights, unknowns=tuple(dict.fromkeys(unknowns)))


def _care(facts: PassengerFacts, outcomes: Iterable[PassengerOutcome]) -> tuple[int, int, list[Unknown]]:
    meals, nights = 0, 0
    unknowns: list[Unknown] = []
    for outcome in outcomes:
        wait, departs = outcome.wait, outcome.departs
        if wait is None or departs is None or wait < FIRST_MEAL_AFTER:
            continue
        meals += 1 + (wait - FIRST_MEAL_AFTER) // MEAL_EVERY
        airport = facts.airports.get(outcome.waits_at)
        if airport is None:
            unknowns.append(
                Unknown(
                    table="Airports",
                    key=outcome.waits_at,
                    field="zone",
                    why="without the local time it is unknown who needs a hotel",
                )
            )
        elif wait >= HOTEL_AFTER:
            zone = ZoneInfo(airport.zone)
            nights += (departs.astimezone(zone).date() - outcome.waits_from.astimezone(zone).date()).days
    return meals, nights, unknowns
