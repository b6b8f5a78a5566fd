"""What a run came to, and in what two runs of the same disruption differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from langchain_core.runnables import RunnableConfig

from skymarshal.checkpoints import AgentRuns, CheckpointSaver, RunState, Store, Thread, ThreadManager
from skymarshal.domain.decision import DecisionRecord
from skymarshal.ports import system_clock

__all__ = ["Outcome", "differences", "read_outcome", "without_identity"]

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to, without what differs from one run to the next.

    Attributes:
        status: of the thread.
        outcome: of the thread.
        stages: of its checkpoints, in their order.
        in_line: whether each checkpoint's parent is the one before, and the last is the head.
        problems: what verifying the integrity chain found.
        runs: phase, agent and state of each run at a barrier.
        findings: phase, agent, status, verdict and headline of each result that the flow counted.
        record: the decision record.
    """

    status: str
    outcome: str
    stages: tuple[str, ...]
    in_line: bool
    problems: tuple[str, ...]
    runs: tuple[tuple[str, str, RunState], ...]
    findings: tuple[tuple[str, str, str, str, str], ...]
    record: DecisionRecord


def read_outcome(store: Store, thread: Thread, load: Callable[[str], DecisionRecord]) -> Outcome:
    """Return what a thread that has ended came to. `load` reads the decision record of a name."""
    saver = CheckpointSaver(store, clock=system_clock)
    config: RunnableConfig = {"configurable": {"thread_id": thread.thread_id}}
    checkpoints = list(saver.list(config))[::-1]
    ids = [each.config["configurable"]["checkpoint_id"] for each in checkpoints]
    parents = [
        each.parent_config and each.parent_config["configurable"]["checkpoint_id"] for each in checkpoints
    ]
    runs = AgentRuns(store, system_clock)
    findings = saver.read_state(thread.thread_id, ids[-1]).values["findings"]
    return Outcome(
        status=str(thread.status),
        outcome=str(thread.details.get("outcome")),
        stages=tuple(
            str(each.stage) for each in ThreadManager(store, system_clock).list_checkpoints(thread.thread_id)
        ),
        in_line=parents == [None, *ids[:-1]] and ids[-1] == thread.head,
        problems=tuple(problem.what for problem in saver.verify(thread.thread_id).problems),
        runs=tuple(
            sorted(
                (run.phase, run.agent, run.state)
                for barrier in ids
                for run in runs.read(thread.thread_id, barrier)
            )
        ),
        findings=tuple(
            sorted(
                (phase, agent, finding["status"], finding["verdict"], finding["headline"])
                for phase, by_agent in findings.items()
                for agent, finding in by_agent.items()
            )
        ),
        record=without_identity(load(str(thread.details["record"]))),
    )


def without_identity(record: DecisionRecord) -> DecisionRecord:
    """Return a record without its ids and times, and without past decisions, which grow from run to run."""
    text = msgspec.json.encode(record).decode()
    for own, common in ((record.thread_id, "thread"), (record.disruption.disruption_id, "disruption")):
        text = text.replace(own, common)
    common_record = msgspec.json.decode(text, type=DecisionRecord)
    guidance = record.arbitration.knowledge.partition(";")[0]
    return replace(
        common_record,
        checkpoint_id="",
        assessments=tuple(
            replace(each, started_at=_EPOCH, duration=timedelta()) for each in common_record.assessments
        ),
        arbitration=replace(common_record.arbitration, precedent=None, knowledge=guidance),
        decision=replace(common_record.decision, decided_at=_EPOCH),
    )


def differences(expected: Outcome, found: Outcome) -> list[str]:
    """Return what is not as expected, each with its name; nothing where all is."""
    wrong = []
    for each in fields(Outcome):
        wanted, given = getattr(expected, each.name), getattr(found, each.name)
        if wanted == given:
            continue
        if isinstance(wanted, DecisionRecord):
            names = [one.name for one in fields(DecisionRecord)]
            unlike = [name for name in names if getattr(wanted, name) != getattr(given, name)]
            wrong.append(f"the record has another {', another '.join(unlike)}")
        else:
            wrong.append(f"{each.name} is {given!r}"[:_LONGEST] + f" instead of {wanted!r}"[:_LONGEST])
    return wrong
