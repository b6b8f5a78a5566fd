"""The table of rules and articles as Markdown, made from the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import skymarshal
from skymarshal.domain.articles import Article
from skymarshal.domain.catalogue import RULES, Rule

__all__ = ["rule_document"]

_HEAD: Final = """\
# Rules and their articles

Made from the code by `skymarshal rules document > docs/rules.md`; do not edit by hand.

*verified*: the text or an independent transcription was read. *unverified*: stated from memory or read in a
summary only; every answer that rests on such an article says so. A rule is checked by hand with
`skymarshal rules check`.

| rule | function | used by | article | regulation | status | in force | read in |
|---|---|---|---|---|---|---|---|
"""
_PACKAGE: Final = Path(skymarshal.__file__).parent
# Rules use one another, and the command line checks them all: neither says where a rule matters.
_NOT_USERS: Final = ("domain", "cli")


def rule_document() -> str:
    """Return docs/rules.md: one row for each rule and article."""
    sources = _sources()
    rows = [
        _row(rule, article, _users(rule, sources) if first else "")
        for rule in RULES
        for first, article in _marked(rule)
    ]
    return _HEAD + "".join(rows)


def _marked(rule: Rule) -> list[tuple[bool, Article]]:
    return [(number == 0, article) for number, article in enumerate(rule.articles)]


def _row(rule: Rule, article: Article, users: str) -> str:
    module = rule.calculator.__module__.removeprefix("skymarshal.")
    since = "" if article.valid_from is None else f"from {article.valid_from.isoformat()}"
    until = "" if article.valid_to is None else f" to {article.valid_to.isoformat()}"
    cells = (
        rule.subject,
        f"`{module}.{rule.name}`",
        users,
        article.article,
        article.regulation,
        article.status,
        since + until,
        article.source,
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"


def _sources() -> Mapping[str, str]:
    """Return the source of every module that may use a rule, by its dotted name."""
    found = {}
    for path in sorted(_PACKAGE.rglob("*.py")):
        parts = path.relative_to(_PACKAGE).with_suffix("").parts
        if parts[0] not in _NOT_USERS:
            text = path.read_text(encoding="utf-8")
            if "skymarshal.domain" in text:
                found[".".join(parts)] = text
    return found


def _users(rule: Rule, sources: Mapping[str, str]) -> str:
    called = re.compile(rf"\b{re.escape(rule.name)}\(")
    return ", ".join(module for module, text in sources.items() if called.search(text))
