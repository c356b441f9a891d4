"""What is done to a script before it is parsed: line continuations go, here-documents are taken out.

tree-sitter-bash splits a word at a line continuation and loses its way when a line opens two here-documents or when
the lines of one are kept elsewhere, as BuildKit keeps those of a RUN. Neither reaches it: continuations are cut
out, `<<EOF` becomes a redirection of the same width and the lines of its body become blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from dockerlint.shell.excerpts import cut
from dockerlint.source import JoinedText

_CODE = re.compile(
    r"""\\\n|\\.|\$'(?:[^'\\]|\\.)*'?|'[^']*'?|"|`|\n|<<<|<<|\$?\(\(?|\)|(?:^|(?<=[\s;&|(]))\#[^\n]*""", re.DOTALL
)
_DOUBLE_QUOTED = re.compile(r'\\\n|\\.|"|`|\$\(\(?', re.DOTALL)
_DELIMITER = re.compile(r"""(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\[^\n]|[^\s;&|<>()'"\\`])+)""")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = frozenset(" \t\v\f")
_QUOTES = re.compile(r"""['"\\]""")

_IN_CODE = "("
_IN_ARITHMETIC = "(("
_IN_QUOTES = '"'
_IN_BACKTICKS = "`"


class Heredoc(NamedTuple):
    """A here-document of the script. `body` is None if the script has no line after that of the marker."""

    operator: str
    body: JoinedText | None
    expands: bool


class Prepared(NamedTuple):
    """A script to be parsed.

    `code` is as long as `joined.text`: here-documents, NUL and blanks behind backslashes are replaced. `heredocs` are
    keyed by the offset of their operator in it.
    """

    joined: JoinedText
    code: str
    heredocs: dict[int, Heredoc]


class _Marker(NamedTuple):
    """`<<NAME`: the offset of the operator, `<<` or `<<-`, the name and whether some of it is quoted."""

    start: int
    operator: str
    name: str
    quoted: bool


class _Body(NamedTuple):
    """The lines of a here-document from `start` to `end`, and the end of the line that closes it."""

    marker: _Marker
    start: int
    end: int
    stop: int


def portions(joined: JoinedText, most: int) -> list[JoinedText]:
    """A script in parts of at most `most` characters, cut between lines that begin in no quotes or parentheses.

    A part is longer only if it has no such line inside it.
    """
    length = len(joined.text)
    if length <= most:
        return [joined]
    scanner = _Scanner(joined.text)
    scanner.scan()
    cuts = [0]
    for start, following in pairwise([*scanner.breaks, length]):
        if following - cuts[-1] > most and start > cuts[-1]:
            cuts.append(start)
    return [joined.part(start, end) for start, end in pairwise([*cuts, length])]


def prepare(joined: JoinedText) -> Prepared:
    """A script without line continuations and here-documents, and the here-documents by themselves. Total, linear."""
    text = joined.text
    if "<<" not in text and "\\\n" not in text:
        return Prepared(joined, _readable(text), {})
    scanner = _Scanner(text)
    scanner.scan()
    edits = [(marker.start, "<" + " " * (len(marker.operator) - 1)) for marker in scanner.markers]
    edits += [(body.start, " " * (body.stop - body.start)) for body in scanner.bodies]
    code = _readable(_overwritten(text, sorted(edits)))
    gaps = scanner.continuations
    if gaps:
        code = "".join(code[start:end] for start, end in _between(gaps, len(text)))
        joined_code = cut(joined, _between(gaps, len(text)))
    else:
        joined_code = joined
    bodies = {body.marker.start: joined.part(body.start, body.end) for body in scanner.bodies}
    heredocs = {
        marker.start - 2 * bisect_left(gaps, marker.start): Heredoc(
            marker.operator, bodies.get(marker.start), expands=not marker.quoted
        )
        for marker in scanner.markers
    }
    return Prepared(joined_code, code, heredocs)


def _readable(code: str) -> str:
    """The same text without what the parser stumbles on: it takes an escaped blank for the space between words."""
    code = code.replace("\0", " ")
    return _ESCAPED.sub(_without_blank, code) if "\\" in code else code


def _without_blank(escaped: re.Match[str]) -> str:
    return "\\_" if escaped[1] in _BLANKS else escaped[0]


def _overwritten(text: str, edits: Sequence[tuple[int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, replacement in edits:
        pieces += (text[at:start], replacement)
        at = start + len(replacement)
    return "".join((*pieces, text[at:]))


def _between(gaps: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """The ranges around gaps of two characters."""
    at = 0
    for gap in gaps:
        yield at, gap
        at = gap + 2
    yield at, length


class _Scanner:
    """Goes over a script once and finds line continuations and here-documents outside single quotes and comments.

    What encloses the place that is looked at is a stack: code in parentheses, arithmetic (whose `<<` shifts bits),
    double quotes, backticks. `breaks` are the offsets of lines that begin in none of these.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._stack: list[str] = []
        self._open: list[_Marker] = []
        self.continuations: list[int] = []
        self.markers: list[_Marker] = []
        self.bodies: list[_Body] = []
        self.breaks: list[int] = []

    def scan(self) -> None:
        at = 0
        while True:
            quoted = bool(self._stack) and self._stack[-1] == _IN_QUOTES
            match = (_DOUBLE_QUOTED if quoted else _CODE).search(self._text, at)
            if match is None:
                return
            at = self._take(match.group(), match.start(), match.end())

    def _take(self, piece: str, start: int, end: int) -> int:
        """Take one piece in; the offset at which to go on."""
        if piece == "\\\n":
            self.continuations.append(start)
        elif piece == "\n":
            end = self._bodies(end)
            if not self._stack:
                self.breaks.append(end)
        elif piece == "<<" and _IN_ARITHMETIC not in self._stack[-1:]:
            return self._marker(start, end)
        elif piece in {_IN_QUOTES, _IN_BACKTICKS}:
            if self._stack[-1:] == [piece]:
                self._stack.pop()
            else:
                self._stack.append(piece)
        elif piece == ")":
            if self._stack and self._stack[-1] in {_IN_CODE, _IN_ARITHMETIC}:
                self._stack.pop()
        elif piece.endswith("(("):
            self._stack += (_IN_ARITHMETIC, _IN_ARITHMETIC)
        elif piece.endswith("("):
            self._stack.append(_IN_ARITHMETIC if self._stack[-1:] == [_IN_ARITHMETIC] else _IN_CODE)
        return end

    def _marker(self, start: int, end: int) -> int:
        match = _DELIMITER.match(self._text, end)
        if match is None:
            return end
        name = _QUOTES.sub("", match.group(2))
        marker = _Marker(start, "<<" + match.group(1), name, quoted=name != match.group(2))
        self._open.append(marker)
        self.markers.append(marker)
        return match.end()

    def _bodies(self, at: int) -> int:
        """The bodies that start with the line at `at`; the offset behind them."""
        start = at
        for marker in self._open:
            body = _body(self._text, start, marker)
            self.bodies.append(body)
            at = body.stop
            start = min(at + 1, len(self._text))
        self._open = []
        return at


def _body(text: str, start: int, marker: _Marker) -> _Body:
    at = start
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        if (line.lstrip("\t") if marker.operator == "<<-" else line) == marker.name:
            # The line end that follows stays: it ends the command.
            return _Body(marker, start, at, end)
        at = end + 1
    return _Body(marker, start, len(text), len(text))
