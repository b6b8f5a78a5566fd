"""Decision records as documents for people."""

from __future__ import annotations

from skymarshal.reports.markdown import render_markdown

__all__ = ["render_markdown"]
