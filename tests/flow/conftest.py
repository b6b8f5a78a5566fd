from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest

from skymarshal.operations import InMemoryTables
from skymarshal.operations.airline import generate, scenario_event
from tests.flow.deployed import DeployedFlow, UndisturbedRun, moto_aws
from tests.flow.synthesis import Synthesis, synthesized

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesized(tmp_path_factory.mktemp("synthesis"))


@pytest.fixture(scope="session")
def tables() -> InMemoryTables:
    return InMemoryTables(generate("small", TODAY, Random(7)))


@pytest.fixture(scope="module")
def flow(synthesis: Synthesis, tables: InMemoryTables) -> Iterator[DeployedFlow]:
    with moto_aws():
        deployed = DeployedFlow(synthesis, tables, scenario_event("fog", TODAY))
        # Looking for garbage at every turn, among the airline's rows too, is a sixth of what a run costs.
        gc.collect()
        gc.freeze()
        gc.disable()
        yield deployed
        gc.enable()
        gc.unfreeze()
        deployed.close()


@pytest.fixture(scope="module")
def undisturbed(flow: DeployedFlow) -> UndisturbedRun:
    return UndisturbedRun(flow)
