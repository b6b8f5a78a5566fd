"""Whether a text says only what the facts say: every number, time, flight, code and name must be theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["strangers"]

_FIGURE: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9'/-]*")
_CODE: Final = re.compile(r"(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9-]+")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:]\s+|\n\s*(?:[-*]\s*)?)([A-Z][A-Za-z'/-]*)")
_NUMBER_WORDS: Final = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter
third dozen twice double triple
"""
_OPENING_WORDS: Final = """
a after all an and any as at because before both but by each every first for from given however if in instead
it its no none not of on once only or other otherwise since so that the their then there these they this those
though to under until we when where while with without you your
"""
_SPELLED_NUMBERS: Final = frozenset(_NUMBER_WORDS.split())
_ORDINARY_OPENINGS: Final = frozenset(_OPENING_WORDS.split())


def strangers(text: str, facts: Iterable[str]) -> tuple[str, ...]:
    """Return what `text` names and the facts do not, in order; empty where it may be shown.

    Figures are compared as written, codes and names without regard to case. A capitalised word is a name
    unless it opens a sentence and is an ordinary word, or stands among the facts. Spelled-out numbers count
    as numbers: a model may not turn "3" into "four".
    """
    known = " ".join(facts)
    figures = set(_FIGURE.findall(known))
    words = {word.lower() for word in _WORD.findall(known)}
    codes = {code.lower() for code in _CODE.findall(known)}
    opening = {match.start(1) for match in _SENTENCE_START.finditer(text)}
    found: dict[str, None] = {}
    for match in _FIGURE.finditer(text):
        if match.group() not in figures:
            found[match.group()] = None
    for match in _CODE.finditer(text):
        if match.group().lower() not in codes:
            found[match.group()] = None
    for match in _WORD.finditer(text):
        word = match.group()
        lower = word.lower()
        if lower in words:
            continue
        is_name = word[0].isupper() and not (match.start() in opening and lower in _ORDINARY_OPENINGS)
        if is_name or lower in _SPELLED_NUMBERS:
            found[word] = None
    return tuple(found)
