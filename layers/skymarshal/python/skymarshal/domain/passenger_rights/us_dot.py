"""Refunds under the rules of the United States Department of Transportation: 14 CFR Part 260."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.times import HOUR, ZERO, format_duration, require_non_negative

__all__ = [
    "US_DOT_ARTICLES",
    "UsBagRefund",
    "UsFareRefund",
    "UsTarmacLimit",
    "us_bag_fee_refund",
    "us_fare_refund",
    "us_tarmac_limit",
]

_PART_260: Final = "14 CFR Part 260"
_IN_FORCE: Final = date(2024, 10, 28)

US_DOT_ARTICLES: Final = {
    "fare": Article(
        regulation=_PART_260,
        article="260.2, 260.6",
        subject="Refund when a flight is cancelled or changed by 3 h domestic, 6 h international",
        status="verified",
        source="public copy of the part; press on the thresholds; day of application from memory",
        valid_from=_IN_FORCE,
    ),
    "bag": Article(
        regulation=_PART_260,
        article="260.2, 260.5",
        subject="Refund of the bag fee after 12 h domestic, 15 or 30 h international",
        status="unverified",
        source="260.5 read in a public copy; the 15 h of 260.2 from memory",
        valid_from=_IN_FORCE,
    ),
    "tarmac": Article(
        regulation="14 CFR Part 259",
        article="259.4(b)",
        subject="Passengers may leave after 3 h on the tarmac, 4 h on international flights; food after 2 h",
        status="verified",
        source="public copy of the part, and foreign carriers' plans made under it",
        valid_from=date(2011, 8, 23),
    ),
}

_LONG_FLIGHT: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsFareRefund(RuleResult):
    """Whether the fare is refunded. There is no fixed compensation."""

    refund_due: bool
    significant_change: bool
    threshold: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class UsBagRefund(RuleResult):
    """Whether the bag fee is refunded."""

    refund_due: bool
    threshold: timedelta


def us_fare_refund(
    *,
    domestic: bool,
    cancelled: bool = False,
    departure_earlier: timedelta = ZERO,
    arrival_later: timedelta = ZERO,
    accepts_alternative: bool = False,
) -> UsFareRefund:
    """Return whether a passenger to, from or within the United States gets the fare back.

    Args:
        domestic: Whether the journey stays within the United States.
        cancelled: Whether the flight was cancelled.
        departure_earlier: By how much departure was brought forward.
        arrival_later: Delay at the final destination.
        accepts_alternative: Whether the passenger takes the changed flight or another offer.

    Raises:
        NegativeDurationError: If a duration is negative.
    """
    require_non_negative("departure_earlier", departure_earlier)
    require_non_negative("arrival_later", arrival_later)
    threshold = HOUR * (3 if domestic else 6)
    significant = cancelled or departure_earlier >= threshold or arrival_later >= threshold
    return UsFareRefund(
        refund_due=significant and not accepts_alternative,
        significant_change=significant,
        threshold=threshold,
        articles=(US_DOT_ARTICLES["fare"],),
        inputs={
            "domestic": domestic,
            "cancelled": cancelled,
            "departure_earlier": departure_earlier,
            "arrival_later": arrival_later,
            "accepts_alternative": accepts_alternative,
        },
        working=(
            f"{'domestic' if domestic else 'international'}: threshold {format_duration(threshold)}; "
            + ("significant" if significant else "not significant")
            + (", alternative accepted" if accepts_alternative else ""),
        ),
    )


def us_bag_fee_refund(
    *, domestic: bool, bag_delay: timedelta, longest_flight: timedelta = ZERO
) -> UsBagRefund:
    """Return whether the fee of a delayed bag is refunded.

    Args:
        domestic: Whether the journey stays within the United States.
        bag_delay: From the opportunity to deplane at the final destination to delivery.
        longest_flight: Longest flight of the journey; above 12 h the international threshold is 30 h.

    Raises:
        NegativeDurationError: If a duration is negative.
    """
    require_non_negative("bag_delay", bag_delay)
    require_non_negative("longest_flight", longest_flight)
    threshold = HOUR * (12 if domestic else 30 if longest_flight > _LONG_FLIGHT else 15)
    return UsBagRefund(
        refund_due=bag_delay > threshold,
        threshold=threshold,
        articles=(US_DOT_ARTICLES["bag"],),
        inputs={"domestic": domestic, "bag_delay": bag_delay, "longest_flight": longest_flight},
        working=(f"bag {format_duration(bag_delay)} late, threshold {format_duration(threshold)}",),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsTarmacLimit(RuleResult):
    """Whether a wait on the tarmac of an airport of the United States keeps its limit."""

    allowed: bool
    limit: timedelta
    food_due: bool


def us_tarmac_limit(*, domestic: bool, wait: timedelta, safety_or_atc: bool = False) -> UsTarmacLimit:
    """Return whether passengers may still be kept on the tarmac of a United States airport.

    Args:
        domestic: Whether the flight stays within the United States.
        wait: With the doors closed before departure, or from touchdown.
        safety_or_atc: Whether the commander sees a reason of safety or security to stay, or air traffic
            control says that a return would disrupt the airport.

    Raises:
        NegativeDurationError: If the wait is negative.
    """
    require_non_negative("wait", wait)
    limit = HOUR * (3 if domestic else 4)
    return UsTarmacLimit(
        allowed=wait <= limit or safety_or_atc,
        limit=limit,
        food_due=wait >= HOUR * 2,
        articles=(US_DOT_ARTICLES["tarmac"],),
        inputs={"domestic": domestic, "wait": wait, "safety_or_atc": safety_or_atc},
        working=(f"{format_duration(wait)} on the tarmac, limit {format_duration(limit)}",),
    )
