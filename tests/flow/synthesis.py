"""The state machine and its functions as the stacks deploy them, read from a synthesized assembly."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The CDK starts Node when it is imported; the environment brings its own, beside its Python.
os.environ.setdefault("JSII_NODE", str(Path(sys.executable).with_name("node")))

from infra.access import Deployment
from infra.application import synthesize
from infra.components.layers import stand_in_layers
from infra.outputs import StackName


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What the stacks deploy.

    Attributes:
        definition: The state machine, whose tasks name functions.
        handlers: Each function's handler.
        table: Keys and indexes of the checkpoint table, as `create_table` takes them.
    """

    definition: Mapping[str, Any]
    handlers: Mapping[str, str]
    table: Mapping[str, Any]


def synthesized(folder: Path) -> Synthesis:
    """Synthesize the stacks, with layers that hold nothing, and read what they deploy."""
    layers = stand_in_layers(folder / "layers")
    synthesize(folder / "assembly", {"layers_directory": str(layers)})
    deployment = Deployment.read(folder / "assembly")
    ((stack, _, resource),) = deployment.resources("AWS::StepFunctions::StateMachine")
    text = deployment.name(stack, resource["Properties"]["DefinitionString"])
    ((_, _, table),) = (
        each for each in deployment.resources("AWS::DynamoDB::Table") if each[0] == StackName.CHECKPOINT
    )
    return Synthesis(
        definition=json.loads(re.sub(r'"function ([\w-]+)"', r'"\1"', text)),
        handlers={function.name: function.handler for function in deployment.functions()},
        table={
            name: table["Properties"][name]
            for name in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
        },
    )
