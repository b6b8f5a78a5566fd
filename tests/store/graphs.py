"""A graph of the real shape: two phases of seven agents that work outside it, arbitration, approval."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from skymarshal.contracts import AGENT_NAMES


def merged(left: dict | None, right: dict | None) -> dict:
    return {**(left or {}), **(right or {})}


class FlowState(TypedDict, total=False):
    disruption: dict
    initial: Annotated[dict, merged]
    revision: Annotated[dict, merged]
    order: Annotated[list, operator.add]
    plan: str
    approval: str
    final: str


def _agent(agent: str, phase: str) -> Any:
    def node(state: FlowState) -> dict:
        outcome = interrupt({"agent": agent, "phase": phase})
        return {phase: {agent: outcome}, "order": [f"{agent}.{phase}"]}

    return node


def flow_graph(agents: tuple[str, ...] = AGENT_NAMES) -> StateGraph:
    graph = StateGraph(FlowState)
    graph.add_node("intake", lambda state: {"disruption": {**state["disruption"], "checked": True}})
    for phase in ("initial", "revision"):
        for agent in agents:
            graph.add_node(f"{phase}.{agent}", _agent(agent, phase))
        graph.add_node(f"join_{phase}", lambda state: {})
        graph.add_edge([f"{phase}.{agent}" for agent in agents], f"join_{phase}")
    graph.add_node("arbitration", lambda state: {"plan": f"plan of {len(state['revision'])}"})
    graph.add_node("approval", lambda state: {"approval": interrupt({"approve": state["plan"]})})
    graph.add_node("finalise", lambda state: {"final": f"{state['plan']}: {state['approval']}"})
    graph.add_edge(START, "intake")
    for agent in agents:
        graph.add_edge("intake", f"initial.{agent}")
        graph.add_edge("join_initial", f"revision.{agent}")
    graph.add_edge("join_revision", "arbitration")
    graph.add_edge("arbitration", "approval")
    graph.add_edge("approval", "finalise")
    graph.add_edge("finalise", END)
    return graph


def config(thread_id: str, **more: Any) -> dict:
    return {"configurable": {"thread_id": thread_id, **more}}


def pending(state: Any) -> dict[str, dict]:
    """Interrupts still open, by id."""
    return {each.id: each.value for task in state.tasks for each in task.interrupts if task.result is None}
