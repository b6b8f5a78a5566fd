"""Agents at a barrier: one works at a time, a dead one is replaced, a finished one stays finished."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from skymarshal.checkpoints import (
    AgentRuns,
    Claim,
    ClaimLost,
    DamagedCheckpoint,
    InvalidIdentifier,
    RunState,
    Store,
)
from skymarshal.checkpoints.keys import CheckpointAddress, decided_key
from skymarshal.checkpoints.store import PARTITION, SORT, Key, Put
from skymarshal.contracts import attributes_of_agent

BARRIER = "1f000000-0000-6000-8000-000000000000"


@pytest.fixture
def runs(store: Store, clock) -> AgentRuns:
    return AgentRuns(store, clock)


def claim(runs: AgentRuns, worker: str, agent: str = "cargo") -> Claim:
    return runs.claim("t", BARRIER, agent, phase="initial", worker=worker, lease=timedelta(minutes=5))


def test_a_second_worker_is_refused_while_the_first_holds_its_lease(runs: AgentRuns) -> None:
    claim(runs, "one")
    with pytest.raises(ClaimLost, match="'one'") as lost:
        claim(runs, "two")
    assert lost.value.run.state is RunState.STARTED


def test_the_same_worker_may_claim_again_after_a_lost_answer(runs: AgentRuns) -> None:
    assert claim(runs, "one") == claim(runs, "one")


def test_a_dead_workers_run_is_taken_over_once_its_lease_has_run_out(runs: AgentRuns, clock) -> None:
    dead = claim(runs, "one")
    clock.advance(timedelta(minutes=5))
    alive = claim(runs, "two")
    assert (dead.attempt, alive.attempt) == (1, 2)
    reference = runs.decide(dead, b"late")
    with pytest.raises(ClaimLost):
        runs.complete(dead, reference)
    with pytest.raises(ClaimLost):
        runs.fail(dead, "late")
    runs.complete(alive, runs.decide(alive, b"in time"))
    (run,) = runs.read("t", BARRIER)
    assert runs.hydrate(run.reference) == b"in time"


def test_a_failed_run_can_be_claimed_at_once(runs: AgentRuns) -> None:
    runs.fail(claim(runs, "one"), "no data")
    again = claim(runs, "two")
    assert again.attempt == 2
    (run,) = runs.read("t", BARRIER)
    assert (run.state, run.error) == (RunState.STARTED, None)


def test_a_completed_run_is_never_claimed_again(runs: AgentRuns, clock) -> None:
    held = claim(runs, "one")
    reference = runs.decide(held, b"{}")
    runs.complete(held, reference, headline={"verdict": "blocked"}, confidence=Decimal("0.75"))
    runs.complete(held, reference, headline={"verdict": "blocked"}, confidence=Decimal("0.75"))
    clock.advance(timedelta(hours=1))
    with pytest.raises(ClaimLost) as lost:
        claim(runs, "two")
    run = lost.value.run
    assert (run.state, run.reference, run.confidence) == (RunState.COMPLETED, reference, Decimal("0.75"))
    assert run.headline == {"verdict": "blocked"}


def test_every_run_of_a_barrier_comes_in_one_read_without_its_siblings_elsewhere(runs: AgentRuns) -> None:
    for agent in ("network", "cargo", "finance"):
        held = claim(runs, agent, agent)
        runs.complete(held, runs.decide(held, agent.encode()))
    runs.claim("t", "2" + BARRIER[1:], "cargo", phase="revision", worker="w", lease=timedelta(minutes=5))
    found = runs.read("t", BARRIER)
    assert [run.agent for run in found] == ["cargo", "finance", "network"]
    contents = runs.hydrate_all(run.reference for run in found)
    assert sorted(contents.values()) == [b"cargo", b"finance", b"network"]


def test_an_assessment_of_any_size_comes_back(runs: AgentRuns) -> None:
    held = claim(runs, "one")
    for content in (b"", b"x" * 1_000_000, bytes(range(256)) * 4_000):
        assert runs.hydrate(runs.decide(held, content)) == content


def test_a_headline_too_long_for_a_claim_is_refused(runs: AgentRuns) -> None:
    held = claim(runs, "one")
    with pytest.raises(ValueError, match="600"):
        runs.complete(held, runs.decide(held, b"{}"), headline={"text": "x" * 700})


def test_an_agent_without_a_name_is_refused(runs: AgentRuns) -> None:
    with pytest.raises(InvalidIdentifier, match="agent"):
        claim(runs, "one", "")


class Overtaken:
    """A store on which somebody else's claim lands just before the next but one write."""

    def __init__(self, inner: Store, meanwhile) -> None:
        self._inner = inner
        self._meanwhile = meanwhile
        self._writes = 0

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def write(self, operations) -> None:
        self._writes += 1
        if self._writes == 2:
            self._meanwhile()
        self._inner.write(operations)


def test_of_two_who_take_over_one_run_only_one_holds_it(store: Store, runs: AgentRuns, clock) -> None:
    runs.fail(claim(runs, "one"), "no data")
    slow = AgentRuns(Overtaken(store, lambda: claim(runs, "two")), clock)
    with pytest.raises(ClaimLost, match="'two'"):
        claim(slow, "three")
    (run,) = runs.read("t", BARRIER)
    assert (run.worker, run.attempt) == ("two", 2)


def test_an_assessment_that_is_not_what_its_digest_says_is_damaged(store: Store, runs: AgentRuns) -> None:
    held = claim(runs, "one")
    true, other = runs.decide(held, b"feasible"), runs.decide(held, b"blocked")
    address = CheckpointAddress("t", "", BARRIER)
    put = store.get(decided_key(address, "cargo", other.digest))
    key = decided_key(address, "cargo", true.digest)
    store.write([Put(key=key, attributes={n: v for n, v in put.items() if n not in (PARTITION, SORT)})])
    with pytest.raises(DamagedCheckpoint, match="does not match its digest"):
        runs.hydrate(true)


def test_what_an_agent_may_write_completes_no_run_of_another(runs: AgentRuns, store: Store) -> None:
    """A role is held to the names of attributes, and those of what an agent found begin with its own."""
    forger = claim(runs, "forger", "cargo")
    reference = runs.decide(forger, b"forged")
    runs.complete(forger, reference, headline={"verdict": "acceptable"})
    held = claim(runs, "one", "maintenance")
    (forged,) = [item for item in store.scan() if str(item["SK"]).endswith("#X#C#cargo")]
    key = Key(str(forged["PK"]), str(forged["SK"]).replace("cargo", "maintenance"))
    attributes = {name: value for name, value in forged.items() if name not in ("PK", "SK")}
    assert set(attributes) <= set(attributes_of_agent("cargo"))
    store.write([Put(key=key, attributes=attributes)])
    with pytest.raises(DamagedCheckpoint, match="maintenance"):
        runs.read("t", BARRIER)
    store.write([Put(key=key, attributes={**attributes, "agent": "maintenance"})])
    with pytest.raises(DamagedCheckpoint, match="without an assessment of maintenance"):
        runs.read("t", BARRIER)
    # Nor is a text of one taken for the other's.
    (decided,) = [item for item in store.scan() if "#X#D#cargo#" in str(item["SK"])]
    key = Key(str(decided["PK"]), str(decided["SK"]).replace("cargo", "maintenance"))
    store.write([Put(key=key, attributes={n: v for n, v in decided.items() if n not in ("PK", "SK")})])
    with pytest.raises(DamagedCheckpoint, match="no content"):
        runs.hydrate(replace(reference, agent="maintenance"))
    assert held.agent == "maintenance"
