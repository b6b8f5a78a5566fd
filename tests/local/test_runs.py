from __future__ import annotations

import os
from pathlib import Path

from local.runs import RunFolder


def test_a_closed_run_keeps_its_logs_and_nothing_else(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path)
    run.emulator_log.write_text("started")
    (run.temporary / "unpacked").mkdir()
    run.close()
    assert run.emulator_log.read_text() == "started"
    assert not run.temporary.exists()


def test_runs_side_by_side_have_folders_of_their_own(tmp_path: Path) -> None:
    one, other = RunFolder.create(tmp_path), RunFolder.create(tmp_path)
    assert one.path != other.path
    assert one.temporary.is_dir()
    assert other.temporary.is_dir()


def test_what_a_dead_run_left_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    dead = RunFolder.create(tmp_path)
    (dead.temporary / "left").touch()
    os.close(dead.lock)
    RunFolder.create(tmp_path)
    assert not dead.temporary.exists()


def test_only_the_logs_of_the_latest_dead_runs_are_kept(tmp_path: Path) -> None:
    for _ in range(9):
        RunFolder.create(tmp_path).close()
    living = RunFolder.create(tmp_path)
    kept = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(kept) == 6
    assert living.path in kept
