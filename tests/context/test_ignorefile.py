from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockerlint.context.ignorefile import IgnoreFile, read_patterns
from tests.shared import shared_files

TREE = frozenset(
    [
        "!neg",
        "-n",
        ".dockerignore",
        "[]",
        "^c",
        "a.log",
        "a]",
        "a^b",
        "bin/Debug/q",
        "binDebug",
        "bin\\Debug",
        "c",
        "docs/a",
        "docs/b",
        "docs/sub/c",
        "foo/bar/y",
        "foo/x",
        "in",
        "obj/Release/z",
        "q?",
        "sp ace/f",
        "star*.txt",
        "starx.txt",
        "tab\tx",
        "x5",
        "x[1].txt",
        "xd",
    ]
)
DOCS = {"docs/a", "docs/b", "docs/sub/c"}
FOO = {"foo/bar/y", "foo/x"}
TEXTS = st.lists(
    st.one_of(st.text(max_size=12), st.text("!*?[]^-\\/.#|{}12,abAdDb\r", max_size=12)), max_size=6
).map("\n".join)  # fmt: skip
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a.b", ".a", "[", "-"]), min_size=1, max_size=4).map("/".join)
GLOBS = st.lists(
    st.sampled_from(["a", "b", "ab", ".", "/", "/", "*", "?", "**/", "[ab]", "[^a]"]), min_size=1, max_size=7
).map("".join)


def cases(name: str) -> list[dict[str, Any]]:
    return [
        case for path in shared_files("conformance/dockerignore", name) for case in json.loads(path.read_text("utf-8"))
    ]


def contexts() -> list[dict[str, Any]]:
    return [
        {"tree": data["tree"], **case}
        for path in shared_files("conformance/dockerignore", "contexts.json")
        for data in [json.loads(path.read_text("utf-8"))]
        for case in data["cases"]
    ]


def excluded(text: str) -> frozenset[str]:
    ignore = IgnoreFile.parse(text)
    assert ignore.problems == ()
    return frozenset(path for path in TREE if ignore.excludes(path))


@pytest.mark.parametrize(
    "case", cases("match.json"), ids=lambda case: f"{' '.join(case['patterns'])} on {case['path']}"
)
def test_patterns(case: dict[str, Any]) -> None:
    ignore = IgnoreFile.of(case["patterns"])
    assert bool(ignore.problems) is case.get("error", False)
    if not case.get("error"):
        assert ignore.excludes(case["path"]) is case["excluded"]


@pytest.mark.parametrize("case", cases("read.json"))
def test_reading(case: dict[str, Any]) -> None:
    assert [pattern.text for pattern in read_patterns(case["content"])] == case["patterns"]


@pytest.mark.parametrize("case", contexts(), ids=lambda case: case["id"])
def test_contexts_that_an_engine_has_sent(case: dict[str, Any]) -> None:
    ignore = IgnoreFile.parse(case["ignore"])
    assert bool(ignore.problems) is case.get("error", False)
    if not case.get("error"):
        files = {*case["tree"], ".dockerignore"}
        assert sorted(path for path in files if not ignore.excludes(path)) == case["files"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("docs/a\n!docs", {"docs/a"}),
        ("docs/*\n!docs", DOCS),
        ("docs/sub\n!docs", {"docs/sub/c"}),
        ("docs\n!docs/sub", {"docs/a", "docs/b"}),
        ("docs/a\n!docs\n!docs/a", set()),
        ("*\n!docs/a\ndocs", TREE - {"docs/a"}),
        ("docs", DOCS),
        (" docs\u00a0", DOCS),
        ("docs\x85", DOCS),
        ("docs/\r\n", DOCS),
        ("\ufeffdocs", DOCS),
        ("docs**", DOCS),
        ("d**", DOCS),
        ("**cs", DOCS),
        ("**a", {"docs/a"}),
        ("**/**/a", {"docs/a"}),
        ("//foo", FOO),
        ("foo/./x", {"foo/x"}),
        ("foo/***", FOO),
        ("fo[o]/x", {"foo/x"}),
        ("fo{1,2}/x*", {"foo/x"}),
        ("docs[/]a", {"docs/a"}),
        ("docs?a", set()),
        ("#docs", set()),
        (" #docs", set()),
        ("docs #x", set()),
        ("!neg", set()),
        ("\\!neg", {"!neg"}),
        ("/", set()),
        (".", set()),
        ("..", set()),
        ("docs/..", set()),
        ("\u00a0", set()),
        ("sp ace", {"sp ace/f"}),
        ("sp\\ ace", {"sp ace/f"}),
        ("**", TREE),
        ("***", TREE),
        ("?*", TREE),
    ],
)
def test_what_the_engine_left_out(text: str, paths: frozenset[str]) -> None:
    assert excluded(text) == paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("[*]", {"[]"}),
        ("star[*].txt", set()),
        ("q[?]", set()),
        ("bin\\Debug", {"binDebug"}),
        ("foo\\bar", set()),
        ("x\\d", {"x5"}),
        ("\\Docs", DOCS),
        ("\\x61*", {"a.log", "a]", "a^b"}),
        ("\\141*", {"a.log", "a]", "a^b"}),
        ("^c", {"^c"}),
        ("^c*", {"c"}),
        ("a^b*", set()),
        ("a.*", {"a.log"}),
        ("a+*", set()),
        ("(a)*", set()),
        ("{a,b}*", set()),
        ("[[:alpha:]]*", TREE - {"!neg", "-n", ".dockerignore", "[]", "^c"}),
        ("[!a]*", {"!neg", "a.log", "a]", "a^b"}),
        ("*]", {"[]", "a]"}),
        ("{0}s*", {*DOCS, "obj/Release/z", "sp ace/f", "star*.txt", "starx.txt"}),
        ("^{0}s*", {"sp ace/f", "star*.txt", "starx.txt"}),
        ("docs/a{0}*", {*DOCS}),
        ("s*\\", set()),
        (
            "a|b*",
            {
                "a.log",
                "a]",
                "a^b",
                "bin/Debug/q",
                "binDebug",
                "bin\\Debug",
                "docs/b",
                "docs/sub/c",
                *FOO,
                "obj/Release/z",
                "tab\tx",
            }
            - {"foo/x"},
        ),
    ],
)
def test_oddities_of_the_engine(text: str, paths: frozenset[str]) -> None:
    assert excluded(text) == paths


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("!", "lone-exclamation-mark"),
        ("!/", "lone-exclamation-mark"),
        ("\\", "malformed"),
        ("a\\", "malformed"),
        ("*\\", "malformed"),
        ("?\\", "malformed"),
        ("[a", "malformed"),
        ("a[", "malformed"),
        ("*b[", "malformed"),
        ("[]a]", "malformed"),
        ("[a-]", "malformed"),
        ("[-]", "malformed"),
        ("?*[", "malformed"),
        ("a*[", "expression"),
        ("[z-a]", "expression"),
        ("obj\\Release", "expression"),
        ("a\\8*", "expression"),
        ("*{2}", "expression"),
        ("x{1}{2}*", "expression"),
        ("x{2,1}*", "expression"),
        ("a|{2}b*", "expression"),
        ("[[:foo:]]*", "expression"),
        ("\\é*", "expression"),
        ("x" * 65_536, "too-long"),
    ],
)
def test_what_the_engine_refuses(text: str, kind: str) -> None:
    ignore = IgnoreFile.parse(f"docs\n{text}\nfoo")
    assert [(problem.kind, problem.start, problem.end) for problem in ignore.problems] == [(kind, 5, 5 + len(text))]
    assert ignore.excludes("docs/a")
    assert ignore.excludes("foo")


def test_a_pattern_knows_its_line_and_place() -> None:
    text = "\ufeff# comment\n\n  docs/ \r\n! /docs/README.md\n"
    first, second = IgnoreFile.parse(text).patterns
    assert (first.text, first.negated, first.line, text[first.start : first.end]) == ("docs", False, 3, "docs/")
    assert (second.text, second.negated, second.line) == ("!docs/README.md", True, 4)
    assert text[second.start : second.end] == "! /docs/README.md"


def test_the_pattern_that_decides_is_told() -> None:
    ignore = IgnoreFile.parse("**/*.log\nbuild\n!build/keep")
    assert [
        pattern.text if pattern else None for pattern in map(ignore.excluded_by, ("x/a.log", "build/x", "build/keep/a"))
    ] == [
        "**/*.log",
        "build",
        None,
    ]


def test_the_root_is_never_excluded() -> None:
    assert not IgnoreFile.of(["**", "*", "."]).excludes(".")


@given(GLOBS, PATHS)
@example("a**a", "a/a")
def test_agrees_with_a_regular_expression_for_plain_globs(glob: str, path: str) -> None:
    (pattern,) = read_patterns(glob) or (None,)
    if pattern is None or pattern.text.startswith("**") or "***" in pattern.text or ".." in pattern.text:
        return
    # Two stars stand for folders also where no slash follows them, but for any text at the end.
    parts = {"*": "[^/]*", "?": "[^/]", "**/": "(?:.*/)?", "**": "(?:.*/)?", "**$": ".*", ".": r"\."}
    tokens = re.findall(r"\*\*[/$]?|\[[^\]]*\]|.", re.sub(r"\*\*$", "**$", pattern.text))
    expression = re.compile("".join(parts.get(token, token) for token in tokens))
    folders = path.split("/")
    expected = any(expression.fullmatch("/".join(folders[:depth])) for depth in range(1, len(folders) + 1))
    assert IgnoreFile.parse(glob).excludes(path) is expected


@given(TEXTS, PATHS)
def test_any_text_has_an_answer(text: str, path: str) -> None:
    ignore = IgnoreFile.parse(text)
    spans = [(pattern.start, pattern.end) for pattern in ignore.patterns]
    spans += [(problem.start, problem.end) for problem in ignore.problems]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    deciding = ignore.excluded_by(path)
    assert deciding is None or (deciding in ignore.patterns and not deciding.negated)


@given(TEXTS, st.lists(PATHS, max_size=5))
def test_the_order_of_questions_does_not_matter(text: str, paths: list[str]) -> None:
    ignore = IgnoreFile.parse(text)
    forward = [ignore.excludes(path) for path in paths]
    assert [IgnoreFile.parse(text).excludes(path) for path in paths] == forward
    assert [ignore.excludes(path) for path in reversed(paths)] == forward[::-1]


@given(TEXTS, PATHS)
def test_everything_below_an_excluded_folder_is_excluded_unless_taken_back(text: str, path: str) -> None:
    ignore = IgnoreFile.of(pattern.text for pattern in read_patterns(text) if not pattern.negated)
    if ignore.excludes(path):
        assert ignore.excludes(f"{path}/below")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("*a" * 3000 + "b", "a" * 4000),
        ("**/a" * 3000, "a/" * 2000 + "b"),
        ("[a-z]*" * 2000 + "!", "x" * 4000),
        ("**a{0,1}" * 2000, "a/" * 2000),
        ("a{1000}" * 30 + "*", "a" * 4000),
        ("\n".join(f"**/{number}*x" for number in range(5000)), "1/" * 100),
        ("a/" * 30_000, "a/" * 30_000),
    ],
)
def test_hostile_patterns_take_little_time(text: str, path: str) -> None:
    start = time.monotonic()
    IgnoreFile.parse(text).excludes(path)
    assert time.monotonic() - start < 10
