"""A thread whose execution has died goes on, and everybody can see who let it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.checkpoints import RecoveryOutcome, ThreadStatus
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import DecisionOutcome
from skymarshal.orchestration.errors import FlowUnderWay, NothingPending
from skymarshal.orchestration.resuming import Resumer, successor_of
from skymarshal.orchestration.views import history_view
from tests.unit.orchestration.flow import DISRUPTION, PATIENCE, World, decision


class Executions:
    """The state machine's executions, by name: running or not, remembered or not."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.remembered: dict[str, dict] = {}
        self.started: list[str] = []
        self.refuses = False
        self.before_start = lambda: None

    def start(self, name, thread_id, disruption) -> bool:
        self.before_start()
        if self.refuses:
            raise ConnectionError("no capacity")
        known = name in self.started
        self.started.append(name)
        self.running.add(name)
        self.remembered[name] = dict(disruption)
        return not known

    def is_running(self, name) -> bool:
        return name in self.running

    def disruption_of(self, name):
        return self.remembered.get(name)


@pytest.fixture
def executions() -> Executions:
    return Executions()


@pytest.fixture
def resumer(world: World, executions: Executions) -> Resumer:
    return Resumer(world.threads, world.saver, executions, world.clock)


def recoveries(world: World):
    return history_view(world.threads, world.thread_id).recoveries


def test_a_thread_whose_execution_was_stopped_goes_on_from_its_last_checkpoint(
    world, resumer, executions
) -> None:
    advance = world.begun()
    world.worker.run(advance.items[0], "worker")
    world.clock.advance(timedelta(minutes=5))
    resumption = resumer.resume(world.thread_id, by="olga")
    assert executions.started == [resumption.execution] == [successor_of(DISRUPTION.disruption_id, 1)]
    assert resumption.from_checkpoint == world.thread.head
    assert world.thread.details["execution"] == resumption.execution
    world.restart()
    again = world.coordinator.begin(world.thread_id, DISRUPTION)
    world.worked(again)
    world.worked(world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    world.worked(world.coordinator.join(world.thread_id, Phase.REVISION, 1))
    world.coordinator.join(world.thread_id, Phase.ARBITRATION, 1)
    world.approvals.ask(world.thread_id, "token", PATIENCE)
    world.approvals.decide(world.thread_id, decision())
    world.finaliser.conclude(world.thread_id)
    (recovery,) = recoveries(world)
    assert (recovery.by, recovery.outcome, recovery.status_before) == ("olga", "concluded", "active")
    assert recovery.at == world.clock()
    ran = [(each.phase, each.agent) for each in recovery.ran_again]
    assert ("initial", str(advance.items[0].agent)) not in ran
    assert len(ran) == 6 + 7 + 1
    assert recovery.stages[-1] == "decided"


def test_a_thread_whose_history_is_gone_is_resumed_from_its_own_checkpoint(
    world, resumer, executions
) -> None:
    world.begun()
    assert executions.disruption_of(DISRUPTION.disruption_id) is None
    resumption = resumer.resume(world.thread_id, by="olga")
    assert executions.remembered[resumption.execution]["disruption_id"] == DISRUPTION.disruption_id


def test_without_a_checkpoint_the_execution_is_asked_what_it_was_started_with(
    world, resumer, executions
) -> None:
    world.thread_id = world.threads.create_thread(DISRUPTION.disruption_id).thread_id
    with pytest.raises(NothingPending, match="report the disruption again"):
        resumer.resume(world.thread_id, by="olga")
    executions.remembered[DISRUPTION.disruption_id] = {"disruption_id": DISRUPTION.disruption_id}
    resumer.resume(world.thread_id, by="olga")
    assert len(executions.started) == 1


def test_an_approval_that_has_waited_for_eighty_days_is_asked_anew_and_decided(
    world, resumer, executions
) -> None:
    world.asked()
    world.clock.advance(timedelta(days=80))
    world.flow.waits_on.clear()
    resumer.resume(world.thread_id, by="olga")
    assert world.thread.status is ThreadStatus.ACTIVE
    world.restart()
    assert world.coordinator.begin(world.thread_id, DISRUPTION).items == ()
    for phase in Phase:
        assert world.coordinator.join(world.thread_id, phase, 1).items == ()
    approval = world.approvals.ask(world.thread_id, "token-2", PATIENCE)
    assert approval.deadline is not None
    world.approvals.decide(world.thread_id, decision())
    record = world.finaliser.conclude(world.thread_id)
    assert record.decision.outcome is DecisionOutcome.APPROVED
    assert len(record.assessments) == 14
    (recovery,) = recoveries(world)
    assert recovery.ran_again == ()


def test_a_decision_on_an_approval_of_eighty_days_ago_counts_and_revives_the_flow(
    world, resumer, executions
) -> None:
    world.asked()
    world.clock.advance(timedelta(days=80))
    world.flow.waits_on.clear()
    assert world.approvals.decide(world.thread_id, decision()) is False
    assert resumer.revive(world.thread_id, by=decision().approver) is True
    world.flow.waits_on.add("token-2")
    assert world.approvals.ask(world.thread_id, "token-2", PATIENCE).decision == decision()
    assert world.flow.woken[-1] == "token-2"
    assert world.finaliser.conclude(world.thread_id).decision == decision()


def test_what_is_running_is_not_resumed(world, resumer, executions) -> None:
    world.begun()
    executions.running.add(DISRUPTION.disruption_id)
    with pytest.raises(FlowUnderWay, match="is running"):
        resumer.resume(world.thread_id, by="olga")
    assert resumer.revive(world.thread_id, by="olga") is False
    assert recoveries(world) == ()


def test_a_thread_that_awaits_its_decision_is_not_resumed_while_its_execution_waits(
    world, resumer, executions
) -> None:
    world.asked()
    executions.running.add(DISRUPTION.disruption_id)
    with pytest.raises(FlowUnderWay, match="is awaiting_approval and its execution 'D-1' is running"):
        resumer.resume(world.thread_id, by="olga")
    assert resumer.revive(world.thread_id, by="olga") is False
    assert executions.started == []
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL
    assert recoveries(world) == ()


def test_what_has_ended_is_not_resumed(world, resumer, executions) -> None:
    world.decided()
    world.finaliser.conclude(world.thread_id)
    with pytest.raises(NothingPending, match="ended as completed"):
        resumer.resume(world.thread_id, by="olga")
    assert resumer.revive(world.thread_id, by="olga") is False


def test_a_failed_thread_is_active_again_and_its_second_failure_is_kept(world, resumer, executions) -> None:
    world.begun()
    world.failures.fail(world.thread_id, "the table did not answer")
    resumer.resume(world.thread_id, by="olga")
    assert world.thread.status is ThreadStatus.ACTIVE
    world.failures.fail(world.thread_id, "the table still does not answer")
    executions.running.clear()
    resumer.resume(world.thread_id, by="pjotr")
    first, second = recoveries(world)
    assert (first.outcome, first.error) == ("failed", "the table still does not answer")
    assert (second.outcome, second.by) == ("under_way", "pjotr")
    assert second.execution != first.execution


def test_an_attempt_that_a_later_one_took_over_is_told_apart(world, resumer, executions) -> None:
    world.begun()
    resumer.resume(world.thread_id, by="olga")
    executions.running.clear()
    resumer.resume(world.thread_id, by="olga")
    assert [each.outcome for each in recoveries(world)] == ["superseded", "under_way"]


def test_an_attempt_that_could_not_start_is_kept_too(world, resumer, executions) -> None:
    world.begun()
    executions.refuses = True
    with pytest.raises(ConnectionError):
        resumer.resume(world.thread_id, by="olga")
    executions.refuses = False
    resumer.resume(world.thread_id, by="olga")
    first, second = world.threads.recoveries(world.thread_id)
    assert first.outcome is RecoveryOutcome.NOT_STARTED
    assert "no capacity" in (first.error or "")
    assert second.attempt == 2


def test_two_that_resume_at_once_start_one_successor(world, resumer, executions) -> None:
    world.begun()
    other = Resumer(world.threads, world.saver, Blind(executions), world.clock)
    world.store.before_next_write = lambda: other.resume(world.thread_id, by="pjotr")
    resumer.resume(world.thread_id, by="olga")
    assert len(set(executions.started)) == 1
    (recovery,) = recoveries(world)
    assert recovery.by == "pjotr"


class Blind:
    """Executions as somebody sees them who has looked before anything was started."""

    def __init__(self, executions: Executions) -> None:
        self.start = executions.start
        self.disruption_of = executions.disruption_of

    def is_running(self, name) -> bool:
        return False


def test_a_thread_that_is_no_disruption_of_its_own_cannot_take_a_successors_name() -> None:
    assert successor_of("D", 1).startswith("_")


def test_an_execution_has_no_say_once_a_successor_drives_the_thread(world, resumer) -> None:
    world.asked()
    assert not world.failures.superseded(world.thread_id, "any")
    resumption = resumer.resume(world.thread_id, by="olga")
    assert world.failures.superseded(world.thread_id, DISRUPTION.disruption_id)
    assert not world.failures.superseded(world.thread_id, resumption.execution)


def test_agents_that_ran_before_the_recovery_did_not_run_again(world, resumer) -> None:
    world.revising()
    world.clock.advance(timedelta(seconds=1))
    resumer.resume(world.thread_id, by="olga")
    world.worked(world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    (recovery,) = recoveries(world)
    assert {each.phase for each in recovery.ran_again} == {"revision"}
    assert {each.agent for each in recovery.ran_again} == {str(a) for a in AgentName} - {"arbitrator"}
