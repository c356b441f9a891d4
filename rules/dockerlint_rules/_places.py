"""Where in a file something stands: the instruction at a place, and text that straight quotes enclose."""

from __future__ import annotations

import re
from bisect import bisect_right

from dockerlint.source import Span
from dockerlint.syntax.tree import Dockerfile, Instruction, Onbuild

_QUOTED = re.compile(r"""\\.|'[^']*(?:'|\Z)|"(?:\\.|[^"\\])*(?:"|\Z)""", re.DOTALL)


def instruction_at(dockerfile: Dockerfile, span: Span) -> Instruction | None:
    """The instruction that holds the span, of an ONBUILD the trigger if that holds it."""
    starts = [node.span.start for node in dockerfile.instructions]
    number = bisect_right(starts, span.start) - 1
    if number < 0 or not dockerfile.instructions[number].span.holds(span):
        return None
    node = dockerfile.instructions[number]
    return node.trigger if isinstance(node, Onbuild) and node.trigger.span.holds(span) else node


def is_in_comment(span: Span, dockerfile: Dockerfile) -> bool:
    """Whether a comment, which may stand inside an instruction, holds the span."""
    comments = dockerfile.comments
    before = bisect_right(comments, span.start, key=lambda comment: comment.span.start)
    return before > 0 and comments[before - 1].span.holds(span)


def quoted_parts(text: str) -> tuple[Span, ...]:
    """The parts of a joined line that stand in straight quotes or are escaped; an open quote runs to the end."""
    return tuple(Span(match.start(), match.end()) for match in _QUOTED.finditer(text))


def is_in(parts: tuple[Span, ...], index: int) -> bool:
    """Whether an offset lies inside one of the parts, which are in rising order."""
    number = bisect_right(parts, index, key=lambda part: part.start) - 1
    return number >= 0 and index < parts[number].end
