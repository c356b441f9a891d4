"""What the readers of cmd and PowerShell share: words in the making, commands in pipelines, names of programs.

Both readers go over their text once, by a pattern for each kind of token, and keep a stack of what is open. They know
what it takes to find programs and their arguments, no more: see decision 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dockerlint.shell.interpreters import base_name
from dockerlint.shell.quoting import Chunk, parts_of_chunks
from dockerlint.shell.script import Assignment, Command, Operator, Pipeline, Reach, Redirect, Scope, Word
from dockerlint.source import JoinedText, Span

DEEPEST = 32
"""How many brackets may be open at once; what is deeper is text."""

PROGRAM_ENDINGS = (".exe", ".cmd", ".bat", ".com")
"""What the names of program files end with on Windows."""


def program_name(program: str) -> str:
    """The name of a program on Windows, where neither case nor the ending of a program file counts: `git` for
    `C:/Git/GIT.EXE`.
    """
    name = base_name(program).lower()
    for ending in PROGRAM_ENDINGS:
        if name.endswith(ending):
            return name[: -len(ending)] or name
    return name


class ForeignText:
    """A text of another shell, and the words that were read from it.

    `variables` gathers the environment variables that it reads.
    """

    def __init__(self, joined: JoinedText, dialect: str, nesting: int) -> None:
        self.joined = joined
        self.code = joined.text
        self.dialect = dialect
        self.nesting = nesting
        self.variables: set[str] = set()
        self._chunks: dict[int, Sequence[Chunk]] = {}

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a stretch of the text."""
        return self.joined.span_of(start, end)

    def word(self, chunks: Sequence[Chunk], start: int, end: int) -> Word:
        """The word at `code[start:end]` whose value the chunks are; their offsets count from the start of the text."""
        span = self.span(start, end)
        self._chunks[span.start] = chunks
        parts, glob = parts_of_chunks(chunks)
        text = parts[0] if len(parts) == 1 else None
        return Word(text if isinstance(text, str) else None, self.code[start:end], span, parts, glob)

    def script_of(self, word: Word) -> list[tuple[str, tuple[Span, ...]]]:
        """The value of a word of this text in stretches, each with the places it comes from."""
        chunks = self._chunks.get(word.span.start, ())
        return [
            (chunk.text, self.joined.part(chunk.start, chunk.start + len(chunk.text)).pieces)
            for chunk in chunks
            if chunk.text
        ]


class Stage(NamedTuple):
    """A command of a pipeline that is being read.

    Without words, assignments and redirections it is something that is no command, such as an expression. `sign` is
    the pipe in front of it.
    """

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    start: int
    end: int
    sign: tuple[int, int] | None = None


class Place(NamedTuple):
    """What surrounds a pipeline: the fields of `Command` of the same names."""

    scope: Scope
    reach: Reach
    before: Operator
    after: Operator


class Outcome:
    """The commands and pipelines read so far."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.pipelines: list[Pipeline] = []

    def add(self, text: ForeignText, stages: Sequence[Stage], place: Place, names: Sequence[str | None]) -> None:
        """Take in the stages of a pipeline, whose programs have these names."""
        pipeline = None
        if len(stages) > 1:
            pipes = tuple(text.span(*stage.sign) for stage in stages if stage.sign is not None)
            pipeline = Pipeline(text.span(stages[0].start, stages[-1].end), pipes, negated=False)
            self.pipelines.append(pipeline)
        for number, (stage, name) in enumerate(zip(stages, names, strict=True)):
            if not (stage.words or stage.assignments or stage.redirects):
                continue
            program, arguments = (stage.words[0], stage.words[1:]) if stage.words else (None, ())
            self.commands.append(
                Command(
                    name,
                    program,
                    arguments,
                    stage.assignments,
                    stage.redirects,
                    text.span(stage.start, stage.end),
                    place.scope,
                    Operator.PIPE if number else place.before,
                    Operator.PIPE if number < len(stages) - 1 else place.after,
                    place.reach,
                    pipeline,
                    number,
                )
            )
