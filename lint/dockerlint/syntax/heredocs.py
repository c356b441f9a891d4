"""Which heredocs an instruction's line opens."""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerlint.syntax.words import HeredocName, heredoc_name, split_raw

_MARKER = re.compile(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)")


class Marker(NamedTuple):
    """A heredoc marker: the name without quotes, whether its body is expanded, `<<-`, and its offsets in the
    line.
    """

    name: str
    expand: bool
    strip_tabs: bool
    start: int
    end: int


class BrokenMarker(NamedTuple):
    """A marker whose name has an open quote, which BuildKit refuses, and its offsets in the line."""

    reason: str
    start: int
    end: int


def read_markers(line: str) -> tuple[Marker | BrokenMarker, ...]:
    """The heredoc markers of a line, in order. A marker is a whole shell word; the escape character is always
    the backslash.
    """
    found: list[Marker | BrokenMarker] = []
    for word in split_raw(line):
        marker = read_marker(word.text)
        if isinstance(marker, (Marker, BrokenMarker)):
            found.append(marker._replace(start=word.start, end=word.end))
    return tuple(found)


def read_marker(word: str) -> Marker | BrokenMarker | None:
    """The marker that a word is, or None."""
    match = _MARKER.fullmatch(word)
    if match is None or not match.group(2):
        return None
    name = heredoc_name(match.group(2))
    if name is None:
        return None
    if isinstance(name, HeredocName):
        return Marker(name.name, not name.quoted, match.group(1) == "-", 0, len(word))
    return BrokenMarker(name.message, 0, len(word))
