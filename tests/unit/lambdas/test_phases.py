"""What each phase takes from the state machine, and what it gives back: ids and no more."""

from __future__ import annotations

import json

import msgspec
import pytest

from skymarshal.checkpoints import ThreadStatus
from skymarshal.contracts import AGENT_NAMES
from skymarshal.orchestration.errors import MalformedEvent
from tests.unit.orchestration.flow import DISRUPTION, decision

DISPATCH = {"thread_id": "any", "execution": "D-1", "disruption": msgspec.to_builtins(DISRUPTION)}
ITEM = {"thread_id", "agent", "phase", "interrupt_id", "checkpoint_id", "earlier_checkpoint_id"}


def join(world, attempt: int = 1) -> dict:
    return {"thread_id": world.thread_id, "execution": "D-1", "attempt": attempt}


def test_the_first_phase_makes_the_thread_and_returns_an_item_for_each_agent(call, world) -> None:
    advance = call("phases.initial", DISPATCH)
    world.thread_id = advance["thread_id"]
    assert world.thread.details["execution"] == "D-1"
    assert (advance["attempt"], advance["complete"]) == (1, False)
    assert [item["agent"] for item in advance["items"]] == list(AGENT_NAMES)
    assert {frozenset(item) for item in advance["items"]} == {frozenset(ITEM)}
    assert len(json.dumps(advance)) < 4_096
    assert world.announcer.kinds == ["DisruptionAccepted"]


def test_the_second_phase_waits_for_what_is_missing_and_then_returns_the_next_items(call, world) -> None:
    begun = world.begun()
    world.worker.run(begun.items[0], "worker")
    missing = call("phases.revision", join(world))
    assert (missing["attempt"], missing["complete"], len(missing["items"])) == (2, False, 6)
    world.worked(begun)
    advance = call("phases.revision", join(world, attempt=2))
    assert (advance["attempt"], advance["complete"]) == (1, True)
    assert {item["phase"] for item in advance["items"]} == {"revision"}
    assert world.announcer.kinds == ["PhaseCompleted"]


def test_the_third_phase_arbitrates_and_leaves_nothing_to_dispatch(call, world) -> None:
    world.worked(world.revising())
    advance = call("phases.arbitration", join(world))
    assert (advance["complete"], advance["items"]) == (True, [])
    assert world.announcer.kinds == ["PhaseCompleted", "PhaseCompleted"]
    assert world.approvals.view(world.thread_id).arbitration.recommended == "S1"


@pytest.mark.parametrize("notice", ["request", "reminder", "escalation"])
def test_the_approval_asks_as_urgently_as_it_is_told(call, world, notice) -> None:
    world.arbitrated()
    given = {"thread_id": world.thread_id, "execution": "D-1", "task_token": "token", "notice": notice}
    answer = call("phases.approval", given)
    assert answer == {"thread_id": world.thread_id, "deadline": "2026-11-23T12:00:00.000000Z"}
    assert world.announcer.told[-1][1]["notice"] == notice


def test_an_execution_that_another_has_succeeded_asks_nobody_and_ends(call, world) -> None:
    world.arbitrated()
    world.threads.annotate(world.thread_id, execution="_1-D-1")
    told = list(world.announcer.told)
    of_thread = {"thread_id": world.thread_id, "execution": "D-1"}
    answer = call("phases.approval", {**of_thread, "task_token": "token", "notice": "reminder"})
    assert answer == {"thread_id": world.thread_id, "deadline": None}
    assert world.flow.woken == ["token"]
    assert call("phases.finalise", of_thread) == {"thread_id": world.thread_id, "outcome": "superseded"}
    assert (world.thread.status, world.announcer.told) == (ThreadStatus.ACTIVE, told)


@pytest.mark.parametrize(
    ("ending", "outcome", "status"),
    [
        ({}, "approved", ThreadStatus.COMPLETED),
        ({"expired": True}, "expired", ThreadStatus.EXPIRED),
        ({"error": {"Error": "ValueError", "Cause": "no rows"}}, "failed", ThreadStatus.FAILED),
    ],
)
def test_the_end_is_what_was_decided_or_that_nobody_did_or_what_failed(
    call, world, ending, outcome, status
) -> None:
    world.asked()
    if not ending:
        world.approvals.decide(world.thread_id, decision())
    answer = call("phases.finalise", {"thread_id": world.thread_id, "execution": "D-1", **ending})
    assert answer == {"thread_id": world.thread_id, "outcome": outcome}
    assert world.thread.status is status
    assert world.thread.details.get("error") == ("ValueError: no rows" if "error" in ending else None)


def test_an_execution_that_was_superseded_ends_nothing(call, world) -> None:
    world.asked()
    world.threads.annotate(world.thread_id, execution="_1-D-1")
    given = {"thread_id": world.thread_id, "execution": "D-1", "expired": True}
    assert call("phases.finalise", given)["outcome"] == "superseded"
    assert world.thread.status is ThreadStatus.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("module", "event", "said"),
    [
        ("initial", {}, "missing required field `disruption`"),
        ("initial", {**DISPATCH, "disruption": {}}, "missing required field `disruption_id`"),
        ("initial", {**DISPATCH, "execution": None}, "Expected `str`, got `null` - at `$.execution`"),
        ("revision", {"thread_id": "T"}, "missing required field `attempt`"),
        ("revision", {"thread_id": "T", "attempt": 0}, "Expected `int` >= 1 - at `$.attempt`"),
        ("arbitration", {"attempt": 1}, "missing required field `thread_id`"),
        ("arbitration", {"thread_id": "T", "attempt": "1"}, "Expected `int`, got `str`"),
        ("approval", {"thread_id": "T", "notice": "request"}, "missing required field `task_token`"),
        (
            "approval",
            {"thread_id": "T", "task_token": "t", "notice": "whisper"},
            "Invalid enum value 'whisper' - at `$.notice`",
        ),
        ("finalise", {"thread_id": "T"}, "missing required field `execution`"),
        ("finalise", {"thread_id": "T", "execution": "D", "error": "broken"}, "Expected `object | null`"),
        ("finalise", ["T"], "Expected `object`, got `array`"),
    ],
)
def test_a_malformed_event_is_refused_by_the_name_of_its_field(call, world, module, event, said) -> None:
    with pytest.raises(MalformedEvent) as refused:
        call(f"phases.{module}", event)
    assert said in str(refused.value)
    assert world.store.calls == []
