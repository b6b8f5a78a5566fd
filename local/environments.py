"""Prepares the three environments of a checkout; a prepared one is left alone.

    .venv         development: the package itself, CDK, tests and checks, Node for CDK
    .venv-aws     the embedded AWS, which pins a botocore of its own
    .venv-lambda  what the Lambda runtime offers a handler, and nothing more

Run as `python3 -m local.environments` by any Python from 3.11 on; it needs the standard library alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import leash
from local.fingerprint import fingerprint

__all__ = [
    "AWS_PYTHON",
    "LAMBDA_PYTHON",
    "PYTHON",
    "ROOT",
    "UV",
    "EnvironmentFailed",
    "exclusive",
    "host_python",
    "prepare",
]

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
UV = ROOT / ".venv/bin/uv"
AWS_PYTHON = ROOT / ".venv-aws/bin/python"
LAMBDA_PYTHON = ROOT / ".venv-lambda/bin/python"

_IMPORTED = ("boto3", "langgraph.checkpoint.serde.jsonplus", "langgraph.graph", "msgspec", "rich.console")
_LEFT_OUT = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"})
_STAMP = "prepared"
_LOGS = ROOT / ".cache/logs"


class EnvironmentFailed(Exception):
    """An environment could not be prepared; the message names the step and its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Environment:
    folder: Path
    purpose: str
    requirements: Path
    also: tuple[str, ...]
    """Further values that it depends on."""
    steps: tuple[tuple[str, ...], ...]


def host_python() -> str:
    """Return the version of Python that handlers run on here, as in "3.11"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def prepare(*, root: Path = ROOT) -> None:
    """Bring the three environments up to date with their requirements.

    Raises:
        EnvironmentFailed: When a step fails.
    """
    if all(_is_current(environment, root) for environment in _environments(root)):
        return
    with exclusive(root / ".cache/environments.lock"):
        for environment in _environments(root):
            if not _is_current(environment, root):
                _build(environment, root)


@contextlib.contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold `lock`, so that two commands in one checkout don't build the same thing at once."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _environments(root: Path) -> tuple[_Environment, ...]:
    requirements = root / "requirements"
    uv = str(root / ".venv/bin/uv")

    def create(folder: str) -> tuple[str, ...]:
        return (uv, "venv", "--quiet", "--allow-existing", "--no-project", "--python", sys.executable, folder)

    def sync(folder: str, name: str, *options: str) -> tuple[str, ...]:
        python = str(root / folder / "bin/python")
        listed = str(requirements / name)
        return (uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, *options, listed)

    return (
        _Environment(
            folder=root / ".venv",
            purpose="development",
            requirements=requirements / "dev.txt",
            also=((requirements / "uv.txt").read_text(), _project(root)),
            steps=(
                (sys.executable, "-m", "venv", str(root / ".venv")),
                _pip_install(root, requirements / "uv.txt"),
                sync(".venv", "dev.txt"),
                _install_project(root, uv),
                # What the command line imports, as bytecode: langgraph from source takes it a second longer.
                (str(root / ".venv/bin/python"), "-c", f"import {', '.join(_IMPORTED)}"),
            ),
        ),
        _Environment(
            folder=root / ".venv-aws",
            purpose="the embedded AWS",
            requirements=requirements / "embedded-aws.txt",
            also=(),
            steps=(create(".venv-aws"), sync(".venv-aws", "embedded-aws.txt")),
        ),
        _Environment(
            folder=root / ".venv-lambda",
            purpose="the Lambda runtime",
            requirements=requirements / "lambda-runtime.txt",
            also=(),
            steps=(
                create(".venv-lambda"),
                # Every function starts on this interpreter, so its bytecode is worth having beforehand.
                sync(".venv-lambda", "lambda-runtime.txt", "--compile-bytecode"),
            ),
        ),
    )


def _project(root: Path) -> str:
    """Return what the installed project depends on; the tools' settings are read where they lie."""
    described = tomllib.loads((root / "pyproject.toml").read_text())
    return json.dumps([described["project"], described["build-system"], described["tool"]["hatch"]])


def _pip_install(root: Path, listed: Path) -> tuple[str, ...]:
    pip = (str(root / ".venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    return (*pip, "--require-hashes", "--requirement", str(listed))


def _install_project(root: Path, uv: str) -> tuple[str, ...]:
    install = (uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    return (*install, "--python", str(root / ".venv/bin/python"), "--editable", str(root))


def _state(environment: _Environment, root: Path) -> str:
    interpreter = f"{sys.base_prefix} {sys.version}"
    steps = (" ".join(step) for step in environment.steps)
    also = (interpreter, *environment.also, *steps)
    return fingerprint([environment.requirements], root=root, also=also)


def _is_current(environment: _Environment, root: Path) -> bool:
    stamp = environment.folder / _STAMP
    return stamp.is_file() and stamp.read_text() == _state(environment, root)


def _build(environment: _Environment, root: Path) -> None:
    began = time.monotonic()
    name = environment.folder.name
    sys.stderr.write(f"Preparing {name} ({environment.purpose}) ... ")
    sys.stderr.flush()
    log = _LOGS / f"environment{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        for step in environment.steps:
            output.write(f"$ {' '.join(step)}\n")
            output.flush()
            _run(step, environment, root, log, output.fileno())
    (environment.folder / _STAMP).write_text(_state(environment, root))
    sys.stderr.write(f"{time.monotonic() - began:.1f} s\n")


def _run(step: Sequence[str], environment: _Environment, root: Path, log: Path, output: int) -> None:
    # The caller's own environment must not leak its packages into ours, nor forbid to write bytecode.
    variables = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    status = leash.run(step, folder=root, variables=variables, output=output)
    if status == 0:
        return
    tail = "\n".join(log.read_text().splitlines()[-15:])
    raise EnvironmentFailed(
        f"preparing {environment.folder.name} failed (exit {status}):\n{tail}\nThe whole log: {log}"
    )


def main() -> int:
    """Prepare the environments and return the exit status."""
    leash.end_with_parent()
    try:
        prepare()
    except EnvironmentFailed as failure:
        sys.stderr.write(f"failed\n{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
