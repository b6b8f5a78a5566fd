"""The CDK application: five stacks and an option, what changes seldom apart from what often changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk.cx_api import CloudAssembly

from infra.api_stack import ApiStack
from infra.checkpoint_stack import CheckpointStack
from infra.knowledge_stack import KnowledgeStack
from infra.monitoring_stack import MonitoringStack
from infra.operations_stack import OperationsStack
from infra.settings import CREATE, OperationsTables, Settings
from infra.workflow_stack import WorkflowStack

__all__ = ["build_app", "synthesize"]

_CDK_JSON: Final = Path(__file__).resolve().parent.parent / "cdk.json"


def build_app(*, output: Path | None = None, context: Mapping[str, str] | None = None) -> cdk.App:
    """Return the application with its stacks.

    Account and region are left open, so that synthesis needs neither credentials nor a network.

    Args:
        output: Folder of the assembly; by default the one that the CDK CLI asks for, or `cdk.out`.
        context: Settings (see `infra.settings.Settings`) that go before those of the CLI.

    Raises:
        SettingsError: A context value can't be used.
        LayerNotBuilt: A layer is missing.
    """
    app = cdk.App(
        outdir=str(output) if output else None,
        analytics_reporting=False,
        # The CLI hands over cdk.json by itself; without the CLI the same flags must hold.
        context=json.loads(_CDK_JSON.read_text())["context"],
        post_cli_context=dict(context or {}),
    )
    settings = Settings.from_context(app.node)
    store = CheckpointStack(app, settings)
    if settings.operations_tables is OperationsTables.CREATE:
        OperationsStack(app, settings, store.key)
    knowledge_base_id = settings.knowledge_base
    if knowledge_base_id == CREATE:
        knowledge_base_id = KnowledgeStack(app, settings).knowledge_base_id
    workflow = WorkflowStack(app, settings, store, knowledge_base_id)
    api = ApiStack(app, settings, workflow)
    MonitoringStack(app, settings, store, workflow, api)
    cdk.Tags.of(app).add("application", settings.name_prefix)
    return app


def synthesize(output: Path, context: Mapping[str, str]) -> CloudAssembly:
    """Write the assembly to `output` and return it."""
    return build_app(output=output, context=context).synth()
