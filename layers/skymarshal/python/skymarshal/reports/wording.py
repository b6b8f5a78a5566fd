"""How figures, instants and checks are written in reports and at the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck, Score
from skymarshal.domain.assessment import Constraint, Evidence
from skymarshal.domain.outcome import PastChoice

__all__ = [
    "alike",
    "clipped",
    "cost_range",
    "evidence_lines",
    "instant",
    "moment",
    "plain",
    "rate",
    "rule",
    "score_text",
    "span",
    "usd",
]

_DAY: Final = timedelta(days=1).total_seconds()
_LONG: Final = timedelta(days=5)


def instant(when: datetime | None) -> str:
    """Return an instant the way operations write it: 05 Feb 14:20Z."""
    return "-" if when is None else when.strftime("%d %b %H:%MZ")


def moment(when: datetime) -> str:
    """Return an instant in full, with the year and the second: 05 Feb 2026 14:20:07Z."""
    return when.strftime("%d %b %Y %H:%M:%SZ")


def span(duration: timedelta | None) -> str:
    """Return a duration in hours and minutes, signed where negative: 2:20; a long one in days: 113 d."""
    if duration is None:
        return "-"
    if abs(duration) >= _LONG:
        return f"{duration.total_seconds() / _DAY:.0f} d"
    minutes = round(duration.total_seconds() / 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def usd(amount: Decimal) -> str:
    """Return an amount in US dollars without cents."""
    return f"USD {amount:,.0f}"


def cost_range(cost: tuple[Decimal, Decimal, Decimal] | None) -> str:
    """Return the likely cost with its range, where there is one."""
    if cost is None:
        return "unknown"
    low, likely, high = cost
    return usd(likely) if low == high else f"{usd(likely)} ({low:,.0f} to {high:,.0f})"


def score_text(score: Score) -> str:
    """Return a score, or its range where an input is unknown or uncertain."""
    if score.low == score.high:
        return f"{score.low:.1f}"
    span_of = f"{score.low:.1f} to {score.high:.1f}"
    return span_of if score.value is None else f"{score.value:.1f} ({span_of})"


def rate(choice: PastChoice) -> str:
    """Return how often a choice went as planned, in words."""
    if choice.success_rate is None:
        return "no outcome known"
    return f"{choice.succeeded} of {choice.observed} as planned ({choice.success_rate:.0%})"


def rule(limit: Constraint | ConstraintCheck) -> str:
    """Return the article that a limit rests on, and whether it is unverified."""
    return f"{limit.article or 'operational fact'}{'' if limit.verified else ' (unverified)'}"


def plain(name: str) -> str:
    """Return an identifier as words: crew_compliance becomes crew compliance."""
    return name.replace("_", " ")


def clipped(text: str, most: int) -> str:
    """Return `text` on one line, cut where it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 4].rstrip()} ..."


def alike(checks: Iterable[ConstraintCheck]) -> list[list[ConstraintCheck]]:
    """Return the checks that apply, those together that say the same of several crew members."""
    groups: dict[tuple[object, ...], list[ConstraintCheck]] = {}
    for check in checks:
        if check.outcome is not CheckOutcome.NOT_APPLICABLE:
            own = check.text if check.limit is None or check.margin is None else check.limit
            key = (check.agent, check.outcome, check.article, own, check.margin)
            groups.setdefault(key, []).append(check)
    return list(groups.values())


def evidence_lines(evidence: Sequence[Evidence], shown: int = 2) -> list[str]:
    """Return the first rows that a check rests on, and how many more there are."""
    first = [f"{each.table} {each.key} {each.field}={each.value}" for each in evidence[:shown]]
    more = len(evidence) - len(first)
    return [*first, f"(+{more} more)"] if more > 0 else first
