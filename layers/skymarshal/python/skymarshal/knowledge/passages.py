"""The shipped corpus: Markdown documents, each section one passage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["MalformedDocument", "Passage", "parse_document", "shipped_passages"]

_FENCE: Final = "---\n"
_SECTION: Final = "\n## "


class MalformedDocument(ValueError):
    """A document of the corpus lacks its title, its source or its sections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A section of a document: the unit that is found and cited.

    `source` names what the document rests on; the words are our own.
    """

    document: str
    section: str
    text: str
    source: str


@cache
def shipped_passages() -> tuple[Passage, ...]:
    """Return the passages that come with the package, by document file and place within it."""
    documents = sorted(Path(__file__).with_name("corpus").glob("*.md"))
    return tuple(
        passage
        for document in documents
        for passage in parse_document(document.name, document.read_text(encoding="utf-8"))
    )


def parse_document(name: str, content: str) -> Iterator[Passage]:
    """Yield the passages of a document: front matter with `title` and `source`, then `##` sections.

    Raises:
        MalformedDocument: names the document and what it lacks.
    """
    _, fence, rest = content.partition(_FENCE)
    front, closing, body = rest.partition(_FENCE)
    if not fence or not closing:
        raise MalformedDocument(f"{name} has no front matter between two lines of ---")
    fields = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
    for needed in ("title", "source"):
        if not fields.get(needed):
            raise MalformedDocument(f"{name} has no {needed} in its front matter")
    preamble, *sections = body.split(_SECTION)
    if preamble.strip() or not sections:
        raise MalformedDocument(f"{name} must hold sections that begin with '## ' and nothing before them")
    for section in sections:
        heading, _, text = section.partition("\n")
        if not text.strip():
            raise MalformedDocument(f"{name}: section {heading!r} is empty")
        yield Passage(
            document=fields["title"],
            section=heading.strip(),
            text=" ".join(text.split()),
            source=fields["source"],
        )
