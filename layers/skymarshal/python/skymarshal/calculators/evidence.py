"""How a value reads in a piece of evidence."""

from __future__ import annotations

from datetime import datetime

__all__ = ["instant_value"]


def instant_value(instant: datetime) -> str:
    """Return an instant as `2026-02-05T21:40Z`."""
    return f"{instant:%Y-%m-%dT%H:%MZ}"
