"""Numbers in sentences, and whether a text says anything."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["agreeing", "counted", "says_something"]

# Letters by their category, and blank to the eye: the fillers of Hangul.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")


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


def says_something(text: str) -> bool:
    """Return whether a text holds a letter or a digit, of any script, that a reader can see.

    Blanks, control characters, zero-width characters and punctuation alone tell nobody a reason.
    """
    return any(unicodedata.category(sign)[0] in "LN" and sign not in _BLANK_LETTERS for sign in text)
