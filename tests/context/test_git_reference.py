from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.context.git_reference import GitReference, GitUrl, parse_git_reference, parse_git_url
from dockerlint.syntax.invalid import Invalid
from tests.shared import shared_files

PARTS = [
    "https://",
    "git@",
    "ssh://",
    "github.com/",
    "x.y",
    ":",
    "/",
    "a.git",
    "?",
    "#",
    "ref=",
    "tag=",
    "&",
    "%",
    "%20",
    "[",
    "v1",
    "./",
]
TEXTS = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PARTS), max_size=10).map("".join))


def cases(name: str) -> list[dict[str, Any]]:
    return [
        case for path in shared_files("conformance/git-context", name) for case in json.loads(path.read_text("utf-8"))
    ]


def reference(text: str) -> GitReference:
    value = parse_git_reference(text)
    assert not isinstance(value, Invalid), value
    return value


@pytest.mark.parametrize("case", cases("ref.json"), ids=lambda case: case["input"])
def test_references(case: dict[str, Any]) -> None:
    value = parse_git_reference(case["input"])
    if case.get("error"):
        assert isinstance(value, Invalid)
        assert case.get("error_contains", "") in value.reason
        assert value.kind == ("query" if "error_contains" in case else "not-git")
        return
    assert not isinstance(value, Invalid), value
    found = {
        "remote": value.remote,
        "short_name": value.short_name,
        "ref": value.ref,
        "subdir": value.subdir,
        "mtime": value.mtime,
        "checksum": value.checksum,
        "fetch_by_commit": value.fetch_by_commit,
        "unencrypted_tcp": value.unencrypted,
        "indistinguishable_from_local": value.looks_local,
    }
    assert {key: part for key, part in found.items() if part} == case["expected"]


@pytest.mark.parametrize(
    "case", cases("fragment-format.json"), ids=lambda case: f"{case['input']} {case['with_subdir']}"
)
def test_the_older_spelling(case: dict[str, Any]) -> None:
    value = parse_git_reference(case["input"])
    assert isinstance(value, GitReference) is case["is_git"]
    if isinstance(value, GitReference):
        assert value.fragment_form(with_subdir=case["with_subdir"]) == case["expected"]


@pytest.mark.parametrize("case", cases("url.json"), ids=lambda case: case["input"])
def test_urls(case: dict[str, Any]) -> None:
    url = parse_git_url(case["input"])
    assert isinstance(url, Invalid) is case.get("error", False)
    if isinstance(url, GitUrl):
        found = {name: getattr(url, name) for name in ("scheme", "host", "path", "user", "ref", "subdir")}
        assert {**found, "query": {name: list(values) for name, values in url.query}} == case["expected"]


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("https://x.y/a.git?ref=main", "main"),
        ("https://x.y/a.git?ref=main#main", "main"),
        ("https://x.y/a.git?tag=refs/tags/v1", "refs/tags/v1"),
        ("https://x.y/a.git?branch=a%2Fb", "refs/heads/a/b"),
        ("ssh://git@x.y:22/a#v1:sub", "v1"),
        ("git@x.y:a.git?branch=b", "refs/heads/b"),
    ],
)
def test_which_ref_is_fetched(text: str, ref: str) -> None:
    assert reference(text).ref == ref


@pytest.mark.parametrize(
    ("query", "submodules", "keep_git_dir"),
    [
        ("", None, None),
        ("?submodules", True, None),
        ("?submodules=0&keep-git-dir=true", False, True),
        ("?keep-git-dir=", None, True),
    ],
)
def test_switches_of_the_query(query: str, submodules: bool | None, keep_git_dir: bool | None) -> None:
    value = reference("https://x.y/a.git" + query)
    assert (value.submodules, value.keep_git_dir) == (submodules, keep_git_dir)


@pytest.mark.parametrize(
    "query",
    [
        "ref",
        "ref=",
        "ref=a&ref=b",
        "subdir=a&subdir=b",
        "submodules=yes",
        "mtime=now",
        "tag=a&branch=b",
        "branc=a",
        "ref=a#b",
        "subdir=a#:b",
    ],
)
def test_queries_that_stop_the_build(query: str) -> None:
    text = "https://x.y/a.git?" + query
    value = parse_git_reference(text)
    assert isinstance(value, Invalid)
    assert value.kind == "query"
    assert text[value.start : value.end] == query.partition("#")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a/b.git",
        "/a.git",
        "../a.git",
        "git@x.y/a.git",
        "ftp://x.y/a.git",
        "https://x.y/a%zz.git",
        "https://x.y:a/b.git",
        "https://x y/a.git",
        "https://x.y/a\n.git",
        "git@x.y:a?ref=%",
        "https://[::1/a.git",
    ],
)
def test_no_git_references(text: str) -> None:
    value = parse_git_reference(text)
    assert isinstance(value, Invalid)
    assert value.kind == "not-git"


def test_credentials_in_a_url() -> None:
    url = parse_git_url("https://me:s%40cret@x.y/a.git#v1")
    assert isinstance(url, GitUrl)
    assert (url.user, url.password, url.host, url.remote) == ("me", "s@cret", "x.y", "https://me:s%40cret@x.y/a.git")


@given(TEXTS)
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    for value in (parse_git_reference(text), parse_git_url(text)):
        if isinstance(value, Invalid):
            assert 0 <= value.start <= value.end <= len(text)
