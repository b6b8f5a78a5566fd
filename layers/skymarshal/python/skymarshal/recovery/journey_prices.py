"""What weighs in the choice between the journeys that passengers could take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from skymarshal.calculators.passengers import CABINS
from skymarshal.calculators.rates import RateTable

__all__ = ["JourneyPrices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyPrices:
    """What weighs in the choice between journeys, in US dollars.

    `late_hour` is the worth of an hour at the final destination by tier, `special_needs` its factor for
    passengers who need assistance, `stranded` what a passenger without a journey weighs and `lower_cabin`
    the share of the fare given back for a seat in a lower cabin. `rebooking` and `seat_km` are rates of
    the day, `seat_km` by cabin for a seat on a partner.
    """

    late_hour: Mapping[str, float] = field(
        default_factory=lambda: {
            "platinum": 90.0,
            "gold": 60.0,
            "silver": 40.0,
            "none": 25.0,
            "unknown": 25.0,
        }
    )
    special_needs: float = 2.0
    stranded: float = 5_000.0
    lower_cabin: float = 0.5
    rebooking: float = 0.0
    seat_km: Mapping[str, float] = field(default_factory=dict)

    def at_rates(self, rates: RateTable) -> JourneyPrices:
        """Return the prices with the rates of the day; a rate that is unknown weighs nothing."""
        return replace(
            self,
            rebooking=_usd(rates, "rebooking"),
            seat_km={cabin: _usd(rates, f"partner_seat_km#{cabin}") for cabin in CABINS},
        )


def _usd(rates: RateTable, name: str) -> float:
    rate = rates.rate("reprotection", name)
    if rate is None:
        return 0.0
    in_usd = rates.to_usd(rate.high if rate.likely is None else rate.likely, rate.currency)
    return 0.0 if in_usd is None else float(in_usd)
