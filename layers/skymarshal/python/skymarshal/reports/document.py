"""The blocks of a report, free of any format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Band",
    "Block",
    "Bullets",
    "Document",
    "Facts",
    "Heading",
    "Notice",
    "Paragraph",
    "SignOff",
    "Table",
    "TradeOffs",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A numbered section begins."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What must not be overlooked; `alarming` where it warns."""

    title: str
    text: str
    alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list; `intro` leads into it."""

    items: tuple[str, ...]
    intro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings; `widths` are the columns' shares of the width, one for each heading.

    A line break in a cell begins a new line.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A figure with its range; `likely` is None where only the range is known."""

    low: float
    likely: float | None
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOffs:
    """A chart: the scores of each option, by the name of the score, and its cost in US dollars."""

    scores: tuple[str, ...]
    options: tuple[tuple[str, tuple[Band, ...], Band | None], ...]
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """Lines on which a person signs the printed record."""

    roles: tuple[str, ...]


Block: TypeAlias = Heading | Paragraph | Notice | Bullets | Facts | Table | TradeOffs | SignOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report.

    Attributes:
        title: what it is about.
        reference: how this record is told from any other; stands on every page.
        conventions: how its times, durations and amounts are to be read.
        blocks: its content in order.
    """

    title: str
    reference: str
    conventions: str
    blocks: tuple[Block, ...]
