"""The store keeps what it was given, encrypted, for as long as it must and no longer."""

from __future__ import annotations

from aws_cdk.assertions import Match, Template

from infra.access import Deployment
from skymarshal.contracts import LONGEST_WAIT_DAYS


def test_the_table_expires_items_restores_to_any_second_and_is_encrypted_by_the_customer_key(
    checkpoint_template: Template,
) -> None:
    checkpoint_template.has_resource(
        "AWS::DynamoDB::Table",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "TableName": "SkyMarshalCheckpoints",
                "BillingMode": "PAY_PER_REQUEST",
                "DeletionProtectionEnabled": True,
                "KeySchema": [
                    {"AttributeName": "PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {
                    "SSEEnabled": True,
                    "SSEType": "KMS",
                    "KMSMasterKeyId": Match.any_value(),
                },
            },
        },
    )


def test_threads_are_found_by_status_and_time_through_one_index(checkpoint_template: Template) -> None:
    checkpoint_template.has_resource_properties(
        "AWS::DynamoDB::Table",
        {
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "thread-status-index",
                    "KeySchema": [
                        {"AttributeName": "status_shard", "KeyType": "HASH"},
                        {"AttributeName": "updated_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        },
    )


def test_the_customer_key_rotates_and_survives_the_stack(checkpoint_template: Template) -> None:
    checkpoint_template.resource_count_is("AWS::KMS::Key", 1)
    checkpoint_template.has_resource(
        "AWS::KMS::Key", {"DeletionPolicy": "Retain", "Properties": {"EnableKeyRotation": True}}
    )


def test_the_bucket_is_private_versioned_and_encrypted_by_the_customer_key(
    checkpoint_template: Template,
) -> None:
    checkpoint_template.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "BucketName": {
                    "Fn::Join": [
                        "",
                        ["skymarshal-checkpoints-", {"Ref": "AWS::AccountId"}, "-", {"Ref": "AWS::Region"}],
                    ]
                },
                "VersioningConfiguration": {"Status": "Enabled"},
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {
                            "BucketKeyEnabled": True,
                            "ServerSideEncryptionByDefault": {
                                "SSEAlgorithm": "aws:kms",
                                "KMSMasterKeyID": Match.any_value(),
                            },
                        }
                    ]
                },
            },
        },
    )


def test_the_bucket_refuses_whoever_comes_without_tls_or_with_an_old_one(
    checkpoint_template: Template,
) -> None:
    for condition in (
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.2}},
    ):
        checkpoint_template.has_resource_properties(
            "AWS::S3::BucketPolicy",
            {
                "PolicyDocument": Match.object_like(
                    {
                        "Statement": Match.array_with(
                            [Match.object_like({"Effect": "Deny", "Action": "s3:*", "Condition": condition})]
                        )
                    }
                )
            },
        )


def test_a_payload_outlives_every_pointer_to_it_and_a_decision_outlives_both(
    checkpoint_template: Template,
) -> None:
    ttl_days, retention_days = 90, 2555
    noncurrent = {"NoncurrentDays": 30}
    checkpoint_template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {
                "Rules": Match.array_with(
                    [
                        {
                            "Id": Match.any_value(),
                            "Prefix": "checkpoints/",
                            "Status": "Enabled",
                            "ExpirationInDays": ttl_days + LONGEST_WAIT_DAYS + 1,
                            "NoncurrentVersionExpiration": noncurrent,
                        },
                        {
                            "Id": Match.any_value(),
                            "Prefix": "decisions/",
                            "Status": "Enabled",
                            "ExpirationInDays": retention_days,
                            "NoncurrentVersionExpiration": noncurrent,
                        },
                    ]
                )
            }
        },
    )


def test_on_the_emulator_nothing_is_retained(embedded: Deployment) -> None:
    retained = [
        (stack, logical_id)
        for stack, template in embedded.templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert retained == []
