"""DynamoDB: what costs time in how ministack reads an expression."""

from __future__ import annotations

from functools import lru_cache

from ministack.services import dynamodb

from local.emulator.expectations import expect_source

__all__ = ["parse_expressions_once"]

_KEPT = 1024


def parse_expressions_once() -> None:
    """Parse an expression once, where ministack parses and checks it anew for each item it is held against.

    That is a third of what it takes to answer a query. Both results follow from the text alone.
    """
    tokenize, syntax_error = dynamodb._tokenize, dynamodb._condition_syntax_error
    expect_source(
        dynamodb._evaluate_condition, "tokens = _tokenize(expr)", "_condition_syntax_error(expr, slot)"
    )
    expect_source(tokenize, "tokens = []\n    i = 0\n    n = len(expr)")
    expect_source(syntax_error, "_COND_TOKEN_RE.finditer(expr)", "return str(exc)\n    return None")

    @lru_cache(maxsize=_KEPT)
    def tokens_of(expression: str) -> tuple[tuple[str, str], ...]:
        return tuple(tokenize(expression))

    def tokenize_once(expression: str) -> list[tuple[str, str]]:
        return list(tokens_of(expression))

    dynamodb._tokenize = tokenize_once
    dynamodb._condition_syntax_error = lru_cache(maxsize=_KEPT)(syntax_error)
