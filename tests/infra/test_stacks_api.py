"""The API: what it answers, to whom, and how much of it."""

from __future__ import annotations

from aws_cdk.assertions import Match, Template

from infra.access import Deployment

ROUTES = {
    "GET /v1/threads": "JWT",
    "GET /v1/threads/{thread_id}": "JWT",
    "GET /v1/threads/{thread_id}/history": "JWT",
    "GET /v1/threads/{thread_id}/checkpoints/{checkpoint_id}": "JWT",
    "GET /v1/threads/{thread_id}/approval": "JWT",
    "GET /v1/threads/{thread_id}/report": "JWT",
    "GET /v1/decisions/{day}/{disruption_id}/report": "JWT",
    "POST /v1/threads/{thread_id}/approve": "JWT",
    "POST /v1/threads/{thread_id}/reject": "JWT",
    "POST /v1/threads/{thread_id}/override": "JWT",
    "POST /v1/threads/{thread_id}/outcome": "JWT",
    "POST /v1/threads/{thread_id}/resume": "JWT",
    "POST /v1/disruptions": "JWT",
    "GET /v1/health": "NONE",
}


def test_every_route_but_health_asks_for_a_token(deployment: Deployment) -> None:
    routes = {
        resource["Properties"]["RouteKey"]: resource["Properties"]["AuthorizationType"]
        for _, _, resource in deployment.resources("AWS::ApiGatewayV2::Route")
    }
    assert routes == ROUTES


def test_tokens_come_from_the_user_pool_for_this_client(api_template: Template) -> None:
    api_template.has_resource_properties(
        "AWS::ApiGatewayV2::Authorizer",
        {
            "AuthorizerType": "JWT",
            "JwtConfiguration": {"Audience": [{"Ref": Match.any_value()}], "Issuer": Match.any_value()},
        },
    )


def test_requests_are_throttled_and_logged(api_template: Template) -> None:
    api_template.has_resource_properties(
        "AWS::ApiGatewayV2::Stage",
        {
            "StageName": "$default",
            "AutoDeploy": True,
            "AccessLogSettings": {"DestinationArn": Match.any_value(), "Format": Match.any_value()},
            "DefaultRouteSettings": Match.object_like(
                {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}
            ),
        },
    )


def test_users_are_made_by_an_administrator_and_sign_in_with_a_second_factor(
    api_template: Template,
) -> None:
    api_template.has_resource(
        "AWS::Cognito::UserPool",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "AdminCreateUserConfig": Match.object_like({"AllowAdminCreateUserOnly": True}),
                "MfaConfiguration": "ON",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "DeletionProtection": "ACTIVE",
            },
        },
    )
    api_template.has_resource_properties(
        "AWS::Cognito::UserPoolClient",
        {
            "GenerateSecret": False,
            "PreventUserExistenceErrors": "ENABLED",
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code"],
            "CallbackURLs": [f"http://localhost:{port}/callback" for port in (8976, 8977, 8978)],
            "SupportedIdentityProviders": ["COGNITO"],
        },
    )


def test_there_are_the_three_groups(deployment: Deployment) -> None:
    groups = {
        resource["Properties"]["GroupName"]
        for _, _, resource in deployment.resources("AWS::Cognito::UserPoolGroup")
    }
    assert groups == {"duty-manager", "observer", "admin"}


def test_on_the_emulator_a_password_is_enough(embedded: Deployment) -> None:
    ((_, _, pool),) = embedded.resources("AWS::Cognito::UserPool")
    ((_, _, client),) = embedded.resources("AWS::Cognito::UserPoolClient")
    assert pool["Properties"]["MfaConfiguration"] == "OFF"
    assert "ALLOW_USER_PASSWORD_AUTH" in client["Properties"]["ExplicitAuthFlows"]


def test_the_pool_has_pages_to_sign_in_on_and_says_how(
    deployment: Deployment, api_template: Template
) -> None:
    ((_, _, domain),) = deployment.resources("AWS::Cognito::UserPoolDomain")
    prefix = domain["Properties"]["Domain"]
    assert prefix == {"Fn::Join": ["", ["skymarshal-", {"Ref": "AWS::AccountId"}]]}

    command = str(api_template.find_outputs("SignInCommand")["SignInCommand"]["Value"])
    assert all(part in command for part in ("skymarshal login --api ", " --sign-in ", " --client "))
