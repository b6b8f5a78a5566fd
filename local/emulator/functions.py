"""Lambda: what differs from AWS in how ministack runs a handler."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.expectations import EmulatorChanged, expect_source

__all__ = [
    "Environments",
    "accompany",
    "bound_environments",
    "keep_function_logs",
    "prewarm",
    "report_raised_errors",
    "run_on_interpreter",
    "share_unpacked_layers",
]

_RAISED = "__raised__"
_POINTER = "unpacked-at"


def report_raised_errors() -> None:
    """Make a raised exception report its own class, and leave its execution environment warm.

    Retry and Catch match on the class, which ministack replaces by Runtime.HandlerError; and AWS keeps the
    environment of a handler that raised, which ministack ends.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    raised = (
        '{"status": "error", "error": str(e), "trace": traceback.format_exc()}',
        '(traceback.print_exc(), {"status": "ok", "result": {"' + _RAISED + '": {"errorMessage": str(e), '
        '"errorType": type(e).__name__, "requestId": context.aws_request_id, '
        '"stackTrace": traceback.format_tb(e.__traceback__)[1:]}}})[1]',
    )
    not_imported = (
        '{"status": "error", "error": str(e)}',
        '{"status": "error", "error": traceback.format_exc()}',
    )
    for old, new in (raised, not_imported):
        if script.count(old) != 1:
            raise EmulatorChanged(f"ministack's Python worker no longer answers {old!r}")
        script = script.replace(old, new)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script

    run = lambda_svc._execute_function_warm
    expect_source(run, 'return {"body": result.get("result"), "log": result.get("log", "")}')

    def run_and_report(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = run(func, event, request_id)
        body = result.get("body")
        if isinstance(body, dict) and _RAISED in body:
            return {"body": body[_RAISED], "error": True, "log": result.get("log", "")}
        return result

    lambda_svc._execute_function_warm = run_and_report


def accompany(companion: Path, notes: Path) -> None:
    """Let a companion ride along in every process of a Python function.

    Args:
        companion: a script that offers `accompany(function, notes)`. That is called before the handler is
            imported, and what it returns wraps the handler.
        notes: the folder that it is given.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    installed = (
        "    _ms_install_invoke_depth()\n    try:\n",
        "    _ms_install_invoke_depth()\n    import runpy\n"
        f"    _accompany = runpy.run_path({str(companion)!r})['accompany']\n"
        f"    _accompanied = _accompany(init['function_name'], {str(notes)!r})\n    try:\n",
    )
    wrapped = (
        "handler_fn = getattr(mod, handler_name)",
        "handler_fn = _accompanied(getattr(mod, handler_name))",
    )
    for old, new in (installed, wrapped):
        if script.count(old) != 1:
            raise EmulatorChanged(f"ministack's Python worker no longer has {old!r}")
        script = script.replace(old, new)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script


def run_on_interpreter(interpreter: Path, version: str) -> None:
    """Run Python handlers on `interpreter`, which has no packages but the Lambda runtime's own.

    Ministack runs them on its own interpreter, whose packages hide what a layer lacks.
    """
    detect = lambda_runtime._detect_runtime_binary
    expect_source(detect, "return sys.executable, _PYTHON_WORKER_SCRIPT")

    def detect_interpreter(runtime: str) -> tuple[str, str]:
        if not runtime.startswith("python"):
            binary, script = detect(runtime)
            return binary, script
        if runtime != f"python{version}":
            raise RuntimeError(f"the template asks for {runtime}; the embedded AWS has python{version}")
        return str(interpreter), lambda_runtime._PYTHON_WORKER_SCRIPT

    lambda_runtime._detect_runtime_binary = detect_interpreter


def share_unpacked_layers(unpacked: Path) -> None:
    """Unpack a layer once per content, for all functions and runs, where ministack unpacks it per worker."""
    resolve = lambda_svc._resolve_layer_zip
    spawn = lambda_runtime.Worker._spawn
    expect_source(spawn, "layer_data = _resolve_layer_zip(layer_ref)", "lzf.extractall(layer_dir)")
    spawning = threading.local()
    folders: dict[str, Path] = {}
    lock = threading.Lock()

    def resolve_layer(attachment: str | dict[str, Any]) -> bytes | None:
        data: bytes | None = resolve(attachment)
        if data is None or not getattr(spawning, "now", False):
            return data
        arn = attachment if isinstance(attachment, str) else str(attachment["Arn"])
        with lock:
            if arn not in folders:
                folders[arn] = _unpack_once(data, unpacked)
        return _pointer_to(folders[arn])

    def spawn_sharing(worker: lambda_runtime.Worker) -> None:
        spawning.now = True
        try:
            spawn(worker)
        finally:
            spawning.now = False

    lambda_svc._resolve_layer_zip = resolve_layer
    lambda_runtime.Worker._spawn = spawn_sharing
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=_LinkingZipFile,
        BadZipFile=zipfile.BadZipFile,
        LargeFileError=zipfile.LargeZipFile,
    )


class _LinkingZipFile(zipfile.ZipFile):
    """Links the folder that a pointer names; unpacks anything else as usual."""

    def extractall(
        self,
        path: str | PathLike[str] | None = None,
        members: Iterable[str | zipfile.ZipInfo] | None = None,
        pwd: bytes | None = None,
    ) -> None:
        if path is None or self.namelist() != [_POINTER]:
            super().extractall(path, members, pwd)
            return
        Path(path).rmdir()
        Path(path).symlink_to(self.read(_POINTER).decode(), target_is_directory=True)


def _pointer_to(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(_POINTER, str(folder))
    return content.getvalue()


def _unpack_once(data: bytes, unpacked: Path) -> Path:
    folder = unpacked / sha256(data).hexdigest()[:32]
    if folder.is_dir():
        os.utime(folder)
        return folder
    unpacked.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=unpacked, suffix=".part"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(part)
    try:
        part.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        # Another run unpacked the same layer meanwhile.
        shutil.rmtree(part)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """How many execution environments a function may have at once."""

    most: int
    of: Mapping[str, int]
    """Functions with a bound of their own."""

    def bound(self, function: str) -> int:
        """Return how many `function` may have."""
        return self.of.get(function, self.most)


def bound_environments(environments: Environments) -> None:
    """Give each function no more execution environments than that; further callers wait for a free one.

    Each environment is a process, and ministack starts as many as there are calls at once. The wait does not
    count towards the function's own timeout.
    """
    acquire, release = lambda_runtime.acquire_worker, lambda_runtime.release_worker
    expect_source(acquire, "max_concurrency: int | None = None", 'return None, "func_cap"')
    lock = threading.Lock()
    # Hundreds wait in a burst: only one is told, of those who wait for the same function.
    freed: dict[str, threading.Condition] = {}

    def acquire_or_wait(
        func_name: str,
        config: dict[str, Any],
        code_zip: bytes,
        qualifier: str = "$LATEST",
        max_concurrency: int | None = None,
    ) -> tuple[lambda_runtime.Worker, str]:
        most = environments.bound(func_name)
        bound = min(most, max_concurrency or most)
        with lock:
            free = freed.setdefault(func_name, threading.Condition(lock))
            while True:
                worker, reason = acquire(func_name, config, code_zip, qualifier, bound)
                if worker is not None:
                    return worker, reason
                free.wait(timeout=1)

    def release_and_tell(worker: lambda_runtime.Worker | None) -> None:
        release(worker)
        if worker is None:
            return
        with lock:
            if worker.func_name in freed:
                freed[worker.func_name].notify()

    for module in (lambda_runtime, lambda_svc):
        module.acquire_worker = acquire_or_wait
        module.release_worker = release_and_tell


def keep_function_logs(folder: Path) -> None:
    """Append what each function prints to `<folder>/<function>.log`, so that it outlives the emulator."""
    read = lambda_runtime.Worker._read_stderr
    expect_source(read, "for line in self._proc.stderr:", 'self._stderr_queue.put(line.rstrip("\\n"))')
    folder.mkdir(parents=True, exist_ok=True)

    def read_and_keep(worker: lambda_runtime.Worker) -> None:
        # The stream is closed under the reader when its process ends.
        with (folder / f"{worker.func_name}.log").open("a") as log, contextlib.suppress(ValueError, OSError):
            for line in worker._proc.stderr:
                log.write(line)
                log.flush()
                worker._stderr_queue.put(line.rstrip("\n"))

    lambda_runtime.Worker._read_stderr = read_and_keep


def prewarm(
    names: frozenset[str] | None, environments: Environments, *, at_once: int
) -> Iterator[tuple[str, float, str | None]]:
    """Start the execution environments of each function, imports done, without invoking it.

    Args:
        names: The functions; None for all.
        environments: How many each may have.
        at_once: How many functions start together.

    Yields:
        A function's name, the seconds that its start took, and what went wrong or None.
    """

    def start(record: dict[str, Any]) -> tuple[str, float, str | None]:
        config = record["config"]
        name = str(config["FunctionName"])
        began = time.monotonic()
        workers = [
            lambda_runtime.acquire_worker(name, config, record["code_zip"])[0]
            for _ in range(environments.bound(name))
        ]
        try:
            for worker in workers:
                lambda_runtime.ensure_spawned(worker)
            problem = None
        except Exception as error:  # a handler may fail to import in any way; the caller reports it
            problem = f"{type(error).__name__}: {error}"
        finally:
            for worker in workers:
                lambda_runtime.release_worker(worker)
        return name, time.monotonic() - began, problem

    records = [
        record
        for record in list(lambda_svc._functions._data.values())
        if names is None or record["config"]["FunctionName"] in names
    ]
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        yield from pool.map(start, records)
