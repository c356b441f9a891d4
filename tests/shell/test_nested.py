"""Scripts inside words, and commands that start other commands."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from dockerlint.shell.reader import read_exec
from dockerlint.shell.script import Reach, ScopeKind
from dockerlint.source import JoinedText, Span
from tests.shell.support import line_of, lines_of, script_of, sole


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sudo -u x -E A=b apt-get update", ["apt-get update"]),
        ("sudo --user=x -- a -b", ["a -b"]),
        ("doas -u x a", ["a"]),
        ("env -i A=1 B=2 a c=d", ["a c=d"]),
        ("env -u A -C / a", ["a"]),
        ("exec -a name a b", ["a b"]),
        ("command a -v", ["a -v"]),
        ("nohup nice -n 10 a", ["nice -n 10 a", "a"]),
        ("nice -5 a", ["a"]),
        ("ionice -c2 -n 7 a", ["a"]),
        ("timeout -k 5 --signal=KILL 10s a b", ["a b"]),
        ("time -p a", ["a"]),
        ("stdbuf -oL -e 0 a", ["a"]),
        ("chroot --userspec=a:b /mnt a b", ["a b"]),
        ("gosu www-data a b", ["a b"]),
        ("su-exec root a", ["a"]),
        ("setpriv --reuid 1 a", ["a"]),
        ("tini -s -- a b", ["a b"]),
        ("busybox wget x", ["wget x"]),
        ("flock -w 5 /lock a b", ["a b"]),
        ("xargs -0 -n 1 -I{} rm -rf {}", ["rm -rf {}"]),
        ("parallel -j 4 a {} ::: b", ["a {} ::: b"]),
        ("find / -name x -exec rm -rf {} + -o -execdir a {} \\;", ["rm -rf {}", "a {}"]),
        ("poetry run pip install x", ["pip install x"]),
        ("conda run -n base pip install x", ["pip install x"]),
        ("bundle exec rake a", ["rake a"]),
        ("corepack yarn install", ["yarn install"]),
        ("runuser -u x -- a b", ["a b"]),
        ("setarch x86_64 -R a", ["a"]),
        ("unshare --mount -R / a", ["a"]),
        ("chpst -u www a b", ["a b"]),
        ("dumb-init -r 15:3 -- a b", ["a b"]),
        ("s6-setuidgid x a", ["a"]),
        ("ssh-agent a b", ["a b"]),
        ("scl enable x y -- a b", ["a b"]),
        ("ionice -c3 xvfb-run -a -s '-x y' a", ["xvfb-run -a -s -x y a", "a"]),
        ("faketime '2020' catchsegv a", ["catchsegv a", "a"]),
        ("noglob eatmydata linux32 a", ["eatmydata linux32 a", "linux32 a", "a"]),
    ],
)
def test_a_wrapper_starts_a_command_of_its_own(text: str, inner: list[str]) -> None:
    wrapper, *started = script_of(text).commands
    assert [line_of(command) for command in started] == inner
    assert started[0].wrapped_by is wrapper
    assert [command.name for command in started[-1].wrappers][-1] == wrapper.name
    assert text[started[0].span.start : started[0].span.end].startswith(started[0].name or "-")


@pytest.mark.parametrize(
    "text",
    ["command -v sudo", "command -V x", "sudo -l", "exec > log", "env", "xargs", "nice", "busybox --install -s",
     "poetry install", "conda install x", "uv sync", "find / -name x -delete", "corepack enable", "sudo -v"],
)  # fmt: skip
def test_what_starts_nothing(text: str) -> None:
    assert len(script_of(text).commands) == 1


def test_a_wrapped_command_stands_where_its_wrapper_stands() -> None:
    command = sole("A=1 sudo B=2 env C=3 pip install x | tee f", "pip")
    assert [(a.name, a.value and a.value.text) for a in command.assignments] == [("A", "1"), ("B", "2"), ("C", "3")]
    assert (command.stage, command.pipeline is not None, command.reach) == (0, True, Reach.ALWAYS)
    assert [wrapper.name for wrapper in command.wrappers] == ["env", "sudo"]


@pytest.mark.parametrize(("text", "open_ended"), [("xargs a", True), ("find . -exec a {} +", True), ("sudo a", False)])
def test_more_arguments_may_come_at_run_time(text: str, open_ended: bool) -> None:
    assert sole(text, "a").open_ended is open_ended


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("sh -c 'a && b c'", ["a", "b c"]),
        ('/bin/bash -exo pipefail -c "a \\"b c\\""', ["a b c"]),
        ("bash -lc a\\ b", ["a b"]),
        ("bash --norc -c -e 'a b' name arg", ["a b"]),
        ("eval 'a b' \"c\" d", ["a b c d"]),
        ("env -S 'a b' c", ["a b c"]),
        ("env -iS 'A=b a b'", ["a b"]),
        ("scl enable x 'a b'", ["a b"]),
        ("eval -- a", ["a"]),
        ("su -c 'a b' user", ["a b"]),
        ("su - user -s /bin/sh --command='a b'", ["a b"]),
        ('su user -c"a b"', ["a b"]),
        ("runuser user -c 'a b'", ["a b"]),
        ("flock /lock -c 'a b'", ["a b"]),
        ("script -q -c 'a b' /dev/null", ["a b"]),
        ("trap 'a b' EXIT", ["a b"]),
        ("bash <<EOF\na b\nEOF", ["a b"]),
        ("bash -s -- x <<'EOF'\na b\nEOF", ["a b"]),
        ("cat <<EOF | sh -e\na b\nEOF", ["a b"]),
        ("sh -c $'a\\nb c'", ["a", "b c"]),
    ],
)
def test_a_script_in_a_word_is_read(text: str, commands: list[str]) -> None:
    inside = [command for command in script_of(text).commands if command.scope.depth]
    assert [line_of(command) for command in inside] == commands
    assert all(command.scope.kind is ScopeKind.STRING for command in inside)


@pytest.mark.parametrize(
    "text",
    ["bash script.sh a", "sh -e ./x -c b", "trap - EXIT", "trap '' INT", "su user", "python3 -c 'import a'",
     "bash x <<EOF\na\nEOF", "cat <<EOF\na b\nEOF", "eval"],
)  # fmt: skip
def test_what_is_no_script(text: str) -> None:
    assert len(script_of(text).commands) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sh -c 'a b && cc d'", ["a", "b", "cc", "d"]),
        ('sh -c "a \\"b c\\" $d"', ["a", 'b c\\"', "$d"]),
        ("sudo bash -c 'sh -c \"a b\"'", ["a", "b"]),
        ("eval a 'b  c'", ["a", "b", "c"]),
    ],
)
def test_words_of_inner_scripts_point_into_the_file(text: str, words: list[str]) -> None:
    innermost = max(command.scope.depth for command in script_of(text).commands)
    found = [
        text[word.span.start : word.span.end].lstrip('"')
        for command in script_of(text).commands
        if command.scope.depth == innermost
        for word in command.words
    ]
    assert found == words


def test_what_the_outer_shell_expands_is_not_static_inside() -> None:
    script = script_of("sh -c \"a '$x' \\$y $(b) `c` '\\$z'\"")
    inner = next(command for command in script.commands if command.name == "a")
    assert [word.text for word in inner.arguments] == [None] * 5
    assert [command.name for command in script.commands] == ["sh", "a", "b", "c"]
    static = sole("sh -c 'a \"$x\" '\\''$y'\\'", "a")
    assert [word.text for word in static.arguments] == [None, "$y"]


def test_a_script_that_is_an_expansion_has_no_known_command() -> None:
    script = script_of('sh -c "$(curl -fsSL x)"')
    assert [command.name for command in script.commands] == ["sh", None, "curl"]
    curl = script.commands[-1]
    assert [scope.kind for scope in curl.scope.outward()][:2] == [ScopeKind.SUBSTITUTION, ScopeKind.STRING]


def test_only_a_trap_at_exit_runs_for_certain() -> None:
    assert sole("trap 'a' EXIT", "a").reach is Reach.ALWAYS
    assert sole("trap 'a' INT TERM", "a").reach is Reach.MAYBE


class ExecWord(NamedTuple):
    text: str
    span: Span
    joined: JoinedText | None


def exec_words(file: str, *texts: str) -> list[ExecWord]:
    """The strings of a JSON array, each with its place; the way back is exact unless it has escapes."""
    words = []
    at = 0
    for text in texts:
        raw = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        at = file.index(raw, at)
        joined = JoinedText(file, (Span(at + 1, at + len(raw) - 1),)) if raw[1:-1] == text else None
        words.append(ExecWord(text, Span(at, at + len(raw)), joined))
        at += len(raw)
    return words


def test_the_exec_form_is_one_command_without_expansion() -> None:
    file = 'RUN ["/usr/bin/echo", "a | b", "$x", "*"]'
    script = read_exec(exec_words(file, "/usr/bin/echo", "a | b", "$x", "*"))
    assert lines_of(script) == ["echo a | b $x *"]
    assert script.variables == frozenset()
    assert [file[word.span.start : word.span.end] for word in script.commands[0].words] == [
        '"/usr/bin/echo"',
        '"a | b"',
        '"$x"',
        '"*"',
    ]


def test_a_shell_in_exec_form_reads_its_script() -> None:
    file = 'RUN ["sudo", "sh", "-c", "apt-get update && echo $x"]'
    script = read_exec(exec_words(file, "sudo", "sh", "-c", "apt-get update && echo $x"))
    assert lines_of(script)[2:] == ["apt-get update", "echo <$x>"]
    update = script.commands[2]
    assert file[update.span.start : update.span.end] == "apt-get update"
    assert script.variables == {"x"}


def test_a_script_with_json_escapes_stays_inside_its_word() -> None:
    file = 'RUN ["sh", "-c", "a \\"b c\\" && d"]'
    script = read_exec(exec_words(file, "sh", "-c", 'a "b c" && d'))
    assert lines_of(script)[1:] == ["a b c", "d"]
    word = Span(file.index('"a'), len(file) - 1)
    assert all(word.holds(command.span) for command in script.commands[1:])


def test_an_empty_exec_form_has_no_command() -> None:
    assert read_exec([]).commands == ()
