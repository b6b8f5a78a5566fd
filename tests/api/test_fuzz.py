"""Whatever is asked of the API, it answers as its document says, and only those who may."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.gateway import Gateway

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

schema = schemathesis.openapi.from_wsgi("/openapi.json", Gateway())


@pytest.fixture(scope="module")
def known(threads) -> list[str]:
    """Threads in every stage, of each several since requests change them."""
    return [
        *(threads.asked(f"asked-{number}") for number in range(4)),
        *(threads.begun(f"begun-{number}") for number in range(2)),
        *(threads.decided(f"decided-{number}") for number in range(2)),
    ]


@schema.parametrize()
@settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
def test_every_answer_is_as_the_document_says(case, known) -> None:
    place = len(repr(case.body)) + len(repr(case.query))
    if "thread_id" in (case.path_parameters or {}) and place % 3:
        case.path_parameters["thread_id"] = known[place % len(known)]
    case.call_and_validate(headers={"Authorization": "Bearer duty-manager"}, checks=CHECKS)
