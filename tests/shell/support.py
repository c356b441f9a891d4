"""What the tests of the shell reader share."""

from __future__ import annotations

from dockerlint.shell.reader import read_script
from dockerlint.shell.script import Command, Script, Word
from dockerlint.source import JoinedText, Span


def joined(text: str) -> JoinedText:
    """A text that is a whole file."""
    return JoinedText(text, (Span(0, len(text)),))


def script_of(text: str, dialect: str = "bash") -> Script:
    return read_script(joined(text), dialect=dialect)


def sole(text: str, name: str) -> Command:
    """The only command of that name."""
    (command,) = script_of(text).named(name)
    return command


def shown(word: Word) -> str:
    """The value of a word, or what is written if it is not static, in angle brackets."""
    return word.text if word.text is not None else f"<{word.raw}>"


def line_of(command: Command) -> str:
    """A command with its words in one line."""
    words = [command.name or "-", *(shown(word) for word in command.arguments)]
    return " ".join(words)


def lines_of(script: Script) -> list[str]:
    return [line_of(command) for command in script.commands]
