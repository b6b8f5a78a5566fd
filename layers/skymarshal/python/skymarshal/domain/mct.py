"""Minimum connection times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.times import ZERO, format_duration, require_non_negative

__all__ = [
    "MCT_ARTICLE",
    "PRECLEARANCE_ARTICLE",
    "PRECLEARANCE_BEFORE_DEPARTURE",
    "PUBLISHED_MCTS",
    "Connection",
    "PublishedMct",
    "check_connection",
    "published_mct",
]

MCT_ARTICLE: Final = Article(
    regulation="IATA Passenger Standards Conference Manual",
    article="Resolution 765",
    subject="Interline minimum connecting time intervals",
    status="unverified",
    source="the resolution was not read; each value carries its own source",
)
PRECLEARANCE_ARTICLE: Final = Article(
    regulation="US CBP preclearance at Abu Dhabi",
    article="Presentation at the facility",
    subject="Passengers present themselves 90 minutes before departure",
    status="verified",
    source="guidance of the airline and US CBP, 2021, in the press",
)
PRECLEARANCE_BEFORE_DEPARTURE: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMct:
    """A published minimum; a terminal of None stands for any."""

    airport: str
    minutes: int
    source: str
    terminal_from: str | None = None
    terminal_to: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def applies(self, airport: str, terminal_from: str | None, terminal_to: str | None, on: date) -> bool:
        """Return whether the row covers a connection on a day."""
        return (
            self.airport == airport
            and self.terminal_from in (None, terminal_from)
            and self.terminal_to in (None, terminal_to)
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_to is None or on <= self.valid_to)
        )


_SURVEY: Final = "published by the airport or in a public comparison of minimum connection times"

PUBLISHED_MCTS: Final[tuple[PublishedMct, ...]] = (
    PublishedMct(airport="AMS", minutes=50, source=_SURVEY),
    PublishedMct(airport="CDG", minutes=60, source=_SURVEY),
    PublishedMct(airport="FRA", minutes=45, source=_SURVEY),
    PublishedMct(airport="VIE", minutes=25, source=_SURVEY),
    PublishedMct(airport="ZRH", minutes=40, source=_SURVEY),
    PublishedMct(
        airport="LHR",
        terminal_from="T5",
        terminal_to="T5",
        minutes=60,
        valid_to=date(2023, 12, 31),
        source=_SURVEY,
    ),
    PublishedMct(
        airport="LHR",
        terminal_from="T5",
        terminal_to="T5",
        minutes=75,
        valid_from=date(2024, 1, 1),
        source=_SURVEY,
    ),
    PublishedMct(airport="LHR", terminal_from="T3", terminal_to="T5", minutes=90, source=_SURVEY),
    PublishedMct(airport="LHR", terminal_from="T5", terminal_to="T3", minutes=90, source=_SURVEY),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(RuleResult):
    """Whether a connection holds.

    Attributes:
        legal: None if no minimum is known: no minimum is not 60 minutes.
        margin: Against the binding minimum; None if unknown.
        binding: Which minimum binds.
        required: The binding minimum.
    """

    legal: bool | None
    margin: timedelta | None
    binding: str | None
    required: timedelta | None


def published_mct(
    airport: str,
    *,
    on: date,
    terminal_from: str | None = None,
    terminal_to: str | None = None,
    table: Sequence[PublishedMct] = PUBLISHED_MCTS,
) -> PublishedMct | None:
    """Return the most specific published minimum for a connection on a day, or None if there is none."""
    rows = [row for row in table if row.applies(airport, terminal_from, terminal_to, on)]
    return max(
        rows,
        key=lambda row: (
            (row.terminal_from is not None) + (row.terminal_to is not None),
            row.valid_from or date.min,
        ),
        default=None,
    )


def check_connection(
    *,
    available: timedelta,
    minimum: timedelta | None,
    airport: str | None = None,
    precleared_to_us: bool = False,
    presentation: timedelta = PRECLEARANCE_BEFORE_DEPARTURE,
) -> Connection:
    """Return whether a connection is long enough.

    Args:
        available: From arrival to the next departure; negative if the connection departs first.
        minimum: Minimum connection time; None if unknown.
        airport: Where the passenger connects, for the words.
        precleared_to_us: Whether the next flight goes through US preclearance here.
        presentation: How long before departure passengers present themselves there.

    Raises:
        NegativeDurationError: If the minimum or the presentation time is negative.
    """
    require_non_negative("presentation", presentation)
    articles = [MCT_ARTICLE]
    required: timedelta | None = None
    binding: str | None = None
    if minimum is not None:
        required = require_non_negative("mct", minimum)
        binding = f"MCT {round(minimum.total_seconds() / 60)} min"
    if precleared_to_us:
        articles.append(PRECLEARANCE_ARTICLE)
        if required is None or presentation > required:
            required = presentation
            binding = f"US preclearance {round(presentation.total_seconds() / 60)} min"
    margin = None if required is None else available - required
    broken = margin is not None and margin < ZERO
    legal = False if broken else None if minimum is None else True
    return Connection(
        legal=legal,
        margin=margin,
        binding=binding,
        required=required,
        articles=tuple(articles),
        inputs={
            "airport": airport,
            "available": available,
            "minimum": minimum,
            "precleared_to_us": precleared_to_us,
        },
        working=(
            "the minimum connection time is unknown"
            if required is None
            else f"{format_duration(available)} available, {binding} needed: margin "
            f"{format_duration(available - required)}",
        ),
        unknowns=() if minimum is not None else ("mct",),
    )
