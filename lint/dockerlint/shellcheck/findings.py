"""From ShellCheck's remarks about a script to findings in the Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dockerlint.finding import Edit, Finding, Fix, Safety
from dockerlint.shellcheck.handover import Handover
from dockerlint.shellcheck.remarks import Range, Remark, Replacement
from dockerlint.source import LineIndex, Span

#: Codes whose fix means the same to every shell. Others change what happens: quotes around `$PACKAGES` make one package
#: of several, and `cd x || exit` ends a script that went on.
_SAFE = frozenset({"SC2006"})

_ESCAPES = frozenset("\\`")

_DESCRIPTION = "as ShellCheck suggests"


def findings_of(handover: Handover, remarks: tuple[Remark, ...]) -> Iterator[Finding]:
    """The findings for the remarks about a script, without those about what was put into it."""
    if not remarks:
        return
    way = _Way(handover)
    for remark in remarks:
        span = way.span(remark.place)
        if span is not None:
            yield Finding(remark.code, span, remark.message, remark.severity, fix=way.fix(remark))


class _Way:
    """The way back from the lines and columns of one text to the file."""

    def __init__(self, handover: Handover) -> None:
        self._handover = handover
        self._joined = handover.joined
        self._lines = LineIndex(handover.text)

    def span(self, place: Range) -> Span | None:
        """What a place covers in the file, at least one character of the script; None for a place outside of it."""
        found = self._range(place)
        if found is None:
            return None
        start, end = found
        length = len(self._joined.text)
        if start == end:
            start = min(start, length - 1)
            end = start + 1
        return self._joined.span_of(start, end)

    def fix(self, remark: Remark) -> Fix | None:
        """The fix of a remark; None without one, or if a part of it cannot be brought back exactly."""
        edits = [self._edit(replacement) for replacement in remark.fix]
        exact = tuple(sorted(edit for edit in edits if edit is not None))
        if not exact or len(exact) < len(edits):
            return None
        if any(after.span.start < max(before.span.end, before.span.start + 1) for before, after in pairwise(exact)):
            return None
        safety = Safety.SAFE if remark.code in _SAFE else Safety.UNSAFE
        return Fix(_DESCRIPTION, safety, exact)

    def _edit(self, replacement: Replacement) -> Edit | None:
        found = self._range(replacement.place)
        # A line end or an escape character could change where the instruction ends.
        if found is None or not replacement.text.isprintable() or not _ESCAPES.isdisjoint(replacement.text):
            return None
        start, end = found
        first = self._exact(start)
        last = self._exact(end)
        if first is None or last is None or last - first != end - start:
            return None
        return Edit(Span(first, last), replacement.text)

    def _exact(self, index: int) -> int | None:
        """The place in the file between two characters of the script; None if these are apart there."""
        after = self._joined.offset(index)
        if index == 0:
            return after
        before = self._joined.offset(index - 1) + 1
        if index == len(self._joined.text):
            return before
        return after if after == before else None

    def _range(self, place: Range) -> tuple[int, int] | None:
        start = self._handover.offset(self._lines, place.line, place.column)
        end = self._handover.offset(self._lines, place.end_line, place.end_column)
        if start is None or end is None:
            return None
        return start, max(start, end)
