"""One small airline around a fixed day, shared because nothing changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

import pytest

from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import generate
from skymarshal.operations.records import Record

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def dataset() -> Mapping[str, Sequence[Record]]:
    return generate("small", TODAY, Random(7))


@pytest.fixture(scope="session")
def tables(dataset: Mapping[str, Sequence[Record]]) -> InMemoryTables:
    return InMemoryTables(dataset)


@pytest.fixture
def operations(tables: InMemoryTables) -> Operations:
    return Operations(tables)
