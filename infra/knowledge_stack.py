"""Guidance in a knowledge base of Amazon Bedrock: an option in place of the corpus that the package ships."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3vectors as s3vectors
from constructs import Construct

from infra.components.findings import accept, wildcard_finding
from infra.outputs import KnowledgeOutput, StackName, put_out
from infra.settings import Settings

__all__ = ["KnowledgeStack"]

_EMBEDDING_MODEL: Final = "amazon.titan-embed-text-v2:0"
_DIMENSIONS: Final = 1024
# Bedrock keeps the passage itself in these keys, and only what is filtered by is bounded to 2 KB.
_UNFILTERED: Final = ["AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"]
_NONCURRENT_DAYS: Final = 30


class KnowledgeStack(cdk.Stack):
    """The knowledge base, its vectors in S3, and the bucket that its passages are loaded from.

    Attributes:
        guidance: The passages, one file each with its metadata: `skymarshal knowledge export` writes them.
        knowledge_base_id: What the arbitration asks.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, StackName.KNOWLEDGE, description="SkyMarshal: guidance in a knowledge base")
        self._removal = cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
        name = f"{settings.name_prefix}-guidance-{self.account}-{self.region}"
        self._passages = f"arn:{cdk.Aws.PARTITION}:s3:::{name}/*"
        self.guidance = self._guidance(name)
        index = self._index()
        role = self._role(index)
        base = bedrock.CfnKnowledgeBase(
            self,
            "KnowledgeBase",
            name=f"{settings.name_prefix}-guidance",
            description="Guidance that decisions cite",
            role_arn=role.role_arn,
            knowledge_base_configuration=bedrock.CfnKnowledgeBase.KnowledgeBaseConfigurationProperty(
                type="VECTOR",
                vector_knowledge_base_configuration=(
                    bedrock.CfnKnowledgeBase.VectorKnowledgeBaseConfigurationProperty(
                        embedding_model_arn=self._model
                    )
                ),
            ),
            storage_configuration=bedrock.CfnKnowledgeBase.StorageConfigurationProperty(
                type="S3_VECTORS",
                s3_vectors_configuration=bedrock.CfnKnowledgeBase.S3VectorsConfigurationProperty(
                    index_arn=index.attr_index_arn
                ),
            ),
        )
        # Bedrock looks at what the role allows when the knowledge base is made, not only when it is used.
        base.node.add_dependency(role)
        self.knowledge_base_id = base.attr_knowledge_base_id
        source = bedrock.CfnDataSource(
            self,
            "Passages",
            name="passages",
            knowledge_base_id=self.knowledge_base_id,
            data_deletion_policy="RETAIN" if settings.retain_data else "DELETE",
            data_source_configuration=bedrock.CfnDataSource.DataSourceConfigurationProperty(
                type="S3",
                s3_configuration=bedrock.CfnDataSource.S3DataSourceConfigurationProperty(
                    bucket_arn=self.guidance.bucket_arn
                ),
            ),
            vector_ingestion_configuration=bedrock.CfnDataSource.VectorIngestionConfigurationProperty(
                # A passage is a file already, and is cited as a whole.
                chunking_configuration=bedrock.CfnDataSource.ChunkingConfigurationProperty(
                    chunking_strategy="NONE"
                )
            ),
        )
        put_out(self, KnowledgeOutput.KNOWLEDGE_BASE_ID, self.knowledge_base_id)
        put_out(self, KnowledgeOutput.DATA_SOURCE_ID, source.attr_data_source_id)
        put_out(self, KnowledgeOutput.GUIDANCE_BUCKET_NAME, self.guidance.bucket_name)

    @property
    def _model(self) -> str:
        return self.format_arn(
            service="bedrock", account="", resource="foundation-model", resource_name=_EMBEDDING_MODEL
        )

    def _guidance(self, name: str) -> s3.Bucket:
        guidance = s3.Bucket(
            self,
            "Guidance",
            bucket_name=name,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            removal_policy=self._removal,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="earlier-versions",
                    noncurrent_version_expiration=cdk.Duration.days(_NONCURRENT_DAYS),
                )
            ],
        )
        accept(
            guidance,
            "AwsSolutions-S1",
            because="It holds published guidance only; who reads it is CloudTrail's to record.",
        )
        return guidance

    def _index(self) -> s3vectors.CfnIndex:
        vectors = s3vectors.CfnVectorBucket(
            self,
            "Vectors",
            encryption_configuration=s3vectors.CfnVectorBucket.EncryptionConfigurationProperty(
                sse_type="AES256"
            ),
        )
        index = s3vectors.CfnIndex(
            self,
            "Index",
            vector_bucket_arn=vectors.attr_vector_bucket_arn,
            data_type="float32",
            dimension=_DIMENSIONS,
            distance_metric="cosine",
            metadata_configuration=s3vectors.CfnIndex.MetadataConfigurationProperty(
                non_filterable_metadata_keys=_UNFILTERED
            ),
        )
        # Vectors are made from the passages again; nothing is lost with them.
        vectors.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        index.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        return index

    def _role(self, index: s3vectors.CfnIndex) -> iam.Role:
        knowledge_bases = self.format_arn(service="bedrock", resource="knowledge-base", resource_name="*")
        role = iam.Role(
            self,
            "Role",
            description="Loads and searches the guidance",
            assumed_by=iam.ServicePrincipal(
                "bedrock.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": self.account},
                    "ArnLike": {"aws:SourceArn": knowledge_bases},
                },
            ),
        )
        vectors = [
            f"s3vectors:{action}"
            for action in (
                "DeleteVectors",
                "GetIndex",
                "GetVectors",
                "ListVectors",
                "PutVectors",
                "QueryVectors",
            )
        ]
        for sid, actions, resource in (
            ("Embed", ["bedrock:InvokeModel"], self._model),
            ("ListPassages", ["s3:ListBucket"], self.guidance.bucket_arn),
            ("ReadPassages", ["s3:GetObject"], self._passages),
            ("KeepVectors", vectors, index.attr_index_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=[resource]))
        accept(
            role,
            wildcard_finding(role, self._passages),
            because="Every object of the guidance's own bucket is a passage.",
        )
        return role
