"""Who has no fit token finds every operation of the API closed; the tokens are really signed."""

from __future__ import annotations

from http import HTTPMethod

import pytest

from local.portal import Portal
from local.unfit_tokens import unfit_tokens
from skymarshal.http_api import OPERATIONS

pytestmark = pytest.mark.embedded_aws

CLOSED = (401, 403)
PATHS = sorted({operation.path for operation in OPERATIONS.values()})
ADDRESSES = {operation.path: operation.address() for operation in OPERATIONS.values()}


def methods_of(path: str) -> set[HTTPMethod]:
    return {operation.method for operation in OPERATIONS.values() if operation.path == path}


@pytest.fixture(scope="module")
def intruders(system) -> dict[str, Portal]:
    url = system.aws.api_url(system.outputs["ApiId"])
    return {what: Portal(url, token) for what, token in unfit_tokens(system.aws).items()}


@pytest.mark.parametrize("path", PATHS)
def test_an_operation_is_closed_to_every_unfit_token_and_open_to_a_fit_one(
    intruders, duty_manager, path
) -> None:
    for method in sorted(methods_of(path)):
        public = next(o.public for o in OPERATIONS.values() if (o.method, o.path) == (method, path))
        assert duty_manager.request(method, ADDRESSES[path]).status_code not in CLOSED
        answers = {what: one.request(method, ADDRESSES[path]).status_code for what, one in intruders.items()}
        if public:
            assert set(answers.values()) == {200}
        else:
            assert {what: status for what, status in answers.items() if status not in CLOSED} == {}


@pytest.mark.parametrize("path", PATHS)
def test_what_is_no_operation_opens_to_nobody(intruders, duty_manager, path) -> None:
    for method in set(HTTPMethod) - methods_of(path) - {HTTPMethod.CONNECT, HTTPMethod.TRACE}:
        for who in (duty_manager, *intruders.values()):
            assert who.request(method, ADDRESSES[path]).status_code in (*CLOSED, 404)
