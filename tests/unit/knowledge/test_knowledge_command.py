"""`skymarshal knowledge` by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skymarshal.cli import main
from skymarshal.knowledge import shipped_passages


def test_a_question_is_answered_with_the_passage_and_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["knowledge", "search", "Is a bird strike an extraordinary circumstance?", "--limit", "1"]) == 0
    )
    said = capsys.readouterr().out
    assert "Passenger rights: Circumstances accepted as extraordinary" in said
    assert "Source: Regulation (EC) 261/2004" in said


def test_every_passage_is_written_with_what_a_citation_needs(tmp_path: Path) -> None:
    assert main(["knowledge", "export", str(tmp_path / "guidance")]) == 0
    written = sorted((tmp_path / "guidance").glob("*.txt"))
    assert len(written) == len(shipped_passages())
    attributes = json.loads((tmp_path / "guidance" / "weather-fog.txt.metadata.json").read_text())
    assert attributes["metadataAttributes"]["document"] == "Weather"
    assert attributes["metadataAttributes"]["section"] == "Fog"
