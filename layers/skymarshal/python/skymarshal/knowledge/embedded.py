"""The shipped corpus, searched with SQLite's full-text index (FTS5, BM25).

The index is built in memory on first use: that takes a few milliseconds, less than reading a file would
save, and leaves nothing on disk to go stale.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Lock
from typing import Final

from skymarshal.domain.arbitration import Citation
from skymarshal.knowledge.passages import Passage, shipped_passages
from skymarshal.knowledge.retrieval import KnowledgeUnavailable

__all__ = ["EmbeddedKnowledge"]

_WORD: Final = re.compile(r"[A-Za-z]+|\d+")
_MOST_WORDS: Final = 40
_COMMON_WORDS: Final = """
a about after again all an and any are as at be been before but by can could did do does for from get had has
have he her him his how i if in into is it its may me must my no not now of off on or our out over shall she
should so some still than that the their them then there they this those to too up us was we were what when
where which while who whom why will with would you your
"""
_STOP_WORDS: Final = frozenset(_COMMON_WORDS.split())
_LEAST_SCORE: Final = 1.0
_LEAST_SHARE_OF_BEST: Final = 0.5
_TABLE: Final = """
CREATE VIRTUAL TABLE passages
USING fts5(document, section, text, source UNINDEXED, tokenize = 'porter unicode61')
"""
_SEARCH: Final = """
SELECT document, section, text, source, bm25(passages, 2.0, 4.0, 1.0) AS distance
FROM passages WHERE passages MATCH ? ORDER BY distance, rowid LIMIT ?
"""


class EmbeddedKnowledge:
    """Searches a corpus in this process. Same corpus and query, same answer."""

    name: Final = "shipped corpus"

    def __init__(self, passages: Callable[[], Sequence[Passage]] = shipped_passages) -> None:
        self._passages = passages
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        """Return the passages that share the most telling words with `query`.

        What shares only common ones, or far less than the best passage does, is left out.

        Raises:
            KnowledgeUnavailable: this Python's SQLite has no full-text index, or the corpus cannot be read.
        """
        words = _words(query)
        if not words or limit < 1:
            return ()
        # Quoted, a word is never an operator of the query language.
        expression = " OR ".join(f'"{word}"' for word in words)
        try:
            with self._lock, closing(self._index().execute(_SEARCH, (expression, limit))) as found:
                rows = found.fetchall()
        except (sqlite3.Error, OSError) as error:
            raise KnowledgeUnavailable(f"{self.name}: {error}") from error
        least = max(_LEAST_SCORE, _LEAST_SHARE_OF_BEST * -rows[0][-1]) if rows else 0.0
        return tuple(
            Citation(document=document, section=section, text=text, source=source, score=round(-distance, 2))
            for document, section, text, source, distance in rows
            if -distance >= least
        )

    def _index(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            connection.execute(_TABLE)
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?)",
                [(one.document, one.section, one.text, one.source) for one in self._passages()],
            )
            self._connection = connection
        return self._connection


def _words(query: str) -> list[str]:
    words = dict.fromkeys(word.lower() for word in _WORD.findall(query))
    return [word for word in words if word not in _STOP_WORDS][:_MOST_WORDS]
