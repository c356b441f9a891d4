"""Setting up on a machine where something is missing ends with a sentence that says what to do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


def setup_env(repository: Path, venv: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [repository / "tools" / "setup_env", venv],
        env={"PATH": os.environ["PATH"], "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def stand_in(folder: Path, refused: str) -> str:
    """A program in Python's place that fails each `-c` script in which the given word stands."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\ncase "$2" in *{refused}*) exit 1 ;; esac\n', encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_no_python(repository: Path, tmp_path: Path) -> None:
    run = setup_env(repository, tmp_path / "venv", str(tmp_path / "no-python"))
    assert run.returncode == 1
    assert "no Python 3.11 or later" in run.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("refused", "advice"),
    [("version_info", "no Python 3.11 or later"), ("ensurepip", "apt-get install python3-venv")],
)
def test_unfit_python(repository: Path, tmp_path: Path, refused: str, advice: str) -> None:
    run = setup_env(repository, tmp_path / "venv", stand_in(tmp_path, refused))
    assert run.returncode == 1
    assert advice in run.stderr
    assert not (tmp_path / "venv").exists()
