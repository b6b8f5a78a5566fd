"""Errors that the rules raise.

    DomainError
    ├── InvalidInputError            a field holds what no rule can work with (also a ValueError)
    │   ├── NaiveDatetimeError       a time without its offset from UTC
    │   ├── NegativeDurationError    a duration below zero
    │   ├── OutOfRangeError          a number or time outside what the rule's table covers
    │   ├── UnknownCodeError         a code that is not in the list
    │   ├── UnknownTimeZoneError     a name that is not an IANA time zone
    │   └── MissingInputError        a field that the rule cannot do without
    ├── NoRateError                  no exchange rate is in force for a pair and date
    └── CurrencyMismatchError        amounts of different currencies combined

Every message is one line and names the field, its value and what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

__all__ = [
    "CurrencyMismatchError",
    "DomainError",
    "InvalidInputError",
    "MissingInputError",
    "NaiveDatetimeError",
    "NegativeDurationError",
    "NoRateError",
    "OutOfRangeError",
    "UnknownCodeError",
    "UnknownTimeZoneError",
]

_LONGEST_SHOWN: Final = 200


class DomainError(Exception):
    """Base of every error that the rules raise."""


class InvalidInputError(DomainError, ValueError):
    """A field holds a value that no rule can work with.

    Attributes:
        field: Name of the field.
        value: What it held.
        expected: What would be right, in words.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        self.field = field
        self.value = value
        self.expected = expected
        shown = repr(value)
        if len(shown) > _LONGEST_SHOWN:
            shown = shown[:_LONGEST_SHOWN] + "..."
        super().__init__(f"{field}: {shown} is not valid; expected {expected}")


class NaiveDatetimeError(InvalidInputError):
    """A time carries no offset from UTC."""

    def __init__(self, field: str, value: datetime) -> None:
        super().__init__(
            field, value.isoformat(), "a time with its offset from UTC, such as 2026-02-05T20:30:00Z"
        )


class NegativeDurationError(InvalidInputError):
    """A duration is below zero."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(field, str(value), "a duration of zero or more")


class OutOfRangeError(InvalidInputError):
    """A value lies outside what the rule covers."""


class UnknownCodeError(InvalidInputError):
    """A code is not in its list."""

    def __init__(self, field: str, value: object, known: Iterable[object]) -> None:
        super().__init__(field, value, "one of " + ", ".join(str(code) for code in known))


class UnknownTimeZoneError(InvalidInputError):
    """A name is not an IANA time zone."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(field, value, "an IANA time zone such as Asia/Dubai")


class MissingInputError(InvalidInputError):
    """A field that the rule cannot do without is absent."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field, None, expected)
        self.args = (f"{field}: missing; expected {expected}",)


class NoRateError(DomainError):
    """No exchange rate is in force for a pair of currencies on a date."""

    def __init__(self, source: str, target: str, on: date) -> None:
        self.source = source
        self.target = target
        self.on = on
        super().__init__(f"rate: no rate from {source} to {target} in force on {on.isoformat()}")


class CurrencyMismatchError(DomainError):
    """Amounts of different currencies were combined without a conversion."""

    def __init__(self, left: str, right: str) -> None:
        self.left = left
        self.right = right
        super().__init__(f"currency: {left} and {right} were combined; convert one of them first")
