"""The stores every test of this folder runs against, and what stands in for the outside world."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings

from skymarshal.checkpoints import CheckpointSaver, MemoryStore, Store
from tests.store.backends import aws_store_at, use_moto
from tests.store.dynamodb_local import Unavailable, dynamodb_local

STORES = (
    "memory",
    "moto",
    pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
)
settings.register_profile("deep")  # pytest --hypothesis-profile=deep: hundreds of thousands of steps
_tables = itertools.count(1)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


class CountedIds:
    """Identifiers that were never returned before."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def __call__(self) -> str:
        return f"{next(self._count):08d}-0000-4000-8000-000000000000"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ids() -> CountedIds:
    return CountedIds()


@pytest.fixture(scope="session")
def dynamodb_endpoint() -> Iterator[str]:
    try:
        with dynamodb_local() as endpoint:
            yield endpoint
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    local = request.param == "dynamodb_local"
    endpoint = request.getfixturevalue("dynamodb_endpoint") if local else None
    with use_moto():
        yield aws_store_at(endpoint, table=f"Checkpoints-{next(_tables)}")


@pytest.fixture
def saver(store: Store, clock: FixedClock) -> CheckpointSaver:
    return CheckpointSaver(store, clock=clock)
