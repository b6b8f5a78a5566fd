"""A deployment's choices are checked before anything is built, and take effect everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import pytest

from infra.access import Deployment
from infra.application import build_app
from infra.components.layers import ROOT, LayerNotBuilt
from infra.outputs import STACK_NAMES, Output
from infra.settings import OperationsTables, Settings, SettingsError, Target


def _settings(context: Mapping[str, object]) -> Settings:
    return Settings.from_context(cdk.App(context=dict(context)).node)


def test_without_choices_the_stacks_are_for_aws_under_their_own_names() -> None:
    settings = _settings({})
    assert settings == Settings()
    assert settings.target is Target.AWS
    assert settings.operations_tables is OperationsTables.CREATE
    assert (settings.checkpoint_table, settings.bus_name) == ("SkyMarshalCheckpoints", "skymarshal")


def test_the_emulator_brings_the_hosts_interpreter_and_keeps_nothing() -> None:
    settings = _settings({"target": "embedded"})
    assert settings.python_version == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert settings.layers_directory == "build/layers-host"
    assert not settings.retain_data
    assert not settings.reserve_concurrency


def test_values_from_the_command_line_are_text_and_understood() -> None:
    settings = _settings({"checkpoint_ttl_days": "30", "retain_data": "false"})
    assert settings.checkpoint_ttl_days == 30
    assert settings.retain_data is False


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"checkpoint_tabel": "x"}, "'checkpoint_tabel'; did you mean 'checkpoint_table'"),
        ({"target": "azure"}, "target must be aws or embedded, got 'azure'"),
        ({"operations_tables": "borrow"}, "operations_tables must be create or import, got 'borrow'"),
        ({"checkpoint_ttl_days": "ninety"}, "checkpoint_ttl_days must be a whole number, got 'ninety'"),
        ({"checkpoint_ttl_days": "0"}, "checkpoint_ttl_days must be at least 1, got 0"),
        ({"retain_data": "perhaps"}, "retain_data must be true or false, got 'perhaps'"),
        ({"log_level": "LOUD"}, "log_level must be one of"),
        ({"rule_profile": "JAA"}, "rule_profile must be one of EASA, UK, GCAA, FAR117, got .JAA."),
        ({"log_retention_days": "91"}, "log_retention_days must be one of"),
        ({"approval_timeout_minutes": "129600"}, "a thread could expire before its decision"),
    ],
)
def test_a_choice_that_cannot_be_used_is_refused_by_name(context: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        _settings(context)


def test_the_context_of_the_cdk_and_of_other_tools_is_left_alone() -> None:
    assert _settings({"@aws-cdk/core:anything": True, "team": "operations"}) == Settings()


def test_a_layer_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(LayerNotBuilt) as caught:
        build_app(output=tmp_path / "out", context={"layers_directory": str(tmp_path / "none")})
    assert "make layers" in str(caught.value)
    assert "layer shared is not built" in str(caught.value)


def test_the_outputs_are_those_that_are_promised(deployment: Deployment) -> None:
    put_out = {
        name
        for template in deployment.templates.values()
        for name, output in template.get("Outputs", {}).items()
        if "Export" not in output
    }
    assert put_out == {str(name) for name in Output}
    assert set(deployment.templates) == set(STACK_NAMES)


def test_names_and_addresses_can_be_chosen(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("renamed")
    names = {
        "name_prefix": "blue",
        "checkpoint_table": "blue-threads",
        "checkpoint_bucket": "blue-bucket",
        "bus_name": "blue-bus",
        "state_machine_name": "blue-flow",
        "operations_table_prefix": "blue.",
        "approval_email": "duty@airline.example",
        "alarm_email": "operators@airline.example",
    }
    build_app(output=folder, context={"layers_directory": str(layers), **names}).synth()
    renamed = Deployment.read(folder)
    for kind, name in (
        ("AWS::ApiGatewayV2::Api", "Name"),
        ("AWS::CloudWatch::Alarm", "AlarmName"),
        ("AWS::CloudWatch::Dashboard", "DashboardName"),
        ("AWS::Cognito::UserPool", "UserPoolName"),
        ("AWS::DynamoDB::Table", "TableName"),
        ("AWS::Events::Archive", "ArchiveName"),
        ("AWS::Events::EventBus", "Name"),
        ("AWS::Events::Rule", "Name"),
        ("AWS::Lambda::Function", "FunctionName"),
        ("AWS::Lambda::LayerVersion", "LayerName"),
        ("AWS::S3::Bucket", "BucketName"),
        ("AWS::SNS::Topic", "TopicName"),
        ("AWS::SQS::Queue", "QueueName"),
        ("AWS::StepFunctions::StateMachine", "StateMachineName"),
    ):
        found = {resource["Properties"][name] for _, _, resource in renamed.resources(kind)}
        assert found, kind
        assert all(str(value).startswith("blue") for value in found), kind
    told = {
        resource["Properties"]["Endpoint"] for _, _, resource in renamed.resources("AWS::SNS::Subscription")
    }
    assert told == {"duty@airline.example", "operators@airline.example"}


def test_synthesis_needs_no_account_no_region_and_no_credentials(layers: Path, tmp_path: Path) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "JSII_NODE": os.environ["JSII_NODE"],
        "HOME": str(tmp_path),
        "CDK_OUTDIR": str(tmp_path / "out"),
        "CDK_CONTEXT_JSON": json.dumps({"layers_directory": str(layers)}),
        "AWS_EC2_METADATA_DISABLED": "true",
        # Whatever would go to the network fails at once.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=variables, check=True, capture_output=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "missing" not in manifest
    environments = {
        artifact["environment"]
        for artifact in manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert environments == {"aws://unknown-account/unknown-region"}
