"""The command line: `skymarshal run`, `rules`, `threads` and the rest."""

from __future__ import annotations

from skymarshal.cli.main import main

__all__ = ["main"]
