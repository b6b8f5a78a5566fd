"""The knowledge base is an option: made, or named, or left out."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from infra.access import Deployment, Principal
from infra.application import build_app
from infra.outputs import STACK_NAMES, StackName
from infra.settings import Settings, SettingsError


def _arbitration(deployment: Deployment) -> Principal:
    (found,) = [one for one in deployment.functions() if one.name == "skymarshal-phase-arbitration"]
    return found


def _told(principal: Principal) -> object:
    return principal.properties["Environment"]["Variables"].get("KNOWLEDGE_BASE_ID")


@pytest.fixture(scope="module")
def made(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("knowledge")
    app = build_app(output=folder, context={"layers_directory": str(layers), "knowledge_base": "create"})
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return folder


@pytest.fixture(scope="module")
def named(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("named")
    context = {"layers_directory": str(layers), "knowledge_base": "ABCDE12345"}
    build_app(output=folder, context=context).synth()
    return Deployment.read(folder)


def test_without_the_option_nothing_of_bedrock_is_deployed(deployment: Deployment) -> None:
    assert set(deployment.templates) == set(STACK_NAMES)
    assert _told(_arbitration(deployment)) is None
    assert not [
        action
        for function in deployment.functions()
        for grant in function.grants
        for action in grant.actions
        if action.startswith("bedrock:")
    ]


def test_a_new_knowledge_base_keeps_vectors_in_s3_and_takes_each_passage_whole(made: Path) -> None:
    template = Template.from_json(dict(Deployment.read(made).templates[StackName.KNOWLEDGE]))
    template.has_resource_properties(
        "AWS::Bedrock::KnowledgeBase", {"StorageConfiguration": {"Type": "S3_VECTORS"}}
    )
    template.has_resource_properties(
        "AWS::S3Vectors::Index", {"Dimension": 1024, "DistanceMetric": "cosine", "DataType": "float32"}
    )
    template.has_resource_properties(
        "AWS::Bedrock::DataSource",
        {"VectorIngestionConfiguration": {"ChunkingConfiguration": {"ChunkingStrategy": "NONE"}}},
    )


def test_only_bedrock_for_this_account_takes_the_role_of_the_knowledge_base(made: Path) -> None:
    template = Template.from_json(dict(Deployment.read(made).templates[StackName.KNOWLEDGE]))
    (role,) = template.find_resources("AWS::IAM::Role").values()
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "bedrock.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "aws:SourceArn" in trust["Condition"]["ArnLike"]


def test_a_new_knowledge_base_has_no_finding_without_a_reason(made: Path) -> None:
    report = json.loads((made / "validation-report.json").read_text())
    assert [plugin["violations"] for plugin in report["pluginReports"] if plugin["violations"]] == []


def test_only_the_arbitration_searches_and_only_that_knowledge_base(named: Deployment) -> None:
    assert StackName.KNOWLEDGE not in named.templates
    assert _told(_arbitration(named)) == "ABCDE12345"
    allowed = {
        (function.name, grant.actions, grant.resources)
        for function in named.functions()
        for grant in function.grants
        if any(action.startswith("bedrock:") for action in grant.actions)
    }
    assert allowed == {
        (
            "skymarshal-phase-arbitration",
            ("bedrock:Retrieve",),
            ("arn:aws:bedrock:{region}:{account}:knowledge-base/ABCDE12345",),
        )
    }


def test_the_arbitration_is_told_of_the_new_knowledge_base(made: Path) -> None:
    assert _told(_arbitration(Deployment.read(made))) is not None


def test_a_slip_in_the_id_is_told_before_anything_is_built() -> None:
    with pytest.raises(SettingsError, match="knowledge_base must be empty, 'create' or an id"):
        Settings.from_context(cdk.App(context={"knowledge_base": "mine"}).node)
