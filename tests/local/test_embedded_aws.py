from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.deployment import DeploymentFailed
from local.embedded import EmbeddedAws, EmbeddedAwsFailed
from local.environments import ROOT
from tests.local.assemblies import function, layer, state_machine, table, write_assembly

pytestmark = pytest.mark.embedded_aws

HANDLERS = """
import importlib.util, os

class HeadMoved(Exception): pass

def process(event, context):
    return os.getpid()

def raises(event, context):
    raise HeadMoved("the head is elsewhere")

def offers(event, context):
    return {name: importlib.util.find_spec(name) is not None for name in event["packages"]}

def origin(event, context):
    import from_the_layer
    return os.path.realpath(from_the_layer.__file__)
"""

COMPANION = """
from pathlib import Path

def accompany(function, notes):
    def wrap(handler):
        def accompanied(event, context):
            Path(notes, function).write_text(handler.__name__)
            return handler(event, context)
        return accompanied
    return wrap
"""

# CloudFormation takes no secrets in parameters.
SECRET = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/s", "Type": "SecureString", "Value": "v"}}

AWAIT = {
    "StartAt": "Await",
    "States": {
        "Await": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "raises", "Payload": {"token.$": "$$.Task.Token"}},
            "Catch": [{"ErrorEquals": ["HeadMoved"], "Next": "Known"}],
            "End": True,
        },
        "Known": {"Type": "Succeed"},
    },
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS with a few functions, two of which share a layer, and a state machine."""
    resources = {
        **{name.title(): function(name, f"handlers.{name}") for name in ("process", "raises", "offers")},
        "Pair": function("pair", "handlers.process"),
        "One": function("one", "handlers.origin", layers=("Layer",)),
        "Two": function("two", "handlers.origin", layers=("Layer",)),
        "Layer": layer("shared"),
        "Machine": state_machine("await", AWAIT),
    }
    assembly = write_assembly(
        tmp_path_factory.mktemp("cdk") / "out",
        {"Functions": {"Resources": resources, "Outputs": {"Machine": {"Value": {"Ref": "Machine"}}}}},
        code={"handlers.py": HANDLERS},
        layer={"python/from_the_layer.py": ""},
    )
    companion = tmp_path_factory.mktemp("companion") / "companion.py"
    companion.write_text(COMPANION)
    with EmbeddedAws.start(companion=companion, environments_of={"pair": 2}) as started:
        started.deploy(assembly)
        yield started


def invoke(aws: EmbeddedAws, name: str, event: dict[str, Any] | None = None) -> Any:
    client = boto3.client("lambda", **aws.connection)
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}))
    return json.loads(answer["Payload"].read())


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_companion_rides_along_with_every_handler(aws: EmbeddedAws) -> None:
    invoke(aws, "process")
    assert (aws.companion_notes / "process").read_text() == "process"


def test_a_raised_exception_is_reported_by_its_class(aws: EmbeddedAws) -> None:
    answer = invoke(aws, "raises")
    assert (answer["errorType"], answer["errorMessage"]) == ("HeadMoved", "the head is elsewhere")
    assert any("in raises" in line for line in answer["stackTrace"])


def test_a_function_that_raised_keeps_its_execution_environment(aws: EmbeddedAws) -> None:
    log = aws.logs / "functions/raises.log"
    invoke(aws, "raises")
    before = log.read_text().count("_worker.py")
    invoke(aws, "raises")
    workers = {line.split('"')[1] for line in log.read_text().splitlines() if "_worker.py" in line}
    assert before > 0
    assert len(workers) == 1


def test_a_function_sees_the_lambda_runtime_and_none_of_the_emulators_packages(aws: EmbeddedAws) -> None:
    seen = invoke(aws, "offers", {"packages": ["boto3", "ministack", "uvicorn", "cryptography", "langgraph"]})
    assert [name for name, offered in seen.items() if offered] == ["boto3"]


def test_functions_share_one_unpacked_copy_of_a_layer(aws: EmbeddedAws) -> None:
    one, two = invoke(aws, "one"), invoke(aws, "two")
    assert one == two
    assert Path(one).is_relative_to(ROOT / ".cache/unpacked")


def test_one_function_has_one_execution_environment_however_many_call_it(aws: EmbeddedAws) -> None:
    with ThreadPoolExecutor(8) as pool:
        processes = set(pool.map(lambda _: invoke(aws, "process"), range(16)))
    assert len(processes) == 1


def test_a_function_may_have_more_of_them_and_no_more_than_said(aws: EmbeddedAws) -> None:
    aws.prewarm(["pair"])
    with ThreadPoolExecutor(8) as pool:
        processes = set(pool.map(lambda _: invoke(aws, "pair"), range(64)))
    assert len(processes) == 2


def test_a_task_that_waits_for_its_token_fails_with_its_function(aws: EmbeddedAws) -> None:
    client = boto3.client("stepfunctions", **aws.connection)
    machine = aws.stacks["Functions"].outputs["Machine"]
    execution = client.start_execution(stateMachineArn=machine, input="{}")["executionArn"]

    def ended() -> bool:
        return client.describe_execution(executionArn=execution)["status"] != "RUNNING"

    assert eventually(ended)
    assert client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def test_prewarming_starts_every_function_without_calling_it(aws: EmbeddedAws) -> None:
    started: list[str] = []
    assert aws.prewarm(["process", "offers"], on_function=lambda name, _: started.append(name)) == 2
    assert sorted(started) == ["offers", "process"]


def test_prewarming_tells_which_function_does_not_import_and_why(tmp_path: Path) -> None:
    assembly = write_assembly(
        tmp_path / "out",
        {"Broken": {"Resources": {"Broken": function("broken", "handlers.anything")}}},
        code={"handlers.py": "import a_package_that_no_layer_has"},
    )
    with EmbeddedAws.start() as aws:
        aws.deploy(assembly)
        with pytest.raises(EmbeddedAwsFailed, match=r"(?s)broken: .*a_package_that_no_layer_has.*aws\.log"):
            aws.prewarm()


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({"Thing": {"Type": "AWS::No::SuchThing"}}, r"stack Wrong was refused: .*AWS::No::SuchThing"),
        ({"Secret": SECRET}, r"stack Wrong ended .*\n  Secret: .*SecureString"),
    ],
)
def test_a_stack_that_cannot_be_created_is_told_with_its_reason(
    tmp_path: Path, resources: dict[str, Any], told: str
) -> None:
    assembly = write_assembly(tmp_path / "out", {"Wrong": {"Resources": resources}})
    with EmbeddedAws.start() as aws, pytest.raises(DeploymentFailed, match=told):
        aws.deploy(assembly)


def test_stacks_are_deployed_after_those_that_they_depend_on(tmp_path: Path) -> None:
    stacks = {name: {"Resources": {"Table": table(name)}} for name in ("Third", "Second", "First")}
    assembly = write_assembly(
        tmp_path / "out", stacks, dependencies={"Third": ["Second"], "Second": ["First"]}
    )
    order: list[str] = []
    with EmbeddedAws.start() as aws:
        aws.deploy(assembly, on_stack=lambda stack: order.append(stack.name))
    assert order == ["First", "Second", "Third"]


def test_two_side_by_side_do_not_see_each_others_tables(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "out", {"Data": {"Resources": {"Table": table("Only-here")}}})
    with EmbeddedAws.start() as one, EmbeddedAws.start() as other:
        one.deploy(assembly)
        assert boto3.client("dynamodb", **one.connection).list_tables()["TableNames"] == ["Only-here"]
        assert boto3.client("dynamodb", **other.connection).list_tables()["TableNames"] == []


def test_stopping_ends_every_process_frees_the_port_and_keeps_the_logs() -> None:
    aws = EmbeddedAws.start()
    port = int(aws.endpoint.rsplit(":", 1)[1])
    assert listens(port)
    aws.stop()
    aws.stop()
    assert eventually(lambda: not group_lives(aws.pid))
    assert not listens(port)
    assert sorted(path.name for path in aws.logs.iterdir()) == ["aws.log", "functions", "lock"]


def started_elsewhere(*then: str) -> tuple[subprocess.Popen[str], int, int]:
    """Start an embedded AWS in another process and return that, the emulator's group and its port."""
    script = ["from local.embedded import EmbeddedAws", "aws = EmbeddedAws.start()", *then]
    script += ["print(aws.pid, aws.endpoint.rsplit(':', 1)[1], flush=True)", "input()"]
    starter = subprocess.Popen(
        (sys.executable, "-c", "\n".join(script)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    group, port = map(int, starter.stdout.readline().split())
    return starter, group, port


def test_killing_the_starter_leaves_no_process_and_no_port() -> None:
    starter, group, port = started_elsewhere()
    assert listens(port)
    starter.kill()
    starter.communicate()
    assert eventually(lambda: not group_lives(group))
    assert not listens(port)


def test_a_kept_embedded_aws_outlives_its_starter_and_ends_by_its_pid() -> None:
    starter, group, port = started_elsewhere("aws.keep()")
    starter.communicate("\n")
    try:
        assert listens(port)
    finally:
        os.killpg(group, signal.SIGKILL)
    assert eventually(lambda: not listens(port))
