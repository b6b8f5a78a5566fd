"""Processes killed by signal, as `make chaos` kills them at every call: here at two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.chaos.calls import Call, Strike, When
from local.chaos.outcome import differences
from local.chaos.trials import Trials
from skymarshal.operations.airline import SCENARIOS

pytestmark = pytest.mark.embedded_aws

STRIKES = (
    Strike(
        call=Call(
            function="skymarshal-phase-revision", invocation=1, number=1, name="dynamodb.TransactWriteItems"
        ),
        when=When.AFTER,
    ),
    Strike(
        call=Call(
            function="skymarshal-phase-finalise", invocation=1, number=1, name="dynamodb.TransactWriteItems"
        ),
        when=When.BEFORE,
    ),
)


def test_a_run_whose_process_is_killed_comes_to_what_the_undisturbed_one_comes_to(system) -> None:
    trials = Trials(system, next(iter(SCENARIOS)))
    with ThreadPoolExecutor() as pool:
        struck = [pool.submit(trials.run, each.disruption_id, each.course, each) for each in STRIKES]
        undisturbed = trials.run("not-killed")
    assert undisturbed.outcome is not None, undisturbed.stuck
    for strike, future in zip(STRIKES, struck, strict=True):
        trial = future.result()
        assert trial.struck, strike
        assert trial.outcome is not None, trial.stuck
        assert differences(undisturbed.outcome, trial.outcome) == [], strike
