"""Two writers on one thread, with faults and retries between any two of their steps.

The machine keeps a model of what each writer was told, and after every step an independent reader holds
the store to it:

- the checkpoints form one chain, without siblings, and the head is its end;
- what was acknowledged is there, and what was refused is not;
- of a session whose answer was lost there is all or nothing;
- a task's writes are those of one delivery, whole, and never change once seen, unless a session that
  landed goes before what another process saved of the same task outside any session;
- every checkpoint reads back whole, and the integrity chain holds;
- an agent run is completed once, by a worker that held the claim, and keeps its result.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import random
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from skymarshal.checkpoints import (
    AgentRuns,
    CheckpointSaver,
    Claim,
    ClaimLost,
    RunState,
    Session,
    StoreUnavailable,
    ThreadConflict,
)
from skymarshal.checkpoints.payloads import Limits
from tests.store.faults import Fault, FaultyStore, Plant

THREAD = "thread"
faults = st.lists(st.sampled_from(Fault), max_size=3)
writers = st.integers(0, 1)
agents = st.sampled_from(["cargo", "network"])
# Content that no codec shortens, so that a value really leaves its item.
SIZES = {"small": 10, "item": 200, "object": 900}
LIMITS = Limits(channel=256, inline=600, item=1200)
values = st.tuples(st.sampled_from(["small", "small", "item", "object"]), st.integers(0, 5))


def value_of(choice: tuple[str, int]) -> str:
    """Text of a size and a content that depend on the choice alone."""

    size, seed = choice
    return random.Random(f"{size}{seed}").randbytes(SIZES[size]).hex()


@dataclass
class Attempt:
    """Checkpoints that a writer tried to add together."""

    ids: list[str]
    values: dict[str, dict[str, Any]]
    told: str = "nothing"


@dataclass
class Writer:
    """A process: its own saver, its own view of the head, perhaps an open session."""

    saver: CheckpointSaver
    runs: AgentRuns
    skew: int
    head: str | None = None
    versions: dict[str, int] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    context: contextvars.Context = field(default_factory=contextvars.Context)
    manager: AbstractContextManager[Session] | None = None
    session: Session | None = None
    attempt: Attempt | None = None
    tasks: set[tuple[str, str]] = field(default_factory=set)
    claims: dict[str, Claim] = field(default_factory=dict)


class Interleavings(RuleBasedStateMachine):
    """Drives two writers and checks after each step that the store kept its promises."""

    plant: ClassVar[Plant] = Plant.NONE

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        self.store = FaultyStore(self.plant)
        self.ticks = 100
        self.marks = itertools.count()
        self.attempts: list[Attempt] = []
        self.deliveries: dict[tuple[str, str], list[list[tuple[str, str]]]] = {}
        self.in_sessions: dict[tuple[str, str], list[list[tuple[str, str]]]] = {}
        self.settling: set[tuple[str, str]] = set()
        self.settled: set[tuple[str, str]] = set()
        self.acknowledged: set[tuple[str, str]] = set()
        self.seen: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.held: dict[str, set[tuple[str, int]]] = {}
        self.completed: dict[tuple[str, str], str] = {}
        self.writers = [self._writer(skew) for skew in (0, 3)]

    def _writer(self, skew: int) -> Writer:
        clock = lambda: self.now  # noqa: E731
        return Writer(
            saver=CheckpointSaver(
                self.store, clock=clock, new_id=lambda: f"{next(self.marks):016d}", limits=LIMITS
            ),
            runs=AgentRuns(self.store, clock),
            skew=skew,
        )

    @initialize(choice=values)
    def begin(self, choice: tuple[str, int]) -> None:
        self._put(self.writers[0], choice, [])
        self.refresh(1)

    @rule(number=writers)
    def refresh(self, number: int) -> None:
        """The writer reads the latest checkpoint."""
        writer = self.writers[number]
        if writer.session is not None:
            return
        found = writer.context.run(writer.saver.get_tuple, _config())
        if found is not None:
            writer.head = found.checkpoint["id"]
            writer.versions = dict(found.checkpoint["channel_versions"])
            writer.values = dict(found.checkpoint["channel_values"])

    @rule(number=writers, choice=values, planned=faults)
    def put(self, number: int, choice: tuple[str, int], planned: list[Fault]) -> None:
        """The writer adds a checkpoint to the one it knows."""
        if self.writers[number].session is None:
            self._put(self.writers[number], choice, planned)

    @rule(
        number=writers,
        task=st.integers(0, 2),
        texts=st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
        planned=faults,
    )
    def put_writes(self, number: int, task: int, texts: list[str], planned: list[Fault]) -> None:
        """A task is delivered, perhaps not for the first time and perhaps with another result."""
        writer = self.writers[number]
        if writer.head is None:
            return
        writes = [(f"channel{place}", text) for place, text in enumerate(texts)]
        key = (writer.head, f"task{task}")
        self.deliveries.setdefault(key, []).append(writes)
        if writer.session is not None:
            self.in_sessions.setdefault(key, []).append(writes)
        self.store.next_faults = list(planned)
        try:
            writer.context.run(writer.saver.put_writes, _config(writer.head), writes, key[1], "~1")
            self._resolve(writer)
            if writer.session is None:
                self.acknowledged.add(key)
            else:
                writer.tasks.add(key)
        except (StoreUnavailable, ThreadConflict):
            pass
        finally:
            self.store.next_faults = []

    @precondition(lambda self: any(writer.session is None for writer in self.writers))
    @rule(number=writers, explicit=st.booleans())
    def open_session(self, number: int, explicit: bool) -> None:
        writer = self.writers[number]
        if writer.session is not None or writer.head is None:
            return
        if not explicit:
            self.refresh(number)
        writer.manager = writer.saver.session(THREAD, at=writer.head)
        writer.session = writer.context.run(writer.manager.__enter__)
        writer.attempt = Attempt([], {})
        self.attempts.append(writer.attempt)

    @precondition(lambda self: any(writer.session is not None for writer in self.writers))
    @rule(number=writers, choice=values, planned=faults)
    def put_in_session(self, number: int, choice: tuple[str, int], planned: list[Fault]) -> None:
        writer = self.writers[number]
        if writer.session is not None:
            self._put(writer, choice, planned)

    @precondition(lambda self: any(writer.session is not None for writer in self.writers))
    @rule(number=writers, planned=faults, again=st.booleans())
    def end_session(self, number: int, planned: list[Fault], again: bool) -> None:
        """The session lands, is refused, or its writer learns nothing and perhaps tries again."""
        writer = self.writers[number]
        if writer.session is None or writer.attempt is None or writer.manager is None:
            return
        self.store.next_faults = list(planned)
        try:
            writer.context.run(writer.session.flush)
            writer.attempt.told = "yes"
            self.acknowledged |= writer.tasks
            self.settling |= writer.tasks
        except ThreadConflict:
            writer.attempt.told = "no"
        except StoreUnavailable:
            if again:
                writer.attempt.told = "unknown"
                return
        finally:
            self.store.next_faults = []
        stop = RuntimeError("the worker is gone")
        if writer.attempt.told == "yes":
            writer.context.run(writer.manager.__exit__, None, None, None)
        else:
            try:
                writer.context.run(writer.manager.__exit__, RuntimeError, stop, None)
            except RuntimeError as error:
                assert error is stop
        writer.manager = writer.session = writer.attempt = None
        writer.tasks = set()

    @rule(choice=values, planned=faults)
    def race(self, choice: tuple[str, int], planned: list[Fault]) -> None:
        """Both writers join at the same checkpoint, one of them only in part."""
        for number in (0, 1):
            self.refresh(number)
            self.open_session(number, explicit=True)
            self.put_writes(number, number, ["a"], [])
        self.put_in_session(0, choice, [])
        self.end_session(1, [], again=False)
        self.end_session(0, planned, again=False)

    @rule(number=writers)
    def restart(self, number: int) -> None:
        """The process dies and comes back knowing nothing."""
        writer = self.writers[number]
        if writer.session is None:
            self.writers[number] = self._writer(writer.skew)
            self.refresh(number)

    @rule(number=writers, agent=agents, planned=faults)
    def claim(self, number: int, agent: str, planned: list[Fault]) -> None:
        writer = self.writers[number]
        barrier = self._barrier()
        if barrier is None:
            return
        self.store.next_faults = list(planned)
        try:
            claim = writer.runs.claim(
                THREAD, barrier, agent, phase="initial", worker=f"worker{number}", lease=timedelta(minutes=5)
            )
            writer.claims[agent] = claim
            self.held.setdefault(agent, set()).add((claim.worker, claim.attempt))
        except (ClaimLost, StoreUnavailable):
            pass
        finally:
            self.store.next_faults = []

    @rule(
        number=writers, agent=st.sampled_from(["cargo", "network"]), planned=faults, result=st.integers(0, 9)
    )
    def complete(self, number: int, agent: str, planned: list[Fault], result: int) -> None:
        writer = self.writers[number]
        claim = writer.claims.get(agent)
        if claim is None:
            return
        self.store.next_faults = list(planned)
        try:
            reference = writer.runs.decide(claim, f"{agent} {number} {result}".encode())
            writer.runs.complete(claim, reference)
            key = (agent, claim.address.checkpoint_id)
            assert self.completed.setdefault(key, reference.digest) == reference.digest, "completed twice"
        except (ClaimLost, StoreUnavailable):
            pass
        finally:
            self.store.next_faults = []

    @rule(minutes=st.integers(1, 4))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def teardown(self) -> None:
        for writer in self.writers:
            if writer.manager is not None:
                with contextlib.suppress(RuntimeError):
                    stop = RuntimeError("the run is over")
                    writer.context.run(writer.manager.__exit__, RuntimeError, stop, None)

    @invariant()
    def the_store_keeps_its_promises(self) -> None:
        reader = CheckpointSaver(self.store, clock=lambda: self.now)
        chain = list(reader.list(_config()))[::-1]
        ids = [each.checkpoint["id"] for each in chain]
        parents = [
            each.parent_config["configurable"]["checkpoint_id"] if each.parent_config else None
            for each in chain
        ]
        assert parents == [None, *ids[:-1]][: len(ids)], "the checkpoints are not one chain"
        for attempt in self.attempts:
            there = [each for each in attempt.ids if each in ids]
            if attempt.told == "yes":
                assert there == attempt.ids, "an acknowledged checkpoint is gone"
            elif attempt.told == "no":
                assert not there, "a refused checkpoint is there"
            else:
                assert there in ([], attempt.ids), "half an advance is there"
        stored = {each.checkpoint["id"]: each for each in chain}
        for attempt in self.attempts:
            for identifier, expected in attempt.values.items():
                if identifier in stored:
                    found = stored[identifier].checkpoint["channel_values"]
                    assert found == expected, "a checkpoint reads back otherwise"
        for each in chain:
            self._check_writes(each.checkpoint["id"], each.pending_writes or [])
        self.settled |= self.settling
        verified = reader.verify(THREAD)
        assert verified.is_intact, verified.problems
        self._check_runs()

    def _check_writes(self, identifier: str, pending: list[tuple[str, str, Any]]) -> None:
        by_task: dict[str, list[tuple[str, str]]] = {}
        for task, channel, value in pending:
            by_task.setdefault(task, []).append((channel, value))
        for task, writes in by_task.items():
            key = (identifier, task)
            assert writes in self.deliveries.get(key, []), "a task's writes are those of no delivery"
            if self.seen.setdefault(key, writes) != writes:
                assert writes in self.in_sessions.get(key, []), "a task's writes changed"
                assert key not in self.settled, "what a session landed changed"
                self.seen[key] = writes
        for identifier_, task in self.acknowledged:
            assert identifier_ != identifier or task in by_task, "an acknowledged write is gone"

    def _check_runs(self) -> None:
        barrier = self._barrier()
        if barrier is None:
            return
        runs = AgentRuns(self.store, lambda: self.now)
        for run in runs.read(THREAD, barrier):
            expected = self.completed.get((run.agent, barrier))
            if expected is not None:
                assert run.reference is not None and run.reference.digest == expected, "a result changed"
            if run.state is RunState.COMPLETED:
                assert run.reference is not None
                runs.hydrate(run.reference)

    def _put(self, writer: Writer, choice: tuple[str, int], planned: list[Fault]) -> None:
        self.ticks += 1
        identifier = f"{self.ticks - writer.skew:08d}-0000-6000-8000-{writer.skew:012d}"
        name = f"channel{choice[1] % 2}"
        version = writer.versions.get(name, 0) + 1
        versions = {**writer.versions, name: version}
        values_ = {**writer.values, name: value_of(choice)}
        checkpoint = {
            "v": 4,
            "id": identifier,
            "ts": self.now.isoformat(),
            "channel_values": values_,
            "channel_versions": versions,
            "versions_seen": {},
        }
        attempt = writer.attempt
        if attempt is None:
            attempt = Attempt([], {})
            self.attempts.append(attempt)
        self.store.next_faults = list(planned)
        try:
            writer.context.run(
                writer.saver.put,
                _config(writer.head),
                checkpoint,
                {"source": "loop", "step": self.ticks, "parents": {}},
                {name: version},
            )
        except ThreadConflict:
            if writer.session is None:
                attempt.ids.append(identifier)
                attempt.told = "no"
            return
        except StoreUnavailable:
            if writer.session is None:
                attempt.ids.append(identifier)
                attempt.values[identifier] = values_
            return
        finally:
            self.store.next_faults = []
        attempt = self._resolve(writer) or attempt
        attempt.ids.append(identifier)
        attempt.values[identifier] = values_
        if writer.session is None:
            attempt.told = "yes"
        writer.head, writer.versions, writer.values = identifier, versions, values_

    def _resolve(self, writer: Writer) -> Attempt | None:
        """A session that took something more in has found out that what it sent before has landed."""
        if writer.attempt is not None and writer.attempt.told == "unknown":
            writer.attempt.told = "yes"
            writer.attempt = Attempt([], {})
            self.attempts.append(writer.attempt)
        return writer.attempt

    def _barrier(self) -> str | None:
        return self.attempts[0].ids[0] if self.attempts and self.attempts[0].ids else None


def _config(checkpoint_id: str | None = None) -> dict[str, Any]:
    configurable = {"thread_id": THREAD, "checkpoint_ns": ""}
    if checkpoint_id is not None:
        configurable["checkpoint_id"] = checkpoint_id
    return {"configurable": configurable}
