"""`skymarshal threads`, `history`, `show`, `verify` and `prune`: what the checkpoint store holds."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from skymarshal.checkpoints import CheckpointSaver, HistoryEntry, Thread, ThreadManager

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_thread_commands"]

_DAMAGED: Final = 1
_STATUSES: Final = ("active", "awaiting_approval", "completed", "failed", "rejected", "expired")
_NEEDS: Final = "Needs CHECKPOINT_MODE=production with CHECKPOINT_TABLE_NAME and CHECKPOINT_S3_BUCKET."


class NothingToRead(SkyMarshalError):
    """The environment names no store whose contents outlive a process."""


def add_thread_commands(subparsers: _Subparsers) -> None:
    """Add the commands that read and tidy the checkpoint store."""
    threads = _command(subparsers, "threads", "list threads of a status, newest first", _threads)
    threads.epilog = (
        "With CHECKPOINT_MODE=production it reads the checkpoint store (a status, by default active); "
        "else it asks the API and needs a session (`skymarshal login`; by default every status)."
    )
    threads.add_argument("--status", choices=_STATUSES)
    threads.add_argument("--limit", type=int, default=25, metavar="N")
    threads.add_argument("--cursor", help="go on from where the last page ended")

    history = _command(subparsers, "history", "what happened on a thread, in order", _history)
    history.add_argument("thread_id", metavar="THREAD")
    history.add_argument("--phase", help="only this phase")
    history.add_argument("--agent", help="only this agent")

    show = _command(subparsers, "show", "a thread as it stands", _show)
    show.add_argument("thread_id", metavar="THREAD")

    verify = _command(subparsers, "verify", "prove that nothing on a thread was altered", _verify)
    verify.add_argument("thread_id", metavar="THREAD")

    prune = _command(subparsers, "prune", "keep only the latest checkpoint of threads", _prune)
    prune.add_argument("thread_ids", metavar="THREAD", nargs="+")
    prune.add_argument("--delete", action="store_true", help="delete the threads altogether")


def _command(subparsers: _Subparsers, name: str, about: str, run: Any) -> argparse.ArgumentParser:  # noqa: ANN401
    command = subparsers.add_parser(name, help=about, description=about, epilog=_NEEDS)
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=run)
    return command


def _threads(chosen: argparse.Namespace) -> int:
    from skymarshal.checkpoints import ThreadStatus

    if not _reads_the_store():
        return _threads_of_the_api(chosen)
    _, manager = _open()
    status = ThreadStatus(chosen.status or "active")
    try:
        page = manager.query_threads(status, cursor=chosen.cursor, limit=chosen.limit)
    except ValueError as error:
        raise NothingToRead(str(error)) from None
    if chosen.json:
        _print_json({"threads": [_thread_data(thread) for thread in page.threads], "cursor": page.cursor})
        return 0
    _print_table(
        ("thread", "flight", "phase", "since", "created"),
        (
            (
                thread.thread_id,
                thread.details.get("flight"),
                thread.details.get("phase"),
                thread.status_since,
                thread.created_at,
            )
            for thread in page.threads
        ),
    )
    if page.cursor is not None:
        sys.stdout.write(f"more: --cursor {page.cursor}\n")
    return 0


def _reads_the_store() -> bool:
    """Return whether the environment names a mode: an operator's does, a duty manager's need not."""
    return "CHECKPOINT_MODE" in os.environ


def _threads_of_the_api(chosen: argparse.Namespace) -> int:
    from skymarshal.cli.decide import list_threads, minute

    page = list_threads(chosen)
    if chosen.json:
        _print_json(page)
        return 0
    _print_table(
        ("thread", "flight", "status", "phase", "decide by"),
        (
            [
                *(thread.get(name) for name in ("thread_id", "flight", "status", "phase")),
                # A deadline says something only as long as somebody can still decide.
                minute(thread["approval_deadline"]) if thread["status"] == "awaiting_approval" else None,
            ]
            for thread in page["threads"]
        ),
    )
    if not page["threads"]:
        sys.stdout.write("No threads.\n")
    if page["cursor"] is not None:
        sys.stdout.write(f"more: --cursor {page['cursor']}\n")
    return 0


def _history(chosen: argparse.Namespace) -> int:
    _, manager = _open()
    manager.get_thread(chosen.thread_id)
    entries = manager.get_thread_history(chosen.thread_id, phase=chosen.phase, agent=chosen.agent)
    if chosen.json:
        _print_json([_entry_data(entry) for entry in entries])
        return 0
    _print_table(
        ("time", "stage", "phase", "agent", "confidence", "checkpoint"),
        (
            (entry.time, entry.stage, entry.phase, entry.agent, entry.confidence, entry.checkpoint_id)
            for entry in entries
        ),
    )
    return 0


def _show(chosen: argparse.Namespace) -> int:
    saver, manager = _open()
    data = _thread_data(manager.get_thread(chosen.thread_id))
    found = saver.get_tuple({"configurable": {"thread_id": chosen.thread_id, "checkpoint_ns": ""}})
    data["state"] = {} if found is None else found.checkpoint["channel_values"]
    if chosen.json:
        _print_json(data)
        return 0
    state = data.pop("state")
    _print_table(("field", "value"), data.items())
    _print_table(("state", "value"), ((name, _short(value)) for name, value in sorted(state.items())))
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    saver, manager = _open()
    manager.get_thread(chosen.thread_id)
    found = saver.verify(chosen.thread_id)
    if chosen.json:
        _print_json(
            {
                "thread_id": found.thread_id,
                "is_intact": found.is_intact,
                "checkpoints": found.checkpoints,
                "assessments": found.assessments,
                "starts": found.starts,
                "problems": [
                    {"checkpoint_id": each.checkpoint_id, "namespace": each.namespace, "what": each.what}
                    for each in found.problems
                ],
            }
        )
    else:
        outcome = "intact" if found.is_intact else f"{len(found.problems)} problems"
        sys.stdout.write(
            f"{found.thread_id}: {outcome}; {found.checkpoints} checkpoints and"
            f" {found.assessments} assessments checked\n"
        )
        _print_table(("checkpoint", "problem"), ((each.checkpoint_id, each.what) for each in found.problems))
    return 0 if found.is_intact else _DAMAGED


def _prune(chosen: argparse.Namespace) -> int:
    saver, manager = _open()
    for thread_id in chosen.thread_ids:
        manager.get_thread(thread_id)
    saver.prune(chosen.thread_ids, strategy="delete" if chosen.delete else "keep_latest")
    done = "deleted" if chosen.delete else "pruned"
    if chosen.json:
        _print_json({done: chosen.thread_ids})
    else:
        sys.stdout.writelines(f"{done} {thread_id}\n" for thread_id in chosen.thread_ids)
    return 0


def _open() -> tuple[CheckpointSaver, ThreadManager]:
    from skymarshal.checkpoints import CheckpointSaver, ThreadManager, open_store
    from skymarshal.ports import system_clock
    from skymarshal.settings import CheckpointMode, Settings

    settings = Settings.from_environment()
    store = open_store(settings) if settings.checkpoint_mode is CheckpointMode.PRODUCTION else None
    if store is None:
        raise NothingToRead(
            f"CHECKPOINT_MODE is {settings.checkpoint_mode}; only what production keeps can be read later"
        )
    retention = timedelta(days=settings.checkpoint_ttl_days)
    saver = CheckpointSaver(store, clock=system_clock, retention=retention)
    return saver, ThreadManager(store, system_clock, retention=retention)


def _thread_data(thread: Thread) -> dict[str, Any]:
    return {
        "thread_id": thread.thread_id,
        "status": thread.status.value,
        "status_since": thread.status_since,
        "created_at": thread.created_at,
        "advanced_at": thread.advanced_at,
        "expires_at": thread.expires_at,
        "head": thread.head,
        **thread.details,
    }


def _entry_data(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "time": entry.time,
        "stage": entry.stage,
        "phase": entry.phase,
        "agent": entry.agent,
        "confidence": entry.confidence,
        "checkpoint_id": entry.checkpoint_id,
        "reference": None if entry.reference is None else entry.reference.as_dict(),
        "metadata": entry.metadata,
    }


def _print_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, indent=2, default=_plain, ensure_ascii=False) + "\n")


def _print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich import box
    from rich.table import Table

    from skymarshal.cli.render import console

    table = Table(*headings, box=box.SIMPLE)
    for row in rows:
        table.add_row(*("" if value is None else str(_plain(value)) for value in row))
    if table.row_count:
        console().print(table, markup=False)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str | int | float):
        return value
    return repr(value)


def _short(value: object) -> str:
    text = json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}..."
