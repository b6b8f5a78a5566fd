"""What became of a decision, told over the API and shown to whoever decides next."""

from __future__ import annotations

import msgspec
import pytest

from skymarshal.http_api import DecisionReport
from skymarshal.operations.airline import SCENARIOS
from tests.end_to_end.steps import approval_of, ended, event, record_of

pytestmark = pytest.mark.embedded_aws


def test_an_outcome_is_kept_beside_the_record_and_serves_as_precedent(
    system, duty_manager, observer, today
) -> None:
    name = next(iter(SCENARIOS))
    detail = event(today, name, "with-outcome")
    thread_id = system.publish(detail)
    approval_of(system, duty_manager, thread_id)
    outcome = f"/v1/threads/{thread_id}/outcome"
    told = {
        "status": "as_planned",
        "actual_delay_minutes": 95,
        "actual_cost_usd": 41000,
        "lessons": "It held.",
    }
    assert duty_manager.request("POST", outcome, told).status_code == 409
    assert observer.request("GET", f"/v1/threads/{thread_id}/report").status_code == 409
    duty_manager.post(f"/v1/threads/{thread_id}/approve", {"acknowledged_unverified": True})
    assert ended(system, detail["disruption_id"])["status"] == "SUCCEEDED"
    decided = record_of(system, duty_manager, thread_id)

    assert observer.request("POST", outcome, told).status_code == 403
    refused = duty_manager.request("POST", outcome, {"status": "fine"})
    assert (refused.status_code, "as_planned, partly, failed" in refused.json()["detail"]) == (400, True)
    kept = duty_manager.request("POST", outcome, told)
    assert kept.status_code == 201
    assert kept.json()["name"].startswith("outcomes/")
    assert record_of(system, duty_manager, thread_id) == decided

    report = msgspec.json.decode(observer.report(thread_id, "json"), type=DecisionReport)
    assert report.record == decided
    assert [one.lessons for one in report.outcomes] == ["It held."]
    assert b"It held." in observer.report(thread_id, "markdown")
    printed = observer.report(thread_id, "pdf")
    assert (printed[:5], printed.rstrip()[-5:]) == (b"%PDF-", b"%%EOF")

    later = system.publish(event(today, name, "after-outcome"))
    precedent = approval_of(system, duty_manager, later)["arbitration"]["precedent"]
    known = [one for one in precedent["decisions"] if one["observed"] is not None]
    assert [one["observed"]["lessons"] for one in known] == ["It held."]
    assert sum(choice["succeeded"] for choice in precedent["choices"]) == 1
