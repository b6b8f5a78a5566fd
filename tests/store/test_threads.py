"""Threads: legal transitions only, the first decision stands, pages and counts are exact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.checkpoints import (
    CheckpointSaver,
    DecisionTaken,
    IllegalTransition,
    Store,
    ThreadManager,
    ThreadNotFound,
    ThreadStatus,
    thread_id_for,
)
from tests.store.graphs import config, flow_graph


@pytest.fixture
def threads(store: Store, clock) -> ThreadManager:
    return ThreadManager(store, clock)


def start(threads: ThreadManager, clock, count: int) -> list[str]:
    started = []
    for number in range(count):
        started.append(threads.create_thread(f"disruption {number}").thread_id)
        clock.advance(timedelta(seconds=1))
    return started


def test_one_disruption_has_one_thread_however_often_it_is_reported(threads: ThreadManager) -> None:
    first = threads.create_thread("d-1", flight="SM101", airport="LHR")
    again = threads.create_thread("d-1", flight="SM999")
    assert again == first
    assert first.thread_id == thread_id_for("d-1") != thread_id_for("d-2")
    assert first.details == {"disruption": "d-1", "flight": "SM101", "airport": "LHR"}


def test_a_thread_goes_from_active_through_approval_to_completed(threads: ThreadManager, clock) -> None:
    thread_id = threads.create_thread("d").thread_id
    deadline = clock() + timedelta(minutes=30)
    threads.awaiting_approval(thread_id, token="token", deadline=deadline)
    threads.record_decision(thread_id, decision="approve", approver="dm-1")
    threads.mark_complete(thread_id, outcome="approved")
    thread = threads.get_thread(thread_id)
    assert thread.status is ThreadStatus.COMPLETED
    assert thread.details["outcome"] == "approved"
    assert thread.details["approver"] == "dm-1"


@pytest.mark.parametrize("end", ["mark_complete", "mark_rejected", "mark_expired"])
def test_an_ended_thread_changes_no_more(threads: ThreadManager, clock, end: str) -> None:
    thread_id = threads.create_thread("d").thread_id
    {
        "mark_complete": lambda: threads.mark_complete(thread_id, outcome="approved"),
        "mark_rejected": lambda: threads.mark_rejected(thread_id, reason="none fits", approver="dm-1"),
        "mark_expired": lambda: threads.mark_expired(thread_id),
    }[end]()
    for change in (
        lambda: threads.resume(thread_id),
        lambda: threads.mark_complete(thread_id, outcome="approved"),
        lambda: threads.mark_failed(thread_id, error="late"),
        lambda: threads.awaiting_approval(thread_id, token="t", deadline=clock()),
    ):
        with pytest.raises(IllegalTransition, match=thread_id):
            change()


def test_a_failed_thread_can_be_resumed(threads: ThreadManager) -> None:
    thread_id = threads.create_thread("d").thread_id
    threads.mark_failed(thread_id, error="no aircraft data")
    assert threads.get_thread_count(ThreadStatus.FAILED) == 1
    threads.resume(thread_id)
    assert threads.get_thread(thread_id).status is ThreadStatus.ACTIVE
    assert "error" not in threads.get_thread(thread_id).details
    assert threads.get_thread_count(ThreadStatus.FAILED) == 0


def test_a_resume_that_another_one_overtook_changes_nothing(
    threads: ThreadManager, store: Store, clock, monkeypatch
) -> None:
    """Between its look and its change another resumed the thread, and its flow has come to ask."""
    thread_id = threads.create_thread("d").thread_id
    threads.mark_failed(thread_id, error="no aircraft data")
    look, rival = store.get, ThreadManager(store, clock)

    def overtaken(key, **how):
        found = look(key, **how)
        monkeypatch.undo()
        rival.resume(thread_id, execution="successor")
        rival.awaiting_approval(thread_id, token="token", deadline=clock())
        return found

    monkeypatch.setattr(store, "get", overtaken)
    with pytest.raises(IllegalTransition, match="awaiting_approval"):
        threads.resume(thread_id, execution="late")
    thread = threads.get_thread(thread_id)
    assert (thread.status, thread.details["execution"]) == (ThreadStatus.AWAITING_APPROVAL, "successor")
    threads.mark_failed(thread_id, error="the table did not answer")
    assert threads.get_thread_count(ThreadStatus.FAILED) == 1


def test_the_first_decision_stands_and_the_second_approver_is_told(threads: ThreadManager, clock) -> None:
    thread_id = threads.create_thread("d").thread_id
    with pytest.raises(IllegalTransition):
        threads.record_decision(thread_id, decision="approve", approver="dm-1")
    threads.awaiting_approval(thread_id, token="t", deadline=clock())
    threads.record_decision(thread_id, decision="approve", approver="dm-1")
    threads.record_decision(thread_id, decision="approve", approver="dm-1")
    with pytest.raises(DecisionTaken, match="dm-1"):
        threads.record_decision(thread_id, decision="reject", approver="dm-2")


def test_an_unknown_thread_is_named(threads: ThreadManager) -> None:
    for call in (
        lambda: threads.get_thread("nobody"),
        lambda: threads.mark_complete("nobody", outcome="approved"),
        lambda: threads.resume("nobody"),
        lambda: threads.annotate("nobody", note="x"),
    ):
        with pytest.raises(ThreadNotFound, match="nobody"):
            call()


def test_pages_show_every_thread_of_a_status_once_newest_first(threads: ThreadManager, clock) -> None:
    started = start(threads, clock, 23)
    threads.mark_complete(started[5], outcome="approved")
    found, cursor, pages = [], None, 0
    while True:
        page = threads.get_active_threads(cursor=cursor, limit=5)
        found += [thread.thread_id for thread in page.threads]
        pages += 1
        cursor = page.cursor
        if cursor is None:
            break
    assert found == [each for each in reversed(started) if each != started[5]]
    assert pages == 5
    (done,) = threads.query_threads(ThreadStatus.COMPLETED).threads
    assert done.thread_id == started[5]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24=", "W10=", "WzEsMiwzLDRd"])
def test_a_cursor_from_elsewhere_is_refused(threads: ThreadManager, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        threads.query_threads(ThreadStatus.ACTIVE, cursor=cursor)


def test_counts_are_exact_across_days_and_forget_what_retention_ended(
    threads: ThreadManager, clock, saver: CheckpointSaver
) -> None:
    started = start(threads, clock, 6)
    threads.mark_complete(started[0], outcome="approved")
    clock.advance(timedelta(hours=20))
    threads.mark_complete(started[1], outcome="approved")
    clock.advance(timedelta(days=40))
    threads.mark_complete(started[2], outcome="approved")
    assert threads.get_thread_count(ThreadStatus.ACTIVE) == 3
    assert threads.get_thread_count(ThreadStatus.COMPLETED) == 3
    clock.advance(timedelta(days=49, hours=10))
    assert threads.get_thread_count(ThreadStatus.COMPLETED) == 2
    clock.advance(timedelta(days=1))
    assert threads.get_thread_count(ThreadStatus.COMPLETED) == 1
    saver.delete_thread(started[2])
    assert threads.get_thread_count(ThreadStatus.COMPLETED) == 0


def test_what_expired_is_gone_although_the_table_still_holds_it(
    threads: ThreadManager, store: Store, clock
) -> None:
    thread_id = threads.create_thread("d", flight="SM101").thread_id
    clock.advance(timedelta(days=91))
    with pytest.raises(ThreadNotFound):
        threads.get_thread(thread_id)
    with pytest.raises(ThreadNotFound):
        threads.mark_complete(thread_id, outcome="approved")
    assert list(store.scan("THREAD"))
    assert threads.get_active_threads().threads == ()
    fresh = threads.create_thread("d")
    assert fresh.details == {"disruption": "d"}


def test_an_expired_thread_id_can_be_used_again_from_the_beginning(saver: CheckpointSaver, clock) -> None:
    graph = flow_graph().compile(checkpointer=saver)
    graph.invoke({"disruption": {"number": 1}}, config("t"), durability="sync")
    clock.advance(timedelta(days=91))
    assert saver.get_tuple(config("t")) is None
    assert list(saver.list(config("t"))) == []
    graph.invoke({"disruption": {"number": 2}}, config("t"), durability="sync")
    assert graph.get_state(config("t")).values["disruption"]["number"] == 2
    assert len(list(saver.list(config("t")))) == 3
    assert saver.verify("t").is_intact


def test_every_item_has_an_expiry(saver: CheckpointSaver, clock) -> None:
    threads = ThreadManager(saver.store, clock)
    graph = flow_graph().compile(checkpointer=saver)
    thread_id = threads.create_thread("d").thread_id
    graph.invoke({"disruption": {"text": "x" * 10_000}}, config(thread_id), durability="sync")
    threads.mark_complete(thread_id, outcome="approved")
    least = int((clock() + timedelta(days=90)).timestamp())
    assert {item["SK"] for item in saver.store.scan() if int(item.get("ttl", 0)) < least} == set()


def test_a_thread_is_handed_over_as_it_was_read_or_not_at_all(threads: ThreadManager) -> None:
    thread_id = threads.create_thread("disruption-1", execution="first").thread_id
    threads.mark_failed(thread_id, error="no rows")
    read = threads.get_thread(thread_id)
    threads.hand_over(read, execution="second", reopened="second")
    with pytest.raises(IllegalTransition):
        threads.hand_over(read, execution="third")
    now = threads.get_thread(thread_id)
    assert (now.status, now.details["execution"]) == (ThreadStatus.ACTIVE, "second")
    assert "error" not in now.details
    threads.hand_over(now, execution="third", reopened=None)
    with pytest.raises(IllegalTransition):
        threads.hand_over(now, execution="fourth", reopened="fourth")
    now = threads.get_thread(thread_id)
    assert (now.status, now.details["execution"]) == (ThreadStatus.ACTIVE, "third")
    assert "reopened" not in now.details


def test_an_approval_is_asked_only_by_the_execution_that_drives_the_thread(
    threads: ThreadManager, clock
) -> None:
    thread_id = threads.create_thread("disruption-1", execution="second").thread_id
    with pytest.raises(IllegalTransition):
        threads.awaiting_approval(thread_id, token="t", deadline=clock(), execution="first")
    threads.awaiting_approval(thread_id, token="t", deadline=clock(), execution="second")
    assert threads.get_thread(thread_id).status is ThreadStatus.AWAITING_APPROVAL
