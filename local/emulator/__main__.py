"""Serves the embedded AWS on a socket that its starter opened, and ends when its starter does.

The starter writes commands to standard input and reads answers from standard output, one JSON object a line:

    {"command": "prewarm", "functions": [...] or null}
        {"function": ..., "seconds": ..., "problem": ... or null} for each, then {"prewarmed": how many}
    {"command": "detach"}
        {"detached": true}; from then on it outlives its starter
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from local.emulator.expectations import expect_version

if TYPE_CHECKING:
    from local.emulator import functions


def main() -> None:
    """Apply the corrections and serve until killed."""
    arguments = _parse()
    expect_version()
    answers = _take_standard_output()
    # Whatever keeps the loop busy, the end of standard input is noticed by a thread.
    threading.Thread(target=_obey, args=(answers, arguments), daemon=True).start()
    _correct(arguments)
    # For the handlers' processes, which must not write into the unpacked layers that all runs share.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    _serve(arguments.listen_on)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.emulator")
    parser.add_argument("--listen-on", type=int, required=True, help="descriptor of a bound socket")
    parser.add_argument("--handler-python", type=Path, required=True, help="interpreter of the functions")
    parser.add_argument("--handler-version", required=True, help='its version, as in "3.11"')
    parser.add_argument("--preload", nargs="*", help="packages that functions start with, imported once")
    parser.add_argument("--environments", type=int, required=True, help="processes a function, at most")
    parser.add_argument(
        "--environments-of", type=json.loads, required=True, help="JSON: the same for single functions"
    )
    parser.add_argument("--prewarm-at-once", type=int, required=True, help="functions started together")
    parser.add_argument("--unpacked-layers", type=Path, required=True, help="folder shared by all runs")
    parser.add_argument("--function-logs", type=Path, required=True, help="folder of this run")
    parser.add_argument("--companion", type=Path, help="script that rides along with the functions")
    parser.add_argument("--companion-notes", type=Path, help="folder that it is given")
    return parser.parse_args()


def _correct(arguments: argparse.Namespace) -> None:
    from local.emulator import expressions, functions, snapshots, templates, workflows

    functions.report_raised_errors()
    if arguments.companion:
        functions.accompany(arguments.companion, arguments.companion_notes)
    functions.run_on_interpreter(arguments.handler_python, arguments.handler_version)
    if arguments.preload:
        snapshots.start_from_snapshots(arguments.handler_python, arguments.preload)
    functions.share_unpacked_layers(arguments.unpacked_layers)
    functions.bound_environments(_environments(arguments))
    functions.keep_function_logs(arguments.function_logs)
    workflows.fail_callback_task_with_its_function()
    workflows.keep_branch_contexts_apart()
    workflows.forget_tokens_of_stopped_executions()
    templates.accept_event_archives()
    expressions.parse_expressions_once()


def _take_standard_output() -> TextIO:
    """Return a stream on standard output, and send there no more what ministack prints."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _environments(arguments: argparse.Namespace) -> functions.Environments:
    from local.emulator import functions

    return functions.Environments(most=arguments.environments, of=arguments.environments_of)


def _obey(answers: TextIO, arguments: argparse.Namespace) -> None:
    detached = False
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        match command["command"]:
            case "prewarm":
                asked = (command["functions"], answers, arguments)
                threading.Thread(target=_prewarm, args=asked).start()
            case "detach":
                detached = True
                answers.write(json.dumps({"detached": True}) + "\n")
            case other:
                answers.write(json.dumps({"problem": f"unknown command {other!r}"}) + "\n")
    if not detached:
        # The handlers' processes are of the same group, so that nothing stays behind.
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _prewarm(names: list[str] | None, answers: TextIO, arguments: argparse.Namespace) -> None:
    from local.emulator import functions

    started = 0
    for name, seconds, problem in functions.prewarm(
        frozenset(names) if names else None, _environments(arguments), at_once=arguments.prewarm_at_once
    ):
        started += 1
        answers.write(json.dumps({"function": name, "seconds": round(seconds, 3), "problem": problem}) + "\n")
    answers.write(json.dumps({"prewarmed": started}) + "\n")


def _serve(descriptor: int) -> None:
    """Serve with uvicorn, httptools and uvloop, which take half of what ministack's own server does."""
    import uvicorn
    from ministack.app import app

    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        timeout_keep_alive=75,
        access_log=False,
        # Ministack says what AWS says in these headers.
        server_header=False,
        date_header=False,
        log_config=None,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main()
