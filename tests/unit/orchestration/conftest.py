from __future__ import annotations

import pytest

from tests.unit.orchestration.flow import World


@pytest.fixture
def world() -> World:
    return World()
