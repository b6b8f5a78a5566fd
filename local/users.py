"""Users of a user pool on the embedded AWS, and the tokens that they sign in for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

__all__ = ["Tokens", "sign_in"]

_PASSWORD: Final = "Local-only-1-password"  # noqa: S105 of a user pool that ends with the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a user pool gives one who signs in. The API takes the id token, which says who it is."""

    id: str
    access: str
    refresh: str


def sign_in(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str, user: str, group: str | None
) -> Tokens:
    """Sign `user` in by an app client; who is not known yet becomes a member of `group` first."""
    try:
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=user,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": user},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    except cognito.exceptions.UsernameExistsException:
        pass
    else:
        cognito.admin_set_user_password(UserPoolId=pool_id, Username=user, Password=_PASSWORD, Permanent=True)
        if group is not None:
            cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=user, GroupName=group)
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": _PASSWORD},
    )
    given = answer["AuthenticationResult"]
    return Tokens(id=given["IdToken"], access=given["AccessToken"], refresh=given["RefreshToken"])
