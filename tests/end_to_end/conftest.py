from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from local.portal import Portal
from local.system import System, running_system


@pytest.fixture(scope="session")
def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture(scope="session")
def system(today: date) -> Iterator[System]:
    """The deployed system on an embedded AWS, shared by all tests of the session."""
    with running_system(today) as running:
        yield running


@pytest.fixture(scope="session")
def duty_manager(system: System) -> Portal:
    return system.portal("duty.manager@skymarshal.example", "duty-manager")


@pytest.fixture(scope="session")
def observer(system: System) -> Portal:
    return system.portal("observer@skymarshal.example", "observer")
