"""The threat model names tests that there are."""

from __future__ import annotations

import ast
from pathlib import Path

from infra.threats import THREATS

TESTS = Path(__file__).resolve().parents[1]


def test_every_threat_names_tests_that_there_are() -> None:
    missing = []
    for threat in THREATS:
        assert threat.tests, threat.how
        for test in threat.tests:
            file, _, function = test.partition("::")
            defined = {
                node.name
                for node in ast.walk(ast.parse((TESTS / file).read_text()))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            if function not in defined:
                missing.append(test)
    assert missing == []
