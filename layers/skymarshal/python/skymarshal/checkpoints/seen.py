"""The assessments that an agent sees of others: those between two barriers, opened when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.runs import assessment_in
from skymarshal.checkpoints.store import SORT, Item

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import CipherProtocol

__all__ = ["SeenAssessments"]


class SeenAssessments(Mapping[str, bytes]):
    """Assessments by digest.

    After a resume there may be more of them than the state refers to, so each is opened and checked only when
    it is asked for.
    """

    def __init__(self, thread_id: str, payloads: Payloads, cipher: CipherProtocol | None) -> None:
        self._thread_id = thread_id
        self._payloads = payloads
        self._cipher = cipher
        self._items: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        """Let the assessment that `item` holds be seen."""
        self._items[str(item[SORT]).rsplit("#", 1)[1]] = item

    def __getitem__(self, digest: str) -> bytes:
        return assessment_in(self._items[digest], self._thread_id, self._payloads, self._cipher)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
