"""Days and instants as the command line takes them."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from typing import Final

__all__ = ["day", "instant"]

# Some days on either side of every day taken here must exist, and no airline flies outside these years.
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100


def day(text: str) -> date:
    """Return a day written as 2026-02-05.

    Raises:
        ArgumentTypeError: it is no day, or lies outside the years 2000 to 2100.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day: expected 2026-02-05") from None
    _require_year(text, found)
    return found


def instant(text: str) -> datetime:
    """Return an instant written with its offset, as 2026-02-05T08:00Z, in UTC.

    Raises:
        ArgumentTypeError: it is no instant, has no offset, or lies outside the years 2000 to 2100.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant: expected 2026-02-05T08:00Z") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset: expected 2026-02-05T08:00Z")
    _require_year(text, found)
    return found.astimezone(UTC)


def _require_year(text: str, found: date) -> None:
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
