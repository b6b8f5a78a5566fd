"""What a person must act on calls one, and says what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from infra.access import Deployment
from skymarshal.contracts import AGENT_NAMES

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"


def _alarms(deployment: Deployment) -> dict[str, dict[str, object]]:
    return {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for _, _, resource in deployment.resources("AWS::CloudWatch::Alarm")
    }


def test_a_single_dead_letter_calls_somebody(deployment: Deployment) -> None:
    alarm = _alarms(deployment)["skymarshal-dead-letters"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1)


@pytest.mark.parametrize("name", ["failed", "timed-out", "aborted"])
def test_an_execution_that_did_not_end_well_calls_somebody(deployment: Deployment, name: str) -> None:
    assert _alarms(deployment)[f"skymarshal-executions-{name}"]["Threshold"] == 1


def test_every_function_has_alarms_on_errors_and_on_throttling(deployment: Deployment) -> None:
    alarms = _alarms(deployment)
    for function in deployment.functions():
        assert {f"{function.name}-errors", f"{function.name}-throttles"} <= set(alarms)
    assert sum(name.startswith("skymarshal-agent-") for name in alarms) == 2 * len(AGENT_NAMES)


def test_every_alarm_says_what_to_do_and_reaches_the_operators(deployment: Deployment) -> None:
    for name, alarm in _alarms(deployment).items():
        assert len(str(alarm["AlarmDescription"])) > 30, name
        assert alarm["AlarmActions"], name
        assert alarm["TreatMissingData"] == "notBreaching", name


def test_there_is_a_dashboard_for_decisions_and_one_for_operations(deployment: Deployment) -> None:
    names = {
        resource["Properties"]["DashboardName"]
        for _, _, resource in deployment.resources("AWS::CloudWatch::Dashboard")
    }
    assert names == {"skymarshal-decisions", "skymarshal-operations"}


def test_every_alarm_links_to_a_paragraph_of_the_runbook_and_none_is_idle(deployment: Deployment) -> None:
    headings = set(re.findall(r"^## (\S+)$", RUNBOOK.read_text(), re.MULTILINE))
    linked = set()
    for name, alarm in _alarms(deployment).items():
        found = re.search(r"Runbook: docs/runbook\.md#(\S+)$", str(alarm["AlarmDescription"]))
        assert found, name
        linked.add(found[1])
    assert linked == headings


@pytest.mark.parametrize(
    ("dashboard", "metrics"),
    [
        ("decisions", {"ThreadsDecided", "ApprovalWait", "DecidedCostUsd", "PhaseDuration"}),
        (
            "operations",
            {"AgentRetries", "AgentsMissing", "Recoveries"},
        ),
    ],
)
def test_the_dashboards_show_what_the_functions_measure(
    deployment: Deployment, dashboard: str, metrics: set[str]
) -> None:
    bodies = {
        resource["Properties"]["DashboardName"]: json.dumps(resource["Properties"]["DashboardBody"])
        for _, _, resource in deployment.resources("AWS::CloudWatch::Dashboard")
    }
    shown = {metric for metric in metrics if metric in bodies[f"skymarshal-{dashboard}"]}
    assert shown == metrics
    measured = (RUNBOOK.parents[1] / "lambdas" / "measures.py").read_text()
    assert all(f'"{metric}"' in measured for metric in metrics)


def test_every_alarm_watches_one_metric_by_its_name(deployment: Deployment) -> None:
    """Metric maths and labels are another kind of alarm, which the emulator doesn't take."""
    assert {name for name, alarm in _alarms(deployment).items() if "MetricName" not in alarm} == set()
