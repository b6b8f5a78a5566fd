"""What a deployment costs in a month in which nothing happens, and 1,000 disruptions beside it.

The standing lines are counted in the templates as they are synthesized by default; whoever chooses snapshots
sees what they cost in a line of their own. What a disruption costs in calls is taken from its own section.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from bench.document import DOCUMENT, keep
from bench.prices import PRICES, cost

__all__ = ["SERIES", "Line", "main", "standing"]

MOST_USD: Final = Decimal(15)
"""A deployment that waits must not cost more in a month."""

SERIES: Final[Mapping[str, int]] = {
    "AgentRetries": 3,
    "AgentsMissing": 3,
    "ApprovalWait": 1,
    "DecidedCostUsd": 1,
    "EventsLost": 1,
    "NarrationsRefused": 1,
    "PhaseDuration": 3,
    "Recoveries": 1,
    "ThreadsDecided": 6,
}
"""Series of each metric, by its dimensions. A series costs for the hours in which it is told."""

_SECONDS_A_MONTH: Final = 730 * 3600
_POLLS_A_MONTH: Final = 5 * 3 * 60 * 730
"""Lambda waits at a queue with five pollers, each asking every 20 seconds."""
_USERS: Final = 20
# A disruption's log lines and states, traces, and what it leaves in the table: of the order of these.
_LOG_MB, _TRACES, _STORED_MB = Decimal("0.12"), 25, Decimal("0.1")
_MONTHS_KEPT: Final = 3
_USED_PRICES: Final = {"log intake", "traces", "table storage", "table recovery"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a bill: what is used of a price in a month."""

    what: str
    price: str
    quantity: Decimal

    @property
    def usd(self) -> Decimal:
        """What it costs."""
        return cost(self.price, float(self.quantity))


def standing(kinds: Mapping[str, int], snapshot_gigabytes: Decimal) -> Iterator[Line]:
    """Yield what costs while nothing happens, of resources by their CloudFormation type."""
    counted = (
        ("customer keys", "customer keys", kinds.get("AWS::KMS::Key", 0)),
        ("alarms", "alarms", kinds.get("AWS::CloudWatch::Alarm", 0)),
        ("dashboards", "dashboards", kinds.get("AWS::CloudWatch::Dashboard", 0)),
        (
            "queue polled by intake",
            "sqs",
            _POLLS_A_MONTH * kinds.get("AWS::Lambda::EventSourceMapping", 0),
        ),
        ("custom metrics, told of nothing", "metrics", 0),
        ("logs, tables, point-in-time recovery and objects, empty", "log storage", 0),
        ("users, none signed in", "users", 0),
    )
    for what, price, quantity in counted:
        yield Line(what=what, price=price, quantity=Decimal(quantity))
    yield Line(
        what="snapshots of functions kept",
        price="snapshots kept",
        quantity=snapshot_gigabytes * _SECONDS_A_MONTH,
    )


def _in_use(dearest: Decimal) -> Iterator[tuple[str, Decimal]]:
    """Yield what 1,000 disruptions in a month add."""
    thousand = Decimal(1000)
    gigabytes = thousand * _STORED_MB / 1000
    kept = cost("table storage", float(gigabytes)) + cost("table recovery", float(gigabytes))
    yield "calls, as measured of the dearest shipped disruption", dearest * thousand
    yield f"logs, {_LOG_MB} MB each", cost("log intake", float(thousand * _LOG_MB / 1000))
    yield f"traces, {_TRACES} each", cost("traces", 1000 * _TRACES)
    yield f"table and its recovery, {_STORED_MB} MB each for {_MONTHS_KEPT} months", kept * _MONTHS_KEPT
    yield (
        f"all {sum(SERIES.values())} series of metrics, told in every hour",
        cost("metrics", sum(SERIES.values())),
    )
    yield f"{_USERS} users who sign in", cost("users", _USERS)


def _synthesized() -> tuple[dict[str, int], Decimal, Decimal]:
    # The CDK starts Node when it is imported, so only this benchmark does it.
    from infra.access import Deployment
    from infra.application import synthesize
    from infra.components.layers import stand_in_layers

    with tempfile.TemporaryDirectory() as folder:
        layers = stand_in_layers(Path(folder) / "layers")
        synthesize(Path(folder) / "assembly", {"layers_directory": str(layers)})
        deployment = Deployment.read(Path(folder) / "assembly")
    kinds: dict[str, int] = {}
    for template in deployment.templates.values():
        for resource in template.get("Resources", {}).values():
            kinds[resource["Type"]] = kinds.get(resource["Type"], 0) + 1
    snapshots, all_functions = Decimal(0), Decimal(0)
    for function in deployment.functions():
        gigabytes = Decimal(function.properties["MemorySize"]) / 1024
        all_functions += gigabytes
        if function.properties.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
            snapshots += gigabytes
    return kinds, snapshots, all_functions


def _dearest() -> Decimal:
    document = DOCUMENT.read_text(encoding="utf-8")
    section = document.partition("## Cost of a disruption")[2].partition("\n## ")[0]
    return max(Decimal(found) for found in re.findall(r"ms of functions \| ([0-9.]+) USD", section))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (heads, *rows)]
    return "\n".join([lines[0], f"|{'---|' * len(heads)}", *lines[1:]])


def main() -> bool:
    """Print and keep the figures; False where a waiting deployment costs too much."""
    kinds, snapshots, all_functions = _synthesized()
    lines = list(standing(kinds, snapshots))
    idle = sum((line.usd for line in lines), Decimal(0))
    used = list(_in_use(_dearest()))
    whole = sum((usd for _, usd in used), Decimal(0))
    everywhere = cost("snapshots kept", float(all_functions * _SECONDS_A_MONTH))
    allowed = cost("alarms", 10) + cost("dashboards", kinds["AWS::CloudWatch::Dashboard"])
    holds = idle <= MOST_USD
    prices = {name: PRICES[name] for name in sorted({line.price for line in lines} | _USED_PRICES)}
    bill = [
        (line.what, f"{line.quantity.normalize():f} {prices[line.price].unit}", f"{line.usd:.2f}")
        for line in lines
    ]
    total = (
        "**Idle, a month**",
        f"at most {MOST_USD} USD: {'holds' if holds else 'missed'}",
        f"**{idle:.2f}**",
    )
    added = [*((what, f"{usd:.2f}") for what, usd in used), ("**Together**", f"**{whole:.2f}**")]
    sources = [(name, f"{each.usd} for {each.per} {each.unit}", each.source) for name, each in prices.items()]
    text = f"""\
A month in which nothing happens, counted in the templates as they are synthesized by default, at
list prices of US East (N. Virginia) as they were read in 2026, without a free tier. After each of
its first two yearly rotations the key costs 1 USD more.

{_table(("What", "Used", "USD"), [*bill, total])}

What AWS always gives an account for nothing (10 alarms, 3 dashboards) takes {allowed:.2f} USD off,
where nothing else in the account has used it up. Snapshots for every function
(`-c snap_start=all`) would add {everywhere:.2f} USD for each version that is kept.

What 1,000 disruptions in a month add:

{_table(("What", "USD"), added)}

Prices, and where each was read:

{_table(("Price", "USD", "Read in"), sources)}
"""
    print(text)
    keep("Idle cost", text)
    return holds


if __name__ == "__main__":
    raise SystemExit(not main())
