"""What intake refuses, and why."""

from __future__ import annotations

from skymarshal.errors import SkyMarshalError

__all__ = ["AmbiguousDisruption", "InvalidDisruption"]

_LONGEST_QUOTED_VALUE = 120


class InvalidDisruption(SkyMarshalError):
    """A field of an event is missing or wrong.

    Attributes:
        field: the field's path in the event, such as "details.repair".
        value: what it held, shortened; None where it was missing.
        expected: what would be right.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        self.field = field
        self.value = None if value is None else _shortened(value)
        self.expected = expected
        found = "missing" if self.value is None else f"is {self.value}"
        super().__init__(f"{field} {found}: expected {expected}")


class AmbiguousDisruption(InvalidDisruption):
    """An event can be read in more than one way; `candidates` are the readings."""

    def __init__(self, field: str, value: object, candidates: tuple[str, ...]) -> None:
        self.candidates = candidates
        super().__init__(field, value, f"one of {', '.join(candidates)}")


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTED_VALUE else text[:_LONGEST_QUOTED_VALUE] + "..."
