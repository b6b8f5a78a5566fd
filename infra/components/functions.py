"""One way to make a function: its own role, its own log group, and nothing that it was not given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.checkpoint_stack import CheckpointStack
from infra.components.findings import accept, why_wildcard, wildcard_finding
from infra.components.layers import ROOT, Layers
from infra.settings import Settings
from skymarshal.contracts import METRIC_NAMESPACE, SERVICE_NAME

__all__ = ["FunctionSpec", "Functions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """What sets one function apart from the others.

    Attributes:
        name: Ends the function's name, as in `skymarshal-agent-cargo`.
        handler: Dotted name of its entry point.
        purpose: One line on what it does.
        may: What its role allows.
        memory: In MiB; a whole processor comes with 1769.
        timeout: In seconds.
        environment: What it is told beside what all functions are told.
        layers: Layers beside the two that all functions have.
        reserved: Executions at once that are kept aside for it, which are also its limit.
        unhandled: Where an event goes that nobody waits for and that it failed for again and again.
    """

    name: str
    handler: str
    purpose: str
    may: Sequence[iam.PolicyStatement]
    memory: int = 512
    timeout: int = 30
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: Sequence[lambda_.ILayerVersion] = ()
    reserved: int | None = None
    unhandled: sqs.IQueue | None = None


class Functions:
    """Makes the functions of one stack, which share code, layers and settings."""

    def __init__(self, scope: Construct, settings: Settings, store: CheckpointStack, layers: Layers) -> None:
        self._scope = scope
        self._settings = settings
        self._layers = layers
        self._log_key = store.log_key
        # The handlers alone: the package that they import is a layer.
        self._code = lambda_.Code.from_asset(
            str(ROOT),
            exclude=["*", "!lambdas", "!lambdas/**", "**/__pycache__"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        self._environment = {
            "CHECKPOINT_MODE": "production",
            "CHECKPOINT_TABLE_NAME": store.table.table_name,
            "CHECKPOINT_S3_BUCKET": store.bucket.bucket_name,
            "CHECKPOINT_TTL_DAYS": str(settings.checkpoint_ttl_days),
            "OPERATIONS_TABLE_PREFIX": settings.operations_table_prefix,
            "POWERTOOLS_SERVICE_NAME": SERVICE_NAME,
            "POWERTOOLS_METRICS_NAMESPACE": METRIC_NAMESPACE,
            "RULE_PROFILE": settings.rule_profile,
            "LOG_LEVEL": settings.log_level,
        }

    def create(self, spec: FunctionSpec) -> lambda_.IFunction:
        """Create a function and return what its callers invoke.

        On AWS that is the alias of a published version, of which earlier ones are kept; on the emulator the
        function itself.
        """
        settings = self._settings
        title = "".join(part.capitalize() for part in spec.name.replace("_", "-").split("-"))
        full_name = f"{settings.name_prefix}-{spec.name.replace('_', '-')}"
        log_group = logs.LogGroup(
            self._scope,
            f"{title}Logs",
            log_group_name=f"/aws/lambda/{full_name}",
            retention=settings.log_retention,
            encryption_key=self._log_key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        function = lambda_.Function(
            self._scope,
            title,
            function_name=full_name,
            description=spec.purpose,
            handler=spec.handler,
            code=self._code,
            runtime=settings.runtime,
            architecture=settings.architecture,
            layers=[self._layers.dependencies, self._layers.shared, *spec.layers],
            memory_size=spec.memory,
            timeout=cdk.Duration.seconds(spec.timeout),
            environment={**self._environment, **spec.environment},
            role=self._role(title, spec, log_group),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            reserved_concurrent_executions=spec.reserved if settings.reserve_concurrency else None,
            snap_start=(
                lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if settings.snap_starts(spec.name) else None
            ),
            # The alias can go back only to what is still there.
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
        )
        callable_: lambda_.IFunction = function
        if not settings.embedded:
            callable_ = lambda_.Alias(
                self._scope, f"{title}Live", alias_name="live", version=function.current_version
            )
        if spec.unhandled is not None:
            callable_.configure_async_invoke(on_failure=destinations.SqsDestination(spec.unhandled))
        return callable_

    def _role(self, title: str, spec: FunctionSpec, log_group: logs.LogGroup) -> iam.Role:
        role = iam.Role(
            self._scope,
            f"{title}Role",
            description=spec.purpose,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            )
        )
        for statement in spec.may:
            role.add_to_policy(statement)
            for resource in statement.resources:
                if "*" in resource:
                    accept(role, wildcard_finding(role, resource), because=why_wildcard(resource))
        accept(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            because="X-Ray knows no resources: PutTraceSegments and PutTelemetryRecords take only *.",
        )
        return role
