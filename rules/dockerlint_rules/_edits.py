"""Edits that several rules offer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from dockerlint.finding import Edit
from dockerlint.shell.script import Command, Operator, Reach, ScopeKind, Word
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Form, Instruction, Run

_CONTINUED = re.compile(r"[ \t]*[\\`][ \t]*\r?\n")

#: As many commands before one are looked at to find its neighbour: more are not wrapped into one another.
_NEAR = 10
_SIMPLE = frozenset({Operator.NONE, Operator.AND, Operator.SEMICOLON, Operator.NEWLINE})
_CHAINING = frozenset({Operator.NONE, Operator.AND, Operator.PIPE})


def delete_instruction(source: Source, node: Instruction) -> Edit:
    """An edit that takes an instruction's lines out, from its first blank to its line end; comments above it stay."""
    lines = source.lines
    start = lines.line_span(lines.line(node.span.start)).start
    end = source.text.find("\n", node.span.end)
    return Edit(Span(start, len(source.text) if end < 0 else end + 1), "")


def add_argument(source: Source, node: Instruction, word: Word, argument: str) -> Edit | None:
    """An edit that puts an argument, or several, behind a word; None where what is written there is not that word."""
    place = Span(word.span.end, word.span.end)
    shown = source.slice(word.span)
    if node.form is Form.EXEC and shown == f'"{word.text}"':
        return Edit(place, "".join(f', "{part}"' for part in argument.split()))
    return add_behind(source, word, argument)


def add_behind(source: Source, word: Word, text: str) -> Edit | None:
    """An edit that puts text behind a word of a shell script; None where what is written there is not that word."""
    is_plain = source.slice(word.span) == word.raw == word.text
    return Edit(Span(word.span.end, word.span.end), f" {text}") if is_plain else None


def replace_word(source: Source, word: Word, text: str) -> Edit | None:
    """An edit that writes another word in place of one; None where what is written there is not that word."""
    shown = source.slice(word.span)
    if shown == f'"{word.text}"':
        return Edit(word.span, f'"{text}"')
    return Edit(word.span, text) if shown == word.raw == word.text else None


def remove_word(source: Source, word: Word) -> Edit | None:
    """An edit that takes a word out of a command, and the line that it leaves empty; None where that is not exact."""
    text, (start, end) = source.text, word.span
    if source.slice(word.span) != word.raw or word.raw != word.text:
        return None
    first = start
    while text[first - 1] in " \t":
        first -= 1
    if first == start:
        return None
    if text[first - 1] != "\n":
        return Edit(Span(first, end), "")
    rest = _CONTINUED.match(text, end)
    return None if rest is None else Edit(Span(first, rest.end()), "")


def remove_command(source: Source, commands: Sequence[Command], command: Command) -> Edit | None:
    """An edit that takes a command out of a chain of `&&`; None if it is not a plain link of one.

    `commands` are all commands of the script in order.
    """
    whole = (command, *command.wrappers)[-1].span
    first = bisect_left(commands, whole.start, key=_start)
    before = next(
        (other for other in commands[max(first - _NEAR, 0) : first][::-1] if other.span.end <= whole.start), None
    )
    following = bisect_left(commands, whole.end, key=_start)
    after = commands[following] if following < len(commands) else None
    if before is None and first > 0:
        return None
    if before is not None and _joined_by_and(source, before.span.end, whole.start):
        follows = after is None or _joined_by_and(source, whole.end, after.span.start)
        return Edit(Span(before.span.end, whole.end), "") if follows else None
    if after is not None and _joined_by_and(source, whole.end, after.span.start) and before is None:
        return Edit(Span(whole.start, after.span.start), "")
    return None


def _start(command: Command) -> int:
    return command.span.start


def append_command(source: Source, node: Run, commands: Sequence[Command], text: str) -> Edit | None:
    """An edit that puts a command behind the last one of a script; None if that is not one chain of `&&`.

    In a chain with a command in each line it gets a line of its own. `commands` are all of the script in order.
    """
    own = [command for command in commands if command.wrapped_by is None and command.scope.depth == 0]
    if node.command.form is not Form.SHELL or node.heredocs or not own:
        return None
    if any(command.before not in _CHAINING or command.background for command in own):
        return None
    last = own[-1]
    behind = source.text[last.span.end : node.span.end].strip()
    if any(command.span.end > last.span.end for command in commands) or not _is_comment(behind):
        return None
    joint = source.text[own[-2].span.end : last.span.start] if len(own) > 1 else ""
    joint = joint if "\n" in joint and _is_and(joint) else " && "
    return Edit(Span(last.span.end, last.span.end), joint + text)


def follow_command(source: Source, command: Command, text: str) -> Edit | None:
    """An edit that runs a command right behind another one; None where that would not run whenever the other has run.

    It needs no chain to the end of the script, as `append_command` does.
    """
    is_simple = (
        command.reach is Reach.ALWAYS
        and command.scope.kind is ScopeKind.SCRIPT
        and command.before in _SIMPLE
        and command.after in _SIMPLE
        and command.wrapped_by is None
        and command.pipeline is None
        and not command.redirects
        and not command.open_ended
    )
    last = command.words[-1]
    if not is_simple or source.slice(last.span) != last.raw:
        return None
    return Edit(Span(last.span.end, last.span.end), f" && {text}")


def _is_comment(text: str) -> bool:
    """Whether there is nothing, or nothing but a comment of the shell that ends with the line."""
    return not text or (text.startswith("#") and "\n" not in text)


def _joined_by_and(source: Source, start: int, end: int) -> bool:
    return _is_and(source.text[start:end])


def _is_and(between: str) -> bool:
    """Whether nothing but `&&`, blanks and line continuations stands between two commands."""
    return between.strip(" \t\r\n\\`") == "&&"
