"""Numbers in sentences."""

from __future__ import annotations

__all__ = ["agreeing", "counted"]


def agreeing(count: int, one: str, several: str) -> str:
    """Return the word that agrees with a number: `is` with 1, `are` with 3."""
    return one if count == 1 else several


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 passenger`, `3 passengers`, `2 kinds of change`.

    Args:
        count: how many.
        noun: the word for one.
        plural: the word for several, where it is not `noun` with an s.
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
