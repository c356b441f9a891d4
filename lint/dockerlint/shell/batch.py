r"""Scripts of cmd, the command interpreter of Windows: the commands in them and the variables that they read.

Words are parted as programs take their command line apart: at blanks, with `"` around those that keep them and `\"`
for a quotation mark. `^` takes the meaning from the sign behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint.shell.foreign import DEEPEST, ForeignText, Outcome, Place, Stage, program_name
from dockerlint.shell.quoting import Chunk, Hole
from dockerlint.shell.script import Assignment, Operator, Reach, Redirect, Scope, ScopeKind, Word
from dockerlint.source import Span

_VARIABLE = r"%(?P<name>[A-Za-z_][\w.]*)(?P<change>:[^%\n]*)?%|%%?~?\w"
_CODE = re.compile(
    r"""(?P<blank>[^\S\n]+)|(?P<newline>\n)|(?P<escape>\^.)|(?P<mark>\\")|(?P<quote>")"""
    rf"""|(?P<variable>{_VARIABLE})|(?P<chain>&&|\|\||&)|(?P<pipe>\|)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<redirect>[0-9]?>(?:>|&[0-9])?|<)|(?P<pattern>[*?])|(?P<text>[^\s^\\"%&|()<>*?0-9]+|\d+|.)""",
    re.DOTALL,
)
_IN_QUOTES = re.compile(
    rf"""(?P<newline>\n)|(?P<mark>\\")|(?P<quote>")|(?P<variable>{_VARIABLE})|(?P<text>[^\n\\"%]+|.)""", re.DOTALL
)
_OPERATORS = {"&&": Operator.AND, "||": Operator.OR, "&": Operator.SEMICOLON}
_COMPARISONS = frozenset({"==", "equ", "neq", "lss", "leq", "gtr", "geq"})
_UNARY_TESTS = frozenset({"exist", "defined", "errorlevel", "cmdextversion"})


def read_batch(text: ForeignText, scope: Scope, reach: Reach) -> Outcome:
    """The commands of a script for cmd, whose place is `scope`. Total and linear."""
    reader = _Reader(text, scope, reach)
    reader.read()
    return reader.outcome


class _Level:
    """A sequence of commands: the script, or what stands between parentheses."""

    def __init__(self, scope: Scope, reach: Reach) -> None:
        self.scope = scope
        self.reach = reach
        self.before = Operator.NONE
        self.conditional = False


class _Reader:
    """Goes over the text once; what is being read are a word, the words of a command and the stages of a pipeline."""

    def __init__(self, text: ForeignText, scope: Scope, reach: Reach) -> None:
        self._text = text
        self._code = text.code
        self._levels = [_Level(scope, reach)]
        self.outcome = Outcome()
        self._quoted = False
        self._chunks: list[Chunk] = []
        self._start = self._end = -1
        self._words: list[Word] = []
        self._offsets: list[int] = []
        self._redirects: list[Redirect] = []
        self._redirect: tuple[str, Span] | None = None
        self._sign: tuple[int, int] | None = None
        self._first = self._last = -1
        self._stages: list[Stage] = []
        self._actions: dict[str, Callable[[re.Match[str]], int]] = {
            "blank": self._blank,
            "newline": self._newline,
            "escape": self._escape,
            "mark": self._mark,
            "quote": self._quote,
            "variable": self._variable,
            "chain": self._chain,
            "pipe": self._pipe,
            "open": self._open,
            "close": self._close,
            "redirect": self._redirection,
            "pattern": self._plain,
            "text": self._plain,
        }

    def read(self) -> None:
        at = 0
        while at < len(self._code):
            match = (_IN_QUOTES if self._quoted else _CODE).match(self._code, at)
            if match is None:  # cannot be: both patterns take any character
                break
            at = self._actions[match.lastgroup or "text"](match)
        self._end_statement(Operator.NONE)

    # What each kind of token does; each gives the offset at which to go on.

    def _blank(self, token: re.Match[str]) -> int:
        self._end_word()
        if self._words and self._words[0].raw.lower().lstrip("@") in {"rem", "::"}:
            # A remark goes to the end of the line, operators and all.
            self._clear()
            end = self._code.find("\n", token.end())
            return len(self._code) if end < 0 else end
        return token.end()

    def _newline(self, token: re.Match[str]) -> int:
        self._quoted = False
        self._end_statement(Operator.NEWLINE)
        return token.end()

    def _escape(self, token: re.Match[str]) -> int:
        if token[0][1] != "\n":
            self._extend(Chunk(token[0][1], token.start() + 1, "^"), token)
        return token.end()

    def _mark(self, token: re.Match[str]) -> int:
        return self._extend(Chunk('"', token.start() + 1, "\\"), token)

    def _quote(self, token: re.Match[str]) -> int:
        self._quoted = not self._quoted
        return self._extend(Chunk("", token.end(), '"'), token)

    def _variable(self, token: re.Match[str]) -> int:
        name = token["name"]
        if name is not None:
            self._text.variables.add(name)
        alone = name if token["change"] is None else None
        hole = Hole(token.start(), token.end(), alone, () if name is None else (name,))
        return self._extend(Chunk(token[0], token.start(), '"' if self._quoted else "", hole), token)

    def _plain(self, token: re.Match[str]) -> int:
        start = token.start()
        if self._start < 0 and not self._words:
            # `@` keeps a command from being shown.
            start += len(token[0]) - len(token[0].lstrip("@"))
        if start < token.end():
            self._extend(Chunk(self._code[start : token.end()], start, '"' if self._quoted else ""), token)
            self._start = max(self._start, start) if len(self._chunks) == 1 else self._start
        return token.end()

    def _chain(self, token: re.Match[str]) -> int:
        self._end_statement(_OPERATORS[token[0]])
        return token.end()

    def _pipe(self, token: re.Match[str]) -> int:
        self._end_stage()
        self._sign = token.span()
        return token.end()

    def _open(self, token: re.Match[str]) -> int:
        """A parenthesis opens a block where a command may stand; elsewhere it is a letter like others."""
        if self._start < 0 and self._words and self._words[-1].raw.lower() == "in":
            # The list of a loop: `for %%i in (a b) do`.
            end = self._code.find(")", token.end())
            return len(self._code) if end < 0 else end + 1
        if self._start >= 0 or len(self._levels) > DEEPEST:
            return self._plain(token)
        self._conditions()
        if self._words:
            return self._plain(token)
        outer = self._levels[-1]
        kind, reach = ScopeKind.GROUP, outer.reach
        if outer.conditional:
            kind, reach = ScopeKind.BRANCH, min(reach, Reach.MAYBE)
        outer.conditional = False
        self._first = -1
        self._levels.append(_Level(outer.scope.inner(kind, self._text.span(*token.span())), reach))
        return token.end()

    def _close(self, token: re.Match[str]) -> int:
        if len(self._levels) == 1:
            return self._plain(token)
        self._end_statement(Operator.NONE)
        self._levels.pop()
        return token.end()

    def _redirection(self, token: re.Match[str]) -> int:
        piece, start = token[0], token.start()
        if piece[0].isdigit() and self._start >= 0:
            self._extend(Chunk(piece[0], start, ""), token)
            self._end = self._last = start + 1
            start, piece = start + 1, piece[1:]
        self._end_word()
        span = self._text.span(start, token.end())
        if "&" in piece:
            target = self._text.word([Chunk(piece[-1], token.end() - 1, "")], token.end() - 1, token.end())
            self._redirects.append(Redirect(">&", int(piece[0]) if piece[0].isdigit() else None, target, span))
        else:
            self._redirect = (piece, span)
        if self._first < 0:
            self._first = start
        self._last = token.end()
        return token.end()

    # Words, stages and statements.

    def _extend(self, chunk: Chunk, token: re.Match[str]) -> int:
        if self._start < 0:
            self._start = token.start()
        if self._first < 0:
            self._first = token.start()
        self._chunks.append(chunk)
        self._end = self._last = token.end()
        return token.end()

    def _end_word(self) -> None:
        if self._start < 0:
            return
        word = self._text.word(self._chunks, self._start, self._end)
        if self._redirect is not None:
            operator, span = self._redirect
            descriptor = int(operator[0]) if operator[0].isdigit() else None
            self._redirects.append(Redirect(operator.lstrip("0123456789"), descriptor, word, span.cover(word.span)))
            self._redirect = None
        else:
            self._words.append(word)
            self._offsets.append(self._start)
        self._chunks, self._start = [], -1

    def _conditions(self) -> None:
        """Take `if TEST`, `else`, and `for … do` off the words: what follows is a command that may run."""
        level = self._levels[-1]
        while self._words:
            count = _condition([word.raw.lower() for word in self._words])
            if count == 0:
                return
            level.conditional = True
            self._words, self._offsets = self._words[count:], self._offsets[count:]

    def _end_stage(self) -> None:
        self._end_word()
        self._conditions()
        words = tuple(self._words)
        if self._first >= 0 and (words or self._redirects):
            start = self._offsets[0] if words else self._first
            stage = Stage(words, _assigned(words), tuple(self._redirects), start, self._last, self._sign)
            self._stages.append(stage)
        self._clear()

    def _clear(self) -> None:
        self._words, self._offsets, self._redirects, self._redirect, self._first = [], [], [], None, -1

    def _end_statement(self, after: Operator) -> None:
        self._end_stage()
        level = self._levels[-1]
        if self._stages:
            reach = Reach.ON_FAILURE if level.before is Operator.OR else Reach.ALWAYS
            reach = min(level.reach, reach, Reach.MAYBE if level.conditional else Reach.ALWAYS)
            place = Place(level.scope, reach, level.before, after)
            self.outcome.add(self._text, self._stages, place, [_program(stage) for stage in self._stages])
        level.before = after
        level.conditional = False
        self._stages, self._sign = [], None


def _condition(words: list[str]) -> int:
    """How many words at the start are `if TEST`, `else` or `for … do`; none if what is there is not complete."""
    first = words[0]
    if first == "else":
        return 1
    if first == "for":
        return words.index("do") + 1 if "do" in words else 0
    if first != "if":
        return 0
    at = 1
    while at < len(words) and words[at] in {"/i", "not"}:
        at += 1
    rest = words[at : at + 3]
    if not rest:
        return 0
    if rest[0] in _UNARY_TESTS:
        return at + 2 if len(rest) > 1 else 0
    if len(rest) > 1 and rest[1] in _COMPARISONS:
        return at + 3 if len(rest) > 2 else 0
    return at + 1 if "==" in rest[0] else 0


def _assigned(words: tuple[Word, ...]) -> tuple[Assignment, ...]:
    """`set NAME=VALUE` and `set "NAME=VALUE"`; a value has what follows up to the end, blanks and all."""
    if len(words) < 2 or words[0].text is None or words[0].text.lower() != "set":
        return ()
    name, equals, _ = words[1].prefix.partition("=")
    if not equals or not name or name[0] == "/":
        return ()
    span = words[1].span.cover(words[-1].span)
    value = words[1].after(len(name) + 1)
    if len(words) > 2:
        value = Word(None, value.raw, span, (*value.parts, *(part for word in words[2:] for part in word.parts)))
    return (Assignment(name, value, span),)


def _program(stage: Stage) -> str | None:
    text = stage.words[0].text if stage.words else None
    return program_name(text) or None if text else None
