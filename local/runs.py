"""One folder per run under `.run`: its logs, and its temporary files while it lives.

A run holds a lock on its folder, and so does every process that it hands the lock's descriptor to. The
system frees the lock when the last of them ends, however it ends: a folder without a holder is a dead run's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.environments import exclusive

__all__ = ["RunFolder"]

_LOCK = "lock"
_KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The folder of a run that is under way."""

    path: Path
    lock: int
    """Descriptor that keeps the folder; hand it to processes that work in it."""

    @classmethod
    def create(cls, runs: Path) -> RunFolder:
        """Make a folder below `runs`, and clear away what dead runs left there but the latest ones' logs."""
        runs.mkdir(parents=True, exist_ok=True)
        with exclusive(runs / _LOCK):
            _sweep(runs)
            path = _new_folder(runs)
            lock = os.open(path / _LOCK, os.O_CREAT | os.O_RDWR)
            fcntl.flock(lock, fcntl.LOCK_EX)
        run = cls(path=path, lock=lock)
        run.temporary.mkdir()
        return run

    @property
    def temporary(self) -> Path:
        """Files that nobody needs after the run."""
        return self.path / "tmp"

    @property
    def emulator_state(self) -> Path:
        """Where the embedded AWS keeps what its processes share, such as keys that sign tokens."""
        return self.temporary / "state"

    @property
    def emulator_log(self) -> Path:
        """What the embedded AWS printed."""
        return self.path / "aws.log"

    @property
    def function_logs(self) -> Path:
        """One log per Lambda function."""
        return self.path / "functions"

    @property
    def companion_notes(self) -> Path:
        """What rides along with the functions notes here."""
        return self.path / "notes"

    def close(self) -> None:
        """Delete the temporary files and let the folder go; its logs stay."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        os.close(self.lock)

    def leave(self) -> None:
        """Let the folder go as it is, to the processes that were handed its lock."""
        os.close(self.lock)


def _new_folder(runs: Path) -> Path:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        path = runs / f"{name}{suffix}"
        if not path.exists():
            path.mkdir()
            return path
    raise FileExistsError(f"{runs / name} and its successors exist already")


def _sweep(runs: Path) -> None:
    dead = sorted((path for path in runs.iterdir() if path.is_dir() and not _is_held(path)), reverse=True)
    for path in dead[:_KEPT]:
        shutil.rmtree(path / "tmp", ignore_errors=True)
    for path in dead[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _is_held(path: Path) -> bool:
    lock = path / _LOCK
    if not lock.exists():
        return False
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
