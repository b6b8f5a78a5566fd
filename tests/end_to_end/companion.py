"""Rides along in the functions' processes: notes what their roles must allow, beside what `rider` does.

It is run by its file's name in processes that know nothing of this package. In the folder that it is given,
`allowed` gets a line of JSON for each kind of call, once a process.
"""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

NOTED: Final = "allowed"

_RIDER: Final = Path(__file__).resolve().parents[2] / "local/chaos/rider.py"
_ACCOUNT: Final = re.compile(r"\b\d{12}\b")
_WRITTEN: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_S3_ACTIONS: Final = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "UploadPart": "PutObject",
}

Call = tuple[str, str, dict[str, Any]]
"""Action, resource and what its conditions may ask for."""


def accompany(function: str, notes: str) -> Callable[[Any], Any]:
    """Note the calls of AWS that this process makes from now on; return what wraps its handler."""
    from botocore import handlers

    written: set[str] = set()
    file = Path(notes) / NOTED

    def note(params: Mapping[str, Any], model: Any, **_: object) -> None:
        for action, resource, context in calls_of(str(model.service_model.service_name), model.name, params):
            line = json.dumps(
                {
                    "function": function,
                    "action": action,
                    "resource": _anonymous(resource),
                    "context": context,
                },
                sort_keys=True,
            )
            if line not in written:
                written.add(line)
                # One write to the end of a file is whole, whoever else writes to it.
                with file.open("a") as noted:
                    noted.write(f"{line}\n")

    handlers.BUILTIN_HANDLERS.append(("before-parameter-build", note))
    return runpy.run_path(str(_RIDER))["accompany"](function, notes)  # type: ignore[no-any-return]


def calls_of(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Call]:
    """Yield what IAM is asked for one call: for a transaction, for each item of it."""
    match service:
        case "dynamodb":
            yield from _dynamodb(operation, params)
        case "s3":
            action = _S3_ACTIONS.get(operation, operation)
            if action == "ListBucket":
                prefix = str(params.get("Prefix", "")).partition("/")[0] + "/"
                yield "s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}", {"s3:prefix": prefix}
            else:
                folder = str(params["Key"]).partition("/")[0]
                yield f"s3:{action}", f"arn:aws:s3:::{params['Bucket']}/{folder}/one", {}
        case "sns":
            yield "sns:Publish", str(params["TopicArn"]), {}
        case "sqs":
            queue = str(params["QueueUrl"]).rpartition("/")[2]
            yield f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{{region}}:{{account}}:{queue}", {}
        case "events":
            for entry in params["Entries"]:
                bus = f"arn:aws:events:{{region}}:{{account}}:event-bus/{entry['EventBusName']}"
                yield "events:PutEvents", bus, {"events:source": entry["Source"]}
        case "stepfunctions":
            if operation == "SendTaskSuccess":
                # The task's token says which machine; the functions have none but the one.
                yield "states:SendTaskSuccess", "state machine", {}
            else:
                arn = str(params.get("stateMachineArn") or params["executionArn"])
                yield (
                    f"states:{operation}",
                    arn.rpartition(":")[0] + ":one" if "execution:" in arn else arn,
                    {},
                )
        case "kms":
            context = params.get("EncryptionContext", {})
            yield (
                f"kms:{operation}",
                "key",
                {f"kms:EncryptionContext:{name}": context[name] for name in ("purpose",)},
            )
        case "bedrock-agent-runtime":
            yield f"bedrock:{operation}", "knowledge base", {}
        case _:
            yield f"{service}:{operation}", "unknown", {}


def _dynamodb(operation: str, params: Mapping[str, Any]) -> Iterator[Call]:
    match operation:
        case "TransactWriteItems":
            for each in params["TransactItems"]:
                ((kind, item),) = each.items()
                yield _on_item(_WRITTEN[kind], item)
        case "BatchGetItem" | "BatchWriteItem":
            for table in params["RequestItems"]:
                yield f"dynamodb:{operation}", _table(table), {}
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield _on_item(operation, params)
        case _:
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            yield f"dynamodb:{operation}", _table(params["TableName"]) + index, {}


def _on_item(operation: str, params: Mapping[str, Any]) -> Call:
    key = params.get("Key") or params["Item"]
    named = params.get("ExpressionAttributeNames", {}).values()
    attributes = sorted({*params.get("Item", {}), *params.get("Key", {}), *named})
    context = {"dynamodb:Attributes": attributes, "dynamodb:LeadingKeys": [_kind(key["PK"]["S"])]}
    return f"dynamodb:{operation}", _table(params["TableName"]), context


def _kind(partition: str) -> str:
    return partition.partition("#")[0] + "#one"


def _table(name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{{region}}:{{account}}:table/{name}"


def _anonymous(resource: str) -> str:
    region = os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
    return _ACCOUNT.sub("{account}", resource).replace(region, "{region}")
