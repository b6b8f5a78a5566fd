"""What a client of the deployed system does, and what it compares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.decision import Decision, DecisionOutcome, DecisionRecord
from skymarshal.operations.airline import scenario_event
from skymarshal.ports import system_clock


def approval_of(system, portal, thread_id):
    def pending():
        thread = portal.request("GET", f"/v1/threads/{thread_id}")
        if thread.status_code != 200:
            return None
        assert thread.json()["status"] != "failed", thread.json()
        return thread.json()["status"] == "awaiting_approval"

    system.wait(f"the approval of {thread_id}", pending)
    return portal.get(f"/v1/threads/{thread_id}/approval")


def ended(system, execution_name):
    def state():
        execution = system.execution(execution_name)
        return None if execution["status"] == "RUNNING" else execution

    return system.wait(f"the end of {execution_name}", state)


def event(today, name, disruption_id):
    return {**scenario_event(name, today), "disruption_id": disruption_id}


def record_of(system, portal, thread_id):
    name = portal.get(f"/v1/threads/{thread_id}")["record"]
    stored = system.client("s3").get_object(Bucket=system.outputs["BucketName"], Key=name)
    return msgspec.json.decode(stored["Body"].read(), type=DecisionRecord)


def without_times(record: DecisionRecord) -> DecisionRecord:
    """Return a record without what differs by when it was made, past decisions included."""
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    assessments = tuple(replace(each, started_at=epoch, duration=timedelta()) for each in record.assessments)
    decision = replace(record.decision, decided_at=epoch, approver="", role="")
    guidance = record.arbitration.knowledge.partition(";")[0]
    arbitration = replace(record.arbitration, precedent=None, knowledge=guidance)
    return replace(
        record, assessments=assessments, arbitration=arbitration, decision=decision, checkpoint_id=""
    )


def approve_recommended(arbitration: Arbitration) -> Decision:
    return Decision(
        outcome=DecisionOutcome.APPROVED,
        approver="tests",
        role="duty-manager",
        decided_at=system_clock(),
        solution_id=arbitration.recommended,
        acknowledged_unverified=True,
    )
