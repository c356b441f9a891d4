"""What git says has changed in a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dockerlint.context.changes import ChangesError, changed_since, text_at


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], capture_output=True, check=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "app").mkdir(parents=True)
    git(folder, "init", "-q")
    for name in ("outside", "app/kept", "app/changed", "app/gone", "app/ä b"):
        (folder / name).write_text("old\n")
    (folder / ".gitignore").write_text("*.log\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    return folder


def test_changed_deleted_and_new_files_below_the_folder(project: Path) -> None:
    (project / "outside").write_text("new\n")
    (project / "app/changed").write_text("new\n")
    (project / "app/ä b").write_text("new\n")
    (project / "app/gone").unlink()
    (project / "app/new").write_text("")
    (project / "app/x.log").write_text("")
    assert changed_since(str(project / "app"), "HEAD") == ("changed", "gone", "new", "ä b")
    assert changed_since(str(project), "HEAD")[-1] == "outside"


def test_the_text_of_a_file_at_a_commit(project: Path) -> None:
    (project / "app/changed").write_text("new\n")
    assert text_at(str(project / "app"), "HEAD", "changed") == "old\n"
    assert text_at(str(project), "HEAD", "app/changed") == "old\n"
    assert text_at(str(project), "HEAD", "app/never") is None


@pytest.mark.parametrize("reference", ["missing", "--output=x", "", "HEAD:outside", "nothing-like-this"])
def test_what_is_no_commit(project: Path, reference: str) -> None:
    with pytest.raises(ChangesError, match="git cannot compare"):
        changed_since(str(project), reference)
    assert not (project / "x").exists()


def test_a_folder_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ChangesError, match="git"):
        changed_since(str(tmp_path), "HEAD")


def test_nothing_of_the_repository_is_run(project: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    git(project, "config", "diff.external", str(program))
    git(project, "config", "core.fsmonitor", str(program))
    (project / "outside").write_text("new\n")
    assert changed_since(str(project), "HEAD") == ("outside",)
    assert not mark.exists()
