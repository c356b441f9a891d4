"""pre-commit installs the hook from this repository and runs it, as it does for a user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.network, pytest.mark.slow]

CLEAN = """\
FROM alpine:3.20
USER 10001:10001
CMD ["sleep", "60"]
"""
UNPINNED = "FROM debian\n"


def git(folder: Path, *arguments: str) -> str:
    # Inside a hook git's own variables name the outer repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def commit_all(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "All")


def need_package_registry(scratch: Path) -> None:
    """Skip the test unless the package that the hook's installation needs first can be downloaded quickly."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--retries",
        "0",
        "--timeout",
        "10",
    ]
    try:
        run = subprocess.run([*pip, "--dest", scratch, "hatchling"], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("no package registry answers in time")
    if run.returncode != 0:
        pytest.skip("no package registry can be reached")


@pytest.fixture(scope="module")
def hook_repository(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as it is now, as a repository with one commit."""
    need_package_registry(tmp_path_factory.mktemp("download"))
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    clone = tmp_path_factory.mktemp("dlint")
    for name in git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        source = repository / name
        if name and source.is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, clone / name)
    commit_all(clone)
    return clone


@pytest.fixture(scope="module")
def pre_commit_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pre-commit's own folder, shared by the tests so that the hook is installed once."""
    return tmp_path_factory.mktemp("pre-commit-home")


def try_hook(hook_repository: Path, home: Path, project: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pre_commit",
            "try-repo",
            hook_repository,
            "dlint",
            "--all-files",
            "--color=never",
        ],
        cwd=project,
        env=environment | {"PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_hook_reports_every_kind_of_file(hook_repository: Path, pre_commit_home: Path, tmp_path: Path) -> None:
    guilty = ["Dockerfile", "web/app.dockerfile", "web/Containerfile.dev"]
    for name in guilty:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(UNPINNED, encoding="utf-8")
    (tmp_path / "clean.Dockerfile").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "README.md").write_text(UNPINNED, encoding="utf-8")
    commit_all(tmp_path)

    run = try_hook(hook_repository, pre_commit_home, tmp_path)

    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stdout
    assert "DL3006" in run.stdout
    assert [name for name in guilty if name not in run.stdout] == []
    assert "README.md" not in run.stdout


def test_hook_passes_a_clean_file(hook_repository: Path, pre_commit_home: Path, tmp_path: Path) -> None:
    (tmp_path / "Containerfile").write_text(CLEAN, encoding="utf-8")
    commit_all(tmp_path)

    run = try_hook(hook_repository, pre_commit_home, tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Passed" in run.stdout
