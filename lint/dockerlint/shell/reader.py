"""Reads shell text: from a script to its simple commands, wherever they stand.

The grammar is that of tree-sitter-bash; where its tree departs from what shells do, `prepare`, `lists` and
`passage` put it right. Reading is iterative: neither deep nesting nor length exhausts a stack.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dockerlint.shell import compounds
from dockerlint.shell.excerpts import glued
from dockerlint.shell.foreign import ForeignText
from dockerlint.shell.grammar import MOST_BYTES
from dockerlint.shell.interpreters import EXEC, FOREIGN_DIALECTS, POSIX_DIALECTS
from dockerlint.shell.lists import Item, Statement, items, pipelines, statements
from dockerlint.shell.nested import Inner, name_of_program, reads_standard_input, started_by, wrapped_command
from dockerlint.shell.passage import Passage
from dockerlint.shell.prepare import portions
from dockerlint.shell.script import (
    TESTS,
    Assignment,
    Command,
    Operator,
    Pipeline,
    Reach,
    Redirect,
    Scope,
    ScopeKind,
    Script,
    Word,
)
from dockerlint.shell.simple import is_simple, read_simple
from dockerlint.source import JoinedText, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_START = attrgetter("span.start")
_MOST_WRAPPERS = 16
_DEEPEST_NESTING = 4


class ExecWord(Protocol):
    """A word of the exec form: its decoded text, its place (quotes included) and, if exact, its way back to the
    file.
    """

    @property
    def text(self) -> str:
        """The decoded text."""

    @property
    def span(self) -> Span:
        """The place in the file, quotes included."""

    @property
    def joined(self) -> JoinedText | None:
        """The way from an offset of the text to the file, None where decoding has broken that correspondence."""


def read_script(text: JoinedText, *, dialect: str = "sh", options: frozenset[str] = frozenset()) -> Script:
    """Read a shell text: what RUN, CMD and others hand to a shell, or the body of a heredoc.

    `dialect` is the base name of the shell that will read it and `options` what `set -o` names it is started with
    (`interpreters.Interpreter`). All POSIX-like
    dialects are read by the grammar of bash, cmd and PowerShell by readers of programs and their arguments. Texts for
    other shells give a script without commands. Total: broken text gives what could be read, and for POSIX-like
    dialects `errors`.
    """
    scope = Scope(ScopeKind.SCRIPT, text.span, dialect=dialect, options=options)
    reader = _Reader()
    reader.open(text, _Reading(dialect), scope, Reach.ALWAYS)
    return reader.finish(dialect, text.span)


def read_exec(words: Sequence[ExecWord]) -> Script:
    """Read an exec form: one command whose words are taken as they are, and what a shell or wrapper in it starts."""
    if not words:
        return Script(EXEC, Span(0, 0))
    span = words[0].span.cover(words[-1].span)
    read = [Word(word.text, word.text, word.span, (word.text,) if word.text else ()) for word in words]
    reader = _Reader()
    place = _Place(
        Scope(ScopeKind.SCRIPT, span, dialect=EXEC, options=frozenset()), Reach.ALWAYS, Operator.NONE, Operator.NONE
    )
    reader.add(_ExecPassage(words), _command(read[0], tuple(read[1:]), span, place))
    return reader.finish(EXEC, span)


class _Place(NamedTuple):
    """Where a command stands: the fields of `Command` that its surroundings decide."""

    scope: Scope
    reach: Reach
    before: Operator
    after: Operator
    pipeline: Pipeline | None = None
    stage: int = 0
    negated: bool = False
    background: bool = False


class _Reading(NamedTuple):
    """How a text is to be read: see `Passage`."""

    dialect: str
    nesting: int = 0
    templated: bool = False


class _Frame(NamedTuple):
    """A sequence of lists that waits to be read. With `tail` its outcome is that of the script."""

    passage: Passage
    nodes: Sequence[Node]
    scope: Scope
    reach: Reach
    tail: bool = False


class _Text(Protocol):
    """The text that a command's words come from."""

    dialect: str
    nesting: int

    def script_of(self, word: Word) -> list[tuple[str, tuple[Span, ...]]]: ...


class _ExecPassage:
    """The words of an exec form as a text of which scripts can be made."""

    dialect = EXEC
    nesting = 0

    def __init__(self, words: Sequence[ExecWord]) -> None:
        self._words = {word.span.start: word for word in words}

    def script_of(self, word: Word) -> list[tuple[str, tuple[Span, ...]]]:
        """A word as it is. Without an exact way back its characters are counted from the opening quote."""
        found = self._words[word.span.start]
        start = found.span.start + 1
        pieces = found.joined.pieces if found.joined is not None else (Span(start, start + len(found.text)),)
        return [(found.text, pieces)] if found.text else []


def _command(
    program: Word | None,
    arguments: tuple[Word, ...],
    span: Span,
    place: _Place,
    *,
    assignments: tuple[Assignment, ...] = (),
    redirects: tuple[Redirect, ...] = (),
) -> Command:
    return Command(
        name_of_program(program, place.scope.dialect),
        program,
        arguments,
        assignments,
        redirects,
        span,
        place.scope,
        place.before,
        place.after,
        place.reach,
        place.pipeline,
        place.stage,
        place.negated,
        place.background,
    )


class _Reader:
    """Gathers what is read. `_frames` are the sequences still to be read, so that nothing recurs.

    Bodies of functions wait in `_functions` until a command calls them for certain, or to the end.
    """

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._pipelines: list[Pipeline] = []
        self._errors: list[Span] = []
        self._variables: set[str] = set()
        self._frames: list[_Frame] = []
        self._functions: dict[str, list[_Frame]] = {}
        self._called: set[str] = set()

    def open(self, text: JoinedText, reading: _Reading, scope: Scope, reach: Reach) -> None:
        """Have a text read, a very long one in portions."""
        if reading.dialect in FOREIGN_DIALECTS:
            self._foreign(ForeignText(text, reading.dialect, reading.nesting), scope, reach)
        if reading.dialect not in POSIX_DIALECTS:
            return
        most = MOST_BYTES if text.text.isascii() else MOST_BYTES // 4
        parts = portions(text, most)
        for part in parts:
            passage = Passage(part, *reading)
            root = passage.root
            if root is None:
                self._errors.append(part.span)
                continue
            if root.has_error:
                self._errors += _errors(passage, root)
            nodes = [root] if root.is_error else root.children
            self._frames.append(_Frame(passage, nodes, scope, reach, tail=part is parts[-1]))

    def finish(self, dialect: str, span: Span) -> Script:
        """Read all that waits; the script that comes of it."""
        while self._frames or self._functions:
            if not self._frames:
                for waiting in self._functions.values():
                    self._frames += [frame._replace(reach=min(frame.reach, Reach.MAYBE)) for frame in waiting]
                self._functions = {}
            else:
                self._sequence(self._frames.pop())
        return Script(
            dialect,
            span,
            tuple(sorted(self._commands, key=_START)),
            tuple(sorted(self._pipelines, key=_START)),
            tuple(sorted(set(self._errors))),
            frozenset(self._variables),
        )

    def add(self, text: _Text, command: Command) -> list[Span]:
        """Take a command in, and what it starts; the places of its words that are scripts, in order."""
        scripts: list[Span] = []
        waiting = [(command, 0)]
        while waiting:
            current, depth = waiting.pop()
            self._commands.append(current)
            self._call(current)
            if depth == _MOST_WRAPPERS:
                continue
            for inner in started_by(current, text.dialect):
                if inner.dialect is None:
                    waiting.append((wrapped_command(current, inner), depth + 1))
                elif (span := self._script(text, current, inner)) is not None:
                    scripts.append(span)
            if current.redirects:
                self._heredocs(text, current, current)
        return sorted(scripts)

    def _foreign(self, text: ForeignText, scope: Scope, reach: Reach) -> None:
        """Read a text for cmd or PowerShell; few files have one, so that their readers are loaded here."""
        if text.dialect == "cmd":
            from dockerlint.shell.batch import read_batch as read  # noqa: PLC0415
        else:
            from dockerlint.shell.powershell import read_powershell as read  # noqa: PLC0415
        outcome = read(text, scope, reach)
        self._pipelines += outcome.pipelines
        for command in outcome.commands:
            self.add(text, command)
        self._variables |= text.variables

    def _sequence(self, frame: _Frame) -> None:
        found = statements(frame.nodes)
        for number, statement in enumerate(found):
            self._statement(frame, statement, last=number == len(found) - 1)

    def _statement(self, frame: _Frame, statement: Statement, *, last: bool) -> None:
        """Read `a && b || c`: which of them run for certain is the rule of `Reach`.

        The last list of a script decides whether the build step succeeds: all of it behind the last `||` has run.
        """
        groups = pipelines(items(statement.node))
        background = statement.after is Operator.BACKGROUND
        alternatives = [number for number, group in enumerate(groups) if group[0].operator is Operator.OR]
        undecided = alternatives[-1] if alternatives else 0
        if not (frame.tail and last) or background:
            undecided = len(groups)
        tested = False
        for number, group in enumerate(groups):
            operator = group[0].operator if number else statement.before
            own = Reach.ALWAYS
            if operator is Operator.OR and number:
                own = Reach.MAYBE if tested else Reach.ON_FAILURE
                tested = False
            elif tested and number <= undecided:
                own = Reach.MAYBE
            after = groups[number + 1][0].operator if number + 1 < len(groups) else statement.after
            reach = min(frame.reach, own)
            place = _Place(frame.scope, reach, operator, after, negated=group[0].negated, background=background)
            tested = self._pipeline(frame.passage, group, place) or tested

    def _pipeline(self, passage: Passage, group: Sequence[Item], place: _Place) -> bool:
        """Read commands joined by pipes; whether their outcome is that of a test."""
        if len(group) > 1:
            pipeline = _joined_by_pipes(passage, group)
            self._pipelines.append(pipeline)
            place = place._replace(pipeline=pipeline)
        previous: Command | None = None
        for stage, item in enumerate(group):
            here = place
            if len(group) > 1:
                before = item.operator if stage else place.before
                after = group[stage + 1].operator if stage + 1 < len(group) else place.after
                here = place._replace(before=before, after=after, stage=stage)
            command = self._item(passage, item, here)
            if previous is not None and command is not None and previous.name == "cat" and not previous.arguments:
                self._heredocs(passage, previous, command)
            previous = command
        return place.negated or (previous is not None and previous.name in TESTS)

    def _item(self, passage: Passage, item: Item, place: _Place) -> Command | None:
        """Read a command of a list; it is given back if it is a simple one."""
        node = item.node
        if node is None or is_simple(node):
            simple = read_simple(passage, item)
            if not (simple.program or simple.assignments or simple.redirects):
                return None
            command = _command(
                simple.program,
                simple.arguments,
                simple.span,
                place,
                assignments=simple.assignments,
                redirects=simple.redirects,
            )
            self._substitutions(passage, place, self.add(passage, command))
            return command
        redirects = tuple(passage.redirect(redirect)[0] for redirect in item.redirects)
        for block in compounds.blocks(passage, node):
            scope = place.scope.inner(
                block.kind,
                passage.span(node),
                pipeline=place.pipeline,
                stage=place.stage,
                redirects=redirects,
                loop=block.loop,
                name=block.name,
                before=place.before,
                after=place.after,
                negated=place.negated,
                background=place.background,
            )
            self._block(passage, block, scope, place.reach)
        self._substitutions(passage, place, ())
        return None

    def _block(self, passage: Passage, block: compounds.Block, scope: Scope, reach: Reach) -> None:
        frame = _Frame(passage, block.nodes, scope, reach)
        if block.kind is not ScopeKind.FUNCTION:
            self._frames.append(frame._replace(reach=min(reach, block.reach)))
        elif block.name in self._called:
            self._frames.append(frame)
        else:
            self._functions.setdefault(block.name or "", []).append(frame)

    def _call(self, command: Command) -> None:
        """A command that surely runs may be the call of a function."""
        if command.name is not None and command.reach is Reach.ALWAYS:
            self._called.add(command.name)
            self._frames += self._functions.pop(command.name, ())

    def _substitutions(self, passage: Passage, place: _Place, scripts: Sequence[Span]) -> None:
        """Have the commands of `$( )` and `<( )` read, but for those in `scripts`, which are read as part of
        these.
        """
        starts = [span.start for span in scripts]
        for node in passage.substitutions.values():
            span = passage.span(node)
            number = bisect_right(starts, span.start) - 1
            if number >= 0 and scripts[number].holds(span):
                continue
            is_process = node.type == "process_substitution"
            kind = ScopeKind.PROCESS_SUBSTITUTION if is_process else ScopeKind.SUBSTITUTION
            self._frames.append(_Frame(passage, node.children, place.scope.inner(kind, span), place.reach))
        passage.substitutions.clear()
        self._variables |= passage.variables
        passage.variables.clear()

    def _script(self, text: _Text, command: Command, inner: Inner) -> Span | None:
        """Have a script in words read; the place of the words, or None if they are left alone."""
        if text.nesting == _DEEPEST_NESTING or not inner.words:
            return None
        parts: list[tuple[str, tuple[Span, ...]]] = []
        end = 0
        for word in inner.words:
            if parts:
                parts.append((" ", (Span(end, end + 1),)))
            parts += text.script_of(word)
            end = word.span.end
        templated = any(word.text is None for word in inner.words)
        reading = _Reading(inner.dialect or "sh", text.nesting + 1, templated)
        span = Span(inner.words[0].span.start, end)
        reach = command.reach if inner.certain else min(command.reach, Reach.MAYBE)
        scope = command.scope.inner(ScopeKind.STRING, span, dialect=reading.dialect, options=inner.options)
        self.open(glued(parts), reading, scope, reach)
        return span

    def _heredocs(self, text: _Text, command: Command, reader: Command) -> None:
        """Have the here-document of a command read if `reader` is a shell that takes it for its script."""
        body = next((redirect.body for redirect in reversed(command.redirects) if redirect.body is not None), None)
        shell = None if body is None else reads_standard_input(reader)
        if body is None or shell is None or text.nesting == _DEEPEST_NESTING:
            return
        templated = any(redirect.expands for redirect in command.redirects)
        reading = _Reading(shell.dialect, text.nesting + 1, templated)
        scope = reader.scope.inner(ScopeKind.STRING, body.span, dialect=shell.dialect, options=shell.options)
        self.open(body, reading, scope, reader.reach)


def _joined_by_pipes(passage: Passage, group: Sequence[Item]) -> Pipeline:
    pipes = tuple(passage.span(item.sign) for item in group[1:] if item.sign is not None)
    first = group[0].node or group[0].redirects[0]
    last = group[-1].redirects[-1] if group[-1].redirects else group[-1].node or first
    span = passage.joined.span_of(passage.start(first), passage.end(last))
    return Pipeline(span, pipes, group[0].negated)


def _errors(passage: Passage, root: Node) -> Iterable[Span]:
    """The places that the grammar could not make sense of."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield passage.span(node)
        elif node.has_error and node.type != "file_redirect":
            # In a redirection it is the `>` of `<>`, which the grammar does not know.
            waiting.extend(node.children)
