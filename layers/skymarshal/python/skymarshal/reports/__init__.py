"""Decision records as people and programs read them: JSON, Markdown and PDF.

composing   what a report says, once for every format
document    the blocks that it is made of
markdown    the blocks as text
pdf         the blocks on A4 pages
"""

from __future__ import annotations

from skymarshal.reports.composing import compose
from skymarshal.reports.document import Document
from skymarshal.reports.rendering import ReportFormat, render

__all__ = ["Document", "ReportFormat", "compose", "render"]
