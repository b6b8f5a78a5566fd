"""`skymarshal approval`, `approve`, `reject`, `override` and `report-disruption`, over the API."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from skymarshal.errors import SkyMarshalError
from skymarshal.json_input import UnreadableJson, read_json

if TYPE_CHECKING:
    from skymarshal.remote import Api

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_decide_commands", "list_threads", "minute"]


class NotReported(SkyMarshalError):
    """A report lacks what it needs, or its file can't be read."""


_NEEDS = "Needs a session: `skymarshal login`."


def add_decide_commands(subparsers: _Subparsers) -> None:
    """Add the commands of a signed-in user to the command line."""
    report = _command(subparsers, "report-disruption", "report a disruption", _report)
    given = report.add_mutually_exclusive_group(required=True)
    given.add_argument("--text", help='"Flight EY283 tomorrow has a hydraulic leak, two hours to fix"')
    given.add_argument("--event", metavar="FILE", help="a file with the JSON of an event's detail")
    report.add_argument("--id", metavar="ID", help="its own id, such as TECH-0042; needed with --text")

    approval = _command(subparsers, "approval", "what is to be decided on a thread", _approval)
    approval.add_argument("thread_id", metavar="THREAD")
    approval.add_argument("--json", action="store_true", help="print the API's JSON")

    approve = _command(subparsers, "approve", "approve a solution, by default the recommended one", _approve)
    approve.add_argument("thread_id", metavar="THREAD")
    approve.add_argument("--solution", metavar="ID", help="another solution than the recommended one")
    approve.add_argument("--comment", default=None, help="kept in the record")
    approve.add_argument(
        "--acknowledge-unverified",
        action="store_true",
        help="say that you know that the flight time rules in force were not checked against their source",
    )

    reject = _command(subparsers, "reject", "reject every solution", _reject)
    reject.add_argument("thread_id", metavar="THREAD")
    reject.add_argument("--reason", required=True, help="kept in the record")

    override = _command(subparsers, "override", "decide for something else", _override)
    override.add_argument("thread_id", metavar="THREAD")
    override.add_argument("--instruction", required=True, help="what is done instead")
    override.add_argument("--reason", required=True, help="kept in the record")


def list_threads(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return one page of threads as the API lists them."""
    given: dict[str, str | int] = {"limit": chosen.limit}
    given |= {name: value for name in ("status", "cursor") if (value := getattr(chosen, name)) is not None}
    page: dict[str, Any] = _api().get("/v1/threads", **given)
    return page


def _command(subparsers: _Subparsers, name: str, about: str, run: Any) -> argparse.ArgumentParser:  # noqa: ANN401
    command = subparsers.add_parser(
        name, help=about, description=about[0].upper() + about[1:] + ".", epilog=_NEEDS
    )
    command.set_defaults(run=run)
    return command


def _report(chosen: argparse.Namespace) -> int:
    answer = _api().post("/v1/disruptions", _event(chosen))
    # A flight that the schedule does not know is refused later, by intake, which alone reads the schedule.
    sys.stdout.write(
        f"Reported. Thread {answer['thread_id']}\n"
        "If `skymarshal threads` does not list it within a minute, an operator's `skymarshal redrive --list` "
        "says why.\n"
    )
    return 0


def _event(chosen: argparse.Namespace) -> dict[str, object]:
    named = {} if chosen.id is None else {"disruption_id": chosen.id}
    if chosen.event is None:
        if not named:
            raise NotReported("--id is missing: it tells a repeated report from a new disruption")
        return {**named, "text": chosen.text}
    try:
        detail = read_json(Path(chosen.event).read_bytes())
    except (OSError, UnreadableJson) as error:
        raise NotReported(f"{chosen.event} can't be read as JSON: {error}") from None
    if not isinstance(detail, dict):
        raise NotReported(f"{chosen.event} holds a {type(detail).__name__}; expected a JSON object")
    return {**detail, **named}


def _approval(chosen: argparse.Namespace) -> int:
    view = _api().get(_path(chosen, "approval"))
    if chosen.json:
        sys.stdout.write(json.dumps(view, indent=2, ensure_ascii=False) + "\n")
        return 0
    import msgspec

    from skymarshal.cli import render
    from skymarshal.domain.arbitration import Arbitration

    console = render.console()
    arbitration = msgspec.convert(view["arbitration"], Arbitration)
    console.print(f"{arbitration.flight_id}, disruption {arbitration.disruption_id}", markup=False)
    render.show_arbitration(console, arbitration)
    decision = view.get("decision")
    if decision is not None:
        console.print(f"\nDecided: {decision['outcome']} by {decision['approver']}.", markup=False)
    elif view.get("deadline"):
        console.print(f"\nTo be decided until {minute(view['deadline'])}.", markup=False)
    return 0


def _approve(chosen: argparse.Namespace) -> int:
    body: dict[str, object] = {"acknowledged_unverified": chosen.acknowledge_unverified}
    if chosen.solution is not None:
        body["solution_id"] = chosen.solution
    if chosen.comment is not None:
        body["comment"] = chosen.comment
    return _decided(_api().post(_path(chosen, "approve"), body))


def _reject(chosen: argparse.Namespace) -> int:
    return _decided(_api().post(_path(chosen, "reject"), {"reason": chosen.reason}))


def _override(chosen: argparse.Namespace) -> int:
    body = {"instruction": chosen.instruction, "reason": chosen.reason}
    return _decided(_api().post(_path(chosen, "override"), body))


def _decided(receipt: dict[str, Any]) -> int:
    solution = f" {receipt['solution_id']}" if receipt.get("solution_id") else ""
    said = f"{receipt['outcome'].capitalize()}{solution} by {receipt['approver']}"
    sys.stdout.write(f"{said} at {minute(receipt['decided_at'])}\n")
    if not receipt["flow_resumed"]:
        sys.stdout.write(_without_a_flow(_api().get(f"/v1/threads/{quote(receipt['thread_id'], safe='')}")))
    return 0


def _without_a_flow(thread: dict[str, Any]) -> str:
    if thread["status"] in {"completed", "rejected"}:
        return "It was decided so before, and the thread has ended: nothing is left to do.\n"
    return "The decision stands, but no flow goes on with it yet: tell whoever is on call.\n"


def minute(instant: str) -> str:
    """Return an instant of the API's JSON (UTC) to the minute, as controllers write it."""
    return f"{instant[:10]} {instant[11:16]}Z"


def _path(chosen: argparse.Namespace, verb: str) -> str:
    return f"/v1/threads/{quote(chosen.thread_id, safe='')}/{verb}"


def _api() -> Api:
    from skymarshal.ports import system_clock
    from skymarshal.remote import Api, SessionStore

    return Api(SessionStore(), now=system_clock)
