"""The state machine's definition as the published validator of Amazon States Language judges it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.access import Deployment

PACKAGE = "asl-validator@4.0.0"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "asl-validator"


@pytest.fixture(scope="module")
def validator() -> list[str]:
    """The command of the validator, which npm fetches once."""
    folder = CACHE / PACKAGE
    program = folder / "node_modules" / ".bin" / "asl-validator"
    here = str(Path(sys.executable).parent)
    npm = shutil.which("npm", path=here) or shutil.which("npm")
    if not program.exists():
        if npm is None:
            pytest.skip(f"{PACKAGE} is fetched by npm, and there is no npm")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
        fetched = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        if fetched.returncode:
            pytest.skip(f"npm could not fetch {PACKAGE}: {fetched.stderr.strip()[:300]}")
    node = shutil.which("node", path=here) or shutil.which("node")
    assert node is not None
    return [node, str(program.resolve())]


def _judged(validator: list[str], definition: dict, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "definition.json"
    path.write_text(json.dumps(definition))
    command = [*validator, "--json-path", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def definition(deployment: Deployment) -> dict:
    ((_, _, resource),) = deployment.resources("AWS::StepFunctions::StateMachine")
    parts = resource["Properties"]["DefinitionString"]["Fn::Join"][1]
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:any"
    text = "".join(
        part if isinstance(part, str) else "aws" if part == {"Ref": "AWS::Partition"} else arn
        for part in parts
    )
    return json.loads(text)


def test_the_definition_is_clean(validator, definition, tmp_path) -> None:
    judged = _judged(validator, definition, tmp_path)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_a_definition_that_leads_nowhere_would_be_found(validator, definition, tmp_path) -> None:
    broken = json.loads(json.dumps(definition))
    broken["States"]["Phase 1 - join"]["Next"] = "Nowhere"
    assert _judged(validator, broken, tmp_path).returncode != 0
