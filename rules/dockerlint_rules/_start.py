"""How a container of a stage would start: the ENTRYPOINT and CMD that are in force at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.layers.history import start_words
from dockerlint.rule import RuleContext
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step
from dockerlint.shell.interpreters import base_name, dialect_of
from dockerlint.shell.script import Command, ScopeKind
from dockerlint.source import Span
from dockerlint.syntax.tree import Cmd, Entrypoint, Form, StartCommand, Word
from dockerlint.unknown import Unknown
from dockerlint_rules._tables import names

#: A word that means the same to a shell and in a JSON array.
PLAIN_WORD = re.compile(r"[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+,=-]*")

# Programs that talk to a person unless they are told what to run, besides shells.
_INTERPRETERS = names("erl ghci iex irb jshell julia lua node perl php pypy python ruby scala swift")

_SCRIPT = re.compile(r"entry[-_]?point|\.(?:sh|bash)$|^(?:init|run|start)$")

# Stands for the command that an ENTRYPOINT is given; no program has such a name.
_ANY_COMMAND = "any-command"
_NOWHERE = Span(0, 0)


class StartValue(NamedTuple):
    """An ENTRYPOINT or CMD as the image configuration holds it.

    `words` begin with the shell in force where the instruction has the shell form. `step` is the instruction's, and
    `stage` the index of its stage; both are None where the base image brings the value.
    """

    words: tuple[str, ...]
    shell_form: bool = False
    step: Step | None = None
    stage: int | None = None

    @property
    def node(self) -> StartCommand | None:
        """The instruction, None where the base image brings the value."""
        return self.step.node if self.step is not None and isinstance(self.step.node, StartCommand) else None


class Start(NamedTuple):
    """How a container starts, None where nothing is set. `cleared` is the CMD that the last ENTRYPOINT wiped out."""

    entrypoint: StartValue | Unknown | None
    command: StartValue | Unknown | None
    cleared: StartValue | None = None

    @property
    def own_entrypoint(self) -> StartValue | None:
        """The ENTRYPOINT that CMD is given to, as far as it is known.

        None where CMD itself is the command: without an ENTRYPOINT, and behind the entrypoint scripts of known images,
        which do some preparations and then start what they are given.
        """
        value = self.entrypoint
        if not isinstance(value, StartValue) or not value.words:
            return None
        return None if value.step is None and is_script(value.words[0]) else value


def start_of(model: Model, stage: Stage) -> Start:
    """The start configuration at the end of a stage.

    An ENTRYPOINT wipes out the CMD that was inherited, but not one of the same stage, as in BuildKit and the image
    configuration that it writes.
    """
    chain = model.chain(stage)
    entrypoint, command = _base_start(chain[0].base)
    cleared: StartValue | None = None
    for part in chain:
        has_command = False
        for step in _steps(part):
            if isinstance(step.node, Cmd):
                command, has_command, cleared = _value(step, part.index), True, None
            elif isinstance(step.node, Entrypoint):
                entrypoint = _value(step, part.index)
                if not has_command:
                    cleared = command if isinstance(command, StartValue) and command.words else cleared
                    command = None
    return Start(entrypoint, command, cleared)


def program_of(words: Sequence[str]) -> tuple[str, ...]:
    """The command that a command line starts in the end, behind `tini --`, `gosu USER`, `env` and their like.

    Nothing is left if the words only start what is added to them, as those of an ENTRYPOINT do that hands CMD on.
    """
    # The grammar library behind it costs time to load: only files with such words pay for it.
    from dockerlint.shell.reader import read_exec  # noqa: PLC0415

    script = read_exec([Word(text, _NOWHERE, None) for text in (*words, _ANY_COMMAND)])
    started = [command for command in script.commands if command.scope.kind is ScopeKind.SCRIPT][-1]
    return tuple(word.raw for word in started.words[:-1])


def start_commands(start: Start, ctx: RuleContext) -> tuple[Command, ...]:
    """The commands that a container starts with, as far as this file says so."""
    # See `program_of`.
    from dockerlint.shell.reader import read_exec  # noqa: PLC0415

    values = [value for value in (start.entrypoint, start.command) if isinstance(value, StartValue) and value.words]
    if len(values) > 1 and is_script(values[0].words[0]):
        # What the script does is not known, but it usually starts the CMD in the end.
        values = values[1:]
    first = values[0] if values else None
    if first is None or first.node is None or first.step is None:
        return ()
    if first.shell_form:
        return ctx.script(first.node, first.step).commands
    return read_exec([word for value in values if value.node is not None for word in value.node.command.words]).commands


def is_interactive(words: Sequence[str]) -> bool:
    """Whether a command only opens a shell or an interpreter, such as `bash` or `perl5.36.0 -de0`."""
    name = base_name(words[0]) if words else ""
    is_known = dialect_of(name) is not None or name.rstrip("0123456789.") in _INTERPRETERS
    return is_known and all(word.startswith("-") for word in words[1:])


def is_script(program: str) -> bool:
    """Whether a program is a script by its name, which may do anything with its arguments."""
    return _SCRIPT.search(base_name(program)) is not None


def _steps(stage: Stage) -> Iterator[Step]:
    yield from stage.triggered
    yield from stage.steps[1:]


def _value(step: Step, stage: int) -> StartValue:
    node = step.node
    assert isinstance(node, StartCommand)
    return StartValue(start_words(node.command, step), node.command.form is not Form.EXEC, step, stage)


def _base_start(base: FileSource) -> tuple[StartValue | Unknown | None, StartValue | Unknown | None]:
    if base.kind is SourceKind.SCRATCH:
        return None, None
    if base.facts is None:
        unknown = Unknown("the configuration of the base image is not known")
        return unknown, unknown
    return _base_value(base.facts.entrypoint), _base_value(base.facts.command)


def _base_value(words: tuple[str, ...] | None) -> StartValue | None:
    return StartValue(words) if words else None
