"""One phase advance is one transaction; races leave one winner and nothing of the loser."""

from __future__ import annotations

import contextvars
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from langgraph.types import Command

from skymarshal.checkpoints import (
    AgentRuns,
    CheckpointSaver,
    HeadMoved,
    IllegalTransition,
    Reference,
    RunState,
    SessionError,
    Store,
    ThreadManager,
    ThreadStatus,
)
from tests.store.graphs import config, flow_graph, pending

LEASE = timedelta(minutes=5)


def start(saver: CheckpointSaver, thread_id: str):
    graph = flow_graph().compile(checkpointer=saver)
    with saver.session(thread_id) as session:
        graph.invoke({"disruption": {"flight": "SM101"}}, config(thread_id), durability="sync")
        head = session.head
    return graph, head


def elsewhere(call, *arguments):
    """Run as another process would: in a context of its own, without the session open here."""
    return contextvars.Context().run(call, *arguments)


def run_agents(
    saver: CheckpointSaver, thread_id: str, barrier: str, work: dict[str, dict], since=None
) -> dict:
    """Every agent claims, decides and completes; returns resume values by interrupt id."""
    runs = AgentRuns(saver.store, saver.clock)
    resumes = {}
    for interrupt_id, item in work.items():
        claim = runs.claim(
            thread_id, barrier, item["agent"], phase=item["phase"], worker=f"w-{item['agent']}", lease=LEASE
        )
        saver.read_state(thread_id, barrier, assessments_of=since)
        reference = runs.decide(claim, json.dumps({"agent": item["agent"], "facts": ["a", "b"]}).encode())
        runs.complete(claim, reference, headline={"verdict": "ok"}, confidence=Decimal("0.9"))
        resumes[interrupt_id] = {"headline": "ok", "reference": reference.as_dict()}
    return resumes


def advance(saver: CheckpointSaver, graph, thread_id: str, barrier: str, resumes: dict, **changes) -> str:
    with saver.session(thread_id, at=barrier) as session:
        graph.invoke(Command(resume=resumes), config(thread_id), durability="sync")
        if changes:
            session.set(**changes)
        head = session.head
    assert head is not None
    return head


def test_a_whole_disruption_runs_through_sessions_with_results_by_reference(
    store: Store, saver: CheckpointSaver, clock
) -> None:
    threads = ThreadManager(store, clock)
    thread_id = threads.create_thread("disruption-1", flight="SM101", airport="LHR").thread_id
    graph, first = start(saver, thread_id)
    initial = run_agents(saver, thread_id, first, pending(graph.get_state(config(thread_id))))
    second = advance(saver, graph, thread_id, first, initial, phase="revision")
    revision = run_agents(saver, thread_id, second, pending(graph.get_state(config(thread_id))), since=first)
    third = advance(
        saver,
        graph,
        thread_id,
        second,
        revision,
        phase="approval",
        status=ThreadStatus.AWAITING_APPROVAL,
        approval_token="token-1",
    )
    assert threads.get_thread(thread_id).status is ThreadStatus.AWAITING_APPROVAL
    (approval,) = pending(graph.get_state(config(thread_id)))
    advance(
        saver, graph, thread_id, third, {approval: "yes"}, status=ThreadStatus.COMPLETED, outcome="approved"
    )

    final = graph.get_state(config(thread_id))
    assert final.values["final"] == "plan of 7: yes"
    assert len(final.values["order"]) == 14
    assert threads.get_thread(thread_id).details["outcome"] == "approved"
    runs = AgentRuns(store, clock)
    reference = Reference.from_dict(final.values["revision"]["cargo"]["reference"])
    assert json.loads(runs.hydrate(reference))["agent"] == "cargo"
    assert {run.state for run in runs.read(thread_id, first)} == {RunState.COMPLETED}
    view = saver.read_state(thread_id, second, assessments_of=first)
    assert len(view.assessments) == 7
    assert len(list(graph.get_state_history(config(thread_id)))) == 10


def test_nothing_is_visible_before_the_session_ends(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    with saver.session("t"):
        graph.invoke({"disruption": {}}, config("t"), durability="sync")
        assert graph.get_state(config("t")).next
        assert elsewhere(saver.get_tuple, config("t")) is None
    assert saver.get_tuple(config("t")) is not None


def test_nothing_lands_where_the_advance_raises(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    with pytest.raises(RuntimeError), saver.session("t"):
        graph.invoke({"disruption": {}}, config("t"), durability="sync")
        raise RuntimeError("the function timed out")
    assert saver.get_tuple(config("t")) is None
    assert list(saver.list(None)) == []


def test_of_two_joins_at_once_one_wins_and_the_other_leaves_nothing(saver: CheckpointSaver) -> None:
    graph, barrier = start(saver, "t")
    work = pending(graph.get_state(config("t")))
    resumes = run_agents(saver, "t", barrier, work)
    late = CheckpointSaver(saver.store, clock=saver.clock)
    late_graph = flow_graph().compile(checkpointer=late)

    with pytest.raises(HeadMoved) as refused, late.session("t", at=barrier):
        late_graph.invoke(Command(resume=resumes), config("t"), durability="sync")
        head = elsewhere(advance, saver, graph, "t", barrier, resumes)

    assert refused.value.expected == barrier
    assert refused.value.found == head
    parents = [each.parent_config for each in saver.list(config("t")) if each.parent_config]
    ids = [each["configurable"]["checkpoint_id"] for each in parents]
    assert len(ids) == len(set(ids)), "a checkpoint has two children"


def test_a_partial_join_keeps_the_rest_open_under_the_same_interrupts(saver: CheckpointSaver) -> None:
    graph, barrier = start(saver, "t")
    work = pending(graph.get_state(config("t")))
    resumes = run_agents(saver, "t", barrier, work)
    held = next(iter(resumes))
    head = advance(saver, graph, "t", barrier, {k: v for k, v in resumes.items() if k != held})
    assert head == barrier
    assert set(pending(graph.get_state(config("t")))) == {held}
    head = advance(saver, graph, "t", barrier, {held: resumes[held]})
    assert head != barrier
    assert len(graph.get_state(config("t")).values["initial"]) == 7


def test_two_partial_joins_of_one_barrier_cannot_both_land(saver: CheckpointSaver) -> None:
    graph, barrier = start(saver, "t")
    resumes = run_agents(saver, "t", barrier, pending(graph.get_state(config("t"))))
    one, two, *_ = resumes
    late = CheckpointSaver(saver.store, clock=saver.clock)
    with pytest.raises(HeadMoved), late.session("t", at=barrier):
        flow_graph().compile(checkpointer=late).invoke(
            Command(resume={one: resumes[one]}), config("t"), durability="sync"
        )
        elsewhere(advance, saver, graph, "t", barrier, {two: resumes[two]})
    assert set(pending(graph.get_state(config("t")))) == set(resumes) - {two}


def test_a_session_that_starts_from_an_old_head_is_refused(saver: CheckpointSaver) -> None:
    graph, barrier = start(saver, "t")
    resumes = run_agents(saver, "t", barrier, pending(graph.get_state(config("t"))))
    advance(saver, graph, "t", barrier, resumes)
    with pytest.raises(HeadMoved):
        advance(saver, graph, "t", barrier, resumes)


def test_a_thread_is_not_ended_from_an_old_head(saver: CheckpointSaver, clock) -> None:
    """Whoever changes the thread alone must stand where it stands, as whoever advances it."""
    threads = ThreadManager(saver.store, clock)
    thread_id = threads.create_thread("d").thread_id
    graph, barrier = start(saver, thread_id)
    resumes = run_agents(saver, thread_id, barrier, pending(graph.get_state(config(thread_id))))
    late = CheckpointSaver(saver.store, clock=saver.clock)
    with pytest.raises(HeadMoved), late.session(thread_id, at=barrier) as session:
        session.set(status=ThreadStatus.EXPIRED, outcome="nobody answered")
        elsewhere(advance, saver, graph, thread_id, barrier, resumes)
    thread = threads.get_thread(thread_id)
    assert (thread.status, thread.details.get("outcome")) == (ThreadStatus.ACTIVE, None)
    assert threads.get_thread_count(ThreadStatus.EXPIRED) == 0


def test_a_status_that_does_not_follow_is_refused_with_the_whole_advance(
    saver: CheckpointSaver, clock
) -> None:
    thread_id = ThreadManager(saver.store, clock).create_thread("d").thread_id
    graph, barrier = start(saver, thread_id)
    ThreadManager(saver.store, clock).mark_rejected(thread_id, reason="none fits", approver="dm-1")
    resumes = run_agents(saver, thread_id, barrier, pending(graph.get_state(config(thread_id))))
    with pytest.raises(IllegalTransition, match="rejected"):
        advance(saver, graph, thread_id, barrier, resumes, status=ThreadStatus.AWAITING_APPROVAL)
    assert graph.get_state(config(thread_id)).config["configurable"]["checkpoint_id"] == barrier


def test_a_second_session_on_the_same_thread_in_one_process_is_an_error(saver: CheckpointSaver) -> None:
    with saver.session("t"), pytest.raises(SessionError), saver.session("t"):
        pass


def test_every_interrupt_of_a_wide_step_lands_with_the_session(saver: CheckpointSaver) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    with saver.session("t"):
        graph.invoke({"disruption": {}}, config("t"), durability="sync")
        assert len(pending(graph.get_state(config("t")))) == 7
    (head, *_) = saver.list(config("t"))
    assert len(head.pending_writes) == 7
    items = saver.store.query("THREAD#t", "CHECKPOINT#", "CHECKPOINT#~")
    assert not [item["SK"] for item in items if "#W#T#" in item["SK"]]
