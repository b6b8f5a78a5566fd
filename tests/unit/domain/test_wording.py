"""Numbers agree with their nouns."""

from __future__ import annotations

import pytest

from skymarshal.domain.wording import agreeing, counted


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 passengers"), (1, "1 passenger"), (2, "2 passengers"), (1200, "1,200 passengers")],
)
def test_a_noun_is_singular_for_one_alone(count: int, text: str) -> None:
    assert counted(count, "passenger") == text


def test_a_noun_with_a_plural_of_its_own_takes_it() -> None:
    said = [counted(count, "kind of change", "kinds of change") for count in (1, 2)]
    assert said == ["1 kind of change", "2 kinds of change"]


def test_a_word_agrees_with_its_number() -> None:
    assert [agreeing(count, "is", "are") for count in (0, 1, 2)] == ["are", "is", "are"]
