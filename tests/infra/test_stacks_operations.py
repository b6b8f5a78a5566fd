"""The operational tables are those of the contract, or the airline's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.access import Deployment
from infra.application import build_app
from infra.outputs import StackName
from skymarshal.contracts import OPERATIONS_TABLES


def _keys(schema: list[dict[str, str]]) -> tuple[str, str | None]:
    by_type = {key["KeyType"]: key["AttributeName"] for key in schema}
    return by_type["HASH"], by_type.get("RANGE")


def test_a_demonstration_has_the_23_tables_with_their_keys_and_indexes(deployment: Deployment) -> None:
    created = {
        resource["Properties"]["TableName"]: resource["Properties"]
        for stack, _, resource in deployment.resources("AWS::DynamoDB::Table")
        if stack == StackName.OPERATIONS
    }
    assert set(created) == {f"SkyMarshal-{name}" for name in OPERATIONS_TABLES}
    assert len(created) == 23
    for name, table in OPERATIONS_TABLES.items():
        properties = created[f"SkyMarshal-{name}"]
        assert _keys(properties["KeySchema"]) == (table.partition, table.sort)
        assert {
            index["IndexName"]: _keys(index["KeySchema"])
            for index in properties.get("GlobalSecondaryIndexes", [])
        } == {index.name: (index.partition, index.sort) for index in table.indexes}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@pytest.fixture(scope="module")
def imported(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("imported")
    context = {
        "layers_directory": str(layers),
        "operations_tables": "import",
        "operations_table_prefix": "ops.",
        "checkpoint_key_arn": "arn:aws:kms:eu-west-1:000000000000:key/0a1b2c3d-0000-4000-8000-000000000000",
    }
    build_app(output=folder, context=context).synth()
    return Deployment.read(folder)


def test_tables_that_the_airline_has_are_read_under_their_names_and_none_is_created(
    imported: Deployment,
) -> None:
    assert StackName.OPERATIONS not in imported.templates
    (intake,) = [f for f in imported.functions() if f.handler == "lambdas.intake.handler"]
    (reading,) = [grant for grant in intake.grants if grant.sid == "ReadOperations"]
    assert {"table ops.Flights", "table ops.Airports"} <= set(reading.resources)
    assert intake.properties["Environment"]["Variables"]["OPERATIONS_TABLE_PREFIX"] == "ops."


def test_a_deployment_takes_up_the_store_that_an_earlier_one_left(
    deployment: Deployment, imported: Deployment
) -> None:
    """Every name that would meet one that was retained is used and not created."""
    retained = {
        resource["Type"]
        for template in deployment.templates.values()
        for resource in template["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }
    assert retained == {
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::Lambda::Version",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }
    for kind in ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        assert list(imported.resources(kind)) == []
    key = "arn:aws:kms:eu-west-1:000000000000:key/0a1b2c3d-0000-4000-8000-000000000000"
    (approvals,) = [
        topic["Properties"]
        for _, _, topic in imported.resources("AWS::SNS::Topic")
        if topic["Properties"]["TopicName"] == "skymarshal-approvals"
    ]
    assert approvals["KmsMasterKeyId"] == key
    (intake,) = [each for each in imported.functions() if each.name == "skymarshal-phase-initial"]
    reached = {resource for grant in intake.grants for resource in grant.resources}
    assert {"table SkyMarshalCheckpoints", key} <= reached
