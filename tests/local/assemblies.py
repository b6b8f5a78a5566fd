"""Small assemblies as the CDK would synthesize them, written by hand because the CDK takes seconds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.environments import host_python

BUCKET = "assets-${AWS::AccountId}-${AWS::Region}"


def write_assembly(
    folder: Path,
    stacks: Mapping[str, dict[str, Any]],
    *,
    dependencies: Mapping[str, list[str]] | None = None,
    code: Mapping[str, str] | None = None,
    layer: Mapping[str, str] | None = None,
) -> Path:
    """Write an assembly; every stack may refer to `code.zip` and `layer.zip` in `BUCKET`."""
    folder.mkdir()
    files: dict[str, Any] = {}
    for key, content in (("code.zip", code), ("layer.zip", layer)):
        if content:
            # Unlike the CDK's, these names must differ between tests that share the archives' folder.
            name = f"asset.{hashlib.sha256(json.dumps(content).encode()).hexdigest()}"
            for path, text in content.items():
                target = folder / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            files[key] = {
                "source": {"path": name, "packaging": "zip"},
                "destinations": {"here": {"bucketName": BUCKET, "objectKey": key}},
            }
    artifacts = {}
    for name, template in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        (folder / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": [f"{name}.assets", *(dependencies or {}).get(name, [])],
        }
        artifacts[f"{name}.assets"] = {"type": "cdk:asset-manifest", "properties": {}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def table(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        },
    }


def function(name: str, handler: str, *, layers: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Handler": handler,
            "Runtime": f"python{host_python()}",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Timeout": 20,
            "Code": {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "code.zip"},
            "Layers": [{"Ref": layer} for layer in layers],
        },
    }


def layer(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": name,
            "Content": {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "layer.zip"},
        },
    }


def state_machine(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": name,
            "RoleArn": "arn:aws:iam::000000000000:role/any",
            "DefinitionString": json.dumps(definition),
        },
    }
