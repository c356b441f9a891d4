"""Text and places in it: the only module that turns offsets into lines and columns.

Offsets count code points of `Source.text` from 0. Lines and columns that people read count from 1. Editors
count UTF-16 units and some formats count UTF-8 bytes; both are made here from the same offset, so no other
module counts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

_ONE_PIECE = (0,)


class Span(NamedTuple):
    """A half-open range of offsets: `start` is the first code point, `end` is one past the last."""

    start: int
    end: int

    def cover(self, other: Span) -> Span:
        """The smallest span that holds both spans."""
        return Span(min(self.start, other.start), max(self.end, other.end))

    def holds(self, other: Span) -> bool:
        """Whether `other` lies inside this span (equal spans hold each other)."""
        return self.start <= other.start and other.end <= self.end


class Position(NamedTuple):
    """A place as people name it: 1-based line, 1-based column in code points."""

    line: int
    column: int


class LineIndex:
    """Line starts of a text; answers questions about offsets in logarithmic time.

    A line ends with a line feed, as for BuildKit; a carriage return before it belongs to the line's text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._starts = starts

    @property
    def line_count(self) -> int:
        """The number of lines; text after the last line feed is a line, also when it is empty."""
        return len(self._starts)

    def line(self, offset: int) -> int:
        """The 1-based line on which the offset lies (an offset at the end of the text lies on the last line)."""
        return bisect_right(self._starts, offset)

    def position(self, offset: int) -> Position:
        """Line and column in code points, both from 1."""
        line = self.line(offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def utf16_position(self, offset: int) -> Position:
        """Line and column in UTF-16 code units, both from 1, as the language server protocol counts."""
        line = self.line(offset)
        before = self._text[self._starts[line - 1] : offset]
        return Position(line, len(before) + sum(char > "\uffff" for char in before) + 1)

    def byte_position(self, offset: int) -> Position:
        """Line and column in UTF-8 bytes, both from 1."""
        line = self.line(offset)
        before = self._text[self._starts[line - 1] : offset]
        return Position(line, len(before.encode("utf-8", "surrogatepass")) + 1)

    def line_span(self, line: int) -> Span:
        """The span of a 1-based line without its line end: a line feed, and a carriage return before it."""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
        if end > start and line < len(self._starts) and self._text[end - 1] == "\r":
            end -= 1
        return Span(start, end)


@dataclass(frozen=True)
class Source:
    """A text and the name that reports show for it.

    `path` is what the user sees (relative, `/` separators, `-` for standard input); nothing is opened through
    it. `text` is the whole file, decoded, with its byte order mark and carriage returns kept.
    """

    path: str
    text: str

    @cached_property
    def lines(self) -> LineIndex:
        """The line index of the text, made on first use."""
        return LineIndex(self.text)

    def slice(self, span: Span) -> str:
        """The text that the span covers."""
        return self.text[span.start : span.end]


class JoinedText:
    """Text put together from several pieces of a source, with the way back to the source.

    Instructions may run over many lines: BuildKit drops the escape character, the line end, comments and
    blank lines between the parts and reads the rest as one string. Every offset of that string maps back to
    the place in the file it came from, so a word on the fifth line of a RUN is reported on the fifth line.

    `pieces` are spans of the source in rising order; the text is their concatenation.
    """

    __slots__ = ("_at", "_pieces", "text")

    def __init__(self, source_text: str, pieces: tuple[Span, ...]) -> None:
        self._set("".join([source_text[start:end] for start, end in pieces]), pieces)

    @classmethod
    def of(cls, text: str, pieces: tuple[Span, ...]) -> JoinedText:
        """A text that stands for pieces of a source without reading like them; the lengths must be the same in all."""
        made = cls.__new__(cls)
        made._set(text, pieces)
        return made

    def _set(self, text: str, pieces: tuple[Span, ...]) -> None:
        self.text = text
        self._pieces = pieces
        self._at: tuple[int, ...] = _ONE_PIECE
        if len(pieces) > 1:
            self._at = tuple(accumulate((end - start for start, end in pieces[:-1]), initial=0))

    @property
    def pieces(self) -> tuple[Span, ...]:
        """The spans of the source that make up the text."""
        return self._pieces

    @property
    def span(self) -> Span:
        """From the first piece's start to the last piece's end."""
        pieces = self._pieces
        if len(pieces) == 1:
            return pieces[0]
        return Span(pieces[0].start, pieces[-1].end) if pieces else Span(0, 0)

    def offset(self, index: int) -> int:
        """The source offset of the character at `index` of the text; for an index at the end, one past the last."""
        if not self._pieces:
            return 0
        number = bisect_right(self._at, index) - 1
        piece = self._pieces[number]
        return min(piece.start + index - self._at[number], piece.end)

    def span_of(self, start: int, end: int) -> Span:
        """The source span that covers `text[start:end]`."""
        if end <= start or not self._pieces:
            first = self.offset(start)
            return Span(first, first)
        number = bisect_right(self._at, start) - 1
        begin, stop = self._pieces[number]
        moved = begin - self._at[number]
        first, last = start + moved, end + moved
        # Mostly both ends lie in one piece, and one search is enough.
        if last > stop:
            first, last = min(first, stop), self.offset(end - 1) + 1
        # Some hundred times for each file: this takes half of the time of a call of the class.
        return tuple.__new__(Span, (first, last))

    def part(self, start: int, end: int) -> JoinedText:
        """`text[start:end]` with its own map."""
        if len(self._pieces) == 1:
            first = self._pieces[0].start
            return JoinedText.of(self.text[start:end], (Span(first + start, first + end),))
        return JoinedText.of(self.text[start:end], self._cut(start, end))

    def _cut(self, start: int, end: int) -> tuple[Span, ...]:
        if not self._pieces:
            return ()
        cut: list[Span] = []
        number = max(bisect_right(self._at, start) - 1, 0)
        while number < len(self._pieces):
            at, piece = self._at[number], self._pieces[number]
            if at >= end and cut:
                break
            first = piece.start + max(start - at, 0)
            last = min(piece.start + (end - at), piece.end)
            if last > first or not cut:
                cut.append(Span(first, max(first, last)))
            number += 1
        return tuple(cut)

    def __repr__(self) -> str:
        return f"JoinedText({self.text!r}, {self.span})"
