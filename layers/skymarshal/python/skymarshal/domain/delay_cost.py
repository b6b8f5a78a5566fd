"""What a minute of delay costs the network on average.

Only the published network average is held here. Costs by aircraft type come from the airline's own dated
cost parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.money import Money
from skymarshal.domain.times import format_duration, require_non_negative

__all__ = ["ATFM_DELAY_COST_ARTICLE", "DelayCost", "atfm_delay_cost"]

ATFM_DELAY_COST_ARTICLE: Final = Article(
    regulation="European airline delay cost reference values, version 4.1 (2015)",
    article="Network average cost of ATFM delay",
    subject="About 100 EUR a minute at 2014 prices",
    status="unverified",
    source="from memory, text not read",
)

_EUR_PER_MINUTE: Final = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayCost(RuleResult):
    """Cost of a delay at 2014 prices."""

    cost: Money


def atfm_delay_cost(delay: timedelta) -> DelayCost:
    """Return the network-average cost of an ATFM delay.

    Raises:
        NegativeDurationError: If the delay is negative.
    """
    require_non_negative("delay", delay)
    minutes = Decimal(int(delay.total_seconds())) / 60
    cost = Money(minutes * _EUR_PER_MINUTE, "EUR").rounded()
    return DelayCost(
        cost=cost,
        articles=(ATFM_DELAY_COST_ARTICLE,),
        inputs={"delay": delay},
        working=(f"{format_duration(delay)} at EUR {_EUR_PER_MINUTE} a minute: {cost}",),
    )
