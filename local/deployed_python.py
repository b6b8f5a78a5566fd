"""Runs the functions' tests on the interpreter that AWS runs the functions on: `make deployed-python`.

Where the tests run on another, that interpreter is taken from Debian's own packages, by apt as this machine
has it set up, and unpacked into `.cache` with the libraries that it needs: nothing is installed. Where there
is no such package the command says so and succeeds, since nothing was found wrong.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import leash
from local.environments import PYTHON, ROOT, UV, exclusive, host_python
from skymarshal.contracts import AWS_PYTHON

__all__ = ["Unavailable", "main"]

TESTS: Final = ("tests/unit/lambdas", "tests/unit/orchestration", "tests/unit/agents")

_SIDE_BY_SIDE: Final = ("--numprocesses", "auto", "--dist", "loadfile")
_FOLDER: Final = ROOT / f".cache/python-{AWS_PYTHON}"
_SOURCES: Final = Path("/etc/apt")
_SUITES: Final = ("testing", "unstable")
_MACHINES: Final = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}


class Unavailable(Exception):
    """There is no package of the interpreter here; the message says why."""


class _Failed(Exception):
    """A command failed; the message is the last that it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Archive:
    """Where this machine's apt has Debian from."""

    address: str
    keyring: str


def interpreter() -> tuple[Path, Path]:
    """Return the interpreter and the folder of its packages, which are made ready where they are not.

    Raises:
        Unavailable: there is no package of it, or apt can't reach one.
    """
    python, packages = _FOLDER / "root/usr/bin/python", _FOLDER / "packages"
    state = (ROOT / "requirements/dev.txt").read_text()
    stamp = _FOLDER / "prepared"
    with exclusive(ROOT / ".cache/deployed-python.lock"):
        if not stamp.is_file() or stamp.read_text() != state:
            shutil.rmtree(_FOLDER, ignore_errors=True)
            _unpack(_FOLDER / "root", _download(_FOLDER / "apt"))
            _wrap(python)
            _install(packages)
            stamp.write_text(state)
    return python, packages


def _archive() -> _Archive:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Unavailable("it is taken from Debian's packages, and there is no apt here")
    for file in sorted([*_SOURCES.glob("sources.list.d/*.sources"), *_SOURCES.glob("sources.list")]):
        text = file.read_text()
        address = re.search(r"(?:^URIs:|^deb(?: \[[^]]*\])?) *(\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
        keyring = re.search(r"[Ss]igned-[Bb]y[:=] *([^\s\]]+)", text)
        if address:
            default = "/usr/share/keyrings/debian-archive-keyring.gpg"
            return _Archive(address=address[1], keyring=keyring[1] if keyring else default)
    raise Unavailable("it is taken from Debian's packages, and apt has no archive of Debian here")


def _download(folder: Path) -> Sequence[Path]:
    archive = _archive()
    for made in ("lists/partial", "cache/archives/partial"):
        (folder / made).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(
        "".join(f"deb [signed-by={archive.keyring}] {archive.address} {suite} main\n" for suite in _SUITES)
    )
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
        "APT::Keep-Downloaded-Packages": "true",
    }
    apt = ["apt-get", "--quiet", "--yes", *(f"--option={name}={value}" for name, value in options.items())]
    log = folder / "log"
    try:
        _run([*apt, "update"], log)
        _run([*apt, "--download-only", "--no-install-recommends", "install", f"python{AWS_PYTHON}"], log)
    except _Failed as failure:
        raise Unavailable(str(failure)) from None
    return sorted((folder / "cache/archives").glob("*.deb"))


def _unpack(root: Path, packages: Sequence[Path]) -> None:
    root.mkdir()
    for package in packages:
        _run(["dpkg-deb", "--extract", str(package), str(root)], _FOLDER / "log")


def _wrap(python: Path) -> None:
    """Write what starts the interpreter with the C library that it was built for, not with this machine's."""
    libraries = python.parents[1] / f"lib/{os.uname().machine}-linux-gnu"
    loader = libraries / _MACHINES[os.uname().machine]
    python.write_text(
        f'#!/bin/sh\nexec "{loader}" --library-path "{libraries}" --argv0 "$0" "{python}{AWS_PYTHON}" "$@"\n'
    )
    python.chmod(0o755)


def _install(packages: Path) -> None:
    command = [str(UV), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--target", str(packages), "--python-version", AWS_PYTHON]
    command += ["--python-platform", f"{os.uname().machine}-unknown-linux-gnu"]
    command += ["--require-hashes", "--requirement", str(ROOT / "requirements/dev.txt")]
    _run(command, _FOLDER / "log")


def _run(command: Sequence[str], log: Path) -> None:
    with log.open("w") as output:
        status = leash.run(command, folder=ROOT, variables=os.environ, output=output.fileno())
    if status != 0:
        said = log.read_text().strip().splitlines() or [f"exit status {status}"]
        raise _Failed(f"{command[0]}: {said[-1]}")


def main(arguments: Sequence[str]) -> int:
    """Run the tests, those of the functions where none are named, and return the exit status."""
    tests = list(arguments or TESTS)
    command = ["-m", "pytest", "--quiet", "--no-header", "-p", "no:cacheprovider", *_SIDE_BY_SIDE, *tests]
    if host_python() == AWS_PYTHON:
        return leash.run([str(PYTHON), *command], folder=ROOT, variables=os.environ, output=1)
    try:
        python, packages = interpreter()
    except Unavailable as why:
        sys.stdout.write(
            f"NOT TESTED on Python {AWS_PYTHON}, which AWS runs the functions on: {why}. "
            f"The tests ran on Python {host_python()} alone.\n"
        )
        return 0
    paths = (packages, ROOT / "layers/skymarshal/python", ROOT)
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.stdout.write(f"On Python {AWS_PYTHON}, which AWS runs the functions on:\n")
    sys.stdout.flush()
    return leash.run([str(python), *command], folder=ROOT, variables=variables, output=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
