"""The hook manifest catches every name that people give Dockerfiles, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from identify.identify import tags_from_path
from pre_commit.clientlib import load_manifest

from tests.shared import REPOSITORY

(HOOK,) = load_manifest(REPOSITORY / ".pre-commit-hooks.yaml")


def catches(path: Path, root: Path) -> bool:
    """Whether pre-commit hands the file to the hook: all of `files`, `exclude` and `types` must agree."""
    name = path.relative_to(root).as_posix()
    return (
        re.search(HOOK["files"], name) is not None
        and re.search(HOOK["exclude"], name) is None
        and tags_from_path(str(path)) >= set(HOOK["types"])
    )


def test_both_manifests_hold_the_same_bytes(repository: Path) -> None:
    with_dot = repository / ".pre-commit-hooks.yaml"
    without_dot = repository / "pre-commit-hooks.yaml"
    assert with_dot.read_bytes() == without_dot.read_bytes()


def test_hook_runs_dlint_without_system_requirements() -> None:
    assert (HOOK["id"], HOOK["entry"], HOOK["language"]) == ("dlint", "dlint", "python")


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "dockerfile",
        "DOCKERFILE",
        "Dockerfile.dev",
        "Dockerfile.dev.arm64",
        "dockerfile.prod",
        "app.Dockerfile",
        "app.dockerfile",
        "APP.DOCKERFILE",
        "Containerfile",
        "containerfile",
        "Containerfile.dev",
        "Containerfile-dev",
        "app.Containerfile",
        "images/web/Dockerfile",
        "images/web/app.dockerfile",
    ],
)
def test_hook_catches(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("FROM scratch\n", encoding="utf-8")
    assert catches(path, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore",
        "app.Dockerfile.dockerignore",
        "Containerfile.dockerignore",
        ".dockerignore",
        "Dockerfiles.md",
        "dockerfile_lint.py",
        "my-containers.txt",
        "Dockerfile/README.md",
        "Makefile",
    ],
)
def test_hook_leaves_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("FROM scratch\n", encoding="utf-8")
    assert not catches(path, tmp_path)


def test_hook_leaves_binary_files_and_links_alone(tmp_path: Path) -> None:
    binary = tmp_path / "containerfile"
    binary.write_bytes(bytes(range(256)))
    link = tmp_path / "Dockerfile"
    link.symlink_to(binary)
    assert not catches(binary, tmp_path)
    assert not catches(link, tmp_path)
