"""The functions' tests run on the interpreter that is deployed, or it is said that they did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import deployed_python
from skymarshal.contracts import AWS_PYTHON

DEB822 = (
    "Types: deb\nURIs: https://mirror.example/debian\nSuites: bookworm\n"
    "Signed-By: /usr/share/keyrings/a.gpg\n"
)
ONE_LINE = "deb [arch=amd64 signed-by=/etc/apt/b.gpg] http://mirror.example/debian/ bookworm main\n"


def test_where_there_is_no_package_the_command_says_so_and_finds_nothing_wrong(monkeypatch, capsys) -> None:
    def unavailable() -> None:
        raise deployed_python.Unavailable("there is no apt here")

    monkeypatch.setattr(deployed_python, "host_python", lambda: "3.11")
    monkeypatch.setattr(deployed_python, "interpreter", unavailable)
    assert deployed_python.main([]) == 0
    said = capsys.readouterr().out
    assert f"NOT TESTED on Python {AWS_PYTHON}" in said
    assert "there is no apt here" in said


@pytest.mark.parametrize(
    ("name", "text", "address", "keyring"),
    [
        (
            "sources.list.d/debian.sources",
            DEB822,
            "https://mirror.example/debian",
            "/usr/share/keyrings/a.gpg",
        ),
        ("sources.list", ONE_LINE, "http://mirror.example/debian/", "/etc/apt/b.gpg"),
    ],
)
def test_the_archive_is_the_one_that_apt_has(
    monkeypatch, tmp_path: Path, name: str, text: str, address: str, keyring: str
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / name).write_text(text)
    monkeypatch.setattr(deployed_python, "_SOURCES", tmp_path)
    monkeypatch.setattr(deployed_python.shutil, "which", lambda program: program)
    archive = deployed_python._archive()
    assert (archive.address, archive.keyring) == (address, keyring)


def test_without_an_archive_of_debian_there_is_no_interpreter(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(deployed_python, "_SOURCES", tmp_path)
    monkeypatch.setattr(deployed_python.shutil, "which", lambda program: program)
    with pytest.raises(deployed_python.Unavailable, match="no archive of Debian"):
        deployed_python._archive()


def test_the_tests_that_it_runs_are_there() -> None:
    assert all((deployed_python.ROOT / each).is_dir() for each in deployed_python.TESTS)
