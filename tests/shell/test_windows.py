"""Scripts for cmd and PowerShell: their commands, and what rules may rely on."""

from __future__ import annotations

import sys
from subprocess import run
from time import thread_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockerlint.shell.script import Command, Operator, Reach, ScopeKind
from tests.shell.support import line_of, lines_of, script_of
from tests.shell.test_bounds import check

POWERSHELL = [
    ("choco install -y git; pip.exe install 'a b'", ["choco install -y git", "pip install a b"]),
    ("Invoke-WebRequest -Uri $env:URL -OutFile a.zip", ["invoke-webrequest -Uri <$env:URL> -OutFile a.zip"]),
    ("iwr https://x/a", ["invoke-webrequest https://x/a"]),
    ("& 'C:\\Program Files\\Git\\git.exe' clone $url", ["git clone <$url>"]),
    (". .\\setup.ps1 -Quiet", ["setup.ps1 -Quiet"]),
    ("$x = pip download a", ["pip download a"]),
    ("$x = 'pip download a'; $y = $x + 1", []),
    ("[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12; a", ["a"]),
    ("if (-not (Test-Path x)) { a } elseif (b) { c } else { d }", ["test-path x", "a", "b", "c", "d"]),
    ("foreach ($x in Get-Item y) { a $x }", ["get-item y", "a <$x>"]),
    ("try { a } catch { b } finally { c }", ["a", "b", "c"]),
    ("switch ($x) { 'a' { b } default { c } }", ["b", "c"]),
    ("function f { a }; return b", ["a", "b"]),
    ("a | ForEach-Object { b $_ }", ["a", "foreach-object <{ b $_ }>", "b <$_>"]),
    ("a (b c) @(d) $(e)", ["a <(b c)> <@(d)> <$(e)>", "b c", "d", "e"]),
    ('a "x $(b y) `"z`"" c', ['a <"x $(b y) `"z`""> c', "b y"]),
    ('a \\"x y\\" z', ["a x y z"]),
    ('a "C:\\Temp\\" z', ["a C:\\Temp\\ z"]),
    ("a 'it''s' ''", ["a it's "]),
    ("a x, y,'z' p@1.2,q", ["a x y z p@1.2,q"]),
    ("a <# b; #> c # d; e\nf", ["a c", "f"]),
    ("a @'\nb; c\n'@ d", ["a b; c d"]),
    ("a `\n  b", ["a b"]),
    ("a > out.txt 2>&1; b", ["a", "b"]),
    ("npm install p@1.2 --x=y", ["npm install p@1.2 --x=y"]),
    ("@{ a = b; c = 'd' } | e", ["b", "e"]),
    ("cmd /S /C 'a && b'", ["cmd /S /C a && b", "a", "b"]),
    ("Start-Process -Wait msiexec -ArgumentList '/i', 'a.msi'",
     ["start-process -Wait msiexec -ArgumentList /i a.msi", "msiexec /i a.msi"]),
    ("sh -c 'a | b'", ["sh -c a | b", "a", "b"]),
    ("iex 'a b'", ["invoke-expression a b", "a b"]),
    ("", []),
]  # fmt: skip

CMD = [
    ("choco install -y git && pip install a", ["choco install -y git", "pip install a"]),
    ('C:\\Git\\GIT.EXE clone "a b" c\\"d', ['git clone a b c"d']),
    ("@echo a ^& b & c", ["echo a & b", "c"]),
    ("if not exist x mkdir x", ["mkdir x"]),
    ("if /i %A%==b ( c & d ) else ( e )", ["c", "d", "e"]),
    ("if errorlevel 1 exit 1", ["exit 1"]),
    ("for %%i in (a b) do c %%i", ["c <%%i>"]),
    ("a (b) c", ["a (b) c"]),
    ("rem a & b\nc", ["c"]),
    ("setx /M PATH \"%PATH%;C:\\a b\"", ['setx /M PATH <"%PATH%;C:\\a b">']),
    ("a > out.txt 2>&1", ["a"]),
    ("call a b", ["call a b", "a b"]),
    ('start /wait "" a.exe b', ["start /wait  a.exe b", "a b"]),
    ("powershell -NoProfile -ExecutionPolicy Bypass -Command \"a; b 'c d'\"",
     ["powershell -NoProfile -ExecutionPolicy Bypass -Command a; b 'c d'", "a", "b c d"]),
    ("powershell -c $x = 'a'; b ^| c", ["powershell -c $x = 'a'; b | c", "b", "c"]),
    ("pwsh -File a.ps1 b", ["pwsh -File a.ps1 b"]),
    ("poetry run pip install x", ["poetry run pip install x", "pip install x"]),
    ("timeout /t 5", ["timeout /t 5"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "commands"), POWERSHELL)
def test_commands_of_powershell(text: str, commands: list[str]) -> None:
    assert lines_of(script_of(text, "powershell")) == commands


@pytest.mark.parametrize(("text", "commands"), CMD)
def test_commands_of_cmd(text: str, commands: list[str]) -> None:
    assert lines_of(script_of(text, "cmd")) == commands


def command(text: str, dialect: str, name: str) -> Command:
    (found,) = script_of(text, dialect).named(name)
    return found


def test_words_stand_where_the_file_has_them() -> None:
    text = 'if ($x) { `\n  pip install "a`$b" -i $env:URL }'
    pip = command(text, "powershell", "pip")
    assert [text[word.span.start : word.span.end] for word in pip.words] == [
        "pip", "install", '"a`$b"', "-i", "$env:URL",
    ]  # fmt: skip
    assert pip.arguments[1].text == "a$b"
    text = "a && powershell -Command \"b; pip install 'c d'\""
    pip = command(text, "cmd", "pip")
    assert text[pip.span.start : pip.span.end] == "pip install 'c d'"
    assert [scope.kind for scope in pip.scope.outward()] == [ScopeKind.STRING, ScopeKind.SCRIPT]
    assert pip.scope.dialect == "powershell"


def test_reach_and_operators() -> None:
    found = {c.name: c for c in script_of("a || b; if (c) { d }; try { e } catch { f } | g", "pwsh").commands}
    reaches = {name: c.reach for name, c in found.items()}
    assert reaches["a"] == reaches["c"] == reaches["e"] == Reach.ALWAYS
    assert reaches["d"] == Reach.MAYBE
    assert reaches["b"] == reaches["f"] == Reach.ON_FAILURE
    assert found["b"].before is Operator.OR


@pytest.mark.parametrize("dialect", ["powershell", "cmd"])
def test_pipelines(dialect: str) -> None:
    script = script_of("a b | c | d", dialect)
    (pipeline,) = script.pipelines
    assert pipeline.length == 3
    assert [(c.name, c.stage, c.pipeline is pipeline) for c in script.commands] == [
        ("a", 0, True), ("c", 1, True), ("d", 2, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "dialect", "name", "value"),
    [
        ("$env:TOKEN = 'abc'; a", "powershell", "TOKEN", "abc"),
        ("$env:TOKEN = 'a' + $b", "powershell", "TOKEN", None),
        ("$Env:TOKEN = Get-Token x", "pwsh", "TOKEN", None),
        ("set TOKEN=abc&& a", "cmd", "TOKEN", "abc"),
        ('set "TOKEN=a b" & a', "cmd", "TOKEN", "a b"),
    ],
)
def test_environment_variables_are_assigned(text: str, dialect: str, name: str, value: str | None) -> None:
    made = [a for c in script_of(text, dialect).commands for a in c.assignments]
    assert [(a.name, a.value and a.value.text) for a in made] == [(name, value)]


def test_variables_of_the_environment_are_told_from_those_of_the_script() -> None:
    script = script_of('a $env:A ${env:B} $c "$env:D" $env:E.Length', "powershell")
    assert script.variables == {"A", "B", "D", "E"}
    assert [word.parts[0][0] for word in script.commands[0].arguments] == ["A", "B", None, "D", None]
    assert script_of("a %A% %B:~0,3% %%c %1", "cmd").variables == {"A", "B"}


def test_old_powershell_has_commands_of_its_own_for_curl() -> None:
    assert lines_of(script_of("curl x; curl.exe x", "powershell")) == ["invoke-webrequest x", "curl x"]
    assert lines_of(script_of("curl x", "pwsh")) == ["curl x"]


def test_scripts_know_their_kind() -> None:
    assert not script_of("a", "cmd").is_posix
    (outer, inner) = script_of("pwsh -c 'a'", "bash").commands
    assert (outer.is_posix, inner.is_posix) == (True, False)


PIECES = st.sampled_from(
    [
        *" \t\n;&|(){}<>$`\"'\\=*?[]#!~-+@%:.,/0aZ\0\ré^“",
        *(
            "&&",
            "||",
            "$(",
            "${",
            "@(",
            "@{",
            "<#",
            "#>",
            "@'\n",
            "\n'@",
            '@"\n',
            "$env:A",
            "%A%",
            "%%i",
            '\\"',
            "2>&1",
        ),
        *("if ", "if (", "else {", "foreach ($x in ", "try {", "function f {", "in ", "do ", "for %%i in (", "not "),
        *("cmd /c ", "powershell -c ", "start ", "call ", "iex ", "Start-Process ", "-ArgumentList ", "$env:A = "),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)


@given(TEXTS, st.sampled_from(["cmd", "powershell", "pwsh"]))
@example("\\", "powershell")  # a program without a name
def test_any_text_is_read(text: str, dialect: str) -> None:
    script = script_of(text, dialect)
    check(script, text)
    assert not script.errors
    for found in script.commands:
        line_of(found)


@pytest.mark.parametrize("dialect", ["cmd", "powershell"])
@pytest.mark.parametrize(
    "unit",
    ["(", "$(", "{ ", "@{", "${", '"', "'", '"$(', "a ", "a; ", "a & ", "a | ", "a > f ", "<#", "@'\n", "#", "if (",
     "a (b) ", "if a==b ( ", "for %%i in (", "cmd /c ", "powershell -c ", "$env:A = ", "a, ", "''", '""', "a'b'", "^",
     "`a", "%A", "iex 'a", "foreach ($x in "],
)  # fmt: skip
def test_repetition_and_nesting_take_linear_time(unit: str, dialect: str) -> None:
    text = unit * (16_000 // len(unit))
    start = thread_time()
    script = script_of(text, dialect)
    assert thread_time() - start < 2
    check(script, text)


def test_a_file_for_posix_shells_does_not_load_the_readers() -> None:
    code = (
        "import sys; from dockerlint.shell.reader import read_script; from dockerlint.source import JoinedText, Span;"
        "read_script(JoinedText('a b', (Span(0, 3),)));"
        "assert not {'dockerlint.shell.powershell', 'dockerlint.shell.batch'} & set(sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
