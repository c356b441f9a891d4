"""Directories and removals: which command removes what, seen from where it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.shell.directories import absolute, directories
from dockerlint.shell.removals import Removal, alternatives, removals
from tests.shell.support import script_of

LISTS = "/var/lib/apt/lists"


def places(text: str, start: str | None = "/") -> list[str | None]:
    """The directories of the commands named `x`."""
    commands = script_of(text).commands
    found = zip(commands, directories(commands, start), strict=True)
    return [place for command, place in found if command.name == "x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x && cd /a && x && cd b/../c && x", ["/", "/a", "/a/c"]),
        ("cd /a; (cd b; x); x", ["/a/b", "/a"]),
        ("cd a && x && cd - && x", ["/a", None]),
        ("cd && x; cd ~/b && x", ["~", "~/b"]),
        ("cd $D && x", [None]),
        ("pushd /a; x; popd; x", ["/a", None]),
        ("if y; then cd /a; x; fi; x", ["/a", None]),
        ("sh -c 'cd /a; x'; x", ["/a", "/"]),
        ("cd -P /a/ && x", ["/a"]),
    ],
)
def test_cd_changes_the_directory_of_what_follows(text: str, expected: list[str | None]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [("//a/./b/", None, "/a/b"), ("a", None, None), ("~/a", None, "~/a"), ("../a", "/b/c", "/b/a"), (".", "/b", "/b")],
)
def test_paths_are_seen_from_a_directory(path: str, directory: str | None, expected: str | None) -> None:
    assert absolute(path, directory) == expected


def removed(text: str, start: str | None = "/") -> list[Removal]:
    commands = script_of(text).commands
    found = zip(commands, directories(commands, start), strict=True)
    return [removal for command, place in found for removal in removals(command, place)]


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /var/lib/apt/lists",
        "rm -r -f /var/lib/apt/lists/",
        "rm --recursive --force /var/lib/apt/lists/*",
        "rm -f /var/lib/apt/lists/*",
        "rm -fr /var/lib/apt",
        "rm -rf /var/lib/a*t/*",
        "rm -rf /var/cache /var/lib/{dpkg,apt}/lists /tmp",
        "rm -rf -- /var/lib/apt/lists/**",
        "cd /var/lib/apt && rm -rf lists",
        "cd /var/lib/apt/lists; rm -rf *",
        "find /var/lib/apt/lists -mindepth 1 -delete",
        "find /tmp /var/lib/apt/lists/ -type f -exec rm -f {} +",
    ],
)
def test_what_covers_the_package_lists(text: str) -> None:
    assert any(removal.covers(LISTS) for removal in removed(text))


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /tmp/*",
        "rm -f /var/lib/apt/lists",
        "rm -rf /var/lib/apt/lists/partial",
        "rm -rf /var/lib/apt/lists/*_Packages",
        "rm -rf /var/lib/apt-lists /var/lib/apt/lists2",
        "rm -rf lists",
        "rm -rf $LISTS/*",
        "rm -rf /var/lib/*/lists*/x",
        "find /var/lib/apt/lists -name '*.gz' -delete",
        "find /var/lib/apt/lists",
        "find /var/lib/apt/lists -exec ls {} +",
    ],
)
def test_what_leaves_the_package_lists(text: str) -> None:
    assert not any(removal.covers(LISTS) for removal in removed(text))


def test_braces_stand_for_alternatives() -> None:
    assert alternatives("/a{b,c}d{e,}") == ("/abde", "/abd", "/acde", "/acd")
    assert alternatives("{}{a}") == ("{}{a}",)
    assert len(alternatives("{a,b}" * 30)) == 1


@given(st.text("/ab*{},~."), st.text("/ab*~."))
def test_any_path_can_be_asked_for(pattern: str, path: str) -> None:
    word = script_of("rm x").commands[0].arguments[0]
    for text in alternatives(pattern):
        assert Removal(text, True, word).covers(path) in (True, False)


@pytest.mark.parametrize(
    ("text", "path", "taken"),
    [
        ("rm a.tgz", "/a.tgz", True),
        ("rm -f /tmp/*.tgz", "/tmp/a.tgz", True),
        ("rm *.tgz*", "/a-1.tgz.asc", True),
        ("rm *.tgz*.asc", "/a.tgz", False),
        ("rm a*b*a", "/aba", True),
        ("rm ab*b", "/ab", False),
        ("rm /tmp", "/tmp/a.tgz", False),
        ("rm -r /tmp", "/tmp/a.tgz", True),
        ("rm b.tgz", "/a.tgz", False),
        ("find /tmp -type f -delete", "/tmp/a.tgz", True),
    ],
)
def test_a_removal_takes_files(text: str, path: str, taken: bool) -> None:
    assert any(removal.takes(path) for removal in removed(text)) is taken
