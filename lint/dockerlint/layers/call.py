"""One command on its way through a RUN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.layers.run import Runner
from dockerlint.layers.size import Size
from dockerlint.shell.options import NO_VALUES, Options, Syntax, read_options
from dockerlint.shell.script import Command, Word


class Call(NamedTuple):
    """A command, the directory that it runs in (None: not known), and what is known of its standard input."""

    command: Command
    directory: str | None
    runner: Runner
    input: Size

    def options(self, syntax: Syntax = NO_VALUES) -> Options:
        """The options and operands of the command."""
        return read_options(self.command.arguments, syntax)

    def paths(self, word: Word) -> tuple[str, ...]:
        """The absolute paths that a word stands for; see `Runner.paths`."""
        return self.runner.paths(word, self.directory)

    def path(self, word: Word) -> str | None:
        """The one path that a word stands for."""
        return self.runner.path(word, self.directory)

    def places(self, words: tuple[Word, ...]) -> Iterator[tuple[str, Word]]:
        """The paths that words stand for, patterns filled in from what is known."""
        for word in words:
            for path in self.paths(word):
                for each in self.runner.fitting(path) if word.glob else (path,):
                    yield each, word

    def doubt(self, reason: str) -> None:
        """Note that the command may write what is not known."""
        self.runner.notes.doubt(reason)
