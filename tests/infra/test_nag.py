"""cdk-nag's AwsSolutions finds nothing that was not answered in writing."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks

from infra.components.findings import accept


def _findings(assembly: Path) -> list[str]:
    report = json.loads((assembly / "validation-report.json").read_text())
    return [
        f"{violation['ruleName']}: {construct['constructPath']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def test_the_stacks_have_no_finding_without_a_reason(assembly: Path) -> None:
    assert _findings(assembly) == []


def test_a_finding_without_a_reason_would_be_seen(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Careless")
    answered = sqs.Queue(stack, "Answered", enforce_ssl=True)
    sqs.Queue(stack, "Unanswered", enforce_ssl=True)
    accept(answered, "AwsSolutions-SQS3", because="It is a test's.")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with contextlib.suppress(RuntimeError):
        app.synth()
    assert _findings(tmp_path) == ["AwsSolutions-SQS3: Careless/Unanswered/Resource"]
