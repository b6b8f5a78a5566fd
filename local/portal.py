"""A client of the deployed API, as the ops portal would be one: it signs in, reads threads and decides."""

from __future__ import annotations

from typing import Any, Final

import boto3
import httpx

from local.embedded import EmbeddedAws
from local.users import sign_in

__all__ = ["Portal", "PortalError"]

_SECONDS: Final = 60.0


class PortalError(Exception):
    """The API refused a request; the message holds its answer."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        )


class Portal:
    """One signed-in user of the API."""

    def __init__(self, url: str, token: str | None) -> None:
        self.token = token
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_SECONDS, trust_env=False)

    @classmethod
    def sign_in(cls, aws: EmbeddedAws, user: str, group: str | None) -> Portal:
        """Return a portal for `user`, who is created as a member of `group` where need be."""
        outputs = aws.stacks["SkyMarshalApi"].outputs
        cognito = boto3.client("cognito-idp", **aws.connection)
        tokens = sign_in(cognito, outputs["UserPoolId"], outputs["UserPoolClientId"], user, group)
        return cls(aws.api_url(outputs["ApiId"]), tokens.id)

    def request(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Return whatever the API answers."""
        return self._http.request(method, path, json=body)

    def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 the API's JSON
        """Return the JSON that a GET answers.

        Raises:
            PortalError: the answer is not a success.
        """
        return _json(self._http.get(path, params=parameters))

    def report(self, thread_id: str, form: str) -> bytes:
        """Return the report on a thread's decision: json, markdown or pdf.

        Raises:
            PortalError: the answer is not a success.
        """
        response = self._http.get(f"/v1/threads/{thread_id}/report", params={"format": form})
        if not response.is_success:
            raise PortalError(response)
        return response.content

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 the API's JSON
        """Return the JSON that a POST answers.

        Raises:
            PortalError: the answer is not a success.
        """
        return _json(self._http.post(path, json=body))


def _json(response: httpx.Response) -> Any:  # noqa: ANN401 the API's JSON
    if not response.is_success:
        raise PortalError(response)
    return response.json()
