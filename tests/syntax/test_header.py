"""Parser directives: which have an effect, and how the options of `check` are read."""

from __future__ import annotations

import pytest

from dockerlint.source import Source
from dockerlint.syntax.directives import CheckOptions, read_check_options
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.parser import parse


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("# syntax=a\n# escape=`\n# check=skip=all\n", [("syntax", "a"), ("escape", "`"), ("check", "skip=all")]),
        ("#SYNTAX =  a b \r\n", [("syntax", "a b")]),
        ("\ufeff# syntax=a\n", [("syntax", "a")]),
        ("# comment\n# syntax=a\n", []),
        ("\n# syntax=a\n", []),
        ("# unknown=b\n# syntax=a\n", []),
        ("FROM x\n# syntax=a\n", []),
        ("# syntax=\n# escape=`\n", []),
        # The scan for syntax and check passes over a shebang, the line parser's own for escape does not.
        ("#!/bin/x\n# syntax=a\n# escape=`\n# check=error=true\n", [("syntax", "a"), ("check", "error=true")]),
        ("#!/bin/x\n\n# syntax=a\n", []),
        # White space before the comment is for the line parser only.
        ("  # syntax=a\n# escape=`\n# check=error=true\n", [("escape", "`")]),
        ("\t# escape=`\n", [("escape", "`")]),
        # Other languages may name their frontend in their own comments, or as a key of an object.
        ("// syntax=a\nlanguage b\n", [("syntax", "a")]),
        ("// check=error=true\n// syntax=a\n", [("syntax", "a")]),
        ("// comment\n// syntax=a\n", []),
        ('{"syntax": "a", "x": [1]}', [("syntax", "a")]),
        ('{"syntax": ""}', []),
        ('{"syntax": 1}', []),
        ("{" * 100_000, []),
    ],
)
def test_directives_with_an_effect(text: str, directives: list[tuple[str, str]]) -> None:
    dockerfile = parse(Source("Dockerfile", text))
    assert [(directive.name, directive.value) for directive in dockerfile.directives] == directives


def test_a_directive_without_an_effect_is_a_comment() -> None:
    dockerfile = parse(Source("Dockerfile", "# x\n# escape=`\nRUN a `\n"))
    assert [comment.text for comment in dockerfile.comments] == ["# x", "# escape=`"]
    assert dockerfile.escape == "\\"


def test_a_directive_knows_its_parts() -> None:
    text = "#  Check = skip=all \n"
    (directive,) = parse(Source("Dockerfile", text)).directives
    parts = (directive.span, directive.name_span, directive.value_span)
    assert [text[slice(*span)] for span in parts] == ["#  Check = skip=all ", "Check", "skip=all"]


@pytest.mark.parametrize(
    ("value", "skip", "experimental", "error"),
    [
        ("skip=all", ["all"], [], None),
        ("skip=A,B", ["A", "B"], [], None),
        ("error=true", [], [], True),
        ("error=0;skip=A;experimental=B,C", ["A"], ["B", "C"], False),
        ("skip=A skip=B", ["A"], [], None),
        ("skip=,A,", ["A"], [], None),
        ("skip=A;skip=B", ["B"], [], None),
    ],
)
def test_options_of_check(value: str, skip: list[str], experimental: list[str], error: bool | None) -> None:
    options = read_check_options(value)
    assert isinstance(options, CheckOptions)
    assert [name.text for name in options.skip] == skip
    assert [name.text for name in options.experimental] == experimental
    assert options.error is error
    assert all(value[name.start : name.end] == name.text for name in (*options.skip, *options.experimental))


# Each of these stops a build of engine 28.5.
@pytest.mark.parametrize(
    ("value", "guilty"),
    [
        ("foo", "foo"),
        ("skip=A;", ""),
        (";skip=A", ""),
        ("error=yes", "yes"),
        ("skip=a;b=c", "b"),
        ("SKIP=all", "SKIP"),
        ("skip=a;experimental=x;error=false;skip=b", "false;skip=b"),
    ],
)
def test_options_that_check_does_not_take(value: str, guilty: str) -> None:
    invalid = read_check_options(value)
    assert isinstance(invalid, Invalid)
    assert value[invalid.start : invalid.end] == guilty
