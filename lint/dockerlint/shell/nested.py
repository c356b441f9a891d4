"""What a command starts besides itself: the command behind `sudo`, the script of `sh -c`, `eval` and `trap`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dockerlint.shell.foreign import PROGRAM_ENDINGS, program_name
from dockerlint.shell.interpreters import EXEC, FOREIGN_DIALECTS, Interpreter, base_name, dialect_of, read_interpreter
from dockerlint.shell.quoting import Chunk, Hole, chunks
from dockerlint.shell.script import Assignment, Command, Word
from dockerlint.shell.wrappers import is_runner, is_wrapper, unwrap

_TRAP_RESETS = frozenset({"-", ""})
_AT_EXIT = frozenset({"EXIT", "0"})

#: Parameters of Start-Process that take a value.
_VALUED = frozenset(
    {
        "workingdirectory",
        "verb",
        "windowstyle",
        "credential",
        "redirectstandardinput",
        "redirectstandardoutput",
        "redirectstandarderror",
    }
)


class Inner(NamedTuple):
    """What a command starts: a command made of `words`, or if `dialect` is set a script that is their text, joined by
    blanks. `certain` is False for what only some event starts (`trap … INT`). `options` are the `set -o` names that a
    new shell is started with; they are None for a script that the same shell reads.
    """

    words: tuple[Word, ...]
    dialect: str | None = None
    assignments: tuple[Assignment, ...] = ()
    open_ended: bool = False
    certain: bool = True
    options: frozenset[str] | None = None


def started_by(command: Command, dialect: str) -> tuple[Inner, ...]:
    """What the command starts; `dialect` is that of the script it stands in."""
    name, arguments = command.name, command.arguments
    if name is None or not arguments:
        return ()
    if dialect in FOREIGN_DIALECTS:
        own = _started_by_foreign(name, arguments, dialect)
        if own is not None:
            return (own,) if own.words else ()
    elif name == "eval":
        words = arguments[1:] if arguments[0].text == "--" else arguments
        return (Inner(words, dialect),) if words else ()
    elif name == "trap":
        return _trap(arguments, dialect)
    if dialect_of(name) is None and not is_wrapper(name):
        return ()
    shell = read_interpreter([name, *(word.text for word in arguments)])
    if shell is not None and name not in {"env", "busybox"}:
        if shell.script is None or shell.script > len(arguments):
            return ()
        # cmd and PowerShell take all that follows for the script.
        last = len(arguments) if shell.dialect in FOREIGN_DIALECTS else shell.script
        return (Inner(arguments[shell.script - 1 : last], shell.dialect, options=shell.options),)
    if dialect in FOREIGN_DIALECTS and not is_runner(name):
        return ()
    return tuple(
        Inner(
            wrapped.words,
            "sh" if wrapped.is_script else None,
            wrapped.assignments,
            wrapped.open_ended,
            options=frozenset() if wrapped.is_script else None,
        )
        for wrapped in unwrap(name, arguments)
    )


def name_of_program(program: Word | None, dialect: str) -> str | None:
    """The name of a program as `Command.name` says it, None if it is not static or there is none.

    Programs of an exec form may be Windows ones.
    """
    if program is None or program.text is None:
        return None
    is_foreign = dialect in FOREIGN_DIALECTS or (dialect == EXEC and program.text.lower().endswith(PROGRAM_ENDINGS))
    return (program_name(program.text) if is_foreign else base_name(program.text)) or None


def wrapped_command(wrapper: Command, inner: Inner) -> Command:
    """The command that a wrapper starts; its output goes where the wrapper's goes."""
    program, *arguments = inner.words
    return replace(
        wrapper,
        name=name_of_program(program, wrapper.scope.dialect),
        program=program,
        arguments=tuple(arguments),
        assignments=(*wrapper.assignments, *inner.assignments),
        span=program.span.cover(inner.words[-1].span),
        open_ended=wrapper.open_ended or inner.open_ended,
        wrapped_by=wrapper,
    )


def _started_by_foreign(name: str, arguments: tuple[Word, ...], dialect: str) -> Inner | None:
    """What a command of cmd or PowerShell starts; None if it is none of those that start others."""
    if name == "invoke-expression":
        words = arguments[1:] if (arguments[0].text or "").lower() == "-command" else arguments
        return Inner(words[:1] if words and words[0].text is not None else (), dialect)
    if name == "start-process":
        return Inner(_process(arguments))
    if name == "call" and dialect == "cmd":
        return Inner(arguments)
    if name == "start" and dialect == "cmd":
        switches = itertools.takewhile(lambda word: word.raw.startswith(("/", '"')), arguments)
        return Inner(arguments[len(tuple(switches)) :])
    return None


def _process(arguments: Sequence[Word]) -> tuple[Word, ...]:
    """The program and the arguments of `Start-Process PROGRAM -ArgumentList A, B -Wait`."""
    program: list[Word] = []
    operands: list[Word] = []
    target: list[Word] | None = program
    for word in arguments:
        if word.raw.startswith("-"):
            name = word.raw[1:].lower()
            is_list = name == "args" or (name != "" and "argumentlist".startswith(name))
            target = operands if is_list else program if name == "filepath" else None if name in _VALUED else target
            continue
        if target is None:
            target = program
        elif target is program and program:
            target = operands
            operands.append(word)
        else:
            target.append(word)
    return (*program, *operands) if program else ()


def reads_standard_input(command: Command) -> Interpreter | None:
    """The shell that a command is if it reads its script from standard input (`bash -ex <<EOF`); None for other
    commands.
    """
    if command.name is None:
        return None
    shell = read_interpreter([command.name, *(word.text for word in command.arguments)])
    if shell is None or not shell.is_posix or shell.script is not None:
        return None
    rest = command.arguments[shell.operand - 1 :]
    alone = not rest or rest[0].text == "-" or any(word.text == "-s" for word in command.arguments)
    return shell if alone else None


def _trap(arguments: Sequence[Word], dialect: str) -> tuple[Inner, ...]:
    words = arguments[1:] if arguments[0].text == "--" else arguments
    if len(words) < 2 or words[0].text in _TRAP_RESETS or words[0].prefix.startswith("-"):
        return ()
    at_exit = any((word.text or "").upper() in _AT_EXIT for word in words[1:])
    return (Inner((words[0],), dialect, certain=at_exit),)


def literal_stretches(word: Word, holes: Sequence[Hole]) -> list[Chunk]:
    """The value of a word in stretches, to be read as a script: `start` counts from the start of `word.raw`.

    Expansions stay as written: as a variable of the inner script a name means the same. Of a value that was taken
    out of another word (`Word.after`) only what belongs to it is given.
    """
    found = [chunk for chunk in chunks(word.raw, holes) if chunk.text]
    before_holes = itertools.takewhile(lambda chunk: chunk.hole is None, found)
    surplus = sum(len(chunk.text) for chunk in before_holes) - len(word.prefix)
    kept = []
    for chunk in found:
        dropped = min(max(surplus, 0), len(chunk.text))
        surplus -= dropped
        if dropped < len(chunk.text):
            kept.append(chunk._replace(text=chunk.text[dropped:], start=chunk.start + dropped))
    return kept
