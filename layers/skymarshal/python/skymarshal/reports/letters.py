r"""Letters of any script in a PDF: which font has them, and in which order they are set.

The standard fonts hold Latin letters. Of Noto Sans (Latin, Greek, Cyrillic, Devanagari), its Arabic and Thai
and of Heebo (Hebrew) is embedded what a text needs; Chinese, Japanese and Korean are set in fonts that the
reader's program brings for them. Arabic letters are joined, and what is read from right to left is set so,
run by run: one that breaks over two lines has its end on the first. Scripts that need more shaping than that
are set letter by letter. What no font has stands as its code point, such as \u0d05.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from arabic_reshaper import reshape
from bidi.algorithm import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

__all__ = ["latin", "marked_up", "printable"]

_PLAIN_LETTERS: Final = str.maketrans(
    {"\u2011": "-", "\u2212": "-", "\u2192": "->", "\u2265": ">=", "\u2264": "<="}
)
_EMBEDDED: Final = {
    "NotoSans": ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
    "NotoSansArabic": ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf"),
    "Heebo": ("fontpkg_heebo", "Heebo[wght].ttf"),
    "NotoSansThai": ("fontpkg_noto_sans_thai", "NotoSansThai[wdth,wght].ttf"),
}
_JAPANESE, _KOREAN, _CHINESE = "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"
_KANA, _HANGUL, _HAN = (0x3040, 0x30FF), (0xAC00, 0xD7A3), (0x3000, 0x9FFF)
_FULL_WIDTH: Final = (0xFF00, 0xFFEF)
_STANDARD: Final = ""
_LATIN: Final = "cp1252"
_NONE: Final = "none"


def printable(text: str) -> str:
    """Return `text` without what cannot be seen, and with common signs in plain letters."""
    return "".join(one if one.isprintable() else " " for one in text.translate(_PLAIN_LETTERS))


def latin(text: str) -> str:
    """Return `text` in the letters of the standard fonts, others as their code points."""
    return printable(text).encode("cp1252", "backslashreplace").decode("cp1252")


def marked_up(text: str) -> str:
    """Return `text` as the markup of a paragraph: escaped, and with its font named where letters need one."""
    shown = printable(text)
    if _is_in(shown):
        return escape(shown)
    japanese = any(_within(one, _KANA) for one in shown)
    ordered = get_display(reshape(shown), base_dir="L")
    runs = groupby(ordered, key=lambda one: _font_of(one, japanese=japanese))
    return "".join(_run(font, "".join(letters)) for font, letters in runs)


def _run(font: str, letters: str) -> str:
    if font == _STANDARD:
        return escape(letters)
    if font == _NONE:
        return escape(letters.encode("ascii", "backslashreplace").decode())
    return f'<font name="{font}">{escape(letters)}</font>'


def _is_in(text: str, letters: str = _LATIN) -> bool:
    try:
        text.encode(letters)
    except UnicodeEncodeError:
        return False
    return True


def _font_of(letter: str, *, japanese: bool) -> str:
    if _is_in(letter):
        return _STANDARD
    for name in _EMBEDDED:
        if ord(letter) in _letters_of(name):
            return name
    if _within(letter, _HANGUL):
        return _cid(_KOREAN)
    if _within(letter, _HAN) or _within(letter, _FULL_WIDTH):
        return _cid(_JAPANESE if japanese and _is_in(letter, "shift_jis") else _CHINESE)
    return _NONE


def _within(letter: str, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= ord(letter) <= bounds[1]


@cache
def _letters_of(name: str) -> frozenset[int]:
    """Return the code points that an embedded font has, once it is registered."""
    package, file = _EMBEDDED[name]
    font = TTFont(name, str(files(package) / "files" / file))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


@cache
def _cid(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
