"""What becomes of a disruption in the deployed state machine, on an interpreter that is not ours."""

from __future__ import annotations

import json

import pytest

from skymarshal.checkpoints import CheckpointSaver, HeadMoved, RunState, ThreadStatus
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import DecisionOutcome
from skymarshal.orchestration.coordinator import MOST_ATTEMPTS, Coordinator

FOR_EVER = 100
ASKED = [("request", "duty-manager"), ("reminder", "duty-manager"), ("escalation", "admin")]
APPROVE = {"acknowledged_unverified": True}


def entered(history) -> list[str]:
    return [
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    ]


def test_a_disruption_becomes_an_approved_decision(deployment) -> None:
    arn = deployment.report()
    deployment.until_waiting()
    answer = deployment.decide("approve", APPROVE)
    assert answer["flow_resumed"] is True
    execution = deployment.ended(arn)
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"]) == {"thread_id": deployment.thread_id, "outcome": "approved"}
    assert (deployment.thread.status, deployment.thread.details["outcome"]) == (
        ThreadStatus.COMPLETED,
        "approved",
    )
    record = deployment.record()
    assert record.decision.outcome is DecisionOutcome.APPROVED
    assert len(record.assessments) == 2 * len(AGENT_NAMES)
    assert set(deployment.attempts.values()) == {1}


def test_only_ids_travel_and_few_states_are_entered(deployment) -> None:
    """Step Functions takes 256 KB from state to state and 25,000 events; a thread takes a small part."""
    arn = deployment.report()
    deployment.until_waiting()
    deployment.decide("approve", APPROVE)
    deployment.ended(arn)
    history = deployment.history(arn)
    sizes = [
        len(details[side])
        for event in history
        for details in event.values()
        if isinstance(details, dict)
        for side in ("input", "output", "parameters")
        if isinstance(details.get(side), str)
    ]
    assert sizes
    assert max(sizes) < 8_192, max(sizes)
    outside_the_maps = [name for name in entered(history) if name in deployment.states]
    assert len(outside_the_maps) < 25, outside_the_maps
    assert len(history) < 500


@pytest.mark.parametrize("phase", [Phase.INITIAL, Phase.REVISION])
def test_an_agent_that_fails_is_dispatched_again_alone(deployment, phase) -> None:
    deployment.failures[AgentName.CARGO, phase] = 1
    arn = deployment.report()
    deployment.until_waiting()
    assert deployment.attempts.pop((AgentName.CARGO, phase)) == 2
    assert set(deployment.attempts.values()) == {1}
    assert deployment.findings()[phase][AgentName.CARGO]["status"] == "completed"
    deployment.decide("approve", APPROVE)
    assert deployment.ended(arn)["status"] == "SUCCEEDED"


def test_a_business_agent_that_keeps_failing_is_joined_as_an_error_and_its_figures_are_ranges(
    deployment,
) -> None:
    deployment.failures = {(AgentName.FINANCE, phase): FOR_EVER for phase in Phase}
    deployment.report()
    deployment.until_waiting()
    for phase in (Phase.INITIAL, Phase.REVISION):
        assert deployment.attempts[AgentName.FINANCE, phase] == MOST_ATTEMPTS
        finding = deployment.findings()[phase][AgentName.FINANCE]
        assert (finding["status"], finding["error"]) == ("failed", "ValueError: finance has no rows")
    arbitration = deployment.arbitration()
    assert not arbitration.manual_review
    scored = [solution.scores for solution in arbitration.solutions if solution.scores is not None]
    assert scored
    assert all(scores.composite.low < scores.composite.high for scores in scored)


def test_a_safety_agent_that_keeps_failing_leaves_manual_review_as_the_only_solution(deployment) -> None:
    deployment.failures = {(AgentName.CREW_COMPLIANCE, phase): FOR_EVER for phase in Phase}
    deployment.report()
    deployment.until_waiting()
    arbitration = deployment.arbitration()
    assert arbitration.manual_review
    assert len(arbitration.solutions) == 1
    assert arbitration.solutions[0].scores is None


def test_a_join_that_lost_its_race_is_made_again(deployment) -> None:
    """Another join lands between this one's reading and its writing: Step Functions retries HeadMoved."""

    def join_first() -> None:
        other = Coordinator(CheckpointSaver(deployment.store, clock=deployment.time))
        deployment.before_write(lambda: other.join(deployment.thread_id, Phase.INITIAL, 1))

    deployment.before["skymarshal-phase-revision"] = [join_first]
    arn = deployment.report()
    deployment.until_waiting()
    assert deployment.called.count("skymarshal-phase-revision") == 2
    deployment.decide("approve", APPROVE)
    assert deployment.ended(arn)["status"] == "SUCCEEDED"
    failed = [
        event["lambdaFunctionFailedEventDetails"]["error"]
        for event in deployment.history(arn)
        if "lambdaFunctionFailedEventDetails" in event
    ]
    assert failed == [HeadMoved.__name__]
    stages = [entry.stage for entry in deployment.threads.list_checkpoints(deployment.thread_id)]
    assert stages.count("phase1_complete") == stages.count("phase2_start") == 1


def test_an_approval_that_nobody_gives_expires_with_nothing_done(deployment) -> None:
    for state in deployment.states.values():
        if "waitForTaskToken" in state.get("Resource", ""):
            state["TimeoutSeconds"] = 1
    arn = deployment.report()
    assert deployment.ended(arn)["status"] == "SUCCEEDED"
    assert [(each["notice"], each["role"]) for each in deployment.notices] == ASKED
    assert deployment.thread.status is ThreadStatus.EXPIRED
    decision = deployment.record().decision
    assert decision.outcome is DecisionOutcome.EXPIRED
    assert decision.solution_id is None


def test_who_is_told_last_that_nobody_has_decided_may_still_decide(deployment) -> None:
    for name in ("Approval", "Approval - reminder"):
        deployment.states[name]["TimeoutSeconds"] = 1
    arn = deployment.report()
    deployment.until_waiting()
    deadline = deployment.thread.details["approval_deadline"]
    deployment.until_told("escalation")
    assert [(each["notice"], each["role"]) for each in deployment.notices] == ASKED
    assert all(
        f"skymarshal approval {deployment.thread_id}" in each["message"] for each in deployment.notices
    )
    assert deployment.thread.details["approval_deadline"] == deadline
    assert deployment.decide("approve", APPROVE)["flow_resumed"] is True
    assert deployment.ended(arn)["status"] == "SUCCEEDED"
    assert entered(deployment.history(arn))[-4:] == [
        "Approval",
        "Approval - reminder",
        "Approval - escalation",
        "Finalise",
    ]
    assert deployment.thread.details["outcome"] == "approved"


def test_a_rejected_thread_ends_as_rejected(deployment) -> None:
    arn = deployment.report()
    deployment.until_waiting()
    deployment.decide("reject", {"reason": "none of these"})
    assert deployment.ended(arn)["status"] == "SUCCEEDED"
    assert deployment.thread.status is ThreadStatus.REJECTED


def test_a_phase_that_cannot_go_on_leaves_a_thread_that_says_so(deployment) -> None:
    deployment.failures[AgentName.ARBITRATOR, Phase.ARBITRATION] = FOR_EVER
    arn = deployment.report()
    execution = deployment.ended(arn)
    assert (execution["status"], execution["error"]) == ("FAILED", "ValueError")
    assert deployment.thread.status is ThreadStatus.FAILED
    assert "arbitrator has no rows" in deployment.thread.details["error"]
    assert deployment.called.count("skymarshal-phase-arbitration") == 3


def test_an_agent_whose_process_dies_is_replaced_after_its_lease(deployment) -> None:
    deployment.dies_once = (AgentName.NETWORK, Phase.INITIAL)
    deployment.report()
    deployment.until_waiting()
    entry = deployment.findings()[Phase.INITIAL][AgentName.NETWORK]
    assert entry["status"] == "completed"
    (run,) = [
        run
        for run in deployment.runs.read(deployment.thread_id, entry["reference"]["checkpoint_id"])
        if run.agent == AgentName.NETWORK
    ]
    assert (run.state, run.attempt) == (RunState.COMPLETED, 2)
