"""The article of law or standard that a rule rests on, and what every rule's answer carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Article", "ArticleStatus", "RuleResult"]

ArticleStatus = Literal["verified", "unverified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A provision a rule rests on.

    Attributes:
        regulation: Document, such as `Regulation (EU) 965/2012 Annex III Subpart FTL`.
        article: Provision within it, such as `ORO.FTL.205(b)(1) Table 2`.
        subject: What it settles, in a few words.
        status: `verified` if its text or an independent transcription was read, else `unverified`.
        source: Where it was read, or why it counts as unverified.
        valid_from: First day on which it applies; None if since before any date this package handles.
        valid_to: Last day on which it applies; None while in force.
    """

    regulation: str
    article: str
    subject: str
    status: ArticleStatus
    source: str
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def citation(self) -> str:
        """Return the provision and its document on one line."""
        return f"{self.article} ({self.regulation})"

    def in_force(self, on: date) -> bool:
        """Return whether the article applies on `on`."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What every answer of a rule carries beside the answer itself.

    Attributes:
        articles: Provisions the answer rests on.
        inputs: The facts that decided it, by name.
        working: The steps from the facts to the answer, in words.
        unknowns: Names of the facts that were needed and not known.
    """

    articles: tuple[Article, ...]
    inputs: Mapping[str, object]
    working: tuple[str, ...]
    unknowns: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Return whether every article of the answer was verified."""
        return all(article.status == "verified" for article in self.articles)
