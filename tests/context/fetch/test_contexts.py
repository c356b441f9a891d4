"""Contexts by all their names: folders, repositories, archives, downloads, standard input."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dockerlint.context.fetch.contexts import FetchedContext, fetched, is_elsewhere
from dockerlint.context.fetch.limits import ContextError, Limits
from tests.context.fetch.test_archives import entry, tar
from tests.context.fetch.test_downloads import endless, redirecting
from tests.servers import Answer, content, dripping, http_server

LIMITS = Limits(received=1_000_000, seconds=20, stall=2)
ARCHIVE = tar((entry("Dockerfile"), b"FROM scratch\n"), (entry("app/x"), b"x"))


@contextmanager
def opened(text: str, stdin: bytes = b"", limits: Limits = LIMITS) -> Iterator[FetchedContext]:
    with fetched(text, io.BytesIO(stdin), limits, lambda *_: None) as context:
        yield context


def files(folder: str) -> list[str]:
    paths = (path for path in Path(folder).rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with two commits; the first has the tag `v1`, the branch `side` has another file."""
    folder = tmp_path / "repo.git"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "sub/Dockerfile").write_text("FROM debian\n")
    (folder / "out").symlink_to("/etc")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    git(folder, "tag", "v1")
    (folder / "new").write_text("new")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "two")
    git(folder, "switch", "-qc", "side")
    (folder / "aside").write_text("")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "three")
    git(folder, "switch", "-q", "main")
    return folder


def test_a_folder_is_the_context_itself(tmp_path: Path) -> None:
    assert not is_elsewhere(str(tmp_path))
    with opened(str(tmp_path)) as context:
        assert context == FetchedContext(str(tmp_path))
    assert tmp_path.is_dir()


@pytest.mark.parametrize("name", ["context.tar", "no-ending"])
def test_an_archive_on_this_machine(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(ARCHIVE)
    assert is_elsewhere(str(path))
    with opened(str(path)) as context:
        assert files(context.folder) == ["Dockerfile", "app/x"]
        folder = context.folder
    assert not os.path.exists(folder)


def test_a_dockerfile_is_no_context(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM scratch\n")
    assert not is_elsewhere(str(path))
    assert not is_elsewhere(str(tmp_path / "missing"))


def test_standard_input_is_an_archive_or_a_dockerfile() -> None:
    with opened("-", ARCHIVE) as context:
        assert files(context.folder) == ["Dockerfile", "app/x"]
        assert context.dockerfile is None
    with opened("-", b"FROM scratch\n") as context:
        assert files(context.folder) == []
        assert context.dockerfile == b"FROM scratch\n"


def test_a_url_is_an_archive_or_a_dockerfile() -> None:
    with http_server(content(ARCHIVE)) as url, opened(f"{url}/x.tar.gz") as context:
        assert files(context.folder) == ["Dockerfile", "app/x"]
    with http_server(content(b"FROM debian\n")) as url, opened(f"{url}/Dockerfile") as context:
        assert context.dockerfile == b"FROM debian\n"


def test_a_page_that_is_too_large_for_a_dockerfile_is_refused() -> None:
    page = content(b"<html>" * 2_000_000)
    with (
        http_server(page) as url,
        pytest.raises(ContextError, match="too large for a Dockerfile"),
        opened(url, limits=LIMITS._replace(received=100_000_000)),
    ):
        pass


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", ["Dockerfile", "new", "out", "sub/Dockerfile"]),
        ("#main", ["Dockerfile", "new", "out", "sub/Dockerfile"]),
        ("#v1", ["Dockerfile", "out", "sub/Dockerfile"]),
        ("#side", ["Dockerfile", "aside", "new", "out", "sub/Dockerfile"]),
        ("#refs/heads/side", ["Dockerfile", "aside", "new", "out", "sub/Dockerfile"]),
        ("#v1:sub", ["Dockerfile"]),
        ("#:sub", ["Dockerfile"]),
    ],
)
def test_a_repository_on_this_machine(project: Path, fragment: str, expected: list[str]) -> None:
    with opened(f"file://{project}{fragment}") as context:
        assert files(context.folder) == expected


def test_a_commit_by_its_number(project: Path) -> None:
    commit = git(project, "rev-parse", "v1^{commit}")
    with opened(f"file://{project}#{commit}") as context:
        assert files(context.folder) == ["Dockerfile", "out", "sub/Dockerfile"]


def test_a_repository_over_plain_http(project: Path) -> None:
    git(project, "update-server-info")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = project / ".git" / handler.path.partition("?")[0].removeprefix("/repo.git/")
        content(path.read_bytes() if path.is_file() else b"", 200 if path.is_file() else 404)(handler)

    with http_server(answer) as url, opened(f"{url}/repo.git#v1:sub") as context:
        assert files(context.folder) == ["Dockerfile"]


def test_a_repository_from_git_itself(project: Path, unused_port: int) -> None:
    command = ["git", "daemon", "--reuseaddr", "--export-all", f"--base-path={project.parent}", f"--port={unused_port}"]
    with subprocess.Popen([*command, "--listen=127.0.0.1"], stderr=subprocess.DEVNULL) as daemon:
        try:
            for attempt in range(50):
                try:
                    with opened(f"git://127.0.0.1:{unused_port}/repo.git#side") as context:
                        assert "aside" in files(context.folder)
                    break
                except ContextError:
                    assert attempt < 49
                    time.sleep(0.1)
        finally:
            daemon.terminate()


@pytest.mark.parametrize(
    ("fragment", "reason"),
    [
        ("#missing", "git cannot fetch it"),
        ("#:missing", "has no folder 'missing'"),
        ("#:out", "leads out of the repository"),
        ("#:../..", "leads out of the repository"),
        ("#--upload-pack=touch x", "git cannot fetch it"),
    ],
)
def test_what_a_repository_does_not_have(project: Path, fragment: str, reason: str) -> None:
    with pytest.raises(ContextError, match=reason), opened(f"file://{project}{fragment}"):
        pass


def test_nothing_of_a_repository_is_run(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    template = tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    for hook in ("post-checkout", "post-merge", "reference-transaction"):
        (template / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (template / "hooks" / hook).chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(template))
    (project / ".gitmodules").write_text('[submodule "m"]\n path = m\n url = ../elsewhere\n update = !touch mark\n')
    (project / ".gitattributes").write_text("* filter=evil\n")
    git(project, "add", ".")
    git(project, "commit", "-qm", "hostile")
    with opened(f"file://{project}") as context:
        assert ".gitmodules" in files(context.folder)
    assert not mark.exists()


def test_a_repository_that_is_too_large_is_given_up(tmp_path: Path) -> None:
    folder = tmp_path / "large.git"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "noise").write_bytes(os.urandom(8_000_000))
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "large")
    with pytest.raises(ContextError, match="larger than"), opened(f"file://{folder}"):
        pass


def test_a_repository_that_unpacks_to_very_much_is_given_up(tmp_path: Path) -> None:
    folder = tmp_path / "bomb.git"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "zeros").write_bytes(bytes(3_000_000))
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "bomb")
    limits = LIMITS._replace(unpacked=2_000_000)
    with pytest.raises(ContextError, match="unpacked it is larger than"), opened(f"file://{folder}", limits=limits):
        pass


def test_a_repository_of_trees_in_trees_is_given_up(tmp_path: Path) -> None:
    folder = tmp_path / "bomb.git"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "f").write_text("f")
    git(folder, "add", ".")
    tree = git(folder, "write-tree")
    for _ in range(9):
        # Ten times what is below, and nothing new to send: a thousand million files in the end.
        listing = "".join(f"040000 tree {tree}\td{number}\n" for number in range(10))
        made = subprocess.run(
            ["git", "-C", str(folder), "mktree"], input=listing, capture_output=True, text=True, check=True
        )
        tree = made.stdout.strip()
    git(folder, "update-ref", "refs/heads/main", git(folder, "commit-tree", tree, "-m", "bomb"))
    limits = LIMITS._replace(entries=20_000)
    with pytest.raises(ContextError, match="more than 20,000 files"), opened(f"file://{folder}", limits=limits):
        pass


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (endless, "larger than|longer than|git cannot fetch it"),
        (redirecting("/repo.git/info/refs"), "git cannot fetch it"),
        (redirecting("file:///etc/"), "git cannot fetch it"),
        (dripping, "takes longer than 2 seconds"),
        (content(b"nonsense"), "git cannot fetch it"),
    ],
)
def test_a_hostile_server_of_repositories(answer: Answer, reason: str, tmp_path: Path) -> None:
    limits = LIMITS._replace(seconds=2)
    start = time.monotonic()
    with (
        http_server(answer) as url,
        pytest.raises(ContextError, match=reason),
        opened(f"{url}/repo.git#main", limits=limits),
    ):
        pass
    assert time.monotonic() - start < 10
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_the_builder_refuses() -> None:
    with pytest.raises(ContextError, match="branch conflicts with tag"), opened("https://h/x.git?branch=a&tag=b"):
        pass
