"""Variables in commands get their values where the text tells them, and only there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.shell.resolve import resolved_commands
from tests.shell.support import line_of, script_of


def lines(text: str, known: Mapping[str, str]) -> list[str]:
    return [line_of(command) for command in resolved_commands(script_of(text), known)]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("apt-get install $PKGS", {"PKGS": "a  b"}, ["apt-get install a b"]),
        ('apt-get install "$PKGS"', {"PKGS": "a b"}, ["apt-get install a b"]),
        ("apk add x$P.y ${P}", {"P": "1 2"}, ["apk add x1 2.y 1 2"]),
        ("apk add $NONE x", {"NONE": ""}, ["apk add x"]),
        ('apk add "$NONE" x', {"NONE": ""}, ["apk add  x"]),
        ("apk add $UNKNOWN$P", {"P": "1"}, ["apk add <$UNKNOWN$P>"]),
        ("apk add ${P:-2}", {"P": "1"}, ["apk add <${P:-2}>"]),
        ("P=1; Q=$P; apk add $Q", {}, ["-", "-", "apk add 1"]),
        ("P=1; P+=2; apk add $P", {}, ["-", "-", "apk add 12"]),
        ("export P=1 && apk add $P", {}, ["export P=1", "apk add 1"]),
        ("P=1 apk add $P", {}, ["apk add <$P>"]),
        ("P=$(x); apk add $P", {"P": "1"}, ["-", "x", "apk add <$P>"]),
        ("P=(1 2); apk add $P", {"P": "1"}, ["-", "apk add <$P>"]),
        ("read P; apk add $P", {"P": "1"}, ["read P", "apk add <$P>"]),
        ("(P=2); apk add $P", {"P": "1"}, ["-", "apk add <$P>"]),
        ("if x; then P=2; fi; apk add $P", {"P": "1"}, ["x", "-", "apk add <$P>"]),
        ("for p in a b; do apk add l$p; done", {}, ["apk add la lb"]),
        ("for p in $L; do apk add $p; done", {"L": "a b"}, ["apk add a b"]),
        ("for p in *; do apk add $p; done", {}, ["apk add <$p>"]),
        ("for p in a $U; do apk add $p; done", {}, ["apk add <$p>"]),
        ("while x; do apk add $P; P=2; done", {"P": "1"}, ["x", "apk add <$P>", "-"]),
        ("$SUDO apk add x", {"SUDO": "sudo"}, ["sudo apk add x", "apk add x"]),
        ("$SUDO apk add x", {"SUDO": ""}, ["apk add x"]),
        ("sudo apk add $P", {"P": "1"}, ["sudo apk add 1", "apk add 1"]),
        ("$APT install x", {"APT": "/usr/bin/apt-get -y"}, ["apt-get -y install x"]),
        ("$UNKNOWN", {}, ["-"]),
        ("$NOTHING", {"NOTHING": " "}, ["-"]),
        ("sh -c 'apk add $P'", {"P": "1"}, ["sh -c apk add $P", "apk add 1"]),
    ],
)
def test_words_become_what_the_shell_would_make_of_them(
    text: str, known: Mapping[str, str], expected: list[str]
) -> None:
    assert lines(text, known) == expected


def test_a_resolved_word_points_at_what_is_written() -> None:
    text = "for p in one two; do apk add $p; done"
    (command,) = resolved_commands(script_of(text), {})
    assert [text[word.span.start : word.span.end] for word in command.arguments] == ["add", "$p", "$p"]
    assert [word.raw for word in command.arguments] == ["add", "$p", "$p"]


def test_what_holds_no_variable_stays_the_same_command() -> None:
    script = script_of("apk add x && echo $P")
    assert resolved_commands(script, {})[0] is script.commands[0]


def test_patterns_in_values_are_patterns_unless_they_are_quoted() -> None:
    (command,) = resolved_commands(script_of('rm $G "$G"'), {"G": "/tmp/*"})
    assert [word.glob for word in command.arguments] == [True, False]


def test_values_that_would_make_too_many_words_are_left_alone() -> None:
    (command,) = resolved_commands(script_of("echo $P"), {"P": "a " * 5000})
    assert [word.text for word in command.arguments] == [None]


@given(st.text("aP$ ;={}'\"()\n|&"), st.text("a b*"))
def test_any_script_can_be_resolved(text: str, value: str) -> None:
    script = script_of(text)
    commands = resolved_commands(script, {"P": value, "a": value})
    assert len(commands) >= len(script.commands)
