"""Whether a model's text is placeholders and connecting words, and nothing else; and what it reads as.

A claim can be made in more ways than can be forbidden: "twenty-five", "half past five", "all crew are
legal". So nothing is searched for. Every name, number, time, verdict and option stands in a sentence that
code has written; the model sets the placeholders of those sentences, and of words it may use only those of
one short list, none of which says anything by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["VOCABULARY", "filled", "sentences_of", "strangers"]

# No verb, no negation, no number, no cause, no noun of the trade: with none of them is a claim made.
_WORDS: Final = """
a addition additional additionally also and as background behind below besides brief briefly consider
detail details following follows for further furthermore here in it matter matters moreover note of on
overview picture please point points put reading reason reasoning reasons regard see short simply situation
sum summarise summarised summarising summary summed the this to together too up view weigh well why with
"""
VOCABULARY: Final = frozenset(_WORDS.split())
"""All words that a model may set between placeholders, in lower case."""

_PLACEHOLDER: Final = re.compile(r"\{(f?)([1-9][0-9]?)\}")
_TOKEN: Final = re.compile(
    r"(?P<placeholder>\{f?[1-9][0-9]?\})(?![{A-Za-z0-9])"
    r"|(?P<word>(?<![}A-Za-z0-9])[A-Za-z]+)(?![{A-Za-z0-9])"
    r"|(?P<mark>[.,:;](?= |\n|$))"
    r"|(?P<space>[ \n]+)"
)
_STRANGE: Final = re.compile(r"[^ \n]+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


def sentences_of(statement: str) -> tuple[str, ...]:
    """Return the sentences of a statement, each as it stands; joined by a space they are the statement."""
    return tuple(_SENTENCE_END.split(statement.strip()))


def strangers(text: str, *, sentences: int, facts: int = 0) -> tuple[str, ...]:
    """Return what may not stand in a model's text, in order; empty where it may be shown once filled.

    Args:
        text: what the model wrote, with `{1}` for the first sentence and `{f1}` for the first fact.
        sentences: how many sentences there are; each must stand once, and in their order.
        facts: how many facts there are; each may stand once.
    """
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            strange = _STRANGE.match(text, at)
            assert strange is not None  # noqa: S101 what is no space is strange
            found[strange.group()] = None
            at = strange.end()
            continue
        if token["word"] and token["word"].lower() not in VOCABULARY:
            found[token["word"]] = None
        at = token.end()
    set_ = [(kind, int(number)) for kind, number in _PLACEHOLDER.findall(text)]
    told = [number for kind, number in set_ if not kind]
    if told != list(range(1, sentences + 1)):
        found[f"sentences {told} of {sentences}"] = None
    added = [number for kind, number in set_ if kind]
    if len(set(added)) < len(added) or any(number > facts for number in added):
        found[f"facts {added} of {facts}"] = None
    return tuple(found)


def filled(text: str, sentences: Sequence[str], facts: Sequence[str] = ()) -> str:
    """Return a text in which no stranger was found, with its placeholders filled."""
    parts: list[str] = []
    ended = True
    for token in _TOKEN.finditer(text):
        if token["placeholder"]:
            kind, number = _PLACEHOLDER.findall(token["placeholder"])[0]
            parts.append(_closed((facts if kind else sentences)[int(number) - 1]))
            ended = True
        elif token["word"]:
            word = token["word"]
            parts.append(word[0].upper() + word[1:] if ended else word)
            ended = False
        elif token["mark"]:
            # A sentence brings its own end.
            if not ended:
                parts.append(token["mark"])
            ended = ended or token["mark"] == "."
        else:
            parts.append(" ")
    return "".join(parts).strip()


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
