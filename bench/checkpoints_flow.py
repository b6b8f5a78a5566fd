"""The measured run: seven agents in two phases outside the graph, arbitration, approval."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Command

from skymarshal.checkpoints import AgentRuns, CheckpointSaver, ThreadManager, ThreadStatus
from tests.store.graphs import config, flow_graph, pending

Results = Callable[[], str]
_WORDS = (
    *("crew", "duty", "slot", "gate", "passenger", "cargo"),
    *("rule", "delay", "aircraft", "rotation", "curfew", "standby"),
)
_LEASE = timedelta(minutes=5)


def text(size: int, seed: int = 1) -> Results:
    """Results of plain words, as agents write them."""
    source = random.Random(seed)

    def result() -> str:
        words = []
        while sum(map(len, words)) + len(words) < size:
            words.append(source.choice([*_WORDS, str(source.randrange(10_000))]))
        return " ".join(words)[:size]

    return result


def incompressible(size: int, seed: int = 1) -> Results:
    """Results that no codec makes smaller than `size` bytes: random bytes in base 64."""
    source = random.Random(seed)
    return lambda: base64.b64encode(source.randbytes(size)).decode()[: size * 4 // 3]


def run_ours(saver: CheckpointSaver, disruption: str, results: Results) -> str:
    """One disruption from event to completion. Returns the thread id."""
    graph = flow_graph().compile(checkpointer=saver)
    threads = ThreadManager(saver.store, saver.clock)
    runs = AgentRuns(saver.store, saver.clock)
    thread_id = threads.create_thread(disruption, flight="SM101", airport="LHR").thread_id
    here = config(thread_id)
    with saver.session(thread_id) as session:
        graph.invoke({"disruption": {"id": disruption}}, here, durability="sync")
        work = pending(graph.get_state(here))
        session.set(phase="initial")
        barrier = session.head
    earlier = None
    for phase in ("initial", "revision"):
        assert barrier is not None
        for item in work.values():
            _run_agent(saver, runs, thread_id, barrier, item, earlier, results)
        with saver.session(thread_id, at=barrier) as session:
            finished = {run.agent: run for run in session.runs()}
            resumes = {
                each: {
                    "headline": finished[item["agent"]].headline,
                    "reference": finished[item["agent"]].reference.as_dict(),  # type: ignore[union-attr]
                }
                for each, item in work.items()
            }
            graph.invoke(Command(resume=resumes), here, durability="sync")
            work = pending(graph.get_state(here))
            if phase == "initial":
                session.set(phase="revision")
            else:
                session.set(status=ThreadStatus.AWAITING_APPROVAL, phase="approval", approval_token="token")
            earlier, barrier = barrier, session.head
    (approval,) = work
    with saver.session(thread_id, at=barrier) as session:
        graph.invoke(Command(resume={approval: "yes"}), here, durability="sync")
        session.set(status=ThreadStatus.COMPLETED, outcome="approved", phase="done")
    return thread_id


def _run_agent(
    saver: CheckpointSaver,
    runs: AgentRuns,
    thread_id: str,
    barrier: str,
    item: dict[str, str],
    earlier: str | None,
    results: Results,
) -> None:
    agent = item["agent"]
    claim = runs.claim(thread_id, barrier, agent, phase=item["phase"], worker=f"worker-{agent}", lease=_LEASE)
    saver.read_state(thread_id, barrier, assessments_of=earlier)
    reference = runs.decide(claim, json.dumps({"agent": agent, "text": results()}).encode())
    runs.complete(claim, reference, headline={"verdict": "acceptable"}, confidence=Decimal("0.9"))


class _AgentState(TypedDict, total=False):
    stage: str
    result: dict[str, str]


def run_peer(saver: Any, thread_id: str, results: Results) -> str:
    """The same with the peer: each agent a graph of its own with started, decided and completed steps."""
    graph = flow_graph().compile(checkpointer=saver)
    here = config(thread_id)
    graph.invoke({"disruption": {"id": thread_id}}, here, durability="sync")
    for _ in ("initial", "revision"):
        work = pending(graph.get_state(here))
        resumes = {}
        for each, item in work.items():
            graph.get_state(here)
            agent = _agent_graph(item["agent"], results).compile(checkpointer=saver)
            state = agent.invoke({"stage": "x"}, config(f"{thread_id}#{each}"), durability="sync")
            resumes[each] = state["result"]
        graph.invoke(Command(resume=resumes), here, durability="sync")
    graph.invoke(Command(resume="yes"), here, durability="sync")
    return thread_id


def _agent_graph(agent: str, results: Results) -> StateGraph:
    graph = StateGraph(_AgentState)
    graph.add_node("start", lambda state: {"stage": "start"})
    graph.add_node(
        "decision", lambda state: {"stage": "decided", "result": {"agent": agent, "text": results()}}
    )
    graph.add_node("complete", lambda state: {"stage": "complete"})
    graph.add_edge(START, "start")
    graph.add_edge("start", "decision")
    graph.add_edge("decision", "complete")
    return graph
