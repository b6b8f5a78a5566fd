"""A client of the HTTP API for one signed-in user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from skymarshal.errors import SkyMarshalError
from skymarshal.remote.session import NotSignedIn, Session, SessionStore
from skymarshal.remote.sign_in import refreshed

__all__ = ["Api", "ApiRefused", "ApiUnreachable"]

_SECONDS: Final = 30.0
_SOON: Final = timedelta(minutes=2)
"""A token that expires within this is renewed first, so that it does not expire on the way."""


class ApiRefused(SkyMarshalError):
    """The API refused a request; the message is what it said.

    Attributes:
        status: HTTP status of the answer.
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)


class ApiUnreachable(SkyMarshalError):
    """The API did not answer. A decision that was sent may stand: look before you repeat it."""


class Api:
    """The API as the signed-in user reaches it."""

    def __init__(
        self,
        store: SessionStore,
        *,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._transport = transport
        self._session = store.load()
        self._http = httpx.Client(base_url=self._session.api_url, timeout=_SECONDS, transport=transport)

    @property
    def session(self) -> Session:
        """Who is signed in."""
        return self._session

    def get(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401 the API's JSON
        """Return what a GET answers.

        Raises:
            ApiRefused: The answer is a refusal.
            ApiUnreachable: There is none.
            NotSignedIn: The session has ended.
        """
        return self._ask("GET", path, params=parameters)

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 the API's JSON
        """Return what a POST answers; raises as `get` does."""
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **given: Any) -> Any:  # noqa: ANN401 httpx's own arguments
        if self._session.expires_at - self._now() < _SOON:
            self._session = refreshed(self._session, now=self._now, transport=self._transport)
            self._store.keep(self._session)
        headers = {"authorization": f"Bearer {self._session.id_token}"}
        try:
            answer = self._http.request(method, path, headers=headers, **given)
        except httpx.HTTPError as error:
            raise ApiUnreachable(f"{self._session.api_url} does not answer: {error}") from None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise NotSignedIn("the API does not take the session: `skymarshal login` again")
        if not answer.is_success:
            raise ApiRefused(answer.status_code, _detail(answer))
        return _json(answer)


def _detail(answer: httpx.Response) -> str:
    """Return what a refusal says: ours says `detail`, the gateway's own `message`."""
    said = _json(answer)
    if isinstance(said, dict):
        for name in ("detail", "message"):
            if isinstance(said.get(name), str):
                return str(said[name])
    return f"the API answered {answer.status_code}"


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401 the API's JSON
    try:
        return answer.json()
    except ValueError:
        return None
