"""`skymarshal run`: one disruption through the same graph and agents in this process, without AWS."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from skymarshal.cli.times import day, instant
from skymarshal.contracts import RULE_PROFILES
from skymarshal.errors import SkyMarshalError
from skymarshal.json_input import UnreadableJson, read_json

if TYPE_CHECKING:
    from rich.console import Console

    from skymarshal.domain.arbitration import Arbitration
    from skymarshal.domain.decision import Decision

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["SAMPLE_SEED", "add_run_command"]

SAMPLE_SEED: Final = 20_260_205
"""The seed of the sample airline that the command line, the demo and the tests share."""


class UnreadableEvent(SkyMarshalError):
    """The file named by --event is no event."""


def add_run_command(subparsers: _Subparsers) -> None:
    """Add `run` to the command line."""
    run = subparsers.add_parser(
        "run",
        help="take one disruption of the sample airline from its report to the decision, in this process",
        epilog='Example: skymarshal run "Flight EY283 tomorrow has a hydraulic leak, two hours to fix"',
    )
    what = run.add_mutually_exclusive_group(required=True)
    what.add_argument("text", nargs="?", help="the disruption in words")
    what.add_argument("--event", metavar="FILE", help="the disruption as JSON; - reads standard input")
    what.add_argument("--scenario", metavar="NAME", help="a shipped disruption")
    run.add_argument("--today", type=day, help="the day around which the sample airline flies (UTC)")
    run.add_argument("--now", type=instant, help="when the report came in; by default now")
    run.add_argument("--yes", action="store_true", help="approve the recommended solution without asking")
    run.add_argument(
        "--rules",
        choices=RULE_PROFILES,
        help="whose flight time limitations hold; by default RULE_PROFILE, or EASA",
    )
    run.add_argument(
        "--acknowledge-unverified",
        action="store_true",
        help="approve though the rules in force were not verified at their source",
    )
    run.add_argument("--json", action="store_true", help="print the decision record alone, as JSON")
    run.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from skymarshal.checkpoints import CheckpointSaver, MemoryStore
    from skymarshal.cli import render
    from skymarshal.intake import SAMPLE_AHEAD, parse_event
    from skymarshal.operations import InMemoryTables, Operations
    from skymarshal.operations.airline import generate
    from skymarshal.orchestration.records import MemoryDecisionRecords
    from skymarshal.orchestration.runner import InProcessRunner
    from skymarshal.ports import system_clock
    from skymarshal.settings import Settings

    now: datetime = chosen.now or system_clock()
    today: date = chosen.today or now.date()
    tables = InMemoryTables(generate("small", today, Random(SAMPLE_SEED)))  # noqa: S311 a sample
    operations = Operations(tables)
    disruption = parse_event(_event(chosen, today, now), operations, now, most_ahead=SAMPLE_AHEAD)
    flight = operations.flight(disruption.flight_id)
    console = render.console(stderr=chosen.json)
    if flight is not None:
        render.show_disruption(console, disruption, flight)
    settings = Settings.from_environment()
    runner = InProcessRunner(
        rule_profile=chosen.rules or settings.rule_profile,
        saver=CheckpointSaver(MemoryStore(), clock=system_clock),
        tables=tables,
        clock=system_clock,
        records=MemoryDecisionRecords(),
        on_finding=lambda finding: console.print(
            render.agent_line(
                finding["phase"],
                finding["agent"],
                finding["verdict"],
                finding["confidence"],
                finding["headline"],
            )
        ),
    )
    record = runner.run(
        disruption,
        lambda offered: _decide(
            console, offered, ask=_asks(chosen), acknowledged=chosen.acknowledge_unverified
        ),
    )
    render.show_decision(
        console,
        record.arbitration,
        record.decision.outcome,
        record.decision.approver,
        record.decision.solution_id,
    )
    if chosen.json:
        import msgspec

        sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
    return 0


def _event(chosen: argparse.Namespace, today: date, now: datetime) -> Mapping[str, Any]:
    if chosen.scenario:
        from skymarshal.operations.airline import scenario_event

        return scenario_event(chosen.scenario, today)
    if chosen.event:
        try:
            text = sys.stdin.read() if chosen.event == "-" else Path(chosen.event).read_text()
            event: Mapping[str, Any] = read_json(text)
        except OSError as error:
            raise UnreadableEvent(f"--event {chosen.event}: {error.strerror}") from None
        except (UnreadableJson, UnicodeError) as error:
            raise UnreadableEvent(f"--event {chosen.event}: {error}") from None
        return event
    return {"disruption_id": f"cli-{now:%Y%m%dT%H%M%S%f}", "text": chosen.text}


def _asks(chosen: argparse.Namespace) -> bool:
    return not (chosen.yes or chosen.json) and sys.stdin.isatty()


def _decide(console: Console, arbitration: Arbitration, *, ask: bool, acknowledged: bool) -> Decision:
    import getpass

    from rich.prompt import Confirm, Prompt

    from skymarshal.cli import render
    from skymarshal.domain.decision import Decision, DecisionOutcome
    from skymarshal.ports import system_clock

    render.show_arbitration(console, arbitration)
    offered = [solution.solution_id for solution in arbitration.solutions]
    choice, reason, outcome = arbitration.recommended, "", DecisionOutcome.APPROVED
    if ask:
        choice = Prompt.ask(
            "\nDecision: a solution, or r to reject", choices=[*offered, "r"], default=choice, console=console
        )
    if choice == "r":
        reason, outcome = Prompt.ask("Reason", console=console), DecisionOutcome.REJECTED
    elif choice != arbitration.recommended:
        outcome = DecisionOutcome.SELECTED
    if ask and choice != "r" and not arbitration.rule_profile_verified and not acknowledged:
        acknowledged = Confirm.ask(render.UNVERIFIED.format(arbitration.rule_profile), console=console)
    return Decision(
        outcome=outcome,
        approver=getpass.getuser(),
        role="duty-manager",
        decided_at=system_clock(),
        solution_id=None if choice == "r" else choice,
        reason=reason,
        acknowledged_unverified=acknowledged and not arbitration.rule_profile_verified,
    )
