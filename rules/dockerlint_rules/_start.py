"""How a container of a stage would start: the ENTRYPOINT and CMD that are in force at its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    """How a container of a stage starts: its ENTRYPOINT and CMD, None where nothing is set.

    `cleared` is the CMD that the last ENTRYPOINT wiped out. `base` is the image below the chain of stages.
    """

    entrypoint: StartValue | Unknown | None
    command: StartValue | Unknown | None
    cleared: StartValue | None
    base: FileSource

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

    @property
    def is_own(self) -> bool:
        """Whether an instruction of the file sets one of the two."""
        return any(
            isinstance(value, StartValue) and value.step is not None for value in (self.entrypoint, self.command)
        )


def starts_of(ctx: RuleContext) -> tuple[Start, ...]:
    """The start configuration at the end of each stage, by its index.

    An ENTRYPOINT wipes out the CMD that was inherited, but not one of the same stage, as in BuildKit and the image
    configuration that it writes.
    """
    return ctx.once(_starts_of, ctx.model)


def _starts_of(model: Model, _: RuleContext) -> tuple[Start, ...]:
    starts: list[Start] = []
    for stage in model.stages:
        parent = stage.base.stage if stage.base.kind is SourceKind.STAGE else None
        start = starts[parent] if parent is not None and parent < len(starts) else _base_start(stage.base)
        has_command = False
        for step in (*stage.triggered, *stage.steps[1:]):
            if isinstance(step.node, Cmd):
                start, has_command = start._replace(command=_value(step, stage.index), cleared=None), True
            elif isinstance(step.node, Entrypoint):
                start = start._replace(entrypoint=_value(step, stage.index))
                if not has_command:
                    lost = (
                        start.command
                        if isinstance(start.command, StartValue) and start.command.words
                        else start.cleared
                    )
                    start = start._replace(command=None, cleared=lost)
        starts.append(start)
    return tuple(starts)


def start_of(stage: Stage, ctx: RuleContext) -> Start:
    """The start configuration at the end of one stage."""
    return starts_of(ctx)[stage.index]


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
    if first.shell_form or len(values) == 1:
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


def _value(step: Step, stage: int) -> StartValue:
    node = step.node
    assert isinstance(node, StartCommand)
    return StartValue(start_words(node.command, step), node.command.form is not Form.EXEC, step, stage)


def _base_start(base: FileSource) -> Start:
    if base.kind is SourceKind.SCRATCH:
        return Start(None, None, None, base)
    if base.facts is None:
        unknown = Unknown("the configuration of the base image is not known")
        return Start(unknown, unknown, None, base)
    return Start(_base_value(base.facts.entrypoint), _base_value(base.facts.command), None, base)


def _base_value(words: tuple[str, ...] | None) -> StartValue | None:
    return StartValue(words) if words else None
