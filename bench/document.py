"""docs/benchmarks.md, of which each benchmark writes its own section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["DOCUMENT", "Figure", "as_table", "keep", "merged"]

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SECTIONS: Final = ("Decisions", "Cost of a disruption", "Idle cost", "Checkpoint store")

_HEAD: Final = """\
# Benchmarks

Written by `make bench`, each section when its benchmark was last run. The times are those of the machine
that it ran on.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a section; `holds` is None where there is no limit to hold."""

    what: str
    ours: str
    peer: str = ""
    limit: str = ""
    holds: bool | None = None


def as_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table."""
    lines = ["| What | Ours | Peer | At most | Holds |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.ours} | {one.peer} | {one.limit} |"
        f" {'' if one.holds is None else 'yes' if one.holds else 'no'} |"
        for one in figures
    ]
    return "\n".join(lines)


def keep(section: str, text: str) -> None:
    """Put `text` in the place of what a section of the document says."""
    DOCUMENT.write_text(merged(DOCUMENT.read_text(encoding="utf-8"), section, text), encoding="utf-8")


def merged(document: str, section: str, text: str) -> str:
    """Return `document` with `text` as its section of that name, in the order of the sections."""
    if section not in SECTIONS:
        raise ValueError(f"{section!r} is not one of {', '.join(SECTIONS)}")
    found = dict(re.findall(r"^## ([^\n]+)\n\n(.*?)(?=^## |\Z)", document, re.MULTILINE | re.DOTALL))
    found[section] = text
    parts = [f"## {name}\n\n{found[name].strip()}\n" for name in SECTIONS if name in found]
    return "\n".join([_HEAD, *parts])
