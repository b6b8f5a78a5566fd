"""Time that passes only when somebody waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class VirtualTime:
    """A clock, and the sleep that moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
