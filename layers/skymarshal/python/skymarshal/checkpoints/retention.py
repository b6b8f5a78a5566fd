"""How long items live, counted from the last activity that renewed them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from skymarshal.checkpoints.store import Item
from skymarshal.contracts import LONGEST_WAIT_DAYS, TTL_ATTRIBUTE
from skymarshal.ports import Clock

__all__ = ["LONGEST_WAIT", "Retention", "format_time", "parse_time"]

LONGEST_WAIT: Final = timedelta(days=LONGEST_WAIT_DAYS)
"""How much longer than a checkpoint a payload is kept, because later checkpoints may still point at it."""


class Retention:
    """Computes expiry and recognises what has expired; the table itself deletes late."""

    def __init__(self, clock: Clock, period: timedelta) -> None:
        self.clock = clock
        self.period = period

    @property
    def now(self) -> int:
        """The present as an epoch second."""
        return int(self.clock().timestamp())

    @property
    def expires(self) -> int:
        """The epoch second at which what is written now expires."""
        return self.now + int(self.period.total_seconds())

    def is_live(self, item: Item) -> bool:
        """Return whether the item's retention has not ended."""
        until = item.get(TTL_ATTRIBUTE)
        return not isinstance(until, int) or until > self.now

    def timestamp(self) -> str:
        """Return the present in the form in which items hold it: UTC, sortable as text."""
        return format_time(self.clock())


def format_time(moment: datetime) -> str:
    """Return a UTC time as text that sorts by time."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Return the time that `format_time` wrote."""
    return datetime.fromisoformat(text)
