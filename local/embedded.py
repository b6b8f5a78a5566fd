"""Starts the embedded AWS, deploys to it, and makes sure that nothing of it stays behind.

The emulator reads from a pipe that its starter holds; when the starter ends, however it ends, the pipe closes
and the emulator ends its whole process group. So neither a process nor a port outlives a killed run.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final

from local.deployment import Connection, DeployedStack, deploy
from local.environments import AWS_PYTHON, LAMBDA_PYTHON, ROOT, host_python
from local.runs import RunFolder

__all__ = ["ACCOUNT", "COMMON_PACKAGES", "REGION", "EmbeddedAws", "EmbeddedAwsFailed"]

ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"
COMMON_PACKAGES: Final = (
    "boto3",
    "aws_lambda_powertools",
    "aws_lambda_powertools.utilities.typing",
    "langgraph.graph",
    "langgraph.checkpoint.base",
    "langgraph.checkpoint.serde.jsonplus",
    "msgspec",
)
"""What most functions import of their layer and of the runtime."""

_START_SECONDS: Final = 60.0
_PREWARM_SECONDS: Final = 120.0
_DETACH_SECONDS: Final = 5.0
_CACHE_DAYS: Final = 14


class EmbeddedAwsFailed(Exception):
    """The embedded AWS did not do what was asked; the message names its log."""


class EmbeddedAws:
    """An emulated AWS on a free port of this machine's loopback, for as long as this object is open.

    Example:
        with EmbeddedAws.start() as aws:
            aws.deploy(embedded_assembly())
            aws.prewarm()
            events = boto3.client("events", **aws.connection)
    """

    def __init__(self, process: subprocess.Popen[str], port: int, run: RunFolder, root: Path) -> None:
        self._process = process
        self._port = port
        self._run = run
        self._root = root
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._stacks: dict[str, DeployedStack] = {}
        self._commands = threading.Lock()
        self._open = True
        threading.Thread(target=self._read_answers, daemon=True, name="embedded-aws-answers").start()

    @classmethod
    def start(
        cls,
        *,
        root: Path = ROOT,
        environments_per_function: int = 1,
        environments_of: Mapping[str, int] = MappingProxyType({}),
        prewarm_at_once: int | None = None,
        preload: Sequence[str] = COMMON_PACKAGES,
        companion: Path | None = None,
    ) -> EmbeddedAws:
        """Start an emulator with nothing deployed, and return once it answers.

        Args:
            root: The checkout, whose environments are prepared.
            environments_per_function: Processes that one function may have at once; further calls wait.
            environments_of: The same for single functions, by name.
            prewarm_at_once: Functions started together; by default as many as there are processors.
            preload: Packages that functions are started with, imported once for all of them. With none, each
                function starts from nothing, which takes longer and more memory.
            companion: A script that rides along in the functions' processes, as `local.emulator.functions`
                tells; what it notes is in `companion_notes`.

        Raises:
            EmbeddedAwsFailed: It did not come up.
        """
        _forget_old(root / ".cache/unpacked")
        _forget_old(root / ".cache/assets")
        run = RunFolder.create(root / ".run")
        with socket.socket() as listening:
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listening.bind(("127.0.0.1", 0))
            port: int = listening.getsockname()[1]
            command = (
                *(str(AWS_PYTHON), "-m", "local.emulator"),
                *("--listen-on", str(listening.fileno())),
                *("--handler-python", str(LAMBDA_PYTHON), "--handler-version", host_python()),
                *("--preload", *preload),
                *("--environments", str(environments_per_function)),
                *("--environments-of", json.dumps(dict(environments_of))),
                *("--prewarm-at-once", str(prewarm_at_once or os.cpu_count() or 1)),
                *("--unpacked-layers", str(root / ".cache/unpacked")),
                *("--function-logs", str(run.function_logs)),
            )
            if companion is not None:
                run.companion_notes.mkdir()
                notes = ("--companion-notes", str(run.companion_notes))
                command = (*command, "--companion", str(companion), *notes)
            with run.emulator_log.open("w") as log:
                process = subprocess.Popen(  # noqa: S603
                    command,
                    cwd=root,
                    env=_emulator_variables(port, run),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    pass_fds=(listening.fileno(), run.lock),
                    start_new_session=True,
                )
        aws = cls(process, port, run, root)
        try:
            aws._await_health()
        except BaseException:
            aws.stop()
            raise
        return aws

    def __enter__(self) -> EmbeddedAws:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """The URL that answers for every service."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def connection(self) -> Connection:
        """What reaches it, as arguments of `boto3.client`."""
        return Connection(
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 the emulator checks none
        )

    @property
    def environment(self) -> dict[str, str]:
        """What reaches it, as environment variables of an AWS SDK."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def pid(self) -> int:
        """The emulator's process id, which is also that of its process group."""
        return self._process.pid

    @property
    def logs(self) -> Path:
        """Folder of this run: `aws.log`, and `functions/<name>.log` for each function."""
        return self._run.path

    @property
    def stacks(self) -> Mapping[str, DeployedStack]:
        """The stacks that stand, by name."""
        return MappingProxyType(self._stacks)

    def id_token_key(self, pool_id: str) -> Path:
        """Return the file of the private key by which a user pool signs id tokens, once it has signed one."""
        return self._run.emulator_state / "cognito-pool-keys" / f"{pool_id}-id.pem"

    @property
    def companion_notes(self) -> Path:
        """Where the companion of the functions keeps its notes."""
        return self._run.companion_notes

    def api_url(self, api_id: str) -> str:
        """Return where the default stage of an HTTP API answers."""
        return f"{self.endpoint}/_aws/execute-api/{api_id}/$default"

    def deploy(
        self, assembly: Path, *, on_stack: Callable[[DeployedStack], None] | None = None
    ) -> Mapping[str, DeployedStack]:
        """Create the stacks of an assembly and return them by name.

        Args:
            assembly: A synthesized assembly.
            on_stack: Called with each stack as it stands, while others are still under way; a good moment to
                begin what needs no more than that stack.

        Raises:
            DeploymentFailed: A stack could not be created.
        """

        def stands(stack: DeployedStack) -> None:
            self._stacks[stack.name] = stack
            if on_stack is not None:
                on_stack(stack)

        deploy(assembly, self.connection, archives=self._root / ".cache/assets", on_stack=stands)
        return self.stacks

    def prewarm(
        self,
        functions: Iterable[str] | None = None,
        *,
        on_function: Callable[[str, float], None] | None = None,
    ) -> int:
        """Start the execution environments of each function, imports done, and return how many functions.

        Args:
            functions: Their names; None for all that are deployed.
            on_function: Called with each function's name and the seconds that its start took.

        Raises:
            EmbeddedAwsFailed: A function could not be started, as when it fails to import.
        """
        problems = []
        with self._commands:
            self._command({"command": "prewarm", "functions": None if functions is None else list(functions)})
            while "prewarmed" not in (answer := self._answer(_PREWARM_SECONDS)):
                if answer["problem"] is not None:
                    problems.append(f"{answer['function']}: {answer['problem']}")
                elif on_function is not None:
                    on_function(answer["function"], answer["seconds"])
        if problems:
            raise EmbeddedAwsFailed("\n".join(["functions did not start:", *problems, self._where()]))
        return int(answer["prewarmed"])

    def keep(self) -> None:
        """Leave the emulator running beyond this object and this process; end it by its `pid`.

        Raises:
            EmbeddedAwsFailed: It does not answer.
        """
        with self._commands:
            self._command({"command": "detach"})
            self._answer(_DETACH_SECONDS)
        self._open = False
        self._run.leave()

    def stop(self) -> None:
        """End the emulator with all that it started, and delete its temporary files. May be called again."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(ProcessLookupError):
            # It has nothing to save, and its own way down takes several seconds.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._run.close()

    def _await_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if (status := self._process.poll()) is not None:
                raise EmbeddedAwsFailed(
                    f"the embedded AWS ended at its start (exit {status})\n{self._where()}"
                )
            try:
                with opener.open(f"{self.endpoint}/_ministack/health", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise EmbeddedAwsFailed(f"the embedded AWS did not answer in {_START_SECONDS:.0f} s\n{self._where()}")

    def _command(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 narrows the type: it was opened as a pipe
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise EmbeddedAwsFailed(f"the embedded AWS has ended\n{self._where()}") from None

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise EmbeddedAwsFailed(f"no answer in {seconds:.0f} s\n{self._where()}") from None
        if answer is None:
            raise EmbeddedAwsFailed(f"the embedded AWS has ended\n{self._where()}")
        return answer

    def _read_answers(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 narrows the type: it was opened as a pipe
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)

    def _where(self) -> str:
        return f"Its log: {self._run.emulator_log}; the functions': {self._run.function_logs}"


def _emulator_variables(port: int, run: RunFolder) -> dict[str, str]:
    """Return the emulator's environment, which its functions inherit; the caller's own stays outside."""
    return {
        "PATH": os.defpath,
        "HOME": str(run.temporary),
        "TMPDIR": str(run.temporary),
        "STATE_DIR": str(run.emulator_state),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Services that would open ports of their own.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def _forget_old(cache: Path) -> None:
    """Delete what no run has used for a while."""
    if not cache.is_dir():
        return
    for entry in cache.iterdir():
        if entry.stat().st_mtime > time.time() - _CACHE_DAYS * 86_400:
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
