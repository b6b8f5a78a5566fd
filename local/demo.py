"""`make demo`: one disruption through the deployed system, from the event to the decision record.

SCENARIO=name   one of the shipped disruptions
EVENT=file      an event of one's own, the JSON of its detail
YES=1           approve the recommended solution without asking
KEEP=1          leave the embedded AWS up
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.status import Status
from rich.table import Table

from layers.build import LayerBuildFailed
from local.assembly import SynthesisFailed
from local.deployment import DeploymentFailed
from local.embedded import EmbeddedAwsFailed
from local.leash import end_with_parent
from local.portal import Portal, PortalError
from local.system import StillRunning, System, running_system
from local.usage import transitions, usage_of
from skymarshal.cli import render
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.disruption import Disruption
from skymarshal.intake import SAMPLE_AHEAD, InvalidDisruption, parse_event
from skymarshal.operations import DynamoDBTables, Operations
from skymarshal.operations.airline import SCENARIOS, scenario_event
from skymarshal.operations.errors import UnknownScenarioError

__all__ = ["main"]

APPROVER: Final = "duty.manager@skymarshal.example"

_FAILURES: Final = (
    DeploymentFailed,
    EmbeddedAwsFailed,
    LayerBuildFailed,
    PortalError,
    StillRunning,
    SynthesisFailed,
)
_APPROVAL_SECONDS: Final = 90.0
_END_SECONDS: Final = 60.0


class DemoFailed(Exception):
    """A step of the demo failed; the message says which, and where its log is."""


def main() -> int:
    """Run the demo as the environment asks, and return the exit status."""
    end_with_parent()
    console = render.console()
    today = datetime.now(UTC).date()
    try:
        event = _chosen_event(today)
        return _run(console, event, today)
    except (InvalidDisruption, UnknownScenarioError, OSError, json.JSONDecodeError) as error:
        console.print(f"demo: {error}", style="red", markup=False)
        return 2
    except (DemoFailed, *_FAILURES) as error:
        console.print(f"demo failed: {error}", style="red", markup=False)
        return 1


def _chosen_event(today: date) -> dict[str, Any]:
    if path := os.environ.get("EVENT"):
        detail = json.loads(Path(path).read_text())
        return detail if isinstance(detail, dict) else {"detail": detail}
    return scenario_event(os.environ.get("SCENARIO") or next(iter(SCENARIOS)), today)


def _run(console: Console, event: Mapping[str, Any], today: date) -> int:
    began = time.monotonic()
    with console.status("") as status:

        def report(step: str) -> None:
            status.update(f"{step} ...")
            if not console.is_terminal:
                console.print(f"[{time.monotonic() - began:5.1f} s] {step}", markup=False)

        with running_system(today, report) as system:
            report("publishing the event on the bus")
            disruption, flight_line = _read(system, event)
            status.stop()
            render.show_disruption(console, disruption, flight_line)
            status.start()
            published = time.monotonic()
            thread_id = system.publish(event)
            portal = system.portal(APPROVER, "duty-manager")
            _follow(console, status, system, portal, thread_id, published)
            status.stop()
            decision = _decide(console, portal, thread_id)
            execution = system.wait("the end of the execution", lambda: _ended(system, event), _END_SECONDS)
            if execution["status"] != "SUCCEEDED":
                raise DemoFailed(
                    f"the execution ended as {execution['status']}: {execution.get('error')}"
                    f" {execution.get('cause')}. Logs: {system.aws.logs}"
                )
            _show_record(console, system, portal, thread_id, decision, str(event["disruption_id"]))
            if os.environ.get("KEEP"):
                _keep(console, system)
    console.print(f"\nThe whole demo took {time.monotonic() - began:.1f} s.")
    return 0


def _read(system: System, event: Mapping[str, Any]) -> tuple[Disruption, Any]:
    """Return the event as intake will read it; what it would refuse is refused here in the same words."""
    operations = Operations(DynamoDBTables(system.client("dynamodb"), "SkyMarshal-"))
    disruption = parse_event(event, operations, datetime.now(UTC), most_ahead=SAMPLE_AHEAD)
    return disruption, operations.flight(disruption.flight_id)


def _follow(
    console: Console, status: Status, system: System, portal: Portal, thread_id: str, published: float
) -> None:
    shown: set[tuple[str, str]] = set()

    def pending() -> bool:
        answer = portal.request("GET", f"/v1/threads/{thread_id}/history")
        if answer.status_code != 200:
            return False
        history = answer.json()
        for run in sorted(history["runs"], key=lambda run: run["ended_at"] or ""):
            key = (run["phase"], run["agent"])
            if run["state"] == "completed" and key not in shown:
                shown.add(key)
                console.print(
                    render.agent_line(
                        run["phase"], run["agent"], run["verdict"], run["confidence"], run["headline"]
                    )
                )
        thread = history["thread"]
        if thread["status"] == "failed":
            raise DemoFailed(f"the thread failed: {thread.get('error')}. Logs: {system.aws.logs}")
        status.update(f"{thread.get('phase', 'accepted')} ...")
        return bool(thread["status"] == "awaiting_approval")

    console.print(f"\nThread {thread_id}")
    system.wait("the request for approval", pending, _APPROVAL_SECONDS)
    console.print(f"From the event to the request for approval: {time.monotonic() - published:.1f} s")


def _decide(console: Console, portal: Portal, thread_id: str) -> Mapping[str, Any]:
    view = portal.get(f"/v1/threads/{thread_id}/approval")
    arbitration = msgspec.convert(view["arbitration"], Arbitration)
    render.show_arbitration(console, arbitration)
    body: dict[str, Any] = {"acknowledged_unverified": bool(os.environ.get("ACKNOWLEDGE_UNVERIFIED"))}
    if os.environ.get("YES") or not sys.stdin.isatty():
        console.print(f"\nApproving the recommended solution as {APPROVER}.")
        return _answered(portal.post(f"/v1/threads/{thread_id}/approve", body))
    offered = [solution.solution_id for solution in arbitration.solutions]
    console.print(f"\nDecide until {view['deadline']}: a solution ({', '.join(offered)}), or r to reject.")
    choice = Prompt.ask("Decision", choices=[*offered, "r"], default=arbitration.recommended)
    if choice == "r":
        reason = Prompt.ask("Reason")
        return _answered(portal.post(f"/v1/threads/{thread_id}/reject", {"reason": reason}))
    if not arbitration.rule_profile_verified and not body["acknowledged_unverified"]:
        body["acknowledged_unverified"] = Confirm.ask(render.UNVERIFIED.format(arbitration.rule_profile))
    return _answered(portal.post(f"/v1/threads/{thread_id}/approve", {**body, "solution_id": choice}))


def _answered(answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 the API's JSON
    if not answer["flow_resumed"]:
        raise DemoFailed("the decision is recorded, and no execution was waiting for it")
    decision: Mapping[str, Any] = answer
    return decision


def _ended(system: System, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    execution = system.execution(str(event["disruption_id"]))
    return None if execution["status"] == "RUNNING" else execution


def _show_record(
    console: Console,
    system: System,
    portal: Portal,
    thread_id: str,
    decision: Mapping[str, Any],
    disruption_id: str,
) -> None:
    view = portal.get(f"/v1/threads/{thread_id}/approval")
    arbitration = msgspec.convert(view["arbitration"], Arbitration)
    render.show_decision(
        console, arbitration, decision["outcome"], decision["approver"], decision["solution_id"]
    )
    history = portal.get(f"/v1/threads/{thread_id}/history")
    console.print(_checkpoints(history))
    usage = usage_of(system.aws.logs / "functions", thread_id)
    events = system.client("stepfunctions").get_execution_history(
        executionArn=system.execution(disruption_id)["executionArn"], maxResults=1000
    )["events"]
    outside, inside = transitions(
        events, len([run for run in history["runs"] if run["agent"] != "arbitrator"])
    )
    calls = ", ".join(f"{count} {service}" for service, count in sorted(usage.calls.items()))
    console.print(f"Thread {thread_id}: {history['thread']['status']}, {history['thread'].get('outcome')}")
    console.print(f"Record s3://{system.outputs['BucketName']}/{history['thread'].get('record')}")
    report = system.aws.logs / "decision.pdf"
    report.write_bytes(portal.report(thread_id, "pdf"))
    console.print(f"Report {report}", markup=False)
    console.print(
        f"Cost: {usage.invocations} invocations; calls: {calls}; {usage.write_units:.0f} write units,"
        f" {usage.read_units:.1f} read units as the embedded AWS reports them;"
        f" {outside} state transitions and {inside} inside the maps."
    )


def _checkpoints(history: Mapping[str, Any]) -> Table:
    table = Table(title="Checkpoints", title_justify="left", box=None, pad_edge=False)
    for heading in ("time", "phase", "agent", "status"):
        table.add_column(heading)
    table.add_column("bytes", justify="right")
    for entry in history["checkpoints"]:
        table.add_row(
            entry["time"][11:23],
            entry["phase"] or "-",
            entry["agent"] or "-",
            entry["stage"] or "input",
            str(entry["size"] or "-"),
        )
    return table


def _keep(console: Console, system: System) -> None:
    system.aws.keep()
    console.print(
        f"\nThe embedded AWS stays up as process {system.aws.pid}; end it with: kill {system.aws.pid}"
    )
    for name, value in system.aws.environment.items():
        console.print(f"export {name}={value}", markup=False)
    console.print(f"API: {system.aws.api_url(system.outputs['ApiId'])}", markup=False)
    for name, value in sorted(system.outputs.items()):
        # What one stack takes from another is of no use to a person.
        if not name.startswith("ExportsOutput"):
            console.print(f"{name}: {value}", markup=False, soft_wrap=True)
    console.print(
        f"Sign-in pages, in place of SignInUrl: {system.aws.connection['endpoint_url']}", soft_wrap=True
    )


if __name__ == "__main__":
    sys.exit(main())
