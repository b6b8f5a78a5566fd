"""One disruption costs no more than it may, as DynamoDB itself counts."""

from __future__ import annotations

import pytest

from bench.checkpoints_flow import incompressible, run_ours, text
from bench.checkpoints_meter import Meter
from skymarshal.checkpoints import CheckpointSaver
from tests.store.backends import aws_store_at, use_moto


@pytest.mark.dynamodb_local
@pytest.mark.parametrize(
    ("results", "calls", "write_units", "eventual", "as_run"),
    [
        pytest.param(text(8192), 75, 120, 36, 44, id="8 KB of text"),
        pytest.param(incompressible(8192), 75, 14 * 9 + 90, 80, 160, id="8 KB incompressible"),
    ],
)
def test_a_disruption_stays_within_its_calls_and_capacity(
    dynamodb_endpoint: str, results, calls: int, write_units: int, eventual: int, as_run: int, request
) -> None:
    meter = Meter()
    with use_moto():
        table = f"Costs-{request.node.callspec.id.replace(' ', '-')}"
        store = aws_store_at(dynamodb_endpoint, table=table, wrap=meter.watch)
        meter.reset()
        run_ours(CheckpointSaver(store), "disruption", results)
    assert meter.total_calls <= calls
    assert meter.write_units <= write_units
    assert meter.read_units_all_eventual <= eventual
    assert meter.read_units_as_run <= as_run
