"""Which text of an instruction a shell reads, and which shell it is."""

from __future__ import annotations

import pytest

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import Step
from dockerlint.shell.script import Script
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Onbuild


def read(text: str) -> tuple[str, Step, Scripts]:
    """The text, the last step of its last stage, and the reader for both."""
    model = build_model(parse(Source("Dockerfile", text)))
    return text, model.stages[-1].steps[-1], Scripts(model.dockerfile)


def script_of(text: str) -> Script:
    _, step, scripts = read(text)
    return scripts.of(step.node, step)


def commands_of(text: str) -> list[str]:
    """The commands of the last instruction, as the file writes them."""
    return [text[command.span.start : command.span.end] for command in script_of(text).commands]


BASH = 'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n'


@pytest.mark.parametrize(
    ("text", "dialect", "commands"),
    [
        pytest.param("FROM a\nRUN one && two x\n", "sh", ["one", "two x"], id="shell form"),
        pytest.param(BASH + "RUN one | two\n", "bash", ["one", "two"], id="the shell in force"),
        pytest.param("FROM a\nCMD one x\n", "sh", ["one x"], id="CMD"),
        pytest.param("FROM a\nENTRYPOINT exec one\n", "sh", ["exec one", "one"], id="ENTRYPOINT"),
        pytest.param(
            "FROM a\nHEALTHCHECK --interval=5s CMD one || exit 1\n", "sh", ["one", "exit 1"], id="HEALTHCHECK"
        ),
        pytest.param("FROM a\nHEALTHCHECK NONE\n", "sh", [], id="no healthcheck"),
        pytest.param("FROM a\nRUN --network=none one\n", "sh", ["one"], id="flags are no part of it"),
        pytest.param("FROM a\nRUN <<EOF\none\ntwo\nEOF\n", "sh", ["one", "two"], id="a sole heredoc"),
        pytest.param(BASH + "RUN <<EOF\none\nEOF\n", "bash", ["one"], id="a sole heredoc for the shell in force"),
        pytest.param(
            "FROM a\nRUN <<EOF\n#!/usr/bin/env bash\none\nEOF\n", "bash", ["one"], id="a heredoc with a shell"
        ),
        pytest.param(BASH + "RUN <<EOF\n#!/bin/dash -e\none\nEOF\n", "dash", ["one"], id="its own shell wins"),
        pytest.param("FROM a\nRUN <<EOF\n#!/usr/bin/python3\nimport os\nEOF\n", "python3", [], id="another language"),
        pytest.param("FROM a\nRUN <<-EOF\n\tone\n\tEOF\n", "sh", ["one"], id="a heredoc without its tabs"),
        pytest.param("FROM a\nCOPY a b\n", "sh", [], id="no script at all"),
    ],
)
def test_scripts_are_read_by_the_right_shell(text: str, dialect: str, commands: list[str]) -> None:
    script = script_of(text)
    assert script.dialect == dialect
    assert commands_of(text) == commands
    assert script.errors == ()


@pytest.mark.parametrize(
    ("shell", "dialect"),
    [
        ('["/usr/bin/fish", "-c"]', "fish"),
        ('["/usr/bin/perl", "-e"]', "perl"),
    ],
)
def test_other_shells_are_not_read(shell: str, dialect: str) -> None:
    script = script_of(f"FROM a\nSHELL {shell}\nRUN if (one) {{ two }}; (\n")
    assert (script.dialect, script.commands, script.errors) == (dialect, (), ())


@pytest.mark.parametrize(
    ("text", "dialect", "names"),
    [
        ('FROM a\nSHELL ["powershell", "-Command"]\nRUN if (one) { two }\n', "powershell", ["one", "two"]),
        ('FROM a\nSHELL ["pwsh.exe", "-Command"]\nRUN one\n', "pwsh", ["one"]),
        ('FROM a\nSHELL ["C:/Windows/PowerShell.exe"]\nRUN one\n', "powershell", ["one"]),
        ("FROM mcr.microsoft.com/windows/nanoserver:1809\nRUN One.exe & two\n", "cmd", ["one", "two"]),
        ('FROM a\nRUN ["powershell", "-NoProfile", "-Command", "one;", "two"]\n', "exec", ["powershell", "one", "two"]),
        ('FROM a\nRUN ["C:\\\\Windows\\\\cmd.exe", "/S", "/C", "one && two"]\n', "exec", ["cmd", "one", "two"]),
    ],
)
def test_shells_of_windows_are_read(text: str, dialect: str, names: list[str]) -> None:
    script = script_of(text)
    assert (script.dialect, [command.name for command in script.commands]) == (dialect, names)


def test_words_of_powershell_stand_where_the_file_has_them() -> None:
    run = "RUN one `\n  # about it\n  -Name 'a b'; `\n  two $env:X\n"
    text = '# escape=`\nFROM a\nSHELL ["powershell", "-Command"]\n' + run
    assert commands_of(text) == ["one `\n  # about it\n  -Name 'a b'", "two $env:X"]
    assert [text[word.span.start : word.span.end] for word in script_of(text).commands[0].arguments] == [
        "-Name",
        "'a b'",
    ]


def test_an_exec_form_is_one_command() -> None:
    text = 'FROM a\nRUN ["/usr/bin/one", "a && b", "$c"]\n'
    (command,) = script_of(text).commands
    assert command.name == "one"
    assert [word.text for word in command.arguments] == ["a && b", "$c"]


def test_an_exec_form_shows_what_a_shell_in_it_runs() -> None:
    text = 'FROM a\nRUN ["bash", "-c", "one && two"]\n'
    assert [command.name for command in script_of(text).commands] == ["bash", "one", "two"]


def test_the_shell_reads_heredocs_that_have_more_text_beside_them() -> None:
    text = "FROM a\nRUN cat <<EOF > /x && one\nno command\nEOF\n"
    assert [command.name for command in script_of(text).commands] == ["cat", "one"]
    assert script_of(text).errors == ()


def test_a_shell_that_is_given_a_heredoc_runs_it() -> None:
    text = "FROM a\nRUN bash -s <<EOF\none x\nEOF\n"
    assert "one" in [command.name for command in script_of(text).commands]


def test_several_heredocs_follow_each_other() -> None:
    text = "FROM a\nRUN cat <<A <<B && one\nin a\nA\nin b\nB\n"
    assert [command.name for command in script_of(text).commands] == ["cat", "one"]
    assert script_of(text).errors == ()


def test_a_command_in_a_later_line_is_found_where_it_stands() -> None:
    text = "FROM a\nRUN one && \\\n  # about it\n  two x\n"
    command = script_of(text).commands[1]
    assert text[command.span.start : command.span.end] == "two x"


def test_the_script_of_a_trigger_is_read_by_the_shell_around_it() -> None:
    _, step, scripts = read(BASH + "ONBUILD RUN one\n")
    assert isinstance(step.node, Onbuild)
    script = scripts.of(step.node.trigger, step)
    assert (script.dialect, [command.name for command in script.commands]) == ("bash", ["one"])


def test_a_script_is_read_once() -> None:
    _, step, scripts = read("FROM a\nRUN one\n")
    assert scripts.of(step.node, step) is scripts.of(step.node, step)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("FROM a\n# dlint shell=bash\nRUN x\n", "bash"),
        ('# hadolint shell=pwsh\nFROM a\nSHELL ["/bin/ash", "-c"]\nRUN x\n', "pwsh"),
        ("FROM a\n# dlint shell=bash\nRUN x\n# dlint shell=ksh\nRUN y\n", "ksh"),
        ("FROM a\nRUN x\n# dlint shell=bash\n", "sh"),
        ("FROM a\n# the shell=bash of old\nRUN x\n", "sh"),
    ],
)
def test_a_comment_names_the_shell_of_what_follows(text: str, dialect: str) -> None:
    assert script_of(text).dialect == dialect
