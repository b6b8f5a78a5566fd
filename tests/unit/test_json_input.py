"""JSON from outside is read within bounds, wherever it comes in."""

from __future__ import annotations

import json
import time

import pytest

from skymarshal.cli.main import main
from skymarshal.json_input import DEEPEST, LONGEST_NUMBER, UnreadableJson, read_json


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "text",
    [
        nested(DEEPEST),
        '"' + "[" * 5_000 + '"',
        json.dumps({"text": "9" * 5_000 + '\\" {'}),
        "-" + "1" * (LONGEST_NUMBER - 1),
        '{"a": [1.5e3, true, null, "\\u00e9"]}',
    ],
)
def test_what_is_within_the_bounds_is_read_as_json_reads_it(text) -> None:
    assert read_json(text) == read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (nested(DEEPEST + 1), "at most 32 levels"),
        ("[" * 3_000, "at most 32 levels"),
        ('{"a":' * 100_000, "at most 32 levels"),
        ("1" * 5_000, "at most 64 characters"),
        ("[1, " + "0." + "3" * 5_000 + "]", "at most 64 characters"),
        ("NaN", "JSON"),
        ("[-Infinity]", "JSON"),
        ('{"reason": "this", "reason": "that"}', "each field once"),
        ("", "JSON"),
        ('"\\ud800"', "UTF-8"),
        ("\ud800", "UTF-8"),
        (b"\xff", "UTF-8"),
    ],
)
def test_what_is_beyond_them_is_refused_at_once(text, said) -> None:
    with pytest.raises(UnreadableJson, match=said):
        read_json(text)


@pytest.mark.parametrize("sign", ['"', '\\"', '"\\', "[", "]", "{", "\\", "1"])
def test_no_text_takes_long_to_judge(sign) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableJson):
        read_json(sign * (256 * 1024 // len(sign)))
    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", ["[" * 3_000, '{"disruption_id": ' + "7" * 5_000 + "}", '{"a": NaN}'])
def test_the_command_line_refuses_it_too(text, tmp_path, monkeypatch, capsys) -> None:
    event = tmp_path / "event.json"
    event.write_text(text)
    assert main(["run", "--event", str(event)]) == 2
    assert "expected JSON" in capsys.readouterr().err
    with event.open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert main(["rules", "check", "max_fdp"]) != 0


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--today", "9999-12-31"),
        ("--today", "0001-01-01"),
        ("--now", "9999-12-31T23:59-23:59"),
        ("--now", "0001-01-01T00:00+23:59"),
    ],
)
def test_a_day_beyond_all_bounds_is_refused_on_the_command_line(flag, value, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", flag, value, "EY283 has a leak"])
    assert "expected a year from 2000 to 2100" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("9999-12-30", "'9999-12-30': expected a year from 2000 to 2100"),
        ("0001-01-01", "'0001-01-01': expected a year from 2000 to 2100"),
        ("1899-12-31", "'1899-12-31': expected a year from 2000 to 2100"),
        ("tomorrow", "'tomorrow' is not a day: expected 2026-02-05"),
    ],
)
def test_the_sample_airline_is_loaded_onto_no_day_beyond_all_bounds(value, said, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["sample", "load", "--day", value])
    assert f"argument --day: {said}" in capsys.readouterr().err
