"""The one definition of the flow; Step Functions and the in-process runner only drive it.

A node of an agent does nothing but interrupt with what is to be done and put what comes back into
the state. The work itself happens outside, so whatever dies, only that is done again.
"""

from __future__ import annotations

from typing import Any, Final, Protocol, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt

from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.orchestration.reopening import OPENED
from skymarshal.orchestration.state import (
    Finding,
    Stage,
    ThreadState,
    node_name,
)

__all__ = ["APPROVAL", "DisruptionGraph", "build_graph", "opening"]

APPROVAL: Final = "approval"

DisruptionGraph: TypeAlias = CompiledStateGraph[ThreadState, None, ThreadState, ThreadState]


class _Node(Protocol):
    def __call__(self, state: ThreadState) -> ThreadState: ...


def build_graph(saver: BaseCheckpointSaver[Any]) -> DisruptionGraph:
    """Return the compiled graph: seven agents twice, the arbitrator, the approval."""
    graph = StateGraph(ThreadState)
    for phase, stage in OPENED.items():
        graph.add_node(opening(phase), _stage(stage))
    completed: dict[Phase, Stage] = {Phase.INITIAL: "phase1_complete", Phase.REVISION: "phase2_complete"}
    for phase, complete in completed.items():
        for agent in AGENT_NAMES:
            graph.add_node(node_name(AgentName(agent), phase), _dispatched(AgentName(agent), phase, complete))
    arbitrator = node_name(AgentName.ARBITRATOR, Phase.ARBITRATION)
    graph.add_node(arbitrator, _dispatched(AgentName.ARBITRATOR, Phase.ARBITRATION, "phase3_complete"))
    graph.add_node(APPROVAL, _approval)

    initial = [node_name(AgentName(agent), Phase.INITIAL) for agent in AGENT_NAMES]
    revision = [node_name(AgentName(agent), Phase.REVISION) for agent in AGENT_NAMES]
    graph.add_edge(START, "begin_initial")
    for node in initial:
        graph.add_edge("begin_initial", node)
    graph.add_edge(initial, "begin_revision")
    for node in revision:
        graph.add_edge("begin_revision", node)
    graph.add_edge(revision, "begin_arbitration")
    graph.add_edge("begin_arbitration", arbitrator)
    graph.add_edge(arbitrator, APPROVAL)
    graph.add_edge(APPROVAL, END)
    return graph.compile(checkpointer=saver)


def opening(phase: Phase) -> str:
    """Return the name of the node after which the work of `phase` is open."""
    return f"begin_{phase}"


def _stage(stage: Stage) -> _Node:
    def begin(state: ThreadState) -> ThreadState:
        return {"stage": stage}

    return begin


def _dispatched(agent: AgentName, phase: Phase, complete: Stage) -> _Node:
    def wait_for_result(state: ThreadState) -> ThreadState:
        finding: Finding = interrupt({"agent": str(agent), "phase": str(phase)})
        update: ThreadState = {"findings": {str(phase): {str(agent): finding}}, "stage": complete}
        if agent is AgentName.ARBITRATOR:
            update["confidence"] = finding["confidence"]
        return update

    return wait_for_result


def _approval(state: ThreadState) -> ThreadState:
    decision: dict[str, Any] = interrupt({"agent": APPROVAL, "phase": APPROVAL})
    return {"decision": decision, "stage": "decided"}
