"""Which files are found in folders, and how they are read."""

from __future__ import annotations

import io
import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint.discovery import Search, Unreadable, files_below, normal_path, read_file, read_stream
from dockerlint.source import Source


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("FROM scratch\n")


def ignore(folder: Path, *lines: str, name: str = ".gitignore") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines))


def found(
    folder: str = "",
    *,
    include: tuple[tuple[str, str], ...] = (),
    exclude: tuple[tuple[str, str], ...] = (),
    gitignore: bool = True,
) -> list[str | Unreadable]:
    return files_below(folder, Search(include, exclude, gitignore))


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "dockerfile",
        "DOCKERFILE",
        "Dockerfile.prod",
        "dockerfile.prod",
        "Dockerfile.py",
        "Dockerfile.x.y",
        "app.Dockerfile",
        "app.dockerfile",
        ".Dockerfile",
        "Dockerfile-alpine",
        "Dockerfile_gpu",
        "app-Dockerfile",
        "3.12__slim__Dockerfile",
        "x__Dockerfile.gpu",
        "Containerfile",
        "containerfile",
        "Containerfile.build",
        "app.containerfile",
    ],
)
def test_the_usual_names_are_found(work: Path, name: str) -> None:
    make(work, f"a/b/{name}")
    assert found() == [f"a/b/{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore",
        "Dockerfile.DockerIgnore",
        ".dockerignore",
        "Dockerfile~",
        "Dockerfile.bak",
        "Dockerfile.orig",
        ".Dockerfile.swp",
        "#Dockerfile#",
        ".#Dockerfile.x",
        "dockerfile.py",
        "dockerfile.lark",
        "test_dockerfile.py",
        "parse-Dockerfile.json",
        "dockerfile_parse.go",
        "Dockerfiles",
        "MyDockerfile",
        "Makefile",
        "dockerfile",
    ],
)
def test_other_names_are_not(work: Path, name: str) -> None:
    (work / "a").mkdir()
    # A folder may have the name of a Dockerfile.
    (work / "a" / name).mkdir() if name == "dockerfile" else make(work, f"a/{name}")
    assert found() == []


def test_paths_are_relative_inside_the_working_directory_and_sorted(work: Path) -> None:
    make(work, "b/Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "Dockerfile", "a.Dockerfile")
    expected = ["Dockerfile", "a.Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "b/Dockerfile"]
    assert found() == expected
    assert found("a") == ["a/Dockerfile", "a/b/Dockerfile"]
    os.chdir("a")
    assert found(str(work / "b")) == [str(work / "b" / "Dockerfile")]


def test_the_git_folder_is_passed_over_and_other_hidden_folders_are_not(work: Path) -> None:
    make(work, ".git/Dockerfile", ".devcontainer/Dockerfile", "sub/.git/Dockerfile")
    assert found(gitignore=False) == [".devcontainer/Dockerfile"]


GIT_CASES: list[tuple[dict[str, list[str]], list[str]]] = [
    ({".gitignore": ["build/"]}, ["build/Dockerfile", "a/build/Dockerfile", "a/Dockerfile"]),
    ({".gitignore": ["/build"]}, ["build/Dockerfile", "a/build/Dockerfile"]),
    ({".gitignore": ["Dockerfile.*", "!Dockerfile.keep"]}, ["Dockerfile.a", "Dockerfile.keep", "a/Dockerfile.keep"]),
    ({".gitignore": ["*", "!*/", "!Dockerfile"]}, ["Dockerfile", "a/Dockerfile", "a/Dockerfile.b"]),
    ({".gitignore": ["a/"], "a/.gitignore": ["!Dockerfile"]}, ["a/Dockerfile", "Dockerfile"]),
    ({".gitignore": ["Dockerfile.x"], "a/.gitignore": ["!Dockerfile.x"]}, ["a/Dockerfile.x", "b/Dockerfile.x"]),
    ({"a/.gitignore": ["/Dockerfile"]}, ["a/Dockerfile", "a/b/Dockerfile", "Dockerfile"]),
    ({".git/info/exclude": ["secret/"], ".gitignore": ["!secret/"]}, ["secret/Dockerfile"]),
    ({".git/info/exclude": ["secret/"]}, ["secret/Dockerfile", "Dockerfile"]),
    ({".gitignore": ["a/**/Dockerfile"]}, ["a/Dockerfile", "a/b/c/Dockerfile", "Dockerfile"]),
    ({".gitignore": ["a/*", "!a/b/"]}, ["a/Dockerfile", "a/b/Dockerfile"]),
    ({".gitignore": ["# Dockerfile", "", "\\#Dockerfile", "Dockerfile.a  "]}, ["Dockerfile", "Dockerfile.a"]),
    ({".gitignore": ["a/b"], "a/.gitignore": ["!b"]}, ["a/b/Dockerfile"]),
    ({".gitignore": ["[[a]/"]}, ["a/Dockerfile", "b/Dockerfile"]),
]


@pytest.mark.parametrize(("ignores", "files"), GIT_CASES)
def test_what_git_ignores_is_passed_over(work: Path, ignores: dict[str, list[str]], files: list[str]) -> None:
    subprocess.run(["git", "init", "-q"], cwd=work, check=True)
    make(work, *files)
    for name, lines in ignores.items():
        ignore(work, *lines, name=name)
    arguments = ["git", "-c", "core.excludesFile=", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(arguments, cwd=work, check=True, capture_output=True, text=True).stdout.split("\0")
    expected = sorted(set(listed) & set(files))
    assert found() == expected
    assert found(gitignore=False) == sorted(files)


_SEGMENT = st.sampled_from(["a", "b", "*", "**", "?", "[ab]", "[!a]", "a*", "Dockerfile", "Dockerfile.*"])
_LINE = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(_SEGMENT, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "/"]),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with Dockerfiles in folders of two names, two levels deep."""
    root = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    make(root, *(f"{folder}/{name}" for folder in (".", "a", "b", "a/a", "a/b", "b/a") for name in FILES))
    return root


FILES = ("Dockerfile", "Dockerfile.a")


@settings(max_examples=60)
@given(st.lists(_LINE, min_size=1, max_size=4), st.lists(_LINE, max_size=3))
def test_any_ignore_files_mean_what_they_mean_to_git(tree: Path, lines: list[str], inner: list[str]) -> None:
    ignore(tree, *lines)
    ignore(tree / "a", *inner)
    arguments = ["git", "-c", "core.excludesFile=", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(arguments, cwd=tree, check=True, capture_output=True, text=True).stdout.split("\0")
    expected = sorted(str(tree / path) for path in listed if path.endswith(FILES))
    assert found(str(tree)) == expected


def test_ignore_files_above_the_folder_hold_up_to_the_root_of_the_repository(work: Path) -> None:
    (work / "repo" / ".git").mkdir(parents=True)
    ignore(work, "Dockerfile.b")
    ignore(work / "repo", "Dockerfile.a", "/sub/x/")
    make(work / "repo", "sub/Dockerfile.a", "sub/Dockerfile.b", "sub/x/Dockerfile")
    assert found("repo/sub") == ["repo/sub/Dockerfile.b"]


def test_a_folder_that_is_named_is_searched_even_if_it_is_ignored(work: Path) -> None:
    (work / ".git").mkdir()
    ignore(work, "build/")
    ignore(work / "build" / "inner", "Dockerfile.x")
    make(work, "build/Dockerfile", "build/inner/Dockerfile.x", "build/inner/Dockerfile")
    assert found() == []
    assert found("build") == ["build/Dockerfile", "build/inner/Dockerfile"]


def test_without_a_repository_ignore_files_hold_for_what_is_below_them(work: Path) -> None:
    ignore(work, "Dockerfile.a")
    make(work, "sub/Dockerfile.a", "sub/Dockerfile")
    assert found() == ["sub/Dockerfile"]
    assert found("sub") == ["sub/Dockerfile", "sub/Dockerfile.a"]


def test_included_names_replace_the_usual_ones(work: Path) -> None:
    make(work, "Dockerfile", "app.docker", "APP.DOCKER", "deep/x/special", "special", "x.bak")
    assert found(include=(("", "*.docker"), ("", "*.bak"))) == ["APP.DOCKER", "app.docker"]
    assert found(include=(("", "deep/**/special"),)) == ["deep/x/special"]
    assert found(include=(("deep", "/x/special"), ("", "Dockerfile"))) == ["Dockerfile", "deep/x/special"]


def test_excluded_files_and_folders_are_passed_over(work: Path) -> None:
    make(work, "vendor/Dockerfile", "a/vendor/Dockerfile", "a/Dockerfile.x", "a/Dockerfile")
    assert found(exclude=(("", "vendor/"), ("", "*.x"))) == ["a/Dockerfile"]
    assert found(exclude=(("", "/vendor"),)) == ["a/Dockerfile", "a/Dockerfile.x", "a/vendor/Dockerfile"]
    assert found(exclude=(("a", "/vendor"), ("a", "*.x"))) == ["a/Dockerfile", "vendor/Dockerfile"]
    assert found(exclude=((str(work), "a"),)) == ["vendor/Dockerfile"]


def test_links_do_not_lead_in_circles_or_out_of_the_folder(work: Path) -> None:
    make(work, "sub/1/Dockerfile", "outside/Dockerfile", "sub/text")
    (work / "sub" / "loop").symlink_to(work / "sub", target_is_directory=True)
    (work / "sub" / "Dockerfile").symlink_to("1/Dockerfile")
    (work / "sub" / "Dockerfile.out").symlink_to("../outside/Dockerfile")
    (work / "sub" / "Dockerfile.broken").symlink_to("missing")
    (work / "sub" / "Dockerfile.self").symlink_to("Dockerfile.self")
    (work / "sub" / "Dockerfile.text").symlink_to("text")
    (work / "sub" / "Dockerfile.text2").symlink_to("text")
    assert found("sub") == ["sub/1/Dockerfile", "sub/Dockerfile.text"]


def test_pipes_are_not_opened(work: Path) -> None:
    os.mkfifo(work / "Dockerfile")
    assert found() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_reported(work: Path) -> None:
    make(work, "a/Dockerfile", "b/Dockerfile")
    (work / "a").chmod(0)
    try:
        assert found() == [Unreadable("a", "Permission denied"), "b/Dockerfile"]
    finally:
        (work / "a").chmod(0o700)


@pytest.mark.usefixtures("work")
def test_a_folder_that_is_missing_is_reported() -> None:
    assert found("missing") == [Unreadable("missing", "No such file or directory")]


def test_hostile_ignore_files_end_soon(work: Path) -> None:
    (work / ".git").mkdir()
    ignore(work, "*a" * 30 + "b", "**/a/" * 30 + "b", "[" * 1000, "\\", "!" * 100, "a" * 10_000)
    deep = work
    for _ in range(60):
        deep = deep / ("a" * 30)
    make(deep, "Dockerfile." + "a" * 200)
    start = time.perf_counter()
    assert len(found()) == 1
    assert time.perf_counter() - start < 10


def test_very_deep_folders_are_no_problem(work: Path) -> None:
    path = work
    for _ in range(900):
        path = path / "d"
    path.mkdir(parents=True)
    make(path, "Dockerfile")
    assert len(found()) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", "Dockerfile"),
        ("./Dockerfile", "Dockerfile"),
        (".", ""),
        ("", ""),
        ("a//b/./c/", "a/b/c"),
        ("a/../b", "b"),
        ("/etc/x", "/etc/x"),
        ("/etc/../etc//x", "/etc/x"),
    ],
)
def test_a_path_has_one_form(work: Path, path: str, expected: str) -> None:
    (work / "a").mkdir()
    assert normal_path(path) == expected


def test_absolute_paths_become_relative_inside_the_working_directory(work: Path) -> None:
    assert normal_path(str(work / "a")) == "a"
    assert normal_path(str(work)) == ""
    assert normal_path(str(work) + "-other/a") == str(work) + "-other/a"
    assert normal_path("..") == str(work.parent)
    assert normal_path("../x") == str(work.parent / "x")


def test_what_lies_above_a_link_is_above_its_target(work: Path) -> None:
    (work / "real" / "sub").mkdir(parents=True)
    (work / "link").symlink_to("real/sub")
    assert normal_path("link/../x") == "real/x"
    assert normal_path("link/x") == "link/x"


def test_bytes_become_text_without_loss(work: Path) -> None:
    data = "\ufeffFROM é\r\nRUN \U0001f600".encode() + b"\xff\xfe\n\x00\n"
    (work / "Dockerfile").write_bytes(data)
    source = read_file("Dockerfile")
    assert isinstance(source, Source)
    assert source.path == "Dockerfile"
    assert source.text == "\ufeffFROM é\r\nRUN \U0001f600\udcff\udcfe\n\x00\n"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read_and_given_back(data: bytes) -> None:
    source = read_stream(io.BytesIO(data), "-")
    assert isinstance(source, Source)
    assert source.text.encode("utf-8", "surrogateescape") == data


def test_there_is_a_limit(work: Path) -> None:
    (work / "Dockerfile").write_bytes(b"x" * 11)
    assert read_file("Dockerfile", limit=11) == Source("Dockerfile", "x" * 11)
    assert isinstance(read_file("Dockerfile", limit=10), Unreadable)
    assert read_file("/dev/zero", limit=2 * 1024 * 1024) == Unreadable(
        "/dev/zero", "larger than 2 MiB: this is no Dockerfile"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "No such file or directory"),
        ("folder", "Is a directory"),
        ("x\0y", "a path cannot hold a NUL character"),
        ("x" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_read_says_why(work: Path, path: str, reason: str) -> None:
    (work / "folder").mkdir()
    assert read_file(path) == Unreadable(path, reason)
