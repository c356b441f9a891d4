"""Edits that several rules offer."""

from __future__ import annotations

from dockerlint.finding import Edit
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Instruction


def delete_instruction(source: Source, node: Instruction) -> Edit:
    """An edit that takes an instruction's lines out, from its first blank to its line end; comments above it stay."""
    lines = source.lines
    start = lines.line_span(lines.line(node.span.start)).start
    end = source.text.find("\n", node.span.end)
    return Edit(Span(start, len(source.text) if end < 0 else end + 1), "")
