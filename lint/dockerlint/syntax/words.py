"""Words of an instruction as BuildKit reads them: quotes, escapes and variables.

BuildKit reads words twice. Its parser splits what follows ARG, ENV and LABEL at white space outside quotes
and keeps everything else as written (`split_key_values`). Its converter then takes the quotes away, applies
the escape character and puts in the values of variables (`expand`; `expand_words` where the result is split
again, which only EXPOSE does). The same reader finds the markers of heredocs, in a mode that changes as
little as possible (`split_raw`, `heredoc_name`), and expands the bodies of heredocs, where quotes mean
nothing (`expand_heredoc`).

All offsets are 0-based code points into the text that was given; no function raises on any text. An
environment maps the names that are set to their values; a name with an `Unknown` value may turn out empty or
unset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from dockerlint.syntax.expansion import (
    ErrorKind,
    ExpansionError,
    Origin,
    Piece,
    Rules,
    ShellLexer,
    ShellLexerError,
    VariableUse,
)
from dockerlint.syntax.lines import GO_SPACE
from dockerlint.syntax.patterns import BYTE_ORDER_MARK
from dockerlint.unknown import Unknown

__all__ = [
    "ErrorKind",
    "Expansion",
    "ExpansionError",
    "HeredocName",
    "RawWord",
    "VariableUse",
    "Word",
    "WordsExpansion",
    "expand",
    "expand_heredoc",
    "expand_words",
    "heredoc_name",
    "split_key_values",
    "split_raw",
]

_NOTHING: Mapping[str, str | Unknown] = {}
_HEREDOC_LINE = Rules(keep_quotes=True, keep_escapes=True, keep_unset=True)
_HEREDOC_NAME = Rules(keep_unset=True)
_QUOTED_HEREDOC_NAME = Rules(keep_unset=True, keep_quotes=True)


class Expansion(NamedTuple):
    """What a text expands to.

    `value` is Unknown if an unknown value takes part in it, and after an error. `uses` are all variables in
    the order of the text, also in words that an operator decides against, since BuildKit looks them up as
    well; after an error they are those before it.
    """

    value: str | Unknown
    uses: tuple[VariableUse, ...] = ()
    error: ExpansionError | None = None


class Word(NamedTuple):
    """A word of an expanded text.

    An unknown value in it makes the word Unknown; outside quotes that value may also be several words or
    none. `start` and `end` are offsets of the text that the word comes from; the words of one value share its
    offsets.
    """

    value: str | Unknown
    start: int
    end: int


class WordsExpansion(NamedTuple):
    """What a text expands to when its result is split. After an error there are no words."""

    words: tuple[Word, ...]
    uses: tuple[VariableUse, ...] = ()
    error: ExpansionError | None = None


class RawWord(NamedTuple):
    """A word as written. `text` differs from the text at its offsets only where BuildKit drops an escape."""

    text: str
    start: int
    end: int


class HeredocName(NamedTuple):
    """The name that ends a heredoc, without quotes; `quoted` names turn the expansion of the body off."""

    name: str
    quoted: bool


def expand(
    text: str, environment: Mapping[str, str | Unknown], *, escape: str = "\\", windows: bool = False
) -> Expansion:
    """Expand `text` to one value, as BuildKit does (ProcessWord) for all instructions but EXPOSE.

    `escape` is the escape character of the Dockerfile. With `windows`, the case of names does not matter.
    """
    if "$" in text or "'" in text or '"' in text or escape in text or text.startswith(BYTE_ORDER_MARK):
        return _expand(text, environment, Rules(escape, windows))
    return Expansion(text)


def expand_heredoc(text: str, environment: Mapping[str, str | Unknown], *, windows: bool = False) -> Expansion:
    """Expand a heredoc body of COPY or ADD: quotes stay, the escape character is always the backslash."""
    if "$" in text or "\\" in text or text.startswith(BYTE_ORDER_MARK):
        return _expand(text, environment, Rules(windows=windows, quotes=False))
    return Expansion(text)


def expand_words(
    text: str, environment: Mapping[str, str | Unknown], *, escape: str = "\\", windows: bool = False
) -> WordsExpansion:
    """Expand `text` and split the result at white space outside quotes, as for EXPOSE (ProcessWords)."""
    return _expand_words(text, environment, Rules(escape, windows))


def split_raw(text: str) -> tuple[RawWord, ...]:
    """The words in which BuildKit looks for heredoc markers: quotes, escapes and variables stay.

    Blanks after `<<` and `<<-` belong to the word (after `<<-` not in engine 28.5, which then sees no
    heredoc). The escape character is always the backslash. In a broken text (an open quote, a bad `${…}`)
    BuildKit finds no words at all, and so no heredocs.
    """
    words = _expand_words(text, _NOTHING, _HEREDOC_LINE).words
    return tuple(RawWord(word.value, word.start, word.end) for word in words if isinstance(word.value, str))


def heredoc_name(text: str) -> HeredocName | ExpansionError | None:
    """The name of a heredoc from what follows `<<`, `<<-` and white space in a word of `split_raw`.

    None if it is no single word: then the marker is none. An error stops the build.
    """
    words, _, error = _expand_words(text, _NOTHING, _HEREDOC_NAME)
    if error is not None:
        return error
    if len(words) != 1:
        return None
    # BuildKit compares the name with and without quotes; an empty pair beside the name makes two words.
    quoted = _expand_words(text, _NOTHING, _QUOTED_HEREDOC_NAME).words
    match [word.value for word in words + quoted]:
        case [str() as name, str() as raw]:
            return HeredocName(name, _count_quotes(name) != _count_quotes(raw))
        case _:
            return ExpansionError(ErrorKind.SYNTAX, "the name of the heredoc is ambiguous", 0, len(text))


def split_key_values(text: str, escape: str = "\\") -> tuple[RawWord, ...]:
    """Split the arguments of ARG, ENV or LABEL as BuildKit's parser does (parseWords).

    White space inside quotes and after the escape character does not split; in single quotes the escape
    character means nothing. Quotes and escapes stay, but for an escape character at the very end. An open
    quote takes the whole rest.
    """
    words = []
    for match in _key_values(escape).finditer(text):
        word = match.group() if match.lastindex is None else match.group()[:-1]
        if word:
            words.append(RawWord(word, match.start(), match.end()))
    return tuple(words)


def _expand(text: str, environment: Mapping[str, str | Unknown], rules: Rules) -> Expansion:
    lexer = ShellLexer(text, environment, rules)
    try:
        value = lexer.join(piece.value for piece in lexer.read())
    except ShellLexerError as stop:
        return Expansion(Unknown(stop.error.message), _in_order(lexer.uses), stop.error)
    return Expansion(value, _in_order(lexer.uses))


def _expand_words(text: str, environment: Mapping[str, str | Unknown], rules: Rules) -> WordsExpansion:
    lexer = ShellLexer(text, environment, rules)
    try:
        pieces = lexer.read()
    except ShellLexerError as stop:
        return WordsExpansion((), _in_order(lexer.uses), stop.error)
    whole = lexer.join(piece.value for piece in pieces if isinstance(piece.value, str))
    words = (Word(whole, 0, len(text)),) if isinstance(whole, Unknown) else _split(pieces)
    return WordsExpansion(words, _in_order(lexer.uses))


def _in_order(uses: list[VariableUse]) -> tuple[VariableUse, ...]:
    """The uses in the order of the text: an operator's word is read before its own variable is looked up."""
    return tuple(sorted(uses, key=lambda use: use.start))


def _split(pieces: Iterable[Piece]) -> tuple[Word, ...]:
    """The words that the pieces make: white space splits text and values, nothing splits what was quoted."""
    words: list[Word] = []
    current: list[Word] = []
    for piece in pieces:
        if piece.forgets:
            current.clear()
        if piece.origin is Origin.QUOTED or isinstance(piece.value, Unknown):
            current.append(Word(piece.value, piece.start, piece.end))
            continue
        end = 0
        for run in _runs(piece.origin).finditer(piece.value):
            if run.start() > 0:
                _close(current, words)
            if piece.origin is Origin.TEXT:
                current.append(Word(run.group(), piece.start + run.start(), piece.start + run.end()))
            else:
                current.append(Word(run.group(), piece.start, piece.end))
            end = run.end()
        if end < len(piece.value):
            _close(current, words)
    _close(current, words)
    return tuple(words)


def _close(current: list[Word], words: list[Word]) -> None:
    """Make one word of its parts; without a character there is none, so that `""` alone is no word."""
    unknown = next((part.value for part in current if isinstance(part.value, Unknown)), None)
    value = unknown or "".join(part.value for part in current if isinstance(part.value, str))
    if value:
        words.append(Word(value, current[0].start, current[-1].end))
    current.clear()


@cache
def _runs(origin: Origin) -> re.Pattern[str]:
    """Runs between white space. In the text itself white space after `<<` is no end, in values it is."""
    marker = r"<<-?[ \t\r]*+|" if origin is Origin.TEXT else ""
    return re.compile(f"(?:{marker}[^{GO_SPACE}])++")


@cache
def _key_values(escape: str) -> re.Pattern[str]:
    """One word of `split_key_values`; a group takes part where the last character escapes nothing."""
    e = re.escape(escape)
    double_quoted = rf'"(?:[^"{e}]|{e}.)*+(?:"|({e})\Z|\Z)'
    single_quoted = r"'[^']*+(?:'|\Z)"
    return re.compile(rf"""(?:{e}(?:.|(\Z))|{double_quoted}|{single_quoted}|[^{GO_SPACE}'"{e}])++""", re.DOTALL)


def _count_quotes(text: str) -> int:
    return text.count("'") + text.count('"')
