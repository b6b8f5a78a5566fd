"""The airline's operational tables: created for a demonstration, or the airline's own."""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.outputs import StackName
from infra.settings import Settings
from skymarshal.contracts import OPERATIONS_TABLES, Table

__all__ = ["OperationsStack", "operations_arns"]


class OperationsStack(cdk.Stack):
    """The 23 operational tables, where the airline has none yet."""

    def __init__(self, scope: Construct, settings: Settings, key: kms.IKey) -> None:
        super().__init__(scope, StackName.OPERATIONS, description="SkyMarshal: operational tables")
        for table in OPERATIONS_TABLES.values():
            self._create(table, settings, key if settings.encrypt_operations else None)

    def _create(self, table: Table, settings: Settings, key: kms.IKey | None) -> None:
        created = dynamodb.Table(
            self,
            table.name,
            table_name=settings.operations_table_prefix + table.name,
            partition_key=_text(table.partition),
            sort_key=_text(table.sort) if table.sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=key,
            deletion_protection=settings.retain_data,
            removal_policy=cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY,
        )
        for index in table.indexes:
            created.add_global_secondary_index(
                index_name=index.name, partition_key=_text(index.partition), sort_key=_text(index.sort)
            )


def operations_arns(stack: cdk.Stack, settings: Settings, tables: Iterable[str]) -> list[str]:
    """Return the ARNs of operational tables and of their indexes, whoever created them."""
    arns = []
    for name in tables:
        physical = settings.operations_table_prefix + name
        arns.append(stack.format_arn(service="dynamodb", resource="table", resource_name=physical))
        arns.extend(
            stack.format_arn(
                service="dynamodb", resource="table", resource_name=f"{physical}/index/{index.name}"
            )
            for index in OPERATIONS_TABLES[name].indexes
        )
    return arns


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
