"""Answers of rule checks as JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.ftl import FtlProfile
from skymarshal.domain.money import Money
from skymarshal.domain.times import format_duration, hours

__all__ = ["Answer", "Json", "as_json", "clean_number", "duration_text", "hours_number"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The fields of an answer, and the results of the rules it came from."""

    values: Mapping[str, Json]
    results: tuple[RuleResult, ...]
    assumptions: tuple[str, ...] = ()

    def document(self, rule: str, assumptions: Sequence[str]) -> dict[str, Json]:
        """Return the whole answer: values, then what they rest on, `assumptions` for fields left out too."""
        articles = {article.citation: article for result in self.results for article in result.articles}
        return {
            "rule": rule,
            **self.values,
            "verified": all(result.verified for result in self.results),
            "articles": [_article(article) for article in articles.values()],
            "working": list(dict.fromkeys(step for result in self.results for step in result.working)),
            "inputs": {
                name: as_json(value) for result in self.results for name, value in result.inputs.items()
            },
            "unknowns": list(dict.fromkeys(name for result in self.results for name in result.unknowns)),
            "assumptions": list(dict.fromkeys((*self.assumptions, *assumptions))),
        }


def duration_text(duration: timedelta | None) -> str | None:
    """Return a duration as `H:MM`."""
    return None if duration is None else format_duration(duration)


def hours_number(duration: timedelta) -> int | float:
    """Return a duration in hours, whole where it is."""
    return clean_number(hours(duration))


def clean_number(value: float | Decimal) -> int | float:
    """Return a number without a decimal point where it is whole."""
    return int(value) if value == int(value) else float(value)


def as_json(value: object) -> Json:
    """Return a value of the domain as JSON."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return clean_number(value)
    if isinstance(value, (Money, FtlProfile)):
        return str(value) if isinstance(value, Money) else value.name
    if isinstance(value, Mapping):
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _article(article: Article) -> Json:
    return {
        "regulation": article.regulation,
        "article": article.article,
        "subject": article.subject,
        "status": article.status,
        "source": article.source,
        "valid_from": as_json(article.valid_from),
        "valid_to": as_json(article.valid_to),
    }
