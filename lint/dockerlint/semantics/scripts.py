"""The shell scripts of a file, each read when it is first asked for.

A RUN is read by the shell in force, or by the one that a comment names (`# dlint shell=bash`), a sole heredoc by the
interpreter that its first line names. Exec form is one command.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.semantics.stages import Step
from dockerlint.shell.interpreters import Interpreter, base_name, read_interpreter, shebang
from dockerlint.shell.script import Command, Script
from dockerlint.source import JoinedText, Span
from dockerlint.syntax.heredocs import Marker, read_marker
from dockerlint.syntax.pragma_reader import read_pragmas
from dockerlint.syntax.pragmas import Dialect
from dockerlint.syntax.tree import CommandLine, Dockerfile, Form, Healthcheck, Heredoc, Instruction, Run, StartCommand

_NO_SHELL = Interpreter("sh", frozenset(), None, 0)
if TYPE_CHECKING:
    from dockerlint.shell.package_managers import PackageAction

_EMPTY = Script("sh", Span(0, 0))

#: Is among the programs of a script that calls any package manager.
PACKAGE_MANAGER = "a package manager"
#: Is among the programs of a script that gives a variable a value.
ASSIGNMENT = "an assignment"


class ShellText(NamedTuple):
    """The text that an instruction hands to a shell, and that shell.

    `dialect` is the base name of the shell, or of another program that reads the text. `options` are the names of
    `set -o` that are switched on for it by SHELL, or by the `#!` of the text.
    """

    joined: JoinedText
    dialect: str
    options: frozenset[str]


class Scripts:
    """Reads and keeps the scripts of one file."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._dockerfile = dockerfile
        self._source_text = dockerfile.source.text
        self._read: dict[int, Script] = {}
        self._actions: dict[Command, tuple[PackageAction, ...]] = {}
        self._resolved: dict[int, tuple[Command, ...]] = {}
        self._programs: dict[int, frozenset[str]] = {}

    def of(self, node: Instruction, step: Step) -> Script:
        """The script of an instruction; without commands for one that has none.

        `step` is the step of the instruction, or of the ONBUILD around it.
        """
        key = id(node)
        script = self._read.get(key)
        if script is None:
            script = self._read[key] = self._script(node, step)
        return script

    def commands(self, node: Instruction, step: Step) -> tuple[Command, ...]:
        """The commands of an instruction's script with the values of variables put in, as far as they are known.

        An ARG without a value, and what only the base image may set, is not known.
        """
        key = id(node)
        commands = self._resolved.get(key)
        if commands is None:
            commands = self._resolved[key] = self._commands(self.of(node, step), step)
        return commands

    def actions(self, command: Command) -> tuple[PackageAction, ...]:
        """What a command does with packages (`package_actions`), found out once."""
        actions = self._actions.get(command)
        if actions is None:
            from dockerlint.shell.package_managers import package_actions  # noqa: PLC0415 - takes time to load

            actions = self._actions[command] = package_actions(command)
        return actions

    def programs(self, node: Instruction, step: Step) -> frozenset[str]:
        """The names of the programs that an instruction's script calls, also those that wrappers start.

        A package manager is in it by the key of its table, too, however it is started (`python3 -m pip`: `pip`), and by
        `PACKAGE_MANAGER`; a script that sets a variable has `ASSIGNMENT` among them.
        """
        key = id(node)
        programs = self._programs.get(key)
        if programs is None:
            programs = self._programs[key] = frozenset(self._names(self.commands(node, step)))
        return programs

    def _names(self, commands: tuple[Command, ...]) -> Iterator[str]:
        for command in commands:
            if command.assignments:
                yield ASSIGNMENT
            if command.name is not None:
                yield command.name
                for action in self.actions(command):
                    yield from (action.manager.key, action.tool, PACKAGE_MANAGER)

    def _commands(self, script: Script, step: Step) -> tuple[Command, ...]:
        if not script.variables:
            return script.commands
        from dockerlint.shell.resolve import resolved_commands  # noqa: PLC0415 - only scripts with variables pay

        environment = step.before.environment
        values = ((name, environment.get(name)) for name in script.variables)
        known = {name: value for name, value in values if isinstance(value, str)}
        # Without a value of the builder's it is the home directory of whoever runs the script, as `~` says it.
        known.setdefault("HOME", "~")
        return resolved_commands(script, known)

    def text(self, node: Instruction, step: Step) -> ShellText | None:
        """The text that an instruction hands to a shell; None for one without a command, or in exec form."""
        command = _command_of(node)
        line = None if command is None else command.script
        if line is None:
            return None
        shell = _shell(step.before.shell)
        named = self.named_dialect(node)
        if named is not None and named != shell.dialect:
            shell = _NO_SHELL._replace(dialect=named)
        if node.heredocs and isinstance(read_marker(line.text), Marker):
            body = self._body(node.heredocs[0])
            words = shebang(body.text.split("\n", 1)[0])
            shell = _shell(words) if words else shell
            return ShellText(body, shell.dialect, shell.options)
        return ShellText(self._with_bodies(line, node.heredocs), shell.dialect, shell.options)

    def _script(self, node: Instruction, step: Step) -> Script:
        command = _command_of(node)
        if command is None or command.form is Form.NONE:
            return _EMPTY
        # The grammar library costs time to load: only files with scripts pay for it.
        from dockerlint.shell.reader import read_exec, read_script  # noqa: PLC0415

        if command.form is Form.EXEC:
            return read_exec(command.words)
        text = self.text(node, step)
        return _EMPTY if text is None else read_script(text.joined, dialect=text.dialect, options=text.options)

    def named_dialect(self, node: Instruction) -> str | None:
        """The shell that the last comment above the instruction names, one above the first FROM for all of them."""
        above = bisect_right(self._dialects, node.span.start, key=lambda dialect: dialect.span.end)
        return self._dialects[above - 1].name if above else None

    @cached_property
    def _dialects(self) -> tuple[Dialect, ...]:
        if not any("shell" in comment.text.lower() for comment in self._dockerfile.comments):
            return ()
        return read_pragmas(self._dockerfile).dialects

    def _body(self, heredoc: Heredoc) -> JoinedText:
        return JoinedText(self._source_text, (heredoc.body,))

    def _with_bodies(self, line: JoinedText, heredocs: tuple[Heredoc, ...]) -> JoinedText:
        """The line with the bodies below it, as the builder puts them back together for the shell."""
        if not heredocs:
            return line
        # A body begins right behind a line feed, which ends the line above it.
        bodies = (Span(heredoc.body.start - 1, (heredoc.terminator or heredoc.body).end) for heredoc in heredocs)
        return JoinedText(self._source_text, (*line.pieces, *bodies))


def _command_of(node: Instruction) -> CommandLine | None:
    if isinstance(node, (Run, StartCommand, Healthcheck)):
        return node.command
    return None


def _shell(words: tuple[str, ...]) -> Interpreter:
    """The shell that a command line starts, or what stands for another program, whose scripts are not read."""
    interpreter = read_interpreter(words)
    if interpreter is not None:
        return interpreter
    return _NO_SHELL._replace(dialect=base_name(words[0])) if words else _NO_SHELL
