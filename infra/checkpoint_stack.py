"""Where threads are kept: the checkpoint table, the bucket for what is large, and the key to both."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.components.findings import accept
from infra.outputs import Output, StackName, put_out
from infra.settings import Settings
from skymarshal.contracts import (
    CHECKPOINT_PREFIX,
    DECISION_PREFIX,
    LONGEST_WAIT_DAYS,
    OUTCOME_PREFIX,
    THREAD_STATUS_INDEX,
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
    TTL_ATTRIBUTE,
)

__all__ = ["CheckpointStack"]

_NONCURRENT_DAYS: Final = 30
_ABANDONED_UPLOAD_DAYS: Final = 7
_OLDER_THAN_POINTER_DAYS: Final = 1


class CheckpointStack(cdk.Stack):
    """The checkpoint store.

    Attributes:
        key: Encrypts the table, the bucket and the topics.
        log_key: Encrypts logs, where they are encrypted by the customer key.
        table: Threads and their checkpoints.
        bucket: Checkpoint payloads under `checkpoints/`, decision records under `decisions/`,
            their outcomes under `outcomes/`.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, StackName.CHECKPOINT, description="SkyMarshal: checkpoint store")
        self._removal = cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
        name = settings.checkpoint_bucket or f"skymarshal-checkpoints-{self.account}-{self.region}"
        self.key, self.table, self.bucket = (
            self._left_by_earlier(name, settings)
            if settings.checkpoint_key_arn
            else self._new(name, settings)
        )
        self.log_key = self.key if settings.encrypt_logs else None
        self._objects_arn = f"arn:{cdk.Aws.PARTITION}:s3:::{name}"
        put_out(self, Output.TABLE_NAME, self.table.table_name)
        put_out(self, Output.BUCKET_NAME, self.bucket.bucket_name)

    def objects(self, prefix: str) -> str:
        """Return the ARN of the bucket's objects whose keys begin with `prefix`."""
        return f"{self._objects_arn}/{prefix}*"

    def _new(self, name: str, settings: Settings) -> tuple[kms.IKey, dynamodb.ITable, s3.IBucket]:
        key = self._key(settings)
        return key, self._table(settings, key), self._bucket(name, settings, key)

    def _left_by_earlier(self, name: str, settings: Settings) -> tuple[kms.IKey, dynamodb.ITable, s3.IBucket]:
        """Use the store that a deployment with retained data left, whose policies were left with it."""
        key = kms.Key.from_key_arn(self, "Key", settings.checkpoint_key_arn)
        table = dynamodb.Table.from_table_attributes(
            self,
            "Table",
            table_name=settings.checkpoint_table,
            encryption_key=key,
            global_indexes=[THREAD_STATUS_INDEX],
        )
        bucket = s3.Bucket.from_bucket_attributes(self, "Bucket", bucket_name=name, encryption_key=key)
        return key, table, bucket

    def _key(self, settings: Settings) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description="SkyMarshal: checkpoints, decision records and notifications",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )
        # An alarm reaches an encrypted topic only if CloudWatch itself may use the topic's key.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsToTopics",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        if settings.encrypt_logs:
            logs = f"arn:{cdk.Aws.PARTITION}:logs:{self.region}:{self.account}:log-group:"
            names = (
                f"/aws/lambda/{settings.name_prefix}-*",
                f"/aws/apigateway/{settings.name_prefix}-*",
                f"/aws/vendedlogs/states/{settings.state_machine_name}",
            )
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="LogsOfThisDeployment",
                    principals=[iam.ServicePrincipal(f"logs.{self.region}.amazonaws.com")],
                    actions=[
                        "kms:Decrypt",
                        "kms:DescribeKey",
                        "kms:Encrypt",
                        "kms:GenerateDataKey*",
                        "kms:ReEncrypt*",
                    ],
                    resources=["*"],
                    conditions={
                        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": [f"{logs}{name}" for name in names]}
                    },
                )
            )
        return key

    def _table(self, settings: Settings, key: kms.IKey) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            "Table",
            table_name=settings.checkpoint_table,
            partition_key=dynamodb.Attribute(name="PK", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="SK", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=TTL_ATTRIBUTE,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            deletion_protection=settings.retain_data,
            removal_policy=self._removal,
        )
        table.add_global_secondary_index(
            index_name=THREAD_STATUS_INDEX,
            partition_key=dynamodb.Attribute(
                name=THREAD_STATUS_INDEX_PARTITION, type=dynamodb.AttributeType.STRING
            ),
            sort_key=dynamodb.Attribute(name=THREAD_STATUS_INDEX_SORT, type=dynamodb.AttributeType.STRING),
        )
        return table

    def _bucket(self, name: str, settings: Settings, key: kms.IKey) -> s3.Bucket:
        noncurrent = cdk.Duration.days(_NONCURRENT_DAYS)
        bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=name,
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            removal_policy=self._removal,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="checkpoints-outlive-every-pointer",
                    prefix=CHECKPOINT_PREFIX,
                    expiration=cdk.Duration.days(
                        settings.checkpoint_ttl_days + LONGEST_WAIT_DAYS + _OLDER_THAN_POINTER_DAYS
                    ),
                    noncurrent_version_expiration=noncurrent,
                ),
                s3.LifecycleRule(
                    id="decision-records",
                    prefix=DECISION_PREFIX,
                    expiration=cdk.Duration.days(settings.decision_retention_days),
                    noncurrent_version_expiration=noncurrent,
                ),
                s3.LifecycleRule(
                    id="outcomes",
                    prefix=OUTCOME_PREFIX,
                    expiration=cdk.Duration.days(settings.decision_retention_days),
                    noncurrent_version_expiration=noncurrent,
                ),
                s3.LifecycleRule(
                    id="abandoned-uploads",
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(_ABANDONED_UPLOAD_DAYS),
                ),
            ],
        )
        if bucket.policy is not None:
            # What is left of a bucket must be as closed as the bucket was.
            bucket.policy.apply_removal_policy(self._removal)
        accept(
            bucket,
            "AwsSolutions-S1",
            because="Every object is written and read by a function whose checkpoints and logs say so; "
            "who else reads it is CloudTrail's to record, by data events, for the account as a whole.",
        )
        return bucket
