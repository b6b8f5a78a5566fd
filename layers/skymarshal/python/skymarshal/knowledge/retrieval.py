"""The port to guidance, whoever keeps it."""

from __future__ import annotations

from typing import Protocol

from skymarshal.domain.arbitration import Citation
from skymarshal.errors import SkyMarshalError

__all__ = ["Knowledge", "KnowledgeUnavailable"]


class KnowledgeUnavailable(SkyMarshalError):
    """Guidance or precedent could not be reached."""


class Knowledge(Protocol):
    """Finds passages of guidance."""

    @property
    def name(self) -> str:
        """Which collection is searched, in a few words."""
        ...

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        """Return at most `limit` passages that speak to `query`, the best first; empty where none does.

        Raises:
            KnowledgeUnavailable: the collection did not answer.
        """
        ...
