"""Each benchmark writes its own section of one document, and leaves the others'."""

from __future__ import annotations

import pytest

from bench.document import DOCUMENT, SECTIONS, merged


def test_a_section_is_replaced_and_the_others_stay_in_their_order() -> None:
    document = "# Benchmarks\n"
    for section in reversed(SECTIONS):
        document = merged(document, section, f"Old {section}.\n\n| a | b |\n")
    document = merged(document, SECTIONS[1], "New.")
    first, second, *others, third = SECTIONS
    assert document.split("## ")[1:] == [
        f"{first}\n\nOld {first}.\n\n| a | b |\n\n",
        f"{second}\n\nNew.\n\n",
        *(f"{other}\n\nOld {other}.\n\n| a | b |\n\n" for other in others),
        f"{third}\n\nOld {third}.\n\n| a | b |\n",
    ]
    assert merged(document, SECTIONS[1], "New.") == document


def test_the_document_has_every_section() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert [line[3:] for line in document.splitlines() if line.startswith("## ")] == list(SECTIONS)


def test_a_section_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="'Speed' is not one of Decisions"):
        merged("", "Speed", "fast")
