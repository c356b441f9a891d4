"""The values that the shell reader makes: scripts, commands, words and where they stand.

All spans are offsets into the text of the Dockerfile, so a word on the fifth line of a RUN points at the fifth line.
Nothing here is expanded or run: what cannot be known from the text alone is `None`, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, IntEnum
from typing import NamedTuple

from dockerlint.records import record
from dockerlint.shell.interpreters import EXEC, POSIX_DIALECTS
from dockerlint.source import JoinedText, Span


class Expansion(NamedTuple):
    """A part of a word that the shell replaces when it runs: `$NAME`, `${NAME:-x}`, `$(command)`, `$((1 + 2))`.

    `name` is the variable if the part is exactly `$NAME` or `${NAME}`, so that its value could stand here;
    otherwise None. `variables` are all names that the part reads, without those of commands inside it: these are
    commands of the script. `quoted` says that it stands in double quotes and stays one word.
    """

    name: str | None
    variables: tuple[str, ...]
    raw: str
    quoted: bool


class Word(NamedTuple):
    """One word of a command.

    `text` is the value after quote removal, or None if an expansion is part of it. `raw` is the word as written
    (without line continuations). `parts` are the literal and the expanded parts in order; a static word has at most
    one. `glob` says that an unquoted `*`, `?` or `[` makes it a pattern, which `text` keeps as written, as it does
    braces (`{a,b}`), which only some shells expand. The span covers the word with its quotes.
    """

    text: str | None
    raw: str
    span: Span
    parts: tuple[str | Expansion, ...]
    glob: bool = False

    @property
    def prefix(self) -> str:
        """The literal text at the start of the word: all of a static word, `--index-url=` of `--index-url=$URL`."""
        if self.text is not None:
            return self.text
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables that the word reads, in order, each once."""
        if self.text is not None:
            return ()
        return tuple(
            dict.fromkeys(name for part in self.parts if isinstance(part, Expansion) for name in part.variables)
        )

    @property
    def template(self) -> str | None:
        """The text with `${NAME}` where a variable stands; None if anything else is expanded in the word.

        Words with the same template have the same value, as long as nobody changes the variables.
        """
        if self.text is not None:
            return self.text
        texts = [part if isinstance(part, str) else part.name and f"${{{part.name}}}" for part in self.parts]
        return None if None in texts else "".join(text for text in texts if text)

    def after(self, count: int) -> Word:
        """The word without the first `count` characters of its `prefix`; `raw` and span stay those of the whole word.

        This is how a value is taken out of `--name=VALUE`: what is left still points at the word it stands in.
        """
        rest = (self.prefix[count:], *self.parts[1:])
        parts = rest if rest[0] else rest[1:]
        text = None if self.text is None else self.text[count:]
        return Word(text, self.raw, self.span, parts, self.glob)


class Assignment(NamedTuple):
    """`NAME=value`, `NAME+=value`, `NAME[0]=value`, `NAME=(a b)`, or the bare NAME of `export NAME` (value None)."""

    name: str
    value: Word | None
    span: Span
    append: bool = False


class Redirect(NamedTuple):
    """A redirection such as `2>/dev/null`, `>> file`, `<<EOF` or `<<< word`.

    `operator` is written without the descriptor. `target` is the word after it: a file name, a descriptor number
    (`>&1`), the delimiter of a here-document or the text of a here-string; None for `>&-`. `body` is the text of a
    here-document whose lines are part of the script; None for other redirections and where the lines are kept
    elsewhere. `expands` says that the body of a here-document is subject to expansion, since its delimiter is not
    quoted.
    """

    operator: str
    descriptor: int | None
    target: Word | None
    span: Span
    body: JoinedText | None = None
    expands: bool = False

    @property
    def is_heredoc(self) -> bool:
        """Whether this is a here-document (`<<` or `<<-`)."""
        return self.operator in {"<<", "<<-"}


class Operator(Enum):
    """What stands between two commands of one list; `NONE` is the edge of the list."""

    # That of Enum is written in Python, and members are looked up some hundred times for each file.
    __hash__ = object.__hash__

    NONE = ""
    AND = "&&"
    OR = "||"
    SEMICOLON = ";"
    NEWLINE = "\n"
    BACKGROUND = "&"
    PIPE = "|"
    PIPE_BOTH = "|&"


class Reach(IntEnum):
    """Whether a command runs when everything goes as its author hopes.

    Commands are taken to succeed, apart from tests: what follows `[ … ] &&`, `command -v x &&`, `! x &&` or stands
    in a branch, a loop over an unknown list, or a function that is not surely called, is `MAYBE`. What only the
    failure of a command that is not a test brings about (`a || b`) is `ON_FAILURE`.
    """

    ON_FAILURE = 0
    MAYBE = 1
    ALWAYS = 2


TESTS = frozenset(
    {"[", "[[", "((", "test", "command", "which", "type", "hash", "false", "grep", "egrep", "getent", "id", "pgrep"}
)
"""Programs that are called to find something out: that they fail is no accident."""


class ScopeKind(Enum):
    """What encloses a command."""

    # That of Enum is written in Python, and members are looked up some hundred times for each file.
    __hash__ = object.__hash__

    SCRIPT = "script"
    GROUP = "{ }"
    SUBSHELL = "( )"
    CONDITION = "condition"
    """The test of an `if`, `elif`, `while` or `until`."""
    BRANCH = "branch"
    """What follows `then` or `else`, or an item of a `case`."""
    LOOP = "loop"
    FUNCTION = "function"
    SUBSTITUTION = "$( )"
    PROCESS_SUBSTITUTION = "<( )"
    STRING = "string"
    """A script in a word: `sh -c '…'`, `eval …`, `trap '…' EXIT`, or in a here-document fed to a shell."""


_CONDITIONAL = frozenset({ScopeKind.BRANCH, ScopeKind.LOOP, ScopeKind.FUNCTION})
_SUBSHELLS = frozenset({ScopeKind.SUBSHELL, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})


class Loop(NamedTuple):
    """The head of `for NAME in WORDS`; `words` is empty for `for NAME` alone, which runs over the arguments."""

    variable: str
    words: tuple[Word, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Pipeline:
    """Two or more commands joined by pipes. `pipes` are the spans of the pipe signs, `span` covers the whole."""

    span: Span
    pipes: tuple[Span, ...]
    negated: bool

    @property
    def length(self) -> int:
        """The number of commands (simple or compound) that are joined."""
        return len(self.pipes) + 1


@record(frozen=True, slots=True, eq=False, repr=False)
class Scope:
    """A construct that encloses commands; scopes are compared by identity, and `parent` leads to the script itself.

    `depth` counts enclosing scopes, `conditions` those that make a command uncertain by themselves (branches,
    loops, functions), `subshells` those that run in a process of their own. `pipeline` and `stage` tell whether the
    construct as a whole is part of a pipeline, `redirects` are those of the whole. `name` is that of a function.
    `dialect` is the base name of the shell that reads what stands in it. Where a shell starts, `options` are the names
    of `set -o` that it is started with; they are None for a scope inside it, `eval` included. `before`, `after`,
    `negated` and `background` tell of a compound command what those of `Command` tell of a simple one.
    """

    kind: ScopeKind
    span: Span
    parent: Scope | None = None
    depth: int = 0
    conditions: int = 0
    subshells: int = 0
    pipeline: Pipeline | None = None
    stage: int = 0
    redirects: tuple[Redirect, ...] = ()
    loop: Loop | None = None
    name: str | None = None
    dialect: str = "sh"
    options: frozenset[str] | None = None
    before: Operator = Operator.NONE
    after: Operator = Operator.NONE
    negated: bool = False
    background: bool = False

    def __repr__(self) -> str:
        return f"Scope({self.kind.name}, {self.span}, depth={self.depth})"

    def inner(
        self,
        kind: ScopeKind,
        span: Span,
        *,
        pipeline: Pipeline | None = None,
        stage: int = 0,
        redirects: tuple[Redirect, ...] = (),
        loop: Loop | None = None,
        name: str | None = None,
        dialect: str | None = None,
        options: frozenset[str] | None = None,
        before: Operator = Operator.NONE,
        after: Operator = Operator.NONE,
        negated: bool = False,
        background: bool = False,
    ) -> Scope:
        """A scope inside this one."""
        return Scope(
            kind,
            span,
            self,
            self.depth + 1,
            self.conditions + (kind in _CONDITIONAL),
            self.subshells + (kind in _SUBSHELLS),
            pipeline,
            stage,
            redirects,
            loop,
            name,
            dialect or self.dialect,
            options,
            before,
            after,
            negated,
            background,
        )

    def outward(self) -> Iterator[Scope]:
        """The scope and all that enclose it, the script itself last."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


@record(frozen=True, slots=True, eq=False, repr=False)
class Command:
    """A simple command: a program or built-in with its arguments, or assignments or redirections alone.

    `name` is the base name of the program (`apt-get` for `/usr/bin/apt-get`), None if it is not static or there is
    none; in cmd and PowerShell it is in lower case and without `.exe`, and aliases stand for the command
    (`invoke-webrequest` for `iwr`). `program` is the word itself. `[ … ]` and `[[ … ]]` are commands named `[` and
    `[[` whose arguments are the words and operators between the brackets; `(( … ))` is named `((` and has no
    arguments. `assignments` are those in front of the program, those handed on by a wrapper (`env A=b`), or those
    that `export`, `local`, `readonly` and `declare` make. `before` and `after` are the operators around the command
    in its list. `pipeline` and `stage` (from 0) are set if it is itself a member of a pipeline. `reach` says whether
    it surely runs. `open_ended` says that more arguments are added at run time (`xargs`, `find -exec`). `wrapped_by`
    is the command that starts this one (`sudo`, `env`, `time` …), whose own arguments still hold the words.

    Commands are compared by identity, so that what is found out about one can be kept beside it.
    """

    name: str | None
    program: Word | None
    arguments: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    span: Span
    scope: Scope
    before: Operator
    after: Operator
    reach: Reach
    pipeline: Pipeline | None = None
    stage: int = 0
    negated: bool = False
    background: bool = False
    open_ended: bool = False
    wrapped_by: Command | None = None

    @property
    def is_posix(self) -> bool:
        """Whether the command stands in a script for a shell of the POSIX kind, or in none."""
        return self.scope.dialect in POSIX_DIALECTS or self.scope.dialect == EXEC

    @property
    def words(self) -> tuple[Word, ...]:
        """The program, if any, and the arguments."""
        return self.arguments if self.program is None else (self.program, *self.arguments)

    @property
    def wrappers(self) -> tuple[Command, ...]:
        """The commands that this one is wrapped by, the innermost first."""
        found = []
        wrapper = self.wrapped_by
        while wrapper is not None:
            found.append(wrapper)
            wrapper = wrapper.wrapped_by
        return tuple(found)

    def pipelines(self) -> Iterator[tuple[Pipeline, int]]:
        """The pipelines that carry the command's output, with its stage in each, the innermost first.

        In `(curl x) | sh` the output of curl goes through the pipeline of the subshell; that of a command
        substitution goes no further than the substitution.
        """
        if self.pipeline is not None:
            yield self.pipeline, self.stage
        for scope in self.scope.outward():
            if scope.kind in {ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION}:
                return
            if scope.pipeline is not None:
                yield scope.pipeline, scope.stage


class Script(NamedTuple):
    """What was read from a shell text.

    `commands` are all simple commands in the order of the text, wherever they stand; a command comes before those
    inside its words. `pipelines` are all pipelines of two or more commands. `errors` are the places that are no
    valid shell: what stands around them was still read. `variables` are the names of all variables that the script
    reads. `dialect` is the base name of the shell; of one that is neither POSIX-like nor cmd or PowerShell nothing is
    read.
    """

    dialect: str
    span: Span
    commands: tuple[Command, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    errors: tuple[Span, ...] = ()
    variables: frozenset[str] = frozenset()

    @property
    def is_posix(self) -> bool:
        """Whether a shell of the POSIX kind reads the script, or none at all (exec form)."""
        return self.dialect in POSIX_DIALECTS or self.dialect == EXEC

    def named(self, *names: str) -> Iterator[Command]:
        """The commands that have one of the names, in order."""
        return (command for command in self.commands if command.name in names)
