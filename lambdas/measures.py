"""What is measured of a thread on its way: durations, retries, recoveries, waits and costs.

Each series of a metric costs while it is told, so what Lambda measures of every function by itself, such as
how long an agent takes and how often it fails, is not told again.
"""

from __future__ import annotations

from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from skymarshal.checkpoints import Thread
from skymarshal.contracts import METRIC_NAMESPACE
from skymarshal.domain.assessment import Phase
from skymarshal.domain.decision import DecisionRecord
from skymarshal.orchestration.dispatch import Advance

__all__ = ["event_lost", "narration_refused", "phase_joined", "recovered", "thread_decided"]


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


def narration_refused() -> None:
    """Count a text of the model that was not shown."""
    _measure("NarrationsRefused", MetricUnit.Count, 1)


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
