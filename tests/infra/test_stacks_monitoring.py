"""What a person must act on calls one, and says what to do."""

from __future__ import annotations

import pytest

from infra.access import Deployment
from skymarshal.contracts import AGENT_NAMES


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
