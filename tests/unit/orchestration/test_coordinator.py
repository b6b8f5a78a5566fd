"""Threads advance from barrier to barrier: once, whoever drives them and however often."""

from __future__ import annotations

import threading

import pytest

from skymarshal.checkpoints import CheckpointSaver, HeadMoved
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.coordinator import MOST_ATTEMPTS, Coordinator
from skymarshal.orchestration.errors import NothingPending
from tests.unit.orchestration.flow import DISRUPTION

SPECIALISTS = [AgentName(name) for name in AGENT_NAMES]


def findings(world):
    return world.saver.read_state(world.thread_id, world.thread.head).values["findings"]


def test_the_beginning_dispatches_every_specialist_at_one_barrier(world) -> None:
    advance = world.begun()
    assert [item.agent for item in advance.items] == SPECIALISTS
    assert {item.phase for item in advance.items} == {Phase.INITIAL}
    assert {item.checkpoint_id for item in advance.items} == {world.thread.head}
    assert len({item.interrupt_id for item in advance.items}) == len(SPECIALISTS)


def test_a_thread_that_is_begun_again_waits_for_the_same_items(world) -> None:
    first = world.begun()
    world.restart()
    assert world.begun() == first
    assert world.stages() == ["start", "phase1_start"]


def test_a_begin_that_lost_its_race_keeps_nothing_and_may_be_repeated(world) -> None:
    """Both look before either lands: the second is told, and its repetition finds the first one's items."""
    other = Coordinator(CheckpointSaver(world.store, clock=world.clock))
    thread_id = world.threads.create_thread(DISRUPTION.disruption_id).thread_id
    world.thread_id = thread_id
    landed = []
    world.store.before_next_write = lambda: landed.append(other.begin(thread_id, DISRUPTION))
    with pytest.raises(HeadMoved):
        world.coordinator.begin(thread_id, DISRUPTION)
    assert world.coordinator.begin(thread_id, DISRUPTION) == landed[0]
    assert world.stages() == ["start", "phase1_start"]


def test_a_join_dispatches_the_next_phase_at_its_own_barrier(world) -> None:
    first = world.begun()
    world.worked(first)
    advance = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert advance.complete
    assert advance.attempt == 1
    assert [item.agent for item in advance.items] == SPECIALISTS
    assert {item.phase for item in advance.items} == {Phase.REVISION}
    assert {item.earlier_checkpoint_id for item in advance.items} == {first.items[0].checkpoint_id}
    assert world.thread.details["phase"] == "revision"


def test_a_join_that_misses_results_changes_nothing_and_names_only_what_is_missing(world) -> None:
    advance = world.begun()
    head = world.thread.head
    for item in advance.items[2:]:
        world.worker.run(item, "w")
    joined = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert not joined.complete
    assert joined.attempt == 2
    assert joined.items == advance.items[:2]
    assert world.thread.head == head


def test_after_the_last_attempt_the_missing_are_joined_as_failed_with_their_error(world) -> None:
    advance = world.begun()
    world.work.failing = {AgentName.CARGO}
    for item in advance.items:
        if item.agent is AgentName.FINANCE:
            continue
        if item.agent is AgentName.CARGO:
            with pytest.raises(ValueError, match="no rows"):
                world.worker.run(item, "w")
        else:
            world.worker.run(item, "w")
    joined = world.coordinator.join(world.thread_id, Phase.INITIAL, MOST_ATTEMPTS)
    assert joined.complete
    found = findings(world)["initial"]
    assert found["cargo"]["status"] == found["finance"]["status"] == "failed"
    assert found["cargo"]["error"] == "ValueError: no rows for cargo"
    assert found["finance"]["error"] == "the agent did not answer"
    assert found["maintenance"]["status"] == "completed"


def test_a_second_join_finds_the_phase_joined_and_returns_the_same_items(world) -> None:
    joined = world.revising()
    world.restart()
    assert world.coordinator.join(world.thread_id, Phase.INITIAL, 1) == joined
    assert world.stages()[-1] == "phase2_start"


def test_a_join_that_lost_its_race_keeps_nothing_and_may_be_repeated(world) -> None:
    world.worked(world.begun())
    other = Coordinator(CheckpointSaver(world.store, clock=world.clock))
    landed = []
    world.store.before_next_write = lambda: landed.append(other.join(world.thread_id, Phase.INITIAL, 1))
    with pytest.raises(HeadMoved):
        world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert world.coordinator.join(world.thread_id, Phase.INITIAL, 1) == landed[0]
    assert world.stages() == ["start", "phase1_start", "phase1_complete", "phase2_start"]


def test_two_joins_at_once_make_one_advance(world) -> None:
    world.worked(world.begun())
    gate = threading.Barrier(2)
    outcomes = []

    def join():
        coordinator = Coordinator(CheckpointSaver(world.store, clock=world.clock))
        gate.wait()
        try:
            outcomes.append(coordinator.join(world.thread_id, Phase.INITIAL, 1))
        except HeadMoved as lost:
            outcomes.append(lost)

    both = [threading.Thread(target=join) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert any(not isinstance(one, HeadMoved) for one in outcomes)
    assert world.stages() == ["start", "phase1_start", "phase1_complete", "phase2_start"]


def test_a_result_that_comes_after_its_phase_was_joined_changes_no_state(world) -> None:
    advance = world.begun()
    for item in advance.items[1:]:
        world.worker.run(item, "w")
    world.coordinator.join(world.thread_id, Phase.INITIAL, MOST_ATTEMPTS)
    late = advance.items[0]
    world.worker.run(late, "late")
    again = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert {item.phase for item in again.items} == {Phase.REVISION}
    assert findings(world)["initial"][late.agent]["status"] == "failed"


@pytest.mark.parametrize("phase", [Phase.REVISION, Phase.ARBITRATION])
def test_a_join_that_comes_before_its_phase_is_refused_and_changes_nothing(world, phase) -> None:
    world.worked(world.begun())
    head = world.thread.head
    with pytest.raises(NothingPending, match=f"has not come to its phase {phase}"):
        world.coordinator.join(world.thread_id, phase, 1)
    assert world.thread.head == head


def test_a_thread_that_has_not_begun_has_nothing_to_join(world) -> None:
    created = world.threads.create_thread(DISRUPTION.disruption_id)
    with pytest.raises(NothingPending):
        world.coordinator.join(created.thread_id, Phase.INITIAL, 1)


def test_a_join_that_comes_two_phases_late_offers_nothing_that_is_not_of_the_next_phase(world) -> None:
    """The state machine would otherwise hand the arbitrator's item to the map of the specialists."""
    world.arbitrating()
    late = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert late.complete
    assert late.items == ()


def test_a_flow_that_begins_again_at_the_arbitration_dispatches_no_specialist(world) -> None:
    world.arbitrating()
    world.restart()
    assert world.begun().items == ()
    assert world.coordinator.join(world.thread_id, Phase.INITIAL, 1).items == ()
    assert [item.agent for item in world.coordinator.join(world.thread_id, Phase.REVISION, 1).items] == [
        AgentName.ARBITRATOR
    ]


def test_a_flow_that_begins_again_in_the_second_phase_goes_on_there(world) -> None:
    revising = world.revising()
    world.worker.run(revising.items[0], "w")
    world.restart()
    assert world.begun().items == ()
    again = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert again == revising
    assert len(world.work.done) == len(SPECIALISTS) + 1


def test_without_an_arbitration_the_thread_stays_where_it_is(world) -> None:
    arbitrating = world.arbitrating()
    head = world.thread.head
    joined = world.coordinator.join(world.thread_id, Phase.ARBITRATION, MOST_ATTEMPTS + 1)
    assert not joined.complete
    assert joined.items == arbitrating.items
    assert world.thread.head == head


def test_the_arbitration_is_named_on_the_thread_when_it_is_joined(world) -> None:
    world.arbitrated()
    assert "arbitration" in world.thread.details
    assert world.thread.details["phase"] == "approval"
    assert world.stages()[-1] == "phase3_complete"
