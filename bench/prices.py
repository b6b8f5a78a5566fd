"""List prices of US East (N. Virginia) in USD, without a free tier, and where each was read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["PRICES", "RECALLED", "Price", "cost"]

RECALLED = "from memory"
"""Where a price was read that was read nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price.

    Attributes:
        usd: for `per` of `unit`.
        page: where AWS publishes it.
        read_in: where it was read and of when that is, if not on that page: most of AWS's tables of prices
            are filled in by the browser and stand in no copy of the page.
    """

    usd: Decimal
    per: int
    unit: str
    page: str
    read_in: str = ""

    @property
    def source(self) -> str:
        """The page, and how far the price is verified there."""
        if not self.read_in:
            return self.page
        if self.read_in == RECALLED:
            return f"{self.page}; unverified, {RECALLED}"
        return f"{self.page}; unverified there, read in {self.read_in}"


PRICES = {
    "lambda time": Price(
        usd=Decimal("0.0000133334"), per=1, unit="GB-second on arm64", page="aws.amazon.com/lambda/pricing"
    ),
    "customer keys": Price(
        usd=Decimal("1.00"),
        per=1,
        unit="key-months",
        page="aws.amazon.com/kms/pricing",
        read_in="wring.co/blog/aws-kms-pricing-guide (March 2026)",
    ),
    "alarms": Price(
        usd=Decimal("0.10"),
        per=1,
        unit="alarm-months, standard resolution",
        page="aws.amazon.com/cloudwatch/pricing",
        read_in=RECALLED,
    ),
    "dashboards": Price(
        usd=Decimal("3.00"),
        per=1,
        unit="dashboard-months",
        page="aws.amazon.com/cloudwatch/pricing",
        read_in="factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards (June 2026)",
    ),
    "metrics": Price(
        usd=Decimal("0.30"),
        per=1,
        unit="series-months",
        page="aws.amazon.com/cloudwatch/pricing",
        read_in="signoz.io/guides/cloudwatch-pricing (February 2026)",
    ),
    "log intake": Price(
        usd=Decimal("0.50"),
        per=1,
        unit="GB",
        page="aws.amazon.com/cloudwatch/pricing",
        read_in="factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards (June 2026)",
    ),
    "log storage": Price(
        usd=Decimal("0.03"),
        per=1,
        unit="GB-months",
        page="aws.amazon.com/cloudwatch/pricing",
        read_in=RECALLED,
    ),
    "traces": Price(
        usd=Decimal("5.00"),
        per=1_000_000,
        unit="traces",
        page="aws.amazon.com/xray/pricing",
        read_in=RECALLED,
    ),
    "snapshots kept": Price(
        usd=Decimal("0.0000015046"),
        per=1,
        unit="GB-seconds",
        page="aws.amazon.com/lambda/pricing",
        read_in="awsnegotiations.com/blog/lambda-snapstart-cost-impact (May 2026)",
    ),
    "snapshots restored": Price(
        usd=Decimal("0.0001397998"),
        per=1,
        unit="GB",
        page="aws.amazon.com/lambda/pricing",
        read_in="awsnegotiations.com/blog/lambda-snapstart-cost-impact (May 2026)",
    ),
    "table storage": Price(
        usd=Decimal("0.25"),
        per=1,
        unit="GB-months",
        page="aws.amazon.com/dynamodb/pricing/on-demand",
        read_in=RECALLED,
    ),
    "table recovery": Price(
        usd=Decimal("0.20"),
        per=1,
        unit="GB-months",
        page="aws.amazon.com/dynamodb/pricing/on-demand",
        read_in=RECALLED,
    ),
    "objects": Price(
        usd=Decimal("0.023"),
        per=1,
        unit="GB-months",
        page="aws.amazon.com/s3/pricing",
        read_in=RECALLED,
    ),
    "users": Price(
        usd=Decimal("0.02"),
        per=1,
        unit="users who sign in that month, plan Plus with threat protection",
        page="aws.amazon.com/cognito/pricing",
        read_in=RECALLED,
    ),
    "lambda requests": Price(
        usd=Decimal("0.20"), per=1_000_000, unit="requests", page="aws.amazon.com/lambda/pricing"
    ),
    "state transitions": Price(
        usd=Decimal("0.025"), per=1_000, unit="transitions", page="aws.amazon.com/step-functions/pricing"
    ),
    "dynamodb writes": Price(
        usd=Decimal("0.625"),
        per=1_000_000,
        unit="write units",
        page="aws.amazon.com/dynamodb/pricing/on-demand",
        read_in="airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)",
    ),
    "dynamodb reads": Price(
        usd=Decimal("0.125"),
        per=1_000_000,
        unit="read units",
        page="aws.amazon.com/dynamodb/pricing/on-demand",
        read_in="airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)",
    ),
    "s3 requests": Price(
        usd=Decimal("0.005"),
        per=1_000,
        unit="PUT",
        page="aws.amazon.com/s3/pricing",
        read_in="c3x.dev/blog/s3-request-fees-explained (undated)",
    ),
    "sqs": Price(
        usd=Decimal("0.40"),
        per=1_000_000,
        unit="requests",
        page="aws.amazon.com/sqs/pricing",
        read_in="cloudburn.io/blog/amazon-sqs-pricing (March 2026)",
    ),
    "eventbridge": Price(
        usd=Decimal("1.00"),
        per=1_000_000,
        unit="custom events",
        page="aws.amazon.com/eventbridge/pricing",
        read_in="cloudburn.io/blog/amazon-eventbridge-pricing (March 2026)",
    ),
    "sns": Price(
        usd=Decimal("0.50"),
        per=1_000_000,
        unit="publishes",
        page="aws.amazon.com/sns/pricing",
        read_in="factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols (June 2026)",
    ),
    "http api": Price(
        usd=Decimal("1.00"),
        per=1_000_000,
        unit="requests",
        page="aws.amazon.com/api-gateway/pricing",
        read_in="a transcript of its worked example, github.com/api-evangelist/amazon-web-services"
        " (September 2026)",
    ),
    "kms": Price(
        usd=Decimal("0.03"),
        per=10_000,
        unit="requests",
        page="aws.amazon.com/kms/pricing",
        read_in="wring.co/blog/aws-kms-pricing-guide (March 2026)",
    ),
}


def cost(name: str, quantity: float) -> Decimal:
    """Return what a quantity costs in USD."""
    price = PRICES[name]
    return price.usd * Decimal(str(quantity)) / price.per
