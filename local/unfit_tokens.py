"""Tokens that must open no operation of the API, in the hands of one who would be a duty manager.

Those that a user pool would sign are signed in truth, by that pool's own key.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import boto3
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.embedded import EmbeddedAws
from local.users import sign_in

__all__ = ["unfit_tokens"]

_GROUP: Final = "duty-manager"
_USER: Final = "intruder@skymarshal.example"
_HOUR: Final = 3_600


def unfit_tokens(aws: EmbeddedAws) -> Mapping[str, str | None]:
    """Return the tokens by what is wrong with each, None for none at all."""
    cognito = boto3.client("cognito-idp", **aws.connection)
    outputs = aws.stacks["SkyMarshalApi"].outputs
    pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
    ours = sign_in(cognito, pool, client, _USER, _GROUP)
    observer = sign_in(cognito, pool, client, "curious@skymarshal.example", "observer")

    other_client = _client(cognito, pool)
    other_pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    cognito.create_group(UserPoolId=other_pool, GroupName=_GROUP)
    foreign = sign_in(cognito, other_pool, _client(cognito, other_pool), _USER, _GROUP)

    header, claims, _ = ours.id.split(".")
    said = _decoded(claims)
    now = int(time.time())
    key, foreign_key = (_key(aws, each) for each in (pool, other_pool))
    return {
        "no token": None,
        "no token of any kind": "not-a-token",
        "unsigned": f"{_encoded({'alg': 'none'})}.{claims}.",
        "unsigned, under the key's name": f"{_encoded({**_decoded(header), 'alg': 'none'})}.{claims}.",
        "made a duty manager's by hand": _altered(observer.id, {"cognito:groups": [_GROUP]}),
        "signed by a key of one's own": _signed(header, said, generate_private_key(65_537, 2_048)),
        "signed by another pool's key": _signed(header, said, foreign_key),
        "of another pool": foreign.id,
        "of another client": sign_in(cognito, pool, other_client, _USER, _GROUP).id,
        "expired": _signed(
            header, {**said, "auth_time": now - 2 * _HOUR, "iat": now - 2 * _HOUR, "exp": now - _HOUR}, key
        ),
        "of another issuer": _signed(header, {**said, "iss": _decoded(foreign.id.split(".")[1])["iss"]}, key),
        "for another audience": _signed(header, {**said, "aud": other_client}, key),
        "issued in the future": _signed(header, {**said, "iat": now + _HOUR, "exp": now + 2 * _HOUR}, key),
        "an access token": ours.access,
        "a refresh token": ours.refresh,
    }


def _client(cognito: Any, pool: str) -> str:  # noqa: ANN401 boto3 clients have no common type
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="another", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    name: str = made["UserPoolClient"]["ClientId"]
    return name


def _key(aws: EmbeddedAws, pool: str) -> RSAPrivateKey:
    key = load_pem_private_key(aws.id_token_key(pool).read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"pool {pool} signs by a {type(key).__name__}, not by an RSA key")
    return key


def _signed(header: str, claims: Mapping[str, Any], key: RSAPrivateKey) -> str:
    content = f"{header}.{_encoded(claims)}"
    return f"{content}.{_text(key.sign(content.encode(), PKCS1v15(), SHA256()))}"


def _altered(token: str, claims: Mapping[str, Any]) -> str:
    header, body, signature = token.split(".")
    return f"{header}.{_encoded({**_decoded(body), **claims})}.{signature}"


def _encoded(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value
