"""What is measured of a thread on its way: durations, failures, retries, recoveries, waits and costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from skymarshal.checkpoints import Thread
from skymarshal.contracts import METRIC_NAMESPACE
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import DecisionRecord
from skymarshal.orchestration.dispatch import Advance

__all__ = ["agent_run", "event_lost", "phase_joined", "recovered", "thread_decided"]


@contextmanager
def agent_run(agent: AgentName, phase: Phase) -> Iterator[None]:
    """Measure one run of an agent, and count it where it fails."""
    began = time.perf_counter()
    try:
        yield
    except Exception:
        _measure("AgentFailures", MetricUnit.Count, 1, agent=agent, phase=phase)
        raise
    milliseconds = (time.perf_counter() - began) * 1000
    _measure("AgentDuration", MetricUnit.Milliseconds, milliseconds, agent=agent, phase=phase)


def phase_joined(phase: Phase, advance: Advance) -> None:
    """Measure a phase that is complete, or count the agents that it dispatches again."""
    joined = advance.joined
    if joined is None:
        _measure("AgentRetries", MetricUnit.Count, len(advance.items), phase=phase)
        return
    missing = sum(finding["status"] == "failed" for finding in joined.findings)
    _measure("AgentsMissing", MetricUnit.Count, missing, phase=joined.phase)
    if joined.duration is not None:
        milliseconds = joined.duration.total_seconds() * 1000
        _measure("PhaseDuration", MetricUnit.Milliseconds, milliseconds, phase=joined.phase)


def event_lost() -> None:
    """Count an event that could not be told."""
    _measure("EventsLost", MetricUnit.Count, 1)


def recovered() -> None:
    """Count an attempt at recovering a thread."""
    _measure("Recoveries", MetricUnit.Count, 1)


def thread_decided(record: DecisionRecord, thread: Thread) -> None:
    """Measure how a thread ended, how long its decision was awaited, and what was decided costs."""
    outcome = str(thread.details.get("outcome", record.decision.outcome))
    _measure("ThreadsDecided", MetricUnit.Count, 1, outcome=outcome)
    asked_at = thread.details.get("approval_asked_at")
    if asked_at is not None:
        wait = record.decision.decided_at - datetime.fromisoformat(str(asked_at))
        _measure("ApprovalWait", MetricUnit.Seconds, max(wait.total_seconds(), 0))
    for solution in record.arbitration.solutions:
        if solution.solution_id == record.decision.solution_id and solution.cost_usd is not None:
            _, likely, _ = solution.cost_usd
            _measure("DecidedCostUsd", MetricUnit.NoUnit, float(likely))


def _measure(name: str, unit: MetricUnit, value: float, **dimensions: str) -> None:
    with single_metric(name=name, unit=unit, value=value, namespace=METRIC_NAMESPACE) as metric:
        for dimension, of in dimensions.items():
            metric.add_dimension(name=dimension, value=str(of))
