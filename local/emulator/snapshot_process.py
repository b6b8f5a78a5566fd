"""An initialised interpreter that execution environments are forked from.

It runs as a script on the handlers' own interpreter, imports packages that most functions import, and then
forks a child for each request. A request is the path of a JSON file with `script`, `folder` and `variables`,
sent with the child's standard streams as descriptors; the answer is the child's process id.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path

__all__: list[str] = []


def _serve(control: socket.socket) -> None:
    # The kernel collects the children, which nobody here waits for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, streams, _, _ = socket.recv_fds(control, 4096, 3)
        if not request:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _become(Path(request.decode()), streams)
        for stream in streams:
            os.close(stream)
        control.sendall(f"{child}\n".encode())


def _become(request: Path, streams: list[int]) -> None:
    """Go on as a fresh interpreter would that was started with the requested script."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    asked = json.loads(request.read_text())
    os.environ.clear()
    os.environ.update(asked["variables"])
    os.chdir(asked["folder"])
    sys.stdin, sys.stdout, sys.stderr = (
        open(0, encoding="utf-8"),  # noqa: SIM115 they live as long as the process
        open(1, "w", encoding="utf-8", buffering=1),  # noqa: SIM115
        open(2, "w", encoding="utf-8", buffering=1, errors="backslashreplace"),  # noqa: SIM115
    )
    sys.argv = [asked["script"]]
    sys.path.insert(0, str(Path(asked["script"]).parent))
    status = 1
    try:
        runpy.run_path(asked["script"], run_name="__main__")
        status = 0
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Import the packages named in the arguments, found in the folders named there, and serve."""
    descriptor, packages, *folders = sys.argv[1:]
    own_path = sys.path[1:]
    sys.path[:] = [*folders, *own_path]
    for package in packages.split(","):
        # A function that needs what is missing says so itself.
        with contextlib.suppress(ImportError):
            importlib.import_module(package)
    sys.path[:] = own_path
    gc.collect()
    # What the collector does not touch stays shared between the children.
    gc.freeze()
    _serve(socket.socket(fileno=int(descriptor)))


if __name__ == "__main__":
    main()
