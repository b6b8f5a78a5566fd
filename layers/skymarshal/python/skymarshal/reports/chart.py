"""The chart of the trade-offs, drawn so that it also reads in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from reportlab.graphics.shapes import Circle, Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor

from skymarshal.reports.document import Band, TradeOffs

__all__ = ["draw"]

_HEIGHT: Final = 150.0
_SHARE_OF_SCORES: Final = 0.64
_BASE: Final = 26.0
_TOP: Final = 18.0
_LEFT: Final = 20.0
_FONT: Final = "Helvetica"
_SMALL: Final = 7.0
_INK: Final = HexColor("#222222")
_GRID: Final = HexColor("#d5d9de")
_FILLS: Final = (HexColor("#1f3a5f"), HexColor("#5b8db8"), HexColor("#b9c7d6"))
_PALES: Final = (HexColor("#9fb0c6"), HexColor("#c3d8e8"), HexColor("#e3e9ef"))
_FULL: Final = 100.0


def draw(chart: TradeOffs, width: float) -> Drawing:
    """Return the scores as bars beside the costs as ranges, `width` points wide."""
    drawing = Drawing(width, _HEIGHT)
    scores_width = width * _SHARE_OF_SCORES
    _scores(drawing, chart, scores_width)
    _costs(drawing, chart, scores_width + 26, width)
    return drawing


def _scores(drawing: Drawing, chart: TradeOffs, width: float) -> None:
    height = _HEIGHT - _BASE - _TOP
    _label(drawing, _LEFT, _HEIGHT - 8, "Scores", bold=True)
    for mark in (0, 25, 50, 75, 100):
        y = _BASE + height * mark / _FULL
        drawing.add(Line(_LEFT, y, width, y, strokeColor=_GRID, strokeWidth=0.5))
        _label(drawing, _LEFT - 4, y - 2.5, str(mark), anchor="end")
    group = (width - _LEFT) / len(chart.scores)
    bar = min(16.0, group * 0.8 / len(chart.options))
    for place, name in enumerate(chart.scores):
        centre = _LEFT + group * (place + 0.5)
        begin = centre - bar * len(chart.options) / 2
        for number, (option, bands, _) in enumerate(chart.options):
            x, band = begin + bar * number, bands[place]
            _bar(drawing, x, bar, height, band, number)
            _label(drawing, x + bar / 2, _BASE - 8, option, anchor="middle")
        _label(drawing, centre, _BASE - 18, name, anchor="middle", bold=name == chart.scores[-1])


def _bar(drawing: Drawing, x: float, width: float, height: float, band: Band, number: int) -> None:
    fill, pale = _FILLS[number % len(_FILLS)], _PALES[number % len(_PALES)]
    certain, possible = height * band.low / _FULL, height * band.high / _FULL
    for bottom, top, colour in ((0.0, certain, fill), (certain, possible, pale)):
        rect = Rect(x + 1, _BASE + bottom, width - 2, top - bottom)
        rect.fillColor, rect.strokeColor, rect.strokeWidth = colour, _INK, 0.4
        drawing.add(rect)
    shown = f"{band.low:.0f}-{band.high:.0f}" if band.likely is None else f"{band.likely:.0f}"
    _label(drawing, x + width / 2, _BASE + possible + 2, shown, anchor="middle", size=6.0)


def _costs(drawing: Drawing, chart: TradeOffs, left: float, right: float) -> None:
    known = [(option, cost) for option, _, cost in chart.options if cost is not None]
    _label(drawing, left, _HEIGHT - 8, "Cost, thousand US dollars", bold=True)
    if not known:
        _label(drawing, left, _HEIGHT - 28, "unknown for every option")
        return
    begin = left + 16
    ends = _ticks(max(cost.high for _, cost in known) / 1_000)
    scale = (right - begin - 8) / ends[-1]
    for mark in ends:
        x = begin + mark * scale
        drawing.add(Line(x, _BASE, x, _HEIGHT - _TOP, strokeColor=_GRID, strokeWidth=0.5))
        _label(drawing, x, _BASE - 8, f"{mark:,.0f}", anchor="middle")
    step = (_HEIGHT - _BASE - _TOP) / (len(known) + 1)
    for place, (option, cost) in enumerate(known, start=1):
        y = _HEIGHT - _TOP - step * place
        low, high = begin + cost.low / 1_000 * scale, begin + cost.high / 1_000 * scale
        _label(drawing, left, y - 2.5, option)
        drawing.add(Line(low, y, high, y, strokeColor=_INK, strokeWidth=1.4))
        for end in (low, high):
            drawing.add(Line(end, y - 3, end, y + 3, strokeColor=_INK, strokeWidth=1.0))
        if cost.likely is not None:
            x = begin + cost.likely / 1_000 * scale
            drawing.add(Circle(x, y, 3.2, fillColor=_FILLS[0], strokeColor=_INK, strokeWidth=0.4))
            _label(drawing, x, y + 6, f"{cost.likely / 1_000:,.0f}", anchor="middle")


def _ticks(most: float) -> Sequence[float]:
    """Return round marks from 0 to at least `most`, four or five of them."""
    step = 1.0
    while step * 4 < most:
        step *= 2.5 if str(step).startswith("2") else 2
    return [step * number for number in range(5)]


def _label(
    drawing: Drawing,
    x: float,
    y: float,
    text: str,
    *,
    anchor: Literal["start", "middle", "end"] = "start",
    bold: bool = False,
    size: float = _SMALL,
) -> None:
    font = f"{_FONT}-Bold" if bold else _FONT
    drawing.add(String(x, y, text, fontName=font, fontSize=size, fillColor=_INK, textAnchor=anchor))
