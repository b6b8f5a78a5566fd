"""Deploys a synthesized assembly to the embedded AWS by CloudFormation, with boto3 alone."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.assembly import Asset, Stack, read_stacks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

__all__ = ["Connection", "DeployedStack", "DeploymentFailed", "deploy"]

_LARGEST_INLINE_TEMPLATE = 51_200
_POLL_SECONDS = 0.05
_BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"


class Connection(TypedDict):
    """What reaches the embedded AWS, as arguments of `boto3.client`."""

    endpoint_url: str
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str


class DeploymentFailed(Exception):
    """A stack could not be created; the message names it, and each resource with its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A stack that stands."""

    name: str
    outputs: Mapping[str, str]
    seconds: float
    """From the start of its upload to its completion."""


def deploy(
    assembly: Path,
    connection: Connection,
    *,
    archives: Path,
    on_stack: Callable[[DeployedStack], None] | None = None,
) -> dict[str, DeployedStack]:
    """Create the stacks of an assembly, each as soon as those that it depends on stand.

    Args:
        assembly: A synthesized assembly.
        connection: The embedded AWS.
        archives: Folder that keeps the zipped assets by their content.
        on_stack: Called with each stack as it stands, one at a time, in the calling thread.

    Raises:
        DeploymentFailed: A stack could not be created; nothing further is begun.
    """
    stacks = {stack.name: stack for stack in read_stacks(assembly)}
    deployer = _Deployer(connection, archives)
    deployed: dict[str, DeployedStack] = {}
    under_way: dict[Future[DeployedStack], str] = {}
    with ThreadPoolExecutor(max_workers=len(stacks) or 1) as pool:
        while len(deployed) < len(stacks):
            for name, stack in stacks.items():
                begun = name in deployed or name in under_way.values()
                if not begun and stack.dependencies <= deployed.keys():
                    under_way[pool.submit(deployer.create, stack)] = name
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                deployed[under_way.pop(future)] = stack_stands = future.result()
                if on_stack is not None:
                    on_stack(stack_stands)
    return deployed


class _Deployer:
    def __init__(self, connection: Connection, archives: Path) -> None:
        config = Config(retries={"total_max_attempts": 1}, read_timeout=120)
        self._s3: S3Client = boto3.client("s3", config=config, **connection)
        self._cloudformation: CloudFormationClient = boto3.client(
            "cloudformation", config=config, **connection
        )
        self._endpoint = connection["endpoint_url"]
        self._archives = archives
        self._account = boto3.client("sts", config=config, **connection).get_caller_identity()["Account"]
        self._region = connection["region_name"]
        self._lock = threading.Lock()
        self._buckets: set[str] = set()
        self._uploads: dict[tuple[str, str], Future[str]] = {}
        # Templates check by this parameter that the account is bootstrapped for the CDK.
        ssm = boto3.client("ssm", config=config, **connection)
        ssm.put_parameter(Name=_BOOTSTRAP_PARAMETER, Value="30", Type="String", Overwrite=True)

    def create(self, stack: Stack) -> DeployedStack:
        began = time.monotonic()
        location = None
        for asset in stack.assets:
            url = self._upload(asset)
            if asset.source == stack.template:
                location = url
        try:
            self._begin(stack, location)
        except ClientError as error:
            raise DeploymentFailed(f"stack {stack.name} was refused: {error}") from error
        outputs = self._await(stack.name)
        return DeployedStack(name=stack.name, outputs=outputs, seconds=time.monotonic() - began)

    def _begin(self, stack: Stack, location: str | None) -> None:
        template = stack.template.read_text()
        if len(template.encode()) <= _LARGEST_INLINE_TEMPLATE:
            self._cloudformation.create_stack(
                StackName=stack.name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
            )
        elif location is not None:
            self._cloudformation.create_stack(
                StackName=stack.name, TemplateURL=location, Capabilities=["CAPABILITY_NAMED_IAM"]
            )
        else:
            raise DeploymentFailed(f"stack {stack.name}: its template is too large to send and is no asset")

    def _await(self, name: str) -> dict[str, str]:
        while True:
            found = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            if not found["StackStatus"].endswith("_IN_PROGRESS"):
                break
            time.sleep(_POLL_SECONDS)
        if found["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        events = self._cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in reversed(events)
            if event.get("ResourceStatus", "").endswith("FAILED")
        ]
        raise DeploymentFailed("\n".join([f"stack {name} ended {found['StackStatus']}", *reasons]))

    def _upload(self, asset: Asset) -> str:
        """Upload an asset once, whichever stacks ask for it, and return where it is."""
        bucket, key = self._resolve(asset.bucket), self._resolve(asset.key)
        with self._lock:
            first = (bucket, key) not in self._uploads
            upload = self._uploads.setdefault((bucket, key), Future())
            if bucket not in self._buckets:
                self._s3.create_bucket(Bucket=bucket)
                self._buckets.add(bucket)
        if first:
            try:
                body = self._archive(asset) if asset.zipped else asset.source
                with body.open("rb") as content:
                    self._s3.put_object(Bucket=bucket, Key=key, Body=content)
                upload.set_result(f"{self._endpoint}/{bucket}/{key}")
            except BaseException as error:
                upload.set_exception(error)
                raise
        return upload.result()

    def _archive(self, asset: Asset) -> Path:
        # The CDK names an asset's folder by its content.
        archive = self._archives / f"{asset.source.name}.zip"
        if archive.is_file():
            os.utime(archive)
            return archive
        self._archives.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
            for path in sorted(asset.source.rglob("*")):
                if path.is_file():
                    written.write(path, path.relative_to(asset.source))
        with tempfile.NamedTemporaryFile(dir=self._archives, suffix=".part", delete=False) as part:
            part.write(content.getbuffer())
        Path(part.name).rename(archive)
        return archive

    def _resolve(self, text: str) -> str:
        return (
            text.replace("${AWS::AccountId}", self._account)
            .replace("${AWS::Region}", self._region)
            .replace("${AWS::Partition}", "aws")
        )
