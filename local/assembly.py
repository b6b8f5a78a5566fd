"""Synthesizes the CDK app and reads what came out.

A synthesized assembly is kept under `build/assembly`, by a hash of everything that it was made from.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from layers.build import LayerBuildFailed, Platform, build_layers
from local import leash
from local.environments import PYTHON, ROOT, exclusive, host_python
from local.fingerprint import fingerprint
from skymarshal.contracts import AWS_PYTHON

__all__ = ["Asset", "Stack", "SynthesisFailed", "embedded_assembly", "read_stacks", "synthesize"]

_SOURCES = ("app.py", "cdk.json", "infra", "lambdas", "layers", "requirements/dev.txt")
_KEPT = 3


class SynthesisFailed(Exception):
    """The CDK app could not be synthesized; the message names the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file or folder that a stack expects in a bucket."""

    source: Path
    zipped: bool
    bucket: str
    """With `${AWS::AccountId}` and the like left open."""
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack of an assembly."""

    name: str
    template: Path
    dependencies: frozenset[str]
    assets: tuple[Asset, ...]


def embedded_assembly(*, root: Path = ROOT) -> Path:
    """Build the layers for this machine and synthesize the stacks for the embedded AWS, where they changed.

    Raises:
        LayerBuildFailed: A layer could not be built.
        SynthesisFailed: The app could not be synthesized.
    """
    build_layers(Platform.HOST, host_python(), root=root)
    context = {
        "target": "embedded",
        "python_version": host_python(),
        "layers_directory": Platform.HOST.directory,
    }
    if os.environ.get("RULE_PROFILE"):
        context["rule_profile"] = os.environ["RULE_PROFILE"]
    return synthesize("embedded", context, root=root)


def synthesize(name: str, context: Mapping[str, str], *, root: Path = ROOT) -> Path:
    """Run the CDK app, unless an assembly of the same sources and context is at hand, and return its folder.

    The app runs without the CDK's own command, without credentials and without a network.

    Args:
        name: Begins the folder's name.
        context: Context values, over those of `cdk.json`.
        root: The checkout.

    Raises:
        SynthesisFailed: The app failed.
    """
    state = fingerprint(
        [root / source for source in _SOURCES],
        root=root,
        also=[f"{key}={value}" for key, value in sorted(context.items())],
    )
    assemblies = root / "build/assembly"
    folder = assemblies / f"{name}-{state[:16]}"
    if folder.is_dir():
        os.utime(folder)
        return folder
    with exclusive(root / ".cache/synthesis.lock"):
        if not folder.is_dir():
            part = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            _run_app(part, {**_own_context(root), **context}, root)
            part.rename(folder)
            _prune(assemblies, name)
    return folder


def read_stacks(assembly: Path) -> tuple[Stack, ...]:
    """Return the stacks of an assembly, each after those that it depends on."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks: dict[str, Stack] = {}
    waiting = {
        name: found for name, found in artifacts.items() if found["type"] == "aws:cloudformation:stack"
    }
    known = frozenset(waiting)
    while waiting:
        for name, found in list(waiting.items()):
            dependencies = known & frozenset(found.get("dependencies", ()))
            if dependencies <= stacks.keys():
                template = assembly / found["properties"]["templateFile"]
                stacks[name] = Stack(
                    name=found["properties"].get("stackName", name),
                    template=template,
                    dependencies=frozenset(stacks[other].name for other in dependencies),
                    assets=_read_assets(assembly, name),
                )
                del waiting[name]
    return tuple(stacks.values())


def _read_assets(assembly: Path, stack: str) -> tuple[Asset, ...]:
    listed = json.loads((assembly / f"{stack}.assets.json").read_text())["files"]
    return tuple(
        Asset(
            source=assembly / asset["source"]["path"],
            zipped=asset["source"]["packaging"] == "zip",
            bucket=destination["bucketName"],
            key=destination["objectKey"],
        )
        for asset in listed.values()
        for destination in asset["destinations"].values()
    )


def _own_context(root: Path) -> dict[str, object]:
    settings = root / "cdk.json"
    context: dict[str, object] = (
        json.loads(settings.read_text()).get("context", {}) if settings.is_file() else {}
    )
    return context


def _run_app(output: Path, context: Mapping[str, object], root: Path) -> None:
    log = root / ".cache/logs/synthesis.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    variables |= {
        "CDK_OUTDIR": str(output),
        "CDK_CONTEXT_JSON": json.dumps(context),
        # The environment brings its own Node, so that none need be installed.
        "JSII_NODE": str(PYTHON.with_name("node")),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(root / ".cache/jsii"),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }
    with log.open("w") as written:
        command = (str(PYTHON), "app.py")
        status = leash.run(command, folder=root, variables=variables, output=written.fileno())
    if status != 0:
        tail = "\n".join(log.read_text().splitlines()[-15:])
        raise SynthesisFailed(f"app.py failed (exit {status}):\n{tail}\nThe whole log: {log}")


def _prune(assemblies: Path, name: str) -> None:
    made = sorted(assemblies.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in made[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Synthesize for AWS or for the embedded AWS, print where to, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.assembly", description="Synthesizes the CDK app.")
    parser.add_argument("--target", choices=["aws", "embedded"], default="aws")
    target: str = parser.parse_args().target
    began = time.monotonic()
    try:
        if target == "embedded":
            folder = embedded_assembly()
        else:
            build_layers(Platform.ARM64, AWS_PYTHON)
            folder = synthesize("aws", {"target": "aws"})
    except (LayerBuildFailed, SynthesisFailed) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write(f"{folder.relative_to(ROOT)}: {time.monotonic() - began:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
