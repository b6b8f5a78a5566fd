"""Each item is worked on once: a second delivery finds the result, a dead worker is replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.checkpoints import ClaimLost, RunState, StoreUnavailable
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.worker import LEASE
from tests.unit.orchestration.flow import Died


def run_of(world, item):
    runs = world.runs.read(item.thread_id, item.checkpoint_id)
    return next(run for run in runs if run.agent == item.agent)


def test_a_second_delivery_of_a_completed_item_finds_its_result_and_computes_nothing(world) -> None:
    item = world.begun().items[0]
    first = world.worker.run(item, "first")
    world.restart()
    assert world.worker.run(item, "second") == first
    assert len(world.work.done) == 1
    assert run_of(world, item).worker == "first"


def test_a_second_delivery_while_the_first_is_at_it_is_turned_away(world) -> None:
    item = world.begun().items[0]
    world.work.dying = {item.agent}
    with pytest.raises(Died):
        world.worker.run(item, "first")
    world.work.dying = set()
    world.clock.advance(LEASE - timedelta(seconds=1))
    with pytest.raises(ClaimLost, match="first"):
        world.worker.run(item, "second")


@pytest.mark.parametrize("also_decided", [False, True])
def test_a_dead_worker_is_replaced_once_its_lease_has_run_out(world, also_decided) -> None:
    item = world.begun().items[0]
    claim = world.runs.claim(
        item.thread_id, item.checkpoint_id, item.agent, phase=item.phase, worker="dead", lease=LEASE
    )
    if also_decided:
        world.runs.decide(claim, b"never completed")
    world.clock.advance(LEASE)
    world.worker.run(item, "heir")
    run = run_of(world, item)
    assert (run.state, run.worker, run.attempt) == (RunState.COMPLETED, "heir", 2)
    assert world.runs.hydrate(run.reference) != b"never completed"


def test_a_worker_that_was_replaced_can_neither_complete_nor_fail_the_run(world) -> None:
    item = world.begun().items[0]
    slow = world.runs.claim(
        item.thread_id, item.checkpoint_id, item.agent, phase=item.phase, worker="slow", lease=LEASE
    )
    world.clock.advance(LEASE)
    finding = world.worker.run(item, "heir")
    reference = world.runs.decide(slow, b"too late")
    with pytest.raises(ClaimLost, match="heir"):
        world.runs.complete(slow, reference)
    with pytest.raises(ClaimLost, match="heir"):
        world.runs.fail(slow, "too late")
    assert run_of(world, item).reference.as_dict() == finding["reference"]


def test_work_that_fails_is_noted_and_may_be_taken_up_at_once(world) -> None:
    item = world.begun().items[0]
    world.work.failing = {item.agent}
    with pytest.raises(ValueError, match="no rows"):
        world.worker.run(item, "first")
    assert run_of(world, item).error == f"ValueError: no rows for {item.agent}"
    world.work.failing = set()
    assert world.worker.run(item, "second")["status"] == "completed"
    assert run_of(world, item).attempt == 2


def test_a_store_that_fails_while_the_failure_is_noted_does_not_hide_the_failure(world) -> None:
    item = world.begun().items[0]

    def unreachable():
        raise StoreUnavailable("the table does not answer")

    def work(*_):
        world.store.before_next_write = unreachable
        raise ValueError("the reason")

    worker = type(world.worker)(world.saver, world.runs, work)
    with pytest.raises(StoreUnavailable) as raised:
        worker.run(item, "w")
    assert isinstance(raised.value.__context__, ValueError)


def test_in_the_first_phase_no_agent_sees_what_another_found(world) -> None:
    advance = world.begun()
    world.worked(advance)
    for item in advance.items:
        assert "findings" not in world.work.seen[item.agent, Phase.INITIAL]


def test_in_the_second_phase_every_agent_sees_what_all_found_in_the_first_and_nothing_of_the_second(
    world,
) -> None:
    advance = world.revising()
    world.worked(advance)
    for item in advance.items:
        seen = world.work.seen[item.agent, Phase.REVISION]["findings"]
        assert seen.keys() == {Phase.INITIAL}
        assert seen[Phase.INITIAL].keys() == {each.agent for each in advance.items}


def test_the_arbitrator_sees_both_phases(world) -> None:
    world.worked(world.arbitrating())
    seen = world.work.seen[AgentName.ARBITRATOR, Phase.ARBITRATION]["findings"]
    assert seen.keys() == {Phase.INITIAL, Phase.REVISION}
