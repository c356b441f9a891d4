"""Where a finding is, as reports say it."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.report.plain_text import sound
from dockerlint.results import FileResult, Part
from dockerlint.source import Source, Span

#: What stands for each character of a secret.
_COVER = "*"


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


def stage_of(part: Part | None) -> dict[str, object] | None:
    """The stage of a place as reports for programs name it: its 0-based index, and its name or null."""
    return None if part is None or part.stage is None else {"index": part.stage, "name": _sound_name(part)}


def _sound_name(part: Part) -> str | None:
    return None if part.name is None else sound(part.name)


def without_secrets(file: FileResult) -> Source:
    """The source of a file with the text of secrets covered, character by character, so that all places stay."""
    spans = sorted(finding.span for finding in (*file.findings, *file.suppressed) if finding.conceals)
    if not spans:
        return file.source
    text = file.source.text
    parts: list[str] = []
    at = 0
    for span in spans:
        start, end = clipped(file.source, span)
        start = max(start, at)
        end = max(end, start)
        parts += [text[at:start], *("\n" if char == "\n" else _COVER for char in text[start:end])]
        at = end
    return Source(file.source.path, "".join(parts) + text[at:])


def clipped(source: Source, span: Span) -> Span:
    """The part of the span that lies within the text."""
    start = min(max(span.start, 0), len(source.text))
    return Span(start, min(max(span.end, start), len(source.text)))
