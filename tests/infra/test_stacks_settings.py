"""A deployment's choices are checked before anything is built, and take effect everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
import pytest

from infra.access import Deployment
from infra.application import build_app
from infra.components import permissions
from infra.components.layers import ROOT, LayerNotBuilt
from infra.outputs import STACK_NAMES, Output
from infra.settings import OperationsTables, Settings, SettingsError, Target
from tests.infra.deliveries import deliveries, role_of
from tests.infra.policies import ACCOUNT, REGION, Names, Policies, Request


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
        ({"checkpoint_key_arn": "alias/mine"}, "checkpoint_key_arn must be empty or the ARN of a key"),
        ({"snap_start": "some"}, "snap_start must be none or api or all, got 'some'"),
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


PROFILE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.fixture(scope="module")
def renamed(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The stacks for AWS with every name and every option chosen."""
    folder = tmp_path_factory.mktemp("renamed")
    chosen = {
        "name_prefix": "blue",
        "checkpoint_table": "blue-threads",
        "checkpoint_bucket": "blue-bucket",
        "bus_name": "blue-bus",
        "state_machine_name": "blue-flow",
        "operations_table_prefix": "blue.",
        "approval_email": "duty@airline.example",
        "alarm_email": "operators@airline.example",
        "bedrock_model_id": PROFILE,
        "encrypt_logs": "true",
        "encrypt_operations": "true",
        "snap_start": "api",
    }
    build_app(output=folder, context={"layers_directory": str(layers), **chosen}).synth()
    return Deployment.read(folder)


def test_names_and_addresses_can_be_chosen(renamed: Deployment) -> None:
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


def test_whatever_is_chosen_may_be_delivered(renamed: Deployment) -> None:
    policies = Policies.of(renamed)
    kinds = {delivery.kind for delivery in deliveries(renamed)}
    assert kinds >= {"log to its key", "topic to e-mail", "alarm to topic"}
    calls = [call for delivery in deliveries(renamed) for call in delivery.calls]
    assert [refusal for call in calls if (refusal := policies.refusal(call))] == []


def test_logs_and_tables_are_encrypted_by_the_customer_key_where_that_is_chosen(renamed: Deployment) -> None:
    logs = [log["Properties"] for _, _, log in renamed.resources("AWS::Logs::LogGroup")]
    assert all("KmsKeyId" in log for log in logs)
    tables = [table["Properties"] for _, _, table in renamed.resources("AWS::DynamoDB::Table")]
    assert len(tables) == 24
    assert all(table["SSESpecification"]["SSEType"] == "KMS" for table in tables)
    # Intake reads operational tables and keeps no thread, so the key is its only for this.
    (intake,) = [each for each in renamed.functions() if each.name == "blue-intake"]
    assert any("kms:Decrypt" in grant.actions for grant in intake.grants)


def test_an_inference_profile_may_be_called_and_its_model_only_through_it(renamed: Deployment) -> None:
    policies = Policies.of(renamed)
    role = role_of(renamed, Names(renamed), "", "blue-phase-arbitration")
    profile = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{PROFILE}"
    through = {"bedrock:InferenceProfileArn": profile}
    for region in ("eu-central-1", "eu-west-3"):
        model = f"arn:aws:bedrock:{region}::foundation-model/{PROFILE.removeprefix('eu.')}"
        call = Request(principal=role, action="bedrock:InvokeModel", resource=model, context=through)
        assert policies.refusal(call) is None
        assert policies.refusal(replace(call, context={})) is not None
        assert policies.refusal(replace(call, resource=model.replace("sonnet", "opus"))) is not None
    assert policies.refusal(Request(principal=role, action="bedrock:InvokeModel", resource=profile)) is None


@pytest.mark.parametrize(
    ("model_id", "resources"),
    [
        ("amazon.nova-pro-v1:0", {"arn:aws:bedrock:{region}::foundation-model/amazon.nova-pro-v1:0"}),
        (
            "us-gov.anthropic.claude-v1",
            {
                "arn:aws:bedrock:{region}:{account}:inference-profile/us-gov.anthropic.claude-v1",
                "arn:aws:bedrock:*::foundation-model/anthropic.claude-v1",
            },
        ),
        (
            "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a1b2c3",
            {
                "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a1b2c3",
                "arn:aws:bedrock:*::foundation-model/*",
            },
        ),
        (
            "arn:aws:bedrock:eu-west-1:000000000000:inference-profile/eu.amazon.nova-pro-v1:0",
            {
                "arn:aws:bedrock:eu-west-1:000000000000:inference-profile/eu.amazon.nova-pro-v1:0",
                "arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0",
            },
        ),
    ],
)
def test_a_model_is_named_by_its_id_or_by_a_profile(model_id: str, resources: set[str]) -> None:
    stack = cdk.Stack()
    granted = {str(resource) for each in permissions.word(stack, model_id) for resource in each.resources}
    named = {
        resource.replace(stack.region, "{region}")
        .replace(stack.account, "{account}")
        .replace(cdk.Aws.PARTITION, "aws")
        for resource in granted
    }
    assert named == resources


def test_functions_start_from_snapshots_only_where_that_is_chosen(
    deployment: Deployment, renamed: Deployment
) -> None:
    assert not [each.name for each in deployment.functions() if "SnapStart" in each.properties]
    chosen = {each.name for each in renamed.functions() if "SnapStart" in each.properties}
    assert chosen == {f"blue-api-{name}" for name in ("threads", "decisions", "disruptions", "reports")}


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
