"""`skymarshal report` and `skymarshal outcome` on a record in a file."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from skymarshal.cli import main
from tests.unit.reports.records import full


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "fog.json"
    path.write_bytes(msgspec.json.encode(full()))
    return path


def test_a_record_becomes_a_pdf(kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "fog.pdf"
    assert main(["report", str(kept), "--format", "pdf", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF-")


def test_an_outcome_is_kept_beside_the_record_and_shown_with_it(kept: Path, tmp_path: Path) -> None:
    before = kept.read_bytes()
    told = ["--status", "partly", "--delay-minutes", "380", "--cost-usd", "41000", "--lessons", "It held."]
    assert main(["outcome", str(kept), *told, "--by", "a.analyst"]) == 0
    assert kept.read_bytes() == before
    (beside,) = (tmp_path / "fog.outcomes").iterdir()
    assert json.loads(beside.read_bytes())["recorded_by"] == "a.analyst"
    out = tmp_path / "fog.md"
    assert main(["report", str(kept), "--out", str(out)]) == 0
    assert "| **Lessons** | It held. |" in out.read_text()


def test_what_is_no_record_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    assert main(["report", str(wrong)]) == 2
    assert main(["report", str(tmp_path / "missing.json")]) == 2
    said = capsys.readouterr().err
    assert "wrong.json is no decision record" in said
    assert "missing.json: No such file" in said


def test_an_outcome_out_of_range_is_refused(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcome", str(kept), "--status", "failed", "--delay-minutes", "-5"]) == 2
    assert "actual_delay_minutes is -5" in capsys.readouterr().err
    assert not kept.with_suffix(".outcomes").exists()
