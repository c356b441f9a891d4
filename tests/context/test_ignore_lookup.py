"""Which ignore file counts for a Dockerfile and a build context."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.context.ignore_lookup import find_ignore_file


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / ".dockerignore").write_text("*.context\n")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "app.Dockerfile.dockerignore").write_text("*.app\n")
    return tmp_path


def patterns(context: Path | None, dockerfile: str) -> tuple[str, list[str]] | None:
    found = find_ignore_file(None if context is None else str(context), dockerfile)
    return None if found is None else (found.name, [pattern.text for pattern in found.content.patterns])


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docker/Dockerfile", "-", ""])
def test_the_file_of_the_context_counts_for_a_dockerfile_without_its_own(context: Path, dockerfile: str) -> None:
    assert patterns(context, dockerfile) == (".dockerignore", ["*.context"])


def test_a_dockerfile_may_have_its_own(context: Path) -> None:
    own = ("app.Dockerfile.dockerignore", ["*.app"])
    assert patterns(context, "docker/app.Dockerfile") == own
    assert patterns(context, str(context / "docker" / "app.Dockerfile")) == own
    assert patterns(context / "docker", str(context / "docker" / "app.Dockerfile")) == own


def test_a_dockerfile_elsewhere_does_not_take_that_of_another_with_its_name(context: Path) -> None:
    assert patterns(context / "docker", "elsewhere/app.Dockerfile") is None


def test_without_a_context_the_folder_of_the_dockerfile_is_looked_at(context: Path) -> None:
    assert patterns(None, str(context / "Dockerfile")) == (".dockerignore", ["*.context"])
    assert patterns(None, str(context / "docker" / "app.Dockerfile")) == ("app.Dockerfile.dockerignore", ["*.app"])
    assert patterns(None, str(context / "docker" / "Dockerfile")) is None
    assert patterns(None, "-") is None


def test_what_cannot_be_read_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").mkdir()
    assert patterns(tmp_path, "Dockerfile") is None
    assert patterns(tmp_path, "a\0b") is None


def test_any_bytes_are_read(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_bytes(b"\xff\xfe\n*.log\n")
    assert patterns(tmp_path, "Dockerfile") == (".dockerignore", ["\ufffd\ufffd", "*.log"])
