"""Every worked example holds through the command line's own entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skymarshal.cli.rule_checks import check_rule

EXAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "worked_examples.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_all_examples_are_carried():
    assert len(EXAMPLES) == 47
    assert len({example["id"] for example in EXAMPLES}) == 47


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_the_rule_answers_as_worked_by_hand(example):
    answer = check_rule(example["input"])

    assert {name: answer[name] for name in example["expected"]} == example["expected"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_the_answer_shows_articles_and_working(example):
    answer = check_rule(example["input"])

    assert answer["articles"]
    assert answer["working"]
