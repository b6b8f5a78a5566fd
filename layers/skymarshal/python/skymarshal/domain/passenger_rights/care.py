"""Care, refund and downgrade under EU261 and UK261: Art 6, 8, 9, 10."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights.compensation import RightsEvent
from skymarshal.domain.passenger_rights.regimes import Regime, distance_band, regime_terms
from skymarshal.domain.times import (
    HOUR,
    format_duration,
    local_time,
    require_aware,
    require_non_negative,
    time_zone,
)

__all__ = [
    "Care",
    "DowngradeRefund",
    "HotelNights",
    "care",
    "downgrade_refund",
    "hotel_nights",
    "nights_within",
]

_NIGHT_STARTS: Final = time(22)
_NIGHT_ENDS: Final = time(6)
_SHORTEST_STAY: Final = HOUR * 6
_SHARE_OF_NIGHT: Final = HOUR * 4
_LONGEST_WAIT: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Care(RuleResult):
    """What the carrier offers while the passenger waits; None where a needed fact is unknown.

    Attributes:
        meals: Meals, refreshments and two communications.
        hotel: Hotel and transport to it.
        refund_option: Whether the passenger may have the fare back instead of travelling.
        rerouting_option: Whether the passenger may be rerouted at the carrier's cost.
        threshold: Expected departure delay from which meals are due.
    """

    meals: bool | None
    hotel: bool | None
    refund_option: bool | None
    rerouting_option: bool
    threshold: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DowngradeRefund(RuleResult):
    """Share of the ticket price refunded after a downgrade, and the amount if the price is known."""

    percent: int
    refund: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotelNights(RuleResult):
    """How many nights a passenger who waits has to be given a bed for."""

    nights: int


def hotel_nights(since: datetime, until: datetime, zone: str, *, on: date | None = None) -> HotelNights:
    """Return the nights that become necessary between two instants: Art 9(1)(b).

    The regulation speaks of a stay of one or more nights and defines none. A night here is 22:00 to 06:00
    local; it calls for a bed if the wait covers at least half of it, and if the wait is long enough, 6 h, for
    the ways to and from a hotel to leave one any use. The calendar date decides nothing: a wait from 14:30 to
    00:30 calls for no bed, one from 00:20 to 10:20 for one.

    Args:
        since: From when the passenger waits.
        until: Until when.
        zone: IANA zone of the place.
        on: Day of the flight; the day on which the wait begins if left out.

    Raises:
        NaiveDatetimeError: If an instant has no offset.
        OutOfRangeError: If the wait ends before it begins or takes more than 60 days.
        UnknownTimeZoneError: If the zone is not an IANA zone.
    """
    start, end = require_aware("since", since), require_aware("until", until)
    if not start <= end <= start + _LONGEST_WAIT:
        raise OutOfRangeError("until", until.isoformat(), "an instant after since, within 60 days")
    first = local_time("since", start, zone).date()
    nights = nights_within(start, end, zone)
    terms = regime_terms("EU261", on=on or first)
    return HotelNights(
        nights=nights,
        articles=(terms.articles["hotel"],),
        inputs={"since": start, "until": end, "zone": zone},
        working=(
            f"{format_duration(end - start)} from {local_time('since', start, zone):%d %b %H:%M} to "
            f"{local_time('until', end, zone):%d %b %H:%M} local covers {nights} nights of 22:00 to 06:00 by "
            "half or more",
        ),
    )


# A flight's passengers wait in a few groups, which every candidate counts again.
@lru_cache(maxsize=4096)
def nights_within(since: datetime, until: datetime, zone: str) -> int:
    """Return the number that `hotel_nights` explains, for instants in UTC, `until` after `since`."""
    if until - since < _SHORTEST_STAY:
        return 0
    clocks = time_zone("zone", zone)
    day = since.astimezone(clocks).date() - timedelta(days=1)
    last = until.astimezone(clocks).date()
    nights = 0
    while day <= last:
        opens = datetime.combine(day, _NIGHT_STARTS, clocks).astimezone(UTC)
        closes = datetime.combine(day + timedelta(days=1), _NIGHT_ENDS, clocks).astimezone(UTC)
        nights += min(until, closes) - max(since, opens) >= _SHARE_OF_NIGHT
        day += timedelta(days=1)
    return nights


def care(
    regime: Regime,
    *,
    event: RightsEvent,
    distance_km: float,
    intra: bool,
    on: date,
    in_scope: bool | None = True,
    departure_delay: timedelta | None = None,
    overnight: bool | None = None,
) -> Care:
    """Return the care a passenger is owed; extraordinary circumstances never remove it.

    Args:
        regime: EU261 or UK261.
        event: What happened.
        distance_km: Great-circle distance of the journey.
        intra: Whether both ends lie inside the regime's territory.
        on: Day of the flight.
        in_scope: From `check_scope`.
        departure_delay: Expected; for a delay.
        overnight: Whether the new departure is the next day or later; None if unknown.

    Raises:
        UnknownCodeError: If the regime is not in the list.
        OutOfRangeError: If the distance is negative or the regime was not in force.
        NegativeDurationError: If the delay is negative.
    """
    terms = regime_terms(regime, on=on)
    threshold = terms.care_threshold[distance_band(distance_km, intra=intra)]
    meals: bool | None
    refund: bool | None
    if event == "delay":
        known = None if departure_delay is None else require_non_negative("departure_delay", departure_delay)
        meals = None if known is None else known >= threshold
        refund = None if known is None else known >= terms.refund_threshold
        text = "expected departure delay " + ("unknown" if known is None else format_duration(known))
    else:
        meals = refund = True
        text = event.replace("_", " ")
    hotel = None if meals is None else meals and overnight
    if in_scope is False:
        meals = hotel = refund = False
        text += ", not in scope"
    elif in_scope is None:
        meals = hotel = refund = None
    missing = []
    if in_scope is None:
        missing.append("in_scope")
    if event == "delay" and departure_delay is None:
        missing.append("departure_delay")
    if meals and overnight is None:
        missing.append("overnight")
    return Care(
        meals=meals,
        hotel=hotel,
        refund_option=refund,
        rerouting_option=event != "delay" and in_scope is not False,
        threshold=threshold,
        articles=(
            terms.articles["care"],
            terms.articles["care_always"],
            terms.articles["refund" if event == "delay" else "choice"],
        ),
        inputs={
            "regime": regime,
            "event": event,
            "distance_km": distance_km,
            "intra": intra,
            "on": on,
            "in_scope": in_scope,
            "departure_delay": departure_delay,
            "overnight": overnight,
        },
        working=(
            f"{text}: care from {format_duration(threshold)}, refund from "
            f"{format_duration(terms.refund_threshold)}",
        ),
        unknowns=tuple(missing),
    )


def downgrade_refund(
    regime: Regime, *, distance_km: float, intra: bool, on: date, price: Money | None = None
) -> DowngradeRefund:
    """Return the refund after a downgrade.

    Args:
        regime: EU261 or UK261.
        distance_km: Great-circle distance of the flight on which the passenger was downgraded.
        intra: Whether both its ends lie inside the regime's territory.
        on: Day of the flight.
        price: Price of that flight without taxes and charges; None if unknown.

    Raises:
        UnknownCodeError: If the regime is not in the list.
        OutOfRangeError: If the distance or the price is negative or the regime was not in force.
    """
    if price is not None and price.amount < 0:
        raise OutOfRangeError("price", str(price), "zero or more")
    terms = regime_terms(regime, on=on)
    percent = terms.downgrade_percent[distance_band(distance_km, intra=intra)]
    refund = None if price is None else (price * (Decimal(percent) / 100)).rounded()
    return DowngradeRefund(
        percent=percent,
        refund=refund,
        articles=(terms.articles["downgrade"],),
        inputs={"regime": regime, "distance_km": distance_km, "intra": intra, "on": on, "price": price},
        working=(f"{distance_km:.0f} km: {percent} %" + (f" of {price}: {refund}" if price else ""),),
        unknowns=() if price is not None else ("price",),
    )
