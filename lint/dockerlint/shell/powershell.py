r"""PowerShell scripts: the commands in them with their arguments, and the environment variables that they read.

A statement starts in command mode or in expression mode (about_Parsing in PowerShell's manual): a word that is no
variable, text, number or bracket makes it a command. Of expressions only the brackets count, since commands stand in
them. `\"` is a quotation mark: the program's command line, which a RUN in shell form becomes, needs it so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from dockerlint.shell.foreign import DEEPEST, ForeignText, Outcome, Place, Stage, program_name
from dockerlint.shell.powershell_words import ALIASES, BLOCKS, KEYWORDS, OLD_ALIASES, TESTS
from dockerlint.shell.quoting import Chunk, Hole
from dockerlint.shell.script import Assignment, Operator, Reach, Redirect, Scope, ScopeKind, Word

_VARIABLE = r"(?P<variable>\$\{[^}]*\}?|[$@](?:\w+:)?\w+|\$[$?^])"
_CODE = re.compile(
    r"""(?P<blank>(?:[^\S\n]|`\r?\n)+)|(?P<separator>[\n;])|(?P<block_comment><\#.*?(?:\#>|\Z))|(?P<hash>\#)"""
    r"""|(?P<here>@'[^\S\n]*\n.*?(?:\n'@|\Z)|@"[^\S\n]*\n.*?(?:\n"@|\Z))"""
    r"""|(?P<single>'(?:[^']|'')*'?)|(?P<quote>\\?"|[“”])|(?P<open>[$@]\(|@\{|[({])|(?P<close>[)}])|"""
    + _VARIABLE
    + r"""|(?P<chain>&&|\|\|)|(?P<pipe>\|)|(?P<call>&)|(?P<redirect>[1-6*]?>(?:>|&[12])?|<)"""
    r"""|(?P<assign>[-+*/%]?=)|(?P<comma>,)|(?P<escape>`.)|(?P<pattern>[*?\[])"""
    r"""|(?P<text>[^\s`'"“”$@(){};|&<>=,*?\[\\\#+\-/%0-9]+|\d+|.)""",
    re.DOTALL,
)
_IN_QUOTES = re.compile(
    r"""(?P<doubled>""|““|””)|(?P<quote>\\?"|[“”])|(?P<escape>`.)|(?P<open>\$\()|"""
    + _VARIABLE
    + r"""|(?P<text>[^"“”`$\\@]+|.)""",
    re.DOTALL,
)
_OPERATORS = {"&&": Operator.AND, "||": Operator.OR, ";": Operator.SEMICOLON, "\n": Operator.NEWLINE}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def read_powershell(text: ForeignText, scope: Scope, reach: Reach) -> Outcome:
    """The commands of a PowerShell script, whose place is `scope`. Total and linear."""
    reader = _Reader(text, scope, reach)
    reader.read()
    return reader.outcome


class _Mode(Enum):
    """What the statement that is being read has turned out to be."""

    START = 0
    COMMAND = 1
    EXPRESSION = 2
    KEYWORD = 3


class _Target(NamedTuple):
    """The environment variable that a statement assigns to."""

    name: str
    start: int


class _Level:
    """A sequence of statements, between brackets or on the outside, and the word that is being read in it."""

    def __init__(self, scope: Scope, reach: Reach, closer: str, start: int) -> None:
        self.scope = scope
        self.reach = reach
        self.closer = closer
        self.opened = start
        self.quote = ""
        self.chunks: list[Chunk] = []
        self.word_start = -1
        self.word_end = -1
        self.before = Operator.NONE
        self.stages: list[Stage] = []
        self.start_stage(None)

    def start_stage(self, sign: tuple[int, int] | None) -> None:
        self.mode = _Mode.START
        self.keyword = ""
        self.called = False
        self.target: _Target | None = None
        self.sign = sign
        self.words: list[Word] = []
        self.redirects: list[Redirect] = []
        self.redirect: tuple[int, int] | None = None
        self.first = -1
        self.last = -1

    @property
    def in_word(self) -> bool:
        return self.word_start >= 0

    def extend(self, chunk: Chunk, start: int, end: int) -> None:
        """Add to the word that is being read, or begin one."""
        if self.word_start < 0:
            self.word_start = start
        self.word_end = end
        self.chunks.append(chunk)
        if self.first < 0:
            self.first = start
        self.last = end


class _Reader:
    """Goes over the text once. `_levels` are the open brackets, so that nothing recurs."""

    def __init__(self, text: ForeignText, scope: Scope, reach: Reach) -> None:
        self._text = text
        self._code = text.code
        self._levels = [_Level(scope, reach, "", 0)]
        self._ignored = 0
        self.outcome = Outcome()
        self._actions: dict[str, Callable[[str, int, int], int]] = {
            "blank": self._blank,
            "separator": self._separator,
            "block_comment": self._block_comment,
            "hash": self._hash,
            "here": self._here,
            "single": self._single,
            "quote": self._quote,
            "doubled": self._doubled,
            "open": self._open,
            "close": self._close,
            "variable": self._variable,
            "chain": self._chain,
            "pipe": self._pipe,
            "call": self._call,
            "redirect": self._redirect,
            "assign": self._assign,
            "comma": self._comma,
            "escape": self._escape,
            "pattern": self._pattern,
            "text": self._plain,
        }

    def read(self) -> None:
        at = 0
        while at < len(self._code):
            pattern = _IN_QUOTES if self._level.quote else _CODE
            match = pattern.match(self._code, at)
            if match is None:  # cannot be: both patterns take any character
                break
            at = self._actions[match.lastgroup or "text"](match.group(), match.start(), match.end())
        while len(self._levels) > 1:
            self._leave(len(self._code))
        self._end_statement(Operator.NONE)

    @property
    def _level(self) -> _Level:
        return self._levels[-1]

    # What each kind of token does; each gives the offset at which to go on.

    def _blank(self, _: str, __: int, end: int) -> int:
        self._end_word()
        return end

    def _separator(self, piece: str, _: int, end: int) -> int:
        self._end_statement(_OPERATORS[piece])
        return end

    def _block_comment(self, _: str, __: int, end: int) -> int:
        self._end_word()
        return end

    def _hash(self, piece: str, start: int, end: int) -> int:
        if self._level.in_word:
            return self._plain(piece, start, end)
        line_end = self._code.find("\n", end)
        return len(self._code) if line_end < 0 else line_end

    def _here(self, piece: str, start: int, end: int) -> int:
        first = start + piece.index("\n") + 1
        value = self._code[first : max(end - 3, first)]
        quote = piece[1]
        hole = Hole(first, first + len(value), None, ()) if quote == '"' and "$" in value else None
        self._expression()
        self._level.extend(Chunk(value, first, quote, hole), start, end)
        return end

    def _single(self, piece: str, start: int, end: int) -> int:
        self._expression()
        closed = len(piece) > 1 and piece.endswith("'")
        inside = piece[1:-1] if closed else piece[1:]
        at = start + 1
        for part in inside.split("''"):
            # Of a doubled quotation mark the second is the one that counts.
            prefix = "'" if at > start + 1 else ""
            self._level.extend(Chunk(prefix + part, at - len(prefix), "'"), start, end)
            at += len(part) + 2
        return end

    def _quote(self, piece: str, start: int, end: int) -> int:
        level = self._level
        if not level.quote:
            self._expression()
            level.quote = piece
            level.extend(Chunk("", end, '"'), start, end)
        elif piece[0] == "\\" and level.quote != piece:
            # A path that ends with a backslash: `"C:\Temp\"`.
            level.extend(Chunk("\\", start, '"'), start, end)
            level.quote = ""
        else:
            level.word_end = level.last = end
            level.quote = ""
        return end

    def _doubled(self, piece: str, start: int, end: int) -> int:
        self._level.extend(Chunk(piece[0], start, '"'), start, end)
        return end

    def _variable(self, piece: str, start: int, end: int) -> int:
        level = self._level
        if piece[0] == "@" and level.quote:
            return self._plain(piece, start, end)
        if piece[0] == "@" and level.in_word:
            return self._plain(piece, start, end)  # `name@1.2.3`
        name = _environment_name(piece)
        if name is not None:
            self._text.variables.add(name)
        if level.mode is _Mode.START and not level.in_word and not level.called and name is not None:
            level.target = _Target(name, start)
        self._expression()
        following = self._code[end : end + 2]
        alone = level.quote or not (following[:1] == "[" or (following[:1] == "." and following[1:].isalpha()))
        hole = Hole(start, end, name if alone else None, (name,) if name is not None else ())
        # Marked as quoted: PowerShell does not split what a variable holds.
        level.extend(Chunk(piece, start, '"', hole), start, end)
        return end

    def _open(self, piece: str, start: int, end: int) -> int:
        level = self._level
        if len(self._levels) > DEEPEST:
            self._ignored += 1
            return end
        if level.mode is _Mode.START and level.in_word:
            self._begin(self._code[level.word_start : level.word_end])
        if level.mode is _Mode.KEYWORD:
            self._end_word()
        kind, reach = self._inside(level, piece)
        if level.mode is _Mode.START and not level.called:
            level.mode = _Mode.EXPRESSION
        scope = level.scope.inner(kind, self._text.span(start, end))
        self._levels.append(_Level(scope, min(level.reach, reach), "}" if piece.endswith("{") else ")", start))
        return end

    def _inside(self, level: _Level, piece: str) -> tuple[ScopeKind, Reach]:
        """What the bracket that opens encloses."""
        if level.mode is _Mode.KEYWORD:
            if piece == "(":
                return ScopeKind.CONDITION, TESTS.get(level.keyword, Reach.MAYBE)
            return BLOCKS.get(level.keyword, (ScopeKind.BRANCH, Reach.MAYBE))
        return (ScopeKind.BRANCH, Reach.MAYBE) if piece == "{" else (ScopeKind.SUBSTITUTION, Reach.ALWAYS)

    def _close(self, piece: str, start: int, end: int) -> int:
        if self._ignored:
            self._ignored -= 1
        elif self._level.closer == piece:
            self._leave(end)
        elif not self._level.closer:
            return self._plain(piece, start, end)
        return end

    def _chain(self, piece: str, _: int, end: int) -> int:
        self._end_statement(_OPERATORS[piece])
        return end

    def _pipe(self, _: str, start: int, end: int) -> int:
        self._end_stage()
        self._level.start_stage((start, end))
        return end

    def _call(self, _: str, __: int, end: int) -> int:
        """`& program`; `program &` starts a job."""
        if self._level.mode is _Mode.START and not self._level.in_word:
            self._level.called = True
        else:
            self._end_statement(Operator.BACKGROUND)
        return end

    def _redirect(self, piece: str, start: int, end: int) -> int:
        level = self._level
        if piece[0] not in "<>" and level.in_word:
            # The digit ends a word: `a2>b`.
            self._plain(piece[0], start, start + 1)
            start, piece = start + 1, piece[1:]
        self._end_word()
        if level.mode is _Mode.START or piece == "<":
            return end
        if "&" in piece:
            descriptor = int(piece[0]) if piece[0].isdigit() else None
            target = self._text.word([Chunk(piece[-1], end - 1, "")], end - 1, end)
            level.redirects.append(Redirect(">&", descriptor, target, self._text.span(start, end)))
        else:
            level.redirect = (start, end)
        level.last = end
        return end

    def _assign(self, piece: str, start: int, end: int) -> int:
        level = self._level
        bare = not level.in_word and level.mode is _Mode.COMMAND and len(level.words) == 1
        if level.mode is not _Mode.EXPRESSION and not bare:
            return self._plain(piece, start, end)
        target = level.target if piece == "=" and self._is_plain_target(level, start) else None
        self._drop_word()
        level.start_stage(level.sign)
        level.target = target
        return end

    def _is_plain_target(self, level: _Level, sign: int) -> bool:
        """Whether a variable alone stands before the sign."""
        if level.target is None:
            return False
        written = self._code[level.target.start : sign].strip()
        return _environment_name(written) == level.target.name

    def _comma(self, piece: str, start: int, end: int) -> int:
        level = self._level
        following = self._code[end : end + 1]
        bare = level.in_word and level.chunks[-1].quote == "" and following not in {"", " ", "\t", "\n", "'", '"', "$"}
        if level.mode is not _Mode.EXPRESSION and bare:
            return self._plain(piece, start, end)
        self._end_word()
        return end

    def _escape(self, piece: str, start: int, end: int) -> int:
        quote = '"' if self._level.quote else "`"
        self._level.extend(Chunk(_ESCAPES.get(piece[1], piece[1]), start + 1, quote), start, end)
        return end

    def _pattern(self, piece: str, start: int, end: int) -> int:
        if piece == "[" and not self._level.in_word:
            self._expression()
        return self._plain(piece, start, end)

    def _plain(self, piece: str, start: int, end: int) -> int:
        level = self._level
        if level.mode is _Mode.START and not level.in_word and not level.called and piece[0] in "-!+0123456789,":
            level.mode = _Mode.EXPRESSION
        if piece == "." and level.mode is _Mode.START and not level.in_word and self._code[end : end + 1].isspace():
            level.called = True
            return end
        level.extend(Chunk(piece, start, '"' if level.quote else ""), start, end)
        return end

    # Words, stages and statements.

    def _expression(self) -> None:
        """A text, a variable or a type begins: it makes a statement that starts so an expression."""
        level = self._level
        if level.mode is _Mode.START and not level.in_word and not level.called:
            level.mode = _Mode.EXPRESSION

    def _begin(self, first: str) -> None:
        """The first word of a statement is read."""
        level = self._level
        keyword = first.lower()
        if level.called:
            level.mode = _Mode.COMMAND
        elif keyword in KEYWORDS and (keyword != "foreach" or level.sign is None):
            # Behind a pipe `foreach` is the command ForEach-Object.
            level.mode, level.keyword = _Mode.KEYWORD, keyword
        elif keyword not in {"return", "throw"}:
            level.mode = _Mode.COMMAND

    def _drop_word(self) -> None:
        level = self._level
        level.chunks, level.word_start, level.word_end = [], -1, -1

    def _end_word(self) -> None:
        level = self._level
        if not level.in_word:
            return
        start, end, chunks = level.word_start, level.word_end, level.chunks
        self._drop_word()
        if level.mode is _Mode.START:
            self._begin(self._code[start:end])
        if level.mode is _Mode.KEYWORD:
            return
        if level.mode is _Mode.START:
            # `return COMMAND`
            level.first = -1
            return
        if level.mode is _Mode.EXPRESSION and self._code[start:end].lower() == "in":
            level.start_stage(level.sign)
            return
        word = self._text.word(chunks, start, end)
        if level.redirect is not None:
            operator = self._code[slice(*level.redirect)]
            descriptor = int(operator[0]) if operator[0].isdigit() else None
            span = self._text.span(level.redirect[0], end)
            level.redirects.append(Redirect(operator.lstrip("123456*"), descriptor, word, span))
            level.redirect = None
        else:
            level.words.append(word)

    def _end_stage(self) -> None:
        self._end_word()
        level = self._level
        if level.first < 0:
            return
        words = tuple(level.words) if level.mode is _Mode.COMMAND else ()
        assignments = self._assignments(level)
        start = level.target.start if assignments and level.target is not None else level.first
        redirects = tuple(level.redirects)
        level.stages.append(Stage(words, assignments, redirects, start, level.last, level.sign))
        level.first = -1

    def _assignments(self, level: _Level) -> tuple[Assignment, ...]:
        """`$env:NAME = VALUE`, if a value was read that is assigned."""
        target = level.target
        if target is None or level.first <= target.start:
            return ()
        if level.mode is _Mode.EXPRESSION and len(level.words) == 1:
            value = level.words[0]
        else:
            start, end = level.first, level.last
            value = self._text.word([Chunk(self._code[start:end], start, '"', Hole(start, end, None, ()))], start, end)
        return (Assignment(target.name, value, self._text.span(target.start, level.last)),)

    def _end_statement(self, after: Operator) -> None:
        self._end_stage()
        level = self._level
        if level.stages:
            own = Reach.ON_FAILURE if level.before is Operator.OR else Reach.ALWAYS
            place = Place(level.scope, min(level.reach, own), level.before, after)
            names = [self._program(stage) for stage in level.stages]
            self.outcome.add(self._text, level.stages, place, names)
        level.stages = []
        level.before = after
        level.start_stage(None)

    def _leave(self, end: int) -> None:
        """A bracket closes: what it encloses is a part of a word, or a block that ends its statement."""
        self._level.quote = ""
        self._end_statement(Operator.NONE)
        inner = self._levels.pop()
        level = self._level
        if level.mode is _Mode.KEYWORD:
            if inner.closer == "}":
                level.start_stage(None)
            return
        raw = self._code[inner.opened : end]
        hole = Hole(inner.opened, end, None, ())
        level.extend(Chunk(raw, inner.opened, '"' if level.quote else "", hole), inner.opened, end)

    def _program(self, stage: Stage) -> str | None:
        """The name of a stage's program; an alias stands for the command."""
        text = stage.words[0].text if stage.words else None
        if not text:
            return None
        name = program_name(text)
        if self._text.dialect == "powershell" and text.lower() in OLD_ALIASES:
            return OLD_ALIASES[name]
        return ALIASES.get(name, name)


def _environment_name(written: str) -> str | None:
    """The environment variable that `$env:NAME` or `${env:NAME}` names; None for PowerShell's own variables."""
    inner = written[1:].removeprefix("{").removesuffix("}") if written.startswith("$") else ""
    drive, colon, name = inner.partition(":")
    return name if colon and drive.lower() == "env" and name else None
