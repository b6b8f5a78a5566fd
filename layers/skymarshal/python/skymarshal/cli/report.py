"""`skymarshal report` and `skymarshal outcome`: a decision on paper, and what became of it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from skymarshal.domain.decision import DecisionRecord, ObservedOutcome
    from skymarshal.orchestration.outcomes import Outcomes

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_outcome_command", "add_report_command"]

_FORMATS: Final = ("json", "markdown", "pdf")
_STATUSES: Final = ("as_planned", "partly", "failed")


class UnreadableRecord(SkyMarshalError):
    """The file is no decision record."""


def add_report_command(subparsers: _Subparsers) -> None:
    """Add `report` to the command line."""
    report = subparsers.add_parser(
        "report",
        help="render a decision record as JSON, Markdown or PDF, with what became of it",
        epilog="Example: skymarshal run --scenario fog --yes --json > fog.json && "
        "skymarshal report fog.json --format pdf --out fog.pdf",
    )
    which = _add_record(report)
    which.add_argument(
        "--decision",
        metavar="DAY/ID",
        type=_decision,
        help="a decision by its day (UTC) and disruption, whose thread may be gone: 2026-02-05/fog",
    )
    report.add_argument("--format", choices=_FORMATS, default="markdown", help="default: markdown")
    report.add_argument("--out", metavar="FILE", type=Path, help="default: standard output")
    report.set_defaults(run=_report)


def add_outcome_command(subparsers: _Subparsers) -> None:
    """Add `outcome` to the command line."""
    outcome = subparsers.add_parser(
        "outcome",
        help="add what became of a decision, beside its record, which stays as it is",
        epilog="Example: skymarshal outcome fog.json --status as_planned --delay-minutes 380 "
        '--cost-usd 41000 --lessons "The fog lifted an hour late"',
    )
    _add_record(outcome)
    outcome.add_argument("--status", choices=_STATUSES, required=True)
    outcome.add_argument("--delay-minutes", type=int, help="actual delay of the departure")
    outcome.add_argument("--cost-usd", help="actual cost")
    outcome.add_argument("--lessons", default="", help="what the next one should know")
    outcome.add_argument("--by", default=getpass.getuser(), help="who tells it; by default you")
    outcome.set_defaults(run=_outcome)


def _add_record(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("record", nargs="?", type=Path, metavar="RECORD.json", help="a decision record")
    which.add_argument("--thread", metavar="ID", help="the thread, where CHECKPOINT_MODE is production")
    return which


def _decision(text: str) -> tuple[date, str]:
    day, _, disruption_id = text.partition("/")
    try:
        return date.fromisoformat(day), disruption_id
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected a day and a disruption, 2026-02-05/fog"
        ) from None


def _report(chosen: argparse.Namespace) -> int:
    from skymarshal.reports import ReportFormat, render

    record, outcomes = _asked_for(chosen)
    content = render(record, outcomes, ReportFormat(chosen.format))
    if chosen.out:
        chosen.out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
    return 0


def _asked_for(chosen: argparse.Namespace) -> tuple[DecisionRecord, Sequence[ObservedOutcome]]:
    if chosen.decision:
        return _outcomes().of_decision(*chosen.decision)
    return _outcomes().of(chosen.thread) if chosen.thread else _read(chosen.record)


def _outcome(chosen: argparse.Namespace) -> int:
    import msgspec

    from skymarshal.orchestration.outcomes import observed_outcome
    from skymarshal.ports import system_clock

    report = {
        "status": chosen.status,
        "actual_delay_minutes": chosen.delay_minutes,
        "actual_cost_usd": chosen.cost_usd,
        "lessons": chosen.lessons,
    }
    observed = observed_outcome(report, recorded_at=system_clock(), recorded_by=chosen.by)
    if chosen.thread:
        print(_outcomes().add(chosen.thread, observed).name)
        return 0
    _read(chosen.record)
    beside = _folder(chosen.record) / f"{observed.recorded_at:%Y%m%dT%H%M%S%fZ}.json"
    beside.parent.mkdir(exist_ok=True)
    beside.write_bytes(msgspec.json.encode(observed))
    print(beside)
    return 0


def _read(path: Path) -> tuple[DecisionRecord, Sequence[ObservedOutcome]]:
    import msgspec

    from skymarshal.domain.decision import DecisionRecord, ObservedOutcome

    try:
        record = msgspec.json.decode(path.read_bytes(), type=DecisionRecord)
        beside = [one.read_bytes() for one in sorted(_folder(path).glob("*.json"))]
        return record, [msgspec.json.decode(one, type=ObservedOutcome) for one in beside]
    except OSError as error:
        raise UnreadableRecord(f"{path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise UnreadableRecord(f"{path} is no decision record: {error}") from None


def _folder(record: Path) -> Path:
    """Return where the outcomes of a record in a file lie: fog.json has them in fog.outcomes."""
    return record.with_suffix(".outcomes")


def _outcomes() -> Outcomes:
    from skymarshal import aws
    from skymarshal.checkpoints import ThreadManager, open_store
    from skymarshal.knowledge import DynamoDBPrecedents
    from skymarshal.orchestration.outcomes import Outcomes
    from skymarshal.orchestration.records import S3DecisionRecords
    from skymarshal.ports import system_clock
    from skymarshal.settings import CheckpointMode, Settings, SettingsError

    settings = Settings.from_environment()
    store, bucket = open_store(settings), settings.checkpoint_bucket_name
    if settings.checkpoint_mode is not CheckpointMode.PRODUCTION or store is None or bucket is None:
        raise SettingsError(f"CHECKPOINT_MODE is {settings.checkpoint_mode}; a thread is kept in production")
    return Outcomes(
        ThreadManager(store, system_clock),
        S3DecisionRecords(aws.records_client(), bucket),
        DynamoDBPrecedents(aws.operations_client(), settings.checkpoint_table_name),
    )
