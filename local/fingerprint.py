"""Content hashes, by which prepared folders are recognised as current."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["fingerprint"]

_IGNORED_NAMES = frozenset({"__pycache__", ".DS_Store"})
_IGNORED_SUFFIXES = frozenset({".pyc", ".pyo"})


def fingerprint(paths: Iterable[Path], *, root: Path, also: Iterable[str] = ()) -> str:
    """Return a hash over the names and contents of files.

    Args:
        paths: Files, and folders taken with all that is in them. One that does not exist counts as absent,
            so that its appearance changes the hash.
        root: The folder that names are taken relative to, so that two checkouts agree.
        also: Further values that the result depends on, such as an interpreter's version.

    Returns:
        32 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for value in also:
        digest.update(f"value {value}\0".encode())
    for path in sorted(paths):
        files = sorted(_files_below(path)) if path.is_dir() else [path]
        for file in files:
            digest.update(f"file {file.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"absent")
    return digest.hexdigest()[:32]


def _files_below(folder: Path) -> Iterable[Path]:
    for entry in folder.iterdir():
        if entry.name in _IGNORED_NAMES or entry.suffix in _IGNORED_SUFFIXES:
            continue
        if entry.is_dir():
            yield from _files_below(entry)
        else:
            yield entry
