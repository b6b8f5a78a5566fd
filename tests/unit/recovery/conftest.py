"""One sample airline and what the agents say of a disruption in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from skymarshal.operations import InMemoryTables
from skymarshal.operations.airline import generate
from skymarshal.operations.records import Record
from tests.unit.recovery.sample import TODAY


@pytest.fixture(scope="session")
def dataset() -> Mapping[str, Sequence[Record]]:
    return generate("small", TODAY, Random(7))


@pytest.fixture(scope="session")
def tables(dataset: Mapping[str, Sequence[Record]]) -> InMemoryTables:
    return InMemoryTables(dataset)
