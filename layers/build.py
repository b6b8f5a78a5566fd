"""Builds the Lambda layers without Docker, for AWS or for this machine's own interpreter.

    dependencies/<architecture>/python/...   what every function needs
    arbitration/<architecture>/python/...    what only the arbitration phase needs
    reports/<architecture>/python/...        what only the rendering of reports needs
    shared/<architecture>/python/skymarshal  the package itself

These lie in build/layers for AWS and in build/layers-host for the embedded AWS, whose handlers run on this
machine's system and interpreter. Run as `python -m layers.build --platform arm64 --python 3.14`. A layer
whose inputs did not change is left alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from platform import machine

from local import leash
from local.environments import LAMBDA_PYTHON, ROOT, UV, exclusive, host_python
from local.fingerprint import fingerprint
from skymarshal.contracts import AWS_PYTHON

__all__ = ["UNZIPPED_LIMIT", "Layer", "LayerBuildFailed", "Platform", "build_layers"]

UNZIPPED_LIMIT = 250 * 1024 * 1024
"""What a function and its layers may weigh unzipped, in bytes: a Lambda quota."""

_THIRD_PARTY = ("dependencies", "arbitration", "reports")
_INSTALL = ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
# Unzipping sets new modification times, so only bytecode that is not checked against them stays valid.
_COMPILE = ("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash")
_IN_THE_RUNTIME = ("boto3", "botocore", "s3transfer")
_DEAD_WEIGHT_FOLDERS = frozenset({"bin", "include", "tests", "__pycache__"})
_DEAD_WEIGHT_SUFFIXES = frozenset({".a", ".c", ".h", ".pxd", ".pyi", ".pyx"})


class LayerBuildFailed(Exception):
    """A layer could not be built; the message says which and why."""


class Platform(StrEnum):
    """What a layer's compiled extensions are to run on: an architecture of AWS, or this very machine."""

    ARM64 = "arm64"
    X86_64 = "x86_64"
    HOST = "host"

    @property
    def directory(self) -> str:
        """The folder of the layers, from the checkout's root."""
        return "build/layers-host" if self is Platform.HOST else "build/layers"

    @property
    def architecture(self) -> str:
        """The instruction set, in AWS's words."""
        if self is not Platform.HOST:
            return str(self)
        return "arm64" if machine().lower() in {"arm64", "aarch64"} else "x86_64"

    @property
    def wheel_platform(self) -> str | None:
        """The platform whose wheels fit, in uv's words; None for this machine's own."""
        return {
            Platform.ARM64: "aarch64-manylinux_2_28",
            Platform.X86_64: "x86_64-manylinux_2_28",
            Platform.HOST: None,
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A built layer."""

    name: str
    folder: Path
    size: int
    """Bytes unzipped."""
    has_bytecode: bool
    """Whether it carries bytecode; without it a cold start takes about three times as long."""


def build_layers(platform: Platform, python: str, *, root: Path = ROOT) -> list[Layer]:
    """Build what is missing or out of date, and return all the layers.

    Args:
        platform: Where the layers are to run.
        python: The runtime's version, as in "3.14".
        root: The checkout.

    Raises:
        LayerBuildFailed: When a wheel is missing for the platform, or the layers exceed Lambda's limit.
    """
    with exclusive(root / ".cache/layers.lock"):
        interpreter = _interpreter(platform, python)
        layers = [_third_party(name, platform, python, interpreter, root) for name in _THIRD_PARTY]
        layers.append(_shared(platform, python, interpreter, root))
    total = sum(layer.size for layer in layers)
    if total > UNZIPPED_LIMIT:
        raise LayerBuildFailed(f"the layers weigh {total:,} bytes unzipped; Lambda allows {UNZIPPED_LIMIT:,}")
    return layers


def _third_party(name: str, platform: Platform, python: str, interpreter: Path | None, root: Path) -> Layer:
    requirements = root / "layers" / name / "requirements.txt"
    folder = root / platform.directory / name / platform.architecture
    state = fingerprint([requirements, Path(__file__)], root=root, also=(python, str(interpreter)))
    if not _is_current(folder, state):
        with _Replacement(folder, state) as target:
            _install(requirements, target / "python", platform, python, name)
            _drop_dead_weight(target / "python")
            _compile(target / "python", interpreter, name)
    return _describe(name, folder, interpreter)


def _shared(platform: Platform, python: str, interpreter: Path | None, root: Path) -> Layer:
    package = root / "layers/skymarshal/python"
    folder = root / platform.directory / "shared" / platform.architecture
    state = fingerprint([package, Path(__file__)], root=root, also=(python, str(interpreter)))
    if not _is_current(folder, state):
        with _Replacement(folder, state) as target:
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(package, target / "python", ignore=ignored)
            _compile(target / "python", interpreter, "shared")
    return _describe("shared", folder, interpreter)


def _install(requirements: Path, target: Path, platform: Platform, python: str, layer: str) -> None:
    wheels = (
        ("--python", str(LAMBDA_PYTHON))
        if platform.wheel_platform is None
        else ("--python-version", python, "--python-platform", platform.wheel_platform)
    )
    _run((str(UV), *_INSTALL, *wheels, "--target", str(target), "--requirement", str(requirements)), layer)


def _drop_dead_weight(packages: Path) -> None:
    for name in _IN_THE_RUNTIME:
        for path in [packages / name, *packages.glob(f"{name}-*.dist-info")]:
            shutil.rmtree(path, ignore_errors=True)
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.is_dir() and path.name in _DEAD_WEIGHT_FOLDERS:
            shutil.rmtree(path)
        elif path.suffix in _DEAD_WEIGHT_SUFFIXES:
            path.unlink()


def _compile(packages: Path, interpreter: Path | None, layer: str) -> None:
    if interpreter is None:
        return
    _run((str(interpreter), *_COMPILE, "-s", str(packages), "-p", "/opt/python", str(packages)), layer)


def _run(command: Sequence[str], layer: str) -> None:
    log = ROOT / ".cache/logs" / f"layer-{layer}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        status = leash.run(command, folder=ROOT, variables=os.environ, output=output.fileno())
    if status != 0:
        raise LayerBuildFailed(f"layer {layer} failed (exit {status}):\n{log.read_text()}The log: {log}")


def _interpreter(platform: Platform, python: str) -> Path | None:
    """Return an interpreter of the runtime's version, whose bytecode the runtime can read."""
    if platform is Platform.HOST:
        if python != host_python():
            raise LayerBuildFailed(f"platform host runs Python {host_python()}, not {python}")
        return LAMBDA_PYTHON
    find = (str(UV), "python", "find", "--quiet", "--no-python-downloads", "--no-project", "--system", python)
    done = subprocess.run(find, capture_output=True, text=True, check=False)  # noqa: S603
    return Path(done.stdout.strip()) if done.returncode == 0 else None


class _Replacement:
    """Fills a fresh folder and puts it in the place of the old one once it is whole."""

    def __init__(self, folder: Path, state: str) -> None:
        self._folder = folder
        self._state = state
        self._fresh = folder.with_name(f"{folder.name}.part")

    def __enter__(self) -> Path:
        shutil.rmtree(self._fresh, ignore_errors=True)
        self._fresh.mkdir(parents=True)
        return self._fresh

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        _stamp(self._folder).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._fresh.rename(self._folder)
        _stamp(self._folder).write_text(self._state)


def _stamp(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.built")


def _is_current(folder: Path, state: str) -> bool:
    stamp = _stamp(folder)
    return folder.is_dir() and stamp.is_file() and stamp.read_text() == state


def _describe(name: str, folder: Path, interpreter: Path | None) -> Layer:
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Layer(name=name, folder=folder, size=size, has_bytecode=interpreter is not None)


def main() -> int:
    """Build the layers, print what they weigh and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m layers.build", description="Builds the layers.")
    parser.add_argument("--platform", type=Platform, choices=list(Platform), default=Platform.HOST)
    parser.add_argument("--python", help=f"default: {AWS_PYTHON}, or this interpreter's for host")
    arguments = parser.parse_args()
    platform: Platform = arguments.platform
    python: str = arguments.python or (host_python() if platform is Platform.HOST else AWS_PYTHON)
    began = time.monotonic()
    try:
        layers = build_layers(platform, python)
    except LayerBuildFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    for layer in layers:
        sys.stdout.write(f"{layer.name:<14}{layer.size / 2**20:6.1f} MB  {layer.folder.relative_to(ROOT)}\n")
    sys.stdout.write(f"Layers for {platform}, Python {python}: {time.monotonic() - began:.1f} s\n")
    if not all(layer.has_bytecode for layer in layers):
        sys.stderr.write(f"No Python {python} on this machine: sources only, cold starts take longer.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
