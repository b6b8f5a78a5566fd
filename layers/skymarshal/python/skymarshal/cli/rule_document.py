"""The table of rules and articles as Markdown, made from the code."""

from __future__ import annotations

from typing import Final

from skymarshal.cli.rule_users import askers
from skymarshal.domain.articles import Article
from skymarshal.domain.catalogue import RULES, Rule
from skymarshal.domain.ftl import PROFILES

__all__ = ["rule_document"]

_HEAD: Final = """\
# Rules and their articles

Made from the code by `skymarshal rules document > docs/rules.md`; do not edit by hand.

*verified*: the text or an independent transcription was read. *unverified*: stated from memory or read in a
summary only; every answer that rests on such an article says so. *asked by*: the agents that ask the rule,
and the arbitration where it computes it for each candidate; *by hand* where nobody does, with the reason.
*profile*: under which of the airline's profiles of flight time limitations the article is asked. A rule is
checked by hand with `skymarshal rules check`.

| rule | function | asked by | profile | article | regulation | status | in force | read in |
|---|---|---|---|---|---|---|---|---|
"""


def rule_document() -> str:
    """Return docs/rules.md: one row for each rule and article."""
    return _HEAD + "".join(_row(rule, article) for rule in RULES for article in rule.articles)


def _row(rule: Rule, article: Article) -> str:
    module = rule.calculator.__module__.removeprefix("skymarshal.")
    since = "" if article.valid_from is None else f"from {article.valid_from.isoformat()}"
    until = "" if article.valid_to is None else f" to {article.valid_to.isoformat()}"
    cells = (
        rule.subject,
        f"`{module}.{rule.name}`",
        ", ".join(askers(rule)) or f"by hand: {rule.by_hand}",
        ", ".join(name for name, profile in PROFILES.items() if article in profile.articles.values()),
        article.article,
        article.regulation,
        article.status,
        since + until,
        article.source,
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"
