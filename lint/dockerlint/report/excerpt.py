"""Lines of a file with the guilty text underlined, cut to a width."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from dockerlint.report.places import clipped
from dockerlint.report.visible import visible
from dockerlint.source import Source, Span

#: Up to this many lines of a span are shown; of a longer one only the first and the last are.
_MOST_LINES = 3
_TAB = 4
_ELLIPSIS = "…"


class Line(NamedTuple):
    """A shown line: its 1-based number, its text fit for a terminal, and which of its cells are underlined.

    `start` and `end` count cells of the terminal from 0; they are equal where nothing of the line is underlined.
    """

    number: int
    text: str
    start: int
    end: int


def excerpt(source: Source, span: Span, width: int) -> Iterator[Line]:
    """The lines that a span is on, or the first and the last of many. No line is wider than `width` cells."""
    start, end = clipped(source, span)
    text = source.text
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    first, last = source.lines.line(start), source.lines.line(end)
    for number in range(first, last + 1) if last - first < _MOST_LINES else (first, last):
        line = source.lines.line_span(number)
        marked = Span(max(start, line.start), min(end, line.end))
        if first != last:
            yield _line(number, text, line, _without_blanks(text, marked), width)
            continue
        shown = _line(number, text, line, marked, width)
        # A place without text is shown by one sign.
        yield shown._replace(end=max(shown.end, shown.start + 1))


def _without_blanks(text: str, span: Span) -> Span:
    """The span without the blanks at its ends, so that of several lines only what is written is underlined."""
    start, end = span
    while end > start and text[end - 1] in " \t\r":
        end -= 1
    while start < end and text[start] in " \t":
        start += 1
    return Span(start, end)


def _line(number: int, text: str, line: Span, marked: Span, width: int) -> Line:
    """One line. Of a long one, only the surroundings of the mark are looked at."""
    whole = line.end - line.start <= width
    window = line if whole else Span(max(line.start, marked.start - width), min(line.end, marked.start + width))
    shown = text[window.start : window.end]
    mark = Span(marked.start - window.start, min(marked.end, window.end) - window.start)
    if whole and shown.isascii() and shown.isprintable():
        return Line(number, shown, *mark)
    goes_on = (window.start > line.start, window.end < line.end)
    return Line(number, *_cut(_cells(shown), mark, width, goes_on))


class _Cell(NamedTuple):
    """How a character is shown, and how many cells that takes."""

    text: str
    width: int


def _cells(window: str) -> list[_Cell]:
    cells = []
    column = 0
    for char in window:
        cell = _cell(char) if char != "\t" else _Cell(" " * (_TAB - column % _TAB), _TAB - column % _TAB)
        cells.append(cell)
        column += cell.width
    return cells


@lru_cache(maxsize=4096)
def _cell(char: str) -> _Cell:
    shown = visible(char)
    if shown.isascii():
        return _Cell(shown, len(shown))
    from rich.cells import cell_len  # noqa: PLC0415 - only wide characters need it

    return _Cell(shown, cell_len(shown))


def _cut(cells: list[_Cell], mark: Span, width: int, goes_on: tuple[bool, bool]) -> tuple[str, int, int]:
    """The text around the mark that fits into the width, and the first and last cell of the mark in it.

    `mark` counts characters. `goes_on` tells whether the line has more on the left and on the right than `cells`. An
    ellipsis stands where something is left out.
    """
    first, last = 0, len(cells)
    if any(goes_on) or sum(cell.width for cell in cells) > width:
        first, last = _around(cells, mark.start, width - 2 * len(_ELLIPSIS))
    left = _ELLIPSIS if first > 0 or goes_on[0] else ""
    right = _ELLIPSIS if last < len(cells) or goes_on[1] else ""
    shown = "".join(cell.text for cell in cells[first:last])
    start = len(left) + sum(cell.width for cell in cells[first : mark.start])
    length = sum(cell.width for cell in cells[mark.start : min(mark.end, last)])
    return f"{left}{shown}{right}", start, start + length


def _around(cells: list[_Cell], at: int, room: int) -> tuple[int, int]:
    """The first and last of the cells that fit into the room, a third of it before `at` if there is more behind."""
    first = last = at
    before = room // 3
    while first > 0 and cells[first - 1].width <= before:
        first -= 1
        before -= cells[first].width
        room -= cells[first].width
    while last < len(cells) and cells[last].width <= room:
        room -= cells[last].width
        last += 1
    while first > 0 and cells[first - 1].width <= room:
        first -= 1
        room -= cells[first].width
    return first, last
