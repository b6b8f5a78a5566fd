"""The Lambda layers, from the folders that `layers.build` fills."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.settings import Settings

__all__ = ["ROOT", "LayerNotBuilt", "Layers", "stand_in_layers"]

ROOT: Final = Path(__file__).resolve().parents[2]

_NAMES: Final = ("shared", "dependencies", "arbitration", "reports")


class LayerNotBuilt(FileNotFoundError):
    """A layer's folder is missing or empty; the message says how to build it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The layers of a stack.

    Attributes:
        shared: The package `skymarshal`.
        dependencies: What every function needs.
        arbitration: What only the arbitration phase needs.
        reports: What only the rendering of reports needs.
    """

    shared: lambda_.ILayerVersion
    dependencies: lambda_.ILayerVersion
    arbitration: lambda_.ILayerVersion
    reports: lambda_.ILayerVersion

    @classmethod
    def create(cls, scope: Construct, settings: Settings) -> Layers:
        """Create the layers in a stack.

        Raises:
            LayerNotBuilt: A layer's folder is missing or empty.
        """
        return cls(
            shared=_layer(scope, "shared", settings),
            dependencies=_layer(scope, "dependencies", settings),
            arbitration=_layer(scope, "arbitration", settings),
            reports=_layer(scope, "reports", settings),
        )


def stand_in_layers(folder: Path) -> Path:
    """Fill a folder with layers that hold nothing of use, and return it.

    They are enough to synthesize templates to read, which don't depend on what a layer holds.
    """
    for name in _NAMES:
        for architecture in (lambda_.Architecture.ARM_64, lambda_.Architecture.X86_64):
            package = folder / name / architecture.name / "python"
            package.mkdir(parents=True)
            (package / f"{name}.py").touch()
    return folder


def _layer(scope: Construct, name: str, settings: Settings) -> lambda_.LayerVersion:
    folder = ROOT / settings.layers_directory / name / settings.architecture.name
    if not folder.is_dir() or not any(folder.iterdir()):
        platform = "host" if settings.embedded else settings.architecture.name
        raise LayerNotBuilt(
            f"layer {name} is not built: {folder} is missing or empty. Run `make layers`, which is "
            f"`python -m layers.build --platform {platform} --python {settings.python_version}`."
        )
    return lambda_.LayerVersion(
        scope,
        f"{name.capitalize()}Layer",
        layer_version_name=f"{settings.name_prefix}-{name}",
        code=lambda_.Code.from_asset(str(folder)),
        compatible_runtimes=[settings.runtime],
        compatible_architectures=[settings.architecture],
    )
