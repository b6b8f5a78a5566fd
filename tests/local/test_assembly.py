from __future__ import annotations

from pathlib import Path

import pytest

from local.assembly import SynthesisFailed, read_stacks, synthesize
from local.fingerprint import fingerprint
from tests.local.assemblies import table, write_assembly

APP = """
import json, os, pathlib
output = pathlib.Path(os.environ["CDK_OUTDIR"])
(output / "context.json").write_text(os.environ["CDK_CONTEXT_JSON"])
(output / "aws.json").write_text(json.dumps([name for name in os.environ if name.startswith("AWS_")]))
pathlib.Path("calls").open("a").write("x")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "cdk.json").write_text('{"context": {"flag": true, "target": "aws"}}')
    return tmp_path


def test_an_unchanged_app_is_not_run_again(checkout: Path) -> None:
    first = synthesize("embedded", {"target": "embedded"}, root=checkout)
    assert synthesize("embedded", {"target": "embedded"}, root=checkout) == first
    assert (checkout / "calls").read_text() == "x"


@pytest.mark.parametrize(
    "changed", ["app.py", "cdk.json", "infra/stack.py", "lambdas/intake.py", "layers/x.py"]
)
def test_a_change_anywhere_in_the_stacks_or_the_code_is_synthesized(checkout: Path, changed: str) -> None:
    first = synthesize("embedded", {}, root=checkout)
    (checkout / changed).parent.mkdir(exist_ok=True)
    with (checkout / changed).open("a") as file:
        file.write("\n")
    assert synthesize("embedded", {}, root=checkout) != first


def test_the_given_context_goes_over_that_of_cdk_json(checkout: Path) -> None:
    folder = synthesize("embedded", {"target": "embedded"}, root=checkout)
    assert (folder / "context.json").read_text() == '{"flag": true, "target": "embedded"}'


def test_the_app_sees_no_credentials(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone's")
    folder = synthesize("aws", {}, root=checkout)
    assert (folder / "aws.json").read_text() == "[]"


def test_a_failing_app_is_told_with_its_words_and_leaves_no_assembly(checkout: Path) -> None:
    (checkout / "app.py").write_text("raise SystemExit('no such table')")
    with pytest.raises(SynthesisFailed, match=r"no such table(?s:.)*synthesis\.log"):
        synthesize("aws", {}, root=checkout)
    assert not list((checkout / "build/assembly").glob("aws-" + "?" * 16))


def test_stacks_come_after_those_that_they_depend_on(tmp_path: Path) -> None:
    assembly = write_assembly(
        tmp_path / "out",
        {name: {"Resources": {"Table": table(name)}} for name in ("Api", "Workflow", "Checkpoint")},
        dependencies={"Api": ["Workflow", "Checkpoint"], "Workflow": ["Checkpoint"]},
    )
    assert [stack.name for stack in read_stacks(assembly)] == ["Checkpoint", "Workflow", "Api"]


def test_bytecode_does_not_count_as_a_change(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("x = 1")
    before = fingerprint([tmp_path], root=tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/module.cpython-311.pyc").write_bytes(b"compiled")
    assert fingerprint([tmp_path], root=tmp_path) == before


def test_two_checkouts_of_the_same_content_agree(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("x = 1")
    one, two = (fingerprint([tmp_path / name], root=tmp_path / name) for name in ("one", "two"))
    assert one == two
