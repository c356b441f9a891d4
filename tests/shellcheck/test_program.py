"""The program is found where users install it, and nowhere else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dockerlint.shellcheck.program import find_program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names and modes of POSIX")


def put(folder: Path, mode: int = 0o755) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "shellcheck"
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


@pytest.fixture(autouse=True)
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that has no ShellCheck beside it."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))


def found(*path: str) -> str | None:
    program = find_program({"PATH": os.pathsep.join(path)})
    return None if program is None else program.path


def test_the_one_beside_python_comes_first(tmp_path: Path) -> None:
    on_path = put(tmp_path / "bin")
    assert found("/nonexistent", str(tmp_path / "bin")) == on_path
    beside = put(tmp_path / "venv")
    assert found(str(tmp_path / "bin")) == beside


def test_what_cannot_be_run_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "a", 0o644)
    (tmp_path / "b" / "shellcheck").mkdir(parents=True)
    assert found(str(tmp_path / "a"), str(tmp_path / "b"), "\0") is None
    good = put(tmp_path / "c")
    assert found(str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "c")) == good


def test_no_program_of_the_working_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "work" / "bin")
    put(tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    assert found("", ".", "bin", "./bin") is None


def test_another_program_has_another_identity(tmp_path: Path) -> None:
    path = Path(put(tmp_path / "bin"))
    first = find_program({"PATH": str(path.parent)})
    path.write_text("#!/bin/sh\ntrue\n")
    second = find_program({"PATH": str(path.parent)})
    assert first is not None
    assert second is not None
    assert first.path == second.path
    assert first.identity != second.identity
