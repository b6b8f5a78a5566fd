"""Ties processes to the one that started them, so that none outlives it however it ends.

Run as `python -m local.leash command...`, it runs the command until standard input closes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["end_with_parent", "run"]

_ROOT: Final = Path(__file__).resolve().parent.parent
_POLL_SECONDS: Final = 0.25


def run(
    command: Sequence[str],
    *,
    folder: Path,
    variables: Mapping[str, str],
    output: int,
) -> int:
    """Run a command with all that it starts, and end it when this process ends or is interrupted.

    Args:
        command: The program and its arguments.
        folder: Where to run it.
        variables: Its environment.
        output: Descriptor that takes what it prints.

    Returns:
        The command's exit status.
    """
    leashed = subprocess.Popen(  # noqa: S603
        (sys.executable, "-m", "local.leash", str(folder), *command),
        cwd=_ROOT,
        env=dict(variables),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        return leashed.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leashed.pid, signal.SIGKILL)
        leashed.wait()
        raise


def end_with_parent() -> None:
    """End this process soon after the one that started it has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()


def _end_group_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> int:
    """Run the command given as arguments, after its folder, and return its exit status."""
    folder, *command = sys.argv[1:]
    threading.Thread(target=_end_group_with_input, daemon=True).start()
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
