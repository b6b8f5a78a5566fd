"""The state machine: its phases can be read off the drawing, and no thread is left stuck."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from typing import Any

import pytest

from infra.access import Deployment
from skymarshal.checkpoints import errors
from skymarshal.contracts import AGENT_NAMES
from skymarshal.orchestration.dispatch import PendingItem


@pytest.fixture(scope="module")
def definition(deployment: Deployment) -> dict[str, Any]:
    (machine,) = deployment.state_machines()
    text = machine.properties["DefinitionString"]["Fn::Join"][1]
    parts = [part if isinstance(part, str) else next(iter(part.values())) for part in text]
    loaded: dict[str, Any] = json.loads("".join(parts))
    return loaded


def _states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from _states(state["ItemProcessor"])


def _next(definition: dict[str, Any], name: str) -> str:
    following: str = definition["States"][name]["Next"]
    return following


def test_the_drawing_reads_as_the_three_phases_and_the_decision(definition: dict[str, Any]) -> None:
    assert definition["StartAt"] == "Phase 1 - dispatch"
    way = ["Phase 1 - dispatch"]
    while len(way) < 4:
        way.append(_next(definition, way[-1]))
    assert way == ["Phase 1 - dispatch", "Phase 1 - agents", "Phase 1 - join", "Phase 1 - complete?"]
    assert _next(definition, "Phase 2 - agents") == "Phase 3 - arbitration"
    assert _next(definition, "Phase 3 - arbitration") == "Phase 2 - complete?"
    assert _next(definition, "Approval") == "Finalise"
    assert definition["States"]["Finalise"]["End"] is True


@pytest.mark.parametrize(
    ("choice", "onward", "again"),
    [
        ("Phase 1 - complete?", "Phase 2 - agents", "Phase 1 - agents"),
        ("Phase 2 - complete?", "Approval", "Phase 2 - agents"),
    ],
)
def test_what_is_still_open_goes_to_the_agents_again(
    definition: dict[str, Any], choice: str, onward: str, again: str
) -> None:
    state = definition["States"][choice]
    assert state["Choices"] == [{"Variable": "$.complete", "BooleanEquals": True, "Next": onward}]
    assert state["Default"] == again


@pytest.mark.parametrize("phase", ["Phase 1", "Phase 2"])
def test_each_agent_is_a_task_of_its_own_that_gets_its_item_and_leaves_no_result(
    definition: dict[str, Any], phase: str
) -> None:
    agents = definition["States"][f"{phase} - agents"]
    assert agents["ItemsPath"] == "$.items"
    assert agents["ResultPath"] is None
    fields = {f"{field.name}.$": f"$$.Map.Item.Value.{field.name}" for field in dataclass_fields(PendingItem)}
    assert agents["ItemSelector"] == {**fields, "execution.$": "$$.Execution.Name"}
    inside = agents["ItemProcessor"]["States"]
    choices = inside[f"{phase} - which agent?"]["Choices"]
    assert [choice["StringEquals"] for choice in choices] == list(AGENT_NAMES)
    for choice in choices:
        task = inside[choice["Next"]]
        assert "Parameters" not in task, "the item itself, with its execution, is the payload"
        assert task["ResultPath"] is None
        assert task["Catch"] == [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": f"{phase} - left open"}
        ]
    assert len({inside[choice["Next"]]["Resource"] for choice in choices}) == len(AGENT_NAMES)


def test_functions_get_the_payloads_that_they_expect(definition: dict[str, Any]) -> None:
    def payload(name: str) -> Any:
        parameters = definition["States"][name]["Parameters"]
        return parameters.get("Payload", parameters)

    thread = {"thread_id.$": "$.thread_id", "execution.$": "$$.Execution.Name"}
    attempt = {**thread, "attempt.$": "$.attempt"}
    assert payload("Phase 1 - dispatch") == {**thread, "disruption.$": "$.disruption"}
    assert payload("Phase 1 - join") == attempt
    assert payload("Phase 3 - arbitration") == attempt
    for state, notice in (("", "request"), (" - reminder", "reminder"), (" - escalation", "escalation")):
        expected = {**thread, "task_token.$": "$$.Task.Token", "notice": notice}
        assert payload(f"Approval{state}") == expected
    assert payload("Finalise") == thread
    assert payload("Finalise - expired") == {**thread, "expired": True}
    assert payload("Finalise - failed") == {**thread, "error.$": "$.error"}


def test_every_task_has_a_limit_jittered_retries_and_a_way_on_after_failure(
    definition: dict[str, Any],
) -> None:
    tasks = {name: state for name, state in _states(definition) if state["Type"] == "Task"}
    assert len(tasks) == 2 * len(AGENT_NAMES) + 9
    for name, task in tasks.items():
        assert task["TimeoutSeconds"] > 0, name
        assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"]), name
        assert any("Lambda.TooManyRequestsException" in retry["ErrorEquals"] for retry in task["Retry"]), name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_a_task_outlasts_its_function(deployment: Deployment, definition: dict[str, Any]) -> None:
    timeouts = {
        logical_id: resource["Properties"]["Timeout"]
        for _, logical_id, resource in deployment.resources("AWS::Lambda::Function")
    }
    aliases = {
        logical_id: timeouts[resource["Properties"]["FunctionName"]["Ref"]]
        for _, logical_id, resource in deployment.resources("AWS::Lambda::Alias")
    }
    for name, state in _states(definition):
        if state["Type"] == "Task":
            function = state.get("Parameters", {}).get("FunctionName") or state["Resource"]
            assert state["TimeoutSeconds"] > aliases[function], name


def test_no_failure_leaves_a_thread_unmarked(definition: dict[str, Any]) -> None:
    last = {"Finalise - failed", "Failed"}
    for name, state in definition["States"].items():
        if state["Type"] in ("Task", "Map") and name not in last:
            assert state["Catch"][-1]["Next"] == "Finalise - failed", name
    assert definition["States"]["Finalise - failed"]["Next"] == "Failed"
    assert definition["States"]["Failed"] == {
        "Type": "Fail",
        "ErrorPath": "$.error.Error",
        "CausePath": "$.error.Cause",
    }


def test_who_does_not_decide_is_reminded_then_the_next_role_is_told_and_then_it_expires(
    deployment: Deployment, definition: dict[str, Any]
) -> None:
    name, asked = "Approval", []
    while name.startswith("Approval"):
        state = definition["States"][name]
        assert state["Resource"].endswith(":states:::lambda:invoke.waitForTaskToken")
        assert state["Next"] == "Finalise"
        timeout, _ = state["Catch"]
        assert timeout["ErrorEquals"] == ["States.Timeout"]
        asked.append((state["Parameters"]["Payload"]["notice"], state["TimeoutSeconds"]))
        name = timeout["Next"]
    assert asked == [("request", 3600), ("reminder", 3600), ("escalation", 7200)]
    assert name == "Finalise - expired"
    (asking,) = [f for f in deployment.functions() if f.handler == "lambdas.phases.approval.handler"]
    told = asking.properties["Environment"]["Variables"]["APPROVAL_TIMEOUT_SECONDS"]
    patience = sum(seconds for _, seconds in asked)
    assert patience == int(told)
    assert definition["TimeoutSeconds"] > patience


def test_an_approval_whose_asking_died_is_asked_for_again_but_not_one_whose_time_ran_out(
    definition: dict[str, Any],
) -> None:
    errors = {error for retry in definition["States"]["Approval"]["Retry"] for error in retry["ErrorEquals"]}
    assert "States.TaskFailed" in errors
    assert not errors & {"States.ALL", "States.Timeout"}


def test_errors_that_are_retried_by_name_exist(definition: dict[str, Any]) -> None:
    named = {
        error
        for _, state in _states(definition)
        for retry in state.get("Retry", [])
        for error in retry["ErrorEquals"]
        if "." not in error
    }
    assert named == {"HeadMoved", "ClaimLost", "StoreUnavailable"}
    for name in named:
        assert issubclass(getattr(errors, name), errors.CheckpointError)


def test_executions_are_logged_and_traced_without_their_data(deployment: Deployment) -> None:
    (machine,) = deployment.state_machines()
    logging = machine.properties["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    assert machine.properties["TracingConfiguration"] == {"Enabled": True}
