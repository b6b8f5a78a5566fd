"""A record in the format that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from skymarshal.domain.decision import DecisionRecord, ObservedOutcome
from skymarshal.reports.composing import compose
from skymarshal.reports.markdown import render_markdown

__all__ = ["ReportFormat", "render"]


class ReportFormat(StrEnum):
    """What a report can be rendered to."""

    JSON = "json"
    MARKDOWN = "markdown"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """What the content is sent as."""
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """What a file of it ends with, the dot included."""
        return _SUFFIXES[self]


_MEDIA_TYPES: Final = {
    ReportFormat.JSON: "application/json",
    ReportFormat.MARKDOWN: "text/markdown; charset=utf-8",
    ReportFormat.PDF: "application/pdf",
}
_SUFFIXES: Final = {ReportFormat.JSON: ".json", ReportFormat.MARKDOWN: ".md", ReportFormat.PDF: ".pdf"}


def render(record: DecisionRecord, outcomes: Sequence[ObservedOutcome], form: ReportFormat) -> bytes:
    """Return a record with its outcomes as a file's content. Same input, same bytes.

    JSON holds everything: `record` as it was decided, and `outcomes` beside it. Markdown and PDF are for
    reading; where they cut something short they say that the record holds the whole.
    """
    match form:
        case ReportFormat.JSON:
            return msgspec.json.format(
                msgspec.json.encode({"record": record, "outcomes": tuple(outcomes)}), indent=2
            )
        case ReportFormat.MARKDOWN:
            return render_markdown(compose(record, outcomes)).encode()
        case ReportFormat.PDF:
            # The one that needs a library, and a second to import it.
            from skymarshal.reports.pdf import render_pdf

            return render_pdf(compose(record, outcomes))
