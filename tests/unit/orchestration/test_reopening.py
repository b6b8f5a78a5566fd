"""What failed runs again once somebody resumes the thread, and nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.checkpoints import HeadMoved, IllegalTransition, ThreadStatus
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.coordinator import MOST_ATTEMPTS
from skymarshal.orchestration.errors import FlowUnderWay, NothingPending, Superseded
from skymarshal.orchestration.reopening import REOPENED
from skymarshal.orchestration.resuming import Resumer
from skymarshal.orchestration.views import history_view
from tests.unit.orchestration.flow import DISRUPTION, PATIENCE, Died, World, decision
from tests.unit.orchestration.test_resuming import Blind, Executions

AGENTS = [AgentName(name) for name in AGENT_NAMES]
LOST = AgentName.REGULATORY


@pytest.fixture
def executions() -> Executions:
    return Executions()


@pytest.fixture
def resumer(world: World, executions: Executions) -> Resumer:
    return Resumer(world.threads, world.saver, executions, world.clock)


def drive(world: World, execution: str, until: Phase = Phase.ARBITRATION) -> None:
    """Take the thread on as an execution does, to the end of a phase."""
    thread = world.threads.create_thread(DISRUPTION.disruption_id, execution=execution)
    world.thread_id = thread.thread_id
    if thread.head is not None and thread.details.get(REOPENED) == execution:
        world.coordinator.reopen(thread.thread_id, thread.head)
    advance = world.coordinator.begin(thread.thread_id, DISRUPTION)
    for phase in Phase:
        complete = False
        while not complete:
            for item in advance.items:
                attempt(world, item)
            advance = world.coordinator.join(thread.thread_id, phase, advance.attempt)
            complete = advance.complete
        if phase is until:
            return


def attempt(world: World, item) -> None:
    if item.agent not in world.work.failing:
        world.worker.run(item, f"worker of {item.agent}")
        return
    with pytest.raises(ValueError, match="no rows"):
        world.worker.run(item, "worker that fails")


def ask(world: World, execution: str, token: str = "token") -> None:
    world.flow.waits_on.add(token)
    world.approvals.ask(world.thread_id, token, PATIENCE, execution=execution)


def reviewed(world: World, executions: Executions) -> None:
    """Bring a thread to a manual review that its execution waits on, for one agent failed in both phases."""
    world.work.failing, world.work.manual_review = {LOST}, True
    drive(world, DISRUPTION.disruption_id)
    executions.running.add(DISRUPTION.disruption_id)
    ask(world, DISRUPTION.disruption_id)
    world.work.failing, world.work.manual_review = set(), False
    world.work.done.clear()
    world.clock.advance(timedelta(minutes=5))


def findings(world: World):
    return world.saver.read_state(world.thread_id, world.thread.head).values["findings"]


def test_a_manual_review_for_a_failed_agent_is_withdrawn_and_what_failed_runs_again(
    world, resumer, executions
) -> None:
    reviewed(world, executions)
    before = {each.checkpoint_id for each in history_view_of(world).checkpoints}
    resumption = resumer.resume(world.thread_id, by="olga")
    assert world.thread.status is ThreadStatus.ACTIVE
    drive(world, resumption.execution)
    assert world.work.done == [
        (LOST, Phase.INITIAL),
        *((agent, Phase.REVISION) for agent in AGENTS),
        (AgentName.ARBITRATOR, Phase.ARBITRATION),
    ]
    found = findings(world)
    for phase in (Phase.INITIAL, Phase.REVISION):
        assert {finding["status"] for finding in found[phase].values()} == {"completed"}
    ask(world, resumption.execution, "token-2")
    world.approvals.decide(world.thread_id, decision())
    record = world.finaliser.conclude(world.thread_id)
    assert not record.arbitration.manual_review
    assert len(record.assessments) == 14
    assert before <= {each.checkpoint_id for each in history_view_of(world).checkpoints}
    (recovery,) = history_view_of(world).recoveries
    assert (recovery.status_before, recovery.outcome) == ("awaiting_approval", "concluded")
    assert next((each.phase, each.agent) for each in recovery.ran_again) == ("initial", str(LOST))
    assert world.saver.verify(world.thread_id).problems == ()


def history_view_of(world: World):
    return history_view(world.threads, world.thread_id)


def test_an_agent_that_only_failed_in_the_revision_runs_again_alone(world, resumer, executions) -> None:
    drive(world, "first", until=Phase.INITIAL)
    world.work.failing, world.work.manual_review = {LOST}, True
    drive(world, "first")
    ask(world, "first")
    world.work.failing, world.work.manual_review = set(), False
    world.work.done.clear()
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert world.work.done == [(LOST, Phase.REVISION), (AgentName.ARBITRATOR, Phase.ARBITRATION)]
    assert findings(world)[Phase.REVISION][LOST]["status"] == "completed"


def test_a_manual_review_with_every_agent_is_arbitrated_again_alone(world, resumer, executions) -> None:
    world.work.manual_review = True
    drive(world, "first")
    ask(world, "first")
    world.work.manual_review = False
    world.work.done.clear()
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert world.work.done == [(AgentName.ARBITRATOR, Phase.ARBITRATION)]
    assert not world.approvals.view(world.thread_id).arbitration.manual_review


def test_an_agent_that_fails_again_as_before_lets_nobody_revise_what_he_revised(
    world, resumer, executions
) -> None:
    world.work.failing = {LOST}
    drive(world, "first", until=Phase.INITIAL)
    world.work.failing, world.work.manual_review = set(), True
    drive(world, "first")
    ask(world, "first")
    world.work.failing = {LOST}
    world.work.done.clear()
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert world.work.done == [(LOST, Phase.INITIAL)] * MOST_ATTEMPTS + [
        (AgentName.ARBITRATOR, Phase.ARBITRATION)
    ]
    assert findings(world)[Phase.INITIAL][LOST]["status"] == "failed"
    assert findings(world)[Phase.REVISION][LOST]["status"] == "completed"


def test_a_failed_thread_runs_its_failed_agents_again_and_keeps_what_came_after(
    world, resumer, executions
) -> None:
    """The revision had begun: what was completed in it rests on the failure, so it is done again."""
    world.work.failing = {LOST}
    drive(world, "first", until=Phase.INITIAL)
    advance = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    world.worker.run(advance.items[0], "worker")
    world.failures.fail(world.thread_id, "the table does not answer")
    world.work.failing = set()
    world.work.done.clear()
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert world.work.done[0] == (LOST, Phase.INITIAL)
    assert len(world.work.done) == 1 + 7 + 1


def test_a_choice_that_is_offered_is_not_withdrawn(world, resumer, executions) -> None:
    world.work.failing = {AgentName.FINANCE}
    drive(world, DISRUPTION.disruption_id)
    ask(world, DISRUPTION.disruption_id)
    executions.running.add(DISRUPTION.disruption_id)
    with pytest.raises(FlowUnderWay, match="is running"):
        resumer.resume(world.thread_id, by="olga")
    executions.running.clear()
    world.work.done.clear()
    head = world.thread.head
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert (world.thread.head, world.work.done) == (head, [])


def test_nobody_decides_on_what_was_withdrawn(world, resumer, executions) -> None:
    reviewed(world, executions)
    resumption = resumer.resume(world.thread_id, by="olga")
    for _ in range(2):
        with pytest.raises(NothingPending, match="recovery 1 lets what failed run again"):
            world.approvals.decide(world.thread_id, decision())
        with pytest.raises(NothingPending, match="recovery 1 lets what failed run again"):
            world.approvals.view(world.thread_id)
        drive(world, resumption.execution, until=Phase.REVISION)
    assert "decision" not in world.thread.details


def test_what_was_decided_is_never_reopened(world, resumer, executions) -> None:
    reviewed(world, executions)
    taken = decision()
    world.approvals.decide(world.thread_id, taken)
    with pytest.raises(FlowUnderWay, match="is running"):
        resumer.resume(world.thread_id, by="olga")
    executions.running.clear()
    head = world.thread.head
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert (world.thread.head, world.work.done) == (head, [])
    world.flow.waits_on.add("token-2")
    assert world.approvals.ask(world.thread_id, "token-2", PATIENCE).decision == taken
    record = world.finaliser.conclude(world.thread_id)
    assert record.arbitration.manual_review
    with pytest.raises(NothingPending, match="ended as completed"):
        resumer.resume(world.thread_id, by="olga")


def test_a_decision_taken_while_somebody_resumes_stands(world, resumer, executions) -> None:
    reviewed(world, executions)
    taken = decision()
    world.store.before_next_write = lambda: world.approvals.decide(world.thread_id, taken)
    with pytest.raises(FlowUnderWay, match="changed by somebody else"):
        resumer.resume(world.thread_id, by="olga")
    assert executions.started == []
    assert world.approvals.view(world.thread_id).decision == taken
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL


def test_two_that_withdraw_at_once_start_one_successor(world, resumer, executions) -> None:
    reviewed(world, executions)
    other = Resumer(world.threads, world.saver, Blind(executions), world.clock)
    world.store.before_next_write = lambda: other.resume(world.thread_id, by="pjotr")
    resumer.resume(world.thread_id, by="olga")
    assert len(set(executions.started)) == 1
    with pytest.raises(FlowUnderWay, match="is running"):
        resumer.resume(world.thread_id, by="olga")
    drive(world, executions.started[0])
    assert world.work.done.count((AgentName.ARBITRATOR, Phase.ARBITRATION)) == 1


def test_who_judged_before_another_resume_went_all_the_way_starts_nothing(world, resumer, executions) -> None:
    reviewed(world, executions)

    def meanwhile() -> None:
        execution = (
            Resumer(world.threads, world.saver, executions, world.clock)
            .resume(world.thread_id, by="pjotr")
            .execution
        )
        drive(world, execution)
        ask(world, execution, "token-2")

    world.store.before_next_write = meanwhile
    resumer.resume(world.thread_id, by="olga")
    assert len(set(executions.started)) == 1
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL
    assert len(history_view_of(world).recoveries) == 1


def test_an_execution_whose_approval_was_withdrawn_asks_nobody_and_is_let_go(
    world, resumer, executions
) -> None:
    reviewed(world, executions)
    resumption = resumer.resume(world.thread_id, by="olga")
    drive(world, resumption.execution)
    told = list(world.announcer.told)
    world.flow.woken.clear()
    with pytest.raises(Superseded, match="drives thread"):
        ask(world, DISRUPTION.disruption_id, "late token")
    assert world.flow.woken == ["late token"]
    assert (world.thread.status, world.announcer.told) == (ThreadStatus.ACTIVE, told)


def test_an_execution_that_is_superseded_while_it_asks_leaves_no_request(world, resumer, executions) -> None:
    reviewed(world, executions)

    def meanwhile() -> None:
        drive(world, resumer.resume(world.thread_id, by="olga").execution)

    world.store.before_next_write = meanwhile
    with pytest.raises(IllegalTransition):
        ask(world, DISRUPTION.disruption_id, "late token")
    assert world.thread.status is ThreadStatus.ACTIVE


def test_a_process_that_dies_around_the_fork_leaves_a_thread_that_goes_on(world, resumer, executions) -> None:
    reviewed(world, executions)
    execution = resumer.resume(world.thread_id, by="olga").execution
    thread = world.thread

    def die() -> None:
        raise Died

    world.store.before_next_write = die
    with pytest.raises(Died):
        world.coordinator.reopen(thread.thread_id, thread.head)
    world.restart()
    assert world.thread.details[REOPENED] == execution
    world.coordinator.reopen(thread.thread_id, thread.head)
    assert REOPENED not in world.thread.details
    forked = world.thread.head
    world.restart()
    with pytest.raises(HeadMoved):
        world.coordinator.reopen(thread.thread_id, thread.head)
    assert world.thread.head == forked
    drive(world, execution)
    assert world.work.done[0] == (LOST, Phase.INITIAL)
    assert len(world.work.done) == 1 + 7 + 1


def test_a_withdrawal_whose_execution_did_not_start_is_resumed_once_more(world, resumer, executions) -> None:
    reviewed(world, executions)
    executions.refuses = True
    with pytest.raises(ConnectionError):
        resumer.resume(world.thread_id, by="olga")
    executions.refuses = False
    again = resumer.resume(world.thread_id, by="olga")
    assert again.attempt == 2
    drive(world, again.execution)
    assert world.work.done[0] == (LOST, Phase.INITIAL)
    assert not world.approvals.view(world.thread_id).arbitration.manual_review


def test_a_thread_may_be_reopened_again_and_again(world, resumer, executions) -> None:
    reviewed(world, executions)
    execution = DISRUPTION.disruption_id
    for attempt_number in (1, 2):
        world.work.failing, world.work.manual_review = {LOST}, True
        executions.running.clear()
        execution = resumer.resume(world.thread_id, by="olga").execution
        drive(world, execution)
        ask(world, execution, f"token-{attempt_number}")
        # Nobody's inputs changed, so only the failed agent and the arbitrator were called.
        assert {agent for agent, _ in world.work.done} == {LOST, AgentName.ARBITRATOR}
    world.work.failing, world.work.manual_review = set(), False
    world.work.done.clear()
    drive(world, resumer.resume(world.thread_id, by="olga").execution)
    assert len(world.work.done) == 1 + 7 + 1
    assert len(findings(world)[Phase.REVISION]) == 7
