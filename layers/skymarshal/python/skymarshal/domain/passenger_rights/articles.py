"""Provisions and judgments of the passenger rights rules."""

from __future__ import annotations

from datetime import date
from typing import Final

from skymarshal.domain.articles import Article, ArticleStatus

__all__ = ["eu_article", "judgment", "uk_article"]

_EU: Final = "Regulation (EC) 261/2004"
_UK: Final = "UK Regulation (EC) 261/2004 (SI 2019/278)"


def eu_article(
    article: str,
    subject: str,
    *,
    source: str = "Regulation and 2024 Interpretative Guidelines C/2024/5687",
    status: ArticleStatus = "verified",
) -> Article:
    """Return a provision of the EU regulation."""
    return Article(
        regulation=_EU,
        article=article,
        subject=subject,
        status=status,
        source=source,
        valid_from=date(2005, 2, 17),
    )


def uk_article(article: str, subject: str, *, source: str, status: ArticleStatus = "unverified") -> Article:
    """Return a provision of the regulation as retained in the United Kingdom."""
    return Article(
        regulation=_UK,
        article=article,
        subject=subject,
        status=status,
        source=source,
        valid_from=date(2020, 12, 31),
    )


def judgment(
    case: str, subject: str, *, court: str = "CJEU", source: str, status: ArticleStatus = "verified"
) -> Article:
    """Return a judgment on the regulation."""
    return Article(regulation=court, article=case, subject=subject, status=status, source=source)
