"""What the outside world supplies: the time, new identifiers and the passing of time.

Everything that needs one of these takes it as an argument, so that a run can be replayed
with the same inputs and reach the same decision.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

__all__ = ["Clock", "IdSource", "Sleep", "new_id", "system_clock", "system_sleep"]


class Clock(Protocol):
    """Returns the current instant as an aware UTC datetime."""

    def __call__(self) -> datetime: ...


class IdSource(Protocol):
    """Returns an identifier that was never returned before."""

    def __call__(self) -> str: ...


class Sleep(Protocol):
    """Lets `seconds` pass."""

    def __call__(self, seconds: float) -> None: ...


def system_clock() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)


def system_sleep(seconds: float) -> None:
    """Block the calling thread for `seconds`."""
    time.sleep(seconds)


def new_id() -> str:
    """Return a random UUID in its canonical form."""
    return str(UUID(bytes=os.urandom(16), version=4))
