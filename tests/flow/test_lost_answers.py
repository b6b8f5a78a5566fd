"""The process dies before or after each call of AWS that a run makes, or waits for its answer in vain.

The graph, the saver on DynamoDB and S3 as moto plays them, the handlers, the agents and the synthesized
definition are the real ones. Faults strike where our code meets a client of AWS. What the agents find is
remembered from run to run (see `Remembered`), and a run with a fault is taken up at the state in which
the fault strikes: what lies before is the undisturbed run to the letter. Otherwise the runs of this folder
would take twice as long. They are two files, for two processors.

Every run must come to what the undisturbed one came to: the same decision and record, each agent's result
counted once, the same checkpoints in one line, an intact integrity chain, one completed thread.
"""

from __future__ import annotations

import copy

import pytest

from tests.flow.boundary import Fault
from tests.flow.step_functions import StepFunctions


def test_the_undisturbed_run_is_worth_being_held_to(undisturbed) -> None:
    outcome = undisturbed.outcome
    assert (outcome.execution, outcome.status, outcome.outcome) == ("SUCCEEDED", "completed", "approved")
    assert tuple(stage for stage in outcome.stages if stage) == (
        "start",
        "phase1_start",
        "phase1_complete",
        "phase2_start",
        "phase2_complete",
        "phase3_start",
        "phase3_complete",
        "decided",
    )
    assert outcome.parents_are_in_line
    assert outcome.problems == ()
    assert len(outcome.runs) == len(outcome.findings) == 15
    assert outcome.completed_threads == 1
    services = {service for segment in undisturbed.segments for service, _ in segment.calls}
    assert services == {"dynamodb", "eventbridge", "kms", "s3", "sfn", "sns"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.TIMED_OUT], ids=lambda fault: fault.name
)
def test_an_answer_that_never_comes_changes_nothing(flow, undisturbed, fault, record_property) -> None:
    runs, wrong = undisturbed.disturb(flow, fault)
    record_property("runs with faults", runs)
    assert not wrong, "\n".join(wrong)


def test_a_state_machine_that_does_not_ask_again_is_found_out(flow, undisturbed, synthesis) -> None:
    """The runs can tell right from wrong: without the retry, a death while asking fails the thread."""
    definition = copy.deepcopy(dict(synthesis.definition))
    del definition["States"]["Approval"]["Retry"]
    sound, flow.machine = flow.machine, StepFunctions(definition, flow.functions.invoke, flow.time)
    try:
        _, wrong = undisturbed.disturb(flow, Fault.KILLED_AFTER, only="Approval")
    finally:
        flow.machine = sound
    assert any("status is 'failed'" in each for each in wrong)
