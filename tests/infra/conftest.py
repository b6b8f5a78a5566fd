from __future__ import annotations

import os
import sys
from pathlib import Path

# The CDK starts Node when it is imported; the environment brings its own, beside its Python.
os.environ.setdefault("JSII_NODE", str(Path(sys.executable).with_name("node")))

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from infra.access import Deployment
from infra.application import build_app
from infra.components.layers import stand_in_layers
from infra.outputs import StackName


@pytest.fixture(scope="session")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stand_in_layers(tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="session")
def assembly(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stacks for AWS, synthesized once and looked at by cdk-nag."""
    folder = tmp_path_factory.mktemp("aws")
    app = build_app(output=folder, context={"layers_directory": str(layers)})
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError as error:
        # Findings stop the synthesis after the templates are written; a test reports them.
        if "ValidationFailed" not in str(error):
            raise
    return folder


@pytest.fixture(scope="session")
def deployment(assembly: Path) -> Deployment:
    return Deployment.read(assembly)


@pytest.fixture(scope="session")
def embedded(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The stacks for the emulator."""
    folder = tmp_path_factory.mktemp("embedded")
    build_app(output=folder, context={"layers_directory": str(layers), "target": "embedded"}).synth()
    return Deployment.read(folder)


def _template(deployment: Deployment, stack: StackName) -> Template:
    return Template.from_json(dict(deployment.templates[stack]))


@pytest.fixture(scope="session")
def checkpoint_template(deployment: Deployment) -> Template:
    return _template(deployment, StackName.CHECKPOINT)


@pytest.fixture(scope="session")
def workflow_template(deployment: Deployment) -> Template:
    return _template(deployment, StackName.WORKFLOW)


@pytest.fixture(scope="session")
def api_template(deployment: Deployment) -> Template:
    return _template(deployment, StackName.API)


@pytest.fixture(scope="session")
def monitoring_template(deployment: Deployment) -> Template:
    return _template(deployment, StackName.MONITORING)
