"""A logical line to tokens of the grammar: keyword, flags, then arguments split as the instruction's shape
asks.

What the splitting itself finds wrong (a broken ENV pair, an array with a number in it) becomes a problem
here; the grammar then judges which tokens an instruction may have.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerlint.source import JoinedText
from dockerlint.syntax.exec_form import NotAnArray, NotAString, StringArray, read_exec_form
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import IGNORES_FLAGS, SHAPES, Shape
from dockerlint.syntax.lines import GO_SPACE
from dockerlint.syntax.tree import Flag, Form, Problem, Token, Word
from dockerlint.syntax.words import split_key_values

_BLANK = "\t\v\f\r "
_WORDS = re.compile(rf"[^{_BLANK}]+")
_BLANKS = re.compile(rf"[{_BLANK}]+")
_SPACES = re.compile(f"[{GO_SPACE}]*")
_CURLY_QUOTES = "\u2018\u2019\u201a\u201c\u201d\u201e"
_QUOTES = ("'", '"', *_CURLY_QUOTES)
_FIRST_STRING = re.compile(
    rf"""\[[{_BLANK}]+(?:"[^"]*"|'[^']*'|[{_CURLY_QUOTES}][^,\]]*)[{_BLANK}]*(?:,|\][{_BLANK}]*\Z)"""
)
_ELEMENT = re.compile(r"[\w.+-]{1,40}")
_ASCII_SPACES = re.compile(rf"[{_BLANK}\n]*")


def _skip(text: str, at: int) -> int:
    """The offset of the first character from `at` on that is no white space."""
    match = _SPACES.match(text, at)
    return match.end() if match else at


class Lexed(NamedTuple):
    """An instruction's line in tokens.

    `arguments` are the values as BuildKit's parser splits them; `tokens` carry the same words by their role.
    `trigger` is the rest of an ONBUILD, to be read as an instruction of its own.
    """

    keyword: Word
    flags: tuple[Flag, ...]
    arguments: tuple[Word, ...]
    form: Form
    tokens: list[Token]
    problems: list[Problem]
    trigger: JoinedText | None


class _Line:
    """Collects the tokens of one line; every method reads a part of `text` and appends."""

    def __init__(self, joined: JoinedText, escape: str) -> None:
        self.joined = joined
        self.text = joined.text
        self.escape = escape
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self.arguments: list[Word] = []
        self.form = Form.NONE

    def word(self, start: int, end: int) -> Word:
        part = self.joined.part(start, end)
        return Word(part.text, part.span, part)

    def add(self, kind: str, start: int, end: int) -> Word:
        word = self.word(start, end)
        self.tokens.append(Token(kind, word, word.span))
        return word

    def argument(self, kind: str, start: int, end: int) -> None:
        self.arguments.append(self.add(kind, start, end))

    def problem(self, code: str, start: int, end: int, message: str, *, fatal: bool = True) -> None:
        self.problems.append(Problem(code, self.joined.span_of(start, end), message, fatal))


def lex(joined: JoinedText, escape: str) -> Lexed:
    """Split a logical line into tokens. Never raises: what cannot be split right is reported and split as
    well as can be.
    """
    line = _Line(joined, escape)
    text = joined.text
    end = len(text.rstrip(GO_SPACE))
    start = min(_skip(text, 0), end)
    match = _WORDS.match(text, start, end)
    keyword_end = match.end() if match else start
    keyword = line.word(start, keyword_end)
    name = keyword.text.upper()
    shape = SHAPES.get(name)
    line.tokens.append(Token(name if shape else "UNKNOWN", keyword, keyword.span))
    flags, at = _flags(line, keyword_end, end)
    if name not in IGNORES_FLAGS:
        line.tokens.extend(Token("FLAG", flag, flag.span) for flag in flags)
    at = min(_skip(text, at), end)
    trigger = None
    if at < end:
        if shape is Shape.NESTED:
            trigger = joined.part(at, end)
        else:
            _arguments(line, shape, name, at, end)
    return Lexed(keyword, flags, tuple(line.arguments), line.form, line.tokens, line.problems, trigger)


def _arguments(line: _Line, shape: Shape | None, name: str, at: int, end: int) -> None:
    if shape is None or shape is Shape.TEXT:
        line.argument("TEXT", at, end)
    elif shape is Shape.LIST:
        _list(line, at, end, names_stage=name == "FROM")
    elif shape is Shape.EXEC_OR_LIST:
        if not _exec(line, at, end):
            _list(line, at, end, names_stage=False)
    elif shape is Shape.EXEC_OR_TEXT:
        _command(line, at, end)
    elif shape is Shape.NAMES:
        _names(line, at, end)
    elif shape is Shape.PAIRS:
        _pairs(line, name, at, end)
    else:
        _check(line, at, end)


def _list(line: _Line, at: int, end: int, *, names_stage: bool) -> None:
    for number, match in enumerate(_WORDS.finditer(line.text, at, end)):
        is_as = names_stage and number == 1 and match.group().lower() == "as"
        line.argument("AS" if is_as else "WORD", match.start(), match.end())


def _command(line: _Line, at: int, end: int) -> None:
    if not _exec(line, _skip(line.text, at), end):
        line.argument("TEXT", at, end)
        line.form = Form.SHELL


def _exec(line: _Line, at: int, end: int) -> bool:
    """Read a JSON array; False (and nothing read) where the text is to be taken in the other form."""
    if line.text[at] != "[":
        return False
    text = line.text[at:end]
    array = read_exec_form(text)
    if isinstance(array, StringArray):
        for string in array.strings:
            line.arguments.append(_exec_word(line, string.value, at + string.start, at + string.end))
            line.tokens.append(Token("STRING", line.arguments[-1], line.arguments[-1].span))
        if not array.strings:
            line.add("EMPTY_ARRAY", at, end)
        line.form = Form.EXEC
        return True
    if isinstance(array, NotAString):
        element = _ELEMENT.match(text, array.offset)
        length = len(element.group()) if element else 1
        line.problem(
            "DL1008", at + array.offset, at + array.offset + length, _not_a_string(text[array.offset :][:length])
        )
    elif _looks_like_array(text):
        _not_json(line, at, end, array)
    return False


def _not_a_string(element: str) -> str:
    if element in ("[", "{"):
        return "the array holds another array or object: the builder takes an array of strings only"
    return f'{quoted(element)} in the array is not a string: write "{element}"'


def _exec_word(line: _Line, value: str, start: int, end: int) -> Word:
    inner = line.joined.part(start + 1, end - 1)
    return Word(value, line.joined.span_of(start, end), inner if inner.text == value else None)


def _looks_like_array(text: str) -> bool:
    """Whether text that is no JSON array was meant as one, and not as a shell's test or as a pattern of file names."""
    if len(text) > 1 and text[1] in _BLANK:
        return _FIRST_STRING.match(text) is not None
    return text[1:2] in _QUOTES or (text[1:2] != "[" and text.endswith("]"))


def _not_json(line: _Line, at: int, end: int, array: NotAnArray) -> None:
    guilty = line.text[min(at + array.offset, end - 1) : end].lstrip(_BLANK)
    if guilty[:1] in ("'", *_CURLY_QUOTES):
        what = "put double quotes around its elements"
    elif guilty.startswith("]"):
        what = "remove the comma before the closing bracket"
    elif guilty.startswith('"') and "\\" in guilty:
        what = "double the backslashes in it"
    elif not line.text.endswith("]", at, end):
        what = "it must end with a bracket" if "]" not in line.text[at:end] else "remove what follows the bracket"
    else:
        what = "write [] around strings in double quotes, with commas between them"
    message = f"{quoted(line.text[at:end])} is no JSON array, and is read as plain text: {what}"
    line.problem("DL1007", at, end, message, fatal=False)


def _names(line: _Line, at: int, end: int) -> None:
    for raw in split_key_values(line.text[at:end], line.escape):
        line.argument("NAME", at + raw.start, at + raw.start + len(raw.text))


def _pairs(line: _Line, name: str, at: int, end: int) -> None:
    words = split_key_values(line.text[at:end], line.escape)
    if not words:  # a lone escape character is no word, and so no argument
        return
    if "=" not in words[0].text:
        _legacy_pair(line, name, at, end)
        return
    for number, raw in enumerate(words):
        start = at + raw.start
        stop = start + len(raw.text)
        equals = line.text.find("=", start, stop)
        if equals >= 0:
            line.argument("KEY", start, equals)
            line.argument("VALUE", equals + 1, stop)
            continue
        if raw.text.startswith("#"):
            message = f"a comment needs a line of its own: {quoted(raw.text)} counts as a word of {name} here"
            line.problem("DL1021", start, end, message)
            line.add("STRAY", start, end)
            return
        before = words[number - 1].text
        if "=" in before:  # of several in a row the first speaks for all
            line.problem(
                "DL1021", start, stop, f"{name} has {quoted(raw.text)} without '=': {_quoting_hint(before, raw.text)}"
            )
        line.add("STRAY", start, stop)


def _quoting_hint(pair: str, word: str) -> str:
    """How to write a value that a blank has cut in two."""
    key, _, value = pair.partition("=")
    if any(char in value + word for char in "'\"\\"):
        return "put one pair of quotes around all of a value with blanks"
    return "quote a value with blanks, such as " + quoted(f'{key}="{value} {word}"')


def _legacy_pair(line: _Line, name: str, at: int, end: int) -> None:
    gap = _BLANKS.search(line.text, at, end)
    if gap is None:
        word = line.text[at:end]
        line.problem("DL1021", at, end, f"{name} {quoted(word)} has no value: write {quoted(word + '=value')}")
        line.add("STRAY", at, end)
        return
    line.argument("KEY", at, gap.start())
    line.argument("LEGACY_VALUE", gap.end(), end)


def _check(line: _Line, at: int, end: int) -> None:
    """The type word of HEALTHCHECK, then its command, which is read as for CMD."""
    match = _WORDS.match(line.text, at, end)
    stop = match.end() if match else end
    kind = line.text[at:stop].upper()
    line.argument(kind if kind in ("NONE", "CMD") else "KIND", at, stop)
    if kind == "CMD":
        line.tokens[-1] = line.tokens[-1]._replace(type="CHECK_CMD")
    rest = _ASCII_SPACES.match(line.text, stop, end)
    if rest is not None and rest.end() < end:
        _command(line, rest.end(), end)


def _flags(line: _Line, at: int, end: int) -> tuple[tuple[Flag, ...], int]:
    """Split the leading `--` words, which takes quotes and backslashes out. Gives the flags and where they end."""
    flags: list[Flag] = []
    while True:
        match = _ASCII_SPACES.match(line.text, at, end)
        at = match.end() if match else at
        if not line.text.startswith("--", at, end):
            return tuple(flags), at
        value, stop = _flag_word(line.text, at, end)
        if value == "--":
            return tuple(flags), stop
        flags.append(_flag(line, value, at, stop))
        at = stop


def _flag_word(text: str, at: int, end: int) -> tuple[str, int]:
    """The flag at an offset as BuildKit reads it, and where it ends.

    BuildKit takes each byte of the UTF-8 text for a character here: `é` turns into `Ã©`, and the last byte of `à`
    counts as white space, so that it ends the flag.
    """
    out: list[str] = []
    quote = ""
    escaped = False
    while at < end:
        char = text[at]
        for byte in char if char.isascii() else char.encode("utf-8", "surrogatepass").decode("latin-1"):
            if escaped:
                escaped = False
                out.append(byte)
            elif byte == quote:
                quote = ""
            elif byte == "\\":
                escaped = True
            elif quote:
                out.append(byte)
            elif byte in GO_SPACE:
                return "".join(out), at if char.isascii() else at + 1
            elif byte in "'\"":
                quote = byte
            else:
                out.append(byte)
        at += 1
    return "".join(out), end


def _flag(line: _Line, value: str, start: int, end: int) -> Flag:
    span = line.joined.span_of(start, end)
    name, equals, rest = value[2:].partition("=")
    if not equals:
        return Flag(name, None, span)
    written = line.text[start:end]
    if written == value:
        part = line.joined.part(start + 3 + len(name), end)
        return Flag(name, Word(rest, part.span, part), span)
    after = line.text.find("=", start, end) + 1
    return Flag(name, Word(rest, line.joined.span_of(after, end), None), span)
