"""One command on its way through a RUN."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
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

    def each(self, words: tuple[Word, ...], act: Callable[[str, Word], bool | None]) -> bool | None:
        """Do something with each of the places; whether that succeeds, None where it is not known."""
        ends: list[bool | None] = []
        for word in words:
            places = list(self.places((word,)))
            ends += [act(path, word) for path, word in places] if places else [None]
        return combined(ends)

    def end(self, ends: Iterable[bool | None], options: Options, known: Collection[str]) -> bool | None:
        """Whether a command succeeds of which this is known; an option that is not `known` may change all."""
        end = combined(ends)
        if any(flag.name not in known for flag in options.flags):
            return None
        # Who is not root may not be allowed to; what fails for root fails for everybody.
        return end if self.runner.is_root or end is False else None

    def doubt(self, reason: str) -> None:
        """Note that the command may write what is not known."""
        self.runner.notes.doubt(reason)


def combined(ends: Iterable[bool | None]) -> bool | None:
    """Whether several things succeed together: not if one of them surely does not; None for nothing at all."""
    found = list(ends)
    if False in found:
        return False
    return True if found and None not in found else None
