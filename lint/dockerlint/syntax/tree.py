"""The tree: one class per instruction, with a span on every field.

`arguments` hold what BuildKit's parser gives: continuation lines joined, nothing unquoted, unescaped or
expanded, except that strings of the exec form are decoded. The typed fields name the same words by their
meaning. What a value means after expansion is the business of `semantics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, NamedTuple

from dockerlint.finding import Severity
from dockerlint.records import record
from dockerlint.source import JoinedText, Source, Span


class Form(Enum):
    """How the command of an instruction is written."""

    EXEC = "exec"
    SHELL = "shell"
    NONE = "none"


class Problem(NamedTuple):
    """Something wrong with the text itself, found while reading.

    `fatal` means that BuildKit refuses the file; such a problem is always an error. `message` is one sentence
    that says what was expected.
    """

    code: str
    span: Span
    message: str
    fatal: bool = True
    severity: Severity = Severity.ERROR


class Comment(NamedTuple):
    """A whole-line comment from its `#` to the end of the line, without the line end.

    `inside` tells a comment between the lines of a continued instruction, which BuildKit drops.
    """

    span: Span
    text: str
    inside: bool = False


class Directive(NamedTuple):
    """A parser directive of the header; `name` is in lower case, `value` without the blanks around it."""

    name: str
    value: str
    span: Span
    name_span: Span
    value_span: Span


class Word(NamedTuple):
    """One argument.

    `text` is the value BuildKit's parser gives, `span` the place in the file (quotes of a JSON string
    included). `joined` leads from an offset of `text` to the file; it is None where decoding has broken that
    correspondence.
    """

    text: str
    span: Span
    joined: JoinedText | None

    def span_of(self, start: int, end: int) -> Span:
        """The file span of `text[start:end]`, or of the whole word where the way back is not exact."""
        return self.joined.span_of(start, end) if self.joined is not None else self.span

    def part(self, start: int, end: int) -> Word:
        """`text[start:end]` as a word of its own."""
        if self.joined is None:
            return Word(self.text[start:end], self.span, None)
        joined = self.joined.part(start, end)
        return Word(joined.text, joined.span, joined)


class Flag(NamedTuple):
    """A flag before the arguments: `--name` or `--name=value`.

    Quotes and backslashes are already taken out of `name` and `value`, as BuildKit does while it splits the
    flags.
    """

    name: str
    value: Word | None
    span: Span

    @property
    def text(self) -> str:
        """The flag as BuildKit's parser gives it."""
        return f"--{self.name}" if self.value is None else f"--{self.name}={self.value.text}"


class Heredoc(NamedTuple):
    """A heredoc: the marker in the instruction's line and the body below it.

    `content` is the body as written, tabs included, with its final line end; `body` covers it in the file and
    `terminator` the terminating line without its line end (None if the file ends before it). `expand` tells
    whether BuildKit expands variables in the body of a COPY or ADD; `strip_tabs` is `<<-`.
    """

    name: str
    expand: bool
    strip_tabs: bool
    content: str
    marker: Span
    body: Span
    terminator: Span | None


class CommandLine(NamedTuple):
    """The command of RUN, CMD, ENTRYPOINT, HEALTHCHECK or SHELL.

    Exec form: `words` are the strings of the array. Shell form: `script` is the text for the shell. Without a
    command both are empty and the form is `NONE`.
    """

    form: Form
    words: tuple[Word, ...] = ()
    script: JoinedText | None = None


class Pair(NamedTuple):
    """`key=value` of ENV or LABEL; `legacy` is the old form `key value` that runs to the end of the line."""

    key: Word
    value: Word
    span: Span
    legacy: bool


class Declaration(NamedTuple):
    """`name` or `name=default` of ARG."""

    name: Word
    default: Word | None
    span: Span


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Instruction:
    """What every instruction has.

    `span` runs from the first character of its lines (the keyword, unless a line with nothing but an escape character
    stands above it) to the end of the last line, heredoc bodies and terminators included; `line` is the joined
    instruction without them. `comments` is the block of comments directly above. `blank_lines` are empty lines inside a
    continuation. `dangling` tells that the file ends right after a continuation.

    Nodes are told apart by identity: two equal instructions stand at two places. The classes have no more made for them
    than is used, since that costs time at every start.
    """

    keyword: Word
    flags: tuple[Flag, ...]
    arguments: tuple[Word, ...]
    form: Form
    heredocs: tuple[Heredoc, ...]
    span: Span
    line: JoinedText
    comments: tuple[Comment, ...]
    blank_lines: tuple[Span, ...]
    dangling: bool

    @property
    def name(self) -> str:
        """The keyword in upper case."""
        return self.keyword.text.upper()

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name that has a value, or is bare; a blank `--platform=` counts as absent."""
        for flag in reversed(self.flags):
            if flag.name == name and (flag.value is None or flag.value.text):
                return flag
        return None

    def flag_is_on(self, name: str) -> bool:
        """Whether a boolean flag is given and not `false`."""
        flag = self.flag(name)
        return flag is not None and (flag.value is None or flag.value.text.lower() == "true")


class Broken(Instruction):
    """An instruction whose keyword is unknown or whose arguments do not have its shape; a problem says why."""

    __slots__ = ()


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class From(Instruction):
    """`FROM [--platform=P] IMAGE [AS NAME]`."""

    image: Word
    stage_name: Word | None


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Arg(Instruction):
    """`ARG NAME[=DEFAULT] …`."""

    declarations: tuple[Declaration, ...]


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Run(Instruction):
    """`RUN` in shell form, in exec form or with heredocs."""

    command: CommandLine


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Transfer(Instruction):
    """What COPY and ADD share. Heredoc markers stand among the sources, as written."""

    sources: tuple[Word, ...]
    destination: Word


class Copy(Transfer):
    """`COPY [flags] SRC… DEST`."""

    __slots__ = ()


class Add(Transfer):
    """`ADD [flags] SRC… DEST`."""

    __slots__ = ()


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class KeyValues(Instruction):
    """What ENV and LABEL share."""

    pairs: tuple[Pair, ...]


class Env(KeyValues):
    """`ENV KEY=VALUE …` or `ENV KEY VALUE`."""

    __slots__ = ()


class Label(KeyValues):
    """`LABEL KEY=VALUE …` or `LABEL KEY VALUE`."""

    __slots__ = ()


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Workdir(Instruction):
    """`WORKDIR PATH`."""

    path: Word


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class User(Instruction):
    """`USER NAME[:GROUP]`."""

    user: Word


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Volume(Instruction):
    """`VOLUME PATH …`."""

    paths: tuple[Word, ...]


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Expose(Instruction):
    """`EXPOSE PORT …`."""

    ports: tuple[Word, ...]


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Stopsignal(Instruction):
    """`STOPSIGNAL SIGNAL`."""

    signal: Word


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Maintainer(Instruction):
    """`MAINTAINER NAME`."""

    maintainer: Word


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class StartCommand(Instruction):
    """What CMD and ENTRYPOINT share."""

    command: CommandLine


class Cmd(StartCommand):
    """`CMD` in shell form or exec form."""

    __slots__ = ()


class Entrypoint(StartCommand):
    """`ENTRYPOINT` in shell form or exec form."""

    __slots__ = ()


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Healthcheck(Instruction):
    """`HEALTHCHECK NONE` (`command` is None) or `HEALTHCHECK [flags] CMD …`; `kind` is the type word as
    written.
    """

    kind: Word
    command: CommandLine | None


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Shell(Instruction):
    """`SHELL ["executable", "parameter", …]`."""

    words: tuple[Word, ...]


@record(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Onbuild(Instruction):
    """`ONBUILD INSTRUCTION`; `trigger` is the instruction that a child build runs."""

    trigger: Instruction


class Token(NamedTuple):
    """A stretch of the file; `type` is a terminal of the grammar, or `TRIVIA` between those."""

    type: str
    value: Word | Flag | Heredoc
    span: Span


@dataclass(frozen=True)
class Dockerfile:
    """A whole file as read.

    `escape` is the escape character in force. `directives` are the parser directives that have an effect; those of the
    same look that have none are among the `comments`. `tokens` are the grammar's tokens in source order; together with
    the trivia between them they are the whole text.
    """

    TRIVIA: ClassVar[str] = "TRIVIA"

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
    tokens: tuple[Token, ...]

    def tiles(self) -> Iterator[tuple[str, Span]]:
        """Type and span of every token, trivia included, in order: each offset of the text lies in exactly one."""
        at = 0
        for token in self.tokens:
            if token.span.start > at:
                yield self.TRIVIA, Span(at, token.span.start)
            yield token.type, token.span
            at = token.span.end
        if at < len(self.source.text):
            yield self.TRIVIA, Span(at, len(self.source.text))

    def directive(self, name: str) -> Directive | None:
        """The header's directive of that (lower-case) name."""
        return next((found for found in self.directives if found.name == name), None)


def render(dockerfile: Dockerfile) -> str:
    """The text of the tree: `render(parse(source)) == source.text` for any text."""
    return "".join(dockerfile.source.slice(span) for _, span in dockerfile.tiles())
