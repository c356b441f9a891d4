"""A build context that is a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlint.context.folder import EntryKind, FolderContext


def context(folder: Path, files: dict[str, str], dockerfile: str = "Dockerfile", **options: int) -> FolderContext:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return FolderContext(str(folder), dockerfile, **options)


def test_entries_have_kind_size_mode_and_target(tmp_path: Path) -> None:
    found = context(tmp_path, {"a/f.txt": "four"})
    (tmp_path / "a" / "f.txt").chmod(0o640)
    (tmp_path / "l").symlink_to("a/f.txt")
    entry = found.entry("a/f.txt")
    assert entry is not None
    assert (entry.kind, entry.size, entry.mode) == (EntryKind.FILE, 4, 0o640)
    link = found.entry("l")
    assert link is not None
    assert (link.kind, link.target) == (EntryKind.LINK, "a/f.txt")
    assert list(found.listing(".")) == ["a", "l"]


@pytest.mark.parametrize("path", ["nothing", "a/f/x", "a/../a/f", "../outside", "l/f", "x" * 5000, "\x00"])
def test_what_is_not_there_is_none(path: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    found = context(tmp_path / "context", {"a/f": ""})
    (tmp_path / "context" / "l").symlink_to(tmp_path)
    assert found.entry(path) is None


def test_the_ignore_file_keeps_things_away(tmp_path: Path) -> None:
    found = context(tmp_path, {".dockerignore": "*.log\nnode_modules\n", "a.log": "", "b": "", "node_modules/x/y": ""})
    assert list(found.listing(".")) == [".dockerignore", "b"]
    assert found.entry("node_modules/x") is None
    assert found.is_ignored("node_modules/x")
    assert not found.is_ignored("nothing")


def test_a_folder_stays_if_something_in_it_is_taken_back(tmp_path: Path) -> None:
    files = {".dockerignore": "a\nb\n!a/keep/me\n", "a/keep/me": "", "a/no": "", "b/c": ""}
    found = context(tmp_path, files)
    assert list(found.listing(".")) == [".dockerignore", "a"]
    assert list(found.listing("a")) == ["keep"]


def test_the_ignore_file_of_the_dockerfile_counts_alone(tmp_path: Path) -> None:
    files = {".dockerignore": "a\n", "web.Dockerfile.dockerignore": "b\n", "a": "", "b": ""}
    found = context(tmp_path, files, "web.Dockerfile")
    assert list(found.listing(".")) == [".dockerignore", "a", "web.Dockerfile.dockerignore"]


def test_too_many_entries_are_a_problem_that_is_told(tmp_path: Path) -> None:
    found = context(tmp_path, {f"f{number}": "" for number in range(20)}, most_entries=10)
    assert len(found.listing(".")) == 10
    assert found.problem is not None
    assert "more than 10 entries" in found.problem
    assert found.listing("f1") == {}


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    found = context(tmp_path, {"a": ""})
    assert found.listing("missing") == {}
    assert found.problem is not None


def test_pipes_and_sockets_are_something_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    entry = FolderContext(str(tmp_path), "Dockerfile").entry("pipe")
    assert entry is not None
    assert entry.kind is EntryKind.OTHER
