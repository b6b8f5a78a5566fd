"""JSON from outside, read within bounds that no honest sender comes near.

A text that nests without end exhausts the stack, and an integer of thousands of digits the processor: both
are refused before they are parsed, so that nobody tries them again.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from skymarshal.errors import SkyMarshalError

__all__ = ["DEEPEST", "LONGEST_NUMBER", "UnreadableJson", "read_json"]

DEEPEST: Final = 32
"""Levels of objects and lists; the deepest event has six, and the deepest rule check no more."""
LONGEST_NUMBER: Final = 64
"""Characters of a number."""

# A string that does not end reaches to the end of the text, so that the search stays linear.
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_LONG_NUMBER: Final = re.compile(rf"[-+.0-9eE]{{{LONGEST_NUMBER + 1}}}")
_BRACKET: Final = re.compile(r"[\[\]{}]")


class UnreadableJson(SkyMarshalError):
    """A text is not JSON, or exceeds the bounds; `expected` says what would be right."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"expected {expected}")


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 whatever JSON holds; the reader judges it
    """Return the value of a JSON text.

    Raises:
        UnreadableJson: no JSON in UTF-8; too deep; too long a number; a field named twice.
    """
    try:
        said = text.decode() if isinstance(text, bytes) else text
        said.encode()
    except UnicodeError:
        raise UnreadableJson("JSON in UTF-8") from None
    bare = _STRING.sub('""', said)
    if _LONG_NUMBER.search(bare):
        raise UnreadableJson(f"JSON with numbers of at most {LONGEST_NUMBER} characters")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > DEEPEST:
            raise UnreadableJson(f"JSON of at most {DEEPEST} levels")
    try:
        value = json.loads(said, parse_constant=_no_constant, object_pairs_hook=_once_each)
        # An escaped half of a surrogate pair is JSON and no text.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise UnreadableJson("JSON in UTF-8") from None
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableJson("JSON that names each field once")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
