"""`skymarshal users`: who may sign in, and in which group; for an operator with AWS credentials."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from skymarshal.contracts import USER_GROUPS
from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_users_command"]

_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,63}")


class UsersRefused(SkyMarshalError):
    """A user could not be added or changed."""


def add_users_command(subparsers: _Subparsers) -> None:
    """Add `users add` and `users remove` to the command line."""
    users = subparsers.add_parser("users", help="let somebody sign in, or no longer")
    commands = users.add_subparsers(dest="users_command", required=True, metavar="COMMAND")
    add = commands.add_parser(
        "add",
        help="add a user to the user pool and to a group",
        description="The user pool sends a temporary password to the address. At the first sign-in the user "
        "sets a password of their own and an authenticator app. Run again, it only sees to the group.",
        epilog=_POOL,
    )
    remove = commands.add_parser("remove", help="delete a user from the user pool", epilog=_POOL)
    for command in (add, remove):
        command.add_argument("email", metavar="EMAIL")
        command.add_argument("--pool", metavar="ID", help="the user pool (USER_POOL_ID)")
    add.add_argument("--group", required=True, choices=tuple(USER_GROUPS))
    add.set_defaults(run=_add)
    remove.set_defaults(run=_remove)


_POOL: Final = "Needs AWS credentials; the pool is the output UserPoolId of the stack SkyMarshalApi."


def _add(chosen: argparse.Namespace) -> int:
    client, pool = _client(), _pool(chosen)
    added = "was there already"
    try:
        client.admin_create_user(
            UserPoolId=pool,
            Username=chosen.email,
            # Whoever is let in under an address that is not marked as verified is refused by the API.
            UserAttributes=[
                {"Name": "email", "Value": chosen.email},
                {"Name": "email_verified", "Value": "true"},
            ],
            DesiredDeliveryMediums=["EMAIL"],
        )
        added = "was added: a temporary password is on its way"
    except client.exceptions.UsernameExistsException:
        pass
    except client.exceptions.ClientError as error:
        raise UsersRefused(_why(error)) from None
    try:
        client.admin_add_user_to_group(UserPoolId=pool, Username=chosen.email, GroupName=chosen.group)
    except client.exceptions.ClientError as error:
        raise UsersRefused(_why(error)) from None
    sys.stdout.write(f"{chosen.email} {added}. Group {chosen.group}: {USER_GROUPS[chosen.group]}.\n")
    return 0


def _remove(chosen: argparse.Namespace) -> int:
    client, pool = _client(), _pool(chosen)
    try:
        # Signed out first: a deleted user's tokens would work until they expire.
        client.admin_user_global_sign_out(UserPoolId=pool, Username=chosen.email)
        client.admin_delete_user(UserPoolId=pool, Username=chosen.email)
    except client.exceptions.ClientError as error:
        raise UsersRefused(_why(error)) from None
    sys.stdout.write(f"{chosen.email} was removed. A session still open ends within the hour.\n")
    return 0


def _client() -> CognitoIdentityProviderClient:
    from skymarshal import aws

    return aws.users_client()


def _pool(chosen: argparse.Namespace) -> str:
    if not _ADDRESS.fullmatch(chosen.email):
        raise UsersRefused(
            f"EMAIL: {chosen.email!r} is not valid; expected an address such as ada@airline.example"
        )
    pool = chosen.pool or os.environ.get("USER_POOL_ID")
    if not pool:
        raise UsersRefused(
            "--pool is not given, and USER_POOL_ID is not set: it is an output of SkyMarshalApi"
        )
    return str(pool)


def _why(error: Exception) -> str:
    said = getattr(error, "response", {}).get("Error", {})
    return f"{said.get('Code', 'refused')}: {said.get('Message', error)}"
