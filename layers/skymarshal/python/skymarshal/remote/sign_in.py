"""Signing in on the user pool's own pages: authorization code with PKCE (RFC 7636, RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec

from skymarshal.errors import SkyMarshalError
from skymarshal.remote.session import NotSignedIn, Session

__all__ = ["Deployment", "SignInFailed", "code_in", "refreshed", "secure_url", "signed_in"]

_SCOPES: Final = "openid email profile"
_SECONDS: Final = 30.0
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class SignInFailed(SkyMarshalError):
    """The user could not be signed in; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where people sign in and decide: outputs of the deployed stacks.

    Attributes:
        api_url: of the HTTP API.
        sign_in_url: of the user pool's pages.
        client_id: of the user pool's client.
    """

    api_url: str
    sign_in_url: str
    client_id: str


def secure_url(name: str, url: str) -> str:
    """Return an address without the slash at its end.

    Raises:
        SignInFailed: It is no https address; plain http is for this machine alone.
    """
    parts = urlsplit(url)
    local = parts.scheme == "http" and (parts.hostname or "") in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise SignInFailed(f"{name}: {url!r} is not valid; expected an address that begins with https://")
    return url.rstrip("/")


def signed_in(
    deployment: Deployment,
    callback: str,
    ask: Callable[[str], str],
    *,
    now: Callable[[], datetime],
    transport: httpx.BaseTransport | None = None,
) -> Session:
    """Return the session of a user who signs in on the user pool's pages.

    Args:
        deployment: where to sign in.
        callback: the address that the pages lead back to, one of those that the client allows.
        ask: shows the user the address of the pages and returns the address that they ended at.
        now: the clock.
        transport: what carries the requests; by default the network.

    Raises:
        SignInFailed: The user was refused, gave up, or an answer is not the one to this request.
    """
    verifier, state, nonce = (secrets.token_urlsafe(length) for length in (64, 32, 32))
    digest = hashlib.sha256(verifier.encode()).digest()
    pages = f"{deployment.sign_in_url}/oauth2/authorize?" + urlencode(
        {
            "response_type": "code",
            "client_id": deployment.client_id,
            "redirect_uri": callback,
            "scope": _SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
    )
    answer = _tokens(
        deployment,
        transport,
        grant_type="authorization_code",
        code=code_in(ask(pages), state),
        redirect_uri=callback,
        code_verifier=verifier,
    )
    claims = _claims(answer)
    if claims.get("nonce") != nonce or claims.get("aud") != deployment.client_id:
        raise SignInFailed("the user pool answered another sign-in than this one: sign in again")
    if "refresh_token" not in answer:
        raise SignInFailed("the user pool gave no refresh token: its client does not allow one")
    return Session(
        api_url=deployment.api_url,
        sign_in_url=deployment.sign_in_url,
        client_id=deployment.client_id,
        user=str(claims.get("email") or claims.get("cognito:username")),
        groups=tuple(map(str, claims.get("cognito:groups") or ())),
        id_token=str(answer["id_token"]),
        refresh_token=str(answer["refresh_token"]),
        expires_at=_expiry(answer, now()),
    )


def refreshed(
    session: Session, *, now: Callable[[], datetime], transport: httpx.BaseTransport | None = None
) -> Session:
    """Return the session with a new id token.

    Raises:
        NotSignedIn: The user pool gives no new one: the shift is over, or the user was signed out.
        SignInFailed: The user pool could not be reached.
    """
    deployment = Deployment(
        api_url=session.api_url, sign_in_url=session.sign_in_url, client_id=session.client_id
    )
    try:
        answer = _tokens(
            deployment, transport, grant_type="refresh_token", refresh_token=session.refresh_token
        )
    except _Refused as refused:
        raise NotSignedIn(f"the session has ended ({refused}): `skymarshal login` again") from None
    return replace(
        session,
        id_token=str(answer["id_token"]),
        refresh_token=str(answer.get("refresh_token") or session.refresh_token),
        groups=tuple(map(str, _claims(answer).get("cognito:groups") or ())),
        expires_at=_expiry(answer, now()),
    )


def code_in(address: str, state: str) -> str:
    """Return the code in the address that the pages ended at.

    Raises:
        SignInFailed: It is the address of another sign-in, of a refusal, or holds no code.
    """
    given = {name: values[-1] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    if "state" not in given and "code" not in given and "error" not in given:
        raise SignInFailed("the address holds no code: expected the one that the browser ended at, whole")
    if not hmac.compare_digest(given.get("state", "").encode(), state.encode()):
        raise SignInFailed("the address belongs to another sign-in: sign in again")
    if "error" in given:
        why = given.get("error_description") or given["error"]
        raise SignInFailed(f"the user pool refused: {why[:200]}")
    if "code" not in given:
        raise SignInFailed("the address holds no code: sign in again")
    return given["code"]


class _Refused(SignInFailed):
    """The user pool refused to give tokens."""


def _tokens(deployment: Deployment, transport: httpx.BaseTransport | None, **form: str) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=_SECONDS, transport=transport) as http:
            answer = http.post(
                f"{deployment.sign_in_url}/oauth2/token", data={"client_id": deployment.client_id, **form}
            )
    except httpx.HTTPError as error:
        raise SignInFailed(f"{deployment.sign_in_url} does not answer: {error}") from None
    try:
        given = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        given = {}
    if not answer.is_success or "id_token" not in given:
        raise _Refused(f"the user pool gave no tokens: {given.get('error') or answer.status_code}")
    return given


def _claims(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what the id token says. It came from the user pool itself, so its signature proves no more."""
    try:
        part = str(answer["id_token"]).split(".")[1]
        return msgspec.json.decode(
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=dict[str, Any]
        )
    except (IndexError, ValueError, msgspec.MsgspecError):
        raise SignInFailed("the user pool's id token can't be read") from None


def _expiry(answer: dict[str, Any], now: datetime) -> datetime:
    try:
        return now + timedelta(seconds=min(int(answer.get("expires_in", 0)), 86_400))
    except (TypeError, ValueError):
        return now
