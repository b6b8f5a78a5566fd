"""The process dies before or after each call of AWS that a run makes, or waits for its answer in vain.

The graph, the saver on DynamoDB and S3 as moto plays them, the handlers, the agents and the synthesized
definition are the real ones. Faults strike where our code meets a client of AWS. What the agents find is
remembered from run to run (see `remembering`), and a run with a fault is taken up at the state in which
the fault strikes: what lies before is the undisturbed run to the letter. Otherwise the runs of this folder
would take twice as long. They are two files, for two processors.

Every run must come to what the undisturbed one came to: the same decision and record, each agent's result
counted once, the same checkpoints in one line, an intact integrity chain, one completed thread.
"""

from __future__ import annotations

import pytest

from tests.flow.boundary import Fault


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
    assert services == {"dynamodb", "s3", "sfn", "sns", "eventbridge"}


@pytest.mark.parametrize(
    "fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.TIMED_OUT], ids=lambda fault: fault.name
)
def test_an_answer_that_never_comes_changes_nothing(flow, undisturbed, fault, record_property) -> None:
    runs, wrong = undisturbed.disturb(flow, fault)
    record_property("runs with faults", runs)
    assert not wrong, "\n".join(wrong)
