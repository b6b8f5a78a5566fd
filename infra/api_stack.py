"""The HTTP API for the portal and the duty manager, and the users who may call it."""

from __future__ import annotations

import json
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.findings import accept
from infra.outputs import Output, StackName, put_out
from infra.settings import Settings
from infra.workflow_stack import WorkflowStack
from skymarshal.contracts import SIGN_IN_CALLBACK, SIGN_IN_PORTS, USER_GROUPS

__all__ = ["ApiStack"]

_REQUESTS_PER_SECOND: Final = 50
_BURST: Final = 100
_SHIFT_HOURS: Final = 12
_PASSWORD_LENGTH: Final = 12
_ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "sourceIp": "$context.identity.sourceIp",
    "user": "$context.authorizer.claims.sub",
    "authorizerError": "$context.authorizer.error",
    "integrationError": "$context.integrationErrorMessage",
    "latencyMs": "$context.responseLatency",
}


class ApiStack(cdk.Stack):
    """The HTTP API.

    Attributes:
        api: The API.
        users: The people who may call it.
    """

    def __init__(self, scope: Construct, settings: Settings, workflow: WorkflowStack) -> None:
        super().__init__(scope, StackName.API, description="SkyMarshal: HTTP API")
        self._settings = settings
        self.users = self._users()
        client = self._client()
        pages = self._pages()
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"{settings.name_prefix}-api",
            create_default_stage=False,
            default_authorizer=authorizers.HttpUserPoolAuthorizer(
                "Users", self.users, user_pool_clients=[client]
            ),
        )
        self._stage(workflow)
        self._routes(workflow)
        put_out(self, Output.API_ID, self.api.api_id)
        put_out(self, Output.API_URL, self.api.api_endpoint)
        put_out(self, Output.USER_POOL_ID, self.users.user_pool_id)
        put_out(self, Output.USER_POOL_CLIENT_ID, client.user_pool_client_id)
        put_out(self, Output.SIGN_IN_URL, pages.base_url())
        put_out(
            self,
            Output.SIGN_IN_COMMAND,
            f"skymarshal login --api {self.api.api_endpoint} --sign-in {pages.base_url()} "
            f"--client {client.user_pool_client_id}",
        )

    def _users(self) -> cognito.UserPool:
        settings = self._settings
        users = cognito.UserPool(
            self,
            "Users",
            user_pool_name=f"{settings.name_prefix}-users",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=_PASSWORD_LENGTH,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
            ),
            mfa=cognito.Mfa.OFF if settings.embedded else cognito.Mfa.REQUIRED,
            mfa_second_factor=None if settings.embedded else cognito.MfaSecondFactor(otp=True, sms=False),
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=settings.retain_data,
            removal_policy=(cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY),
        )
        for precedence, (group, purpose) in enumerate(USER_GROUPS.items(), start=1):
            cognito.UserPoolGroup(
                self,
                "".join(part.capitalize() for part in group.split("-")),
                user_pool=users,
                group_name=group,
                description=purpose.capitalize(),
                precedence=precedence,
            )
        return users

    def _pages(self) -> cognito.UserPoolDomain:
        """Return the pages on which people sign in, set up their second factor and change passwords."""
        # A prefix is taken or free for a whole region, in all accounts: the account's number makes it ours.
        prefix = self._settings.sign_in_domain or f"{self._settings.name_prefix}-{cdk.Aws.ACCOUNT_ID}"
        return self.users.add_domain(
            "SignIn", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=prefix)
        )

    def _client(self) -> cognito.UserPoolClient:
        embedded = self._settings.embedded
        callbacks = [SIGN_IN_CALLBACK.format(port=port) for port in SIGN_IN_PORTS]
        return self.users.add_client(
            "Client",
            user_pool_client_name=f"{self._settings.name_prefix}-portal",
            generate_secret=False,
            # On AWS people sign in on the pool's own pages alone, which see to the second factor.
            auth_flows=cognito.AuthFlow(user_password=embedded, admin_user_password=embedded),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
                callback_urls=callbacks,
            ),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            enable_token_revocation=True,
            prevent_user_existence_errors=True,
            access_token_validity=cdk.Duration.hours(1),
            id_token_validity=cdk.Duration.hours(1),
            refresh_token_validity=cdk.Duration.hours(_SHIFT_HOURS),
        )

    def _stage(self, workflow: WorkflowStack) -> None:
        access_log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/aws/apigateway/{self._settings.name_prefix}-api",
            retention=self._settings.log_retention,
            encryption_key=workflow.store.log_key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=apigateway.ThrottleSettings(rate_limit=_REQUESTS_PER_SECOND, burst_limit=_BURST),
        )
        resource = stage.node.default_child
        if not isinstance(resource, apigateway.CfnStage):
            raise TypeError(f"the stage is a {type(resource).__name__}, not a CfnStage")
        # HttpStage's own access_log_settings fails in Python.
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=access_log.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )

    def _routes(self, workflow: WorkflowStack) -> None:
        get, post = apigateway.HttpMethod.GET, apigateway.HttpMethod.POST
        threads = _integration("Threads", workflow.threads)
        decisions = _integration("Decisions", workflow.decisions)
        disruptions = _integration("Disruptions", workflow.disruptions)
        reports = _integration("Reports", workflow.reports)
        for path in (
            "",
            "/{thread_id}",
            "/{thread_id}/history",
            "/{thread_id}/checkpoints/{checkpoint_id}",
            "/{thread_id}/approval",
        ):
            self.api.add_routes(path=f"/v1/threads{path}", methods=[get], integration=threads)
        for verb in ("approve", "reject", "override", "outcome", "resume"):
            self.api.add_routes(
                path=f"/v1/threads/{{thread_id}}/{verb}", methods=[post], integration=decisions
            )
        for path in ("/v1/threads/{thread_id}/report", "/v1/decisions/{day}/{disruption_id}/report"):
            self.api.add_routes(path=path, methods=[get], integration=reports)
        self.api.add_routes(path="/v1/disruptions", methods=[post], integration=disruptions)
        health = self.api.add_routes(
            path="/v1/health",
            methods=[get],
            integration=threads,
            authorizer=apigateway.HttpNoneAuthorizer(),
        )
        for route in health:
            accept(
                route,
                "AwsSolutions-APIG4",
                because="A monitor asks for health without a user; the answer says nothing but that the "
                "API is up.",
            )


def _integration(name: str, function: lambda_.IFunction) -> integrations.HttpLambdaIntegration:
    return integrations.HttpLambdaIntegration(name, function, scope_permission_to_route=False)
