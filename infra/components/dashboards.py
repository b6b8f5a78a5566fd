"""What a person looks at: decisions and what they cost, and how the system runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.api_stack import ApiStack
from infra.checkpoint_stack import CheckpointStack
from infra.settings import Settings
from infra.workflow_stack import WorkflowStack
from skymarshal.contracts import METRIC_NAMESPACE, SERVICE_NAME

__all__ = ["decisions_dashboard", "measured", "operations_dashboard"]

_FIVE_MINUTES: Final = cdk.Duration.minutes(5)
_HOUR: Final = cdk.Duration.hours(1)
_DAY: Final = cdk.Duration.days(1)
_OUTCOMES: Final = ("approved", "selected", "overridden", "manual_review", "rejected", "expired")
_PHASES: Final = ("initial", "revision", "arbitration")


def decisions_dashboard(scope: Construct, settings: Settings, workflow: WorkflowStack) -> None:
    """Make the dashboard of what was decided: how many, how, how soon, at what cost."""
    machine = workflow.machine
    dashboard = cloudwatch.Dashboard(scope, "Decisions", dashboard_name=f"{settings.name_prefix}-decisions")
    outcomes = [measured("ThreadsDecided", "Sum", label=outcome, outcome=outcome) for outcome in _OUTCOMES]
    dashboard.add_widgets(
        cloudwatch.SingleValueWidget(
            title="Disruptions today",
            width=12,
            period=_DAY,
            metrics=[machine.metric_started(), machine.metric_succeeded(), machine.metric_failed()],
        ),
        cloudwatch.SingleValueWidget(
            title="How they were decided today", width=12, period=_DAY, metrics=outcomes
        ),
    )
    dashboard.add_widgets(
        cloudwatch.GraphWidget(
            title="Waiting for a decision (seconds)",
            width=8,
            left=[measured("ApprovalWait", statistic) for statistic in ("p50", "p95", "Maximum")],
        ),
        cloudwatch.GraphWidget(
            title="Cost of what was decided (US dollars a disruption)",
            width=8,
            left=[measured("DecidedCostUsd", statistic) for statistic in ("Average", "p95")],
        ),
        cloudwatch.GraphWidget(
            title="From disruption to decision, waiting included",
            width=8,
            left=[machine.metric_time(statistic="p50"), machine.metric_time(statistic="p95")],
        ),
    )
    dashboard.add_widgets(
        cloudwatch.GraphWidget(
            title="From disruption to solutions: phases (milliseconds, p95)",
            width=12,
            left=[measured("PhaseDuration", "p95", label=phase, phase=phase) for phase in _PHASES],
        ),
        cloudwatch.GraphWidget(
            title="Disruptions", width=12, left=[machine.metric_started(), machine.metric_succeeded()]
        ),
    )


def operations_dashboard(
    scope: Construct,
    settings: Settings,
    alarms: Sequence[cloudwatch.Alarm],
    store: CheckpointStack,
    workflow: WorkflowStack,
    api: ApiStack,
) -> None:
    """Make the dashboard of how it runs: alarms, agents, phases, intake, store, API."""
    agents = workflow.phases.agents
    phases = {
        "initial": workflow.phases.initial,
        "revision": workflow.phases.revision,
        "arbitration": workflow.phases.arbitration,
        "approval": workflow.phases.approval,
        "finalise": workflow.phases.finalise,
    }
    dashboard = cloudwatch.Dashboard(scope, "Operations", dashboard_name=f"{settings.name_prefix}-operations")
    dashboard.add_widgets(
        cloudwatch.AlarmStatusWidget(title="Alarms", width=24, height=6, alarms=list(alarms))
    )
    dashboard.add_widgets(
        cloudwatch.GraphWidget(
            title="Agents: duration (p95)",
            width=8,
            left=[f.metric_duration(label=name, statistic="p95") for name, f in agents.items()],
        ),
        cloudwatch.GraphWidget(
            title="Agents: failures",
            width=8,
            left=[f.metric_errors(label=name) for name, f in agents.items()],
        ),
        cloudwatch.GraphWidget(
            title="Phases: duration (p95)",
            width=8,
            left=[f.metric_duration(label=name, statistic="p95") for name, f in phases.items()],
        ),
    )
    dashboard.add_widgets(
        cloudwatch.GraphWidget(
            title="Dispatched again, missing, recovered",
            width=12,
            left=[
                *(measured("AgentRetries", "Sum", label=f"again {p}", phase=p) for p in _PHASES),
                *(measured("AgentsMissing", "Sum", label=f"missing {p}", phase=p) for p in _PHASES),
                measured("Recoveries", "Sum", label="recovered"),
            ],
        ),
        cloudwatch.GraphWidget(
            title="Write units of the store a disruption",
            width=12,
            left=[
                cloudwatch.MathExpression(
                    expression="written / decided",
                    using_metrics={
                        "written": store.table.metric_consumed_write_capacity_units(statistic="Sum"),
                        "decided": workflow.machine.metric_succeeded(statistic="Sum"),
                    },
                    label="write units",
                    period=_HOUR,
                )
            ],
        ),
    )
    dashboard.add_widgets(
        cloudwatch.GraphWidget(
            title="Intake",
            width=8,
            left=[
                workflow.queue.metric_approximate_number_of_messages_visible(label="waiting"),
                workflow.dead_letters.metric_approximate_number_of_messages_visible(label="dead letters"),
            ],
        ),
        cloudwatch.GraphWidget(
            title="Checkpoint table",
            width=8,
            left=[
                store.table.metric_consumed_write_capacity_units(label="write units"),
                store.table.metric_consumed_read_capacity_units(label="read units"),
            ],
        ),
        cloudwatch.GraphWidget(
            title="API",
            width=8,
            left=[api.api.metric_count(), api.api.metric_client_error(), api.api.metric_server_error()],
            right=[api.api.metric_latency(statistic="p95")],
        ),
    )


def measured(
    name: str, statistic: str, *, label: str | None = None, period: cdk.Duration = _FIVE_MINUTES, **of: str
) -> cloudwatch.Metric:
    """Return a metric that the functions publish, of these dimensions."""
    return cloudwatch.Metric(
        namespace=METRIC_NAMESPACE,
        metric_name=name,
        statistic=statistic,
        label=label,
        period=period,
        dimensions_map={"service": SERVICE_NAME, **of},
    )
