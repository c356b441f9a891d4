"""What must hold for every text, however hostile: the reader never raises, never points outside, never takes long."""

from __future__ import annotations

from collections import Counter
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.shell.package_managers import package_actions
from dockerlint.shell.script import Script
from dockerlint.source import Span
from tests.shell.support import lines_of, script_of

# A slow machine needs perhaps a tenth of it.
SECONDS_PER_CHARACTER = 500e-6

PIECES = st.sampled_from(
    [
        *" \t\n;&|(){}<>$`\"'\\=*?[]#!~-+@%:.,/0aZ\0\r\x0bé",
        *("\U0001f600", "\ud800", "\\\n", "&&", "||", "$(", "${", "$((", "))", "<<", "<<-", "<<<", "<<EOF", "\nEOF\n"),
        *("<(", ">&", "2>&1", "[[ ", " ]]", "((", "$'", '$"', "a=", "a=(", "f() ", "{ ", "; }", "@("),
        *("if ", "then ", "elif ", "else ", "fi ", "for ", "in ", "do ", "done ", "while ", "case ", "esac "),
        *("sh -c ", "eval ", "sudo ", "env ", "xargs ", "find -exec ", "trap ", "apt-get install ", "pip install "),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)

REPEATED = [
    *("(", "$(", "{ ", "${", "`", '"', "'", '"$(', "<", "<(", ")", "}", ">f ", "$((", "((", "[[ ", "[ ", "! ", "\\"),
    *("if a; then ", "while a; do ", "case a in b) ", "for x in ", "f() ", "function f { ", "a=(", "a=b "),
    *("a ", "a; "),
    *("a && ", "a | ", "a || ", "a > f | ", "cat <<A ", "<<A\n", "cat <<A\nA\n", "<<- ]`", "a\n", "a \\\n", "\0", "é "),
    *("sudo ", "env A=b ", "eval ", "sh -c ", 'sh -c "', "sh -c 'sh -c \"", 'eval "$(', "find . -exec a {} \\; "),
    *(
        "trap a ",
        "f() { f; }; ",
        "f() { g; }; ",
        "a) ;; ",
        "2>&1[a]-execin `",
        "@( ]",
        'a"b"$c`d` ',
        '-exec sh -c "$(x)" \\; ',
    ),
]


def in_bounds(span: Span, text: str) -> bool:
    return 0 <= span.start <= span.end <= len(text)


def check(script: Script, text: str) -> None:
    assert [command.span.start for command in script.commands] == sorted(c.span.start for c in script.commands)
    for command in script.commands:
        assert in_bounds(command.span, text)
        assert in_bounds(command.scope.span, text)
        for word in command.words:
            assert in_bounds(word.span, text)
            assert (word.text is None) == any(not isinstance(part, str) for part in word.parts)
        for redirect in command.redirects:
            assert in_bounds(redirect.span, text)
        for action in package_actions(command):
            assert set(action.packages) <= set(command.words)
    assert all(in_bounds(span, text) for span in script.errors)
    assert all(in_bounds(pipe, text) for pipeline in script.pipelines for pipe in pipeline.pipes)


@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    check(script_of(text), text)


@pytest.mark.parametrize("unit", REPEATED)
def test_repetition_and_nesting_take_linear_time(unit: str) -> None:
    text = unit * (16_000 // len(unit))
    script_of("warm up")
    start = thread_time()
    script = script_of(text)
    assert thread_time() - start < SECONDS_PER_CHARACTER * len(text)
    check(script, text)


def test_a_long_script_is_read_in_portions() -> None:
    block = "if [ -f a ]; then\n  b 'c\nd' <<EOF\n;;\nEOF\nfi\n"
    text = block * 5_000
    script = script_of(text)
    lines = Counter(lines_of(script))
    assert (lines["[ -f a"], lines["b c\nd"]) == (5_000, 5_000)
    # A cut between `then` and `fi` is an error on its own, and a `fi` without its `if` a command.
    assert len(script.errors) < 10
    assert set(lines) <= {"[ -f a", "b c\nd", "fi"}


def test_a_line_that_is_too_long_is_an_error_and_the_rest_is_read() -> None:
    script = script_of("a\n" + "b x && " * 10_000 + "c\nd\n")
    assert lines_of(script) == ["a", "d"]
    assert len(script.errors) == 1


def test_a_pipeline_of_thousands_is_an_error() -> None:
    script = script_of("a | " * 2000 + "b")
    assert script.commands == ()
    assert len(script.errors) == 1
