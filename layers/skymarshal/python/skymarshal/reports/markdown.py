"""A report as Markdown: every table and figure as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from skymarshal.reports.document import (
    Band,
    Block,
    Bullets,
    Document,
    Facts,
    Heading,
    Notice,
    Paragraph,
    SignOff,
    Table,
    TradeOffs,
)

__all__ = ["render_markdown"]

_BAR: Final = 40
_FULL: Final = 100.0
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def render_markdown(document: Document) -> str:
    """Return `document` as Markdown. Text from outside stands in it as text, whatever it holds."""
    parts = [
        f"# {_text(document.title)}",
        f"Record {_text(document.reference)}. {_text(document.conventions)}",
    ]
    number = 0
    for block in document.blocks:
        if isinstance(block, Heading):
            number += 1
            parts.append(f"## {number}. {_text(block.text)}")
        else:
            parts.extend(_block(block))
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=text) | Paragraph(text=text):
            yield _text(text)
        case Notice(title=title, text=text):
            yield f"> **{_text(title)}**  \n> {_text(text)}"
        case Bullets(items=items, intro=intro):
            yield _text(intro)
            yield "\n".join(f"- {_text(item)}" for item in items)
        case Facts(pairs=pairs):
            yield _table(("", ""), tuple((f"**{_text(name)}**", _text(value)) for name, value in pairs))
        case Table(title=title, headings=headings, rows=rows):
            yield f"**{_text(title)}**" if title else ""
            yield _table(headings, tuple(tuple(_cell(cell) for cell in row) for row in rows))
        case TradeOffs():
            yield _chart(block)
            yield _text(block.caption)
        case SignOff(roles=roles):
            yield _table(("Role", "Name", "Signature", "Date"), tuple((role, "", "", "") for role in roles))


def _text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    return "<br>".join(_text(line) for line in text.split("\n"))


def _table(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _chart(chart: TradeOffs) -> str:
    widest = max(len(name) for name in chart.scores)
    lines = []
    for place, name in enumerate(chart.scores):
        for option, scores, _ in chart.options:
            lines.append(f"{name:<{widest}}  {option}  {_bar(scores[place])}")
    return "```\n" + "\n".join(lines) + "\n```"


def _bar(band: Band) -> str:
    """Return a bar: `#` up to what is certain, `-` as far as it may be."""
    certain, possible = (round(edge / _FULL * _BAR) for edge in (band.low, band.high))
    figure = f"{band.low:.1f}" if band.low == band.high else f"{band.low:.1f} to {band.high:.1f}"
    return f"{'#' * certain}{'-' * (possible - certain)}{' ' * (_BAR - possible)} {figure}"
