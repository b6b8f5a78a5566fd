from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from infra.access import Deployment
from local.assembly import embedded_assembly
from local.portal import Portal
from local.system import System, running_system
from skymarshal.checkpoints import CheckpointSaver, MemoryStore
from skymarshal.cli.run import SAMPLE_SEED
from skymarshal.domain.decision import DecisionRecord
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import generate
from skymarshal.orchestration.records import MemoryDecisionRecords
from skymarshal.orchestration.runner import InProcessRunner
from skymarshal.ports import system_clock
from tests.end_to_end import companion
from tests.end_to_end.steps import approve_recommended
from tests.infra.policies import Policies
from tests.infra.recorded import RECORDED, as_written, calls_in


@pytest.fixture(scope="session")
def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture(scope="session")
def system(today: date) -> Iterator[System]:
    """The deployed system on an embedded AWS, shared by all tests of the session."""
    with running_system(today, companion=Path(companion.__file__)) as running:
        yield running
        noted = as_written((running.aws.companion_notes / companion.NOTED).read_text())
    if "RECORD_CALLS" in os.environ:
        RECORDED.write_text("".join(f"{line}\n" for line in sorted(as_written(RECORDED.read_text()) | noted)))
    # What is called hangs on the day's airline, so a call may be new; that a role refuses it may not be.
    deployment = Deployment.read(embedded_assembly())
    policies = Policies.of(deployment)
    refused = {policies.refusal(call) for call in calls_in(deployment, noted)} - {None}
    if refused:
        pytest.fail("on AWS these calls would be refused:\n" + "\n".join(sorted(map(str, refused))))


@pytest.fixture(scope="session")
def duty_manager(system: System) -> Portal:
    return system.portal("duty.manager@skymarshal.example", "duty-manager")


@pytest.fixture(scope="session")
def observer(system: System) -> Portal:
    return system.portal("observer@skymarshal.example", "observer")


@pytest.fixture(scope="session")
def in_process(today):
    tables = InMemoryTables(generate("small", today, Random(SAMPLE_SEED)))

    def run(detail) -> DecisionRecord:
        runner = InProcessRunner(
            saver=CheckpointSaver(MemoryStore(), clock=system_clock),
            tables=tables,
            clock=system_clock,
            records=MemoryDecisionRecords(),
        )
        disruption = parse_event(detail, Operations(tables), system_clock(), most_ahead=SAMPLE_AHEAD)
        return runner.run(disruption, approve_recommended)

    return run
