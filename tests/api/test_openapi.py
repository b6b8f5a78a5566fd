"""The published document is the API, and no change of it breaks a client unseen."""

from __future__ import annotations

import copy
import json

import pytest
from openapi_spec_validator import validate

from docs.openapi import DOCUMENT, breaking_changes, document


@pytest.fixture(scope="module")
def published() -> dict:
    return json.loads(DOCUMENT.read_text())


def test_the_document_is_valid(published) -> None:
    validate(published)


def test_nothing_that_a_client_relies_on_has_changed(published) -> None:
    assert breaking_changes(published, document()) == []


def test_the_document_is_current(published) -> None:
    assert published == document(), "run `make docs`"


APPROVE = "/v1/threads/{thread_id}/approve"
REPORT = "/v1/threads/{thread_id}/report"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["paths"].pop(APPROVE), "is gone"),
        (lambda d: d["paths"][APPROVE]["post"]["responses"].pop("200"), "no longer answers 200"),
        (
            lambda d: d["paths"][REPORT]["get"]["responses"]["200"]["content"].pop("application/pdf"),
            "no longer answers application/pdf with 200",
        ),
        (lambda d: d["components"]["schemas"]["ThreadView"]["properties"].pop("flight"), "flight is gone"),
        (
            lambda d: d["components"]["schemas"]["ThreadView"]["required"].remove("status"),
            "status may be missing now",
        ),
        (
            lambda d: d["components"]["schemas"]["RunView"]["properties"].update(attempt={"type": "string"}),
            "type integer became string",
        ),
        (
            lambda d: d["components"]["schemas"]["ApproveBody"].update(required=["comment"]),
            "comment is required now",
        ),
        (
            lambda d: d["components"]["schemas"]["ApproveBody"]["properties"].pop("comment"),
            "comment is gone",
        ),
        (
            lambda d: d["components"]["schemas"]["ObservedStatus"]["enum"].remove("partly"),
            "'partly' is gone",
        ),
        (lambda d: d["paths"]["/v1/threads"]["get"].update(parameters=[]), "query parameter status is gone"),
        (
            lambda d: d["paths"]["/v1/threads"]["get"]["parameters"][1].update(required=True),
            "flight is required now",
        ),
    ],
)
def test_a_change_that_breaks_a_client_is_found(published, change, said) -> None:
    changed = copy.deepcopy(published)
    change(changed)
    assert any(said in line for line in breaking_changes(published, changed))


def test_what_is_added_breaks_nobody(published) -> None:
    changed = copy.deepcopy(published)
    schemas = changed["components"]["schemas"]
    schemas["ThreadView"]["properties"]["priority"] = {"type": "integer"}
    schemas["ApproveBody"]["properties"]["priority"] = {"type": "integer"}
    changed["paths"]["/v1/new"] = copy.deepcopy(changed["paths"]["/v1/health"])
    assert breaking_changes(published, changed) == []
