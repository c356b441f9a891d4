"""BuildKit's shell lexer: takes quotes and escapes away and puts in the values of variables, in one pass.

`words.py` offers it in the modes that BuildKit uses. Nesting, the length of values and the work on patterns
are limited, since a few lines of a Dockerfile could otherwise ask for any amount of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple

from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.patterns import (
    BYTE_ORDER_MARK,
    InvalidPattern,
    Pattern,
    is_name_character,
    parse_pattern,
    replace_all,
    replace_first,
    reverse_pattern,
    trim_prefix,
    trim_suffix,
)
from dockerlint.unknown import Unknown

#: The longest value, beyond the length of its text: Linux starts no program with a longer variable.
LONGEST_VALUE = 131_072

#: How many `${…}` may stand inside each other. BuildKit has no limit; people never need three.
DEEPEST_NESTING = 50

_WORK = 1 << 18  # characters that an expansion may copy or compare …
_WORK_PER_CHARACTER = 50  # … and as many more for each character of its text
_WORK_PER_PATTERN = 16  # what reading one character of a pattern counts

_SPECIAL_NAMES = frozenset("@*#?-$!")
_ASCII_NAME = re.compile("[A-Za-z0-9_]*")
_WORD_OPERATORS = frozenset((":-", "-", ":+", "+", ":?", "?"))

_TOO_LONG = Unknown(f"it is longer than {LONGEST_VALUE} characters")
_TOO_COSTLY = Unknown("it takes too much work to expand")


class ErrorKind(Enum):
    """Why an expansion has no value."""

    SYNTAX = "syntax"
    """The text is broken: BuildKit stops in any environment."""
    RAISED = "raised"
    """`${name?message}` or `${name:?message}` without a value: BuildKit stops in this environment."""
    TOO_DEEP = "too deep"
    """More than `DEEPEST_NESTING` levels of `${…}`: BuildKit would go on, this program does not."""


class ExpansionError(NamedTuple):
    """What stops an expansion, and the offsets of the broken part of the text."""

    kind: ErrorKind
    message: str
    start: int
    end: int


class VariableUse(NamedTuple):
    """One `$name` or `${…}`.

    `start` and `end` are the offsets of the whole expression. `operator` is "" or one of `:-`, `-`, `:+`,
    `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/`, `//`. `defined` says whether the environment has the name,
    known or not.
    """

    name: str
    start: int
    end: int
    operator: str
    defined: bool


class Rules(NamedTuple):
    """How a text is read.

    `quotes`: quotes have a meaning; `keep_quotes` and `keep_escapes`: they stay in the result all the same;
    `keep_unset`: an expression of an unset variable stays as it is; `windows`: names ignore case.
    """

    escape: str = "\\"
    windows: bool = False
    quotes: bool = True
    keep_quotes: bool = False
    keep_escapes: bool = False
    keep_unset: bool = False


class Origin(Enum):
    """Where a piece of a result comes from; it decides how the piece is split into words."""

    TEXT = "text"
    VALUE = "value"
    QUOTED = "quoted"


class Piece(NamedTuple):
    """A part of a result with the offsets of the text that it comes from.

    `forgets`: BuildKit shares one buffer between a word and the words of operators inside it. When it reads
    `80${PORT:-80}` for EXPOSE, the `80` that it had read before is lost (engine 28.5 exposes 80, not 8080).
    """

    value: str | Unknown
    origin: Origin
    start: int
    end: int
    forgets: bool = False


class ShellLexerError(Exception):
    """Ends the reading of a text; it never leaves `words.py`."""

    def __init__(self, error: ExpansionError) -> None:
        super().__init__(error.message)
        self.error = error


class ShellLexer:
    """Reads one text once: `read` gives its pieces; `uses` holds the variables met, also after an error."""

    def __init__(self, text: str, environment: Mapping[str, str | Unknown], rules: Rules) -> None:
        self._text = text
        self._environment = environment
        self._folded: dict[str, str | Unknown] | None = None
        self._rules = rules
        self._keep_escapes = rules.keep_escapes
        self._at = 1 if text.startswith(BYTE_ORDER_MARK) else 0
        self._depth = 0
        self._words = 0
        self._work = _WORK + _WORK_PER_CHARACTER * len(text)
        self.uses: list[VariableUse] = []

    def read(self) -> list[Piece]:
        """The pieces of the whole text; raises `ShellLexerError` where BuildKit gives an error."""
        pieces, _ = self._read_until("")
        return pieces

    def join(self, values: Iterable[str | Unknown]) -> str | Unknown:
        """The values as one: the first unknown one decides, and so does the limit of length."""
        known: list[str] = []
        size = 0
        for value in values:
            if isinstance(value, Unknown):
                return value
            known.append(value)
            size += len(value)
        if size > self._longest:
            return _TOO_LONG
        return "".join(known) if self._affords(size) else _TOO_COSTLY

    @property
    def _longest(self) -> int:
        return len(self._text) + LONGEST_VALUE

    def _affords(self, cost: int) -> bool:
        if cost > self._work:
            return False
        self._work -= cost
        return True

    def _read_until(self, stop: str) -> tuple[list[Piece], bool]:
        """The pieces up to the character `stop` and whether it was there; it is consumed."""
        text, rules = self._text, self._rules
        find = _finder("$" + rules.escape + stop + ("'\"" if rules.quotes else ""))
        pieces: list[Piece] = []
        while (match := find(text, self._at)) is not None:
            start = match.start()
            if start > self._at:
                pieces.append(Piece(text[self._at : start], Origin.TEXT, self._at, start))
            self._at = start
            if match.group() == stop:
                self._at += 1
                return pieces, True
            pieces.append(self._special(match.group()))
        if self._at < len(text):
            pieces.append(Piece(text[self._at :], Origin.TEXT, self._at, len(text)))
            self._at = len(text)
        return pieces, False

    def _special(self, char: str) -> Piece:
        start, words = self._at, self._words
        value: str | Unknown
        origin = Origin.QUOTED
        if char == "$":
            value, origin = self._dollar(), Origin.VALUE
        elif char == "'":
            value = self._single_quoted()
        elif char == '"':
            value = self._double_quoted()
        else:
            value = self._text[start if self._keep_escapes else start + 1 : start + 2]
            self._at = min(start + 2, len(self._text))
        return Piece(value, origin, start, self._at, forgets=words != self._words)

    def _single_quoted(self) -> str:
        start = self._at
        end = self._text.find("'", start + 1)
        if end < 0:
            raise self._broken("the single quote is never closed", start)
        self._at = end + 1
        return self._text[start : end + 1] if self._rules.keep_quotes else self._text[start + 1 : end]

    def _double_quoted(self) -> str | Unknown:
        text, escape = self._text, self._rules.escape
        find = _finder('$"' + escape)
        start, at = self._at, self._at + 1
        values: list[str | Unknown] = ['"'] if self._rules.keep_quotes else []
        while (match := find(text, at)) is not None:
            values.append(text[at : match.start()])
            at = match.start()
            if match.group() == '"':
                values.append('"' if self._rules.keep_quotes else "")
                self._at = at + 1
                return self.join(values)
            if match.group() == "$":
                self._at = at
                values.append(self._dollar())
                at = self._at
            else:
                # Before other characters an escape is ordinary; where escapes are kept it comes twice.
                escapes = text[at + 1 : at + 2] in ("$", '"', escape)
                values.append(escape if self._keep_escapes else "")
                values.append(text[at + escapes])
                at += 1 + escapes
        raise self._broken("the double quote is never closed", start)

    def _dollar(self) -> str | Unknown:
        text, start = self._text, self._at
        if text.startswith("{", start + 1):
            return self._braced(start)
        name, self._at = _read_name(text, start + 1)
        return self._plain(name, start) if name else "$"

    def _braced(self, start: int) -> str | Unknown:
        text = self._text
        if text[start + 2 : start + 3] in ("{", "}", ":"):
            raise self._broken("the name of the variable is missing", start, start + 3)
        name, at = _read_name(text, start + 2)
        operator = text[at : at + 1]
        if operator == ":":
            operator = text[at : at + 2]
        self._at = at + len(operator)
        if operator == "}":
            return self._plain(name, start)
        if operator in _WORD_OPERATORS:
            return self._alternative(name, operator, start)
        if operator in ("#", "%"):
            return self._trimmed(name, operator, start)
        if operator == "/":
            return self._replaced(name, start)
        if operator in ("", ":"):
            raise self._broken("'}' is missing", start)
        if operator[0] == ":":  # BuildKit looks the variable up before it judges what follows the colon
            self._use(name, operator, start)
        raise self._broken(f"{quoted(operator)} is no operator of a variable", start, self._at)

    def _plain(self, name: str, start: int) -> str | Unknown:
        value = self._use(name, "", start)
        if value is not None:
            return value
        return self._text[start : self._at] if self._rules.keep_unset else ""

    def _alternative(self, name: str, operator: str, start: int) -> str | Unknown:
        word = self._word("}", start, keep_escapes=False)
        value = self._use(name, operator, start)
        if value is None and self._rules.keep_unset:
            return self._as_written(name, operator, word)
        absent = value is None or (value == "" and operator[0] == ":")
        if operator[-1] == "-":
            return word if value is None or absent else value
        if operator[-1] == "+":
            if absent:
                return ""
            # An unknown value may be empty, and then only an empty word gives the same result.
            return value if isinstance(value, Unknown) and word != "" else word
        if value is not None and not absent:
            return value
        message = f"variable {quoted(name)} is {'not set' if value is None else 'empty'}"
        if isinstance(word, str) and word:
            message += f", which stops the build with {quoted(word)}"
        raise ShellLexerError(ExpansionError(ErrorKind.RAISED, message, start, self._at))

    def _trimmed(self, name: str, operator: str, start: int) -> str | Unknown:
        doubled = self._text.startswith(operator, self._at)
        word = self._word("}", start, keep_escapes=True)
        value = self._use(name, operator * 2 if doubled else operator, start)
        if value is None:
            if self._rules.keep_unset:
                return self._as_written(name, operator, word)
            value = ""
        if isinstance(word, Unknown):
            return value if isinstance(value, Unknown) else word
        # BuildKit looks for the second character in the expanded word, so that a variable can bring it.
        longest = word.startswith(operator)
        text = word[1:] if longest else word
        pattern = self._pattern(text, start, from_end=operator == "%")
        if isinstance(value, Unknown):
            return value
        if pattern is None or not self._affords(pattern.cost(value, searching=False)):
            return _TOO_COSTLY
        return (trim_suffix if operator == "%" else trim_prefix)(value, pattern, longest)

    def _replaced(self, name: str, start: int) -> str | Unknown:
        everywhere = self._text.startswith("/", self._at)
        self._at += everywhere
        word = self._word("/", start, keep_escapes=True)
        replacement = self._word("}", start, keep_escapes=True)
        value = self._use(name, "//" if everywhere else "/", start)
        if value is None:
            if self._rules.keep_unset:
                return self._as_written(name, "/", self.join((word, "/", replacement)))
            value = ""
        pattern = self._pattern(word, start) if isinstance(word, str) else None
        if isinstance(value, Unknown):
            return value
        if isinstance(word, Unknown):
            return word
        if isinstance(replacement, Unknown):
            return replacement
        if pattern is None or not self._affords(pattern.cost(value, searching=True)):
            return _TOO_COSTLY
        if not everywhere:
            return replace_first(value, pattern, replacement)
        result = replace_all(value, pattern, replacement, self._longest)
        return _TOO_LONG if result is None else result

    def _word(self, stop: str, start: int, *, keep_escapes: bool) -> str | Unknown:
        """The expanded word of an operator up to `stop`, for the expression that begins at `start`."""
        if self._depth == DEEPEST_NESTING:
            message = f"more than {DEEPEST_NESTING} variables stand inside each other"
            raise ShellLexerError(ExpansionError(ErrorKind.TOO_DEEP, message, start, self._at))
        self._words += 1
        self._depth += 1
        outside, self._keep_escapes = self._keep_escapes, keep_escapes
        pieces, closed = self._read_until(stop)
        self._keep_escapes = outside
        self._depth -= 1
        if not closed:
            raise self._broken(f"'{stop}' is missing", start)
        return self.join(piece.value for piece in pieces)

    def _pattern(self, text: str, start: int, *, from_end: bool = False) -> Pattern | None:
        """The pattern of the expression that begins at `start`, None if it takes too much work."""
        if not self._affords(_WORK_PER_PATTERN * len(text)):
            return None
        pattern = parse_pattern(reverse_pattern(text) if from_end else text)
        if isinstance(pattern, InvalidPattern):
            what = f"before {quoted(pattern.escaped)}" if pattern.escaped else "at the end"
            raise self._broken(f"a backslash {what} is not accepted in a pattern", start, self._at)
        return pattern

    def _use(self, name: str, operator: str, start: int) -> str | Unknown | None:
        """The value of a variable, None if it is unset; the use is recorded."""
        if self._rules.windows:
            if self._folded is None:
                self._folded = {_fold(key): value for key, value in self._environment.items()}
            value = self._folded.get(_fold(name))
        else:
            value = self._environment.get(name)
        self.uses.append(VariableUse(name, start, self._at, operator, value is not None))
        return value

    def _as_written(self, name: str, operator: str, word: str | Unknown) -> str | Unknown:
        """The expression of an unset variable; its word has been read, so that escapes in it may be gone."""
        return word if isinstance(word, Unknown) else f"${{{name}{operator}{word}}}"

    def _broken(self, message: str, start: int, end: int | None = None) -> ShellLexerError:
        """The error of a syntax that BuildKit refuses, by default up to the end of the text."""
        end = len(self._text) if end is None else end
        return ShellLexerError(ExpansionError(ErrorKind.SYNTAX, message, start, end))


@cache
def _finder(chars: str) -> Callable[[str, int], re.Match[str] | None]:
    """Finds the next of a few special characters of BuildKit's."""
    return re.compile(f"[{re.escape(chars)}]").search


def _read_name(text: str, start: int) -> tuple[str, int]:
    """The name of a variable at `start` and its end: digits, one special character, a word, or nothing."""
    end = start
    if text[start : start + 1] in _SPECIAL_NAMES:
        end += 1
    elif text[start : start + 1].isdecimal():
        while text[end : end + 1].isdecimal():
            end += 1
    else:
        end = _ASCII_NAME.match(text, start).end()  # type: ignore[union-attr]  # nothing matches, too
        while end < len(text) and is_name_character(text[end]):
            end += 1
    return text[start:end], end


def _fold(name: str) -> str:
    """The name as Windows compares it: upper case, where that is a single character."""
    if name.isascii():
        return name.upper()
    return "".join(upper if len(upper := char.upper()) == 1 else char for char in name)
