"""A disruption is taken in once, worked on by functions of the right kind, and never lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk.assertions import Match, Template

from infra.access import Deployment, Principal
from skymarshal.contracts import AGENT_NAMES

HANDLERS = {
    "lambdas.execution_ended.handler",
    "lambdas.intake.handler",
    "lambdas.api.decisions.handler",
    "lambdas.api.disruptions.handler",
    "lambdas.api.reports.handler",
    "lambdas.api.threads.handler",
    *(f"lambdas.phases.{p}.handler" for p in ("initial", "revision", "arbitration", "approval", "finalise")),
    *(f"lambdas.agents.{agent}.handler" for agent in AGENT_NAMES),
}


def _variables(function: Principal) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = function.properties["Environment"]["Variables"]
    return variables


def test_the_bus_keeps_an_archive_of_what_came_in_and_what_went_out(workflow_template: Template) -> None:
    workflow_template.has_resource_properties("AWS::Events::EventBus", {"Name": "skymarshal"})
    workflow_template.has_resource_properties(
        "AWS::Events::Archive",
        {"EventPattern": {"source": ["airline.operations", "skymarshal"]}, "RetentionDays": 30},
    )


def test_disruptions_go_from_the_bus_to_the_queue_and_to_the_dead_letters_if_that_fails(
    workflow_template: Template,
) -> None:
    workflow_template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {"source": ["airline.operations"], "detail-type": ["FlightDisruption"]},
            "Targets": [Match.object_like({"DeadLetterConfig": {"Arn": Match.any_value()}})],
        },
    )


def test_an_execution_that_ended_without_success_is_heard_of(workflow_template: Template) -> None:
    (machine,) = workflow_template.find_resources("AWS::StepFunctions::StateMachine")
    workflow_template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventBusName": Match.absent(),
            "EventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [{"Ref": machine}],
                },
            },
            "Targets": [Match.object_like({"DeadLetterConfig": {"Arn": Match.any_value()}})],
        },
    )
    workflow_template.has_resource_properties(
        "AWS::Lambda::EventInvokeConfig",
        {"DestinationConfig": {"OnFailure": {"Destination": Match.any_value()}}},
    )


def test_the_queue_gives_up_to_a_dead_letter_queue_that_keeps_two_weeks(workflow_template: Template) -> None:
    workflow_template.has_resource_properties(
        "AWS::SQS::Queue",
        {
            "QueueName": "skymarshal-disruptions",
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": Match.any_value(), "maxReceiveCount": 5},
        },
    )
    workflow_template.has_resource_properties(
        "AWS::SQS::Queue",
        {"QueueName": "skymarshal-disruptions-dead-letters", "MessageRetentionPeriod": 14 * 86_400},
    )


def test_a_slow_batch_is_not_delivered_again_while_it_is_worked_on(deployment: Deployment) -> None:
    (intake,) = [f for f in deployment.functions() if f.handler == "lambdas.intake.handler"]
    (queue,) = [
        resource["Properties"]
        for _, _, resource in deployment.resources("AWS::SQS::Queue")
        if "RedrivePolicy" in resource["Properties"]
    ]
    assert queue["VisibilityTimeout"] >= 6 * intake.properties["Timeout"]


def test_a_bad_message_fails_alone_and_intake_has_a_limit(workflow_template: Template) -> None:
    workflow_template.has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
            "BatchSize": 10,
        },
    )


def test_every_handler_has_one_function(deployment: Deployment) -> None:
    handlers = [function.handler for function in deployment.functions()]
    assert sorted(handlers) == sorted(HANDLERS)


def test_functions_run_on_arm_and_are_called_through_a_published_version(
    deployment: Deployment,
) -> None:
    functions = deployment.functions()
    for function in functions:
        assert function.properties["Architectures"] == ["arm64"]
        assert function.properties["Runtime"] == "python3.14"
        assert function.properties["TracingConfig"] == {"Mode": "Active"}
    aliases = list(deployment.resources("AWS::Lambda::Alias"))
    assert len(aliases) == len(functions)
    (machine,) = deployment.state_machines()
    definition = json.dumps(machine.properties["DefinitionString"])
    called = {logical_id for _, logical_id, _ in aliases if logical_id in definition}
    assert len(called) == len(AGENT_NAMES) + 5


def test_earlier_versions_are_kept_for_the_alias_to_go_back_to(deployment: Deployment) -> None:
    versions = list(deployment.resources("AWS::Lambda::Version"))
    assert len(versions) == len(HANDLERS)
    for _, logical_id, version in versions:
        assert version["DeletionPolicy"] == version["UpdateReplacePolicy"] == "Retain", logical_id


def test_on_the_emulator_functions_run_on_this_very_interpreter_without_snapshots(
    embedded: Deployment,
) -> None:
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for function in embedded.functions():
        assert function.properties["Runtime"] == here
        assert "SnapStart" not in function.properties
        assert "ReservedConcurrentExecutions" not in function.properties
    assert list(embedded.resources("AWS::Lambda::Alias")) == []


def test_every_function_is_told_where_the_store_and_the_tables_are(deployment: Deployment) -> None:
    for function in deployment.functions():
        variables = _variables(function)
        assert variables["CHECKPOINT_MODE"] == "production"
        assert variables["CHECKPOINT_TTL_DAYS"] == "90"
        assert variables["OPERATIONS_TABLE_PREFIX"] == "SkyMarshal-"
        assert variables["POWERTOOLS_SERVICE_NAME"] == "skymarshal"
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "SkyMarshal"
        assert variables["LOG_LEVEL"] == "INFO"
        assert {"CHECKPOINT_TABLE_NAME", "CHECKPOINT_S3_BUCKET"} <= set(variables)


def test_each_function_is_told_what_it_alone_needs(deployment: Deployment) -> None:
    phases = {f"lambdas.phases.{p}.handler" for p in ("initial", "revision", "arbitration", "finalise")}
    approval, ended = "lambdas.phases.approval.handler", "lambdas.execution_ended.handler"
    told = {
        "STATE_MACHINE_ARN": {"lambdas.intake.handler", "lambdas.api.decisions.handler"},
        "DEAD_LETTER_QUEUE_URL": {"lambdas.intake.handler"},
        "EVENT_BUS_NAME": {*phases, approval, ended, "lambdas.api.disruptions.handler"},
        "APPROVAL_TOPIC_ARN": {approval},
        "APPROVAL_TIMEOUT_SECONDS": {approval},
    }
    for name, handlers in told.items():
        assert {f.handler for f in deployment.functions() if name in _variables(f)} == handlers


def test_only_arbitration_carries_the_solver_and_only_reports_what_draws_them(
    deployment: Deployment,
) -> None:
    layers = {f.handler: {layer["Ref"] for layer in f.properties["Layers"]} for f in deployment.functions()}
    of_all = set.intersection(*layers.values())
    own = {handler: found - of_all for handler, found in layers.items() if found != of_all}
    (solver,) = own.pop("lambdas.phases.arbitration.handler")
    (drawing,) = own.pop("lambdas.api.reports.handler")
    assert solver.startswith("ArbitrationLayer")
    assert drawing.startswith("ReportsLayer")
    assert (len(of_all), own) == (2, {})


def test_agents_cannot_starve_what_ends_a_thread(deployment: Deployment) -> None:
    reserved = {
        function.handler: function.properties["ReservedConcurrentExecutions"]
        for function in deployment.functions()
        if "ReservedConcurrentExecutions" in function.properties
    }
    assert reserved == {
        "lambdas.intake.handler": 5,
        "lambdas.phases.approval.handler": 10,
        "lambdas.phases.finalise.handler": 10,
        "lambdas.api.decisions.handler": 10,
    }


def test_every_log_ends_some_day(deployment: Deployment) -> None:
    groups = [resource["Properties"] for _, _, resource in deployment.resources("AWS::Logs::LogGroup")]
    assert len(groups) == len(HANDLERS) + 2
    assert {group["RetentionInDays"] for group in groups} == {90}


def test_notices_are_encrypted_by_the_customer_key_and_travel_over_tls(
    workflow_template: Template,
) -> None:
    workflow_template.has_resource_properties(
        "AWS::SNS::Topic", {"TopicName": "skymarshal-approvals", "KmsMasterKeyId": Match.any_value()}
    )
    workflow_template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            Match.object_like(
                                {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                            )
                        ]
                    )
                }
            )
        },
    )


def test_functions_carry_the_handlers_alone(assembly: Path) -> None:
    assets = json.loads((assembly / "SkyMarshalWorkflow.assets.json").read_text())["files"]
    folders = [assembly / asset["source"]["path"] for asset in assets.values()]
    (handlers,) = [folder for folder in folders if (folder / "lambdas").is_dir()]
    files = {path.relative_to(handlers) for path in handlers.rglob("*") if path.is_file()}
    assert Path("lambdas/__init__.py") in files
    assert {path.parts[0] for path in files} == {"lambdas"}
    assert {path.suffix for path in files} == {".py"}
