"""What a command starts besides itself: the command behind `sudo`, the script of `sh -c`, `eval` and `trap`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dockerlint.shell.interpreters import base_name, read_interpreter
from dockerlint.shell.quoting import Chunk, Hole, chunks
from dockerlint.shell.script import Assignment, Command, Word
from dockerlint.shell.wrappers import unwrap

_TRAP_RESETS = frozenset({"-", ""})
_AT_EXIT = frozenset({"EXIT", "0"})


class Inner(NamedTuple):
    """What a command starts: a command made of `words`, or if `dialect` is set a script that is their text, joined by
    blanks. `certain` is False for what only some event starts (`trap … INT`).
    """

    words: tuple[Word, ...]
    dialect: str | None = None
    assignments: tuple[Assignment, ...] = ()
    open_ended: bool = False
    certain: bool = True


def started_by(command: Command, dialect: str) -> tuple[Inner, ...]:
    """What the command starts; `dialect` is that of the script it stands in."""
    name, arguments = command.name, command.arguments
    if name is None or not arguments:
        return ()
    if name == "eval":
        words = arguments[1:] if arguments[0].text == "--" else arguments
        return (Inner(words, dialect),) if words else ()
    if name == "trap":
        return _trap(arguments, dialect)
    shell = read_interpreter([name, *(word.text for word in arguments)])
    if shell is not None and name not in {"env", "busybox"}:
        if not shell.is_posix or shell.script is None or shell.script > len(arguments):
            return ()
        return (Inner((arguments[shell.script - 1],), shell.dialect),)
    return tuple(
        Inner(wrapped.words, "sh" if wrapped.is_script else None, wrapped.assignments, wrapped.open_ended)
        for wrapped in unwrap(name, arguments)
    )


def name_of_program(program: Word | None) -> str | None:
    """The base name of a program, None if it is not static or there is none."""
    return None if program is None or program.text is None else base_name(program.text) or None


def wrapped_command(wrapper: Command, inner: Inner) -> Command:
    """The command that a wrapper starts; its output goes where the wrapper's goes."""
    program, *arguments = inner.words
    return replace(
        wrapper,
        name=name_of_program(program),
        program=program,
        arguments=tuple(arguments),
        assignments=(*wrapper.assignments, *inner.assignments),
        span=program.span.cover(inner.words[-1].span),
        open_ended=wrapper.open_ended or inner.open_ended,
        wrapped_by=wrapper,
    )


def reads_standard_input(command: Command) -> str | None:
    """The dialect of a shell that reads its script from standard input (`bash -ex <<EOF`); None for other
    commands.
    """
    if command.name is None:
        return None
    shell = read_interpreter([command.name, *(word.text for word in command.arguments)])
    if shell is None or not shell.is_posix or shell.script is not None:
        return None
    rest = command.arguments[shell.operand - 1 :]
    alone = not rest or rest[0].text == "-" or any(word.text == "-s" for word in command.arguments)
    return shell.dialect if alone else None


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
