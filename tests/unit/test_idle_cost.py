"""The idle cost counts what stands in the templates, and every metric that the functions tell."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from bench.document import DOCUMENT
from bench.idle_cost import SERIES, standing

ROOT = Path(__file__).resolve().parents[2]
MEASURES, README = ROOT / "lambdas" / "measures.py", ROOT / "README.md"


def test_every_metric_that_is_told_is_counted() -> None:
    told = set(re.findall(r'_measure\(\s*"(\w+)"', MEASURES.read_text()))
    assert told == set(SERIES)


def test_a_month_of_waiting_is_the_sum_of_what_stands() -> None:
    kinds = {"AWS::KMS::Key": 1, "AWS::CloudWatch::Alarm": 50, "AWS::CloudWatch::Dashboard": 2}
    assert sum(line.usd for line in standing(kinds, Decimal(0))) == Decimal("12.00")


def test_snapshots_of_all_18_functions_cost_over_80_dollars_a_month() -> None:
    (kept,) = [line for line in standing({}, Decimal("21.6")) if line.price == "snapshots kept"]
    assert 80 < kept.usd < 90


def test_the_readme_says_what_was_measured() -> None:
    section = DOCUMENT.read_text().partition("## Idle cost")[2].partition("\n## ")[0]
    idle, thousand = (
        re.search(rf"\*\*{what}\*\*.*\*\*([0-9.]+)\*\*", section)[1] for what in ("Idle, a month", "Together")
    )
    told = " ".join(README.read_text().split())
    assert f"{idle} USD in a month in which nothing happens" in told
    assert f"{thousand} USD more for 1,000 disruptions in a month" in told
