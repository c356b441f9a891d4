"""Puts the values of variables into commands, as far as the text of a script tells them.

Known are the variables that the builder sets (ENV and ARG), those that a script sets in a straight line to static
values, and those that a `for` loop takes from a static list. Everything else stays as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from dockerlint.shell.nested import name_of_program, started_by, wrapped_command
from dockerlint.shell.script import Assignment, Command, Reach, Redirect, ScopeKind, Script, Word

_BLANKS = " \t\n"
_GLOB_MARKS = frozenset("*?[")
_DECLARING = frozenset({"declare", "export", "local", "readonly", "typeset"})
_READING = frozenset({"getopts", "mapfile", "printf", "read", "readarray", "unset"})

#: More words than this do not come out of one word; it then stays as it is.
_MOST_WORDS = 1000

_Values = dict[str, str | None]


def resolved_commands(script: Script, known: Mapping[str, str]) -> tuple[Command, ...]:
    """The commands of a script with the values of variables in their words, in the order of the text.

    `known` are the values that hold when the script starts. A word whose value becomes known has a `text`, and the
    span and `raw` of the word as written; an unquoted variable may make several words of one, or none, as the shell
    splits its value at blanks. In a loop over a static list a word becomes one word for each item, and a redirection
    one for each target. Where a variable is the program, what it starts (`$SUDO apt-get …`) follows as a command of its
    own. A command in which nothing changes is the very one of the script.
    """
    if not script.variables:
        return script.commands
    values: _Values = {**known, **dict.fromkeys(_set_in_loops(script))}
    commands: list[Command] = []
    for command in script.commands:
        resolved = _resolved(command, values)
        commands.append(resolved)
        if resolved.name is not None and command.name is None:
            commands += _started(resolved)
        _follow(resolved, values)
    return tuple(commands)


def _set_in_loops(script: Script) -> Iterator[str]:
    """Variables that a loop sets: what they hold depends on the turn."""
    for command in script.commands:
        if command.assignments and any(scope.kind is ScopeKind.LOOP for scope in command.scope.outward()):
            yield from (assignment.name for assignment in command.assignments)


def _follow(command: Command, values: _Values) -> None:
    """Take into account which variables a command sets; what it surely sets here may be unset elsewhere."""
    if command.name in _READING:
        for word in command.arguments:
            values[word.text or ""] = None
    if command.program is not None and command.name not in _DECLARING:
        return
    certain = command.reach is Reach.ALWAYS and command.scope.subshells == 0
    for assignment in command.assignments:
        if assignment.value is None:
            continue
        values[assignment.name] = _assigned(assignment, values) if certain else None


def _assigned(assignment: Assignment, values: _Values) -> str | None:
    value = assignment.value
    text = None if value is None or value.raw.startswith("(") else _joined(value, values)
    if not assignment.append:
        return text
    before = values.get(assignment.name)
    return None if text is None or before is None else before + text


def _joined(word: Word, values: _Values) -> str | None:
    """The value of a word that is not split: that of an assignment."""
    texts = []
    for part in word.parts:
        text = part if isinstance(part, str) else values.get(part.name or "")
        if text is None:
            return None
        texts.append(text)
    return "".join(texts)


def _started(command: Command) -> Iterator[Command]:
    """The commands that a command starts whose program has just become known; scripts in its words stay unread."""
    for inner in started_by(command, command.scope.dialect):
        if inner.dialect is None:
            yield wrapped_command(command, inner)


def _resolved(command: Command, values: _Values) -> Command:
    words = command.words
    targets = (redirect.target for redirect in command.redirects)
    if all(word.text is not None for word in words) and all(word is None or word.text is not None for word in targets):
        return command
    loops = {scope.loop.variable: scope.loop.words for scope in command.scope.outward() if scope.loop is not None}
    found: list[Word] = []
    for word in words:
        found += (word,) if word.text is not None else _words(word, values, loops)
    redirects = tuple(each for redirect in command.redirects for each in _redirects(redirect, values, loops))
    if tuple(found) == words and redirects == command.redirects:
        return command
    if command.program is None:
        return replace(command, arguments=tuple(found), redirects=redirects)
    program, *arguments = found or (None,)
    return replace(
        command,
        name=name_of_program(program, command.scope.dialect),
        program=program,
        arguments=tuple(arguments),
        redirects=redirects,
    )


def _redirects(redirect: Redirect, values: _Values, loops: Mapping[str, Sequence[Word]]) -> Iterator[Redirect]:
    if redirect.target is None or redirect.target.text is not None or redirect.is_heredoc:
        yield redirect
        return
    for target in _words(redirect.target, values, loops):
        yield redirect._replace(target=target)


def _words(word: Word, values: _Values, loops: Mapping[str, Sequence[Word]]) -> tuple[Word, ...]:
    """What the shell makes of a word; the word itself where that is not known."""
    turning = [name for name in word.variables if name in loops]
    if not turning:
        return _split(word, values)
    items = [text for item in loops[turning[0]] for text in _texts(item, values)]
    if len(turning) > 1 or not items or None in items:
        return (word,)
    found: list[Word] = []
    for item in items:
        words = _split(word, {**values, turning[0]: item})
        if any(each.text is None for each in words) or len(found) > _MOST_WORDS:
            return (word,)
        found += words
    return tuple(found)


def _texts(item: Word, values: _Values) -> list[str | None]:
    """The texts that an item of a loop's list stands for; None for what is not known."""
    words = (item,) if item.text is not None else _split(item, values)
    return [None if word.glob or "{" in (word.text or "") else word.text for word in words]


class _Field(NamedTuple):
    """A word in the making; `exists` tells that it is one even if it stays empty, since a part of it is quoted."""

    text: str = ""
    exists: bool = False


def _split(word: Word, values: _Values) -> tuple[Word, ...]:
    """The word after expansion, split at the blanks of unquoted values; itself if a part is not known."""
    done: list[str] = []
    field = _Field()
    glob = word.glob
    for part in word.parts:
        if isinstance(part, str):
            field = _Field(field.text + part, exists=True)
            continue
        value = values.get(part.name) if part.name is not None else None
        if value is None:
            return (word,)
        if part.quoted:
            field = _Field(field.text + value, exists=True)
            continue
        glob = glob or not _GLOB_MARKS.isdisjoint(value)
        first, *others = _pieces(value)
        field = _Field(field.text + first, exists=field.exists or bool(first))
        for piece in others:
            if field.exists:
                done.append(field.text)
            field = _Field(piece, exists=bool(piece))
        if len(done) > _MOST_WORDS:
            return (word,)
    if field.exists:
        done.append(field.text)
    return tuple(Word(text, word.raw, word.span, (text,) if text else (), glob) for text in done)


def _pieces(value: str) -> list[str]:
    """A value at its blanks; blanks at an end give an empty piece there, which parts the word from its neighbours."""
    pieces = value.split()
    if not pieces:
        return ["", ""] if value else [""]
    before = [""] if value[0] in _BLANKS else []
    after = [""] if value[-1] in _BLANKS else []
    return [*before, *pieces, *after]
