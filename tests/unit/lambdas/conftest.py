from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

import pytest

from skymarshal.orchestration.progress import Progress
from tests.flow.functions import Context, forget_handlers
from tests.unit.orchestration.flow import PATIENCE, World

Call = Callable[[str, object], dict]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def call(world: World) -> Iterator[Call]:
    """Call the handler of a module, over a flow in memory."""
    forget_handlers()
    wiring = importlib.import_module("lambdas.wiring")
    wiring.threads = lambda: world.threads
    wiring.coordinator = lambda: world.coordinator
    wiring.agents = wiring.arbitrator = lambda: world.worker
    wiring.approvals = lambda: world.approvals
    wiring.finaliser = lambda: world.finaliser
    wiring.failures = lambda: world.failures
    wiring.progress = lambda: Progress(world.announcer)
    wiring.approval_patience = lambda: PATIENCE

    def called(module: str, event: object) -> dict:
        handler = importlib.import_module(f"lambdas.{module}").handler
        answer: dict = handler(event, Context(module, 1))
        return answer

    yield called
    forget_handlers()
