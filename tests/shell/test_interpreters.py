from __future__ import annotations

import pytest

from dockerlint.shell.interpreters import base_name, dialect_of, read_interpreter, set_options, shebang


@pytest.mark.parametrize(
    ("program", "dialect"),
    [
        ("/bin/sh", "sh"),
        ("bash", "bash"),
        ("/usr/local/bin/zsh", "zsh"),
        ("C:\\Windows\\System32\\cmd.exe", "cmd"),
        ("PowerShell.exe", "powershell"),
        ("pwsh", "pwsh"),
        ("python3", None),
        ("", None),
    ],
)
def test_a_shell_is_known_by_its_base_name(program: str, dialect: str | None) -> None:
    assert dialect_of(program) == dialect


@pytest.mark.parametrize(("path", "name"), [("/usr/bin/apt-get", "apt-get"), ("a", "a"), ("./a/", "a"), ("/", "")])
def test_base_names(path: str, name: str) -> None:
    assert base_name(path) == name


@pytest.mark.parametrize(
    ("words", "dialect", "options", "script"),
    [
        ("/bin/sh -c", "sh", "", 2),
        ("/bin/bash -o pipefail -c", "bash", "pipefail", 4),
        ("bash -euxo pipefail -c script", "bash", "errexit nounset xtrace pipefail", 4),
        ("bash -eo pipefail +e -c", "bash", "pipefail", 5),
        ("/usr/bin/env -S bash -e -c", "bash", "errexit", 5),
        ("/usr/bin/env A=b bash", "bash", "", None),
        ("busybox sh -ec", "sh", "errexit", 3),
        ("bash --noprofile --rcfile x -lc script", "bash", "", 5),
        ("zsh -o pipefail -c", "zsh", "pipefail", 4),
        ("bash script.sh -c", "bash", "", None),
        ("bash -- -c", "bash", "", None),
        ("cmd /S /C", "cmd", "", 3),
        ("powershell -NoProfile -Command x", "powershell", "", 3),
        ("pwsh", "pwsh", "", None),
    ],
)
def test_a_command_line_says_which_shell_and_how(words: str, dialect: str, options: str, script: int | None) -> None:
    interpreter = read_interpreter(words.split())
    assert interpreter is not None
    assert (interpreter.dialect, interpreter.options, interpreter.script) == (
        dialect,
        frozenset(options.split()),
        script,
    )


@pytest.mark.parametrize("words", [[], ["python3", "-c"], [None, "-c"], ["env"], ["env", "A=b"], ["busybox"]])
def test_what_is_no_shell(words: list[str | None]) -> None:
    assert read_interpreter(words) is None


@pytest.mark.parametrize(
    ("words", "on", "off"),
    [
        ("-e", "errexit", ""),
        ("-euxo pipefail", "errexit nounset xtrace pipefail", ""),
        ("-o pipefail -o errexit", "pipefail errexit", ""),
        ("+e", "", "errexit"),
        ("+o pipefail -x", "xtrace", "pipefail"),
        ("-e +e", "", "errexit"),
        ("-- -e", "", ""),
        ("a -e", "", ""),
        ("-o", "", ""),
    ],
)
def test_what_set_switches(words: str, on: str, off: str) -> None:
    assert set_options(words.split()) == (frozenset(on.split()), frozenset(off.split()))


def test_a_shebang_is_split_at_blanks() -> None:
    assert shebang("#!/usr/bin/env bash -e\r") == ("/usr/bin/env", "bash", "-e")
    assert shebang("#! /bin/sh") == ("/bin/sh",)
    assert shebang("# no") is None
