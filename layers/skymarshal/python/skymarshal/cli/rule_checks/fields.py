"""Typed reading of the fields a rule check is given, by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar

from skymarshal.cli.rule_checks.vocabulary import in_minutes
from skymarshal.domain.errors import (
    InvalidInputError,
    MissingInputError,
    NegativeDurationError,
    OutOfRangeError,
    UnknownCodeError,
)
from skymarshal.domain.ftl import EASA, FtlProfile, profile_named
from skymarshal.domain.times import parse_clock_time, parse_duration, require_aware

__all__ = ["Fields"]

_T = TypeVar("_T")
_MAX_NUMBER: Final = 1_000_000_000
_MAX_COUNT: Final = 1_000_000
_MAX_HOURS: Final = 10_000
_NUMERAL: Final = re.compile(r"-?\d{1,7}(\.\d{1,6})?", re.ASCII)
_CLOCK_DIFFERENCE: Final = re.compile(r"[+-]?\d{1,4}:[0-5]\d", re.ASCII)


class Fields:
    """The fields of one check, read by name and kind.

    Every reader takes one name or more, the later ones other names for the same thing, and returns None
    where none is given; `need` turns that into an error, `assumed` into a default that the answer states.

    Attributes:
        read: The kind by which each name was read; `unread` names the fields that no reader asked for.
        assumptions: What the answer takes for granted because a field was left out.
    """

    def __init__(self, values: Mapping[str, object], within: str = "") -> None:
        self._values = values
        self._within = within
        self._parts: list[Fields] = []
        self.read: dict[str, str] = {}
        self.assumptions: list[str] = []

    @property
    def unread(self) -> list[tuple[str, object, Sequence[str]]]:
        """Return what no reader asked for: name, value and the names that were; a part's own among them."""
        own: list[tuple[str, object, Sequence[str]]] = [
            (self._within + name, value, tuple(self.read))
            for name, value in self._values.items()
            if name not in self.read
        ]
        return own + [left for part in self._parts for left in part.unread]

    def has(self, *names: str) -> bool:
        """Return whether one of the fields is given."""
        return any(self._values.get(name) is not None for name in names)

    def need(self, value: _T | None, name: str, expected: str) -> _T:
        """Return `value`.

        Raises:
            MissingInputError: If it is None.
        """
        if value is None:
            raise MissingInputError(name, expected)
        return value

    def assumed(self, value: _T | None, default: _T, assumption: str) -> _T:
        """Return `value`, or `default` with the assumption noted for the answer."""
        if value is not None:
            return value
        self.assumptions.append(assumption)
        return default

    def text(self, *names: str) -> str | None:
        """Return a text field."""
        name, value = self._find("text", names)
        return None if value is None else _text(name, value)

    def code(self, *names: str) -> str | None:
        """Return a code, in capitals."""
        found = self.text(*names)
        return None if found is None else found.upper()

    def choice(self, codes: Mapping[str, _T], *names: str) -> _T | None:
        """Return what a code stands for; capitals, spaces, hyphens and underscores make no difference.

        Raises:
            UnknownCodeError: If it is not one of `codes`.
        """
        name, value = self._find("code", names)
        if value is None:
            return None
        if isinstance(value, str):
            if value in codes:
                return codes[value]
            plain = _plain(value)
            for code, meaning in codes.items():
                if _plain(code) == plain:
                    return meaning
        raise UnknownCodeError(name, value, codes)

    def need_choice(self, codes: Mapping[str, _T], *names: str) -> _T:
        """Return what a code stands for.

        Raises:
            MissingInputError: If there is none.
            UnknownCodeError: If it is not one of `codes`.
        """
        found = self.choice(codes, *names)
        if found is None:
            raise MissingInputError(names[0], "one of " + ", ".join(codes))
        return found

    def flag(self, *names: str) -> bool | None:
        """Return a true or false field."""
        name, value = self._find("true or false", names)
        if value is None:
            return None
        if not isinstance(value, bool):
            raise InvalidInputError(name, value, "true or false")
        return value

    def integer(self, *names: str) -> int | None:
        """Return a whole number."""
        name, value = self._find("whole number", names)
        if value is None:
            return None
        number = _number(name, value, "a whole number")
        if number != int(number) or abs(number) > _MAX_COUNT:
            raise InvalidInputError(name, value, "a whole number")
        return int(number)

    def number(self, *names: str) -> float | None:
        """Return a number."""
        name, value = self._find("number", names)
        return None if value is None else _number(name, value)

    def numbers(self, *names: str) -> list[float] | None:
        """Return a list of numbers."""
        name, value = self._find("list of numbers", names)
        return None if value is None else [_number(name, item) for item in _items(name, value)]

    def texts(self, *names: str) -> list[str] | None:
        """Return a list of texts; a text alone is one, or several between commas."""
        name, value = self._find("list of texts", names)
        if value is None:
            return None
        items: list[object] = [*value.split(",")] if isinstance(value, str) else _items(name, value)
        return [_text(name, item) for item in items]

    def objects(self, *names: str) -> list[Fields] | None:
        """Return a list of objects as fields of their own."""
        name, value = self._find("list of objects", names)
        if value is None:
            return None
        found: list[Fields] = []
        for item in _items(name, value):
            if not isinstance(item, Mapping):
                raise InvalidInputError(name, item, "an object with named fields")
            found.append(Fields(item, f"{self._within}{name}[{len(found)}]."))
        self._parts += found
        return found

    def duration(self, *names: str) -> timedelta | None:
        """Return a duration: `H:MM`, or a number of hours (`_min` in the name: of minutes)."""
        name, value = self._find("duration", names)
        if value is None:
            return None
        if isinstance(value, str):
            if _NUMERAL.fullmatch(value.strip()) is None:
                return _bounded(name, value, parse_duration(name, value))
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidInputError(name, value, "a duration H:MM or a number")
        if value < 0:
            raise NegativeDurationError(name, value)
        return _span(name, value)

    def offset(self, *names: str) -> timedelta | None:
        """Return a signed difference: `H:MM`, or a number of hours (`_min` in the name: of minutes)."""
        name, value = self._find("difference", names)
        if value is None:
            return None
        if isinstance(value, str):
            text = value.strip()
            if _CLOCK_DIFFERENCE.fullmatch(text) is not None:
                size = _bounded(name, value, parse_duration(name, text.lstrip("+-")))
                return -size if text.startswith("-") else size
            if _NUMERAL.fullmatch(text) is not None:
                return _span(name, float(text))
        return _span(name, _number(name, value, "a difference H:MM or a number"))

    def clock(self, *names: str) -> time | None:
        """Return a time of day."""
        name, value = self._find("time of day", names)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidInputError(name, value, "a time of day HH:MM")
        return parse_clock_time(name, value)

    def instant(self, *names: str) -> datetime | None:
        """Return an instant in UTC.

        Raises:
            NaiveDatetimeError: If it has no offset.
        """
        name, value = self._find("instant", names)
        if value is None:
            return None
        expected = "a time with its offset from UTC, such as 2026-02-05T20:30Z"
        if not isinstance(value, str):
            raise InvalidInputError(name, value, expected)
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidInputError(name, value, expected) from None
        return require_aware(name, parsed)

    def day(self, *names: str) -> date | None:
        """Return a calendar day."""
        name, value = self._find("day", names)
        return None if value is None else _day(name, value)

    def days(self, *names: str) -> list[date] | None:
        """Return a list of calendar days."""
        name, value = self._find("list of days", names)
        return None if value is None else [_day(name, item) for item in _items(name, value)]

    def profile(self) -> FtlProfile:
        """Return the profile asked for, EASA by default."""
        name = self.text("profile")
        return EASA if name is None else profile_named(name)

    def _find(self, kind: str, names: Sequence[str]) -> tuple[str, object]:
        self.read.update(dict.fromkeys(names, kind))
        given = [name for name in names if self._values.get(name) is not None]
        if len(given) > 1:
            # Two names for one thing: whichever were taken, the other would be dropped without a word.
            raise InvalidInputError(given[1], self._values[given[1]], f"no {given[1]} beside {given[0]}")
        name = given[0] if given else names[0]
        return name, self._values.get(name)


def _plain(code: str) -> str:
    return re.sub(r"[\s_-]+", "", code).casefold()


def _text(name: str, value: object) -> str:
    """Return a text; a whole number or a decimal one stands for its digits, as `3` for a terminal."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MAX_NUMBER * 1000:
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError(name, value, "a text")
    return value.strip()


def _items(name: str, value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise InvalidInputError(name, value, "a list of one or more")
    return value


def _number(name: str, value: object, expected: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InvalidInputError(name, value, expected)
    if abs(value) > _MAX_NUMBER:
        raise OutOfRangeError(name, value, f"a number up to {_MAX_NUMBER:,}")
    return value


def _span(name: str, value: float) -> timedelta:
    minutes = in_minutes(name)
    most = _MAX_HOURS * (60 if minutes else 1)
    if not abs(value) <= most:
        raise OutOfRangeError(name, value, f"at most {most:,} {'minutes' if minutes else 'hours'}")
    return timedelta(minutes=value) if minutes else timedelta(hours=value)


def _bounded(name: str, value: object, duration: timedelta) -> timedelta:
    if duration > timedelta(hours=_MAX_HOURS):
        raise OutOfRangeError(name, value, f"at most {_MAX_HOURS:,} hours")
    return duration


def _day(name: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidInputError(name, value, "a day such as 2026-02-05") from None
