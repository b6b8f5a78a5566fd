"""What the corrections take for granted about ministack, checked before any is applied."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version

__all__ = ["MINISTACK_VERSION", "EmulatorChanged", "expect_source", "expect_version"]

MINISTACK_VERSION = "1.5.33"


class EmulatorChanged(Exception):
    """Ministack is not what a correction was written for; the message says which and what to look at."""


def expect_version() -> None:
    """Check that the installed ministack is the one that the corrections were written for.

    Raises:
        EmulatorChanged: It is another.
    """
    if (found := version("ministack")) != MINISTACK_VERSION:
        raise EmulatorChanged(f"ministack is {found}; local/emulator was written for {MINISTACK_VERSION}")


def expect_source(function: Callable[..., object], *snippets: str) -> None:
    """Check that a function's source still holds the snippets that a correction relies on.

    Raises:
        EmulatorChanged: One is missing.
    """
    source = inspect.getsource(function)
    for snippet in snippets:
        if snippet not in source:
            raise EmulatorChanged(f"{function.__module__}.{function.__qualname__} no longer has {snippet!r}")
