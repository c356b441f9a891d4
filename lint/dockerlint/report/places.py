"""Where a finding is, as reports say it."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.source import Source, Span


class Region(NamedTuple):
    """A stretch of a file: 1-based lines and columns in code points. The end column is one past the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


def region_of(source: Source, span: Span) -> Region:
    """The exact region of a span, which may end behind a line end; what lies outside the text is cut off."""
    start, end = clipped(source, span)
    return Region(*source.lines.position(start), *source.lines.position(end))


def tight_region_of(source: Source, span: Span) -> Region:
    """The region of a span without line ends at its end, so that no line is named of which nothing is meant."""
    start, end = clipped(source, span)
    while end > start and source.text[end - 1] in "\r\n":
        end -= 1
    return Region(*source.lines.position(start), *source.lines.position(end))


def clipped(source: Source, span: Span) -> Span:
    """The part of the span that lies within the text."""
    start = min(max(span.start, 0), len(source.text))
    return Span(start, min(max(span.end, start), len(source.text)))
