"""Lambda: execution environments that start from a snapshot of an initialised one, as with SnapStart.

Ministack starts an interpreter for each, which imports the same packages again: half a second and 60 MB a
function. Here they are forked from one interpreter that has imported them. Each has its process, variables
and search path all the same; only what a package reads of the variables at its import is shared.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from ministack.core import lambda_runtime

from local.emulator.expectations import expect_source

__all__ = ["start_from_snapshots"]

_POLL_SECONDS = 0.005


def start_from_snapshots(interpreter: Path, packages: Sequence[str]) -> None:
    """Fork the functions that run on `interpreter` from one that has imported `packages`."""
    expect_source(
        lambda_runtime.Worker._spawn,
        "self._proc = subprocess.Popen(\n            [binary, worker_path],\n            cwd=code_dir,",
        'spawn_env["_LAMBDA_LAYERS_DIRS"] = os.pathsep.join(layers_dirs)',
    )
    snapshots = _Snapshots(interpreter, tuple(packages))

    def start(command: Sequence[str], **options: Any) -> Any:  # noqa: ANN401 as Popen takes and gives
        if command[0] != str(interpreter):
            return subprocess.Popen(command, **options)  # noqa: S603
        return snapshots.start(Path(command[1]), Path(options["cwd"]), options["env"])

    offered = {name: getattr(subprocess, name) for name in subprocess.__all__}
    lambda_runtime.subprocess = SimpleNamespace(**{**offered, "Popen": start})


class _Snapshots:
    """The initialised interpreters, one for each set of layers that is no superset of another's."""

    def __init__(self, interpreter: Path, packages: tuple[str, ...]) -> None:
        self._interpreter = interpreter
        self._packages = packages
        self._taken: list[_Snapshot] = []
        self._lock = threading.Lock()

    def start(self, script: Path, folder: Path, variables: dict[str, str]) -> _ForkedProcess:
        layers = variables.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep)
        folders = frozenset(os.path.realpath(layer) for layer in layers if layer)
        with self._lock:
            for snapshot in self._taken:
                if snapshot.folders <= folders and snapshot.lives():
                    return snapshot.fork(script, folder, variables)
            taken = _Snapshot(self._interpreter, self._packages, folders, variables)
            self._taken.insert(0, taken)
            return taken.fork(script, folder, variables)


class _Snapshot:
    """One initialised interpreter."""

    def __init__(
        self,
        interpreter: Path,
        packages: tuple[str, ...],
        folders: frozenset[str],
        variables: dict[str, str],
    ) -> None:
        self.folders = folders
        self._control, theirs = socket.socketpair()
        script = Path(__file__).with_name("snapshot_process.py")
        search = [str(Path(folder, "python")) for folder in sorted(folders)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                (str(interpreter), str(script), str(theirs.fileno()), ",".join(packages), *search),
                env=variables,
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )

    def lives(self) -> bool:
        return self._process.poll() is None

    def fork(self, script: Path, folder: Path, variables: dict[str, str]) -> _ForkedProcess:
        request = script.with_name("start.json")
        asked = {"script": str(script), "folder": str(folder), "variables": variables}
        request.write_text(json.dumps(asked))
        (their_input, our_input), (our_output, their_output), (our_errors, their_errors) = (
            os.pipe(),
            os.pipe(),
            os.pipe(),
        )
        theirs = (their_input, their_output, their_errors)
        try:
            socket.send_fds(self._control, [str(request).encode()], theirs)
            answer = self._control.recv(64)
        finally:
            for stream in theirs:
                os.close(stream)
        if not answer:
            raise RuntimeError("the snapshot process ended; its words are in the emulator's log")
        return _ForkedProcess(int(answer), our_input, our_output, our_errors)


class _ForkedProcess:
    """What ministack uses of `subprocess.Popen`, for a process that is not a child of this one."""

    def __init__(self, pid: int, to_input: int, from_output: int, from_errors: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[str] = os.fdopen(to_input, "w", buffering=1, encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(from_output, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(from_errors, encoding="utf-8")

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                # How it ended is known to the kernel alone, which has collected it.
                self.returncode = -1
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(_POLL_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
