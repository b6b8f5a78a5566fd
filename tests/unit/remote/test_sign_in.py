"""Signing in at a terminal: only the answer to one's own request counts, and tokens are kept from others."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from skymarshal.errors import SkyMarshalError
from skymarshal.remote import (
    Api,
    ApiRefused,
    ApiUnreachable,
    Deployment,
    NotSignedIn,
    Session,
    SessionStore,
    SignInFailed,
    signed_in,
)
from skymarshal.remote.sign_in import secure_url

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CALLBACK = "http://localhost:8976/callback"
DEPLOYMENT = Deployment(
    api_url="https://api.example", sign_in_url="https://pages.example", client_id="client"
)
CLAIMS = {
    "aud": "client",
    "email": "ada@airline.example",
    "cognito:groups": ["duty-manager"],
}


def token(**claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"head.{part}.signature"


class UserPool:
    """Pages and token endpoint of a user pool; `asked` is what the browser was sent with."""

    def __init__(self, **spoilt: object) -> None:
        self.spoilt = spoilt
        self.asked: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []

    def browse(self, pages: str) -> str:
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(pages).query).items()}
        given = {"code": "the-code", "state": self.asked["state"]} | self.spoilt.get("address", {})
        return f"{CALLBACK}?" + "&".join(f"{name}={value}" for name, value in given.items() if value)

    def answer(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.forms.append(form)
        if "status" in self.spoilt:
            return httpx.Response(self.spoilt["status"], json={"error": "invalid_grant"})
        claims = CLAIMS | {"nonce": self.asked.get("nonce")} | self.spoilt.get("claims", {})
        given = {"id_token": token(**claims), "refresh_token": "refresh", "expires_in": 3600}
        return httpx.Response(200, json=given | self.spoilt.get("tokens", {}))

    def sign_in(self) -> Session:
        return signed_in(
            DEPLOYMENT, CALLBACK, self.browse, now=lambda: NOW, transport=httpx.MockTransport(self.answer)
        )


def session(**changed: object) -> Session:
    fields = {
        "api_url": "https://api.example",
        "sign_in_url": "https://pages.example",
        "client_id": "client",
        "user": "ada@airline.example",
        "groups": ("duty-manager",),
        "id_token": token(**CLAIMS),
        "refresh_token": "refresh",
        "expires_at": NOW + timedelta(hours=1),
    }
    return Session(**(fields | changed))


def test_a_user_signs_in_and_the_code_is_worth_nothing_without_the_verifier():
    pool = UserPool()
    found = pool.sign_in()

    (form,) = pool.forms
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == pool.asked["code_challenge"]
    assert (form["code"], form["redirect_uri"], form["client_id"]) == ("the-code", CALLBACK, "client")
    assert (found.user, found.groups) == ("ada@airline.example", ("duty-manager",))
    assert found.expires_at == NOW + timedelta(hours=1)


def test_no_two_sign_ins_share_a_secret():
    first, second = UserPool(), UserPool()
    first.sign_in(), second.sign_in()

    assert {first.asked[name] for name in ("state", "nonce", "code_challenge")}.isdisjoint(
        second.asked[name] for name in ("state", "nonce", "code_challenge")
    )


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"address": {"state": "another"}}, "another sign-in"),
        ({"address": {"state": ""}}, "another sign-in"),
        ({"address": {"code": ""}}, "no code"),
        ({"address": {"code": "", "error": "access_denied"}}, "refused: access_denied"),
        ({"status": 400}, "gave no tokens: invalid_grant"),
        ({"claims": {"nonce": "replayed"}}, "another sign-in"),
        ({"claims": {"aud": "another-client"}}, "another sign-in"),
        ({"tokens": {"id_token": "no token"}}, "can't be read"),
    ],
)
def test_an_answer_to_anything_but_this_request_signs_nobody_in(spoilt, why):
    with pytest.raises(SignInFailed, match=why):
        UserPool(**spoilt).sign_in()


@pytest.mark.parametrize("url", ["http://api.example", "api.example", "ftp://localhost", ""])
def test_tokens_go_over_https_or_to_this_machine_alone(url):
    with pytest.raises(SignInFailed, match=r"--api: .* expected an address that begins with https"):
        secure_url("--api", url)

    assert secure_url("--api", "http://localhost:4566/") == "http://localhost:4566"


def test_a_session_is_kept_for_its_owner_alone_and_shows_no_token(tmp_path):
    store = SessionStore(tmp_path / "state" / "session.json")
    store.keep(session())

    file = tmp_path / "state" / "session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert store.load() == session()
    assert "refresh" not in repr(store.load())
    assert "head." not in repr(store.load())
    assert store.forget() is True
    assert store.forget() is False
    with pytest.raises(NotSignedIn, match="skymarshal login"):
        store.load()


def test_a_damaged_session_is_no_session(tmp_path):
    (tmp_path / "session.json").write_text("{")
    with pytest.raises(NotSignedIn, match="can't be read"):
        SessionStore(tmp_path / "session.json").load()


def api(tmp_path, answer, **changed) -> Api:
    store = SessionStore(tmp_path / "session.json")
    store.keep(session(**changed))
    return Api(store, now=lambda: NOW, transport=httpx.MockTransport(answer))


def test_a_token_about_to_expire_is_renewed_before_it_is_used(tmp_path):
    renewed = token(**CLAIMS, iat=1)
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "pages.example":
            return httpx.Response(200, json={"id_token": renewed, "expires_in": 3600})
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={"threads": []})

    one = api(tmp_path, answer, expires_at=NOW + timedelta(seconds=30))
    one.get("/v1/threads")
    one.get("/v1/threads")

    assert seen == [f"Bearer {renewed}"] * 2
    assert SessionStore(tmp_path / "session.json").load().expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (httpx.Response(409, json={"detail": "ada has decided"}), ApiRefused, "ada has decided"),
        (httpx.Response(404, json={"message": "Not Found"}), ApiRefused, "Not Found"),
        (httpx.Response(502, text="<html>"), ApiRefused, "the API answered 502"),
        (httpx.Response(401, json={"message": "Unauthorized"}), NotSignedIn, "login"),
    ],
)
def test_a_refusal_is_told_in_its_own_words(tmp_path, answer, error, says):
    with pytest.raises(error, match=says):
        api(tmp_path, lambda _: answer).post("/v1/threads/t/approve", {})


def test_no_answer_is_said_as_such(tmp_path):
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ApiUnreachable, match=r"https://api\.example does not answer"):
        api(tmp_path, gone).get("/v1/threads")


def test_after_the_shift_one_signs_in_again(tmp_path):
    one = api(tmp_path, lambda _: httpx.Response(400, json={"error": "invalid_grant"}), expires_at=NOW)
    with pytest.raises(NotSignedIn, match="the session has ended"):
        one.get("/v1/threads")


def test_every_error_of_the_room_is_one_line_at_the_command_line():
    assert all(
        issubclass(e, SkyMarshalError) for e in (ApiRefused, ApiUnreachable, NotSignedIn, SignInFailed)
    )
