"""A report on A4 pages, with ReportLab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import zip_longest
from typing import Any, Final

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from skymarshal.reports.chart import draw
from skymarshal.reports.document import (
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
from skymarshal.reports.letters import latin, marked_up, printable

__all__ = ["render_pdf"]

_MARGIN: Final = 16 * mm
_TOP: Final = 22 * mm
_BOTTOM: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_FONT, _BOLD = "Helvetica", "Helvetica-Bold"
_NAVY, _INK, _GREY, _RULE = HexColor("#1f3a5f"), HexColor("#222222"), HexColor("#5c6670"), HexColor("#c9ced4")
_SHADE, _CALM, _ALARM = HexColor("#eef2f6"), HexColor("#e7eff7"), HexColor("#fbeceb")
_GREEN, _RED = HexColor("#1d6b3a"), HexColor("#a3211b")
_STATES: Final = {"kept": _GREEN, "broken": _RED, "unknown": _RED}

_KEPT: Final = 0.2 * A4[1]
_ROWS_TOGETHER: Final = 3

_BODY: Final = ParagraphStyle("body", fontName=_FONT, fontSize=9, leading=12, textColor=_INK, spaceAfter=4)
_CELL: Final = ParagraphStyle("cell", parent=_BODY, fontSize=7.6, leading=9.6, spaceAfter=0)
_HEAD: Final = ParagraphStyle("head", parent=_CELL, fontName=_BOLD, textColor=white)
_NAME: Final = ParagraphStyle("name", parent=_CELL, fontName=_BOLD)
_TITLE: Final = ParagraphStyle(
    "title", fontName=_BOLD, fontSize=15, leading=19, textColor=_NAVY, spaceAfter=6
)
_SECTION: Final = ParagraphStyle(
    "section", fontName=_BOLD, fontSize=11, leading=14, textColor=_NAVY, spaceBefore=10, spaceAfter=4
)
_CAPTION: Final = ParagraphStyle("caption", parent=_CELL, textColor=_GREY, spaceAfter=6)
_TABLE_TITLE: Final = ParagraphStyle("table", parent=_BODY, fontName=_BOLD, spaceBefore=4)
_BULLET: Final = ParagraphStyle("bullet", parent=_BODY, leftIndent=10, bulletIndent=1, spaceAfter=2)


def render_pdf(document: Document) -> bytes:
    """Return `document` as a PDF of A4 pages. Same document, same bytes.

    Texts of any script are set as `skymarshal.reports.letters` says; the head of a page is in Latin letters.
    """
    file = BytesIO()
    template = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        title=printable(document.title),
        author="SkyMarshal",
        subject=printable(document.reference),
        # Neither the time of rendering nor a random id: the same record prints to the same file.
        invariant=1,
    )
    frame = Frame(_MARGIN, _BOTTOM, _WIDTH, A4[1] - _TOP - _BOTTOM, id="body", showBoundary=0, **_NO_PADDING)
    template.addPageTemplates(PageTemplate(id="page", frames=[frame]))
    flowables = [
        _paragraph(document.title, _TITLE),
        _paragraph(document.conventions, _CAPTION),
        *_flowables(document.blocks),
    ]
    template.build(flowables, canvasmaker=_numbered(document))
    return file.getvalue()


_NO_PADDING: Final = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}


def _numbered(document: Document) -> type[Canvas]:
    """Return a canvas that writes the reference and `page x of y` on each page."""

    class NumberedCanvas(Canvas):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[arg-type]
            self._pages: list[dict[str, object]] = []

        def showPage(self) -> None:  # noqa: N802 ReportLab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._margins(number, len(self._pages))
                super().showPage()
            super().save()

        def _margins(self, number: int, pages: int) -> None:
            self.setFont(_FONT, 7.5)
            self.setFillColor(_GREY)
            self.setStrokeColor(_RULE)
            if number > 1:
                self.drawString(_MARGIN, A4[1] - 14 * mm, latin(document.title))
                self.line(_MARGIN, A4[1] - 16 * mm, A4[0] - _MARGIN, A4[1] - 16 * mm)
            self.line(_MARGIN, 14 * mm, A4[0] - _MARGIN, 14 * mm)
            self.drawString(_MARGIN, 10 * mm, latin(f"Record {document.reference}"))
            self.drawRightString(A4[0] - _MARGIN, 10 * mm, f"Page {number} of {pages}")

    return NumberedCanvas


class _Rows(Grid):
    """A table that can go on on the next page, but not at once."""

    def opening(self) -> float:
        """Return the height of its heading and its first two rows."""
        self.wrap(_WIDTH, A4[1])
        heights: Sequence[float] = self._rowHeights  # type: ignore[attr-defined]
        return sum(heights[:_ROWS_TOGETHER])


def _flowables(blocks: Sequence[Block]) -> Iterator[Flowable]:
    """Yield the blocks, each heading on the page on which what it leads to begins."""
    number = 0
    lead: list[Flowable] = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if isinstance(block, Heading):
            number += 1
            lead.append(_paragraph(f"{number}. {block.text}", _SECTION))
        elif isinstance(block, Paragraph) and isinstance(following, Facts | Table | TradeOffs):
            lead.append(_paragraph(block.text, _BODY))
        elif isinstance(following, SignOff):
            # A signature stands on the page of what is signed.
            lead += _block(block)
        else:
            yield from _together(lead, list(_block(block)))
            lead = []


def _together(lead: Sequence[Flowable], body: Sequence[Flowable]) -> Iterator[Flowable]:
    """Yield `lead` and `body`, on one page where they are short, else with the beginning of `body`."""
    whole = [*lead, *body]
    if _height(whole) <= _KEPT:
        yield KeepTogether(whole)
        return
    first = next((place for place, one in enumerate(body) if isinstance(one, _Rows)), 1)
    yield CondPageBreak(_height([*lead, *body[:first]]) + sum(map(_opening, body[first : first + 1])))
    yield from whole


def _height(flowables: Sequence[Flowable]) -> float:
    return sum(one.getSpaceBefore() + one.wrap(_WIDTH, A4[1])[1] + one.getSpaceAfter() for one in flowables)


def _opening(flowable: Flowable) -> float:
    """Return the height of what must not be parted from what leads to `flowable`."""
    return flowable.opening() if isinstance(flowable, _Rows) else _height([flowable])


def _block(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading(text=text) | Paragraph(text=text):
            yield _paragraph(text, _BODY)
        case Notice():
            yield _notice(block)
            yield Spacer(0, 4)
        case Bullets(items=items, intro=intro):
            if intro:
                yield _paragraph(intro, _BODY)
            for item in items:
                yield Text(marked_up(item), _BULLET, bulletText="\u2022")
            yield Spacer(0, 2)
        case Facts(pairs=pairs):
            rows = [[_paragraph(name, _NAME), _paragraph(value, _CELL)] for name, value in pairs]
            yield _grid(rows, (3, 11), [("LINEBELOW", (0, 0), (-1, -1), 0.3, _RULE)])
            yield Spacer(0, 6)
        case Table():
            yield from _table(block)
        case TradeOffs(caption=caption):
            yield from (Spacer(0, 6), draw(block, _WIDTH), _paragraph(caption, _CAPTION))
        case SignOff(roles=roles):
            yield from (Spacer(0, 10), _sign_off(roles))


def _notice(notice: Notice) -> Flowable:
    edge, shade = (_RED, _ALARM) if notice.alarming else (_NAVY, _CALM)
    style = ParagraphStyle("notice", parent=_BODY, fontName=_BOLD, fontSize=10.5, leading=13, textColor=edge)
    words = [_paragraph(notice.title, style), _paragraph(notice.text, _BODY)]
    return _grid(
        [[one] for one in words],
        (1,),
        [("BACKGROUND", (0, 0), (-1, -1), shade), ("LINEBEFORE", (0, 0), (0, -1), 3, edge)],
    )


def _table(table: Table) -> Iterator[Flowable]:
    named = not table.headings[0]
    rows: list[list[Flowable]] = [[_paragraph(heading, _HEAD) for heading in table.headings]]
    rows += [
        [_cell(cell, named=named and column == 0) for column, cell in enumerate(row)] for row in table.rows
    ]
    styles: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, 0), _NAVY),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, _RULE),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, _SHADE]),
    ]
    grid = _grid(rows, table.widths, styles, heading=True)
    if table.title:
        yield _paragraph(table.title, _TABLE_TITLE)
    yield from (grid, Spacer(0, 6))


def _cell(text: str, *, named: bool) -> Flowable:
    state = _STATES.get(text)
    if state is not None:
        return _paragraph(text, ParagraphStyle("state", parent=_NAME, textColor=state))
    lines = "<br/>".join(marked_up(line) for line in text.split("\n"))
    return Text(lines, _NAME if named else _CELL)


def _sign_off(roles: Sequence[str]) -> Flowable:
    rows = [[_paragraph(text, _NAME) for text in ("", "Name", "Signature", "Date and time")]]
    rows += [[_paragraph(role, _NAME), *([_paragraph("", _CELL)] * 3)] for role in roles]
    return Grid(
        rows,
        colWidths=[_WIDTH * share / 20 for share in (4, 6, 6, 4)],
        rowHeights=[14, *([26] * len(roles))],
        style=[("GRID", (0, 0), (-1, -1), 0.4, _RULE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
    )


def _grid(
    rows: Sequence[Sequence[Flowable]],
    shares: Sequence[int],
    styles: Sequence[Any],
    *,
    heading: bool = False,
) -> _Rows:
    widths = [_WIDTH * share / sum(shares) for share in shares]
    common = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    return _Rows(
        [list(row) for row in rows],
        colWidths=widths,
        repeatRows=1 if heading else 0,
        style=[*common, *styles],
        hAlign="LEFT",
    )


def _paragraph(text: str, style: ParagraphStyle) -> Text:
    return Text(marked_up(text), style)
