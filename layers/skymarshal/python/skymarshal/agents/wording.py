"""How instants and durations read in an assessment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

__all__ = ["duration_text", "instant_text", "listed", "minutes"]


def instant_text(instant: datetime) -> str:
    """Return an instant as `2026-02-05 21:40Z`."""
    return f"{instant:%Y-%m-%d %H:%MZ}"


def duration_text(duration: timedelta) -> str:
    """Return a duration as `3 h 20 min`, to the minute and with its sign."""
    total = minutes(duration)
    sign = "-" if total < 0 else ""
    hours, rest = divmod(abs(total), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h" if not rest else f"{sign}{hours} h {rest} min"


def minutes(duration: timedelta) -> int:
    """Return a duration in whole minutes, rounded."""
    return round(duration / timedelta(minutes=1))


def listed(names: Sequence[str]) -> str:
    """Return names as `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
